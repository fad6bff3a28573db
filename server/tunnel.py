"""Tunnel: a public address for this server, by ngrok; for a notebook on a machine that nobody reaches from outside.

It is looked after: where it drops, it is opened again. ngrok is given the token in a file that only this user can read,
not on a command line that everybody on the machine can; and its own page of what passed through, which would show keys
there, is off.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from pyngrok import conf, ngrok, process
from pyngrok.exception import PyngrokError, PyngrokNgrokError

from core.errors import AtelierError, BadSetting, Refused
from core.settings import Settings
from server.keys import KeyRing

log = logging.getLogger("atelier")

FILE = "ngrok.yml"  # under DATA_DIR, while the tunnel is open
LOOK = 5.0  # s between two looks at the tunnel
LONGEST = 60.0  # s between two tries to open it again


class TunnelWithoutKeys(Refused):
    def __init__(self) -> None:
        super().__init__("a tunnel lets everybody in, and there is no key: API_KEYS is empty", "make a key")


class TunnelFailed(AtelierError):
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"the tunnel cannot be opened ({reason})", remedy, reason=reason)


def check_tunnel(settings: Settings, ring: KeyRing | None = None) -> None:
    """Raise what would be wrong with a tunnel, before anything is started."""
    if not (KeyRing(settings) if ring is None else ring).keys():
        raise TunnelWithoutKeys
    if settings.ngrok_authtoken is None and settings.ngrok_path is None:
        raise TunnelFailed(
            "NGROK_AUTHTOKEN is empty", "set NGROK_AUTHTOKEN to the token of your account, from ngrok's dashboard"
        )


@contextmanager
def tunnel(
    settings: Settings,
    port: int,
    ring: KeyRing | None = None,
    tell: Callable[[str], object] | None = None,
    look: float = LOOK,
) -> Iterator[str]:
    """The public address of the server at this port of this machine, for as long as the context is open.

    `tell` hears it, and every other that follows where the tunnel drops. The ngrok program is that of NGROK_PATH;
    without it pyngrok fetches it from ngrok once, into its own cache. Raises what `check_tunnel` does, and
    `TunnelFailed`.
    """
    check_tunnel(settings, ring)
    opened = _Tunnel(settings, port, tell, look)
    try:
        yield opened.open()
    finally:
        opened.close()


class _Tunnel:
    def __init__(self, settings: Settings, port: int, tell: Callable[[str], object] | None, look: float) -> None:
        self._token, self._port, self._tell, self._look = settings.ngrok_authtoken, port, tell, look
        self._file = settings.data_dir / FILE if self._token is not None else None  # without: where ngrok has its own
        self._told = conf.PyngrokConfig(
            ngrok_path=None if settings.ngrok_path is None else str(settings.ngrok_path),
            config_path=None if self._file is None else str(self._file),
            config_version="2",
            start_new_session=True,  # Ctrl-C is for the server, which ends the tunnel when it has ended
        )
        self._told.auth_token = None  # it would stand on ngrok's command line
        self._address = ""
        self._ended, self._watch = Event(), Thread(target=self._look_after, name="tunnel", daemon=True)
        logging.getLogger("pyngrok").setLevel(logging.CRITICAL)  # what goes wrong is told here, in one line

    def open(self) -> str:
        self._write()
        if not Path(self._told.ngrok_path).exists():
            log.info("tunnel: ngrok is fetched from ngrok.com, once, to %s", self._told.ngrok_path)
        self._connect()
        self._watch.start()
        return self._address

    def close(self) -> None:
        self._ended.set()
        if self._watch.is_alive():
            self._watch.join(LONGEST)
        ngrok.kill(self._told)
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.unlink(missing_ok=True)
            self._file.touch(0o600, exist_ok=False)
            self._file.write_text(json.dumps({"version": "2", "authtoken": self._token}))  # JSON is YAML
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self._file.parent), error.strerror or str(error)) from error

    def _connect(self) -> None:
        try:
            made = ngrok.connect(str(self._port), "http", pyngrok_config=self._told, schemes=["https"], inspect=False)
        except (PyngrokError, OSError) as error:
            ngrok.kill(self._told)
            reason = getattr(error, "ngrok_error", None) if isinstance(error, PyngrokNgrokError) else None
            said = str(reason or error).replace(self._token or "\0", "***").split()
            remedy = "look at NGROK_AUTHTOKEN, NGROK_PATH and the network of this machine"
            raise TunnelFailed(" ".join(said)[:300] or type(error).__name__, remedy) from error
        self._address = str(made.public_url)
        log.info("tunnel: %s leads here, for whoever has a key", self._address)
        if self._tell is not None:
            self._tell(self._address)

    def _look_after(self) -> None:
        wait = self._look
        while not self._ended.wait(wait):
            if self._stands():
                wait = self._look
                continue
            log.warning("tunnel: %s leads here no more; another is opened", self._address)
            try:
                ngrok.kill(self._told)
                self._write()
                self._connect()
                wait = self._look
            except AtelierError as error:
                wait = min(LONGEST, 2 * max(1.0, wait))
                log.error("%s; it is tried again in %.0f s", error, wait)

    def _stands(self) -> bool:
        """Whether ngrok runs, and has the address."""
        if not process.is_process_running(self._told.ngrok_path):
            return False
        try:
            return any(one.public_url == self._address for one in ngrok.get_tunnels(self._told))
        except (PyngrokError, OSError):
            return False
