"""The page's History tab: what was asked for, kept up as it goes; opened, stopped, run again, proved, forgotten."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.settings import ROOT
from tests.browsing import (
    LAPTOP,
    PHONE,
    WIDE,
    check_accessible,
    check_fits,
    chromium,
    needs_chromium,
    page_of,
)
from tests.conftest import data_over
from tests.servers import HOUSE, Server

pytestmark = [needs_chromium, pytest.mark.xdist_group("page-history")]

COTTAGE = "a cottage with a red roof in a sunny meadow"
ASYNC = {"Prefer": "respond-async"}
SLOW = {"n": 8, "width": 1024, "height": 1024}  # some tens of seconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    """One picture at a time, and a history of a job of every kind that fills less than a page."""
    with Server(data_over(tmp_path_factory.mktemp("page-history"), models), JOB_THREADS=1) as server:
        knowledge = [("files", (name, (ROOT / "samples/knowledge" / name).read_bytes())) for name in ("colosseum.md",)]
        for path, asked in (
            ("/documents", {"files": knowledge}),
            ("/pictures", {"files": [("files", ("house.png", HOUSE)), ("files", ("notes.txt", b"no picture"))]}),
            ("/generate-story", {"files": {"file": ("house.png", HOUSE)}, "data": {"wish": "of a quiet winter"}}),
            ("/generate-image", {"json": {"story": "A whale came to the lighthouse at night."}}),
        ):
            answer = server.http.post(path, headers=ASYNC, **asked)
            assert answer.status_code == 202, answer.text
        server.http.post("/illustrate", json={"question": "Which building held fifty thousand people?"})
        for path in ("/generate_description", "/generate_description_embeddings"):
            assert server.http.post(path).status_code == 200
        server.generate(mode="preview", prompt=COTTAGE, n=3, headers={"Accept": "application/json"})
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of(browser, server) as page:
        page.goto("/#/history")
        expect(page.locator(".job").first).to_be_visible()
        yield page


def row(page: Page, words: str) -> Locator:
    """The newest job that was asked in these words."""
    return page.locator(".job", has=page.locator("h3", has_text=words)).first


def press(row: Locator, name: str) -> None:
    row.get_by_role("button", name=re.compile(f"^{name}")).click()


def prove(page: Page, row: Locator, name: str) -> Locator:
    row.locator("summary").click()
    row.get_by_role("button", name=name).click()
    return row.locator(".proof")


def test_every_kind_of_job_is_told_in_words(page: Page) -> None:
    told = {
        COTTAGE: ("Design", "Ghibli-inspired watercolour · painter 1.2 · seeds 0, 1, 2"),
        "Which building held fifty thousand people?": ("Illustration", "painter 1.2, embedded composition"),
        "A whale came to the lighthouse at night.": ("Picture of a story", "seed 0"),
        "house.png and notes.txt": ("Pictures taken in", "1 new · 1 failed"),
        "colosseum.md": ("Documents taken in", "1 new"),
        "Pictures of the library": ("Descriptions", "1 described · describer 1.0"),
        "Descriptions of the library": ("Descriptions made searchable", "embedded"),
    }
    for words, (kind, outcome) in told.items():
        expect(row(page, words).locator(".job-line")).to_contain_text(re.compile(rf"^{kind}just now[\d.]+ m?sDone$"))
        expect(row(page, words)).to_contain_text(outcome)
    story = page.locator(".job", has=page.locator(".job-line strong", has_text=re.compile("^Story$")))
    expect(story).to_contain_text("storyteller 1.0")
    expect(page.locator(".job h3").first).to_have_text(COTTAGE)
    shown = row(page, COTTAGE).locator("img")
    expect(shown).to_have_count(3)
    for picture in shown.all():
        expect(picture).to_have_js_property("naturalWidth", 320)
    expect(row(page, COTTAGE).locator("time")).to_have_attribute("title", re.compile(r"^\d+ \w+ 20\d\d at [\d:]+$"))
    failed = row(page, "house.png and notes.txt")
    failed.locator("summary").click()
    expect(failed.locator(".failures")).to_contain_text("notes.txt: ")


def test_what_runs_moves_and_is_stopped_and_run_again(page: Page, server: Server) -> None:
    server.submit(prompt="a bridge that takes long", **SLOW)
    waits = server.submit(prompt="a boat that waits", mode="preview")
    running, waiting = row(page, "a bridge that takes long"), row(page, "a boat that waits")
    expect(running.locator("progress")).to_have_attribute("value", re.compile(r"\d"))
    expect(running.locator(".now")).to_contain_text(re.compile(r"step \d+ of 48"))
    expect(waiting.locator(".now")).to_have_text("Waiting: next")
    expect(waiting.locator("img")).to_have_attribute("alt", "The sketch")
    check_accessible(page)
    press(waiting, "Cancel")
    expect(waiting.locator(".chip")).to_have_text("Cancelled")
    expect(waiting.get_by_role("button").first).to_be_focused()
    press(waiting, "Run again")
    expect(waiting.locator(".now")).to_have_text("Waiting: next")
    press(running, "Cancel")
    expect(running.locator(".chip")).to_have_text("Cancelled")
    expect(waiting.locator(".job-line")).to_contain_text("Done")
    expect(page.locator("[data-ref=said]")).to_contain_text("Design: Done")
    assert server.job(waits)["state"] == "done"


def test_a_job_that_failed_says_why_and_what_to_do(page: Page, server: Server) -> None:
    server.generate(sketch=HOUSE[: len(HOUSE) // 2], mode="preview", prompt="half of a file")
    failed = row(page, "half of a file")
    expect(failed.locator(".chip")).to_have_text("Failed")
    error = server.job(failed.get_attribute("data-job") or "")["error"]
    expect(failed.locator(".notice")).to_contain_text(error["message"])
    expect(failed.locator(".notice")).to_contain_text(error["remedy"][1:])
    check_accessible(page)
    press(failed, "Run again")
    expect(failed.locator(".job-line")).to_contain_text("2 attempts")
    page.select_option("[data-ref=state]", label="Failed")
    expect(page.locator(".job")).to_have_count(1)


def test_a_file_is_proved_and_one_that_holds_no_recipe_is_told(page: Page, server: Server) -> None:
    style = server.http.post("/styles", files={"file": ("s.png", HOUSE)}, data={"name": "Lines"}).json()["id"]
    made = server.generate(mode="preview", style=style, prompt="a house in lines")
    server.http.delete(f"/styles/{style}")
    page.set_input_files("[data-ref=upload]", {"name": "lines.png", "mimeType": "image/png", "buffer": made.content})
    proof = page.locator("[data-ref=proof] .proof")
    expect(proof).to_contain_text("Different · lines.png")
    expect(proof.locator("li")).to_contain_text("is gone")
    check_accessible(page)
    proof.get_by_role("button", name="Close").click()
    expect(page.locator("[data-ref=proof]")).to_be_empty()
    page.set_input_files("[data-ref=upload]", {"name": "plain.png", "mimeType": "image/png", "buffer": HOUSE})
    expect(page.locator("[data-ref=proof] [role=alert]")).to_contain_text("plain.png")


def test_a_picture_is_proved_from_its_own_recipe(page: Page, server: Server) -> None:
    made = row(page, COTTAGE)
    proof = prove(page, made, "Prove picture 2")
    expect(proof).to_contain_text(f"Identical · {COTTAGE.replace(' ', '-')[:25]}")
    expect(made.locator("dl")).to_contain_text("found with 0.")
    recipe = made.locator("pre")
    expect(recipe).to_contain_text('"engine": "painter 1.2"')
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    made.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == recipe.text_content()
    check_accessible(page)
    expect(row(page, "made again")).to_contain_text("Identical")


def test_its_pictures_are_downloaded_as_they_were_made(page: Page, server: Server) -> None:
    made = row(page, COTTAGE)
    loaded = []
    page.on("download", lambda loading: loaded.append(loading))
    press(made, "Download 3")
    expect(made.get_by_role("button", name=re.compile("^Download 3"))).to_be_enabled()
    while len(loaded) < 3:
        page.wait_for_timeout(50)
    names = [loading.suggested_filename for loading in loaded]
    assert names == [f"a-cottage-with-a-red-roof-{seed}.png" for seed in range(3)]
    files = f"/jobs/{made.get_attribute('data-job')}/files"
    assert Path(loaded[2].path()).read_bytes() == server.http.get(f"{files}/image-2.png").content
    assert Image.open(io.BytesIO(Path(loaded[0].path()).read_bytes())).format == "PNG"


def test_a_job_is_opened_in_its_tab(page: Page) -> None:
    press(row(page, COTTAGE), "Open")
    expect(page).to_have_url(re.compile("#/design$"))
    expect(page.locator("#design-prompt")).to_have_value(COTTAGE)
    expect(page.locator("#panel-design [data-ref=picture]")).to_have_attribute("alt", re.compile("^The picture"))
    page.go_back()
    press(row(page, "Which building held"), "Open")
    expect(page).to_have_url(re.compile("#/documents$"))
    expect(page.locator("#panel-documents [data-ref=question]")).to_have_value(
        "Which building held fifty thousand people?"
    )
    expect(page.locator("#panel-documents img").first).to_be_visible()
    page.go_back()
    press(row(page, "A whale came"), "Open")
    expect(page).to_have_url(re.compile("#/story$"))
    expect(page.locator("#panel-story [data-ref=story]")).to_have_value("A whale came to the lighthouse at night.")
    page.go_back()
    story = page.locator(".job", has=page.locator(".job-line strong", has_text=re.compile("^Story$")))
    title = story.locator("h3").text_content() or ""
    press(story, "Open")
    expect(page.locator("#panel-story")).to_contain_text(title)
    page.go_back()
    press(row(page, "house.png and notes.txt"), "Open")
    expect(page).to_have_url(re.compile("#/library$"))


def test_kinds_and_states_are_chosen(page: Page) -> None:
    page.select_option("[data-ref=kind]", label="Documents taken in")
    expect(page.locator(".job")).to_have_count(1)
    page.select_option("[data-ref=state]", label="Failed")
    expect(page.locator("[data-kind=empty]")).to_contain_text("Nothing of that kind")
    check_accessible(page)
    page.get_by_role("button", name="Show everything").click()
    expect(row(page, COTTAGE)).to_be_visible()
    expect(page.locator("[data-ref=kind]")).to_have_value("")


def test_one_is_forgotten_when_that_is_meant(page: Page, server: Server) -> None:
    server.generate(mode="preview", prompt="a picture nobody wants")
    unwanted, dialog = row(page, "a picture nobody wants"), page.locator("dialog[open]")
    press(unwanted, "Forget")
    expect(dialog).to_contain_text("a picture nobody wants")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(unwanted).to_be_visible()
    press(unwanted, "Forget")
    dialog.get_by_role("button", name="Forget it").click()
    expect(unwanted).to_have_count(0)
    asked = [job["asked"].get("prompt") for job in server.http.get("/jobs").json()["jobs"]]
    assert "a picture nobody wants" not in asked


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE], ids=["wide", "laptop", "phone"])
def test_it_is_accessible_and_fits_in_light_and_dark(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    with page_of(browser, server, size, reduced_motion="reduce") as page:
        page.goto("/#/history")
        row(page, COTTAGE).locator("summary").click()
        expect(row(page, COTTAGE).locator("pre")).to_be_visible()
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            check_fits(page)
            check_accessible(page)


def test_pages_empty_histories_and_a_server_that_goes_away(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server, reduced_motion="reduce") as page:
        page.goto("/#/history")
        expect(page.locator("[data-kind=empty]")).to_contain_text("Nothing was asked for yet")
        expect(page.get_by_role("button", name="Forget all finished")).to_be_disabled()
        check_accessible(page)
        for _ in range(23):
            server.http.post("/generate_description_embeddings")
        page.reload()
        rows, more = page.locator(".job"), page.get_by_role("button", name="Show more")
        expect(rows).to_have_count(20)
        check_accessible(page)
        more.click()
        expect(rows).to_have_count(23)
        expect(rows.nth(20).get_by_role("button").first).to_be_focused()
        expect(more).to_be_hidden()
        server.generate(mode="preview", prompt="a house at the top")
        expect(rows.first.locator("h3")).to_have_text("a house at the top")
        expect(rows).to_have_count(24)
        expect(rows.first.get_by_role("button", name=re.compile("^Forget"))).to_be_visible()
        server.kill()
        press(rows.first, "Forget")
        page.locator("dialog[open]").get_by_role("button", name="Forget it").click()
        expect(rows.first.locator("[role=alert]")).to_contain_text("does not answer")
        expect(page.locator("#band")).to_be_visible()
        check_accessible(page)
        server.start()
        page.locator("#band-retry").dispatch_event("click")  # the band may just have gone by itself
        rows.first.get_by_role("button", name="Retry").click()
        expect(rows).to_have_count(23)
        page.get_by_role("button", name="Forget all finished").click()
        page.locator("dialog[open]").get_by_role("button", name="Forget all").click()
        expect(page.locator(".toast")).to_have_text("23 entries forgotten")
        expect(page.locator("[data-kind=empty]")).to_be_visible()
