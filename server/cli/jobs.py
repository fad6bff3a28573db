"""`atelier jobs`: what waits, runs and has ended, on a server or in the store itself."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import AtelierError
from server.cli.door import hands_over
from server.cli.places import places, write

if TYPE_CHECKING:
    from server.cli.ledger import Ledger
    from server.client import Client

STATES = ("queued", "running", "done", "failed", "cancelled", "dead")
ENDED = (*STATES[2:], "finished")
LOOK = 0.5  # s between two looks at a job whose events nobody sends


@click.group()
def jobs() -> None:
    """The jobs of a server: list, show, fetch, cancel, retry, purge. The first characters of an id are enough."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--kind", help="design, for example.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@hands_over
def list_jobs(state: str | None, kind: str | None, limit: int, as_json: bool, client: Client | None) -> None:
    """The newest jobs, newest first."""
    from server.cli.ledger import open_ledger
    from server.cli.rows import table

    with open_ledger(client) as ledger:
        found = ledger.jobs(state, kind, limit)
    if as_json:
        click.echo(json.dumps({"jobs": found}, ensure_ascii=False))
    elif not found:
        click.echo("no jobs", err=True)
    else:
        click.echo("\n".join(table(found)))


@jobs.command("show")
@click.argument("job_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Wait until it has ended; exit code 1 where it is not done then.")
@click.option("--json", "as_json", is_flag=True)
@hands_over
def show_job(job_id: str, follow: bool, as_json: bool, client: Client | None) -> None:
    """All about one job."""
    from server.cli.ledger import find_job, open_ledger
    from server.cli.rows import all_about

    with open_ledger(client) as ledger:
        job = find_job(ledger, job_id)
        if follow and job["state"] not in ENDED:
            _follow(client, ledger, job, quiet=as_json)
            job = ledger.job(job["id"])
    click.echo(json.dumps(job, ensure_ascii=False) if as_json else "\n".join(all_about(job)))
    if follow and job["state"] != "done":
        sys.exit(1)


def _follow(client: Client | None, ledger: Ledger, job: dict[str, Any], quiet: bool) -> None:
    from core.settings import get_settings
    from server.cli.progress import bar, watch
    from server.cli.rows import how_far

    if client is None and not get_settings().shared_jobs:
        raise AtelierError(f"job {job['id']} waits, and no server runs that could do it", "start one: `atelier serve`")
    with bar(quiet) as show:
        if client is not None:
            watch(client, job, show)
        while job["state"] not in ENDED and client is None:
            show(how_far(job), (job["progress"] or {}).get("done") or 0.0)
            time.sleep(LOOK)
            job = ledger.job(job["id"])


@jobs.command("fetch")
@click.argument("job_id", metavar="ID")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("out/design.png"), show_default=True)
@hands_over
def fetch_pictures(job_id: str, output: Path, client: Client | None) -> None:
    """Write the pictures of a job that is done."""
    from server.cli.ledger import find_job, open_ledger

    with open_ledger(client) as ledger:
        job = find_job(ledger, job_id)
        names = (job["result"] or {}).get("images", [])
        if job["state"] != "done" or not names:
            remedy = "`atelier jobs show` says more" if job["state"] in ENDED else "wait: `atelier jobs show --follow`"
            raise AtelierError(f"job {job['id']} is {job['state']} and has no pictures", remedy)
        for name, file in zip(names, places(output, len(names)), strict=True):
            write(file, ledger.file(job["id"], name))
            click.echo(f"picture   {file}")


@jobs.command("cancel")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@hands_over
def cancel_jobs(job_ids: tuple[str, ...], client: Client | None) -> None:
    """End jobs that wait or run; one that has ended stays as it is."""
    from server.cli.ledger import find_job, open_ledger

    with open_ledger(client) as ledger:
        for job in [find_job(ledger, job_id) for job_id in job_ids]:
            after = ledger.cancel(job["id"])
            click.echo(f"{after['id']}  {'cancelling' if after['cancelling'] else after['state']}")


@jobs.command("retry")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@hands_over
def retry_jobs(job_ids: tuple[str, ...], client: Client | None) -> None:
    """Run jobs again that failed, died or were cancelled."""
    from server.cli.ledger import find_job, open_ledger

    with open_ledger(client) as ledger:
        for job in [find_job(ledger, job_id) for job_id in job_ids]:
            after = ledger.retry(job["id"])
            click.echo(f"{after['id']}  {after['state']}")


@jobs.command("purge")
@click.option("--state", "states", type=click.Choice(ENDED), multiple=True, help="[default: finished, which is all]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@hands_over
def purge_jobs(states: tuple[str, ...], yes: bool, client: Client | None) -> None:
    """Forget jobs that have ended, with their pictures."""
    from server.cli.ledger import all_jobs, open_ledger

    wanted = ("finished",) if not states or "finished" in states else tuple(dict.fromkeys(states))
    with open_ledger(client) as ledger:
        if not yes:
            meant = ENDED if wanted == ("finished",) else wanted
            count = sum(job["state"] in meant for job in all_jobs(ledger))
            click.confirm(f"Forget {_so_many(count)} with their pictures?", abort=True)
        forgotten = sum(ledger.purge(state) for state in wanted)
    click.echo(f"{_so_many(forgotten)} forgotten")


def _so_many(count: int) -> str:
    return f"{count} job{'' if count == 1 else 's'}"


COMMANDS = (jobs,)
