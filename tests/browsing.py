"""A person at the page: Chromium against a real server, with what is drawn, pressed and looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDE, LAPTOP, PHONE = (1440, 900), (1024, 768), (390, 844)
PATIENCE = 60_000  # ms; a busy machine starts and paints slowly

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine (Debian: apt install chromium)"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    assert CHROMIUM is not None, "CI has a Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def page_of(
    browser: Browser, server: Server, size: tuple[int, int] = WIDE, forgiven: str = "", **context: Any
) -> Iterator[Page]:
    """A fresh visitor's page; whatever it logs as an error is a failure at the end, save what holds `forgiven`."""
    width, height = size
    visit = browser.new_context(viewport={"width": width, "height": height}, base_url=server.url, **context)
    expect.set_options(timeout=PATIENCE)
    page = visit.new_page()
    page.set_default_timeout(PATIENCE)
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.on("console", lambda told: mistakes.append(told.text) if _is_mistake(told.type, told.text) else None)
    try:
        yield page
        unforgiven = [told for told in mistakes if not forgiven or forgiven not in told]
        assert not unforgiven, unforgiven
    finally:
        visit.close()


def _is_mistake(kind: str, text: str) -> bool:
    """Chromium logs every answer that is no success by itself; what the page makes of those is for the tests."""
    return kind == "error" and "Failed to load resource" not in text


def open_tab(page: Page, name: str) -> None:
    page.goto(f"/#/{name}")
    expect(page.locator(f"#panel-{name} [data-ref]").first).to_be_attached()


def check_accessible(page: Page) -> None:
    """axe-core finds nothing, by the rules of WCAG 2.2 A and AA and its best practices."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]
    assert not told, "\n".join(told)


def check_fits(page: Page) -> None:
    """Nothing makes the page wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px too wide"


def draw(page: Page, *strokes: list[tuple[float, float]], canvas: str = "#panel-design canvas") -> None:
    """Strokes with the mouse, in shares of the canvas."""
    place = page.locator(canvas).first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()


HUT: list[list[tuple[float, float]]] = [
    [(0.25, 0.5), (0.25, 0.82), (0.75, 0.82), (0.75, 0.5), (0.25, 0.5)],
    [(0.2, 0.52), (0.5, 0.22), (0.8, 0.52)],
    [(0.44, 0.82), (0.44, 0.64), (0.56, 0.64), (0.56, 0.82)],
    [(0.04, 0.84), (0.25, 0.82)],
    [(0.75, 0.82), (0.96, 0.84)],
]


def shoot(page: Page, folder: Path, name: str) -> Path:
    """A screenshot of the window."""
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    return path
