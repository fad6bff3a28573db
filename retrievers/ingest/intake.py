"""Intake: takes pictures into the library and out of it: folders, uploads, saved data sets.

The order of writing makes every moment a good one to be killed at: a picture with its vector is in the ledger before
its row is in the index, and what leaves is marked in the ledger before it is deleted in the index.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from core.errors import AtelierError
from retrievers.base import Index, PictureEmbeddings
from retrievers.ingest.compare import Comparison, compare
from retrievers.ingest.delivery import MOST, Delivery
from retrievers.ingest.journal import Journal
from retrievers.ingest.pipeline import Pipeline, Work
from retrievers.ingest.report import Report, Result, Tell
from retrievers.ingest.said import Note
from retrievers.ingest.sidecar import read_note
from retrievers.ingest.survey import FOLDER, UPLOAD, survey
from retrievers.ingest.uploads import Uploads
from retrievers.ingest.vectors import Vectors
from retrievers.ingest.walk import look_at
from retrievers.ledger import Ledger, shown


class Intake:
    """The one writer of a library. Thread-safe: one ingest at a time, the next one waits.

    `folder` is the library's own, `DATA_DIR/library`. `own` is called before anything is written and raises
    `StoreBusy` where another process may write. `store` names the index in the ledger; two indices need two names.
    """

    def __init__(
        self,
        ledger: Ledger,
        index: Index,
        embeddings: PictureEmbeddings,
        folder: Path,
        max_pixels: int | None,
        own: Callable[[], object] | None = None,
        store: str | None = None,
        most: int = MOST,  # rows that are written to the index at a time
    ) -> None:
        kind = type(index).__name__
        named = f"memory:{kind}" if index.in_memory else store or f"{kind}:{embeddings.identity}"
        self.ledger, self.index, self.embeddings = ledger, index, embeddings
        self._folder, self._own, self._max_pixels = folder, own, max_pixels
        self._vectors = Vectors(ledger, embeddings)
        self._journal = Journal(ledger, self._vectors, named)
        self._delivery = Delivery(ledger, index, embeddings.identity, named, most)
        self._pipeline = Pipeline(self._journal, embeddings, max_pixels)
        self._uploads = Uploads(folder / "uploads")
        self._lock = RLock()

    def folder(self, path: Path, tell: Tell | None = None, force: bool = False, source: str = FOLDER) -> Report:
        """Take in the pictures below a folder, or one file; what is gone there leaves the library.

        With `force`, files that failed and pictures that were taken out are tried again. Raises `NoSuchFile` for a
        path that is not there, `BadValue` for the library's own folder, `StoreBusy`, `StoreFull`, and what `tell`
        raises; what is done until then stays done.
        """
        with self._writing() as report:
            found = survey(self._journal, self._folder, path, source, force)
            for place, error in found.unread.items():
                report.add(place, "kept", None, error.as_dict())
            report.counts["unchanged"] += found.unchanged
            gone = set(found.gone)
            self._take(found.work, gone, report, tell, force)
            self._drop(gone, report)
            self._journal.move_root(found.taken_in_below, found.named_from)
            self._embed_what_lacks(found.root)
        return report

    def upload(self, files: Sequence[tuple[str, bytes]], tell: Tell | None = None, tags: Sequence[str] = ()) -> Report:
        """Take in pictures that are kept in the library's own folder; the report has a result for each, in order.

        A picture that was taken out before comes back. Raises `StoreBusy`, `StoreFull`, and what `tell` raises.
        """
        with self._writing() as report:
            results: dict[int, Result] = {}
            work: dict[int, Work] = {}
            for i, (name, data) in enumerate(files):
                called = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") or "picture"
                try:
                    id_ = self._uploads.check(data, called, self._max_pixels)
                    twin = next((j for j, one in work.items() if id_ == self._uploads.id_of(one.found.path)), None)
                    if twin is None and not self._has_upload(id_):
                        note = Note(labels=_folders(called), tags=tuple(tags))
                        kept = self._uploads.keep(id_, name, data, note)
                        work[i] = Work(look_at(kept), os.path.dirname(kept), UPLOAD, note, called)
                    else:
                        more = twin is None and self._tag(id_, tags)
                        results[i] = Result(called, "changed" if more else "unchanged", id_)
                except AtelierError as error:
                    if not self._uploads.is_fault_of(error):
                        raise
                    results[i] = Result(called, "failed", None, error.as_dict())
            told = self._take(list(work.values()), set(), Report(), tell, anew=True)
            for (i, one), result in zip(work.items(), told, strict=True):
                results[i] = Result(one.called, result.outcome, result.id, result.error)
                if result.error is not None:
                    self._journal.forget([one.found.path])
                    self._uploads.discard(one.found.path)
            for i in sorted(results):
                report.counts[results[i].outcome] += 1
                report.results.append(results[i])
            self._embed_what_lacks(os.fsencode(self._uploads.folder))
        return report

    def remove(self, id: str) -> None:
        """Take a picture out of the library; the file of an upload is deleted, those in folders are left as they are
        and stay out until they change. Raises `UnknownPicture` and `StoreBusy`."""
        with self._writing():
            for path in self.ledger.get(id).paths:
                if self._uploads.holds(path):
                    self._uploads.discard(os.fsencode(path))
            self._journal.take_out(id)

    def catch_up(self) -> int:
        """Bring the index in line with the ledger, without embedding anything; how many rows were written."""
        self._claim()
        with self._lock:
            return self._delivery.catch_up()

    def embed_all(self, tell: Tell | None = None) -> int:
        """Vectors by the present model for every picture that has none, as after a change of models; how many.

        Those of other models stay as they are. Raises what `tell` raises; what is done until then stays done.
        """
        with self._writing():
            return self._embed_what_lacks(None, tell)

    def compare(self) -> Comparison:
        """Files, ledger and index side by side; nothing is changed."""
        with self._lock:
            return compare(self.ledger, self.index, self._journal, self._vectors, self._uploads.folder)

    def repair(self) -> Comparison:
        """Mend what `compare` finds: what is missing is embedded or written anew, what is too much is deleted; ->
        what it finds after that, with what was `mended`."""
        with self._writing():
            before = self.compare()
            self._drop({os.fsencode(path) for path in before.missing_files}, Report())
            self._vectors.drop(before.damaged_vectors)
            strays = [look_at(os.fsencode(path)) for path in before.stray_uploads]
            roots = [os.path.dirname(one.path) for one in strays]
            self._take(
                [
                    Work(one, root, UPLOAD, read_note(one.path), shown(one.path))
                    for one, root in zip(strays, roots, strict=True)
                ],
                set(),
                Report(),
                None,
            )
            self._journal.write_words_anew(before.without_words)
            self._embed_what_lacks(None)
            self._delivery.unmark(before.rows_to_write)
            self.index.delete(before.rows_without_picture)
        return self.compare().after(before)

    @contextmanager
    def _writing(self) -> Iterator[Report]:
        """A report of what is done inside; at the end the index has what the ledger has, also after an error."""
        self._claim()
        with self._lock:
            report, begun = Report(), time.monotonic()
            try:
                yield report
            except BaseException:
                with suppress(AtelierError):  # the first error is the one to tell
                    self._delivery.catch_up()
                raise
            self._journal.sweep()
            self._vectors.purge()
            self._delivery.catch_up()
            report.seconds = time.monotonic() - begun

    def _claim(self) -> None:
        if self._own is not None:
            self._own()

    def _take(
        self, work: Sequence[Work], gone: set[bytes], report: Report, tell: Tell | None, anew: bool = False
    ) -> list[Result]:
        """Read, embed and write files; rows go to the index in large batches."""
        done = waiting = 0
        start = len(report.results)
        told = tell or _tell_nobody
        told(0, len(work), "")
        for entries in self._pipeline.run(work, set(gone)):
            outcomes = self._journal.record(entries, gone, anew)
            for entry, outcome in zip(entries, outcomes, strict=True):
                error = None if entry.error is None else entry.error.as_dict()
                report.add(entry.found.path, outcome, None if error else entry.id, error)
            done += len(entries)
            waiting += len(entries)
            if waiting >= self._delivery.most:
                self._delivery.deliver()
                waiting = 0
            told(done, len(work), shown(entries[-1].found.path))
        return report.results[start:]

    def _drop(self, gone: set[bytes], report: Report) -> None:
        self._journal.forget(gone)
        for path in sorted(gone):
            report.add(path, "gone")

    def _embed_what_lacks(self, below: bytes | None, tell: Tell | None = None) -> int:
        """Vectors for pictures whose words have changed, and for those below a folder, or all, that have none."""
        wanted, done = self._vectors.lacking(below), 0
        told = tell or _tell_nobody
        for rows in self._pipeline.again(wanted):
            self._vectors.keep(rows)
            done += len(rows)
            told(done, len(wanted), rows[-1][0] if rows else "")
        return done

    def _has_upload(self, id_: str) -> bool:
        picture = self.ledger.many([id_]).get(id_)
        return picture is not None and any(self._uploads.holds(path) and path.exists() for path in picture.paths)

    def _tag(self, id_: str, tags: Sequence[str]) -> bool:
        """Add tags to an upload that is there; whether that changed anything."""
        return bool(tags) and self._journal.tag(id_, tags)


def _folders(called: str) -> tuple[str, ...]:
    """The folders in the name of an upload, which say something of it as those of a file do."""
    return tuple(part for part in called.replace("\\", "/").split("/")[:-1] if part.strip(". "))


def _tell_nobody(done: int, total: int, last: str) -> None:
    """Nobody wants to know."""
