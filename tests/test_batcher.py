"""What happens in the batch stays on its request: cancelling, failing, memory that is short, whose turn it is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
import torch

from generators.denoised import DENOISED
from generators.diffusion.autoencoder import IN_TILES, Autoencoder
from generators.diffusion.batcher import Batcher
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.offload import OFFLOADED, Offload
from generators.diffusion.prompts import Prompts
from generators.diffusion.rows import Row
from generators.edges import Edges, read_sketch
from generators.orders import Diverged, OutOfMemory, PaintingFailed, PaintOrder
from tests.conftest import diffusing, drawing
from tests.stock import Stock
from tests.test_diffusion import EQUAL, apart, order


class Cancelled(Exception):
    pass


@pytest.fixture(scope="module")
def engine(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Diffusion:
    return Diffusion(diffusing(checkpoints, tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def sketch() -> Edges:
    return read_sketch(drawing(), 64)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as pool:
        yield pool


@contextmanager
def before(module: Any, look: Callable[[torch.Tensor], None]) -> Iterator[None]:
    """Have `look` see the first thing that a network is given, each time that it runs."""
    hook = module.register_forward_pre_hook(lambda _, given: look(given[0]))
    try:
        yield
    finally:
        hook.remove()


def denoise(engine: Diffusion, row: Row) -> np.ndarray:
    engine.batcher.run(row, lambda step: None)
    return engine.autoencoder.decode(row.latents)[0]


def three(sketch: Edges) -> list[PaintOrder]:
    return [order(sketch, "impasto", seed=seed, num_inference_steps=8) for seed in range(3)]


def test_a_progress_that_raises_ends_its_own_picture_within_a_step(
    engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor
) -> None:
    orders = three(sketch)
    alone = [engine.pixels(each)[0] for each in orders]
    lines: list[int] = []
    told: list[int] = []

    def cancel(stage: str, step: int, total: int, done: float) -> None:
        told.append(step)
        if step >= 4:
            raise Cancelled

    with before(engine.pipeline.unet, lambda latents: lines.append(len(latents))):
        painted = [pool.submit(engine.pixels, each, cancel if each.seed == 1 else None) for each in orders]
        with pytest.raises(Cancelled):
            painted[1].result(20)
        for number in (0, 2):
            assert apart(painted[number].result(20)[0], alone[number]) < EQUAL
    assert max(told) <= 5 and sum(lines) <= 2 * (8 + 8 + max(told))  # of three steps, or four


@pytest.mark.parametrize("last", range(1, 8))
def test_a_progress_may_raise_at_any_call(engine: Diffusion, sketch: Edges, last: int) -> None:
    heard: list[str] = []

    def cancel(stage: str, step: int, total: int, done: float) -> None:
        heard.append(stage)
        if len(heard) == last or step == total:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.pixels(order(sketch), cancel)
    assert len(heard) <= last


def test_a_row_without_numbers_changes_no_other_to_the_bit(engine: Diffusion, sketch: Edges) -> None:
    rows = [engine.row(each) for each in three(sketch)]
    branches = [branch for row in rows for branch in row.branches]
    engine.denoiser.predict(branches)
    whole = [branch.noise for branch in branches]
    for poisoned in ("latents", "control"):
        row = engine.row(three(sketch)[1])
        setattr(row, poisoned, getattr(row, poisoned) * float("nan"))
        others = [*branches[:2], *row.branches, *branches[4:]]
        engine.denoiser.predict(others)
        assert [branch.noise is None for branch in others] == [False, False, True, True, False, False]
        for number in (0, 1, 4, 5):
            assert torch.equal(others[number].noise, whole[number])


def test_a_row_that_diverges_fails_alone(engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor) -> None:
    orders = three(sketch)
    alone = [engine.pixels(each)[0] for each in orders]
    rows = [engine.row(each) for each in orders]
    style = rows[1].branches[1].style
    assert style is not None
    rows[1].branches[1].style = style * float("nan")
    painted = [pool.submit(denoise, engine, row) for row in rows]
    with pytest.raises(Diverged, match=r"step 1 of 8.*guidance_scale"):
        painted[1].result(20)
    for number in (0, 2):
        assert apart(painted[number].result(20), alone[number]) < EQUAL


def test_a_row_that_raises_fails_alone_with_its_cause(
    engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor
) -> None:
    orders = three(sketch)
    alone = [engine.pixels(each)[0] for each in orders]
    rows = [engine.row(each) for each in orders]
    rows[2].latents = rows[2].latents * float("nan")

    def refuse(latents: torch.Tensor) -> None:
        if latents.isnan().any():
            raise ValueError("these are no latents")

    with before(engine.pipeline.unet, refuse):
        painted = [pool.submit(denoise, engine, row) for row in rows]
        with pytest.raises(
            PaintingFailed, match=r"denoising \(step 1 of 8\): ValueError: these are no latents"
        ) as caught:
            painted[2].result(20)
        assert isinstance(caught.value.__cause__, ValueError) and caught.value.__cause__.__traceback__ is None
        for number in (0, 1):
            assert apart(painted[number].result(20), alone[number]) < EQUAL


def test_a_scheduler_that_raises_fails_alone(engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor) -> None:
    orders = three(sketch)
    alone = [engine.pixels(each)[0] for each in orders]
    rows = [engine.row(each) for each in orders]
    rows[0].scheduler = object()
    painted = [pool.submit(denoise, engine, row) for row in rows]
    with pytest.raises(PaintingFailed, match="AttributeError"):
        painted[0].result(20)
    for number in (1, 2):
        assert apart(painted[number].result(20), alone[number]) < EQUAL


@pytest.mark.parametrize("lines", [3, 1])
def test_where_memory_is_short_the_batch_is_smaller(
    engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor, lines: int
) -> None:
    orders = three(sketch)
    alone = [engine.pixels(each)[0] for each in orders]

    def hold(latents: torch.Tensor) -> None:
        if len(latents) > lines:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    with before(engine.pipeline.unet, hold):
        painted = list(pool.map(lambda each: engine.pixels(each)[0], orders))
    for one, other in zip(painted, alone, strict=True):
        assert apart(one, other) < EQUAL


def test_a_shortage_that_is_over_is_forgotten(engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor) -> None:
    lines: list[int] = []

    def hold(latents: torch.Tensor) -> None:
        lines.append(len(latents))
        if len(lines) < 6 and len(latents) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")

    orders = [order(sketch, seed=seed, num_inference_steps=90) for seed in range(2)]
    with before(engine.pipeline.unet, hold):
        list(pool.map(engine.pixels, orders))
    assert lines.count(1) > 25 and 4 in lines[50:]


def test_what_does_not_even_fit_alone_is_told_so_and_the_rest_goes_on(
    engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor
) -> None:
    large = order(read_sketch(drawing(), 128))

    def hold(latents: torch.Tensor) -> None:
        if latents.shape[-1] > 8:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

    with before(engine.pipeline.unet, hold):
        painted = [pool.submit(engine.paint, each) for each in (*three(sketch), large)]
        with pytest.raises(OutOfMemory, match=r"cpu is out of memory while denoising \(step 1 of 4\).*DEVICE"):
            painted[-1].result(20)
        assert all(each.result(20).image.width == 64 for each in painted[:-1])


class Mover(torch.nn.Module):
    """A part of a network that counts how often the network is moved."""

    moves = 0

    def _apply(self, fn: Any, recurse: bool = True) -> Mover:
        self.moves += 1
        return super()._apply(fn, recurse)


@pytest.fixture
def counted(checkpoints: Path, tmp_path: Path) -> Iterator[tuple[Diffusion, Mover, Mover]]:
    """Diffusion, and what counts the moves of its VAE and of its text encoder."""
    opened = Diffusion(diffusing(checkpoints, tmp_path))
    movers = Mover(), Mover()
    for module, mover in zip((opened.pipeline.vae, opened.pipeline.text_encoders[0]), movers, strict=True):
        module.add_module("mover", mover)
    yield opened, *movers


def test_where_one_line_is_too_much_what_can_wait_is_moved_away_and_comes_back(
    counted: tuple[Diffusion, Mover, Mover], sketch: Edges
) -> None:
    opened, vae, encoder = counted
    asked = order(sketch, "impasto")
    alone = opened.pixels(asked)[0]
    parts = [opened.pipeline.vae, *opened.pipeline.text_encoders]
    # another name of the processor, so that it counts as a device that can run short beside it
    pipeline = replace(opened.pipeline, offload=Offload(parts, torch.device("cpu", 0)))
    batcher, autoencoder, prompts = Batcher(pipeline, opened.denoiser, 16), Autoencoder(pipeline), Prompts(pipeline)

    def hold(latents: torch.Tensor) -> None:
        if len(latents) > 1 or not (vae.moves and encoder.moves):
            raise torch.OutOfMemoryError("CUDA out of memory")

    row = opened.row(asked)
    with before(opened.pipeline.unet, hold):
        batcher.run(row, lambda step: None)
    assert row.notes == (OFFLOADED,) and (vae.moves, encoder.moves) == (1, 1)
    assert apart(autoencoder.decode(row.latents)[0], alone) < EQUAL
    assert (vae.moves, encoder.moves) == (2, 1)
    prompts("never asked before")
    assert (vae.moves, encoder.moves) == (2, 2)

    lines: list[int] = []

    def never(latents: torch.Tensor) -> None:
        lines.append(len(latents))
        raise torch.OutOfMemoryError("CUDA out of memory")

    with before(opened.pipeline.unet, never), pytest.raises(OutOfMemory, match="denoising"):
        batcher.run(opened.row(asked), lambda step: None)
    assert lines == [2, 1, 1] and (vae.moves, encoder.moves) == (3, 3)


def test_nothing_is_moved_from_a_processor_to_itself(counted: tuple[Diffusion, Mover, Mover], sketch: Edges) -> None:
    opened, vae, encoder = counted
    lines: list[int] = []

    def never(latents: torch.Tensor) -> None:
        lines.append(len(latents))
        raise torch.OutOfMemoryError("CUDA out of memory")

    with before(opened.pipeline.unet, never), pytest.raises(OutOfMemory):
        opened.paint(order(sketch))
    assert lines == [2, 1] and vae.moves == encoder.moves == 0


def test_where_memory_is_short_a_picture_is_decoded_in_tiles(engine: Diffusion) -> None:
    large = order(read_sketch(drawing(), 128))
    whole = engine.paint(large)

    def hold(latents: torch.Tensor) -> None:
        if latents.shape[-1] > 8:
            raise torch.OutOfMemoryError("CUDA out of memory")

    with before(engine.pipeline.vae.decoder, hold):
        tiled = engine.paint(large)
    assert whole.notes == () and tiled.notes == (IN_TILES,)
    difference = np.abs(np.asarray(whole.image, float) - np.asarray(tiled.image, float))
    assert difference.mean() < 20 and engine.paint(large).image == whole.image

    def never(latents: torch.Tensor) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with before(engine.pipeline.vae.decoder, never), pytest.raises(OutOfMemory, match="decoding"):
        engine.paint(large)


def test_what_fails_before_the_batch_is_told_as_well(engine: Diffusion, sketch: Edges) -> None:
    def refuse(ids: torch.Tensor) -> None:
        raise ValueError("no words")

    encoder = engine.pipeline.text_encoders[0]
    with before(encoder.embeddings.token_embedding, refuse), pytest.raises(PaintingFailed, match="no words"):
        engine.paint(order(sketch, prompt="never asked before"))


def test_prompts_of_odd_lengths_have_a_pass_of_their_own(engine: Diffusion, checkpoints: Path, sketch: Edges) -> None:
    asked = order(sketch, prompt="a cat " * 260, negative_prompt="blurry " * 330)
    row = engine.row(asked)
    assert [branch.prompt.windows for branch in row.branches] == [5, 7]
    lines: list[int] = []
    with before(engine.pipeline.unet, lambda latents: lines.append(len(latents))):
        assert apart(engine.pixels(asked)[0], Stock(checkpoints).pixels(asked)) < EQUAL
    assert lines == [1] * 8


def test_whoever_comes_first_is_let_in_first(
    checkpoints: Path, tmp_path: Path, sketch: Edges, pool: ThreadPoolExecutor
) -> None:
    narrow = Diffusion(diffusing(checkpoints, tmp_path, max_batch_rows=3))  # a picture with guidance, and one without
    begun: list[int] = []
    lines: list[int] = []

    def paint(number: int) -> Future[Any]:
        def progress(stage: str, step: int, total: int, done: float) -> None:
            if step > 1 and number not in begun:
                begun.append(number)

        asked = order(sketch, seed=number, num_inference_steps=40 if number == 0 else 4)
        waiting = narrow.batcher.live
        submitted = pool.submit(narrow.pixels, asked, progress)
        while narrow.batcher.live <= waiting and not submitted.done():
            sleep(0.001)
        return submitted

    with before(narrow.pipeline.unet, lambda latents: lines.append(len(latents))):
        painted = [paint(number) for number in range(5)]
        for each in painted:
            each.result(60)
    assert begun == [0, 1, 2, 3, 4] and set(lines) == {2}


def test_a_picture_that_is_done_is_let_go(engine: Diffusion, sketch: Edges) -> None:
    row = engine.row(order(sketch))
    latents = weakref.ref(row.latents)
    kept = weakref.ref(row)
    engine.batcher.run(row, lambda step: None)
    del row
    sleep(0.1)  # until the thread waits for others
    gc.collect()  # a row and its branches name each other
    assert kept() is None and latents() is None


def test_sizes_take_turns(engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor) -> None:
    sizes: list[int] = []
    wide = read_sketch(drawing(), 128)
    with before(engine.pipeline.unet, lambda latents: sizes.append(latents.shape[-1])):
        painted = [pool.submit(engine.pixels, order(edges, num_inference_steps=20)) for edges in (sketch, wide)]
        for each in painted:
            each.result(60)
    together = sizes[sizes.index(16) : len(sizes) - sizes[::-1].index(8)]
    changes = sum(one != other for one, other in pairwise(together))
    assert changes >= len(together) - 2


def test_many_at_once_come_and_go(engine: Diffusion, sketch: Edges, pool: ThreadPoolExecutor) -> None:
    names = ("ddim", "dpm++2m", "euler", "euler-a", "unipc", "lcm")
    orders = [
        order(sketch, *("impasto",) * (n % 2), seed=n % 4, scheduler=names[n % 6], num_inference_steps=3 + n % 5)
        for n in range(24)
    ]
    alone = [engine.pixels(each)[0] for each in orders[:12]]

    def paint(number: int) -> np.ndarray | None:
        def progress(stage: str, step: int, total: int, done: float) -> None:
            if number % 5 == 4 and step >= 1 + number % 3:
                raise Cancelled

        try:
            return engine.pixels(orders[number], progress)[0]
        except Cancelled:
            return None

    painted = list(pool.map(paint, range(24)))
    for number, picture in enumerate(painted):
        assert (picture is None) == (number % 5 == 4)
        if picture is not None and number < 12:
            assert apart(picture, alone[number]) < EQUAL
    assert engine.batcher.live == 0
    assert np.array_equal(engine.pixels(orders[0])[0], alone[0])


def test_what_is_denoised_is_counted_with_how_full_its_batches_were(engine: Diffusion, sketch: Edges) -> None:
    before = DENOISED.total()
    engine.pixels(order(sketch, "impasto", seed=1, num_inference_steps=5))
    after = DENOISED.total()
    passes = after.passes - before.passes
    assert after.steps - before.steps == passes == 5
    assert after.branches - before.branches == 10 and after.room - before.room == passes * 16
    assert after.seconds > before.seconds
