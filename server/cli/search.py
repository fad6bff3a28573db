"""`atelier search`: pictures of the library by words, by a picture, or by both, here or on a server."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.files import read_bytes
from server.cli.door import hands_over
from server.cli.places import check_place, write

if TYPE_CHECKING:
    from PIL import Image

    from chains.search_options import SearchRequest
    from server.client import Client

    Opener = Callable[[dict[str, Any]], Image.Image]

COLUMNS, HEIGHT = 5, 260  # pictures in a row of the sheet, px of each
FILTERS = ("label", "tag", "colour", "medium", "source")


@click.command()
@click.argument("words", default="")
@click.option("--image", type=click.Path(path_type=Path), help="A picture that they are like.")
@click.option("--like", metavar="ID", help="A picture of the library that they are like.")
@click.option("--not", "negative", default="", metavar="WORDS", help="What they shall not show.")
@click.option("-k", type=int, help="Hits.  [default: TOP_K_RETRIEVAL, 5]")
@click.option("--offset", type=int, default=0, help="Hits that are left out first.")
@click.option("--label", multiple=True, help="Only in a folder of that name; any of several.")
@click.option("--tag", multiple=True)
@click.option("--colour", multiple=True, help="Only with that colour; all of several.")
@click.option("--medium", multiple=True, help="photograph, painting, line drawing, picture")
@click.option("--source", multiple=True, help="folder, upload, dataset")
@click.option("--after", help="Only taken then or later: 2024-05-01.")
@click.option("--before", help="Only taken then or earlier; a day is all of it.")
@click.option("--min-confidence", type=float, default=0.5, show_default=True, help="Of the best hit; 0 shows any.")
@click.option("--show", is_flag=True, help="Write a sheet of the pictures, and open it where there is a screen.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The sheet.  [default: out/search.png]")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def search(
    words: str,
    image: Path | None,
    show: bool,
    output: Path | None,
    as_json: bool,
    client: Client | None,
    **options: Any,
) -> None:
    """Pictures of the library that show what WORDS say."""
    place = output or Path("out/search.png")
    if show or output:
        check_place("output", place)
    asked = _asked(words, options)
    if client is None:
        from chains import search as chain

        request = cast("SearchRequest", {**asked, **({} if image is None else {"image": image})})
        found = chain.as_dict(chain.build().invoke(request))
        open_hit: Opener = _here
    else:
        found = client.search(asked, None if image is None else read_bytes(image))
        open_hit = partial(_there, client)
    sheet = (show or output is not None) and bool(found["hits"])
    if sheet:
        write(place, _sheet(found["hits"], open_hit))
    if as_json:
        click.echo(json.dumps({**found, **({"sheet": str(place)} if sheet else {})}, ensure_ascii=False))
        return
    _tell(found)
    if sheet:
        click.echo(f"sheet     {place}")
        if show and sys.stdout.isatty():
            webbrowser.open(place.absolute().as_uri())


def _asked(words: str, options: dict[str, Any]) -> dict[str, Any]:
    filters = {name: options.pop(name) for name in (*FILTERS, "after", "before")}
    told = {name: value for name, value in options.items() if value is not None}
    return {"text": words, **told, "filters": {name: value for name, value in filters.items() if value}}


def _tell(found: dict[str, Any]) -> None:
    for number, hit in enumerate(found["hits"], 1):
        place = hit["paths"][0] if hit.get("paths") else hit["name"]
        also = f"  (and {len(hit['same'])} nearly the same)" if hit["same"] else ""
        click.echo(f"{number:3}  {hit['confidence']:4.0%}  {hit['id']}  {place}{also}")
        click.echo(f"           {'; '.join(hit['why']) or 'nothing in particular'}")
    if found["no_good_match"]:
        click.echo("no good match")
        for hit in found["closest"]:
            click.echo(f"closest   {hit['confidence']:4.0%}  {hit['id']}  {hit['name']}")
    for note in found["notes"]:
        click.echo(f"note      {note}")
    click.echo(f"engine    {found['engine']}, {found['total']:,} pictures")


def _sheet(hits: list[dict[str, Any]], opened: Opener) -> bytes:
    """The hits as PNG, with how sure each is and why."""
    from core import images
    from generators.sheet import contact_sheet

    tiles = []
    for number, hit in enumerate(hits, 1):
        picture, why = _opened(hit, opened)
        cosine = next((one["score"] for name, one in hit["channels"].items() if name != "words"), None)
        told = f"{number}  {hit['confidence']:.0%}" + ("" if cosine is None else f"  cosine {cosine:.2f}")
        tiles.append((picture, f"{told}\n{why}\n{hit['name']}"))
    return images.to_png(contact_sheet(tiles, COLUMNS, HEIGHT))


def _opened(hit: dict[str, Any], opened: Opener) -> tuple[Image.Image, str]:
    """A hit's picture and why it is one; one whose file cannot be read any more spoils no sheet."""
    from PIL import Image

    from core.errors import BadInput, NotFound

    try:
        return opened(hit), "; ".join(hit["why"])
    except (BadInput, NotFound):
        return Image.new("RGB", (HEIGHT, HEIGHT), "lightgrey"), "its file is gone, or has changed"


def _here(hit: dict[str, Any]) -> Image.Image:
    from core import images

    there = [Path(path) for path in hit["paths"] if Path(path).exists()] or [Path(hit["name"])]
    return images.read(there[0], None, wanted=2 * HEIGHT)


def _there(client: Client, hit: dict[str, Any]) -> Image.Image:
    from core import images

    return images.decode(client.thumbnail(hit["id"], 2 * HEIGHT), hit["name"])


COMMANDS = (search,)
