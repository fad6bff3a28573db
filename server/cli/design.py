"""`atelier design`: a sketch and a prompt become a picture, here or on a server."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import BadValue
from server.cli.door import hands_over
from server.cli.places import check_place, places, write
from server.cli.sampling import sampling_options

if TYPE_CHECKING:
    from server.cli.painted import Painted
    from server.client import Client


@click.command()
@click.argument("sketch", type=click.Path(path_type=Path))
@click.argument("prompt", default="")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/design.png"), show_default=True)
@click.option("--style", help="An id, or several as id:weight,id:weight.  [default: found by the prompt]")
@click.option("--top-k", type=int, default=1, show_default=True, help="Styles to blend when they are found.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-n", "count", type=int, default=1, show_default=True, help="Pictures, with the seeds that follow.")
@click.option("--best-of", type=int, default=1, show_default=True, help="Candidates per picture; the best is kept.")
@click.option("--mode", type=click.Choice(["preview", "quality"]), default="quality", show_default=True)
@click.option("--width", type=int, help="px, a multiple of 8.  [default: by the sketch's shape]")
@click.option("--height", type=int)
@click.option("--low-threshold", type=int, default=50, show_default=True, help="Of Canny.")
@click.option("--high-threshold", type=int, default=150, show_default=True, help="Of Canny.")
@click.option("--medium", help="What the sketch is: line-art, pencil, page, photograph, ...  [default: found]")
@click.option("--engine", help="painter or diffusion.  [default: what the settings set up]")
@sampling_options
@click.option("--sheet", type=click.Path(path_type=Path), help="Also write a sheet: sketch, style, picture.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe and the files as JSON.")
@hands_over
def design(
    sketch: Path,
    prompt: str,
    output: Path,
    count: int,
    sheet: Path | None,
    as_json: bool,
    client: Client | None,
    **options: Any,
) -> None:
    """Paint SKETCH in the style that PROMPT means."""
    from server.cli.painted import paint_here, paint_there

    files = places(output, count)
    if sheet in files:
        raise BadValue("sheet", str(sheet), "a file of its own")
    if sheet is not None:
        check_place("sheet", sheet)
    asked = {"prompt": prompt, "n": count, **options}
    start = time.perf_counter()
    if client is None:
        painted = paint_here(sketch, asked, quiet=as_json)
    else:
        painted = paint_there(client, sketch, asked, quiet=as_json)
    seconds = time.perf_counter() - start
    files = files[: len(painted.pictures)]  # what the safety checker withholds has none
    for file, picture in zip(files, painted.pictures, strict=True):
        write(file, picture)
    if sheet is not None:
        write(sheet, painted.sheet())
    if as_json:
        click.echo(json.dumps(_as_json(painted, files, seconds), ensure_ascii=False))
    else:
        _tell(painted, files, sheet, seconds)


def _as_json(painted: Painted, files: list[Path], seconds: float) -> dict[str, Any]:
    told = {
        **painted.recipe,
        "files": [str(file) for file in files],
        "runners_up": [{"id": style.id, "score": style.score} for style in painted.runners_up],
        "seconds": round(seconds, 3),
        "notes": painted.notes,
    }
    return told if painted.server is None else {**told, "server": painted.server}


def _tell(painted: Painted, files: list[Path], sheet: Path | None, seconds: float) -> None:
    size = f"{painted.recipe['width']}x{painted.recipe['height']}"
    for file, seed in zip(files, painted.seeds, strict=True):
        click.echo(f"picture   {file}  ({size}, seed {seed})")
    if sheet is not None:
        click.echo(f"sheet     {sheet}")
    for style in painted.styles:
        click.echo(f"style     {style}")
    if painted.runners_up:
        click.echo(f"next      {', '.join(str(style) for style in painted.runners_up[:2])}")
    for each in painted.recipe["fidelity"]:
        lines, palette, texture = (each[name] for name in ("edge_recall", "palette_distance", "texture_distance"))
        click.echo(
            f"fidelity  {each['score']:.2f}  (lines {lines:.2f}, palette {palette:.3f}, texture {texture:.3f} away)"
        )
    click.echo(f"medium    {painted.recipe['medium']} (certainty {painted.recipe['certainty']:.2f})")
    click.echo(f"engine    {painted.engine}, {seconds:.1f} s")
    if painted.server is not None:
        click.echo(f"server    {painted.server}")
    for note in painted.notes:
        click.echo(f"note      {note}")


COMMANDS = (design,)
