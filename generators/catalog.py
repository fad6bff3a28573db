"""Catalogue: from a name to a generator. The only file that imports the heavy leaves."""

from __future__ import annotations

from core.errors import BadValue
from core.once import Once
from generators.orders import Generator

ENGINES = ("painter",)


def open_generator(engine: str | None = None) -> Generator:
    """The generator of that name, made once per process; the default needs no weights."""
    return _generators(named(engine))


def named(engine: str | None) -> str:
    """The name of an engine that there is; nothing is loaded. Raises `BadValue`."""
    name = ENGINES[0] if engine is None else engine
    if name not in ENGINES:
        raise BadValue("engine", name, " or ".join(ENGINES))
    return name


def _open(engine: str) -> Generator:
    from generators.painter.painter import Painter

    return Painter()


_generators: Once[str, Generator] = Once(_open)
