"""Memories: the stories and pictures that were made, recalled by what is like them: by pictures, and by stories.

Two indices, one of the pictures' vectors and one of the stories', both derived: what one of them lacks is embedded
again from the chronicle, as after a change of models.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Lock

import numpy as np
from PIL import Image

from core import images
from core.errors import AtelierError, BadValue
from retrievers.base import Index, PictureEmbeddings, TextEmbeddings
from retrievers.memories.chronicle import Chronicle
from retrievers.memories.memory import Memory, Recalled
from retrievers.where import Condition

log = logging.getLogger("atelier")

MOST = 50  # memories of one answer
READ = 6_000  # characters of a story that are embedded: what begins alike is alike enough
TOGETHER = 64  # that are embedded and written together


class Memories:
    """Thread-safe. `own` is called before anything is written; raises `StoreBusy` where another process owns it."""

    def __init__(
        self,
        chronicle: Chronicle,
        by_picture: Index,
        by_story: Index,
        pictures: PictureEmbeddings,
        sentences: TextEmbeddings,
        own: Callable[[], object] | None = None,
    ) -> None:
        self.chronicle, self._pictures, self._sentences = chronicle, pictures, sentences
        self._by_picture, self._by_story = by_picture, by_story
        self._own, self._lock = own, Lock()
        self._lost = set[str]()  # whose pictures are gone

    def remember(self, memory: Memory, picture: bytes) -> bool:
        """Keep a memory; whether it is new. The same id twice is one memory."""
        self._claim()
        new = self.chronicle.write(memory, picture)
        self.catch_up()
        return new

    def recall_by_picture(self, picture: Image.Image, k: int, owner: str | None = None) -> list[Recalled]:
        """The `k` memories whose pictures are most like this one, best first; `owner`: those of one key alone."""
        _check(k)
        self._settle(self._by_picture, self._lost)
        if not self._by_picture.count():
            return []
        looks = self._pictures.looks(self._pictures.embed_pictures([picture], [""]))[0]
        return self._recalled(self._by_picture, looks, k, owner)

    def recall_by_story(self, text: str, k: int, owner: str | None = None) -> list[Recalled]:
        """The `k` memories whose stories are most like this text, best first; likewise."""
        _check(k)
        self._settle(self._by_story, set())
        if not self._by_story.count() or not text.strip():
            return []
        return self._recalled(self._by_story, self._sentences.embed(text[:READ]), k, owner)

    def forget(self, ids: Iterable[str]) -> int:
        """Forget memories; how many there were."""
        self._claim()
        wanted = list(ids)
        count = self.chronicle.forget(wanted)
        with self._lock:
            for index in (self._by_picture, self._by_story):
                index.delete(wanted)
        return count

    def clear(self, owner: str | None = None) -> int:
        """Forget everything, or all of one key; how many there were."""
        return self.forget(sorted(self.chronicle.ids(owner)))

    def catch_up(self) -> int:
        """Bring both indices in line with the chronicle; how many rows were written."""
        with self._lock:
            written = self._fill(self._by_story, self._story_vectors, frozenset())
            return written + self._fill(self._by_picture, self._picture_vectors, frozenset(self._lost))

    def _fill(self, index: Index, embed: Callable[[list[Memory]], dict[str, np.ndarray]], lost: frozenset[str]) -> int:
        held, present = self.chronicle.ids(), index.rows().keys()
        self._lost &= held
        index.delete(sorted(present - held))
        lacking = list(self.chronicle.many(sorted(held - present - lost)).values())
        written = 0
        for start in range(0, len(lacking), TOGETHER):
            part = lacking[start : start + TOGETHER]
            rows = embed(part)
            kept = [memory for memory in part if memory.id in rows]
            if kept:
                titles = [memory.title or memory.id for memory in kept]
                matrix = np.stack([rows[memory.id] for memory in kept])
                index.upsert([memory.id for memory in kept], matrix, titles, [{"owner": one.owner} for one in kept])
            written += len(rows)
        return written

    def _story_vectors(self, memories: list[Memory]) -> dict[str, np.ndarray]:
        return {memory.id: self._sentences.embed(memory.story[:READ]) for memory in memories}

    def _picture_vectors(self, memories: list[Memory]) -> dict[str, np.ndarray]:
        rows: dict[str, np.ndarray] = {}
        for memory in memories:
            try:
                opened = images.decode(memory.read(), memory.id, None, wanted=2 * self._pictures.wanted)
            except AtelierError as error:  # somebody took its picture away; its story is still found
                log.warning("memory %s: %s", memory.id, error.message)
                self._lost.add(memory.id)
                continue
            rows[memory.id] = self._pictures.looks(self._pictures.embed_pictures([opened], [""]))[0]
        return rows

    def _settle(self, index: Index, lost: set[str]) -> None:
        """What was written by another thread a moment ago, or by another process, is found as well."""
        if index.count() != self.chronicle.count() - len(lost):
            self.catch_up()

    def _recalled(self, index: Index, vector: np.ndarray, k: int, owner: str | None) -> list[Recalled]:
        hits = index.query(vector, k, () if owner is None else (Condition("owner", "==", owner),))
        memories = self.chronicle.many([hit.id for hit in hits])
        return [Recalled(memories[hit.id], hit.score) for hit in hits if hit.id in memories]

    def _claim(self) -> None:
        if self._own is not None:
            self._own()


def _check(k: int) -> None:
    if not 1 <= k <= MOST:
        raise BadValue("top_k", k, f"a whole number from 1 to {MOST}")
