"""`atelier doctor` and `atelier bench`: what is installed, what works, and how well."""

from __future__ import annotations

import json
import sys

import click

from core.errors import BadValue


@click.command()
@click.option("--repair", is_flag=True, help="Mend what is wrong between the library's files, ledger and index.")
@click.option("--online", is_flag=True, help="Ask a provider's chat model once, which it may want money for.")
@click.option("--json", "as_json", is_flag=True)
def doctor(repair: bool, online: bool, as_json: bool) -> None:
    """Say what is installed, what each role resolved to, and what is wrong."""
    from server.doctor import examine

    findings = examine(repair, online)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            mark = "ok " if finding.ok else "BAD"
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{mark} {finding.what:<12} {finding.found}{remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run the benchmark NAME: describe, design, diffusion, documents, embedding, jobs, media, photographed,
    photographs, retrieval, search, sheet, stores, stories.
    """
    import runpy

    from core.settings import ROOT

    known = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    if name not in known:
        raise BadValue("benchmark", name, " or ".join(known))
    sys.argv = [name, *arguments]
    sys.path.insert(0, str(ROOT))  # the drawings of `media` are degraded as the tests do it
    runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"), run_name="__main__")


COMMANDS = (doctor, bench)
