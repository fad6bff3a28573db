"""A Langfuse for the tests: takes what the SDK sends by OpenTelemetry's protocol over HTTP, and reads it."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

PREFIX = "langfuse.observation."


class Span:
    """One observation, decoded."""

    def __init__(self, span: Any) -> None:
        self.name, self.id, self.parent = span.name, span.span_id.hex(), span.parent_span_id.hex()
        self.trace = span.trace_id.hex()
        self.seconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
        self.attributes = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}

    @property
    def kind(self) -> str:
        return str(self.attributes[f"{PREFIX}type"])

    def told(self, what: str) -> Any:
        """Input, output, model.name, metadata.engine and the like, as they were given."""
        found = self.attributes.get(f"{PREFIX}{what}")
        try:
            return json.loads(found)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return found


class Langfuse:
    """`mood`: ok, hang (takes everything and never answers), or a status."""

    def __init__(self, mood: str = "ok") -> None:
        self.mood, self.bodies, self.headers, self.spans = mood, list[bytes](), list[dict[str, str]](), list[Span]()
        self._ending, outer = threading.Event(), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.headers.append({key.lower(): value for key, value in self.headers.items()} | {"path": self.path})
                if outer.mood == "hang":
                    outer._ending.wait(60)
                    return
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.bodies.append(body)
                if outer.mood == "ok":
                    told = ExportTraceServiceRequest.FromString(body)
                    scopes = [scope for resource in told.resource_spans for scope in resource.scope_spans]
                    outer.spans += [Span(span) for scope in scopes for span in scope.spans]
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if outer.mood == "ok" else int(outer.mood))
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Langfuse:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, names: set[str], seconds: float = 15) -> list[Span]:
        """The spans, when those of these names have come."""
        end = time.monotonic() + seconds
        while not names <= {span.name for span in self.spans}:
            assert time.monotonic() < end, f"only {[span.name for span in self.spans]} came"
            time.sleep(0.05)
        return list(self.spans)


def basic(public: str, secret: str) -> str:
    """The header by which Langfuse knows a project."""
    return "Basic " + base64.b64encode(f"{public}:{secret}".encode()).decode()
