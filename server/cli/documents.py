"""`atelier documents` and `illustrate`: texts are taken in, asked, and become pictures; here or by a server."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from server.cli.door import hands_over
from server.cli.places import places, write
from server.cli.progress import bar, cancelling, hearing, watch

if TYPE_CHECKING:
    from chains.illustrate_options import IllustrateRequest
    from server.client import Client

SHOWN = 160  # characters of a passage


@click.group()
def documents() -> None:
    """The documents of the library: list, ask, remove. `atelier ingest` takes them in."""


@documents.command("list")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def list_documents(as_json: bool, client: Client | None) -> None:
    """The documents, the newest first."""
    if client is None:
        from retrievers.catalog import open_passages

        found = [document.as_dict() for document in open_passages().list()]
    else:
        found = client.documents()
    if as_json:
        click.echo(json.dumps({"documents": found}, ensure_ascii=False))
        return
    for told in found:
        pages = f"{told['pages']} pages, " if told["pages"] else ""
        wrong = f"  {told['error']['message']}" if told.get("error") else ""
        click.echo(f"{told['id']}  {told['title']}  ({pages}{told['chunks']} passages){wrong}")
    if not found:
        click.echo("no documents", err=True)


@documents.command("ask")
@click.argument("question")
@click.option("-k", type=int, default=5, show_default=True, help="Passages.")
@click.option("--document", metavar="ID", help="In this one alone.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def ask(question: str, k: int, document: str | None, as_json: bool, client: Client | None) -> None:
    """The passages that answer QUESTION best."""
    if client is None:
        from retrievers.catalog import open_passages

        found = [passage.as_dict() for passage in open_passages().search(question, k, document)]
    else:
        found = client.passages(question, k, document)
    if as_json:
        click.echo(json.dumps({"passages": found}, ensure_ascii=False))
        return
    _tell_passages(found)


@documents.command("remove")
@click.argument("document_id", metavar="ID")
@hands_over
def remove(document_id: str, client: Client | None) -> None:
    """Take a document out of the library; a file in a folder stays where it is."""
    if client is None:
        from retrievers.catalog import open_passages

        open_passages().remove(document_id)
    else:
        client.remove_document(document_id)
    click.echo(f"removed   {document_id}")


@click.command()
@click.argument("question")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("out/illustration.png"), show_default=True
)
@click.option("-k", type=int, default=4, show_default=True, help="Passages that the prompt is made from.")
@click.option("--document", metavar="ID", help="Look in this one alone.")
@click.option("--prompt", help="The prompt itself.  [default: made from the passages]")
@click.option("--style", help="An id, or several as id:weight,id:weight.  [default: found by the prompt]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-n", "count", type=int, default=1, show_default=True, help="Pictures, with the seeds that follow.")
@click.option("--mode", type=click.Choice(["preview", "quality"]), default="quality", show_default=True)
@click.option("--width", type=int, help="px, a multiple of 8.")
@click.option("--height", type=int)
@click.option("--engine", help="painter or diffusion.  [default: what the settings set up]")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def illustrate(
    question: str, output: Path | None, count: int, as_json: bool, client: Client | None, **options: Any
) -> None:
    """Paint what the documents say on QUESTION."""
    files = places(output or Path("out/illustration.png"), count)
    asked = {name: value for name, value in options.items() if value is not None}
    asked |= {"question": question, "n": count}
    start = time.perf_counter()
    told, pictures = _here(asked, as_json) if client is None else _there(client, asked, as_json)
    for file, picture in zip(files, pictures, strict=False):
        write(file, picture)
    told |= {"files": [str(file) for file in files[: len(pictures)]], "seconds": round(time.perf_counter() - start, 3)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _tell(told)


def _here(asked: dict[str, Any], quiet: bool) -> tuple[dict[str, Any], list[bytes]]:
    from chains import illustrate as chain
    from chains.design import to_files
    from server.jobs.design import as_json

    with bar(quiet) as show:
        made = chain.build().invoke(cast("IllustrateRequest", asked), {"callbacks": [hearing(show)]})
    return {**as_json(made["design"]), **chain.as_dict(made)}, to_files(made["design"])


def _there(client: Client, asked: dict[str, Any], quiet: bool) -> tuple[dict[str, Any], list[bytes]]:
    job = client.submit_illustration(asked)
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        told = client.illustration(job["id"])
    pictures = [b64decode(image) for image in told.pop("images")]
    return told, pictures


def _tell(told: dict[str, Any]) -> None:
    for file, seed in zip(told["files"], told["seeds"], strict=True):
        click.echo(f"picture   {file}  (seed {seed})")
    click.echo(f"prompt    {told['prompt']}  ({told['prompted_by']})")
    _tell_passages(told["passages"])
    for style in told["styles"]:
        score = "" if style["score"] is None else f" ({style['score']:.2f})"
        click.echo(f"style     {style['name']}{score}")
    for note in told["notes"]:
        click.echo(f"note      {note}")
    click.echo(f"engine    {told['engine']}, {told['seconds']:.1f} s")


def _tell_passages(passages: list[dict[str, Any]]) -> None:
    for passage in passages:
        text = " ".join(passage["text"].split())
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN].rpartition(' ')[0]} ..."
        weak = "  (hardly an answer)" if passage["weak"] else ""
        click.echo(f"passage   {passage['score']:.2f}  {passage['source']}{weak}\n          {shown}")


COMMANDS = (documents, illustrate)
