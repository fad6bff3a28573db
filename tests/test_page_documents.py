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
        expect(page.locator(".intake .failed")).to_contain_text("broken.pdf")
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
    expect(page.locator(".passages li.weak").first).to_contain_text("hardly answers it")
    check_accessible(page)


def test_an_idea_is_asked_by_a_press_and_the_samples_come_in(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        page.goto("/#/documents")
        page.get_by_role("button", name="A castle like a white bird").click()
        expect(page.locator(".passages li").first).to_contain_text("Himeji")
        expect(page.locator(".papers li")).to_have_count(12)
        server.kill()
        page.fill("#panel-documents [data-ref=question]", "A house over a waterfall")
        page.click("#panel-documents [data-ref=go]")
        expect(page.locator("#panel-documents .state")).to_contain_text("The server does not answer")
        server.start()
        expect(page.locator(".passages li").first).to_contain_text("Fallingwater")


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (LAPTOP, "light"), (PHONE, "dark")])
def test_it_fits_and_is_accessible(browser: Browser, server: Server, size: tuple[int, int], theme: str) -> None:
    with page_of(browser, server, size, color_scheme=theme) as page:
        page.goto("/#/documents")
        page.fill("#panel-documents [data-ref=question]", "Which castle is white?")
        page.click("#panel-documents [data-ref=go]")
        expect(page.locator(".passages li").first).to_be_visible()
        check_fits(page)
        check_accessible(page)
