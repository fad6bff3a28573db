"""`atelier serve` and `atelier worker`: the processes that stay."""

from __future__ import annotations

import click

from core.errors import BadValue, OpenToTheWorld


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tunnel", is_flag=True, help="A public address by ngrok as well (NGROK_AUTHTOKEN, API_KEYS).")
def serve(host: str, port: int, tunnel: bool) -> None:
    """Serve the page and HTTP; /docs lists what it answers."""
    from core.settings import get_settings
    from server.process import run_server
    from server.tunnel import TunnelWithoutKeys

    try:
        run_server(get_settings(), host, port, public=tunnel)
    except (OpenToTheWorld, TunnelWithoutKeys) as error:
        error.remedy += "; `atelier keys new` makes a key"
        raise


@click.command()
@click.option("--queues", default="image,story", show_default=True, help="Which jobs to take.")
def worker(queues: str) -> None:
    """Run jobs that servers elsewhere put into Redis (REDIS_URL)."""
    from core.settings import get_settings
    from server.jobs.store import OF_WORKERS
    from server.process import run_worker

    names = [name.strip() for name in queues.split(",")]
    if not set(names) <= set(OF_WORKERS) or len(set(names)) < len(names):
        raise BadValue("queues", queues, f"one or more of {', '.join(OF_WORKERS)}, each once")
    run_worker(get_settings(), names)


COMMANDS = (serve, worker)
