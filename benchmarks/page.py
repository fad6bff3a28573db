"""How light the page is, how soon it takes a stroke, and how soon after one its preview is seen.

    python -m benchmarks.page [http://127.0.0.1:8000]

Measures on a server that runs already, in Chromium without a cache, and asks it for the same previews without a browser
in between, in turn with the page's. Use a server that nobody else asks meanwhile.
"""

from __future__ import annotations

import base64
import statistics
import sys
import time
from collections.abc import Callable

import httpx
from playwright.sync_api import Browser, Page

from tests.browsing import HUT, WIDE, chromium

LOADS, STROKES = 5, 10
CANVAS, QUIET = "#panel-design canvas", 1_200  # ms without another picture: what is seen is of the last state
PROMPT = "a cottage with a red roof in a sunny meadow"

# When the pen was lifted, and when the picture that is shown now was there to be seen.
WATCH = """() => {
  const picture = document.querySelector("#panel-design img[data-ref=picture]");
  window.pen = { up: 0, seen: 0 };
  addEventListener("pointerup", () => { window.pen.up = performance.now(); }, true);
  new MutationObserver(async () => {
    await picture.decode().catch(() => {});
    requestAnimationFrame(() => { window.pen.seen = performance.now(); });
  }).observe(picture, { attributeFilter: ["src"] });
}"""
# What the page asked of /preview last, which devtools do not tell of forms with files.
KEEP = """{
  const plain = fetch;
  fetch = (address, options) => {
    if (new URL(address).pathname.endsWith("/preview")) window.sent = options.body;
    return plain(address, options);
  };
}"""
SENT = """async () => {
  const whole = new Response(window.sent), bytes = new Uint8Array(await whole.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { type: whole.headers.get("content-type"), body: btoa(text) };
}"""
INKED = f"""() => {{
  const canvas = document.querySelector({CANVAS!r});
  if (!canvas) return 0;
  const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < bytes.length; i += 16) if (bytes[i + 3] && bytes[i] < 128) return performance.now();
  return 0;
}}"""


def main(url: str = "http://127.0.0.1:8000") -> None:
    http = httpx.Client(base_url=url, timeout=60, trust_env=False)
    try:
        engine = http.get("/readyz").raise_for_status().json()["engine"]
    except httpx.HTTPError as error:
        sys.exit(f"no server that is ready at {url} ({error}): start one with `atelier serve`, without API_KEYS")
    with chromium() as browser:
        place = _canvas(browser, url)
        sizes = _weigh(browser, url)
        tell("first load, requests", f"{len(sizes)}", "")
        tell("first load, as sent", f"{sum(sizes) / 1000:.0f} kB", "120 kB")
        usable = [_usable(browser, url, place) for _ in range(LOADS)]
        tell(f"takes a stroke, cold cache, median of {LOADS}", f"{statistics.median(usable):.0f} ms", "1000 ms")
        seen, bare = _previews(browser, url, http)
    tell(f"pen up to preview seen, by {engine}, median of {STROKES}", f"{statistics.median(seen):.0f} ms", "")
    tell("the same previews without a browser", f"{statistics.median(bare):.0f} ms", "")
    tell("ratio", f"{statistics.median(seen) / statistics.median(bare):.2f}", "")


def tell(what: str, found: str, goal: str) -> None:
    print(f"{what:62} {found:>10}   {goal and f'goal {goal}'}", flush=True)


def _visit(browser: Browser, url: str) -> Page:
    """A visitor who was never here."""
    width, height = WIDE
    return browser.new_context(viewport={"width": width, "height": height}, base_url=url).new_page()


def _canvas(browser: Browser, url: str) -> tuple[float, float]:
    """The middle of the sheet in the window."""
    page = _visit(browser, url)
    page.goto("/#/design")
    page.wait_for_selector("#panel-design .style")
    box = page.locator(CANVAS).bounding_box()
    assert box is not None, "the sheet is not shown"
    page.context.close()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _weigh(browser: Browser, url: str) -> list[float]:
    """The bytes of every answer of a first visit, as they are sent."""
    page, sizes = _visit(browser, url), []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto("/#/design")
    page.wait_for_selector("#engines[data-state=ready]")
    page.wait_for_load_state("networkidle")
    page.context.close()
    return [size for size in sizes if size]  # pictures are shown from memory a second time, as blobs


def _usable(browser: Browser, url: str, place: tuple[float, float]) -> float:
    """The ms from the beginning of a first visit to the first ink of somebody who tries time and again."""
    page, (x, y) = _visit(browser, url), place
    page.goto("/#/design", wait_until="commit")
    while not (inked := page.evaluate(INKED)):
        page.mouse.move(x - 30, y)
        page.mouse.down()
        page.mouse.move(x + 30, y, steps=2)
        page.mouse.up()
    page.context.close()
    return float(inked)


def _previews(browser: Browser, url: str, http: httpx.Client) -> tuple[list[float], list[float]]:
    """The ms from each stroke's end to its preview, and those of the same request made anew without the page."""
    page = _visit(browser, url)
    page.add_init_script(KEEP)
    page.goto("/#/design")
    page.wait_for_selector("#panel-design .style")
    page.fill("#design-prompt", PROMPT)
    box = page.locator(CANVAS).bounding_box()
    assert box is not None, "the sheet is not shown"

    def stroke(points: list[tuple[float, float]]) -> None:
        for number, (x, y) in enumerate(points):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
            if not number:
                page.mouse.down()
        page.mouse.up()

    for points in HUT:
        stroke(points)
    _settle(page)
    page.evaluate(WATCH)
    seen, bare = [], []
    for number in range(STROKES):
        at = 0.06 + 0.08 * number
        stroke([(at, 0.06), (at + 0.05, 0.14)])
        _settle(page)
        pen = page.evaluate("window.pen")
        seen.append(pen["seen"] - pen["up"])
        bare.append(_timed(_again(http, page.evaluate(SENT))))
    page.context.close()
    return seen, bare


def _settle(page: Page) -> None:
    """Wait until the picture has not changed for a while."""
    source = "document.querySelector('#panel-design img[data-ref=picture]').src"
    before, since = page.evaluate(source), time.perf_counter()
    while time.perf_counter() - since < QUIET / 1000:
        page.wait_for_timeout(50)
        now = page.evaluate(source)
        if now != before:
            before, since = now, time.perf_counter()


def _again(http: httpx.Client, sent: dict[str, str]) -> Callable[[], httpx.Response]:
    """The request that the page made, as a plain client sends it."""
    headers = {"content-type": sent["type"], "accept": "application/json"}
    body = base64.b64decode(sent["body"])
    return lambda: http.post("/preview", content=body, headers=headers).raise_for_status()


def _timed(work: Callable[[], httpx.Response]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(*sys.argv[1:2])
