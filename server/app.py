"""The application: routers, limits, keys, errors, and what happens at start and end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from core.settings import Settings, get_settings
from server import errors, page, schema
from server.auth import KeyGate
from server.headers import Cors, SafeHeaders
from server.keys import KeyRing
from server.limits import BodyLimit
from server.observer import Observer
from server.rates import Rates
from server.routes import (
    descriptions,
    design,
    documents,
    health,
    jobs,
    pictures,
    replay,
    samples,
    search,
    stories,
    styles,
)
from server.state import State


def create_app(settings: Settings | None = None, keys: KeyRing | None = None) -> FastAPI:
    """The application over the settings of the process, or over others; `keys` where some are of this run alone."""
    chosen = get_settings() if settings is None else settings
    state, ring = State(chosen), KeyRing(chosen) if keys is None else keys

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await state.open()
        warming = state.warm_up()
        yield
        await state.close()
        warming.join()  # a process that ends while native code still starts would crash

    app = FastAPI(
        title="Atelier",
        summary="A sketch and a prompt become a picture in a retrieved style.",
        version="0.1.0",
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    app.state.atelier = state
    for noun in (design, samples, replay, search, pictures, descriptions, documents, stories, jobs, styles, health):
        app.include_router(noun.router)
    page.install(app)
    errors.install(app)
    schema.install(app)
    app.add_middleware(BodyLimit, limit=chosen.max_upload_bytes)
    app.add_middleware(Rates, settings=chosen)
    app.add_middleware(KeyGate, ring=ring, private=state.private_key, origins=chosen.cors_origins)
    app.add_middleware(Cors, origins=chosen.cors_origins)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Observer, metrics=state.metrics)  # added last, asked first: what is refused is seen too
    return app
