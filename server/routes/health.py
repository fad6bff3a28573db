"""Health: alive, ready, and what happened in numbers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from server.state import state_of

router = APIRouter(tags=["service"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive; touches nothing."""
    return {"status": "alive"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Numbers as Prometheus reads them; docs/operations.md says what they mean."""
    return Response(state_of(request).metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Which engines are loaded, which stores answer, what waits and who works; 503 with what is in the way, and what
    to do about it."""
    report = state_of(request).report()
    return JSONResponse(report, 200 if report["ready"] else 503)
