"""The client of our HTTP API, against servers that are not what it hopes for; each speaks real HTTP on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from core.errors import BadValue, MissingKey, StyleProtected
from server.client import Client, NotAtelier, ServerUnreachable
from server.jobs.errors import UnknownJob

Answer = Callable[[BaseHTTPRequestHandler], None]
Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers its requests with the given functions in turn, the last one again and again."""
    running: list[ThreadingHTTPServer] = []

    def start(*answers: Answer) -> str:
        left = list(answers)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                self.close_connection = True
                (left.pop(0) if len(left) > 1 else left[0])(self)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - as http.server calls them

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.append(server)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def page(status: int, body: str, kind: str = "text/html", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        data = body.encode()
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def told(status: int, what: object) -> Answer:
    return page(status, json.dumps(what), "application/json")


def stream(*events: tuple[int, str, dict[str, object]], rest: str = "", torn: bool = False) -> Answer:
    """Events as one chunk; torn: the connection ends within the next chunk, after `rest`."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        text = "".join(f"id: {number}\nevent: {type_}\ndata: {json.dumps(data)}\n\n" for number, type_, data in events)
        body = (": sign of life\n\n" + text + rest).encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream; charset=utf-8")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(f"{len(body) + 9 * torn:x}\r\n".encode() + body + (b"" if torn else b"\r\n0\r\n\r\n"))

    return answer


QUEUED, STARTED, DONE = (1, "queued", {}), (2, "started", {}), (4, "done", {})
HALF = (3, "progress", {"stage": "paint", "done": 0.5})


def test_a_stream_that_breaks_goes_on_where_it_broke_and_no_event_comes_twice(serve: Serve) -> None:
    asked: list[str | None] = []

    def noting(answer: Answer) -> Answer:
        def noted(request: BaseHTTPRequestHandler) -> None:
            asked.append(request.headers["Last-Event-ID"])
            answer(request)

        return noted

    url = serve(
        noting(stream(QUEUED, STARTED, rest='id: 3\nevent: progress\ndata: {"sta', torn=True)),
        noting(page(502, "<html><title>Bad gateway</title></html>")),
        noting(stream(STARTED, HALF)),  # one that was seen already, and an end before the end
        noting(stream(DONE)),
    )
    seen = list(Client(url).follow("a1"))
    assert [(event.number, event.type) for event in seen] == [
        (1, "queued"), (2, "started"), (3, "progress"), (4, "done"),
    ]  # fmt: skip
    assert seen[2].data == {"stage": "paint", "done": 0.5}
    assert asked == [None, "2", "2", "3"]


def test_a_job_that_ran_again_is_followed_to_its_last_end(serve: Serve) -> None:
    again = [(1, "queued", {}), (2, "failed", {"error": {}}), (3, "queued", {}), (4, "done", {})]
    assert [event.type for event in Client(serve(stream(*again))).follow("a1")][-1] == "done"


def test_following_gives_up_on_a_server_that_stays_away(serve: Serve) -> None:
    for away, said in ((503, "503 Service Unavailable Soon"), (200, "200 OK Soon")):
        events = Client(serve(stream(QUEUED, STARTED), page(away, "<title>Soon</title>")), patience=0.5).follow("a1")
        assert [next(events).number, next(events).number] == [1, 2]
        with pytest.raises(NotAtelier, match=said):
            next(events)


def test_a_stream_without_a_sign_of_life_is_a_lost_one(serve: Serve) -> None:
    def silent(request: BaseHTTPRequestHandler) -> None:
        stream(QUEUED, torn=True)(request)
        request.rfile.read(1)  # until the client hangs up

    seen = list(Client(serve(silent, stream(STARTED, DONE)), silence=0.3).follow("a1"))
    assert [event.number for event in seen] == [1, 2, 4]


def test_what_is_refused_is_raised_as_what_it_is(serve: Serve) -> None:
    def refusing(status: int, error: Exception) -> Client:
        return Client(serve(told(status, {"error": error.as_dict()})))  # type: ignore[attr-defined]

    with pytest.raises(UnknownJob, match="there is no job 'a1'"):
        refusing(404, UnknownJob("a1")).job("a1")
    with pytest.raises(UnknownJob):
        list(refusing(404, UnknownJob("a1")).follow("a1"))
    with pytest.raises(StyleProtected) as caught:
        refusing(403, StyleProtected("impasto", "styles")).remove_style("impasto")
    assert caught.value.data == {"style": "impasto"} and "by hand" in caught.value.remedy
    with pytest.raises(MissingKey):
        refusing(401, MissingKey()).styles()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page(404, "<html><title>ngrok: tunnel gone</title>", ngrok_error_code="ERR_NGROK_3200"), "ERR_NGROK_3200"),
        (page(200, "<!doctype html><TITLE>You are about to visit</TITLE>"), "200 OK You are about to visit"),
        (page(301, "", Location="https://elsewhere.example/"), "https://elsewhere.example/"),
        (told(404, {"detail": "Not Found"}), "404 Not Found"),
        (told(500, {"error": "of another kind"}), "500"),
        (told(200, ["a list"]), "200 OK"),
        (told(200, {"styles": []}), "tells no problems"),
    ],
)
def test_what_is_no_atelier_server_is_said_to_be_none(serve: Serve, answer: Answer, said: str) -> None:
    url = serve(answer)
    with pytest.raises(NotAtelier) as caught:
        Client(url).styles()
    assert url in str(caught.value) and said in str(caught.value) and "check the address" in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(ServerUnreachable) as caught:
        Client("http://me:secret@127.0.0.1:9/", "key" * 8).jobs()
    assert "http://127.0.0.1:9 does not answer" in str(caught.value) and "refused" in str(caught.value)
    assert "secret" not in str(caught.value) and "keykey" not in str(caught.value)


def test_a_server_that_hangs_up_is_one_that_does_not_answer(serve: Serve) -> None:
    with pytest.raises(ServerUnreachable, match="disconnected"):
        Client(serve(lambda request: None)).styles()


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://a", "http://", "http://a:b:c"])
def test_an_address_needs_a_scheme_and_a_host(url: str) -> None:
    with pytest.raises(BadValue, match="begins with http://"):
        Client(url)


@pytest.mark.parametrize("key", ["", "Schlüssel" * 3, "two\nlines" * 3])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(BadValue) as caught:
        Client("http://127.0.0.1:9", key)
    assert "'...'" in str(caught.value) and (not key or key[:5] not in str(caught.value))


def test_key_and_headers_go_along_under_the_path_of_the_address(serve: Serve) -> None:
    got: list[tuple[str, str | None, str | None]] = []

    def note(request: BaseHTTPRequestHandler) -> None:
        got.append((request.path, request.headers["X-API-Key"], request.headers["ngrok-skip-browser-warning"]))
        told(200, {"query": "", "styles": []})(request)

    client = Client(serve(note) + "/below/", "word-" * 4 + "\n")
    assert client.search_styles("a & ü") == []
    assert got == [("/below/styles/search?q=a+%26+%C3%BC", "word-" * 4, "1")]


def test_a_proxy_sees_other_machines_and_never_this_one(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []

    def proxy(request: BaseHTTPRequestHandler) -> None:
        passed.append(request.path)
        told(200, {"styles": [], "problems": {}})(request)

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, serve(proxy))
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    here = serve(told(200, {"styles": ["of this machine"], "problems": {}}))
    for url in (here, here.replace("127.0.0.1", "localhost")):
        assert Client(url).styles()["styles"] == ["of this machine"]
    assert Client("http://atelier.example").styles()["styles"] == []
    assert passed == ["http://atelier.example/styles"]


def test_half_a_character_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(BadValue, match="encoding"):
        Client("http://127.0.0.1:9").search_styles("caf\udce9")
    with pytest.raises(BadValue, match="encoding"):
        Client("http://127.0.0.1:9").submit_design(b"", {"prompt": "caf\udce9"})
