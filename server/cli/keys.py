"""`atelier keys`: keys for those who may come in."""

from __future__ import annotations

import hashlib
import secrets

import click

from core.errors import BadValue

BYTES = 24  # of a key; 192 bits cannot be guessed


@click.group()
def keys() -> None:
    """Keys for those who may come in; they are listed in API_KEYS, with commas between them."""


@keys.command()
@click.argument("name", default="me")
def new(name: str) -> None:
    """Make a key. It is shown once; the line for .env holds its hash alone.

    A key is taken back by taking it out of API_KEYS and starting the server again.
    """
    from core.settings import KEY_NAME

    if not KEY_NAME.fullmatch(name) or name == "local":
        raise BadValue("name", name, "letters, digits, dots and dashes, 40 at most, and not local")
    key = secrets.token_urlsafe(BYTES)
    click.echo(f"The key, which is shown here and nowhere else:\n\n    {key}\n")
    click.echo("Add this to API_KEYS in .env, with a comma after what is there, and start the server again:\n")
    click.echo(f"    API_KEYS={name}:{hashed(key)}")


def hashed(key: str) -> str:
    """As API_KEYS takes it instead of the key."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


COMMANDS = (keys,)
