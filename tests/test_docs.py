"""The pages of docs/ say what is so: errors by their words, metrics by their names, the dashboard's queries."""

from __future__ import annotations

import ast
import json
import re
from itertools import combinations
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.settings import ROOT, Settings
from tests.conftest import serving
from tests.servers import HOUSE

FLOORS = ("core", "retrievers", "generators", "chains", "server")
TROUBLES = (ROOT / "docs/troubleshooting.md").read_text()
BOARD: dict[str, Any] = json.loads((ROOT / "docs/grafana.json").read_text())
INTERNAL = ("LeaseLost", "ClientLeft")  # nobody is there who could read them


def template(node: ast.AST) -> str | None:
    """A text of the source, with ... for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    return None


def templates() -> set[str]:
    trees = [ast.parse(path.read_text()) for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return {text for tree in trees for node in ast.walk(tree) if (text := template(node)) and len(text) > 5}


def test_every_message_of_the_troubles_is_in_the_source_word_for_word() -> None:
    known = templates()
    rows = re.findall(r"^\| `([^`]+)`", TROUBLES, re.MULTILINE)
    assert len(rows) > 50
    strange = [row for row in rows if not any(row in text for text in known)]
    assert not strange, strange


def test_what_answers_and_refuses_most_is_among_the_troubles() -> None:
    """The errors of core, of doors and of jobs, each by its own words."""
    files = [ROOT / f"{path}.py" for path in ("core/errors", "server/auth", "server/refusals", "server/jobs/errors")]
    rows = re.findall(r"^\| `([^`]+)`", TROUBLES, re.MULTILINE)
    missing = []
    for path in files:
        for kind in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]:
            calls = [node for node in ast.walk(kind) if isinstance(node, ast.Call) and kind.bases]
            said = [text for call in calls for each in call.args[:1] if (text := template(each))]
            inits = [text for text in said if len(text) > 20 and kind.name not in INTERNAL]
            missing += [(kind.name, text) for text in inits if not any(row in text for row in rows)]
    assert not missing, missing


@pytest.fixture(scope="module")
def scraped(shared_settings: Settings) -> str:
    """What /metrics says after one of each."""
    with serving(shared_settings) as client:
        _use(client)
        return client.get("/metrics").text


def _use(client: TestClient) -> None:
    data, file = {"prompt": "a sea", "mode": "preview"}, {"file": ("s.png", HOUSE)}
    assert client.post("/generate", data=data, files=file).status_code == 200
    assert client.post("/generate", data={**data, "style": "nope"}, files=file).status_code == 404
    failed = client.post("/pictures/folder", json={"path": "nowhere"})
    assert failed.status_code >= 400


def test_the_table_of_metrics_is_what_is_scraped(scraped: str) -> None:
    text = (ROOT / "docs/operations.md").read_text()
    told = set(re.findall(r"`((?:atelier|process)_\w+)`", text))
    kept = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"^([a-z_]+)[ {]", scraped, re.MULTILINE)}
    declared = set(re.findall(r"^# TYPE (\w+)", scraped, re.MULTILINE))
    there = kept | declared | {"atelier_gpu_memory_bytes"}  # there is no card here
    assert told <= there, told - there
    ours = {name for name in declared if name.startswith("atelier_")}
    assert ours <= told, ours - told


def test_the_dashboard_asks_for_what_there_is(scraped: str) -> None:
    labels: dict[str, set[str]] = {"atelier_gpu_memory_bytes": {"gpu", "what"}}
    for name, told in re.findall(r"^([a-z_]+)(?:\{([^}]*)\})? ", scraped, re.MULTILINE):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', told))
    declared = set(re.findall(r"^# TYPE (\w+)", scraped, re.MULTILINE))
    panels = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
    assert len(panels) > 20
    for panel in panels:
        for target in panel["targets"]:
            asked = re.findall(r"\b((?:atelier|process)_\w+)\{([^}]*)\}", target["expr"])
            assert asked, panel["title"]
            for name, selector in asked:
                plain = re.sub(r"_bucket$", "", name)
                assert name in labels or plain in declared, (panel["title"], name)
                known = labels.get(name, set()) | {"job", "instance"}
                used = set(re.findall(r"(\w+)=", selector))
                by = {
                    part.strip() for group in re.findall(r"by \(([^)]*)\)", target["expr"]) for part in group.split(",")
                }
                shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                if labels.get(name):
                    assert used | by | shown <= known, (panel["title"], name, (used | by | shown) - known)


def test_the_dashboards_panels_have_places_of_their_own() -> None:
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["title"], panel["gridPos"]) for panel in panels]
    assert all(at["x"] >= 0 and at["x"] + at["w"] <= 24 for _, at in places)
    for (one, a), (other, b) in combinations(places, 2):
        apart_x = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        apart_y = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart_x or apart_y, (one, other)
