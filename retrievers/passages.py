"""Passages: the document library as it is asked: by what a question means, and by the words that it names.

    question ─┬─ vectors near to the question's ──┬─ reciprocal ranks ─ the best k
              └─ words of title, headings, text ──┘

A name such as `Colosseum` says little to a sentence model and much to an index of words; a question in other words than
the text's is the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.colours import Array
from core.errors import BadValue, NotFound
from core.settings import check_text
from retrievers.base import Index, TextEmbeddings
from retrievers.documents.document import Document
from retrievers.documents.intake import DocumentIntake
from retrievers.documents.ledger import DocumentLedger
from retrievers.documents.preparation import CORES
from retrievers.fusion import fuse, ranks
from retrievers.ingest.report import Report, Tell
from retrievers.likeness import present
from retrievers.passage import Passage
from retrievers.where import Condition

MOST = 100  # passages of one search
DEPTH = 50  # of each list, and at least 4 times what is asked for
WORDS = 1.0  # weight of the words beside the vectors
# A passage is weak where its cosine and NAMED times the share of the question's words that it has, the rare ones for
# more, are less than WEAK together. Of 36 questions about the samples' texts it lets 35 pass; of 86 others, asked of
# those and of 1,300 chunks of manuals, 3.
WEAK, NAMED = 0.36, 0.3


class NoDocuments(NotFound):
    def __init__(self) -> None:
        super().__init__("the document library is empty", "take documents into it first")


class PassageLibrary:
    """Thread-safe. `intake` opens what writes, and raises `StoreBusy` where another process owns the library."""

    def __init__(
        self,
        ledger: DocumentLedger,
        index: Index,
        embeddings: TextEmbeddings,
        intake: Callable[[], DocumentIntake],
        max_chars: int = 10_000,  # of a question
    ) -> None:
        self.ledger, self.index, self.embeddings = ledger, index, embeddings
        self._intake, self._max_chars = intake, max_chars

    def add(self, files: Sequence[tuple[str, bytes]], tell: Tell | None = None) -> Report:
        """Take in files by their names and bytes; see `DocumentIntake.add`."""
        return self._writer().add(files, tell)

    def add_folder(self, path: Path, tell: Tell | None = None) -> Report:
        """Take in the documents below a folder; see `DocumentIntake.add_folder`."""
        return self._writer().add_folder(path, tell)

    def remove(self, id: str) -> None:
        """Raises `UnknownDocument` and `StoreBusy`."""
        self._writer().remove(id)

    def rebuild(self, tell: Tell | None = None) -> Report:
        """Read every original again; see `DocumentIntake.rebuild`."""
        return self._writer().rebuild(tell)

    def get(self, id: str) -> Document:
        """Raises `UnknownDocument`."""
        return self.ledger.get(id)

    def search(self, question: str, k: int = 5, document: str | None = None) -> list[Passage]:
        """The `k` passages that answer a question best, of all documents or of one.

        Raises `BadValue`, `NoDocuments` and `UnknownDocument`.
        """
        check_text("question", question, self._max_chars)
        if not question.strip():
            raise BadValue("question", question, "some words")
        if not 1 <= k <= MOST:
            raise BadValue("k", k, f"1 to {MOST}")
        if document is not None:
            self.ledger.get(document)
        if not self.ledger.count():
            raise NoDocuments
        vector = self.embeddings.embed(question)
        where = () if document is None else (Condition("document", "==", document),)
        depth = max(DEPTH, 4 * k)
        near = self.index.query(vector, depth, where)
        named = self.ledger.match(question, depth, document)
        lists = [
            (1.0, list(zip([hit.id for hit in near], ranks([hit.score for hit in near]), strict=True))),
            (WORDS, list(zip([id_ for id_, _ in named], ranks([score for _, score in named]), strict=True))),
        ]
        order = [id_ for id_, _ in fuse(each for each in lists if each[1])]
        return self._passages(question, order, vector, k)

    def nearness(self, question: str, sentences: Sequence[str]) -> Sequence[float]:
        """The cosine of a question with each of some sentences, by which a prompt may be made of them."""
        return cosines(self.embeddings, question, sentences)

    def _passages(self, question: str, order: Sequence[str], vector: Array, k: int) -> list[Passage]:
        """The first `k` of the chunks that the ledger has."""
        there = self.ledger.chunks(order)
        chosen = [id_ for id_ in order if id_ in there][:k]
        scores = self._scores(chosen, vector)
        titles, rarities = self.ledger.titles(), self.ledger.rarities(question)
        found = []
        for id_ in chosen:
            document, chunk, score = id_.rpartition("-")[0], there[id_], scores.get(id_, 0.0)
            title = titles.get(document, document)
            stems = self.ledger.stems(title, *chunk.headings, chunk.text)
            named = sum(rarity for stem, rarity in rarities.items() if stem in stems) / (sum(rarities.values()) or 1)
            place = (chunk.place, title, " > ".join(chunk.headings), chunk.page, chunk.page_to)
            found.append(Passage(document, *place, chunk.text, score, score + NAMED * named < WEAK))
        return found

    def _scores(self, ids: Sequence[str], vector: Array) -> dict[str, float]:
        """The cosines of those that the index has; one that was just taken in may have none there yet."""
        held, vectors = present(self.index, ids)
        cosines = np.clip(vectors @ vector, -1, 1)
        return {id_: float(cosine) for id_, cosine in zip(held, cosines, strict=True)}

    def _writer(self) -> DocumentIntake:
        intake = self._intake()
        if intake.index is not self.index:  # another process owned the library when it was opened, and has ended
            self.ledger, self.index = intake.ledger, intake.index
        return intake

    def list(self) -> list[Document]:
        """The documents, the newest first; those that could not be read too, with their errors."""
        return self.ledger.documents()


def cosines(embeddings: TextEmbeddings, question: str, sentences: Sequence[str]) -> list[float]:
    """The cosine of a question with each of some sentences, on every core."""
    with ThreadPoolExecutor(CORES) as pool:
        asked, *vectors = pool.map(embeddings.embed, [question, *sentences])
    return [float(vector @ asked) for vector in vectors]
