"""Sight: what the image processor of a CLIP does to a picture before its tower sees it.

The usual ones bring the short side to their size, cut out the middle and normalise each channel: that is done here, and
needs Pillow only. Any other is done by transformers itself, which is imported then.

A JPEG is decoded at the scale that is needed, which takes a quarter of the time, or less, and moves the vectors of a
ViT-B/32 by less than 0.001 of cosine.
"""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import images
from core.colours import Array
from core.files import read_bytes

SPARE = 1.5  # times the size that the model sees, at which a JPEG is decoded

Picture = Image.Image | bytes | Path


@dataclass(frozen=True)
class Steps:
    """The figures of a usual processor."""

    side: int  # px of the square that is cut out
    resample: int  # of Pillow's filters; 3 is bicubic
    rescale_factor: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class Sight:
    """What a processor does; thread-safe. `folder` has its configuration, the tower takes pictures of `seen` px."""

    def __init__(self, folder: Path, seen: int, steps: Steps | None) -> None:
        self.folder, self.seen, self.steps = folder, seen, steps
        self.wanted = math.ceil(SPARE * (steps.side if steps else seen))  # px of the short side that it needs
        if steps is not None:
            std = np.array(steps.std, np.float32)
            self._scale = (np.float32(steps.rescale_factor) / std)[:, None, None]
            self._shift = (np.array(steps.mean, np.float32) / std)[:, None, None]

    def prepare(self, image: Image.Image) -> Array:
        """A picture as the processor gives it, float32 of shape (3, height, width)."""
        image = images.to_rgb(image)
        if self.steps is None:
            return np.asarray(self._processor(images=image, return_tensors="np")["pixel_values"][0], np.float32)
        side = self.steps.side
        reach = int(side * max(image.size) / min(image.size))  # cut, not rounded, as the processor does
        size = (side, reach) if image.width <= image.height else (reach, side)
        left, top = ((length - side) // 2 for length in size)
        cut = image.resize(size, self.steps.resample).crop((left, top, left + side, top + side))
        pixels = np.asarray(cut).transpose(2, 0, 1).astype(np.float32, order="C")
        pixels *= self._scale
        pixels -= self._shift
        return pixels

    def open(self, picture: Picture) -> Array:
        """`prepare` of a picture, of its bytes or of its file. Raises what `images.decode` raises."""
        if isinstance(picture, Image.Image):
            return self.prepare(picture)
        data = read_bytes(picture) if isinstance(picture, Path) else picture
        name = str(picture) if isinstance(picture, Path) else "picture"
        return self.prepare(images.decode(data, name, wanted=self.reach(data)))

    def reach(self, data: bytes) -> int | None:
        """The long side in px at which the short one is `wanted`; None where the bytes tell of no size."""
        try:
            with Image.open(io.BytesIO(data), formats=images.FORMATS) as head:
                return math.ceil(self.wanted * max(head.size) / min(head.size))
        except Exception:  # noqa: BLE001 - decoding says what is wrong with it
            return None

    @cached_property
    def _processor(self) -> Any:
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil  # seconds, for few

        return CLIPImageProcessorPil.from_pretrained(self.folder, local_files_only=True)

    def as_dict(self) -> dict[str, Any]:
        return {"seen": self.seen, "steps": None if self.steps is None else asdict(self.steps)}

    @classmethod
    def from_dict(cls, folder: Path, told: dict[str, Any]) -> Sight:
        return cls(folder, int(told["seen"]), Steps(**told["steps"]) if told["steps"] else None)

    @classmethod
    def of(cls, folder: Path, seen: int, processor: Any) -> Sight:
        """What a processor of transformers does, read from `folder`."""
        p, cut, size = processor, processor.crop_size, processor.size
        usual = p.do_resize and p.do_center_crop and p.do_rescale and p.do_normalize and not p.do_pad
        side = size.get("shortest_edge") if usual and size and cut and not size.get("longest_edge") else None
        if not side or cut["height"] != side or cut["width"] != side:
            return cls(folder, seen, None)
        return cls(
            folder, seen, Steps(side, int(p.resample), p.rescale_factor, tuple(p.image_mean), tuple(p.image_std))
        )
