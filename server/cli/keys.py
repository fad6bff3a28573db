"""`atelier keys`: keys for those who may come in: made, listed by name, taken back."""

from __future__ import annotations

import json

import click


@click.group()
def keys() -> None:
    """Keys for those who may come in; a server that runs on the same DATA_DIR sees a change at once."""


@keys.command("new")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True)
def new_key(name: str | None, as_json: bool) -> None:
    """Make a key called NAME. It is shown once; only its hash is kept."""
    from core.settings import get_settings
    from server.keys import KeyFile, configured, make_key

    settings = get_settings()
    secret, key = make_key(name)
    KeyFile(settings.data_dir).add(key, [other.name for other in configured(settings)])
    if as_json:
        click.echo(json.dumps({"name": key.name, "key": secret, "sha256": key.sha256}))
        return
    click.echo(f"The key of {key.name}, which is shown here and nowhere else:\n\n    {secret}\n")
    click.echo("The server on this DATA_DIR lets it in from now on. Another one does with this in its .env:\n")
    click.echo(f"    API_KEYS={key.name}:sha256:{key.sha256}")


@keys.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """The keys by name; the keys themselves nobody can show."""
    from core.settings import get_settings
    from server.keys import KeyFile, configured

    settings = get_settings()
    rows = [(key, "in API_KEYS") for key in configured(settings)]
    rows += [(key, key.created) for key in KeyFile(settings.data_dir).read()]
    if as_json:
        told = [{"name": key.name, "sha256": key.sha256, "created": key.created or None} for key, _ in rows]
        click.echo(json.dumps({"keys": told}))
    elif not rows:
        click.echo("no keys: only this machine is let in; `atelier keys new` makes one", err=True)
    else:
        width = max(len(key.name) for key, _ in rows)
        click.echo("\n".join(f"{key.name:{width}}  {since:25}  sha256 {key.sha256[:12]}..." for key, since in rows))


@keys.command("revoke")
@click.argument("name")
def revoke_key(name: str) -> None:
    """Let the key called NAME in no more. What was made with it stays, for a new key of that name to find.

    A key of API_KEYS is taken back by taking it out of .env and starting the server again.
    """
    from core.settings import get_settings
    from server.keys import KeyFile

    KeyFile(get_settings().data_dir).revoke(name)
    click.echo(f"{name} is let in no more")


COMMANDS = (keys,)
