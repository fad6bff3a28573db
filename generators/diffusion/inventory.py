"""Inventory: what each model of diffusion resolved to, where its files lie, and what they will take of memory.

Files are read as far as their headers tell; nothing heavy is imported but to find the device.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.settings import Settings
from generators.checkpoints import Checkpoint, find
from generators.diffusion.adapters import find_adapter
from generators.diffusion.checkpoints import (
    UNET_WEIGHTS,
    check_controlnet,
    check_described,
    find_model,
    kind_of,
    parts_of,
)


def text_to_image(settings: Settings) -> str:
    """The text-to-image model. Raises `ModelMissing`, as the others do."""
    model, file = _model(settings)
    kind = kind_of(model)
    check_described(model, kind, file)
    if settings.safety_checker:
        _check_checker(model)
    if file is not None:
        place = Checkpoint(model.setting, str(settings.diffusion_model), file.parent, on_hub=False)
        return _told(place, file.parent, [(file.stem, place.count(file.name))])
    return _told(
        model, model.folder, [(folder, _weights(model, folder, stem)) for folder, stem in parts_of(kind).items()]
    )


def _check_checker(model: Checkpoint) -> None:
    """Refuse a folder without the checker that SAFETY_CHECKER asks for."""
    _weights(model, "safety_checker", "model")
    for name in ("safety_checker/config.json", "feature_extractor/preprocessor_config.json"):
        model.config(name)


def controlnet(settings: Settings) -> str:
    found = find("CONTROLNET_MODEL", settings.controlnet_model)
    check_controlnet(found, _model(settings)[0].config("unet/config.json"))
    return _told(found, found.folder, [("controlnet", _weights(found, "", UNET_WEIGHTS))])


def ip_adapter(settings: Settings) -> str:
    model = _model(settings)[0]
    adapter = find_adapter(settings.ip_adapter_model, kind_of(model), model.config("unet/config.json"), half=False)
    checkpoint = adapter.checkpoint
    own = ("adapter", checkpoint.count(adapter.file))
    encoder = ("image encoder, while a style is new", _weights(checkpoint, adapter.encoder, "model"))
    return _told(checkpoint, checkpoint.folder / adapter.folder, [own, encoder])


def device(settings: Settings) -> str:
    """Where they are run. Raises `BadSetting`."""
    from generators.device import device_of  # heavy, and asked last

    return f"DEVICE={settings.device} is {device_of(settings.device)}"


ROLES: dict[str, Callable[[Settings], str]] = {
    "diffusion": text_to_image,
    "controlnet": controlnet,
    "ip-adapter": ip_adapter,
    "device": device,
}


def _model(settings: Settings) -> tuple[Checkpoint, Path | None]:
    name = settings.diffusion_model
    assert name is not None, "asked where diffusion is set up"
    return find_model(name)


def _weights(model: Checkpoint, folder: str, stem: str) -> int:
    """Numbers in the weights of a component, whatever their files are called."""
    return sum(model.count(file) for file in model.weights(folder, stem, half=False))


def _told(model: Checkpoint, folder: Path, parts: list[tuple[str, int]]) -> str:
    """4 bytes a number, and 2 in half precision."""
    sizes = ", ".join(f"{name} {count * 4 / 1e9:.2f} GB" for name, count in parts)
    return f"{model.name} in {folder}: {sizes} of memory; half of it with USE_FP16"
