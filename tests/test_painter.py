"""The painter as a generator, and its parts one by one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event, Semaphore
from time import monotonic
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.colours import to_lab
from core.errors import BadValue
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import lay_out, trace_edges
from generators.orders import PaintOrder, Reference
from generators.painter.colouring import choose_colours
from generators.painter.painter import PASSES, Painter
from generators.painter.palette import kmeans, nearest
from generators.painter.patches import blend, cut, project, summarise
from generators.painter.places import Places
from generators.painter.regions import find_regions
from generators.painter.shapes import select
from generators.painter.style import WHIMS, Style
from generators.painter.texture import WHIM
from generators.painter.transport import transport
from generators.painter.wishes import Wishes, read_wishes
from tests.conftest import drawing, noise

STYLES = ("cyberpunk", "ghibli-watercolour", "industrial-blueprint", "ukiyo-e", "impasto", "art-deco", "low-poly")

CORES = os.cpu_count() or 1


def reference(style: str, weight: float = 1.0) -> Reference:
    return Reference(style, (ROOT / f"styles/{style}.jpg").read_bytes(), weight)


def order(sketch: Image.Image, *styles: str, **more: object) -> PaintOrder:
    return PaintOrder(trace_edges(lay_out(sketch)), tuple(map(reference, styles or ("low-poly",))), **more)


def paint(sketch: Image.Image, *styles: str, mode: str = "preview", **more: object) -> np.ndarray:
    return np.asarray(open_generator("painter").paint(order(sketch, *styles, mode=mode, **more)).image)


def lines(picture: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1)
    return cv2.Canny(grey, 60, 150) > 0


def recall(sketch: np.ndarray, picture: np.ndarray) -> float:
    """Share of the sketch's edges that the picture has within 2 px."""
    near = cv2.dilate(lines(picture).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))) > 0
    return float((lines(sketch) & near).sum() / max(1, lines(sketch).sum()))


@pytest.mark.parametrize("style", STYLES)
def test_the_sketch_stays_and_the_style_comes(style: str, house: Image.Image) -> None:
    picture = paint(house, style)
    sketch = np.asarray(lay_out(house))
    elsewhere = np.roll(sketch, (96, 128), (0, 1))
    assert recall(sketch, picture) > 0.7
    assert recall(sketch, picture) > 1.15 * recall(elsewhere, picture)
    own = palette_distance(picture, style)
    assert own < min(palette_distance(picture, other) for other in STYLES if other != style) * 1.15


