"""A reverse proxy that shows a server below a path of its own, as notebooks and tunnels do."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}  # headers of one leg of the way


class Proxy:
    """Hands on what is below `prefix` to 127.0.0.1:`port`, as it comes; `seen` are the paths that were asked for."""

    def __init__(self, port: int, prefix: str) -> None:
        self.seen: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port, prefix, self.seen))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(port: int, prefix: str, seen: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def hand_on(self) -> None:
            seen.append(self.path)
            if not self.path.startswith(prefix):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            way = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                way.request(self.command, "/" + self.path.removeprefix(prefix).lstrip("/"), body, headers)
                self.answer(way.getresponse())
            except OSError:  # the browser or the server went away
                self.close_connection = True
            finally:
                way.close()

        def answer(self, answer: http.client.HTTPResponse) -> None:
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*HOP, "date", "server"}:
                    self.send_header(name, value)
            self.end_headers()
            while chunk := answer.read1(65536):
                self.wfile.write(chunk)
                self.wfile.flush()

        do_GET = do_POST = do_DELETE = do_HEAD = hand_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
