"""The page's Story tab: told, painted, remembered, through reloads, cancelled jobs and a server that goes away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.settings import ROOT
from tests.browsing import LAPTOP, PHONE, WIDE, check_accessible, check_fits, chromium, needs_chromium, page_of
from tests.chat_server import needs, wait_until
from tests.conftest import data_over
from tests.openai_server import OpenAIServer
from tests.servers import Server

pytestmark = needs_chromium

WAVE, HOUSE = ROOT / "styles/ukiyo-e.jpg", ROOT / "samples/house.png"
TALE = "A small boat with a white sail crossed the bay at dusk. An old fisherman sang to the moon."
WRITER = "Told by openai:gpt-4o-mini"
KEY = "page-story-key-of-ann"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path_factory.mktemp("page-story"), models)) as server:
        yield server


@dataclass(frozen=True)
class Written:
    """A server whose stories a chat model writes, which does next what `faults` says first."""

    server: Server
    model: OpenAIServer
    faults: list[str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Written]:
    needs("openai")
    faults: list[str] = []
    with OpenAIServer(lambda _: faults.pop(0) if faults else None) as model:
        lent = {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "lent", "NO_PROXY": "127.0.0.1"}
        data = data_over(tmp_path_factory.mktemp("page-story-written"), models)
        with Server(data, LANGUAGE_MODEL="openai:gpt-4o-mini", **lent) as server:
            yield Written(server, model, faults)


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of(browser, server) as page:
        yield page


def tell(page: Page, by: str = "Told by storyteller") -> None:
    page.goto("/#/story")
    page.set_input_files("#panel-story [data-ref=file]", WAVE)
    page.click("[data-ref=tell]")
    expect(page.locator("[data-ref=status]")).to_contain_text(by)


def test_a_picture_is_told_of_remembered_and_its_story_painted(page: Page) -> None:
    tell(page)
    title = page.locator("[data-ref=title]").inner_text()
    assert title and len(page.locator("[data-ref=text]").inner_text()) > 400
    expect(page.locator("[data-ref=status]")).to_contain_text("seen by describer")
    check_accessible(page)
    expect(page.locator(".remembered .kept").first).to_contain_text(title)
    with page.expect_download() as saved:
        page.click("[data-ref=saveText]")
    assert Path(saved.value.path()).read_text().startswith(f"{title}\n\n")
    page.click("[data-ref=toPicture]")
    expect(page.locator("[data-ref=scene]")).to_contain_text("The moment that was chosen")
    expect(page.locator("[data-ref=scene]")).to_contain_text("It takes up")
    expect(page.locator("#panel-story .painting .caption")).to_contain_text("painter 1.2")
    check_accessible(page)
    page.locator(".remembered .kept", has_text="Picture").first.click()
    one = page.locator("dialog.remembered-one")
    expect(one.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    check_accessible(page)
    count = page.locator(".remembered .kept").count()
    one.get_by_role("button", name="Forget it").click()
    page.locator("dialog[open]").last.get_by_role("button", name="Forget it").click()
    expect(page.locator(".remembered .kept")).to_have_count(count - 1)


def test_another_seed_tells_another_story(page: Page) -> None:
    tell(page)
    first = page.locator("[data-ref=text]").inner_text()
    page.click("[data-ref=another]")
    expect(page.locator("[data-ref=text]")).not_to_have_text(first)
    expect(page.locator("[data-ref=status]")).to_contain_text("Told by storyteller")
    expect(page.locator("[data-ref=sources]")).to_contain_text("It takes up")


def test_a_story_needs_a_picture_and_a_picture_a_story(page: Page) -> None:
    page.goto("/#/story")
    page.click("[data-ref=tell]")
    expect(page.locator("[data-ref=tellTrouble]")).to_contain_text("choose one first")
    page.set_input_files("#panel-story [data-ref=file]", ROOT / "README.md")
    expect(page.locator("[data-ref=tellTrouble]")).to_contain_text("README.md is no picture")
    page.click("[data-ref=seePicturing]")
    page.click("[data-ref=picture]")
    expect(page.locator("[data-ref=pictureTrouble]")).to_contain_text("There is no story yet")
    check_accessible(page)


def test_a_story_of_ones_own_is_painted_and_handed_on(page: Page) -> None:
    page.goto("/#/story")
    page.click("[data-ref=seePicturing]")
    page.fill("[data-ref=story]", TALE)
    page.select_option("#panel-story [data-ref=style]", "ukiyo-e")
    page.click("[data-ref=picture]")
    expect(page.locator("#panel-story .painting .caption")).to_contain_text("Ukiyo-e woodblock by painter")
    page.reload()
    page.click("[data-ref=seePicturing]")
    expect(page.locator("[data-ref=story]")).to_have_value(TALE)


def test_a_picture_of_a_story_outlives_a_reload_and_is_added_to_the_library(page: Page, server: Server) -> None:
    page.goto("/#/story")
    page.click("[data-ref=seePicturing]")
    page.fill("[data-ref=story]", TALE)
    page.click("[data-ref=picture]")
    expect(page.locator("#panel-story .painting [role=status]")).to_contain_text("step")
    page.reload()
    expect(page.locator("#panel-story .painting .caption")).to_contain_text("painter 1.2")
    page.locator("#panel-story .painting").get_by_role("button", name="Add to library").click()
    expect(page.locator(".uploads")).to_contain_text("1 file taken in")
    assert server.http.get("/pictures").json()["total"] == 1


def painted(page: Page) -> Locator:
    return page.locator("#panel-story .painting .caption")


def test_a_story_and_its_picture_are_there_again_after_a_reload(page: Page) -> None:
    tell(page)
    title, story = page.locator("[data-ref=title]").inner_text(), page.locator("[data-ref=text]").inner_text()
    page.reload()
    expect(page.locator("[data-ref=title]")).to_have_text(title)
    expect(page.locator("[data-ref=text]")).to_have_text(story, use_inner_text=True)
    expect(page.locator("[data-ref=given]")).to_have_attribute("src", re.compile("^blob:"))
    page.click("[data-ref=seePicturing]")
    page.fill("[data-ref=story]", TALE)
    page.click("[data-ref=picture]")
    expect(painted(page)).to_contain_text("painter 1.2")
    page.reload()
    expect(painted(page)).to_contain_text("painter 1.2")
    expect(page.locator("[data-ref=seePicturing]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-ref=scene]")).to_contain_text("The moment that was chosen")


def test_a_story_that_was_cancelled_leaves_the_one_before(browser: Browser, written: Written) -> None:
    with page_of(browser, written.server) as page:
        tell(page, WRITER)
        written.faults.append("hang")
        asked = len(written.model.seen)
        page.click("[data-ref=another]")
        assert wait_until(lambda: len(written.model.seen) > asked, 60)
        check_accessible(page)
        page.click("[data-ref=stop]")
        expect(page.locator(".toast")).to_contain_text("Cancelled")
        expect(page.locator("[data-ref=title]")).to_have_text("The Kettle of Mr Poll")
        expect(page.locator("[data-ref=tell]")).to_be_enabled()


def test_a_model_that_fails_is_told_of_and_tried_again(browser: Browser, written: Written) -> None:
    with page_of(browser, written.server) as page:
        page.goto("/#/story")
        page.set_input_files("#panel-story [data-ref=file]", WAVE)
        written.faults.append("no money")
        page.click("[data-ref=tell]")
        expect(page.locator("[data-ref=tellTrouble]")).to_contain_text("quota")
        check_accessible(page)
        page.locator("[data-ref=tellTrouble]").get_by_role("button", name="Retry").click()
        expect(page.locator("[data-ref=status]")).to_contain_text(WRITER)


def test_a_story_goes_on_when_its_server_comes_back(browser: Browser, written: Written) -> None:
    with page_of(browser, written.server) as page:
        page.goto("/#/story")
        page.set_input_files("#panel-story [data-ref=file]", WAVE)
        page.fill("#panel-story [name=wish]", "a kettle")
        written.faults.append("hang")
        asked = len(written.model.seen)
        page.click("[data-ref=tell]")
        assert wait_until(lambda: len(written.model.seen) > asked, 60)
        written.server.kill()
        expect(page.locator("[data-ref=status]")).to_contain_text("The server does not answer")
        page.click("[data-ref=stop]")
        expect(page.locator("#toasts")).to_contain_text("Not cancelled: The server does not answer.")
        expect(page.locator("[data-ref=stop]")).to_be_enabled()
        written.server.start()
        expect(page.locator("[data-ref=status]")).to_contain_text(WRITER)
        expect(page.locator("[data-ref=title]")).to_have_text("The Kettle of Mr Poll")
        expect(page.locator("#panel-story [name=wish]")).to_have_value("a kettle")


def test_what_was_written_comes_back_when_another_story_takes_its_place(page: Page) -> None:
    tell(page)
    page.click("[data-ref=seePicturing]")
    page.fill("[data-ref=story]", TALE)
    page.click("[data-ref=seeTelling]")
    page.click("[data-ref=toPicture]")
    expect(page.locator("[data-ref=story]")).not_to_have_value(TALE)
    page.locator(".toast").get_by_role("button", name="Put it back").click()
    expect(page.locator("[data-ref=story]")).to_have_value(TALE)


def test_a_story_is_copied_or_it_is_said_that_no_page_may(browser: Browser, server: Server) -> None:
    with page_of(browser, server, permissions=["clipboard-read", "clipboard-write"]) as page:
        tell(page)
        page.click("[data-ref=copy]")
        expect(page.locator("#toasts")).to_contain_text("Story copied")
        assert page.evaluate("navigator.clipboard.readText()").startswith(page.locator("[data-ref=title]").inner_text())
    with page_of(browser, server) as page:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as on plain http
        tell(page)
        page.click("[data-ref=copy]")
        expect(page.locator("#toasts")).to_contain_text("nothing be copied here")


def test_memories_come_in_pages_and_stay_with_their_key(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models), API_KEYS=f"ann:{KEY}") as server, page_of(browser, server) as page:
        headers = {"x-api-key": KEY}
        for seed in range(13):
            server.http.post(
                "/generate-story", data={"seed": seed}, files={"file": ("h.png", HOUSE.read_bytes())}, headers=headers
            )
        assert wait_until(lambda: server.http.get("/memories", headers=headers).json()["total"] == 13)
        page.goto("/#/story")
        page.locator("#key-dialog").get_by_role("button", name="Not now").click()
        asking = page.locator("#panel-story .memories .state")
        expect(asking).to_contain_text("asks for a key")
        check_accessible(page)
        asking.get_by_role("button", name="Enter the key").click()
        page.fill("#key-input", KEY)
        page.keyboard.press("Enter")
        expect(page.locator(".remembered .kept")).to_have_count(12)
        page.click("[data-ref=moreMemories]")
        expect(page.locator(".remembered .kept")).to_have_count(13)
        expect(page.locator("[data-ref=moreMemories]")).to_be_hidden()


def test_a_picture_is_dropped_anywhere_on_the_tab_or_pasted(page: Page) -> None:
    page.goto("/#/story")
    page.click("[data-ref=seePicturing]")
    held = """async path => { const held = new DataTransfer();
    held.items.add(new File([await (await fetch(path)).blob()], "given.jpg", { type: "image/jpeg" })); return held; }"""
    dropped = page.evaluate_handle(held, "styles/ukiyo-e/image?size=64")
    page.dispatch_event("#panel-story .panel-head", "drop", {"dataTransfer": dropped})
    given = page.locator("[data-ref=given]")
    expect(given).to_have_attribute("alt", "The picture given.jpg")
    expect(page.locator("[data-ref=seeTelling]")).to_have_attribute("aria-pressed", "true")
    before = given.get_attribute("src")
    page.evaluate("held => dispatchEvent(new ClipboardEvent('paste', { clipboardData: held }))", dropped)
    expect(given).not_to_have_attribute("src", before or "")


def test_back_leaves_a_memory_and_its_tab(page: Page) -> None:
    page.goto("/#/design")
    tell(page)
    page.locator(".remembered .kept").first.click()
    expect(page.locator("dialog.remembered-one")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog.remembered-one")).to_have_count(0)
    expect(page.locator("#panel-design")).to_be_visible()


def test_a_job_of_the_history_is_opened_where_it_was_made(page: Page, server: Server) -> None:
    tell(page)
    title = page.locator("[data-ref=title]").inner_text()
    page.evaluate("sessionStorage.clear()")
    page.goto("/#/history")
    page.reload()
    page.locator("#panel-history").get_by_role("button", name=re.compile("^Open")).first.click()
    expect(page.locator("[data-ref=title]")).to_have_text(title)


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (LAPTOP, "light"), (PHONE, "dark")])
def test_it_fits_and_is_accessible(browser: Browser, server: Server, size: tuple[int, int], theme: str) -> None:
    with page_of(browser, server, size, color_scheme=theme) as page:
        tell(page)
        check_fits(page)
        check_accessible(page)
        page.click("[data-ref=seePicturing]")
        page.fill("[data-ref=story]", TALE)
        page.click("[data-ref=picture]")
        expect(painted(page)).to_contain_text("painter 1.2")
        check_fits(page)
        check_accessible(page)
        page.locator(".remembered .kept").first.click()
        check_fits(page)
        check_accessible(page)
