"""`atelier describe`: pictures of the library are described, here or by a server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import BadValue
from server.cli.door import hands_over
from server.cli.progress import bar, cancelling, hearing, watch

if TYPE_CHECKING:
    from chains.describe import DescribeRequest
    from server.client import Client

MOST_SHOWN = 5  # descriptions, in what people read
MOST_FAILED = 20  # and pictures that failed


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Pictures, at most; the next run goes on.")
@click.option("--token-limit", type=click.IntRange(min=1), help="Tokens, after which no picture is begun.")
@click.option("--force", is_flag=True, help="Try again what failed for good.")
@click.option("--anew", is_flag=True, help="Describe again what is described by this model.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def describe(path: Path | None, as_json: bool, client: Client | None, **options: Any) -> None:
    """Describe the pictures of the library that have no description yet, or those below PATH alone.

    What is described is searched as well. Kill it at any moment: the next run goes on, and asks for no picture twice.
    """
    asked = {name: value for name, value in options.items() if value}
    if path is not None:
        if not path.exists():
            raise BadValue("path", str(path), "a folder or a picture that is there")
        asked["folder"] = str(path.absolute())
    try:
        made = _here(asked, as_json) if client is None else _there(client, asked, as_json)
    except KeyboardInterrupt:
        click.echo("atelier: what was described is kept; run the command again to go on", err=True)
        raise
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        _tell(made)
    sys.exit(1 if made["failed"] and not made["described"] else 0)


def _here(asked: dict[str, Any], quiet: bool) -> dict[str, Any]:
    from chains import describe as chain

    with bar(quiet) as show:
        made = chain.build().invoke(cast("DescribeRequest", asked), {"callbacks": [hearing(show)]})
    return chain.as_dict(made)


def _there(client: Client, asked: dict[str, Any], quiet: bool) -> dict[str, Any]:
    if "folder" in asked and not client.here:
        raise BadValue(
            "path", asked["folder"], "nothing on another machine: `atelier ingest` sends pictures there first"
        )
    job = client.submit_descriptions(asked)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
    return client.descriptions(job["id"])


def _tell(made: dict[str, Any]) -> None:
    for failure in made["failures"][:MOST_FAILED]:
        error = failure["error"]
        click.echo(f"failed    {failure['name']}: {error['message']}: {error['remedy']}", err=True)
    if made["failed"] > MOST_FAILED:
        click.echo(f"failed    and {made['failed'] - MOST_FAILED:,} more; --json names a hundred", err=True)
    for id_, told in list(made["descriptions"].items())[:MOST_SHOWN]:
        click.echo(f"{id_}  {told['caption']}")
    if made["described"] > MOST_SHOWN:
        click.echo(f"                  and {made['described'] - MOST_SHOWN:,} more")
    for note in made["notes"][:MOST_FAILED]:
        click.echo(f"note      {note}")
    counts = {name: made[name] for name in ("described", "failed", "left")}
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing to describe"
    click.echo(f"pictures  {told}; {made['sentences']:,} sentences embedded")
    usage = made["usage"]
    if usage["input_tokens"] or usage["output_tokens"]:
        price = f", {usage['cost']:.4f} by TOKEN_PRICES" if "cost" in usage else ""
        tokens = f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out"
        click.echo(f"used      {usage['requests']:,} requests, {tokens}{price}")
    rate = f", {made['described'] / made['seconds']:.1f} pictures a second" if made["seconds"] > 0 else ""
    click.echo(f"engine    {made['engine']}")
    click.echo(f"took      {made['seconds']:.1f} s{rate}")


COMMANDS = (describe,)
