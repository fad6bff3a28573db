"""Painted: pictures and what is told of them, made in this process or by a server."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.files import read_bytes
from server.cli.progress import bar, cancelling, hearing, watch

if TYPE_CHECKING:
    from PIL import Image

    from chains.options import DesignRequest
    from server.client import Client

STYLE_SIZE = 1024  # px; what a server sends of a style's picture at most


@dataclass(frozen=True)
class Worn:
    """A style with its score for the prompt."""

    id: str
    name: str
    score: float | None

    def __str__(self) -> str:
        return self.name if self.score is None else f"{self.name} ({self.score:.2f})"


@dataclass(frozen=True)
class Painted:
    """The pictures of one sketch, and what belongs beside them on a sheet."""

    pictures: list[bytes]  # PNG
    seeds: list[int]
    styles: list[Worn]
    runners_up: list[Worn]
    engine: str
    recipe: dict[str, Any]
    notes: list[str]
    page: Callable[[], Image.Image]  # the sketch laid out
    style_picture: Callable[[str], Image.Image]  # by its id
    server: str | None = None

    def sheet(self) -> bytes:
        """Sketch, styles and pictures beside each other, as PNG."""
        from core import images
        from generators.sheet import contact_sheet

        tiles = [(self.page(), "Sketch")]
        tiles += [(self.style_picture(style.id), str(style)) for style in self.styles]
        for picture, seed in zip(self.pictures, self.seeds, strict=True):
            tiles.append((images.decode(picture), f"Picture, seed {seed}"))
        return images.to_png(contact_sheet(tiles))


def paint_here(sketch: Path, options: dict[str, Any], quiet: bool) -> Painted:
    """Paint in this process."""
    from chains import design as chain
    from core import images
    from server.jobs.design import as_json

    with bar(quiet) as show:
        request = cast("DesignRequest", {"sketch": sketch, **options})
        made = chain.build().invoke(request, {"callbacks": [hearing(show)]})

    styles = {style.id: style.style for style in made["styles"]}
    return _painted(
        as_json(made),
        pictures=chain.to_files(made),
        page=lambda: made["edges"].page,
        style_picture=lambda style_id: images.decode(styles[style_id].read(), style_id),
    )


def paint_there(client: Client, sketch: Path, options: dict[str, Any], quiet: bool) -> Painted:
    """Have a server paint; a job of its that is no longer wanted is cancelled."""
    data = read_bytes(sketch)
    job = client.submit_design(data, options)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        made = client.design(job["id"])

    return _painted(
        made,
        pictures=[b64decode(image) for image in made["images"]],
        page=partial(_page, data, made["recipe"]),
        style_picture=partial(_style_picture, client),
        server=client.url,
    )


def _painted(told: Mapping[str, Any], **more: Any) -> Painted:
    """What is told alike of a design that was made here and of one that a server made."""
    same = {name: told[name] for name in ("seeds", "engine", "recipe", "notes")}
    return Painted(styles=_worn(told["styles"]), runners_up=_worn(told["runners_up"]), **same, **more)


def _worn(styles: list[dict[str, Any]]) -> list[Worn]:
    return [Worn(style["id"], style["name"], style["score"]) for style in styles]


def _page(sketch: bytes, recipe: dict[str, Any]) -> Image.Image:
    from core import images
    from generators.edges import read_sketch

    size = max(recipe["width"], recipe["height"])
    opened = images.decode(sketch, "sketch", None, wanted=2 * size)
    thresholds = (recipe["low_threshold"], recipe["high_threshold"])
    return read_sketch(opened, size, recipe["width"], recipe["height"], *thresholds, recipe["medium_told"]).page


def _style_picture(client: Client, style_id: str) -> Image.Image:
    from core import images

    return images.decode(client.style_image(style_id, STYLE_SIZE), style_id)
