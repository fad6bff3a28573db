"""Clauses: from sentences about a thing to phrases that say what of it is seen, without time that has passed.

`The outer wall is travertine, a pale cream limestone` becomes `the outer wall of travertine, a pale cream limestone`,
and `four legs lean inwards and sweep up` becomes `four legs leaning inwards and sweeping up`: phrases that stand behind
a subject and a comma. What these rules do not understand, they leave out; and what tells of years and builders.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from generators.moments import MOMENT_WORDS, moments_of
from generators.verbs import (
    COPULAS,
    DETERMINERS,
    HAVING,
    NO_NOUNS,
    PREPOSITIONS,
    bare,
    base_of,
    begins_with_verb,
    is_known,
    joined_at,
    participle,
    verb_at,
)
from generators.visible import COLOUR, MATERIAL, listed, visibility, weight_of

_MATERIALS = listed(
    "adobe alabaster basalt brass brick bricks bronze clay concrete copper earth flagstone flint glass gold"
    " granite iron ivory jade lead leather limestone marble metal mud oak plaster porcelain porphyry sandstone"
    " silk silver slate steel stone terracotta timber tin travertine tuff velvet wood wool"
)
_ITSELF = listed(
    "building house castle temple church cathedral tower tomb amphitheatre fortress palace mosque monument"
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|been|began|became|brought|built by|came|designed by|died|drew|fell|gave|knew|known|lived"
    r"|made it|named after|opened in|ruled|saved|stood|struck|took|went|won|wrote)\b"
)
_DATED = re.compile(
    r"\b\d{3,4}s?\b|\b\d{1,2}(?:st|nd|rd|th)\b|\bcentur(?:y|ies)\b|\byears?\b|\bdynast(?:y|ies)\b|\b(?:BC|AD|BCE|CE)\b"
    r"|\bancient world\b|\bin the world\b|\bemperor|\bempire\b|\bhistory\b|\barchitects?\b|\bnowadays\b|\btoday\b"
    r"|\bonce\b|\bnobody\b|\bstill goes on\b|\bprobably\b|\bperhaps\b|\bvisitors?\b|\btourists?\b|\bfor example\b"
)
_MEASURED = re.compile(
    r"[,;]?\s*\b(?:about|some|almost|nearly|over|only|more than|at least)?\s*"
    r"(?:\d[\d.,]*|ten|twenty|thirty|forty|fifty)"
    r"(?:\s+\w+)?\s+(?:m|metres?|meters?|feet|foot|km|kilometres?|kilometers?|miles?|cm|hectares?|tonnes?)\b"
    r"(?:\s+(?:tall|high|wide|long|across|deep|above the sea|in (?:height|length|width|diameter)))?,?"
)
_ENDS = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[^\W\d_a-z])|\n+")
# where a new clause begins, and where one that says why, until when or as if
_NEW = re.compile(r";\s+|,\s+(?:and|but|while)\s+(?=(?:[\w'’-]+\s){1,9})")
_ASIDE = re.compile(
    r",?\s+(?:\w+ so \w+ that|so \w+ that|so that|because|since|until|unless|although|though|as if|whose|who)\b.*"
    r"|,\s+(?:which|when|where nobody)\s.*|:\s.*",
    re.S,
)
_OPENING = re.compile(
    r"^(?:where|when|while|as|if|since|once|although|seen)\b[^,]*,\s*|^(?:in|on|at|along|from|beyond)\s[^,]{1,30}?\s(?=it\s)",
    re.I,
)
_LISTED = re.compile(r"(?:[\w'’-]+\s){0,4}(?:and|or)\s|(?:[\w'’-]+\s?){1,3}$")  # a further thing of a list
_SITE = re.compile(
    r"^(?:below|above|inside|outside|from outside|behind|nearby|all around|around|in places|here|there|opposite),\s+"
    r"|^(?:below|above|over|between|behind|around|beside|beneath|under|among)(?:\sand\s\w+)?\s(?:them|these|this|those|both),?\s+",
    re.I,
)
_LOOSE = re.compile(r"\s(?:beyond|around|behind|between|before|above|below|beside|beneath|over)\s(?:them|these|those)$")
_STANDING = listed(
    "be begin come crouch gleam glow grow hang hide lie loom open project rise run shine sit spread stand tower"
)
_FRONTED = re.compile(
    r"^(?P<front>(?:(?:in|at|on|before|by|towards|under|from|after)\s(?:[\w'’-]+\s){0,3}?(?:"
    + "|".join(MOMENT_WORDS)
    + r")(?:s|\s(?:light|season|sun|sky|air|hours|"
    + "|".join(MOMENT_WORDS)
    + r"))?|after dark)),?\s+(?P<rest>\S.*)$",
    re.I | re.S,
)
_PRONOUNS = re.compile(
    r"^(?:they|we|you|one|this|that|these|those|some|others?|all of|both|there|everything|people|what"
    r"|the (?:\w+ )?ones|the (?:oldest|largest|smallest|others?|latter|former|rest)\s(?!\w+ (?:of|is|are)\b))\b",
    re.I,
)
_NO_PICTURE = listed("not to nothing so what one mostly only no also as in")


LONGEST = 1_000  # letters of a sentence


@dataclass(frozen=True)
class Phrase:
    text: str
    of_subject: bool = False  # it has no subject of its own, and stands best right behind the picture's
    clause: int = 0  # of the sentence, that it comes from


def sentences_of(text: str) -> list[str]:
    """The sentences of a passage, but for endless ones; a line is one at least."""
    return [part.strip() for part in _ENDS.split(text) if part.strip() and len(part) <= LONGEST]


def phrases_of(sentence: str, names: Collection[str] = (), itself: Collection[str] = ()) -> Iterator[Phrase]:
    """The phrases that a sentence of description gives; none where it tells no picture. `names` keep their capitals;
    `itself` are nouns and names for what the picture is of, in small letters, which are not said again."""
    plain = " ".join(_MEASURED.sub(_gap, re.sub(r"\s*\([^)]*\)|\[\d+\]", "", sentence)).split()).rstrip(".!?… ")
    for number, clause in enumerate(_clauses(plain)):
        if _PAST.search(clause) or _DATED.search(clause):
            clause = re.split(r"[,:;]", clause)[0]  # what is told before may be seen
            if _PAST.search(clause) or _DATED.search(clause):
                continue
        short = _ASIDE.sub("", clause)
        segments = short.split(", ")
        ends = [at for at in range(len(segments), 0, -1) if at == len(segments) or not _LISTED.match(segments[at])]
        shorter = (", ".join(segments[:end]) for end in ends)
        for told in dict.fromkeys((clause if re.search(r":\s|,\s+which\s", clause) else short, *shorter)):
            phrase = _phrase(told, names, itself)
            if phrase is not None:
                yield replace(phrase, clause=number)
        yield from (replace(phrase, clause=number) for phrase in _states(clause))


def _gap(measure: re.Match[str]) -> str:
    """What is left of a measure: the comma where it stood between two."""
    return ", " if measure[0].startswith((",", ";")) and measure[0].endswith(",") else " "


def names_in(texts: Collection[str]) -> frozenset[str]:
    """The words that have a capital also within a sentence."""
    found = {word for text in texts for word in re.findall(r"(?<=[a-z,] )[A-Z\u00c0-\u00de][\w'’-]*", text)}
    return frozenset(found)


def _clauses(sentence: str) -> list[str]:
    """The clauses of a sentence that have verbs of their own; the others stay with the one before."""
    found: list[str] = []
    start = 0
    for cut in _NEW.finditer(sentence):
        rest = sentence[cut.end() :].split()
        end = next((at for at, word in enumerate(rest) if word[-1] in ";:"), len(rest))
        own = verb_at(_without_front(" ".join(rest[: end + 1])).split())
        if cut[0].startswith(";") or (own is not None and own < 12 and not begins_with_verb(rest)):
            found.append(sentence[start : cut.start()])
            start = cut.end()
    return [*found, sentence[start:]]


def _without_front(clause: str) -> str:
    fronted = _FRONTED.match(clause)
    return fronted["rest"] if fronted else clause


def _states(clause: str) -> Iterator[Phrase]:
    """Of a list of how a thing looks by the hour, its parts: `pearl grey at dawn, honey gold at sunset`."""
    parts = [re.sub(r"^and\s+", "", part.strip()) for part in re.split(r"[,:;]\s+", clause)]
    timed = [part for part in parts if len(moments_of(part)) == 1 and verb_at(part.split()) is None]
    if len(timed) >= 2:
        yield from (
            Phrase(part, True) for part in timed if visibility(part) > 0.2 and bare(part.split()[0]) not in PREPOSITIONS
        )


def _phrase(clause: str, names: Collection[str], itself: Collection[str]) -> Phrase | None:
    """A clause without its finite verb; None where it cannot stand behind a subject."""
    clause = _OPENING.sub("", clause.strip(" ,;:"))
    fronted = _FRONTED.match(clause)
    if fronted and len(fronted["rest"].split()) >= 3:
        told = _phrase(fronted["rest"], names, itself)
        return told and Phrase(f"{told.text} {fronted['front'][0].lower()}{fronted['front'][1:]}", told.of_subject)
    clause = _SITE.sub("", clause)
    if not clause or _PRONOUNS.match(clause):
        return None
    segments = clause.split(", ")
    main = next((at for at in range(len(segments)) if verb_at(", ".join(segments[: at + 1]).split()) is not None), None)
    if main is None:
        return None
    told = _turned(", ".join(segments[: main + 1]).split(), names, itself)
    if told is None:
        return None
    further = [_further(segment, names) for segment in segments[main + 1 :]]
    plain = re.fullmatch(r"((?:[\w'’-]+ )+)([\w'’-]+) (?:is|are) ([\w-]+)", clause)
    if plain and weight_of(plain[3]) >= COLOUR:  # `the roof is red`
        return Phrase(_uncapital(f"{plain[1]}{plain[3]} {plain[2]}", names))
    text = _LOOSE.sub("", ", ".join([told.text, *further]).strip(" ,;:"))
    return Phrase(text, told.of_subject) if len(text.split()) >= 3 else None


def _further(segment: str, names: Collection[str]) -> str:
    """What follows a comma: turned as well, where it has a verb and a subject of its own."""
    words = segment.split()
    if len(words) > 2 and bare(words[0]) in ("then", "and") and is_known(words[1]):
        return " ".join([words[0], *_as_participles(words[1], words[2:])])
    if not words or bare(words[0]) in PREPOSITIONS | {"where", "which", "each", "and"} or verb_at(words) is None:
        return segment
    told = _turned(words, names, ())
    return segment if told is None else told.text


def _turned(words: list[str], names: Collection[str], itself: Collection[str]) -> Phrase | None:
    """A clause of one verb as a phrase."""
    at = verb_at(words)
    if at is None:
        return None
    verb, before, after = bare(words[at]), words[:at], words[at + 1 :]
    if not after and verb in COPULAS | HAVING:
        return None
    apart = bare(before[0]) in PREPOSITIONS or [bare(word) for word in before] == ["all", "around"]
    if apart and base_of(verb) in _STANDING and after and bare(after[0]) not in NO_NOUNS | _NO_PICTURE:
        return Phrase(_uncapital(" ".join([*before, *after]), names))  # `behind it stands the dark arch`
    if verb in COPULAS:
        said = _without_copula(after)
    elif verb in HAVING:
        said = None if _is_perfect(after) else ["with", *after]
    else:
        said = _as_participles(words[at], after)
    if said is None:
        return None
    subject = " ".join(before).lower().removeprefix("the ").removeprefix("whole ")
    alone = subject in itself or subject in ("it", "he", "she") or (subject in _ITSELF and len(before) > 1)
    return Phrase(_uncapital(" ".join(said if alone else [*before, *said]), names), alone)


def _as_participles(verb: str, after: list[str]) -> list[str]:
    """A verb and what follows it, with the verbs that are joined to it."""
    joined = set(joined_at(after, verb))
    return [participle(verb), *(participle(word) if at in joined else word for at, word in enumerate(after))]


def _without_copula(after: list[str]) -> list[str] | None:
    kinds = [bare(word) for word in after[:5]]
    if not kinds or kinds[0] in _NO_PICTURE or (len(after) == 1 and weight_of(kinds[0]) < MATERIAL):
        return None
    if kinds[0] in ("built", "made") and kinds[1:2] == ["of"]:
        return after[1:]
    for number, kind in enumerate(kinds):
        if (
            kind in _MATERIALS
            and kinds[0] not in ("a", "an", "the")
            and not kinds[0].endswith("ed")
            and kinds[0] != "clad"
        ):
            return ["of", *after]
        if after[number][-1] in ",;":
            break
    return after


def _is_perfect(after: list[str]) -> bool:
    """Whether `have` belongs to a participle: `have polished some of them`, and not `have curved roofs`."""
    if len(after) < 2 or not re.search(
        r"(?:ed|en|own|ung|elt)$|^(?:lost|left|kept|made|seen|gone|come|become|got|held|lain|sunk|sprung)$",
        bare(after[0]),
    ):
        return False
    return bare(after[1]) in PREPOSITIONS | DETERMINERS | {"some", "it", "them", "away", "down", "off", "up"}


def _uncapital(text: str, names: Collection[str]) -> str:
    first = text.split()[0].strip(",;:")
    kept = first in names or (len(first) > 1 and not first[1:].islower() and first[1] not in "'’")
    return text if kept else text[0].lower() + text[1:]
