"""Drawing: what a picture starts from: the sketch that was sent, one composed for the prompt, or words alone."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from chains.options import DesignOptions
from core import images
from core.errors import BadValue
from core.files import read_bytes
from core.settings import Settings
from generators import edges
from generators.composer.composer import ENGINE, Composition, compose
from generators.edges import Edges
from generators.medium import UNSURE, MediumName

NEEDS_SKETCH = ("medium", "strength")  # what speaks of a sketch alone


@dataclass(frozen=True)
class Sketch:
    """A sketch that was sent, and the bytes of its file."""

    image: Image.Image = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Drawing:
    """The edges of a picture, with where they come from."""

    edges: Edges
    data: bytes | None = field(repr=False)  # of the sketch's file; None where words are all there is
    sha256: str = ""  # of the sketch's pixels
    composition: Composition | None = field(default=None, repr=False)

    def engine(self, painter: str) -> str:
        """The engine of a picture that `painter` made of it."""
        return painter if self.composition is None else f"{painter}, {ENGINE}"

    def told(self) -> dict[str, Any]:
        """What a recipe says of it."""
        composed = {}
        if self.composition is not None:
            made = self.composition
            subjects = [asdict(subject) for subject in made.subjects]
            composed = {
                "engine": ENGINE,
                "setting": made.setting,
                "subjects": subjects,
                "not_drawn": list(made.unknown),
            }
        return {
            "sketch_sha256": self.sha256,
            "width": self.edges.page.width,
            "height": self.edges.page.height,
            "low_threshold": self.edges.low_threshold,
            "high_threshold": self.edges.high_threshold,
            "medium": self.edges.medium,
            "certainty": self.edges.certainty,
            "crop": self.edges.crop,
            "quad": self.edges.quad,
            "polarity": self.edges.polarity,
            "line_art": self.edges.line_art,
            **({"composition": composed} if composed else {}),
        }

    def notes(self, told: MediumName | None) -> list[str]:
        """What its owner should know; `told` is the medium that was named."""
        if self.composition is not None:
            return list(self.composition.notes)
        if self.data is None:
            return ["made from the prompt alone, without a sketch"]
        return _notes_of(self.edges, told)


def open_sketch(sketch: object, max_pixels: int, wanted: int) -> Sketch:
    """A Pillow picture, the bytes of a file, or its path. Raises `BadValue` and what `images.decode` does."""
    if isinstance(sketch, Image.Image):
        taken = images.take(sketch, "sketch", max_pixels, wanted)
        return Sketch(taken, images.to_png(taken))
    if isinstance(sketch, bytes):
        return Sketch(images.decode(sketch, "sketch", max_pixels, wanted), sketch)
    if isinstance(sketch, (str, Path)):
        data = read_bytes(Path(sketch))
        return Sketch(images.decode(data, str(sketch), max_pixels, wanted), data)
    raise BadValue("sketch", sketch, "a Pillow picture, the bytes of a file, or its path; or nothing, and a prompt")


def check_wordless(options: DesignOptions) -> None:
    """Raise `BadValue` for what cannot be painted, or means nothing, where no sketch is sent."""
    if not options.prompt.strip():
        raise BadValue("prompt", options.prompt, "words to compose a picture of, where no sketch is sent")
    for name in NEEDS_SKETCH:
        value = getattr(options, name)
        if value is not None:
            raise BadValue(name, value, "nothing where no sketch is sent")


def draw(sketch: Sketch | None, options: DesignOptions, seeds: range, settings: Settings) -> dict[int, Drawing]:
    """The drawing of each seed: the same sketch for all of them, or a composition of its own for each."""
    size, thresholds = settings.image_size, (options.low_threshold, options.high_threshold)
    if sketch is not None:
        digest = hashlib.sha256(sketch.image.tobytes()).hexdigest()
        traced = edges.read_sketch(sketch.image, size, options.width, options.height, *thresholds, options.medium)
        return dict.fromkeys(seeds, Drawing(traced, sketch.data, digest))
    width = options.width or options.height or size
    height = options.height or width
    if options.engine == "diffusion":
        return dict.fromkeys(seeds, Drawing(edges.no_sketch(width, height), None))
    return {seed: _composed(options.prompt, width, height, seed, thresholds) for seed in seeds}


def _composed(prompt: str, width: int, height: int, seed: int, thresholds: tuple[int, int]) -> Drawing:
    made = compose(prompt, width, height, seed)
    traced = edges.read_sketch(made.sketch, max(width, height), width, height, *thresholds, medium="line-art")
    digest = hashlib.sha256(made.sketch.tobytes()).hexdigest()
    return Drawing(replace(traced, labels=made.labels), images.to_png(made.sketch), digest, made)


def _notes_of(traced: Edges, told: MediumName | None) -> list[str]:
    """What was done with a sketch that its owner may not want."""
    notes = []
    if traced.crop is not None:
        left, top, right, bottom = (round(100 * share) for share in traced.crop)
        straightened = "" if traced.quad is None else ", straightened"
        notes.append(
            f"the picture shows {left}-{right} % of the sketch's width and {top}-{bottom} % of its height, where the"
            f" drawing is{straightened}; medium=line-art keeps all of it"
        )
    if told is None and traced.certainty < UNSURE:
        sure = f"certainty {traced.certainty:.2f}"
        notes.append(f"the sketch was taken for: {traced.medium} ({sure}); name its medium if it is another")
    return notes
