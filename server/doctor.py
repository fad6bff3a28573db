"""Doctor: what is installed, what each role resolved to, and what keeps it from working."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from packaging.requirements import Requirement

from core.errors import AtelierError, BadSetting, LibraryBroken
from core.owner import holder_of
from core.settings import ROOT, Settings, get_settings
from generators.catalog import inventory, is_chat_model, llava_inventory, open_describer, open_generator
from retrievers.ingest.compare import DEFECTS


@dataclass(frozen=True)
class Finding:
    what: str
    found: str
    ok: bool = True
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(repair: bool = False, online: bool = False) -> list[Finding]:
    """All findings; nothing is changed but what opening the libraries writes anyway. With `repair`, what is wrong
    between the picture library's files, ledger and index is mended first, and the findings say what. With `online`,
    a chat model of a provider is asked once, which it may want money for."""
    findings = [Finding("python", platform.python_version()), _packages()]
    try:
        settings = get_settings()
    except AtelierError as error:
        return [*findings, Finding("settings", error.message, False, error.remedy)]
    findings.append(Finding("models", _models(settings)))
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("data", _data),
        ("embeddings", _embeddings),
        ("index", _index),
        ("styles", _styles),
        ("pictures", partial(_pictures, repair)),
        ("painter", _painter),
        ("describer", partial(_describer, online)),
        *inventory(settings).items(),
    )
    for what, check in checks:
        if what in ("index", "styles", "pictures") and not all(
            finding.ok for finding in findings if finding.what == "embeddings"
        ):
            findings.append(Finding(what, "not looked at: there is no embedding model", False, "see embeddings"))
            continue
        try:
            findings.append(Finding(what, check(settings)))
        except AtelierError as error:
            findings.append(Finding(what, error.message, False, error.remedy))
        except Exception as error:  # noqa: BLE001 - one broken role must not hide what is wrong with the others
            findings.append(Finding(what, f"{type(error).__name__}: {error}", False, "report this, it is our mistake"))
    return findings


def _models(settings: Settings) -> str:
    from retrievers.models import WORDS_AND_PALETTE, embedding_model

    if (
        settings.diffusion_model is None
        and settings.models == "embedded"
        and embedding_model(settings) == WORDS_AND_PALETTE
    ):
        return "MODELS=embedded: no download, no GPU, no key"
    told = f"MODELS={settings.models}, EMBEDDING_MODEL={embedding_model(settings)}"
    return told if settings.diffusion_model is None else f"{told}, TEXT_TO_IMAGE_MODEL={settings.diffusion_model}"


def _packages() -> Finding:
    """Whether what is installed is what requirements.txt pins."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    off = []
    for pin in pins:
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            off.append(f"{pin.name} is missing")
            continue
        if not pin.specifier.contains(installed.partition("+")[0]):
            off.append(f"{pin.name} is {installed}, tested with {pin.specifier}")
    if off:
        return Finding("packages", "; ".join(off), False, "pip install -r requirements.txt")
    return Finding("packages", f"all {len(pins)} as pinned")


def _data(settings: Settings) -> str:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.data_dir):
            free = shutil.disk_usage(settings.data_dir).free / 1e9
    except OSError as error:
        raise BadSetting("DATA_DIR", str(settings.data_dir), error.strerror or str(error)) from error
    holder = holder_of(settings.data_dir)
    return f"{settings.data_dir}, {free:.0f} GB free{f', owned by {holder}' if holder else ''}"


def _embeddings(settings: Settings) -> str:
    from retrievers.models import embedding_checkpoint, open_embeddings

    embedding_checkpoint(settings)  # a doctor fetches nothing
    model = open_embeddings(settings)
    place = f"{model.megabytes} MB on {model.device} by {model.runtime}"
    return f"{model.identity}, {model.dimension} dimensions, {place}, from {model.files}"


def _index(settings: Settings) -> str:
    from retrievers.catalog import index_place, open_styles

    library = open_styles(settings)
    library.shelf()
    place = index_place(settings)
    if library.index.in_memory:
        place = f"in memory: another process owns {settings.data_dir}, or {place} is damaged"
    return f"{len(library.index.rows())} rows, {place}"


def _styles(settings: Settings) -> str:
    from retrievers.catalog import open_styles

    library = open_styles(settings)
    shelf = library.shelf()
    for problem in shelf.problems.values():
        raise problem
    return f"{len(shelf.styles)}, best for 'neon': {library.search('neon')[0].name}"


class PicturesAmiss(LibraryBroken):
    """Files, ledger and index of the picture library say different things."""

    def __init__(self, amiss: dict[str, list[str]]) -> None:
        told = "; ".join(f"{len(each):,} {what.replace('_', ' ')} ({each[0]})" for what, each in amiss.items())
        super().__init__(f"the picture library is not in order: {told}", "atelier doctor --repair mends it", **amiss)


class IndexInMemory(LibraryBroken):
    """The picture library's index is made anew at every start, and mending it would last no longer."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the index in {place} is damaged: pictures are found, from memory",
            "move that folder away; it is made anew, and nothing is embedded again for that",
            place=place,
        )


def _pictures(repair: bool, settings: Settings) -> str:
    from retrievers.catalog import index_place, open_intake, open_pictures

    holder = holder_of(settings.data_dir)
    if holder is not None:
        ledger = open_pictures(settings).ledger
        return f"{ledger.count():,} pictures, not compared: {holder} may be writing"
    intake = open_intake(settings)
    if intake.index.in_memory:
        raise IndexInMemory(index_place(settings))
    found = intake.repair() if repair else intake.compare()
    amiss = {name: each for name, each in asdict(found).items() if name in DEFECTS and each}
    if amiss:
        raise PicturesAmiss(amiss)
    told = [f"{found.pictures:,}, all in the index"]
    told += [f"{count:,} {what.replace('_', ' ')} mended" for what, count in found.mended.items()]
    later = {"out of reach": found.out_of_reach, "changed since, ingest again": found.changed_files}
    told += [f"{len(paths):,} {what} ({paths[0]})" for what, paths in later.items() if paths]
    problems = intake.ledger.problems()
    told += [f"{len(problems):,} files could not be taken in ({problems[0].reason})"] if problems else []
    return "; ".join(told)


def _describer(online: bool, settings: Settings) -> str:
    """What describes pictures; a chat model's key and package, and with `online` its answer."""
    model = settings.describing_model
    if model is None:
        return open_describer(settings).engine
    if not is_chat_model(model):
        return llava_inventory(settings)
    from generators.vision.check import check, check_setup

    return check(settings) if online else f"{check_setup(settings)}; --online asks it"


def _painter(settings: Settings) -> str:
    return open_generator("painter").engine
