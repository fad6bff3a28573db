"""Hero: whom a story names most, and what of that can be painted: a name has no face, `an old woman` has one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generators.stories.recollection import recollect
from generators.stories.story import Remembered
from generators.stories.subjects import subjects_in

NEAR = 3  # sentences from one that names the hero on, in which `she` is the hero
_CHILD = re.compile(
    r"\b(?:child|girl|boy|little|smallest in the class|school|form|aged? (?:four|five|six|seven|eight|nine|ten|\d)"
    r"|was (?:nearly )?(?:four|five|six|seven|eight|nine|ten)(?: years old)?|who was (?:six|seven|eight|nearly ten))\b",
    re.I,
)
_OLD = re.compile(
    r"\b(?:old (?:man|woman|lady)|grandmother|grandfather|grey hair|white beard|thirty winters"
    r"|(?:forty|fifty|sixty) years)\b",
    re.I,
)


@dataclass(frozen=True)
class Hero:
    name: str
    look: str  # `a girl`, `an old man`, `a fox`

    def behind(self, sentence: str) -> Iterator[str]:
        """What stands behind the hero's name in a sentence."""
        for found in re.finditer(rf"\b{re.escape(self.name)}\b,?\s+", sentence):
            yield sentence[found.end() :]


def find_hero(sentences: Sequence[str]) -> Hero | None:
    """The hero of a story; None where nobody is named."""
    name = recollect(Remembered("", "", " ".join(sentences))).person
    if not name:
        return None
    own = [at for at, sentence in enumerate(sentences) if re.search(rf"\b{re.escape(name)}\b", sentence)]
    called = _called(name, [sentences[at] for at in own])
    if called:
        return Hero(name, called)
    near = " ".join(sentences[at] for start in own for at in range(start, min(len(sentences), start + NEAR)))
    words = Counter(re.findall(r"[a-z]+", near.lower()))
    she = words["she"] + words["her"] >= words["he"] + words["his"] + words["him"]
    named = " ".join(sentences[at] for at in own)
    if (
        name.startswith(("Old", "Grandmother", "Grandfather"))
        or re.search(rf"\bOld {name}\b", named)
        or _OLD.search(named)
    ):
        return Hero(name, "an old woman" if she else "an old man")
    if _CHILD.search(named):
        return Hero(name, "a little girl" if she else "a little boy")
    return Hero(name, "a woman" if she else "a man")


def _called(name: str, sentences: Sequence[str]) -> str:
    """What a story says that the hero is: `Pepper, a grey cat`, `a girl named Anna`, `Anna was a young sailor`."""
    for sentence in sentences:
        behind = re.search(rf"\b{re.escape(name)}(?: was|,) (an? [^.,;!?]+)", sentence)
        before = re.search(rf"\b([Aa]n? [^.,;!?]+?),? (?:called|named) {re.escape(name)}\b", sentence)
        for said in (found[1] for found in (behind, before) if found):
            living = [one.phrase for one in subjects_in(said) if one.living]
            if living:
                return living[0]
    return ""
