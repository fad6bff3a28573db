"""The command `atelier`, also `python -m server`: its commands, and how it refuses."""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from core.errors import AtelierError
from server.cli import (
    describe,
    design,
    doctor,
    documents,
    ingest,
    jobs,
    keys,
    replay,
    search,
    serve,
    settings,
    stories,
    styles,
)


class _Group(click.Group):
    """Answers a refusal in one line with its remedy and exit code 1; usage errors exit with 2, Ctrl-C with 130."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AtelierError as error:
            click.echo(f"atelier: {error}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("atelier: interrupted", err=True)
            sys.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="atelier")
def main() -> None:
    """Sketches and words become pictures in a retrieved style."""
    log = logging.getLogger("atelier")
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(logging.StreamHandler())  # to standard error


for noun in (serve, design, replay, ingest, describe, search, documents, stories, styles, jobs, keys, settings, doctor):
    for command in noun.COMMANDS:
        main.add_command(command)
