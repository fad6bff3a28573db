"""The blocks of README and docs run, so that they stay true."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from core.settings import ROOT
from tests.conftest import settings_over
from tests.test_process import free_port, wait_for

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
BLOCKS = re.findall(r"^```(\w+) ([\w-]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
BY_HAND_DESIGN = (
    '.venv/bin/atelier design samples/house.png "a cottage in a meadow" --num-inference-steps 20 --guidance-scale 7.5'
)
BY_HAND = {
    "make test": "it would run this test again",
    "make serve": "it blocks until it is ended; the blocks for a running server meet the same command, started here",
    "export MODELS=full": "it needs weights from the hub; tests/test_full.py does the same over tiny ones",
    BY_HAND_DESIGN: "the same",
    ".venv/bin/pip install -e .[groq]": "it needs a key; tests/test_describe_by_chat.py does it with a server here",
    "redis-server --appendonly yes": "four processes that stay; tests/test_server.py runs the same four",
    "export API_KEYS=me:$(openssl rand -hex 24)": "it needs containers; tests/test_compose.py runs the processes",
    ".venv/bin/pip install -e .[langfuse]": "it needs keys; tests/test_tracing.py does it with a server here",
}


ANSWERS = (  # what a block for a running server prints
    *("x-retrieved-style: (Ukiyo-e|Impasto)", "location: /jobs/", '"new":2.*"hits":', '"described":.*"hits":.{"id'),
    *("x-prompt: A%20highly", '"status": ?"pending".*"kind": ?"picture"'),
)


def surroundings(data: Path) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}


def run(command: list[str], data: Path) -> str:
    done = subprocess.run(command, cwd=ROOT, env=surroundings(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_of_commands_carries_a_tag() -> None:
    opened = [line for line in TEXT.splitlines() if line.startswith(("```sh", "```py", "```bash", "```console"))]
    assert len(opened) == len(BLOCKS) > 5
    assert {tag for _, tag, _ in BLOCKS} == {"run", "run-with-server", "by-hand"}
    assert {text.strip().splitlines()[0] for _, tag, text in BLOCKS if tag == "by-hand"} == set(BY_HAND)


installed = pytest.mark.skipif(
    not (ROOT / ".venv/.installed").exists(), reason="the blocks run in the .venv that make setup makes"
)


@contextmanager
def making(*names: str) -> Iterator[None]:
    """Blocks that make these pictures, which are not there before."""
    made = [ROOT / f"out/{name}.png" for name in names]
    (ROOT / "out").mkdir(exist_ok=True)
    for path in made:
        path.unlink(missing_ok=True)
    yield
    for path in made:
        assert Image.open(path).width > 300


@installed
def test_the_blocks_run(tmp_path: Path, models: Path) -> None:
    data = settings_over(tmp_path, models).data_dir
    by_design = ("design", "contact-sheet", "skyline", "skyline-sheet", "dress")
    with making(*by_design, "search", "colosseum", "taj-mahal", "boat", "blueprint"):
        for language, tag, text in BLOCKS:
            if tag == "run":
                interpreter = [sys.executable, "-c"] if language == "python" else ["bash", "-ec"]
                run([*interpreter, text], data)


@installed
def test_the_blocks_for_a_running_server_run(tmp_path: Path, models: Path) -> None:
    data, port = settings_over(tmp_path, models).data_dir, free_port()
    serving = [sys.executable, "-m", "server", "serve", "--port", str(port)]
    quiet = {"cwd": ROOT, "env": surroundings(data), "stderr": subprocess.DEVNULL}
    with making("chair", "fallingwater", "lighthouse"), subprocess.Popen(serving, **quiet) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz")
            for _, tag, text in BLOCKS:
                if tag == "run-with-server":
                    answer = run(["bash", "-ec", text.replace(":8000", f":{port}")], data)
                    assert re.search("|".join(ANSWERS), answer, re.DOTALL), answer
                    assert "jobs list" not in text or re.search(r"^\w+ +design +\w+", answer, re.MULTILINE), answer
        finally:
            server.send_signal(signal.SIGTERM)


def test_the_map_names_every_folder() -> None:
    text = (ROOT / "README.md").read_text()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.partition("/")[0] for line in listed.splitlines() if "/" in line and not line.startswith(".")}
    assert folders <= set(re.findall(r"^(\w+)/ ", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
