"""Connection: requests to a server of ours, and what its answers mean; a refusal is raised as the error it was."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, connect_sse

from core.errors import AtelierError, BadValue

Json = dict[str, Any]
Door = tuple[str, str | None]  # address and key

HEADERS = {
    "Accept": "application/json",
    "User-Agent": "atelier/0.1.0",
    "ngrok-skip-browser-warning": "1",  # or a tunnel of ngrok answers with a page for people
}
CONNECT = 5.0  # s
ANSWERS = httpx.Timeout(120, connect=CONNECT)  # s; a server that just started reads its models first
SILENCE = 45.0  # s without an event or a sign of life, of which there is one every 15 s: the connection is lost


class ServerUnreachable(AtelierError):
    def __init__(self, url: str, reason: str) -> None:
        message = f"the server at {url} does not answer ({reason})"
        super().__init__(message, "start it, or check the address", url=url, reason=reason)


class NotAtelier(AtelierError):
    """Something answers there that is no server of ours, a tunnel whose server is gone for example."""

    def __init__(self, url: str, reason: str) -> None:
        message = f"{url} does not answer as an Atelier server does ({reason})"
        super().__init__(message, "check the address, and that the server behind it runs", url=url, reason=reason)


class Connection:
    """`find` is asked where a server that was lost is now, and for its key; one that starts again may have others."""

    url: str  # fit to be shown

    def __init__(self, door: Door, find: Callable[[], Door | None] | None = None, silence: float = SILENCE) -> None:
        self.find, self._silence = find, httpx.Timeout(silence, connect=CONNECT)
        self._open(door)

    def _open(self, door: Door) -> None:
        url, key = door
        address = _address(url)
        self.url, self._door = str(address.copy_with(userinfo=b"")).rstrip("/"), door
        headers = {**HEADERS, **({} if key is None else {"X-API-Key": _whole_key(key)})}
        by_proxy = not _is_this_machine(address.host)
        try:
            self._http = httpx.Client(base_url=address, headers=headers, timeout=ANSWERS, trust_env=by_proxy)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise ServerUnreachable(self.url, f"the environment's proxy cannot be used: {error}") from error

    def look_again(self) -> None:
        """Find the server anew, where that can be done."""
        door = None if self.find is None else self.find()
        if door is not None and door != self._door:
            self.close()
            self._open(door)

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The server's answer; raises `ServerUnreachable`, `NotAtelier`, or what the server refuses."""
        with self._reaching():
            response = self._http.request(method, path, **request)
        self._check(response)
        return response

    def ask_json(self, method: str, path: str, *needed: str, **request: Any) -> Json:
        """The same as JSON, which has at least the fields that are needed."""
        response = self.ask(method, path, **request)
        try:
            answer = dict(response.json())
        except (ValueError, TypeError):
            raise NotAtelier(self.url, _in_words(response)) from None
        if missing := set(needed) - answer.keys():
            raise NotAtelier(self.url, f"{path} tells no {' or '.join(sorted(missing))}")
        return answer

    @contextmanager
    def events(self, path: str, after: int) -> Iterator[Iterator[ServerSentEvent]]:
        """A stream of events from the one after that number, as far as it lasts."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        with (
            self._reaching(),
            connect_sse(self._http, "GET", path, headers=headers, timeout=self._silence) as source,
        ):
            response = source.response
            if not response.is_success or "text/event-stream" not in response.headers.get("content-type", ""):
                response.read()
                self._check(response)
                raise NotAtelier(self.url, _in_words(response))
            yield (event for event in source.iter_sse() if event.data)  # a sign of life has none

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as error:
            allowed = "whole characters; bytes of another encoding give halves"
            raise BadValue("text", error.object, allowed) from None
        except httpx.HTTPError as error:
            raise ServerUnreachable(self.url, str(error) or type(error).__name__) from error

    def _check(self, response: httpx.Response) -> None:
        """Raise what the server refuses, or `NotAtelier` where it is none of ours."""
        if response.is_success:
            return
        try:
            told: Mapping[str, Any] = dict(response.json()["error"])
        except (ValueError, LookupError, TypeError):
            raise NotAtelier(self.url, _in_words(response)) from None
        import server.jobs.errors  # noqa: F401 - so that its errors are known
        from server.errors import revive  # FastAPI stands behind it: half a second that most calls do not need

        raise revive(told)


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise BadValue(
            "server", url, "an address that begins with http:// or https://, http://127.0.0.1:8000 for example"
        )
    return address


def _whole_key(key: str) -> str:
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise BadValue("key", "...", "one of the server's API_KEYS")  # and is never shown
    return key


def _is_this_machine(host: str) -> bool:
    """Whether the host is loopback, which no proxy may see."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_words(response: httpx.Response) -> str:
    """What was answered, in a few words: its status, and where it leads or what its page is called."""
    title = re.search(r"<title>([^<]*)", response.text, re.IGNORECASE)
    said = response.headers.get("location") or (title[1] if title else response.text)
    told = response.headers.get("ngrok-error-code", "")
    return " ".join(f"{response.status_code} {response.reason_phrase} {told} {said[:100]}".split())
