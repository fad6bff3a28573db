"""`atelier ingest`, `dataset` and `reindex`: pictures and documents are taken in, here or by a server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import BadValue
from server.cli.door import hands_over
from server.cli.progress import Show, bar, cancelling, watch

if TYPE_CHECKING:
    from server.client import Client

COUNTS = ("new", "changed", "renamed", "unchanged", "gone", "failed")
MOST_SHOWN = 20  # files that failed, in what people read
SENT_FILES, SENT_BYTES = 200, 20_000_000  # at most in one upload; a server takes MAX_UPLOAD_BYTES, 25 MB by default


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Try again what failed before, and what was taken out.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each file as JSON.")
@hands_over
def ingest(paths: tuple[Path, ...], force: bool, as_json: bool, client: Client | None) -> None:
    """Take the pictures and documents below PATHS into the library; again, to bring it up to date with them.

    What is unchanged costs a look; what was deleted leaves; what cannot be read is told and stops no other.
    """
    for path in paths:
        if not path.exists():
            raise BadValue("path", str(path), "a folder, a picture or a document that is there")
    reports = [_ingest(path.absolute(), force, as_json, client) for path in paths if not _is_document(path)]
    texts = [told for path in paths if (told := _ingest_texts(path.absolute(), as_json, client)) is not None]
    if as_json:
        told = _together(reports)
        click.echo(json.dumps({**told, "documents": _together(texts)} if texts else told, ensure_ascii=False))
        return
    if reports:
        _tell(_together(reports), "pictures")
    if texts:
        _tell(_together(texts), "documents")


def _ingest(path: Path, force: bool, quiet: bool, client: Client | None) -> dict[str, Any]:
    if client is None:
        from retrievers.catalog import open_intake

        with bar(quiet) as show:
            report = open_intake().folder(path, _told_by(show), force)
        told: dict[str, Any] = report.as_dict()
        return told
    if client.here:
        return _followed(client, client.submit_folder(path, force), quiet)
    if force:
        raise BadValue("force", True, "nothing where pictures are sent to another machine: they are all sent anyway")
    return _sent(client.submit_files, client, path, _pictures(path), quiet)


def _is_document(path: Path) -> bool:
    from retrievers.documents.kind import SUFFIXES

    return path.is_file() and path.suffix.lower() in SUFFIXES


def _ingest_texts(path: Path, quiet: bool, client: Client | None) -> dict[str, Any] | None:
    """The same of documents; None where there are none."""
    found = _documents(path)
    if client is None:
        from retrievers.catalog import open_passages

        library = open_passages()
        if not found and not library.ledger.known(bytes(path)):
            return None
        with bar(quiet) as show:
            report: dict[str, Any] = library.add_folder(path, _told_by(show)).as_dict()
        return report
    if client.here:
        places = [place for one in client.documents() for place in one.get("places", ())]
        there = found or any(place.startswith(str(path)) for place in places)  # the last one may have been deleted
        return _followed(client, client.submit_document_folder(path), quiet) if there else None
    if not found:
        return None
    return _sent(client.submit_documents, client, path, found, quiet)


def _documents(path: Path) -> list[Path]:
    from retrievers.documents.kind import SUFFIXES

    if path.is_file():
        return [path] if _is_document(path) else []
    return _below(path, SUFFIXES)


def _told_by(show: Show) -> Callable[[int, int, str], None]:
    return lambda done, total, last: show(f"{done:,} of {total:,}", done / max(1, total))


def _followed(client: Client, job: dict[str, Any], quiet: bool) -> dict[str, Any]:
    with cancelling(client, job), bar(quiet) as show:
        watch(client, job, show)
        return client.report(job["id"])


Send = Callable[[list[tuple[str, bytes]]], dict[str, Any]]  # files by their names; -> the job


def _sent(send: Send, client: Client, path: Path, found: list[Path], quiet: bool) -> dict[str, Any]:
    """Send files below a path to a server elsewhere; what cannot be read or sent is told and stops no other."""
    refused: list[dict[str, Any]] = []
    reports = [_followed(client, send(files), quiet) for files in _batches(path, found, refused)]
    own = dict.fromkeys((*COUNTS, "seconds"), 0) | {"failed": len(refused), "results": refused}
    return _together([*reports, own])


def _pictures(path: Path) -> list[Path]:
    from core.images import SUFFIXES

    return [path] if path.is_file() else _below(path, SUFFIXES)


def _below(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files of these kinds below a folder, but for hidden ones; a link to nothing too, to be told of."""
    found = (file for file in path.rglob("*") if file.suffix.lower() in suffixes and not file.is_dir())
    return sorted(file for file in found if not any(part[0] == "." for part in file.relative_to(path).parts))


