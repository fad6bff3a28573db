"""Adapters: the files of an IP-Adapter (Ye et al. 2023) and the image encoder that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generators.checkpoints import WEIGHTS, Checkpoint, find
from generators.diffusion.checkpoints import Kind

PLACES: dict[Kind, tuple[str, str]] = {
    "sd": ("models", "ip-adapter_sd15.safetensors"),
    "sdxl": ("sdxl_models", "ip-adapter_sdxl.safetensors"),
}


@dataclass(frozen=True)
class Adapter:
    """An IP-Adapter that fits the UNet, and its image encoder."""

    checkpoint: Checkpoint
    folder: str
    weights: str
    encoder: str  # folder
    variant: str | None  # of the encoder's weights
    hidden: bool  # "plus": it reads the encoder's last states but one, not the projection of them
    identity: str  # of the encoder; embeddings of one mean nothing to another

    @property
    def file(self) -> str:
        """The adapter's own weights."""
        return f"{self.folder}/{self.weights}"


def find_adapter(name: str, kind: Kind, unet: dict[str, Any], half: bool) -> Adapter:
    """Where an IP-Adapter lies: `owner/name`, a folder, or either with `/models/a-file.safetensors` behind it.

    Raises `ModelMissing`, also where the adapter was made for another UNet.
    """
    folder, weights = PLACES[kind]
    if name.endswith(WEIGHTS):
        whole, _, weights = name.rpartition("/")
        name, _, folder = whole.rpartition("/")
    checkpoint = find("IP_ADAPTER_MODEL", name)
    header = checkpoint.header(f"{folder}/{weights}")
    _check_width(checkpoint, f"{folder}/{weights}", header, unet)
    hidden = "image_proj.proj.weight" not in header
    projection = header.get("image_proj.proj_in.weight" if hidden else "image_proj.proj.weight")
    if projection is None:
        raise checkpoint.missing(f"{folder}/{weights}", "it is no IP-Adapter, or one for faces")
    key, wanted = "hidden_size" if hidden else "projection_dim", projection["shape"][1]
    for encoder in (f"{folder}/image_encoder", "models/image_encoder", "sdxl_models/image_encoder"):
        path = checkpoint.folder / encoder / "config.json"
        if path.is_file() and checkpoint.config(f"{encoder}/config.json").get(key, 512) == wanted:
            break
    else:
        raise checkpoint.missing(f"{folder}/image_encoder/config.json", f"no image encoder with {key} {wanted}")
    variant = checkpoint.variant(encoder, "model", half)
    identity = (
        f"{checkpoint.identity(*checkpoint.weights(encoder, 'model', half))}-{'hidden' if hidden else 'projected'}"
    )
    return Adapter(checkpoint, folder, weights, encoder, variant, hidden, identity)


def _check_width(checkpoint: Checkpoint, file: str, header: dict[str, Any], unet: dict[str, Any]) -> None:
    keys = [key for key in header if key.startswith("ip_adapter.") and key.endswith("to_k_ip.weight")]
    if not keys:
        raise checkpoint.missing(file, "it is no IP-Adapter")
    width = header[keys[0]]["shape"][1]
    if width != unet.get("cross_attention_dim"):
        reason = (
            f"it is made for a UNet with cross_attention_dim {width}, and this has {unet.get('cross_attention_dim')}"
        )
        raise checkpoint.missing(file, reason)
