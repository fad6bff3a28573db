"""`atelier styles`: the style library, here or on a server, listed, added to, taken from and searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import AtelierError
from server.cli.door import hands_over

if TYPE_CHECKING:
    from server.client import Client


@click.group()
def styles() -> None:
    """The style library: list, add, remove, search."""


@styles.command("list")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def list_styles(as_json: bool, client: Client | None) -> None:
    """All styles, and those that cannot be used."""
    if client is None:
        from retrievers.catalog import open_styles

        shelf = open_styles().shelf()
        rows: list[dict[str, Any]] = [
            {"id": s.id, "name": s.name, "words": s.words, "shipped": s.shipped} for s in shelf.styles.values()
        ]
        problems = {style: problem.as_dict() for style, problem in shelf.problems.items()}
    else:
        found = client.styles()
        rows = [{field: style[field] for field in ("id", "name", "words", "shipped")} for style in found["styles"]]
        problems = found["problems"]
    if as_json:
        click.echo(json.dumps({"styles": rows, "problems": problems}, ensure_ascii=False))
        return
    width = max((len(style["id"]) for style in rows), default=0)
    for style in rows:
        click.echo(f"{style['id']:{width}}  {style['name']}{'' if style['shipped'] else '  (added)'}")
    for problem in problems.values():
        click.echo(f"problem: {AtelierError(problem['message'], problem['remedy'])}", err=True)


@styles.command("add")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--name", help="[default: the file's name]")
@click.option("--words", default="", help="Medium, palette, light, mood, era, use: what a person might search by.")
@click.option("--licence", default="unknown", show_default=True)
@hands_over
def add_style(picture: Path, name: str | None, words: str, licence: str, client: Client | None) -> None:
    """Keep PICTURE as a style."""
    from core.files import read_bytes

    data = read_bytes(picture)
    called = name or picture.stem
    if client is None:
        from retrievers.catalog import open_styles

        style = open_styles().add(data, called, words, licence)
        click.echo(f"{style.id}  {style.name}")
    else:
        added = client.add_style(data, called, words, licence)
        click.echo(f"{added['id']}  {added['name']}")


@styles.command("remove")
@click.argument("style_id")
@hands_over
def remove_style(style_id: str, client: Client | None) -> None:
    """Take an added style away."""
    if client is None:
        from retrievers.catalog import open_styles

        open_styles().remove(style_id)
    else:
        client.remove_style(style_id)
    click.echo(f"{style_id} is gone")


@styles.command("search")
@click.argument("prompt")
@hands_over
def search_styles(prompt: str, client: Client | None) -> None:
    """All styles with their scores for PROMPT."""
    if client is None:
        from retrievers.catalog import open_styles

        found = [(style.score, style.id) for style in open_styles().search(prompt)]
    else:
        found = [(style["score"], style["id"]) for style in client.search_styles(prompt)]
    for score, style_id in found:
        click.echo(f"{score:6.3f}  {style_id}")


COMMANDS = (styles,)
