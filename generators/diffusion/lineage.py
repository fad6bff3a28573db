"""Lineage: which weights a picture comes from, by name and by what the files hold, so that a recipe can tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generators.checkpoints import Checkpoint, shown
from generators.diffusion.adapters import Adapter
from generators.diffusion.checkpoints import SCHEDULER, UNET_WEIGHTS, Kind, parts_of


def lineage(
    model: Checkpoint, file: Path | None, kind: Kind, controlnet: Checkpoint, adapter: Adapter, precision: str
) -> Mapping[str, str]:
    """What every role is: its name, and 16 hexadecimal digits over the files that are read for it.

    Some megabytes of each are read, not all of them. The precision is told as well, since every picture depends on it.
    Raises `ModelMissing`.
    """
    half = precision != "float32"
    if file is None:
        weights = [name for part, stem in parts_of(kind).items() for name in model.weights(part, stem, half)]
        own = f"{shown(model.name)} {model.identity(*weights, SCHEDULER)}"
    else:
        alone = Checkpoint(model.setting, model.name, file.parent, on_hub=False)
        own = f"{file.name} {alone.identity(file.name)}-{model.identity(SCHEDULER)}"
    control = controlnet.identity(*controlnet.weights("", UNET_WEIGHTS, half))
    return {
        "text-to-image": own,
        "controlnet": f"{shown(controlnet.name)} {control}",
        "ip-adapter": f"{shown(adapter.checkpoint.name)} {adapter.checkpoint.identity(adapter.file)}",
        "image encoder": adapter.identity,
        "precision": precision,
    }
