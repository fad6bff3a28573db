"""`atelier settings`: every setting, what it takes, is for, and is here; docs/settings.md is made by it."""

from __future__ import annotations

import json
import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import click

if TYPE_CHECKING:
    from core.settings import Settings

HEAD = """# Settings

Set in the environment or in `.env`, beside this checkout; a value that cannot be is refused at the start by its name. \
`atelier settings` shows what is in force. This page is made from core/settings.py and .env.example, by \
`atelier settings --markdown`.

| setting | default | takes | what it is |
|---|---|---|---|
"""


@click.command("settings")
@click.option("--markdown", is_flag=True, help="as docs/settings.md has it: defaults, and what each takes")
@click.option("--json", "as_json", is_flag=True)
def show(markdown: bool, as_json: bool) -> None:
    """Every setting, and what it is here; secrets are not shown. What is not the default is marked."""
    from core.settings import ROOT, SECRET, Settings, get_settings

    if markdown:
        click.echo(HEAD + "\n".join(_rows()))
        return
    settings = get_settings()
    shown: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        secret = name.upper() in SECRET and bool(value)
        usual = ROOT / field.default if name in ("data_dir", "styles_dir") else field.default
        shown[name.upper()] = ("***" if secret else _plain(value), value != usual)
    if as_json:
        click.echo(json.dumps({name: value for name, (value, _) in shown.items()}))
        return
    width = max(map(len, shown))
    for name, (value, other) in shown.items():
        click.echo(f"{'*' if other else ' '} {name:{width}}  {'' if value is None else value}")


def _rows() -> list[str]:
    """The table's lines, in the order of .env.example; a description above several settings is that of all of them."""
    rows, above = [], ""
    for names, told in _described():
        for name in names:
            field = _settings().model_fields[name.lower()]
            what = told if name == names[0] else f"as {above} says" if told else ""
            above = name if name == names[0] else above
            default = _markdown(_plain(field.default))
            rows.append(f"| `{name}` | {default} | {_takes(field.annotation, field.metadata)} | {what} |")
    return rows


def _settings() -> type[Settings]:
    from core.settings import Settings

    return Settings


def _described() -> list[tuple[list[str], str]]:
    """Of .env.example, the settings that stand together, and what is said above them."""
    from core.settings import ROOT

    found: list[tuple[list[str], str]] = []
    said: list[str] = []
    names: list[str] = []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("# ") or not line:
            if names:
                found.append((names, " ".join(said)))
                said, names = [], []
            said += [line.removeprefix("# ")] if line else []
        else:
            names.append(line.removeprefix("#").partition("=")[0])
    return [*found, (names, " ".join(said))]


def _plain(value: Any) -> Any:
    """A value as .env has it, and JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or None
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def _markdown(value: Any) -> str:
    if value is None:
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _takes(kind: Any, metadata: list[Any]) -> str:
    """What a setting takes, in words."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = [one for one in get_args(kind) if one is not type(None)]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(kind))
    if kind is bool:
        return "`true`, `false`"
    if kind not in (int, float):
        return {"tuple": "several, with commas", "Path": "a path"}.get(getattr(kind, "__name__", ""), "a text")
    least = next((each.ge for each in metadata if hasattr(each, "ge")), None)
    most = next((each.le for each in metadata if hasattr(each, "le")), None)
    step = next((each.multiple_of for each in metadata if hasattr(each, "multiple_of")), None)
    word = "whole number" if kind is int else "number"
    ends = f" from {least:,}" if least is not None else ""
    ends += f" to {most:,}" if most is not None else ""
    return f"{word}{ends}" + (f", a multiple of {step}" if step else "")


COMMANDS = [show]
