"""The command line: `atelier`, also `python -m server`. Heavy things are imported by the command that needs them."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import AtelierError, BadValue

if TYPE_CHECKING:
    from chains.design import Design, DesignRequest


class _Group(click.Group):
    """Answers a refusal in one line with its remedy and exit code 1; usage errors exit with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AtelierError as error:
            click.echo(f"atelier: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="atelier")
def main() -> None:
    """Sketches and words become pictures in a retrieved style."""
    log = logging.getLogger("atelier")
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(logging.StreamHandler())  # to standard error


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Serve HTTP; /docs lists what it answers."""
    from core.settings import get_settings
    from server.auth import check_exposure

    settings = get_settings()
    check_exposure(host, settings.api_keys)

    import uvicorn

    from server.app import create_app

    uvicorn.run(create_app(settings), host=host, port=port, log_level="info")


@main.command()
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


@main.group()
def styles() -> None:
    """The style library: list, add, remove, search."""


@styles.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_styles(as_json: bool) -> None:
    """All styles, and those that cannot be used."""
    from retrievers.catalog import open_styles

    shelf = open_styles().shelf()
    if as_json:
        rows = [{"id": s.id, "name": s.name, "words": s.words, "shipped": s.shipped} for s in shelf.styles.values()]
        problems = {style: problem.as_dict() for style, problem in shelf.problems.items()}
        click.echo(json.dumps({"styles": rows, "problems": problems}, ensure_ascii=False))
        return
    width = max((len(style_id) for style_id in shelf.styles), default=0)
    for style in shelf.styles.values():
        click.echo(f"{style.id:{width}}  {style.name}{'' if style.shipped else '  (added)'}")
    for problem in shelf.problems.values():
        click.echo(f"problem: {problem}", err=True)


@styles.command("add")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--name", help="[default: the file's name]")
@click.option("--words", default="", help="Medium, palette, light, mood, era, use: what a person might search by.")
@click.option("--licence", default="unknown", show_default=True)
def add_style(picture: Path, name: str | None, words: str, licence: str) -> None:
    """Keep PICTURE as a style."""
    from core.errors import NoSuchFile
    from retrievers.catalog import open_styles

    try:
        data = picture.read_bytes()
    except OSError as error:
        raise NoSuchFile(str(picture), error.strerror or str(error)) from error
    style = open_styles().add(data, name or picture.stem, words, licence)
    click.echo(f"{style.id}  {style.name}")


@styles.command("remove")
@click.argument("style_id")
def remove_style(style_id: str) -> None:
    """Take an added style away."""
    from retrievers.catalog import open_styles

    open_styles().remove(style_id)
    click.echo(f"{style_id} is gone")


@styles.command("search")
@click.argument("prompt")
def search_styles(prompt: str) -> None:
    """All styles with their scores for PROMPT."""
    from retrievers.catalog import open_styles

    for found in open_styles().search(prompt):
        click.echo(f"{found.score:6.3f}  {found.id}")


@main.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Say what is installed, what each role resolved to, and what is wrong."""
    from server.doctor import examine

    findings = examine()
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            mark = "ok " if finding.ok else "BAD"
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{mark} {finding.what:<12} {finding.found}{remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@main.command()
@click.argument("name")
@click.argument("arguments", nargs=-1)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run the benchmark NAME: design, retrieval, sheet."""
    import runpy

    from core.settings import ROOT

    known = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    if name not in known:
        raise BadValue("benchmark", name, " or ".join(known))
    sys.argv = [name, *arguments]
    runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"), run_name="__main__")


if __name__ == "__main__":
    main()
