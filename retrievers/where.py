"""Where: what the metadata of a row must say for the row to be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | bool | list[str]
Operator = Literal["==", "!=", ">=", "<=", "in"]


@dataclass(frozen=True)
class Condition:
    """One demand on one key. A list in a row equals each of its entries; a row without the key meets `!=` alone."""

    key: str
    operator: Operator
    value: str | int | float | bool | tuple[str, ...]  # the tuple for `in`: any of these


Where = tuple[Condition, ...]  # all of them hold; none: every row does
