"""`atelier design`: a sketch and a prompt become a picture."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import BadValue

if TYPE_CHECKING:
    from chains.design import Design, DesignRequest


@click.command()
@click.argument("sketch", type=click.Path(path_type=Path))
@click.argument("prompt", default="")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/design.png"), show_default=True)
@click.option("--style", help="An id, or several as id:weight,id:weight.  [default: found by the prompt]")
@click.option("--top-k", type=int, default=1, show_default=True, help="Styles to blend when they are found.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-n", "count", type=int, default=1, show_default=True, help="Pictures, with the seeds that follow.")
@click.option("--mode", type=click.Choice(["preview", "quality"]), default="quality", show_default=True)
@click.option("--width", type=int, help="px, a multiple of 8.  [default: by the sketch's shape]")
@click.option("--height", type=int)
@click.option("--low-threshold", type=int, default=50, show_default=True, help="Of Canny.")
@click.option("--high-threshold", type=int, default=150, show_default=True, help="Of Canny.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Also write a sheet: sketch, style, picture.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe and the files as JSON.")
def design(
    sketch: Path, prompt: str, output: Path, count: int, sheet: Path | None, as_json: bool, **options: Any
) -> None:
    """Paint SKETCH in the style that PROMPT means."""
    from tqdm import tqdm

    from chains import design as chain

    files = [output, *(output.with_stem(f"{output.stem}-{number}") for number in range(2, count + 1))]
    for name, file in (("output", output), ("sheet", sheet)):
        _check_png(name, file)
    if sheet in files:
        raise BadValue("sheet", str(sheet), "a file of its own")
    start = time.perf_counter()
    with tqdm(total=100, disable=as_json or not sys.stderr.isatty(), leave=False, bar_format="{l_bar}{bar}") as bar:

        def show(stage: str, done: float) -> None:
            bar.set_description(stage)
            bar.update(round(done * 100) - bar.n)

        request = cast("DesignRequest", {"sketch": sketch, "prompt": prompt, "n": count, **options})
        result = chain.build().invoke(request, {"callbacks": [_progress_to(show)]})
    seconds = time.perf_counter() - start
    _write_pictures(result, files)
    if sheet is not None:
        _write_sheet(result, sheet)
    if as_json:
        runners_up = [{"id": style.id, "score": style.score} for style in result["runners_up"]]
        told = {**result["recipe"], "files": [str(file) for file in files], "runners_up": runners_up}
        click.echo(json.dumps({**told, "seconds": round(seconds, 3), "notes": result["notes"]}, ensure_ascii=False))
        return
    for file, seed in zip(files, result["seeds"], strict=True):
        click.echo(f"picture   {file}  ({result['image'].width}x{result['image'].height}, seed {seed})")
    if sheet is not None:
        click.echo(f"sheet     {sheet}")
    for style in result["styles"]:
        click.echo(f"style     {style.name}{_score(style.score)}")
    if result["runners_up"]:
        click.echo(f"next      {', '.join(f'{s.name}{_score(s.score)}' for s in result['runners_up'][:2])}")
    click.echo(f"engine    {result['engine']}, {seconds:.1f} s")
    for note in result["notes"]:
        click.echo(f"note      {note}")


def _score(score: float | None) -> str:
    return "" if score is None else f" ({score:.2f})"


def _progress_to(show: Any) -> Any:
    from langchain_core.callbacks import BaseCallbackHandler

    class Progress(BaseCallbackHandler):
        def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
            if name == "progress":
                show(data["stage"], data["done"])

    return Progress()


def _write_pictures(result: Design, files: list[Path]) -> None:
    from core import images

    for file, image in zip(files, result["images"], strict=True):
        _write(file, images.to_png(image))


def _write_sheet(result: Design, file: Path) -> None:
    from core import images
    from generators.sheet import contact_sheet

    tiles = [(result["edges"].page, "Sketch")]
    for style in result["styles"]:
        tiles.append((images.decode(style.style.read(), style.id), f"{style.name}{_score(style.score)}"))
    tiles += [(image, f"Picture, seed {seed}") for image, seed in zip(result["images"], result["seeds"], strict=True)]
    _write(file, images.to_png(contact_sheet(tiles)))


def _check_png(name: str, file: Path | None) -> None:
    if file is not None and file.suffix.lower() != ".png":
        raise BadValue(name, str(file), "a file name that ends in .png")


def _write(file: Path, data: bytes) -> None:
    from core.files import write_whole

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data)
    except OSError as error:
        raise BadValue("output", str(file), f"a place that can be written ({error.strerror})") from error


COMMANDS = (design,)
