"""The page's frame in a browser: its tabs, theme, dialogs and key, what it weighs, and a server that goes away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browsing import (
    LAPTOP,
    PHONE,
    WIDE,
    check_accessible,
    check_fits,
    chromium,
    needs_chromium,
    open_tab,
    page_of,
)
from tests.conftest import data_over
from tests.proxies import Proxy
from tests.servers import Server

pytestmark = [needs_chromium, pytest.mark.xdist_group("page-frame")]

TABS = ("design", "search", "library", "story", "documents", "history")
KEY = "correct-horse-battery-staple"
WEIGHT = 120_000  # bytes of a first visit, as they are sent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path_factory.mktemp("page-frame"), models)) as server:
        server.generate(mode="preview")
        yield server


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path_factory.mktemp("page-closed"), models), API_KEYS=f"alice:{KEY}") as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of(browser, server) as page:
        page.goto("/")
        yield page


def shown(page: Page) -> str:
    """The name of the one tab that is shown, which its button, its title and the address say too."""
    panels = page.locator("[role=tabpanel]:visible")
    expect(panels).to_have_count(1)
    name = (panels.get_attribute("id") or "").removeprefix("panel-")
    expect(page.locator("[role=tab][aria-selected=true]")).to_have_attribute("id", f"tab-{name}")
    assert page.evaluate("location.hash") == f"#/{name}"
    expect(page).to_have_title(f"{name.capitalize()} · Atelier")
    return name


def test_tabs_are_addresses_and_the_back_button_goes_through_them(page: Page) -> None:
    assert shown(page) == "design"
    page.click("#tab-history")
    assert shown(page) == "history"
    page.goto("/#/story")
    assert shown(page) == "story"
    page.go_back()
    assert shown(page) == "history"
    page.go_back()
    assert shown(page) == "design"
    page.go_forward()
    assert shown(page) == "history"
    page.reload()
    assert shown(page) == "history"
    page.goto("/#/nothing-of-the-kind")
    assert shown(page) == "design"
    page.click(".wordmark")
    assert shown(page) == "design"


def test_the_first_view_is_no_step_to_go_back_to(page: Page) -> None:
    assert shown(page) == "design"
    assert page.evaluate("history.length") == 2  # the empty window before, and the page


def test_tabs_are_chosen_by_the_arrow_keys_and_are_one_stop_of_the_tabulator(page: Page) -> None:
    page.locator("#tab-design").focus()
    for key, name in (
        *(("ArrowRight", "search"), ("End", "history"), ("ArrowRight", "design")),
        *(("ArrowLeft", "history"), ("Home", "design")),
    ):
        page.keyboard.press(key)
        assert shown(page) == name
        expect(page.locator(f"#tab-{name}")).to_be_focused()
    assert page.locator("[role=tab][tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    expect(page.locator("#engines")).to_be_focused()


def test_the_skip_link_is_first_and_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator("#skip")).to_be_focused()
    expect(page.locator("#skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert shown(page) == "design"


def test_each_tab_keeps_how_far_it_was_scrolled(browser: Browser, server: Server) -> None:
    with page_of(browser, server, PHONE) as page:
        page.goto("/")
        expect(page.locator(".style")).to_have_count(8)
        page.evaluate("scrollTo(0, 400)")
        page.evaluate("document.getElementById('tab-history').click()")
        assert shown(page) == "history" and page.evaluate("scrollY") == 0
        page.evaluate("document.getElementById('tab-design').click()")
        assert shown(page) == "design" and page.evaluate("scrollY") == 400


def test_the_theme_is_the_systems_until_one_is_chosen_and_then_it_is_kept(browser: Browser, server: Server) -> None:
    with page_of(browser, server, color_scheme="dark") as page:
        page.goto("/")
        root, button = page.locator("html"), page.locator("#theme")
        expect(root).to_have_attribute("data-theme", "dark")
        expect(button).to_have_attribute("aria-label", "Light colours")
        page.emulate_media(color_scheme="light")
        expect(root).to_have_attribute("data-theme", "light")
        button.click()
        expect(root).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(root).to_have_attribute("data-theme", "dark")
        page.emulate_media(color_scheme="dark")
        button.click()
        page.reload()
        expect(root).to_have_attribute("data-theme", "light")


def test_the_engines_dialog_says_what_answers_and_closes_in_every_usual_way(page: Page) -> None:
    pill, dialog = page.locator("#engines"), page.locator("#engines-dialog")
    expect(pill).to_have_text("painter 1.2")
    closings = (
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(20, 500),
        lambda: page.click("#engines-close"),
    )
    for close in closings:
        pill.click()
        expect(dialog).to_contain_text("words-and-palette")
        expect(dialog).to_contain_text("7 styles")
        check_accessible(page)
        close()
        expect(dialog).to_be_hidden()
        expect(pill).to_be_focused()
    pill.click()
    dialog.locator("h2").hover()
    page.mouse.down()
    page.mouse.move(20, 500)
    page.mouse.up()  # text that is marked beyond the edge closes nothing
    expect(dialog).to_be_visible()


def test_a_key_is_asked_for_told_wrong_kept_in_the_tab_alone_and_never_in_an_address(
    browser: Browser, closed: Server
) -> None:
    with page_of(browser, closed) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/#/history")
        dialog, field = page.locator("#key-dialog"), page.locator("#key-input")
        expect(dialog).to_be_visible()
        check_accessible(page)
        field.fill("wrong-key")
        page.keyboard.press("Enter")
        expect(page.locator("#key-wrong")).to_contain_text("not known here")
        check_accessible(page)
        assert page.evaluate("sessionStorage.length") == 0
        field.fill("läuft nicht")
        page.keyboard.press("Enter")
        expect(page.locator("#key-wrong")).to_contain_text("no spaces")
        field.fill(f" {KEY} ")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("#engines")).to_have_attribute("data-state", "ready")
        expect(page.locator("#panel-history [data-kind=error]")).to_have_count(0)
        expect(page.locator("#key")).to_have_attribute("aria-label", "API key: in use")
        page.click("#tab-design")
        expect(page.locator(".style")).to_have_count(8)
        page.reload()
        expect(page.locator(".style")).to_have_count(8)
        assert KEY in page.evaluate("JSON.stringify(sessionStorage)")
        assert KEY not in page.evaluate("JSON.stringify(localStorage) + document.cookie + location.href")
        assert not [url for url in asked if KEY in url]
        page.click("#key")
        page.click("#key-forget")
        assert KEY not in page.evaluate("JSON.stringify(sessionStorage)")


def test_who_has_no_key_is_not_asked_again_and_again(browser: Browser, closed: Server) -> None:
    with page_of(browser, closed) as page:
        page.goto("/#/design")
        dialog = page.locator("#key-dialog")
        expect(dialog).to_be_visible()
        page.click("#key-close")
        expect(dialog).to_be_hidden()
        expect(page.locator("#engines")).to_have_text("Needs a key")
        page.click("#engines")
        shut = page.locator("#engines-dialog [data-kind=error]")
        expect(shut).to_be_visible()
        shut.get_by_role("button", name="Retry").click()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.locator("#panel-design button", has_text="Enter the key").click()
        page.fill("#key-input", KEY)
        page.keyboard.press("Enter")
        expect(page.locator(".style")).to_have_count(8)
        expect(page.locator("#panel-design [role=alert]")).to_have_count(0)


def test_a_band_tells_that_the_server_is_away_and_goes_when_it_is_back(
    browser: Browser, tmp_path: Path, models: Path
) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        page.goto("/")
        expect(page.locator("#engines")).to_have_attribute("data-state", "ready")
        server.kill()
        page.click("#engines")
        band = page.locator("#band")
        expect(band).to_be_visible()
        expect(page.locator("#engines")).to_have_text("No answer")
        expect(page.locator("#engines-dialog [data-kind=offline]")).to_be_visible()
        page.keyboard.press("Escape")
        check_accessible(page)
        check_fits(page)
        page.click("#tab-history")  # which was never opened, and cannot be now
        expect(page.locator("#panel-history [data-kind=offline]")).to_be_visible()
        check_accessible(page)
        server.start()
        page.evaluate("document.getElementById('band-retry').click()")  # it may have gone by itself
        expect(band).to_be_hidden()
        expect(page.locator("#engines")).to_have_attribute("data-state", "ready")
        expect(page.locator("#panel-history [data-kind=offline]")).to_have_count(0)
        expect(page.locator("#panel-history [data-ref]").first).to_be_attached()


@pytest.mark.parametrize("part", ["tabs/story.html", "js/story/story.js", "css/story.css"])
def test_a_tab_that_does_not_come_says_so_and_can_be_tried_again(browser: Browser, server: Server, part: str) -> None:
    def miss(route: Route) -> None:
        route.fulfill(status=404, body="")

    with page_of(browser, server, forgiven="story") as page:
        path = re.compile(rf"/{re.escape(part)}(\?.*)?$")
        page.route(path, miss)
        page.goto("/#/story")
        panel = page.locator("#panel-story")
        expect(panel.locator("[data-kind=error]")).to_contain_text("could not be opened")
        check_accessible(page)
        check_fits(page)
        with page.expect_response(path):
            panel.get_by_role("button", name="Retry").click()
        expect(panel.locator("[data-kind=error]")).to_contain_text("could not be opened")
        page.unroute(path, miss)
        panel.get_by_role("button", name="Retry").click()
        expect(panel.locator("[data-ref]").first).to_be_attached()
        expect(panel.locator("[data-kind=error]")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE], ids=["wide", "laptop", "phone"])
def test_every_tab_is_accessible_and_fits_in_light_and_dark(
    browser: Browser, server: Server, size: tuple[int, int]
) -> None:
    with page_of(browser, server, size, reduced_motion="reduce") as page:  # colours change at once
        for name in TABS:
            open_tab(page, name)
            expect(page.locator("#engines")).to_have_attribute("data-state", "ready")
            expect(page.locator(f"#panel-{name} [data-kind=loading]")).to_have_count(0)
            for theme in ("light", "dark"):
                page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                check_fits(page)
                check_accessible(page)


def test_a_first_visit_is_light_and_asks_no_other_host(browser: Browser, server: Server) -> None:
    with page_of(browser, server) as page:
        asked: list[str] = []
        sizes: list[float] = []
        page.on("request", lambda request: asked.append(request.url))
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.goto("/#/design")
        expect(page.locator("#engines")).to_have_attribute("data-state", "ready")
        pictures = page.locator(".style img")
        expect(pictures).to_have_count(7)
        for picture in pictures.all():
            expect(picture).to_have_js_property("complete", True)
            expect(picture).to_have_attribute("src", re.compile("^blob:"))
        assert len(sizes) > 30 and 40_000 < sum(sizes) < WEIGHT, (len(sizes), sum(sizes))
        for name in TABS:
            open_tab(page, name)
        hosts = {urlsplit(url.removeprefix("blob:")).netloc for url in asked}
        assert hosts == {f"127.0.0.1:{server.port}"}


def test_the_page_works_below_a_prefix_of_a_proxy(browser: Browser, server: Server) -> None:
    with Proxy(server.port, "/rag") as proxy, page_of(browser, server) as page:
        page.goto(f"{proxy.url}/rag#/design")
        expect(page).to_have_url(f"{proxy.url}/rag/#/design")
        expect(page.locator(".style")).to_have_count(8)
        page.fill("#design-prompt", "a lighthouse in a storm")
        page.locator("#panel-design").get_by_role("button", name="Generate", exact=True).click()
        expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("^The picture"))
        for name in TABS:
            page.click(f"#tab-{name}")
            expect(page.locator(f"#panel-{name} [data-ref]").first).to_be_attached()
        page.reload()
        assert shown(page) == "history"
        early = [path for path in proxy.seen if not path.startswith("/rag")]  # before the address had its slash
        assert all(re.match(r"/(css|js)/", path) for path in early), early
