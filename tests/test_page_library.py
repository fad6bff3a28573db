"""The page's Library and Search tabs: files taken in, told of and deleted; pictures found, looked at and handed on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.settings import ROOT
from tests.browsing import LAPTOP, PHONE, WIDE, check_accessible, check_fits, chromium, needs_chromium, page_of
from tests.conftest import data_over
from tests.servers import Server

pytestmark = needs_chromium

SAMPLES = sorted((ROOT / "samples").glob("*.png")) + sorted((ROOT / "styles").glob("*.jpg"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    """One whose library has all samples, described."""
    with Server(data_over(tmp_path_factory.mktemp("page-library"), models)) as server:
        files = [("files", (path.name, path.read_bytes())) for path in SAMPLES]
        assert server.http.post("/pictures", files=files).json()["new"] == len(SAMPLES)
        assert server.http.post("/generate_description").json()["described"] == len(SAMPLES)
        yield server


@pytest.fixture
def empty(tmp_path: Path, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path, models)) as server:
        yield server


def search(page: Page, words: str) -> None:
    page.fill("#panel-search [data-ref=text]", words)
    page.click("#panel-search [data-ref=go]")


def test_files_are_taken_in_with_one_that_is_no_picture_and_deleted_again(browser: Browser, empty: Server) -> None:
    with page_of(browser, empty) as page:
        page.goto("/#/search")
        page.get_by_role("button", name="Open the library").click()
        expect(page.locator("#panel-library")).to_contain_text("No pictures yet")
        check_accessible(page)
        page.fill("[data-ref=tags]", "furniture, old")
        page.set_input_files("#panel-library [data-ref=files]", [ROOT / "README.md", *SAMPLES[:3]])
        uploads = page.locator(".uploads")
        expect(uploads).to_contain_text("3 files taken in, 1 not")
        expect(uploads.locator("li.failed")).to_contain_text("README.md cannot be read as a picture")
        expect(page.locator("#panel-library .hung")).to_have_count(3)
        check_accessible(page)
        uploads.get_by_role("button", name="Retry").click()
        expect(page.locator(".uploads")).to_contain_text("0 files taken in, 1 not")
        assert empty.http.get("/pictures").json()["pictures"][0]["tags"] == ["furniture", "old"]
        for box in page.locator("#panel-library .pick input").all()[:2]:
            box.check(force=True)
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Keep").click()
        assert empty.http.get("/pictures").json()["total"] == 3
        page.get_by_role("button", name="Delete", exact=True).click()
        page.locator("dialog").get_by_role("button", name="Delete").click()
        expect(page.locator("#panel-library .hung")).to_have_count(1)
        assert empty.http.get("/pictures").json()["total"] == 1


def test_a_library_begins_with_the_samples_and_is_described(browser: Browser, empty: Server) -> None:
    with page_of(browser, empty) as page:
        page.goto("/#/library")
        page.get_by_role("button", name="Take in the samples").click()
        expect(page.locator("#panel-library .hung")).to_have_count(8)
        page.click("[data-ref=describe]")
        expect(page.locator("[data-ref=described]")).to_contain_text("8 pictures described by describer")
        page.locator("#panel-library .hung .open").first.click()
        expect(page.locator("dialog.large")).to_contain_text("What it shows")
        check_accessible(page)


def test_a_style_is_added_used_and_deleted(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/library")
        page.click("[data-ref=seeStyles]")
        expect(page.locator(".shelf-of-styles li")).to_have_count(7)
        page.get_by_text("Add a style").click()
        page.get_by_role("button", name="Add the style").click()
        expect(page.locator("[data-ref=styleTrouble]")).to_contain_text("A style is a picture")
        page.set_input_files("[data-ref=styleFile]", ROOT / "samples/still-life.jpg")
        expect(page.locator("#style-name")).to_have_value("still life")
        page.fill("#style-words", "old master still life, dark brown")
        check_accessible(page)
        page.get_by_role("button", name="Add the style").click()
        expect(page.locator(".shelf-of-styles li")).to_have_count(8)
        page.locator(".shelf-of-styles li", has_text="still life").get_by_role("button", name="Use it").click()
        expect(page).to_have_url(re.compile("#/design$"))
        expect(page.locator(".style:has(:checked) .name")).to_have_text("still life")
        page.goto("/#/library")
        page.locator(".shelf-of-styles li", has_text="still life").get_by_role("button", name="Delete").click()
        page.locator("dialog[open]").get_by_role("button", name="Delete").click()
        expect(page.locator(".shelf-of-styles li")).to_have_count(7)


def test_words_find_pictures_and_say_why(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        expect(page.locator("[data-ref=summary]").first).to_contain_text("15 pictures in the library")
        search(page, "a teapot")
        first = page.locator("#panel-search .hung").first
        expect(first).to_contain_text("teapot.png")
        expect(first).to_contain_text("named teapot")
        expect(first.locator(".sure")).to_contain_text("%")
        page.reload()
        expect(page.locator("#panel-search [data-ref=text]")).to_have_value("a teapot")
        expect(page.locator("#panel-search .hung").first).to_contain_text("teapot.png")


def test_what_the_library_does_not_hold_is_no_good_match(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        search(page, "a giraffe")
        expect(page.locator("#panel-search")).to_contain_text("No good match")
        expect(page.locator("#panel-search")).to_contain_text("What comes closest")
        check_accessible(page)


def test_filters_are_chips_that_are_taken_off(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        search(page, "a picture in blue")
        expect(page.locator("#panel-search .why").first).to_be_visible()
        page.click("[data-ref=toggle]")
        page.select_option("#search-medium", "painting")
        page.get_by_label("purple").check(force=True)
        chips = page.locator("[data-ref=set] .chip")
        expect(chips).to_have_count(2)
        expect(page.locator("#panel-search")).to_contain_text(re.compile("cyberpunk.jpg|low-poly.jpg"))
        check_accessible(page)
        chips.filter(has_text="purple").click()
        expect(chips).to_have_count(1)
        page.fill("#search-negative", "boat")
        page.keyboard.press("Enter")
        expect(chips).to_have_count(2)
        page.fill("#search-after", "2030-01-01")
        expect(page.locator("#panel-search")).to_contain_text(re.compile("No good match|0 pictures"))


def test_a_picture_finds_its_like_and_is_handed_on(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        page.set_input_files("#panel-search [data-ref=file]", ROOT / "styles/cyberpunk.jpg")
        expect(page.locator("#panel-search .hung").first).to_contain_text("cyberpunk.jpg")
        expect(page.locator("[data-ref=given]")).to_be_visible()
        page.locator("#panel-search .hung .open").first.click()
        large = page.locator("dialog.large")
        expect(large).to_contain_text("Why it was found")
        name = large.locator("h2").inner_text()
        page.keyboard.press("ArrowRight")
        expect(large.locator("h2")).not_to_have_text(name)
        page.keyboard.press("ArrowLeft")
        expect(large.locator("h2")).to_have_text(name)
        check_accessible(page)
        large.get_by_role("button", name="More like this").click()
        expect(page.locator("[data-ref=givenImage]")).to_have_attribute("alt", "Like cyberpunk.jpg")
        expect(page.locator("#panel-search .hung").first).to_be_visible()
        page.locator("#panel-search .hung .open").first.click()
        large.get_by_role("button", name="Use as sketch").click()
        expect(page).to_have_url(re.compile("#/design$"))
        expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))


def test_a_library_picture_becomes_a_style(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        search(page, "a dress")
        page.locator("#panel-search .hung .open").first.click()
        page.locator("dialog.large").get_by_role("button", name="Use as style").click()
        expect(page.locator(".style:has(:checked) .name")).to_have_text("dress")
        style = next(one for one in server.http.get("/styles").json()["styles"] if one["name"] == "dress")
        assert not style["shipped"] and "dress" in style["words"]
        server.http.delete(f"/styles/{style['id']}")


def test_nothing_asked_is_told(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        page.goto("/#/search")
        page.click("#panel-search [data-ref=go]")
        expect(page.locator("#panel-search [data-ref=trouble]")).to_contain_text("Say what you look for")


def test_a_server_that_is_away_is_told_and_what_was_typed_stays(browser: Browser, empty: Server) -> None:
    empty.http.post("/pictures", files=[("files", (path.name, path.read_bytes())) for path in SAMPLES[:4]])
    with page_of(browser, empty) as page:
        page.goto("/#/search")
        expect(page.locator("#panel-search .hung")).to_have_count(4)
        empty.kill()
        search(page, "a boat")
        expect(page.locator("#panel-search .state")).to_contain_text("The server does not answer")
        check_accessible(page)
        empty.start()
        expect(page.locator("#panel-search .hung").first).to_contain_text("boat.png")
        expect(page.locator("#panel-search [data-ref=text]")).to_have_value("a boat")


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (LAPTOP, "light"), (PHONE, "dark")])
def test_both_tabs_fit_and_are_accessible(browser: Browser, server: Server, size: tuple[int, int], theme: str) -> None:
    with page_of(browser, server, size, color_scheme=theme) as page:
        page.goto("/#/search")
        search(page, "something blue")
        expect(page.locator("#panel-search .why").first).to_be_visible()
        page.click("[data-ref=toggle]")
        check_fits(page)
        check_accessible(page)
        page.goto("/#/library")
        expect(page.locator("#panel-library .hung").first).to_be_visible()
        check_fits(page)
        check_accessible(page)
        page.click("[data-ref=seeStyles]")
        expect(page.locator(".shelf-of-styles li").first).to_be_visible()
        check_fits(page)
        check_accessible(page)
