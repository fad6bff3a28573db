"""Door: which server does the work of a command, if any does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from server.client import Client


def hands_over(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--server` and `--key`, and what they come to as its argument `client`."""

    @click.option(
        "--server",
        metavar="URL",
        envvar="ATELIER_SERVER",
        show_envvar=True,
        help="Have this server do it.  [default: the one that runs on DATA_DIR, if one does]",
    )
    @click.option("--key", envvar="ATELIER_KEY", show_envvar=True, help="One of the API_KEYS of that server.")
    @wraps(command)
    def with_door(*arguments: Any, server: str | None, key: str | None, **options: Any) -> None:
        command(*arguments, client=open_door(server, key), **options)

    return with_door


def open_door(server: str | None, key: str | None) -> Client | None:
    """A client of the server that is named, or else of the one that runs on DATA_DIR; None: the work is done here."""
    find = None
    if server is None:
        find = _find
        found = find()
        if found is None:
            return None
        server, key = found

    from server.client import Client

    client = Client(server, key, find)
    click.get_current_context().call_on_close(client.close)
    return client


def _find() -> tuple[str, str] | None:
    """Address and key of the server that runs on DATA_DIR now."""
    from core.owner import server_of
    from core.settings import get_settings

    server = server_of(get_settings().data_dir)
    return None if server is None else (server.url, server.key)
