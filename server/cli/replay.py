"""`atelier replay`: a picture is made again from its own recipe, and compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.door import hands_over
from server.cli.progress import bar, cancelling, watch

if TYPE_CHECKING:
    from server.client import Client


@click.command()
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--sketch", type=click.Path(path_type=Path), help="Where it was too large to travel with the picture.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def replay(picture: Path, sketch: Path | None, as_json: bool, client: Client | None) -> None:
    """Make PICTURE again from its recipe, and say whether it is the same; exit code 1 where it is different."""
    from core.files import read_bytes

    data, drawn = read_bytes(picture), None if sketch is None else read_bytes(sketch)
    if client is None:
        from chains.replay import replay as again

        told = again(data, drawn, name=str(picture)).as_dict()
    else:
        told = _there(client, data, drawn, quiet=as_json)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _tell(told)
    sys.exit(1 if told["verdict"] == "different" else 0)


def _there(client: Client, data: bytes, sketch: bytes | None, quiet: bool) -> dict[str, Any]:
    """Have a server do it; a job of its that is no longer wanted is cancelled."""
    job = client.submit_replay(data, sketch)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        return client.replay(job["id"])


def _tell(told: dict[str, Any]) -> None:
    recipe = told["recipe"]
    assert isinstance(recipe, dict) and isinstance(told["differences"], list)
    worn = ", ".join(style["id"] for style in recipe["styles"])
    click.echo(f"{told['verdict']}  ({recipe['engine']}, seed {recipe['seeds'][0]}, {worn})")
    for difference in told["differences"]:
        click.echo(f"because   {difference}")


COMMANDS = (replay,)
