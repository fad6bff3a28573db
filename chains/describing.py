"""Describing: pictures of the library handed to a describer, several at a time, and every answer kept as it comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from PIL import Image

from core import images
from core.errors import AtelierError
from generators.vision.description import (
    Described,
    Describer,
    DescribingFailed,
    DescribingStopped,
    Description,
    Usage,
)
from generators.vision.sentences import sentences, words
from retrievers.descriptions.archive import Archive
from retrievers.picture import Picture

log = logging.getLogger("atelier")

IN_A_ROW = 8  # pictures that fail one after the other through no fault of theirs, and the rest is left for later
MOST_TOLD = 100  # descriptions and failures that a report has in full

Tell = Callable[[int, int, str], object]  # pictures done, in all, the last one's name; what it raises ends the run


class NotShown(DescribingFailed):
    """A picture that no describer has seen: its file is gone, or cannot be read."""

    def __init__(self, picture: Picture, error: AtelierError) -> None:
        super().__init__(f"{picture.name} is not described: {error.message}", error.remedy, picture=picture.id)


class DescriberBroke(DescribingFailed):
    """A mistake of the describer's program."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"the describer failed ({type(error).__name__}: {error})", "report it if it stays")


@dataclass
class Report:
    """What became of the pictures of a run."""

    engine: str
    wanted: int  # pictures without a description when it began
    described: int = 0
    failed: int = 0
    gone: int = 0  # that left the library meanwhile
    descriptions: dict[str, Description] = field(default_factory=dict)  # the first of them
    failures: list[dict[str, Any]] = field(default_factory=list)  # likewise: picture, name, error
    usage: Usage = field(default_factory=Usage)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def left(self) -> int:
        """Pictures that were not tried."""
        return self.wanted - self.described - self.failed - self.gone


@dataclass(frozen=True)
class _Done:
    """A batch of pictures that was worked on."""

    pictures: Sequence[Picture]
    described: Mapping[str, Description]
    errors: Mapping[str, DescribingFailed]
    gone: int
    usage: Usage
    notes: tuple[str, ...]