def palette_distance(picture: np.ndarray, style: str) -> float:
    """Sliced Wasserstein distance of the colours of a picture and a style."""
    there = np.asarray(Image.open(ROOT / f"styles/{style}.jpg").convert("RGB").resize((128, 128)))
    here = cv2.resize(picture, (128, 128), interpolation=cv2.INTER_AREA)
    axes = np.random.default_rng(0).normal(size=(3, 64))
    axes /= np.linalg.norm(axes, axis=0)
    one, other = (np.sort(to_lab(image).reshape(-1, 3) @ axes, 0) for image in (here, there))
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("mode", ["preview", "quality"])
def test_one_order_gives_one_picture_whatever_runs_beside_it(mode: str, house: Image.Image) -> None:
    painter, chosen = open_generator("painter"), order(house, "cyberpunk", "ukiyo-e", prompt="a red roof", mode=mode)
    alone = painter.paint(chosen).image.tobytes()
    others = [order(drawing(), "impasto", seed=seed, mode="preview") for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        mixed = [pool.submit(painter.paint, o) for o in (others[0], chosen, others[1], chosen, others[2], others[3])]
        pictures = [future.result().image.tobytes() for future in mixed]
    assert pictures[1] == pictures[3] == alone
    assert len(set(pictures)) == 5


def test_another_seed_is_another_picture(house: Image.Image) -> None:
    assert not np.array_equal(paint(house, seed=0), paint(house, seed=1))


def test_a_colour_word_colours_its_region(house: Image.Image) -> None:
    def roof(picture: np.ndarray) -> np.ndarray:
        return to_lab(picture)[125:145, 200:320].reshape(-1, 3).mean(0)

    red, blue = (roof(paint(house, "ghibli-watercolour", prompt=f"a {colour} roof")) for colour in ("red", "blue"))
    assert red[1] - blue[1] > 0.2
    assert blue[2] < red[2] - 0.2


def test_a_blend_has_both_palettes(house: Image.Image) -> None:
    painter, edges = open_generator("painter"), trace_edges(lay_out(house))

    def mix(weight: float) -> np.ndarray:
        both = (reference("industrial-blueprint", 1 - weight), reference("low-poly", weight))
        return np.asarray(painter.paint(PaintOrder(edges, both, mode="preview")).image)

    blue, mixed, pink = mix(0.05), mix(0.5), mix(0.95)
    redness = [float(to_lab(picture)[..., 1].mean()) for picture in (blue, mixed, pink)]
    assert redness[0] < redness[1] < redness[2]


@pytest.mark.parametrize("size", [(1024, 1024), (64, 512), (512, 64), (256, 256), (1000, 600)])
def test_any_size(size: tuple[int, int]) -> None:
    edges = trace_edges(lay_out(drawing(*size), width=size[0] // 8 * 8, height=size[1] // 8 * 8))
    painted = open_generator("painter").paint(PaintOrder(edges, (reference("impasto"),), mode="preview"))
    assert painted.image.size == edges.page.size


def test_a_larger_picture_is_the_same_picture() -> None:
    house = Image.open(ROOT / "samples/house.png").convert("RGB")
    painter, style = open_generator("painter"), (reference("ghibli-watercolour"),)
    pages = [lay_out(house, width=width) for width in (512, 1024)]
    small, large = (painter.paint(PaintOrder(trace_edges(page), style, mode="preview")).image for page in pages)
    off = np.abs(np.asarray(small.resize((64, 48)), int) - np.asarray(large.resize((64, 48)), int))
    assert off.mean() < 12


def test_odd_drawings_are_painted() -> None:
    scribble = Image.new("RGB", (400, 300), "white")
    pixels = np.asarray(scribble).copy()
    rng = np.random.default_rng(1)
    for _ in range(200):
        a, b = (tuple(int(v) for v in rng.integers(0, 300, 2)) for _ in range(2))
        cv2.line(pixels, a, b, (0, 0, 0), 2)
    one_line = np.full((300, 400, 3), 255, np.uint8)
    cv2.line(one_line, (20, 150), (380, 150), (0, 0, 0), 3)
    for sketch in (Image.fromarray(pixels), Image.fromarray(one_line), noise(200, 200), drawing(ink=255, paper=0)):
        assert paint(sketch).std() > 5


def test_a_photograph_keeps_its_light() -> None:
    photo = Image.open(ROOT / "samples/still-life.jpg").convert("RGB")
    picture = cv2.cvtColor(cv2.resize(paint(photo, "impasto"), (32, 24)), cv2.COLOR_RGB2GRAY)
    light = cv2.cvtColor(cv2.resize(np.asarray(photo), (32, 24)), cv2.COLOR_RGB2GRAY)
    assert np.corrcoef(picture.ravel(), light.ravel())[0, 1] > 0.6


Told = tuple[str, int, int, float]  # stage, step, total, done


class Cancelled(Exception):
    """What a progress raises to end its picture."""


@pytest.mark.parametrize(("mode", "total"), [("preview", 4), ("quality", 6)])
def test_every_step_is_told_in_order(mode: str, total: int, house: Image.Image) -> None:
    told: list[Told] = []
    open_generator("painter").paint(order(house, mode=mode), lambda *call: told.append(call))
    stages = ["style", "composition", *["texture"] * (total - 3), "finish", "finish"]
    assert list(dict.fromkeys((step, stage) for stage, step, _, _ in told)) == list(enumerate(stages))
    assert {call[2] for call in told} == {total} and told[-1][1:] == (total, total, 1.0)
    shares = [call[3] for call in told]
    assert all(one < other for one, other in pairwise(shares))


def test_a_pass_is_told_of_before_each_of_its_rounds(house: Image.Image) -> None:
    told: list[Told] = []
    open_generator("painter").paint(order(house), lambda *call: told.append(call))
    calls = Counter(step for _, step, _, _ in told)
    for step, kind in enumerate(PASSES["quality"], start=2):
        assert calls[step] > kind.rounds + 1


class _Onlooker:
    """A progress that also wants to see."""

    def __init__(self) -> None:
        self.seen: list[Image.Image] = []

    def __call__(self, stage: str, step: int, total: int, done: float) -> None:
        pass

    def preview(self, picture: Image.Image) -> None:
        self.seen.append(picture)


def test_what_is_seen_on_the_way_comes_nearer_to_the_picture(house: Image.Image) -> None:
    onlooker, chosen = _Onlooker(), order(house)
    made = open_generator("painter").paint(chosen, onlooker).image
    small = np.asarray(made.resize(onlooker.seen[0].size, Image.Resampling.BOX), float)
    off = [np.abs(np.asarray(picture, float) - small).mean() for picture in onlooker.seen]
    assert len(off) == len(PASSES["quality"]) and off == sorted(off, reverse=True), off
    assert made.tobytes() == open_generator("painter").paint(chosen).image.tobytes()


def test_a_progress_that_raises_ends_the_picture_wherever_it_is() -> None:
    chosen = PaintOrder(trace_edges(lay_out(drawing(), width=256)), (reference("low-poly"),))
    painter, told = Painter(), list[Told]()
    painter.paint(chosen, lambda *call: told.append(call))
    for last in range(1, len(told) + 1):
        heard: list[Told] = []

        def cancel(*call: Any, heard: list[Told] = heard, last: int = last) -> None:
            heard.append(call)
            if len(heard) == last:
                raise Cancelled

        with pytest.raises(Cancelled):
            painter.paint(chosen, cancel)
        assert heard == told[:last]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("stage", ["composition", "texture", "finish"])
def test_a_picture_that_is_cancelled_gives_its_place_back(stage: str) -> None:
    painter, chosen = Painter(), order(drawing(), mode="preview")

    def cancel(now: str, *_: Any) -> None:
        if now == stage:
            raise Cancelled

    for _ in range(CORES + 1):
        with pytest.raises(Cancelled):
            painter.paint(chosen, cancel)


@pytest.mark.timeout(120)
def test_a_preview_waits_for_no_quality_picture() -> None:
    painter, sketch = Painter(), drawing()
    inside, go_on, told = Semaphore(0), Event(), list[str]()

    def hold(stage: str, *_: Any) -> None:
        if stage == "composition":
            inside.release()
            assert go_on.wait(60)

    with ThreadPoolExecutor(CORES + 1) as pool:
        try:
            for _ in range(CORES):
                pool.submit(painter.paint, order(sketch), hold)
            assert all(inside.acquire(timeout=60) for _ in range(CORES))
            late = pool.submit(painter.paint, order(sketch), lambda stage, *_: told.append(stage))
            painter.paint(order(sketch, mode="preview"))
            assert set(told) <= {"style"}  # of quality pictures no more than there are cores
        finally:
            go_on.set()
        assert late.result(60).image.size == (512, 384)


def patience(arrived: Event, leave: Event | None = None) -> Callable[[], None]:
    """A `waiting` that says it was called, gives up when told to, and ends a test that would hang."""
    end = monotonic() + 30

    def waiting() -> None:
        arrived.set()
        if (leave is not None and leave.is_set()) or monotonic() > end:
            raise Cancelled

    return waiting


def test_places_are_given_in_order_of_arrival() -> None:
    places, served = Places(1), list[str]()

    def come(name: str, waiting: Callable[[], None]) -> None:
        with places.place(waiting):
            served.append(name)

    with ThreadPoolExecutor(4) as pool:
        with places.place():
            for name in "abcd":
                arrived = Event()
                pool.submit(come, name, patience(arrived))
                assert arrived.wait(10)
        with places.place(patience(Event())):
            served.append("back at once")
    assert served == [*"abcd", "back at once"]


def test_who_gives_up_waiting_is_passed_over() -> None:
    places, leave = Places(1), Event()

    def come(waiting: Callable[[], None]) -> None:
        with places.place(waiting):
            pass

    with ThreadPoolExecutor(3) as pool:
        with places.place():
            comers = []
            for told in (None, leave, None):
                arrived = Event()
                comers.append(pool.submit(come, patience(arrived, told)))
                assert arrived.wait(10)
            leave.set()
            assert isinstance(comers[1].exception(10), Cancelled)
            assert not comers[0].done() and not comers[2].done()  # nobody came in for the one who left
        assert comers[0].exception(10) is None and comers[2].exception(10) is None
        with places.place(patience(Event())):
            pass


def test_a_reference_of_one_colour_still_paints(house: Image.Image) -> None:
    from core.images import to_png

    plain = Reference("plain", to_png(Image.new("RGB", (64, 64), (200, 30, 40))))
    picture = open_generator("painter").paint(PaintOrder(trace_edges(lay_out(house)), (plain,), mode="preview")).image
    assert np.asarray(picture).std() > 3


@pytest.mark.parametrize(
    "bad",
    [{"seed": -1}, {"seed": 2**32}, {"mode": "fast"}, {"references": ()}, {"references": (Reference("a", b"", 0.0),)}],
)
def test_an_order_is_checked(bad: dict[str, object], house: Image.Image) -> None:
    with pytest.raises(BadValue):
        PaintOrder(**{"edges": trace_edges(lay_out(house)), "references": (reference("impasto"),), **bad})


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(BadValue, match="painter"):
        open_generator("magic")


# the parts


def ink_of(image: Image.Image) -> np.ndarray:
    return np.asarray(trace_edges(lay_out(image)).ink, np.float32) / 255


def test_regions_of_a_box_with_a_disc() -> None:
    regions = find_regions(ink_of(drawing()))
    assert regions.count == 4
    assert regions.area.sum() == pytest.approx(1, abs=1e-5)
    box, disc = regions.labels[230, 130], regions.labels[210, 256]
    assert box != disc and regions.edge[box] == regions.edge[disc] == 0
    assert regions.fill[disc] == pytest.approx(np.pi / 4, abs=0.04)
    assert disc in regions.neighbours[box] and box in regions.neighbours[disc]
    assert regions.top[regions.labels[0, 5]] == 1


def test_a_small_gap_does_not_leak_and_a_wide_one_does() -> None:
    def count(gap: int) -> int:
        ink = np.zeros((200, 200), np.float32)
        ink[50:150, 50:53] = ink[50:150, 147:150] = ink[50:53, 50:150] = ink[147:150, 50:150] = 1
        ink[50:53, 100 : 100 + gap] = 0
        return find_regions(ink).count

    assert count(0) == count(5) == count(10) == 2
    assert count(24) == count(40) == 1  # on a page of 200 px


def test_a_blank_page_is_one_region() -> None:
    assert find_regions(np.zeros((64, 80), np.float32)).count == 1


def test_nouns_find_their_regions(house: Image.Image) -> None:
    regions = find_regions(ink_of(house))

    def at(x: int, y: int) -> int:
        return int(regions.labels[y, x])

    assert at(300, 20) in select(regions, "sky")
    assert at(60, 370) in select(regions, "ground")
    assert regions.band[select(regions, "roof")[0]] == regions.band[at(260, 134)]
    assert select(regions, "door") == [at(240, 240)]
    assert at(100, 160) in select(regions, "foliage")
    wishes = read_wishes("a red roof at dusk", regions)
    assert wishes.mood is not None and list(wishes.of) == select(regions, "roof")


def test_regions_of_a_band_share_a_colour_and_neighbours_differ(house: Image.Image) -> None:
    regions = find_regions(ink_of(house))
    style = Style([(Image.open(ROOT / "styles/ukiyo-e.jpg").convert("RGB"), 512)])
    chosen = choose_colours(regions, style.palette, Wishes(), np.random.default_rng(0))
    for band in set(regions.band):
        assert len(set(chosen[regions.band == band])) == 1
    pairs = [(i, j) for i in range(regions.count) for j in regions.neighbours[i] if regions.band[i] != regions.band[j]]
    assert np.mean([chosen[i] != chosen[j] for i, j in pairs]) > 0.8


def test_a_gable_is_no_strip_of_its_wall() -> None:
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    draw.polygon([(100, 130), (200, 40), (300, 130)], outline=0, width=4)
    draw.rectangle([100, 130, 300, 260], outline=0, width=4)
    regions = find_regions(ink_of(image))
    roof, wall = regions.labels[130, 256], regions.labels[250, 256]
    assert roof != wall and regions.band[roof] != regions.band[wall]
    assert select(regions, "roof") == [roof]


def test_kmeans_repeats_itself_and_finds_clusters() -> None:
    rng = np.random.default_rng(3)
    points = np.concatenate([rng.normal(c, 0.01, (50, 3)) for c in (0, 1, 2)]).astype(np.float32)
    one, other = (kmeans(points, 3, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one, other)
    assert sorted(np.round(one[:, 0]).tolist()) == [0, 1, 2]
    assert len(set(nearest(points, one)[:50])) == 1
    assert kmeans(np.ones((20, 3), np.float32), 4, rng).shape == (4, 3)


def test_patches_of_a_picture_blend_back_into_it() -> None:
    image = np.random.default_rng(0).random((48, 60, 3)).astype(np.float32)
    patches = cut(image, 12, 6).reshape(7, 9, 12, 12, 3)
    for rounds in (0, 2):
        assert np.allclose(blend(patches, 6, rounds)[:48, :60], image, atol=1e-4)


def test_summaries_are_means_of_cells() -> None:
    image = np.zeros((16, 16, 1), np.float32)
    image[:4, :4] = 1
    first = summarise(np.dstack([image] * 2), 16, 16)[0].reshape(4, 4, 2)
    assert first[0, 0, 0] > 0.9 and first[3, 3].max() == 0


def test_a_projection_keeps_distances_of_flat_data() -> None:
    rng = np.random.default_rng(0)
    data = (rng.normal(size=(200, 3)) @ rng.normal(size=(3, 40))).astype(np.float32)
    short = project(data, 3)(data)
    assert np.allclose(np.linalg.norm(short[0] - short[1]), np.linalg.norm(data[0] - data[1]), rtol=1e-3)


def test_the_nearest_patch_is_the_nearest_patch() -> None:
    style = Style([(Image.open(ROOT / "styles/impasto.jpg").convert("RGB"), 128)])
    bank = style.bank(PASSES["quality"][1])
    keys, price = -bank.table[: -WHIMS - 1].T / 2, bank.table[-WHIMS - 1].astype(np.float64)
    queries = np.random.default_rng(0).normal(size=(200, keys.shape[1])).astype(np.float32) * keys.std()
    distances = price - 2 * queries.astype(np.float64) @ keys.T
    found = bank.nearest(queries, np.zeros((200, WHIMS), np.float32))
    assert np.allclose(distances[np.arange(200), found], distances.min(1), rtol=1e-4, atol=1e-4)
    lettered = price - (keys.astype(np.float64) ** 2).sum(1)
    assert lettered.min() > -1e-3 and lettered.max() > 0.1


def test_an_even_area_is_laid_with_patches_of_many_places_and_no_lettering() -> None:
    style = Style([(Image.open(ROOT / "styles/industrial-blueprint.jpg").convert("RGB"), 512)])
    bank = style.bank(PASSES["preview"][0])
    rng = np.random.default_rng(0)
    calm = int(style.palette.calm[2].argmax())
    even = np.tile(np.append(style.palette.colours[calm], style.busy_cap / 2).astype(np.float32), (1, 16))
    queries = np.repeat(bank.guide(even) * PASSES["preview"][0].guidance, 400, 0).astype(np.float32)
    whims = rng.normal(0, WHIM, (400, WHIMS)).astype(np.float32)
    places = bank.places[bank.nearest(queries, whims)]
    assert len(np.unique(places // 8, axis=0)) > 6 * len(np.unique(bank.nearest(queries, 0 * whims)))
    lined = cv2.blur(style.linework, (25, 25))[tuple(2 * places.T[::-1] + 12)]
    assert lined.mean() < 0.25 * style.linework.mean()


def test_transport_moves_the_colours_over() -> None:
    rng = np.random.default_rng(0)
    source = rng.normal([0.2, 0, 0], 0.05, (64, 64, 3)).astype(np.float32)
    target = rng.normal([0.7, 0.3, -0.2], 0.02, (64, 64, 3)).astype(np.float32)
    moved = transport(cv2.GaussianBlur(source, (0, 0), 4), target, rng, rounds=8, strength=1.0)
    assert np.allclose(moved.reshape(-1, 3).mean(0), [0.7, 0.3, -0.2], atol=0.03)
