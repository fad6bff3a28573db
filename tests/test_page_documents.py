"""The page's Documents tab: taken in with what became of each, asked, painted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import LAPTOP, PHONE, WIDE, check_accessible, check_fits, chromium, needs_chromium, page_of
from tests.conftest import data_over
from tests.pdfs import prose
from tests.servers import Server

pytestmark = needs_chromium

BRENN = ("Brenn", "A white lighthouse with a red gallery stands on a black cliff above the sea of Brenn.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path_factory.mktemp("page-documents"), models)) as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of(browser, server) as page:
        yield page


def test_documents_are_asked_and_what_they_say_is_painted(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        page.goto("/#/documents")
        expect(page.locator("#panel-documents")).to_contain_text("No documents of yours yet")
        check_accessible(page)
        paper = {"name": "brenn.pdf", "mimeType": "application/pdf", "buffer": prose(*BRENN)}
        broken = {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing"}
        page.set_input_files("#panel-documents [data-ref=files]", [paper, broken])
        expect(page.locator(".intake")).to_contain_text("1 document taken in, 1 not")
        expect(page.locator(".intake .failed")).to_contain_text("broken.pdf is damaged")
        expect(page.locator(".intake .failed")).to_contain_text("Send it again")
        expect(page.locator("#panel-documents [data-ref=place]")).to_contain_text("Ask a question")
        check_accessible(page)
        page.fill("#panel-documents [data-ref=question]", "What does the lighthouse look like?")
        page.keyboard.press("Enter")
        passage = page.locator(".passages li").first
        expect(passage).to_contain_text("red gallery")
        expect(passage).to_contain_text("page 1")
        prompt = page.locator("#documents-prompt")
        expect(prompt).to_have_value(re.compile("lighthouse"))
        expect(page.locator("[data-ref=promptBy]")).to_contain_text("Extracted from the passages")
        prompt.fill("a red lighthouse on a cliff, thick oil paint")
        page.click("[data-ref=paint]")
        expect(page.locator("#panel-documents .painting .caption")).to_contain_text("Impasto oils by painter")
        check_accessible(page)
        job = server.http.get("/jobs?kind=illustrate").json()["jobs"][0]
        assert job["asked"]["prompt"] == "a red lighthouse on a cliff, thick oil paint"
        page.get_by_role("button", name=re.compile("Take brenn.pdf out")).click()
        page.locator("dialog[open]").get_by_role("button", name="Take it out").click()
        expect(page.locator(".papers li")).to_have_count(1)


def test_what_no_document_answers_is_said(page: Page) -> None:
    page.goto("/#/documents")
    page.fill("#panel-documents [data-ref=question]", "How do I file a tax return for a limited company?")
    page.click("#panel-documents [data-ref=go]")
    expect(page.locator("[data-ref=passagesHead]")).to_contain_text("Nothing in the documents answers this")
    expect(page.locator(".passages li.weak").first).to_contain_text("hardly fits")
    check_accessible(page)


def test_an_idea_is_asked_by_a_press_and_the_samples_come_in(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        page.goto("/#/documents")
        page.get_by_role("button", name="A castle like a white bird").click()
        expect(page.locator(".passages li").first).to_contain_text("Himeji")
        expect(page.locator(".papers li")).to_have_count(12)
        expect(page.locator("[data-ref=samples]")).to_contain_text("12 samples come with Atelier")
        server.kill()
        page.fill("#panel-documents [data-ref=question]", "A house over a waterfall")
        page.click("#panel-documents [data-ref=go]")
        expect(page.locator("#panel-documents .state")).to_contain_text("The server does not answer")
        server.start()
        expect(page.locator(".passages li").first).to_contain_text("Fallingwater")


def ask(page: Page, question: str) -> None:
    page.goto("/#/documents")
    page.fill("#panel-documents [data-ref=question]", question)
    page.keyboard.press("Enter")
    expect(page.locator(".passages li").first).to_be_visible()


def test_changed_words_and_the_picture_outlive_a_reload(page: Page) -> None:
    ask(page, "What does the Eiffel Tower look like?")
    prompt = page.locator("#documents-prompt")
    expect(prompt).to_have_value(re.compile("tower", re.IGNORECASE))
    drafted = prompt.input_value()
    prompt.fill("an iron tower in the fog")
    page.click("[data-ref=asDrafted]")
    expect(prompt).to_have_value(drafted)
    prompt.fill("an iron tower in the rain")
    page.reload()
    expect(prompt).to_have_value("an iron tower in the rain")
    page.click("[data-ref=paint]")
    expect(page.locator("#panel-documents .painting [role=status]")).to_contain_text("step")
    page.reload()
    expect(page.locator("#panel-documents .painting .caption")).to_contain_text("by painter")
    expect(page.locator("[data-ref=painted]")).to_have_text("Painted from “an iron tower in the rain”")
    expect(page.locator(".passages li").first).to_contain_text("Eiffel")
    page.reload()
    expect(page.locator("#panel-documents .painting .caption")).to_contain_text("by painter")
    ask(page, "Which opera house has shells?")
    expect(page.locator("#panel-documents .painting")).to_be_hidden()


def test_a_question_that_is_asked_while_the_tab_opens_is_asked_once(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "illustrate/prompt" in request.url else None)
        ask(page, "Which castle is white?")
        page.wait_for_load_state("networkidle")
        assert len(asked) == 1


def test_a_picture_that_was_cancelled_leaves_the_words(page: Page) -> None:
    ask(page, "Which castle is white?")
    page.fill("#documents-prompt", "a white castle, slowly")
    page.click("[data-ref=paint]")
    page.locator("#panel-documents .painting").get_by_role("button", name="Cancel").click()
    expect(page.locator(".toast")).to_contain_text("Cancelled")
    expect(page.locator("#documents-prompt")).to_have_value("a white castle, slowly")
    expect(page.locator("[data-ref=paint]")).to_be_enabled()
    check_accessible(page)


def test_documents_are_dropped_anywhere_on_the_tab(page: Page, server: Server) -> None:
    page.goto("/#/documents")
    expect(page.locator("#panel-documents [data-ref=go]")).to_be_visible()
    dropped = page.evaluate_handle(
        """text => { const held = new DataTransfer();
        held.items.add(new File([text], "skell.md", { type: "text/markdown" }));
        return held; }""",
        "# Skell\n\nThe harbour of Skell has seven blue cranes and a clock.",
    )
    page.dispatch_event("#panel-documents .panel-head", "drop", {"dataTransfer": dropped})
    expect(page.locator(".intake")).to_contain_text("skell.md taken in")
    assert "skell.md" in [one["name"] for one in server.http.get("/documents").json()["documents"]]


def test_samples_are_told_of_and_taken_out_together(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        ask(page, "Which castle is white?")
        assert all(one["sample"] for one in server.http.get("/documents").json()["documents"])
        long = page.locator(".passages li").first
        long.get_by_role("button", name="Read it whole").click()
        expect(long.locator(".folded")).to_have_count(0)
        page.click("[data-ref=samplesOut]")
        page.locator("dialog[open]").get_by_role("button", name="Take them out").click()
        expect(page.locator(".papers li")).to_have_count(0)
        page.fill("#panel-documents [data-ref=question]", "Which tower leans?")
        page.keyboard.press("Enter")
        expect(page.locator("#panel-documents [data-ref=trouble]")).to_contain_text("The document library is empty")
        expect(page.locator("#panel-documents [data-ref=question]")).to_have_value("Which tower leans?")
        check_accessible(page)


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (LAPTOP, "light"), (PHONE, "dark")])
def test_it_fits_and_is_accessible(browser: Browser, server: Server, size: tuple[int, int], theme: str) -> None:
    with page_of(browser, server, size, color_scheme=theme) as page:
        page.goto("/#/documents")
        page.fill("#panel-documents [data-ref=question]", "Which castle is white?")
        page.click("#panel-documents [data-ref=go]")
        expect(page.locator(".passages li").first).to_be_visible()
        check_fits(page)
        check_accessible(page)
