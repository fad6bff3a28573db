"""Client: our HTTP API from Python. What the server refuses is raised here as the error that it was there."""

from __future__ import annotations

import ipaddress
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from httpx_sse import EventSource, connect_sse

from core.errors import AtelierError, BadValue
from server.jobs.job import FINAL

Json = dict[str, Any]

HEADERS = {
    "Accept": "application/json",
    "User-Agent": "atelier/0.1.0",
    "ngrok-skip-browser-warning": "1",  # or a tunnel of ngrok answers with a page for people
}
CONNECT = 5.0  # s
ANSWERS = httpx.Timeout(120, connect=CONNECT)  # s; a server that just started reads its models first
SILENCE = 45.0  # s without an event or a sign of life, of which there is one every 15 s: the connection is lost
PATIENCE = 60.0  # s without a server after which following a job is given up
JOB = ("id", "state", "links")  # by which a job is known among answers
DESIGN = ("images", "seeds", "engine", "styles", "runners_up", "recipe", "notes")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # s between two attempts


class ServerUnreachable(AtelierError):
    def __init__(self, url: str, reason: str) -> None:
        message = f"the server at {url} does not answer ({reason})"
        super().__init__(message, "start it, or check the address", url=url, reason=reason)


class NotAtelier(AtelierError):
    """Something answers there that is no server of ours, a tunnel whose server is gone for example."""

    def __init__(self, url: str, reason: str) -> None:
        message = f"{url} does not answer as an Atelier server does ({reason})"
        super().__init__(message, "check the address, and that the server behind it runs", url=url, reason=reason)


class Event(NamedTuple):
    """Something that happened to a job; `number` counts from 1."""

    number: int
    type: str
    data: Json


class Client:
    """Thread-safe. Every method raises `ServerUnreachable`, `NotAtelier`, or what the server refuses."""

    def __init__(self, url: str, key: str | None = None, silence: float = SILENCE, patience: float = PATIENCE) -> None:
        address = _address(url)
        self.url = str(address.copy_with(userinfo=b"")).rstrip("/")  # fit to be shown
        self._events_timeout, self._patience = httpx.Timeout(silence, connect=CONNECT), patience
        headers = {**HEADERS, **({} if key is None else {"X-API-Key": _whole_key(key)})}
        try:
            self._http = httpx.Client(
                base_url=address, headers=headers, timeout=ANSWERS, trust_env=not _is_this_machine(address.host)
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise ServerUnreachable(self.url, f"the environment's proxy cannot be used: {error}") from error

    def close(self) -> None:
        self._http.close()

    def submit_design(self, sketch: bytes, options: Mapping[str, Any]) -> Json:
        """Order a design with the options of the form, those that are None left out; -> its job."""
        fields = {field: str(value) for field, value in options.items() if value is not None}
        headers = {"Prefer": "respond-async"}
        return self._json("POST", "/generate", *JOB, data=fields, files={"file": ("sketch", sketch)}, headers=headers)

    def jobs(
        self, state: str | None = None, kind: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Json]:
        """The newest jobs, newest first; `before`: older than the job of that id."""
        asked = {"state": state, "kind": kind, "limit": limit, "before": before}
        said = {name: value for name, value in asked.items() if value is not None}
        return list(self._json("GET", "/jobs", "jobs", params=said)["jobs"])

    def job(self, job_id: str) -> Json:
        return self._json("GET", _path(job_id), *JOB)

    def cancel(self, job_id: str) -> Json:
        return self._json("DELETE", _path(job_id), *JOB)

    def retry(self, job_id: str) -> Json:
        return self._json("POST", f"{_path(job_id)}/retry", *JOB)

    def purge(self, state: str) -> int:
        """Forget the jobs that ended in that state, `finished` for any; -> how many."""
        return int(self._json("DELETE", "/jobs", "forgotten", params={"state": state})["forgotten"])

    def design(self, job_id: str) -> Json:
        """What a design's job made, or why it made nothing: what POST /generate answers."""
        return self._json("GET", f"{_path(job_id)}/result", *DESIGN)

    def follow(self, job_id: str) -> Iterator[Event]:
        """The job's events from its first to its last, each once; a connection that is lost is made again."""
        seen, ended, pause, heard = 0, False, FIRST_PAUSE, time.monotonic()
        while not ended:
            connected = False
            try:
                with self._reaching(), self._events(job_id, seen) as events:
                    connected = True
                    for event in events:
                        if event.number > seen:
                            seen, ended, pause = event.number, event.type in FINAL, FIRST_PAUSE
                            yield event
                lost: AtelierError = ServerUnreachable(self.url, "its events end before the job does")
            except (ServerUnreachable, NotAtelier) as error:
                lost = error
            now = time.monotonic()
            heard = now if connected else heard
            if now - heard > self._patience:
                raise lost
            if not ended:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def styles(self) -> Json:
        return self._json("GET", "/styles", "styles", "problems")

    def add_style(self, picture: bytes, name: str, words: str, licence: str) -> Json:
        fields = {"name": name, "words": words, "licence": licence}
        return self._json("POST", "/styles", "id", "name", data=fields, files={"file": ("picture", picture)})

    def remove_style(self, style_id: str) -> None:
        self._ask("DELETE", f"/styles/{quote(style_id, safe='')}")

    def search_styles(self, prompt: str) -> list[Json]:
        return list(self._json("GET", "/styles/search", "styles", params={"q": prompt})["styles"])

    def style_image(self, style_id: str, size: int) -> bytes:
        """A style's picture as JPEG, at most `size` px long."""
        return self._ask("GET", f"/styles/{quote(style_id, safe='')}/image", params={"size": size}).content

    @contextmanager
    def _events(self, job_id: str, seen: int) -> Iterator[Iterator[Event]]:
        """A connection, and the events after those that were seen, as far as it lasts."""
        path, last = f"{_path(job_id)}/events", {"Last-Event-ID": str(seen)}
        timeout = self._events_timeout
        with connect_sse(self._http, "GET", path, headers=last if seen else {}, timeout=timeout) as source:
            response = source.response
            if not response.is_success or "text/event-stream" not in response.headers.get("content-type", ""):
                response.read()
                self._check(response)
                raise NotAtelier(self.url, _in_words(response))
            yield self._read(source)

    def _read(self, source: EventSource) -> Iterator[Event]:
        try:
            for told in source.iter_sse():
                if told.data:  # a sign of life has none
                    yield Event(int(told.id), told.event, dict(json.loads(told.data)))
        except (ValueError, TypeError) as error:
            raise NotAtelier(self.url, f"{error} where events were asked for") from error

    def _json(self, method: str, path: str, *needed: str, **request: Any) -> Json:
        """The answer, which has at least the fields that are needed."""
        response = self._ask(method, path, **request)
        try:
            answer = dict(response.json())
        except (ValueError, TypeError):
            raise NotAtelier(self.url, _in_words(response)) from None
        if missing := set(needed) - answer.keys():
            raise NotAtelier(self.url, f"{path} tells no {' or '.join(sorted(missing))}")
        return answer

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        with self._reaching():
            response = self._http.request(method, path, **request)
        self._check(response)
        return response

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
            told = dict(response.json()["error"])
        except (ValueError, LookupError, TypeError):
            raise NotAtelier(self.url, _in_words(response)) from None
        raise refusal(told)


def refusal(told: Mapping[str, Any]) -> AtelierError:
    """The error that a server told of."""
    import server.jobs.errors  # noqa: F401 - so that its errors are known
    from server.errors import revive  # FastAPI stands behind it: half a second that most calls do not need

    return revive(told)


def _path(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}"


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
