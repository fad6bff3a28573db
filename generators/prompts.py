"""Prompts: from a question and the passages that answer it to the prompt of a picture, within CLIP's 77 tokens.

    question ── subject ─────────────────────────────┐
    passages ── sentences ── phrases ── the visible ─┴─ fitted ── "A highly detailed digital painting of ..."

A phrase is worth what of it can be seen and is new, and how near it is to the question. A picture has one hour, one
season, one weather and one side of a wall: what speaks of another is left out, and so is what tells of years and
events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import BadValue
from generators.clauses import names_in, phrases_of, sentences_of
from generators.moments import Moments, agree, moments_of, without
from generators.subject import head_of, subject_of
from generators.tokens import MOST, estimate_tokens
from generators.visible import listed, visibility, weight_of, words_of

TEMPLATE = "A highly detailed digital painting of {subject}"
LEAST = 0.17  # visibility of a phrase that is worth its tokens
MOST_PHRASES = 5
LETTERS = 40  # of a token; more of a text is not even counted
NOTHING = "a quiet scene"  # where neither question nor passages say what it shows
FURTHER = 0.93  # worth of each passage, times that of the one before
AGAIN = 0.8  # worth of a phrase for each that its passage has given already
LONG = 10  # words that are added to a phrase's own: one that shows a whole is worth more than its densest part
_ASKED_INSIDE = re.compile(r"\b(?:inside|interiors?|indoors|within)\b", re.I)
_INSIDE = re.compile(r"^(?:inside|indoors|within)\b|\binteriors?\b", re.I)
_ROOMS = re.compile(
    r"\b(?:chamber|nave|chandeliers?|ceilings?|fireplace|living room|(?:dim|long|stone) halls?|altar|choir|candles)\b"
)
_IN_ROOMS = re.compile(rf"{_ROOMS.pattern}|\b(?:vaults?|floor|chapels?|stained glass|shafts of \w*light)\b")
_OUTSIDE = re.compile(
    r"^(?:outside|from (?:a|the) (?:boat|air|river|street|distance)|in front|around it|behind it)\b", re.I
)
_COMMON = listed("look like does what which show with from that this have were there their about made")

Nearness = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a question and sentences
Rewrite = Callable[[str, str, int], str]  # of a question and a description, at most so many tokens: a better one


@dataclass(frozen=True)
class IllustrationPrompt:
    """A prompt, and what it is made of."""

    text: str
    subject: str
    phrases: tuple[str, ...]  # in their order in the prompt
    passages: tuple[int, ...]  # that each phrase comes from
    tokens: int

    def as_dict(self) -> dict[str, Any]:
        return {"prompt": self.text, "subject": self.subject, "phrases": list(self.phrases), "tokens": self.tokens}


@dataclass(frozen=True)
class _Candidate:
    phrase: str
    of_subject: bool
    passage: int
    sentence: tuple[int, int]  # of all, and the clause in it
    near: float  # to the question, 0..1
    moments: Moments


class Illustrator:
    """Makes prompts. `nearness` compares sentences as a sentence model does, by words where it is None; `count_tokens`
    is CLIP's own where its tokenizer is at hand; `rewrite` is the place of a language model, whose text is cut to fit.
    """

    def __init__(
        self,
        template: str = TEMPLATE,
        nearness: Nearness | None = None,
        count_tokens: Callable[[str], int] | None = None,
        rewrite: Rewrite | None = None,
        limit: int = MOST,
    ) -> None:
        if "{subject}" not in template:
            raise BadValue("template", template, "a text with {subject} in it")
        self._template, self._rewrite, self._limit = template, rewrite, limit
        self._nearness = _by_words if nearness is None else nearness
        self._count = estimate_tokens if count_tokens is None else count_tokens

    def prompt(self, question: str, passages: Sequence[str], titles: Sequence[str] = ()) -> IllustrationPrompt:
        """The prompt of a question, from its passages, the best first; `titles` are those of their documents, one each.

        Raises `BadValue` where there is neither a question nor a passage, and where not even the template fits.
        """
        if not question.strip() and not any(text.strip() for text in passages):
            raise BadValue("question", question, "some words, or passages")
        if titles and len(titles) != len(passages):
            raise BadValue("titles", f"{len(titles)} of them", f"one for each of the {len(passages)} passages")
        main = _main(titles)
        own = [text for number, text in enumerate(passages) if not titles or titles[number] == main]
        subject = self._cut(subject_of(question, own, main))
        chosen = self._chosen(question, subject, list(self._candidates(question, subject, passages, titles, main)))
        described = ", ".join(filter(None, [subject, *(one.phrase for one in chosen)])) or NOTHING
        if self._rewrite is not None:
            described = self._cut(self._rewrite(question, described, self._room()) or described)
        text = self._filled(described)
        phrases = tuple(one.phrase for one in chosen)
        return IllustrationPrompt(text, subject, phrases, tuple(one.passage for one in chosen), self._count(text))

    def _filled(self, described: str) -> str:
        return self._template.replace("{subject}", described)

    def _room(self) -> int:
        return self._limit - self._count(self._filled(""))

    def _cut(self, described: str) -> str:
        """A description that fits, cut behind a phrase, or else behind a word."""
        text = " ".join(described.split())[: LETTERS * self._limit].rstrip(".")
        while self._count(self._filled(text)) > self._limit:
            shorter = re.match(r"(.+)[,;.]\s", text) or re.match(r"(.+)\s", text) or re.match(r"(.+).", text)
            if shorter is None:
                raise BadValue("template", self._template, f"a text that leaves room within {self._limit} tokens")
            text = shorter[1].rstrip(" ,;.")
        return text

    def _candidates(
        self, question: str, subject: str, passages: Sequence[str], titles: Sequence[str], main: str
    ) -> Iterator[_Candidate]:
        inside = bool(_ASKED_INSIDE.search(question))
        names = names_in([*passages, *titles, f"of {question}"]) | set(" ".join(titles).split())
        itself = {name.lower().removeprefix("the ") for name in (subject, head_of(subject), main) if name}
        told: list[tuple[int, str]] = []
        for number, text in enumerate(passages):
            if titles and titles[number] != main:
                continue
            within = False
            for sentence in sentences_of(text):
                leaves = _OUTSIDE.search(sentence) or (moments_of(sentence) and not _IN_ROOMS.search(sentence))
                within = bool(_INSIDE.search(sentence)) or (within and not leaves)
                rooms = within or (_IN_ROOMS if inside else _ROOMS).search(sentence) is not None
                if rooms == inside:
                    told.append((number, sentence))
        wanted = moments_of(question)
        near = self._nearness(question, [sentence for _, sentence in told]) if told else []
        for at, ((number, sentence), cosine) in enumerate(zip(told, near, strict=True)):
            near_it = max(0.0, min(1.0, cosine)) * FURTHER**number
            for phrase in phrases_of(sentence, names, itself):
                moments, text = moments_of(phrase.text), without(phrase.text, wanted)
                if text:
                    yield _Candidate(text, phrase.of_subject, number, (at, phrase.clause), near_it, moments)

    def _chosen(self, question: str, subject: str, candidates: list[_Candidate]) -> list[_Candidate]:
        """The best phrases that fit, one of a clause, each for what it adds to those before."""
        wanted = moments_of(question)
        said, used = set(words_of(subject)), set[tuple[int, int]]()
        chosen: list[_Candidate] = []
        while len(chosen) < MOST_PHRASES:
            moments = _together([wanted, *(one.moments for one in chosen)])
            fitting = [
                (self._worth(one, said, wanted) * AGAIN ** sum(one.passage == other.passage for other in chosen), one)
                for one in candidates
                if one.sentence not in used and agree(one.moments, moments) and self._fits(subject, [*chosen, one])
            ]
            worth, best = max(fitting, key=lambda pair: pair[0], default=(0.0, None))
            if best is None or worth <= 0:
                break
            chosen.append(best)
            used.add(best.sentence)
            said |= set(words_of(best.phrase))
        return sorted(chosen, key=lambda one: (not one.of_subject, bool(one.moments), one.passage, one.sentence))

    def _worth(self, one: _Candidate, said: set[str], wanted: Moments) -> float:
        meant = any(one.moments.get(kind, set()) & names for kind, names in wanted.items())
        if visibility(one.phrase) < (LEAST / 3 if meant else LEAST):
            return 0.0
        words = words_of(one.phrase)
        new = sum(weight_of(word) for word in set(words) - (set() if meant else said)) / (len(words) + LONG)
        if wanted and one.moments and not meant:
            return 0.0  # a question that names its moment gets no other
        return new * (0.15 + one.near + meant) * (1.0 if meant else min(1.0, len(words) / 8))

    def _fits(self, subject: str, chosen: Sequence[_Candidate]) -> bool:
        described = ", ".join(filter(None, [subject, *(one.phrase for one in chosen)]))
        return self._count(self._filled(described)) <= self._limit


def _main(titles: Sequence[str]) -> str:
    """The title that most of the best passages have."""
    weights: dict[str, float] = {}
    for number, title in enumerate(titles):
        weights[title] = weights.get(title, 0) + 1 / (1 + number)
    return max(weights, key=lambda title: weights[title], default="")


def _together(parts: Sequence[Moments]) -> Moments:
    found: Moments = {}
    for moments in parts:
        for kind, names in moments.items():
            found[kind] = found.get(kind, set()) | names
    return found


def _by_words(question: str, sentences: Sequence[str]) -> list[float]:
    """The share of a question's words that each sentence has, by how they begin."""
    wanted = {word[:5] for word in words_of(question) if len(word) > 3 and word not in _COMMON}
    return [len(wanted & {word[:5] for word in words_of(text)}) / max(1, len(wanted)) for text in sentences]
