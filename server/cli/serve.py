"""`atelier serve`: the processes that stay."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Serve HTTP; /docs lists what it answers."""
    from core.settings import get_settings
    from server.auth import check_exposure

    settings = get_settings()
    check_exposure(host, settings.api_keys)

    import uvicorn

    from server.app import create_app

    uvicorn.run(create_app(settings), host=host, port=port, log_level="info")


COMMANDS = (serve,)
