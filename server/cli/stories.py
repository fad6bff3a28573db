"""`atelier story`, `picture` and `memories`: pictures become stories, stories pictures; here or by a server."""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import BadValue
from core.files import read_bytes
from server.cli.door import hands_over
from server.cli.places import places, write
from server.cli.progress import bar, cancelling, hearing, watch

if TYPE_CHECKING:
    from chains.story_options import PictureRequest, StoryRequest
    from server.client import Client


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also write it to this text file.")
@click.option("--wish", default="", help="What it is to be about, besides the picture.")
@click.option("--words", type=int, help="About how long.  [default: 220]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--known", default="", help="Words that are known of the picture.")
@click.option("--top-k", type=int, help="Earlier stories that it may take up; 0: none.  [default: 3]")
@click.option("--forget", is_flag=True, help="Do not keep it for later ones.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def story(image: Path, output: Path | None, forget: bool, as_json: bool, client: Client | None, **options: Any) -> None:
    """Tell a story of IMAGE."""
    asked = {name: value for name, value in options.items() if value not in (None, "")}
    asked |= {"remember": False} if forget else {}
    start = time.perf_counter()
    data = read_bytes(image)
    told = _story_here(data, asked, as_json) if client is None else _story_there(client, data, asked, as_json)
    told["seconds"] = round(time.perf_counter() - start, 3)
    if output is not None:
        write(output, f"{told['title']}\n\n{told['story']}\n".encode())
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{told['title']}\n\n{told['story']}\n")
    _tell_rest(told)


def _story_here(data: bytes, asked: dict[str, Any], quiet: bool) -> dict[str, Any]:
    from chains import story as chain
    from server.jobs.stories import as_json

    with bar(quiet) as show:
        made = chain.build().invoke(cast("StoryRequest", {**asked, "image": data}), {"callbacks": [hearing(show)]})
    return as_json(made)


def _story_there(client: Client, data: bytes, asked: dict[str, Any], quiet: bool) -> dict[str, Any]:
    job = client.submit_story(data, asked)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        return client.story(job["id"])


@click.command()
@click.argument("text", metavar="STORY")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="PNG.  [default: out/picture.png]")
@click.option("--style", help="An id, or several as id:weight,id:weight.  [default: found by the scene]")
@click.option("--top-k", type=int, help="Earlier ones whose looks it may take up; 0: none.  [default: 3]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-n", "count", type=int, default=1, show_default=True, help="Pictures, with the seeds that follow.")
@click.option("--mode", type=click.Choice(["preview", "quality"]), default="quality", show_default=True)
@click.option("--width", type=int, help="px, a multiple of 8.")
@click.option("--height", type=int)
@click.option("--engine", help="painter or diffusion.  [default: what the settings set up]")
@click.option("--forget", is_flag=True, help="Do not keep it for later ones.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def picture(
    text: str, output: Path | None, count: int, forget: bool, as_json: bool, client: Client | None, **options: Any
) -> None:
    """Paint a moment of STORY: a text file, the text itself, or - for what comes on standard input."""
    files = places(output or Path("out/picture.png"), count)
    asked = {name: value for name, value in options.items() if value is not None}
    asked |= {"story": _read_story(text), "n": count, **({"remember": False} if forget else {})}
    start = time.perf_counter()
    told, pictures = _picture_here(asked, as_json) if client is None else _picture_there(client, asked, as_json)
    for file, made in zip(files, pictures, strict=False):
        write(file, made)
    told |= {"files": [str(file) for file in files[: len(pictures)]], "seconds": round(time.perf_counter() - start, 3)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for file, seed in zip(told["files"], told["seeds"], strict=True):
        click.echo(f"picture   {file}  (seed {seed})")
    click.echo(f"prompt    {told['scene']['prompt']}  ({told['scene']['engine']})")
    click.echo(f"style     {told['style']['name']}")
    _tell_rest(told)


def _read_story(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    file = Path(text)
    try:
        there, folder = len(text) < 1_000 and file.is_file(), len(text) < 1_000 and file.is_dir()
    except (OSError, ValueError):
        there = folder = False
    if folder:
        raise BadValue("story", text, "a text file, or the text itself; this is a folder")
    if not there:
        if file.suffix.lower() in (".txt", ".md") and " " not in text:
            raise BadValue("story", text, "a text file that is there, or the text itself")
        return text
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadValue("story", text, "a text file in UTF-8") from None


def _picture_here(asked: dict[str, Any], quiet: bool) -> tuple[dict[str, Any], list[bytes]]:
    from chains import story as chain
    from chains.design import to_files
    from server.jobs.stories import picture_json

    with bar(quiet) as show:
        made = chain.build_picture().invoke(cast("PictureRequest", asked), {"callbacks": [hearing(show)]})
    return picture_json(made), to_files(made["design"])


def _picture_there(client: Client, asked: dict[str, Any], quiet: bool) -> tuple[dict[str, Any], list[bytes]]:
    job = client.submit_picture(asked)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        told = client.picture(job["id"])
    pictures = [b64decode(image) for image in told.pop("images")]
    return told, pictures


def _tell_rest(told: dict[str, Any]) -> None:
    for memory in told["memories"]:
        used = ", taken up" if memory["id"] in told.get("used", told.get("scene", {}).get("used", ())) else ""
        click.echo(f"memory    {memory['score']:.2f}  {memory['title'] or memory['kind']}{used}")
    for note in told["notes"]:
        click.echo(f"note      {note}")
    described = f", described by {told['describer']}" if "describer" in told else ""
    click.echo(f"engine    {told['engine']}{described}, {told['seconds']:.1f} s")


@click.group()
def memories() -> None:
    """The stories and pictures that were made, which later ones take up: list, forget."""


@memories.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@hands_over
def list_memories(limit: int, as_json: bool, client: Client | None) -> None:
    """The newest first."""
    if client is None:
        from retrievers.catalog import open_memories

        found = [memory.as_dict() for memory in open_memories().chronicle.page(0, limit)]
    else:
        found = client.memories(limit)
    if as_json:
        click.echo(json.dumps({"memories": found}, ensure_ascii=False))
        return
    for told in found:
        title = told["title"] or " ".join(told["story"].split())[:60]
        click.echo(f"{told['id']}  {told['kind']:<8} {title}  ({told['engine']})")
    if not found:
        click.echo("no memories", err=True)


@memories.command("forget")
@click.argument("memory_id", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget everything.")
@hands_over
def forget_memory(memory_id: str | None, everything: bool, client: Client | None) -> None:
    """Forget one of them, or all; it does not come back."""
    if (memory_id is None) != everything:
        raise click.UsageError("name an ID, or --all")
    if client is not None:
        count = client.forget_memories(memory_id)
    else:
        from retrievers.catalog import open_memories

        past = open_memories()
        count = past.clear() if memory_id is None else past.forget([past.chronicle.get(memory_id).id])
    click.echo(f"forgotten {count:,}")


COMMANDS = (story, picture, memories)
