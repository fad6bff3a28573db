"""`atelier serve` and `atelier worker`: the processes that stay."""

from __future__ import annotations

import click

from core.errors import BadValue


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tunnel", is_flag=True, help="A public address by ngrok as well (NGROK_AUTHTOKEN); needs a key.")
@click.option("--new-key", is_flag=True, help="Let one more key in, for this run alone, and print it once.")
def serve(host: str, port: int, tunnel: bool, new_key: bool) -> None:
    """Serve the page and HTTP; /docs lists what it answers."""
    import secrets

    from core.settings import get_settings
    from server.auth import OpenToTheWorld
    from server.keys import make_key
    from server.process import run_server
    from server.tunnel import TunnelWithoutKeys

    own = []
    if new_key:
        key, known = make_key(f"guest-{secrets.token_hex(3)}")  # a name of its own: nobody finds another's jobs
        own.append(known)
        click.echo(f"key of this run, which is shown here and nowhere else: {key}")
    try:
        run_server(get_settings(), host, port, tunnel, own)
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
