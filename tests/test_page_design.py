"""The page's Design tab: drawn, previewed, generated, cancelled, compared; by mouse, finger and keyboard."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from core.settings import ROOT
from generators import recipe
from tests.browsing import HUT, PHONE, WIDE, check_accessible, check_fits, chromium, draw, needs_chromium, page_of
from tests.conftest import data_over
from tests.servers import Server

pytestmark = [needs_chromium, pytest.mark.xdist_group("page-design")]

PROMPT = "a cottage with a red roof in a sunny meadow"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    with Server(data_over(tmp_path_factory.mktemp("page-design"), models)) as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with page_of(browser, server) as page:
        open_design(page)
        yield page


def open_design(page: Page) -> None:
    page.goto("/#/design")
    expect(page.locator(".style")).to_have_count(8)


def ink(page: Page) -> int:
    """Dark pixels of the sheet."""
    count: int = page.evaluate(
        """() => { const c = document.querySelector('#panel-design canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
        for (let i = 0; i < d.length; i += 4) n += d[i] < 128; return n; }"""
    )
    return count


def generate(page: Page) -> None:
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=outcome]")).to_be_visible()


def test_a_drawing_is_painted_while_it_is_drawn_and_then_for_good(page: Page, server: Server) -> None:
    picture, caption = page.locator("[data-ref=picture]"), page.locator("[data-ref=caption]")
    draw(page, *HUT)
    expect(picture).to_have_attribute("alt", re.compile("Preview in "))
    expect(caption).to_contain_text("until your words find a style")
    page.fill("#design-prompt", PROMPT)
    expect(caption).to_contain_text("found with")
    expect(page.locator(".style.found .name")).to_have_text("Ghibli-inspired watercolour")
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=progressWords]")).to_contain_text(re.compile(r"step \d of 6"))
    expect(page.locator("[data-ref=outcome]")).to_be_visible()
    expect(picture).to_have_attribute("alt", "The picture, in Ghibli-inspired watercolour")
    expect(caption).to_contain_text("painter 1.2, seed 0")
    expect(page.locator("[data-ref=outcome]")).to_contain_text("Lines kept")
    expect(page.locator(".others li")).to_have_count(4)
    with page.expect_download() as loading:
        page.click("[data-ref=download]")
    assert loading.value.suggested_filename == "a-cottage-with-a-red-roof-0.png"
    made = Path(loading.value.path()).read_bytes()
    assert Image.open(io.BytesIO(made)).size == (512, 512)
    replayed = server.http.post("/replay", files={"file": ("picture.png", made)}).json()
    assert replayed["verdict"] == "identical", replayed
    check_accessible(page)
    check_fits(page)


def painted_with(name: str, value: float, answer: Response) -> bool:
    """Whether this is a preview that was painted so."""
    if not answer.url.endswith("/preview") or answer.status != 200:
        return False
    return bool(answer.json()["recipe"]["sampling"][name] == value)


def test_lines_and_style_are_weighed_and_the_preview_follows(page: Page, server: Server) -> None:
    picture = page.locator("[data-ref=picture]")
    draw(page, *HUT)
    page.fill("#design-prompt", PROMPT)
    expect(page.locator(".style.found .name")).to_have_text("Ghibli-inspired watercolour")
    expect(picture).to_have_attribute("src", re.compile("^blob:"))
    page.get_by_text("Fine-tuning").click()
    expect(page.locator("input[name=num_inference_steps]")).to_be_disabled()
    before = picture.get_attribute("src")
    for name, value in (("controlnet_conditioning_scale", "0"), ("ip_adapter_scale", "0.4")):
        with page.expect_response(partial(painted_with, name, float(value))):
            page.locator(f"input[name={name}]").fill(value)
    expect(picture).not_to_have_attribute("src", before or "")
    generate(page)
    with page.expect_download() as loading:
        page.click("[data-ref=download]")
    told = recipe.read(Path(loading.value.path()).read_bytes()).recipe["sampling"]
    assert told == {"controlnet_conditioning_scale": 0.0, "ip_adapter_scale": 0.4}
    page.reload()
    expect(page.locator("input[name=ip_adapter_scale]")).to_have_value("0.4")


def test_undo_redo_and_clear_are_exact(page: Page) -> None:
    draw(page, HUT[0])
    one = ink(page)
    draw(page, HUT[1])
    both = ink(page)
    assert both > one > 0
    page.click("[data-ref=undo]")
    assert ink(page) == one
    page.click("[data-ref=redo]")
    assert ink(page) == both
    page.click("[data-ref=clear]")
    assert ink(page) == 0
    page.locator("#panel-design canvas").focus()
    page.keyboard.press("Control+z")
    assert ink(page) == both
    page.click("[data-ref=eraser]")
    draw(page, HUT[1])
    assert 0 < ink(page) < both


def test_a_sheet_is_drawn_on_by_keyboard_alone(page: Page) -> None:
    page.locator("#panel-design canvas").focus()
    page.keyboard.press(" ")
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowLeft"):
        for _ in range(3):
            page.keyboard.press(key)
    page.keyboard.press(" ")
    page.keyboard.press("Tab")
    assert ink(page) > 2000
    expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))


def test_the_words_alone_make_a_picture(page: Page) -> None:
    page.fill("#design-prompt", "a lighthouse in a storm at night")
    generate(page)
    expect(page.locator("[data-ref=outcome]")).to_contain_text("Composed from your words")
    expect(page.locator("[data-ref=compare]")).to_be_disabled()


def test_nothing_drawn_or_written_is_told_and_the_words_are_looked_at(page: Page) -> None:
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=trouble]")).to_contain_text("Nothing is drawn or written yet")
    expect(page.locator("#design-prompt")).to_be_focused()
    check_accessible(page)
    page.fill("#design-prompt", "a")
    expect(page.locator("[data-ref=trouble]")).to_be_empty()


def test_a_job_is_cancelled_and_what_was_there_is_there_again(page: Page) -> None:
    draw(page, *HUT)
    expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))
    page.fill("#design-prompt", PROMPT)
    page.locator("summary", has_text="Fine-tuning").click()
    page.select_option("#design-n", "8")
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=progressWords]")).to_contain_text("step")
    page.click("[data-ref=cancel]")
    expect(page.locator("[data-ref=progress]")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("Cancelled")
    expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))
    expect(page.locator("#design-prompt")).to_have_value(PROMPT)
    expect(page.locator("[data-ref=go]")).to_be_enabled()


def test_several_pictures_lie_on_the_shelf_and_are_compared_with_the_sketch(page: Page) -> None:
    draw(page, *HUT)
    page.fill("#design-prompt", PROMPT)
    page.locator("summary", has_text="Fine-tuning").click()
    page.select_option("#design-n", "2")
    generate(page)
    expect(page.locator(".shot")).to_have_count(2)
    page.locator(".shot").nth(1).click()
    expect(page.locator("[data-ref=caption]")).to_contain_text("seed 1")
    page.click("[data-ref=compare]")
    expect(page.locator("[data-ref=divider]")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('[data-ref=over]')).clipPath")
        == "inset(0px 40% 0px 0px)"
    )
    check_accessible(page)


def test_styles_are_blended_with_weights(page: Page) -> None:
    draw(page, *HUT)
    page.check("[data-ref=blend]")
    page.locator(".style", has_text="Impasto").click()
    page.locator(".style", has_text="Ukiyo-e").click()
    weights = page.locator("[data-ref=weights] input")
    expect(weights).to_have_count(2)
    weights.first.fill("2")
    generate(page)
    figures = page.locator(".worn figcaption")
    expect(figures).to_have_count(2)
    expect(page.locator("[data-ref=outcome]")).to_contain_text("weight 0.67")
    check_accessible(page)


def test_a_runner_up_is_taken_instead(page: Page) -> None:
    draw(page, *HUT)
    page.fill("#design-prompt", PROMPT)
    generate(page)
    page.locator(".other", has_text="Impasto").click()
    expect(page.locator("[data-ref=caption]")).to_contain_text("Impasto oils by painter")
    expect(page.locator("[data-ref=outcome]")).to_contain_text("Style you chose")
    assert page.locator("input[name=style][value=impasto]").is_checked()


def test_a_sketch_is_uploaded_dropped_and_taken_from_the_examples(page: Page) -> None:
    page.set_input_files("[data-ref=upload]", ROOT / "samples/chair.png")
    expect(page.locator("[data-ref=ghost]")).to_be_hidden()
    expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))
    width, height = page.evaluate("(c => [c.width, c.height])(document.querySelector('#panel-design canvas'))")
    assert abs(width / height - 800 / 960) < 0.02
    page.click("[data-ref=samplesOpen]")
    expect(page.locator(".sample")).to_have_count(8)
    check_accessible(page)
    page.locator(".sample", has_text="boat").click()
    expect(page.locator("#design-prompt")).to_have_value("a sailing boat on a calm sea")


def test_a_file_that_is_no_picture_is_told_and_takes_nothing_away(page: Page) -> None:
    draw(page, HUT[0])
    before = ink(page)
    page.set_input_files("[data-ref=upload]", {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    expect(page.locator("[data-ref=trouble]")).to_contain_text("notes.txt is no picture")
    assert ink(page) == before


def test_what_the_server_refuses_is_told_as_it_words_it_and_can_be_tried_again(page: Page) -> None:
    page.fill("#design-prompt", "x" * 200_000)
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=trouble]")).to_contain_text("prompt")
    expect(page.locator("[data-ref=trouble] button")).to_have_text("Retry")
    expect(page.locator("#design-prompt")).to_have_value("x" * 200_000)
    page.fill("#design-prompt", "a lighthouse")
    generate(page)


def test_a_reload_in_the_middle_of_a_job_goes_on_with_it(page: Page) -> None:
    draw(page, *HUT)
    page.fill("#design-prompt", PROMPT)
    before = ink(page)
    page.locator("summary", has_text="Fine-tuning").click()
    page.select_option("#design-n", "4")
    page.click("[data-ref=go]")
    expect(page.locator("[data-ref=progressWords]")).to_contain_text("step")
    page.reload()
    expect(page.locator("[data-ref=progress]")).to_be_visible()
    expect(page.locator("#design-prompt")).to_have_value(PROMPT)
    assert ink(page) == before
    expect(page.locator(".shot")).to_have_count(4)
    expect(page.locator("[data-ref=outcome]")).to_be_visible()


def test_a_server_that_goes_and_comes_back_finishes_the_job(browser: Browser, tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server, page_of(browser, server) as page:
        open_design(page)
        draw(page, *HUT)
        page.fill("#design-prompt", PROMPT)
        page.locator("summary", has_text="Fine-tuning").click()
        page.select_option("#design-n", "4")
        page.click("[data-ref=go]")
        expect(page.locator("[data-ref=progressWords]")).to_contain_text("step")
        server.kill()
        expect(page.locator("#band")).to_be_visible()
        check_accessible(page)
        server.start()
        expect(page.locator("#band")).to_be_hidden()
        expect(page.locator(".shot")).to_have_count(4, timeout=60_000)


def test_a_finger_draws_on_a_phone(browser: Browser, server: Server) -> None:
    with page_of(browser, server, PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
        open_design(page)
        box = page.locator("#panel-design canvas").bounding_box()
        assert box is not None
        devtools = page.context.new_cdp_session(page)
        at = [
            (box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8))
        ]
        for kind, points in (("touchStart", at[:1]), ("touchMove", at[1:2]), ("touchMove", at[2:]), ("touchEnd", [])):
            told = [{"x": x, "y": y} for x, y in points]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})
        assert ink(page) > 1000 and page.evaluate("scrollY") == 0
        expect(page.locator("[data-ref=picture]")).to_have_attribute("alt", re.compile("Preview"))
        check_fits(page)
        check_accessible(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tab_is_accessible_before_anything_is_drawn(browser: Browser, server: Server, theme: str) -> None:
    with page_of(browser, server, WIDE, color_scheme=theme) as page:
        open_design(page)
        check_accessible(page)
        page.locator("summary", has_text="Fine-tuning").click()
        check_accessible(page)