class Describing:
    """One run. Whatever ends it, an answer that has come is kept."""

    def __init__(self, archive: Archive, describer: Describer, max_pixels: int, token_limit: int | None = None) -> None:
        self._archive, self._describer, self._max_pixels = archive, describer, max_pixels
        self._token_limit = token_limit  # after which no picture is begun
        self._stop = Event()

    def run(self, wanted: Sequence[str], tell: Tell) -> Report:
        """Describe these pictures. Raises what `tell` raises, and what every picture would meet: no model, no key."""
        report, begun = Report(self._describer.engine, len(wanted)), time.monotonic()
        size = self._describer.batch
        batches = [wanted[start : start + size] for start in range(0, len(wanted), size)]
        flying: set[Future[_Done]] = set()
        tell(0, len(wanted), "")
        pool = ThreadPoolExecutor(self._describer.at_once, "describe")
        in_a_row = 0
        try:
            for batch in batches:
                if len(flying) >= 2 * self._describer.at_once:
                    in_a_row = self._take(flying, report, in_a_row, tell)
                if self._is_enough(report, in_a_row):
                    break
                flying.add(pool.submit(self._work, list(batch)))
            while flying:
                in_a_row = self._take(flying, report, in_a_row, tell)
                if self._is_enough(report, in_a_row):
                    flying = {future for future in flying if not future.cancel()}
        finally:
            self._stop.set()  # of no account to what is done
            pool.shutdown(wait=True, cancel_futures=True)  # answers under way may be paid for: they are kept
            report.seconds = time.monotonic() - begun
        return report

    def _is_enough(self, report: Report, in_a_row: int) -> bool:
        """Whether no other picture is to be begun; a note says why, once."""
        note = ""
        tokens = report.usage.input_tokens + report.usage.output_tokens
        if in_a_row >= IN_A_ROW:
            note = f"stopped, since {in_a_row} pictures in a row failed: {report.failures[-1]['error']['message']}"
        elif self._token_limit is not None and tokens >= self._token_limit:
            note = f"stopped at {tokens:,} tokens; the limit is {self._token_limit:,}"
        if note and not any(known.startswith("stopped") for known in report.notes):
            report.notes.append(note)
        return bool(note)

    def _take(self, flying: set[Future[_Done]], report: Report, in_a_row: int, tell: Tell) -> int:
        """Wait for what is next to be done, and write it into the report; how many failed in a row by now."""
        ready, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in ready:
            flying.discard(future)
            if isinstance(future.exception(), DescribingStopped):
                continue  # another one failed for all, and says why
            done = future.result()
            report.usage += done.usage
            report.gone += done.gone
            report.described += len(done.described)
            report.failed += len(done.errors)
            report.notes += [note for note in done.notes if note not in report.notes][: MOST_TOLD - len(report.notes)]
            for id_, description in done.described.items():
                if len(report.descriptions) < MOST_TOLD:
                    report.descriptions[id_] = description
            names = {picture.id: picture.name for picture in done.pictures}
            for id_, error in done.errors.items():
                if len(report.failures) >= MOST_TOLD:
                    report.failures.pop()  # the last one says what the run ended with
                report.failures.append({"picture": id_, "name": names[id_], "error": error.as_dict()})
            passing = [error for error in done.errors.values() if error.again and not isinstance(error, NotShown)]
            in_a_row = 0 if done.described else in_a_row + len(passing)
            tried = report.described + report.failed + report.gone
            tell(tried, report.wanted, done.pictures[-1].name if done.pictures else "")
        return in_a_row

    def _work(self, batch: list[str]) -> _Done:
        """Whoever meets what every picture would meet stops the others before they show, and pay for, another one."""
        if self._stop.is_set():
            raise DescribingStopped
        try:
            return self._describe(batch)
        except AtelierError:
            self._stop.set()
            raise

    def _describe(self, batch: list[str]) -> _Done:
        """Read, describe and write; each picture's failure is written too."""
        pictures = self._archive.ledger.many(batch)
        self._archive.check_room()
        opened, errors = {}, dict[str, DescribingFailed]()
        for picture in pictures.values():
            try:
                opened[picture.id] = images.decode(
                    picture.read(), picture.name, self._max_pixels, self._describer.wanted
                )
            except AtelierError as unread:  # the others may be read
                errors[picture.id] = NotShown(picture, unread)
        answers = self._ask(list(opened.values())) if opened else []
        described: dict[str, Description] = {}
        gone, usage, notes = len(batch) - len(pictures), Usage(), list[str]()
        for id_, answer in zip(opened, answers, strict=True):
            usage += answer.usage
            notes += [f"{pictures[id_].name}: {note}" for note in answer.notes]
            if answer.description is None:
                assert answer.error is not None, "a describer says why it has no description"
                errors[id_] = answer.error
            elif self._keep(id_, answer.description):
                described[id_] = answer.description
            else:
                gone += 1
        for id_, error in errors.items():
            self._archive.fail(id_, self._describer.engine, error, error.again)
        return _Done(list(pictures.values()), described, errors, gone, usage, tuple(notes))

    def _ask(self, pictures: list[Image.Image]) -> list[Described]:
        try:
            return self._describer.describe(pictures, self._stop)
        except (AtelierError, DescribingStopped):
            raise
        except Exception as error:  # one picture's failure must not stop the others
            log.exception("%s failed over a picture", self._describer.engine)
            return [Described(None, DescriberBroke(error)) for _ in pictures]

    def _keep(self, id_: str, description: Description) -> bool:
        said = words(description) if self._describer.recognises else ""
        told = description.model_dump(mode="json")
        return self._archive.keep(id_, self._describer.engine, told, sentences(description), said)