def _batches(path: Path, found: list[Path], refused: list[dict[str, Any]]) -> Iterator[list[tuple[str, bytes]]]:
    """Files with their names, in uploads that a server takes; others go to `refused`."""
    from core.errors import AtelierError, BodyTooLarge
    from core.files import read_bytes

    batch: list[tuple[str, bytes]] = []
    size = 0
    for file in found:
        try:
            data = read_bytes(file)
            if len(data) > SENT_BYTES:
                raise BodyTooLarge(SENT_BYTES, len(data))
        except AtelierError as error:
            refused.append({"path": str(file), "id": None, "outcome": "failed", "error": error.as_dict()})
            continue
        if batch and (len(batch) == SENT_FILES or size + len(data) > SENT_BYTES):
            yield batch
            batch, size = [], 0
        name = file.name if file == path else str(file.relative_to(path.parent))
        batch.append((name, data))
        size += len(data)
    if batch:
        yield batch


@click.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="Pictures, from the first.")
@click.option("--split", default="train", show_default=True)
@click.option("--image", "image_column", help="The column of the pictures.  [default: found]")
@click.option("--json", "as_json", is_flag=True)
def dataset(name: str, limit: int, split: str, image_column: str | None, as_json: bool) -> None:
    """Save the first pictures of a Hugging Face data set, and take them into the library.

    NAME is one on the hub, detection-datasets/fashionpedia for example, or a local folder or parquet file.
    """
    from retrievers.catalog import ingest_dataset

    with bar(as_json) as show:
        report = ingest_dataset(
            name, limit=limit, split=split, image_column=image_column,
            tell=_told_by(show),
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _tell(report.as_dict(), "pictures")


def _together(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Several reports as one."""
    summed = {name: sum(report[name] for report in reports) for name in (*COUNTS, "seconds")}
    return {**summed, "results": [result for report in reports for result in report["results"]]}


def _tell(report: dict[str, Any], what: str) -> None:
    seconds = report["seconds"]
    failed = [result for result in report["results"] if "error" in result]
    for file in failed[:MOST_SHOWN]:
        click.echo(f"failed    {file['error']['message']}: {file['error']['remedy']}", err=True)
    if len(failed) > MOST_SHOWN:
        click.echo(f"failed    and {len(failed) - MOST_SHOWN:,} more; --json names them all", err=True)
    told = ", ".join(f"{report[name]:,} {name}" for name in COUNTS if report[name]) or f"no {what}"
    taken = report["new"] + report["changed"]
    rate = f", {taken / seconds:.0f} {what} a second" if taken and seconds > 0 else ""
    click.echo(f"{what:<9} {told}")
    click.echo(f"took      {seconds:.1f} s{rate}")


@click.command()
def reindex() -> None:
    """Embed all pictures by the embedding model that is set now, after it was changed.

    The vectors of the model before are kept, so that changing back costs nothing.
    """
    from retrievers.catalog import open_intake

    start = time.perf_counter()
    with bar() as show:
        intake = open_intake()
        count = intake.embed_all(_told_by(show))
    click.echo(f"pictures  {count:,} embedded by {intake.embeddings.identity}, {intake.ledger.count():,} in all")
    click.echo(f"took      {time.perf_counter() - start:.1f} s")


COMMANDS = (ingest, dataset, reindex)
