"""Grammar: rules with alternatives, of which one is drawn that fits what is the case.

    when:
      [night] long after the last lamp had gone out
      [!night rain] while <rain falls>

An alternative may name conditions: tags or words that must be there, or with `!` must not, or several of which one is
enough (`rain|snow`). What names more of them is likelier, so that a text speaks of its picture wherever it can.
`<rule>` stands for an alternative of another rule, `{word}` for a word of the story's own; where that word is not
there, the alternative does not fit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

SPECIFIC = 2  # times as likely is an alternative for each condition that it names
_PART = re.compile(r"<([a-z][\w .-]*)>|\{(\w+)\}")
_CONDITIONS = re.compile(r"\[([^\]]*)\]\s*")


@dataclass(frozen=True)
class Alternative:
    text: str
    conditions: tuple[str, ...] = ()

    def fits(self, tags: Collection[str]) -> bool:
        return all(_holds(condition, tags) for condition in self.conditions)


Rules = Mapping[str, Sequence[Alternative]]


def _holds(condition: str, tags: Collection[str]) -> bool:
    if condition.startswith("!"):
        return condition[1:] not in tags
    return any(tag in tags for tag in condition.split("|"))


def rules_of(text: str) -> dict[str, tuple[Alternative, ...]]:
    """The rules that a text writes down: a name and a colon, and below it a line for each alternative."""
    found: dict[str, list[Alternative]] = {}
    name = ""
    for line in filter(str.strip, text.splitlines()):
        if not line.startswith(" "):
            name = line.strip().removesuffix(":")
            found.setdefault(name, [])
        elif line.startswith("    "):  # goes on
            last = found[name].pop()
            found[name].append(Alternative(f"{last.text} {line.strip()}", last.conditions))
        else:
            head = _CONDITIONS.match(line.strip())
            told = line.strip()[head.end() :] if head else line.strip()
            found[name].append(Alternative(told, tuple(head[1].split()) if head else ()))
    return {name: tuple(alternatives) for name, alternatives in found.items()}


class Grammar:
    """Draws texts. The same seed, words and tags draw the same; no alternative is drawn twice, where another fits."""

    def __init__(self, rules: Rules, words: Mapping[str, str], tags: Collection[str], draws: random.Random) -> None:
        self._rules, self._draws = rules, draws
        self.words, self.tags = dict(words), set(tags)
        self._used: set[Alternative] = set()

    def expand(self, name: str) -> str:
        """A text by the rule of that name; empty where nothing fits."""
        chosen = self._chosen(name)
        if chosen is None:
            return ""
        self._used.add(chosen)
        return self.filled(chosen.text)

    def has(self, name: str) -> bool:
        """Whether an alternative of the rule is left that fits."""
        return any(one not in self._used for one in self._fitting(name))

    def filled(self, text: str) -> str:
        """A text with all its parts."""
        return _PART.sub(lambda found: self.words[found[2]] if found[2] else self.expand(found[1]), text)

    def _fitting(self, name: str) -> Iterator[Alternative]:
        there = {*self.tags, *self.words}
        for one in self._rules.get(name, ()):
            if one.fits(there) and all(self._possible(*found) for found in _PART.findall(one.text)):
                yield one

    def _possible(self, rule: str, word: str) -> bool:
        return next(self._fitting(rule), None) is not None if rule else word in self.words

    def _chosen(self, name: str) -> Alternative | None:
        fitting = list(self._fitting(name))
        fresh = [one for one in fitting if one not in self._used] or fitting
        weights = [SPECIFIC ** sum(not condition.startswith("!") for condition in one.conditions) for one in fresh]
        if "." in name:  # parts of plots: what they ask for is no reason to prefer them
            weights = [1 for _ in fresh]
        return self._draws.choices(fresh, weights)[0] if fresh else None
