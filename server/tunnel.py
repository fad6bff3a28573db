"""Tunnel: a public address for this server, by ngrok; for a notebook on a machine that nobody reaches from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyngrok import conf, ngrok
from pyngrok.exception import PyngrokError

from core.errors import AtelierError, Refused
from core.settings import Settings

log = logging.getLogger("atelier")


class TunnelWithoutKeys(Refused):
    def __init__(self) -> None:
        super().__init__("a tunnel lets everybody in, and API_KEYS is empty", "set API_KEYS to one or more of name:key")


class TunnelFailed(AtelierError):
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"the tunnel cannot be opened ({reason})", remedy, reason=reason)


def check_tunnel(settings: Settings) -> None:
    """Raise what would be wrong with a tunnel, before anything is started."""
    if not settings.api_keys:
        raise TunnelWithoutKeys
    if settings.ngrok_authtoken is None and settings.ngrok_path is None:
        raise TunnelFailed(
            "NGROK_AUTHTOKEN is empty", "set NGROK_AUTHTOKEN to the token of your account, from ngrok's dashboard"
        )


@contextmanager
def tunnel(settings: Settings, port: int) -> Iterator[str]:
    """The public address of the server at this port of this machine, for as long as the context is open.

    The ngrok program is that of NGROK_PATH; without it pyngrok fetches it from ngrok once, into its own cache. Raises
    what `check_tunnel` does, and `TunnelFailed`.
    """
    check_tunnel(settings)
    told = conf.PyngrokConfig(
        ngrok_path=None if settings.ngrok_path is None else str(settings.ngrok_path),
        config_path=str(settings.data_dir / "ngrok.yml"),
        auth_token=settings.ngrok_authtoken,
        start_new_session=True,  # Ctrl-C is for the server, which ends the tunnel when it has ended
    )
    try:
        if settings.ngrok_path is None and not Path(conf.DEFAULT_NGROK_PATH).exists():
            log.info("tunnel: ngrok is fetched, once")
        opened = ngrok.connect(str(port), "http", pyngrok_config=told)
    except (PyngrokError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TunnelFailed(reason, "look at NGROK_AUTHTOKEN, NGROK_PATH and the network of this machine") from error
    address = str(opened.public_url)
    log.info("tunnel: %s leads here, for whoever has a key", address)
    try:
        yield address
    finally:
        ngrok.kill(told)
