"""Tracing: the callbacks that a chain's configuration takes: none, or Langfuse's where ENABLE_LANGFUSE is set.

    chain.invoke(request, {"callbacks": tracing.callbacks("design")})

What is told leaves on a thread of Langfuse's own; where Langfuse is slow or gone, it is dropped, and nobody waits.
"""

from __future__ import annotations

import atexit
from importlib.util import find_spec
from threading import Thread
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler

from core.errors import ModelMissing
from core.once import Once
from core.settings import Settings, get_settings

PATIENCE = 3  # s for an answer of Langfuse's, and at the end of the process for all of them


def callbacks(name: str, settings: Settings | None = None, **about: Any) -> list[BaseCallbackHandler]:
    """For one call of a chain, whose trace is called `name`; `about` goes with it. Raises as `open_client` does."""
    client = open_client(settings)
    if client is None:
        return []
    from chains.spans import Spans

    return [Spans(client, name, {key: value for key, value in about.items() if value})]


def open_client(settings: Settings | None = None) -> Any:
    """The Langfuse client of the settings, made once per process; None where there shall be none.

    Nothing is asked of Langfuse. Raises `ModelMissing` where the package is not installed.
    """
    chosen = get_settings() if settings is None else settings
    if not chosen.enable_langfuse:
        return None
    return _clients((chosen.langfuse_host, chosen.langfuse_public_key or "", chosen.langfuse_secret_key or ""))


def flush(settings: Settings, seconds: float = PATIENCE) -> None:
    """Send what was told, for so long at most."""
    client = open_client(settings)
    if client is not None:
        _within(client.flush, seconds)


def _open(place: tuple[str, str, str]) -> Any:
    if find_spec("langfuse") is None:
        raise ModelMissing("langfuse", "the package is not installed", "pip install -e .[langfuse]")
    from langfuse import Langfuse
    from opentelemetry.sdk.trace import TracerProvider

    host, public, secret = place
    client = Langfuse(
        public_key=public,
        secret_key=secret,
        base_url=host,
        timeout=PATIENCE,
        flush_interval=1.0,
        tracer_provider=TracerProvider(shutdown_on_exit=False),  # its own: others' spans are none of its business
    )
    atexit.register(_within, client.shutdown, PATIENCE)  # before Langfuse's own, which would wait longer
    return client


def _within(work: Any, seconds: float) -> None:
    thread = Thread(target=work, name="langfuse-end", daemon=True)
    thread.start()
    thread.join(seconds)


_clients: Once[tuple[str, str, str], Any] = Once(_open)
