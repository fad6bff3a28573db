"""`atelier styles`: the style library, listed, added to, taken from and searched."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group()
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


COMMANDS = (styles,)
