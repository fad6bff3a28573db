"""Intake: takes documents into the library and out of it: files that are sent, and folders.

The order of writing makes every moment a good one to be killed at: the original is on disk before the ledger has the
document, and that in one transaction with all its chunks and their vectors; then the index gets its rows. What leaves
is gone from the ledger first, as what replaces it comes; then its rows and its original are deleted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import RLock

from core.errors import AtelierError, BadValue, NoSuchFile
from core.files import read_bytes
from retrievers.base import Index, TextEmbeddings
from retrievers.documents.delivery import Delivery
from retrievers.documents.journal import Journal, Place
from retrievers.documents.kind import SUFFIXES
from retrievers.documents.ledger import DocumentLedger, Known
from retrievers.documents.originals import Originals
from retrievers.documents.preparation import Preparation, Prepared, Work
from retrievers.documents.reader import Reader
from retrievers.ingest.report import Outcome, Report, Tell
from retrievers.ingest.walk import Found, Walk, look_at

_SUFFIXES = tuple(suffix.encode() for suffix in SUFFIXES)


class DocumentIntake:
    """The one writer of a document library. Thread-safe: one call at a time, the next one waits.

    `folder` is the library's own, `DATA_DIR/library`. `own` is called before anything is written and raises `StoreBusy`
    where another process may write. `store` names the index in the ledger; two indices need two names.
    """

    def __init__(
        self,
        ledger: DocumentLedger,
        index: Index,
        embeddings: TextEmbeddings,
        folder: Path,
        reader: Reader,
        own: Callable[[], object] | None = None,
        store: str | None = None,
    ) -> None:
        kind = type(index).__name__
        named = f"memory:{kind}" if index.in_memory else store or f"{kind}:{embeddings.identity}"
        self.ledger, self.index = ledger, index
        self._embeddings, self._folder, self._reader, self._own = embeddings, folder, reader, own
        self._journal = Journal(ledger, embeddings.identity)
        self._delivery = Delivery(ledger, index, embeddings.identity, named)
        self._originals = Originals(folder / "documents")
        self._lock = RLock()

    def add(self, files: Sequence[tuple[str, bytes]], tell: Tell | None = None) -> Report:
        """Take in files by the names that they come with; the report has a result for each, in order.

        What comes with a name that was there before replaces that; what was taken out comes back. Raises `StoreBusy`,
        `StoreFull`, and what `tell` raises; what is done until then stays done.
        """
        with self._writing() as report:
            self._take([_sent(name, data) for name, data in files], report, tell)
        return report

    def add_folder(self, path: Path, tell: Tell | None = None) -> Report:
        """Take in the documents below a folder, or one file; what is gone there leaves the library. Files that have not
        changed are not read, save those that could not be; the report counts them, and has results for the others.

        Raises `NoSuchFile` for a path that is not there, `BadValue` for the library's own folder, and what `add` does.
        """
        with self._writing() as report:
            found, walk = self._look(path)
            for place, error in walk.unread.items():
                report.add(place, "kept", None, error.as_dict())
            known = self.ledger.known(walk.root)
            works = [_lying(one) for one in found.values() if not _is_unchanged(known.get(one.path), one)]
            report.counts["unchanged"] += len(found) - len(works)
            gone = {one: known[one].document for one in known if one not in found and not walk.is_blind(one)}
            self._take(works, report, tell, gone)
            self._journal.forget(gone)
            for place, document in sorted(gone.items()):
                report.add(place, "gone", document)
        return report

    def remove(self, id: str) -> None:
        """Take a document out; files in folders are left as they are, and stay out until they change.

        Raises `UnknownDocument` and `StoreBusy`.
        """
        with self._writing():
            self._journal.remove(id)

    def rebuild(self, tell: Tell | None = None) -> Report:
        """Read every original again, as after the loss of the ledger or with a better reader; what lies there and is
        not in the ledger is taken in. Raises what `add` does."""
        with self._writing() as report:
            kept = {id_: path for id_ in self._originals.ids() if (path := self._originals.path(id_)) is not None}
            works, taken = [], set[str]()
            for id_, path in kept.items():
                known = self.ledger.at(True, os.fsencode(path.name))
                free = path.name not in taken and (known is None or known.document == id_)
                called = path.name if free else f"{id_}/{path.name}"
                taken.add(called)
                works.append(Work(Place(True, os.fsencode(called)), path.name, partial(read_bytes, path)))
            self._take(works, report, tell, anew=True)
        return report

    def catch_up(self) -> None:
        """Bring the index in line with the ledger; texts whose vectors are another model's are embedded anew."""
        with self._writing():
            pass

    @contextmanager
    def _writing(self) -> Iterator[Report]:
        """A report of what is done inside; at the end the index has what the ledger has, also after an error."""
        if self._own is not None:
            self._own()
        with self._lock:
            report, begun = Report(), time.monotonic()
            try:
                yield report
            except BaseException:
                with suppress(AtelierError):  # the first error is the one to tell
                    self._settle()
                raise
            self._settle()
            report.seconds = time.monotonic() - begun

    def _settle(self) -> None:
        lacking = self.ledger.lacking(self._embeddings.identity)
        if lacking:
            with Preparation(self._embeddings, self._reader, _never) as preparation:
                for id_ in lacking:
                    title, pieces = self.ledger.get(id_).title, self.ledger.chunks_of(id_)
                    self._journal.revector(id_, preparation.embed(title, pieces))
        self._delivery.catch_up()
        for id_ in self.ledger.leaving():
            self._originals.discard(id_)
            self._journal.left(id_)

    def _look(self, path: Path) -> tuple[dict[bytes, Found], Walk]:
        """The documents at a path."""
        try:
            root, own = os.fsencode(os.path.realpath(path)), os.fsencode(os.path.realpath(self._folder))
        except ValueError as error:  # a zero byte, half a character
            raise NoSuchFile(str(path), "no file can be called that") from error
        data = os.path.dirname(own)
        if root in (data, own) or root.startswith(own + b"/"):
            raise BadValue("path", str(path), "a folder with documents; this one is the library's own")
        walk = Walk(root, (data,), suffixes=_SUFFIXES)
        if not os.path.isdir(root):
            if not os.path.isfile(root):
                raise NoSuchFile(str(path), "there is no such file or folder")
            return {root: look_at(root)}, walk
        found = {one.path: one for one in walk}
        if root in walk.unread:
            raise walk.unread[root]
        return found, walk

    def _take(
        self,
        works: Sequence[Work],
        report: Report,
        tell: Tell | None,
        gone: dict[bytes, str] | None = None,
        anew: bool = False,
    ) -> None:
        """Read, embed and write files; those of `gone` that are found again leave it."""
        told = tell or _tell_nobody
        told(0, len(works), "")
        before = len(report.results)
        has = _never if anew else self._has
        with Preparation(self._embeddings, self._reader, has) as preparation:
            for one in preparation.run(works, lambda last: told(len(report.results) - before, len(works), last)):
                outcome = self._record(one, {} if gone is None else gone, anew)
                error = one.error if one.entry is None else one.entry.error
                report.add(one.work.name.encode(), outcome, one.id or None, None if error is None else error.as_dict())
                told(len(report.results) - before, len(works), one.work.name)

    def _has(self, work: Work, id_: str) -> bool:
        return self.ledger.holds(id_) or (not work.place.upload and self.ledger.is_out(id_))

    def _record(self, one: Prepared, gone: dict[bytes, str], anew: bool) -> Outcome:
        if one.error is not None:
            return "failed"
        place = one.work.place
        before = self.ledger.at(place.upload, place.path)
        if one.entry is not None and one.entry.error is not None:
            if not anew:
                self._journal.record(one.entry, place)
            return "failed"
        if not place.upload and self.ledger.is_out(one.id):
            return "unchanged"
        self._originals.keep(one.id, one.work.name, one.data)
        if one.entry is not None:
            if anew and self.ledger.holds(one.id):
                self._journal.rewrite(one.entry)
                return "changed"
            self._journal.record(one.entry, place)
            return "new" if before is None or before.failed else "changed"
        self._journal.place(one.id, place)
        if before is not None and before.document != one.id:
            return "changed"
        moved = [path for path, document in gone.items() if document == one.id]
        if before is None and moved:
            self._journal.forget(moved[:1])
            del gone[moved[0]]
            return "renamed"
        return "unchanged"


def _sent(name: str, data: bytes) -> Work:
    called = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip() or "document"
    return Work(Place(True, called.encode(), len(data)), called, lambda: data)


def _lying(found: Found) -> Work:
    path = Path(os.fsdecode(found.path))
    place = Place(False, found.path, found.size, found.mtime_ns, found.ctime_ns)
    return Work(place, found.path.decode("utf-8", "replace"), partial(_read_file, path, found.regular))


def _read_file(path: Path, regular: bool) -> bytes:
    if not regular:
        raise NoSuchFile(str(path), "it is no regular file")
    return read_bytes(path)


def _is_unchanged(known: Known | None, found: Found) -> bool:
    now = (found.size, found.mtime_ns, found.ctime_ns)
    return known is not None and not known.failed and now == (known.size, known.mtime_ns, known.ctime_ns)


def _never(work: Work, id_: str) -> bool:
    return False


def _tell_nobody(done: int, total: int, last: str) -> None:
    """Nobody wants to know."""
