"""What only a card can tell of diffusion: the memory that a branch takes, a shortage of it, layouts.

benchmarks/diffusion.py runs these where there is CUDA.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np
import torch

from benchmarks.sd.timing import taking_turns
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.memory import PER_CELL
from generators.orders import OutOfMemory, PaintOrder

SHARES = (1.0, 0.6, 0.3, 0.15, 0.05)  # of what the pictures took beside the weights


def together(engine: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor) -> None:
    list(pool.map(engine.paint, orders))


def weigh(engine: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor, size: int) -> None:
    """What a branch takes of the card's memory, beside what is reckoned."""
    torch.cuda.empty_cache()
    kept, pipeline = torch.cuda.memory_allocated(), engine.pipeline
    numbers = size * size // 64 * PER_CELL * pipeline.unet.config.block_out_channels[0] / 320
    reckoned = numbers * pipeline.dtype.itemsize / 2**20
    for count in (1, 8, len(orders)):
        torch.cuda.reset_peak_memory_stats()
        with counted(engine) as widths:
            together(engine, orders[:count], pool)
        taken, widest = (torch.cuda.max_memory_allocated() - kept) / 2**20, max(widths)
        told = f"{taken / widest:.0f} a branch of the widest pass, {widest}; {reckoned:.0f} are reckoned"
        print(f"{count} at once: {taken:.0f} MiB, decoding among it, {told}", flush=True)


def shorten(engine: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor) -> None:
    """Less and less memory, by PyTorch's own limit: what is still painted, how, and whether it is the same."""
    whole = [engine.pixels(order)[0] for order in orders]
    torch.cuda.empty_cache()
    kept = torch.cuda.memory_reserved()
    torch.cuda.reset_peak_memory_stats()
    together(engine, orders, pool)
    taken = torch.cuda.max_memory_reserved() - kept
    print(f"{len(orders)} pictures take {taken / 2**20:.0f} MiB beside weights of {kept / 2**20:.0f}")
    for share in SHARES:
        with counted(engine) as widths, limited(kept + share * taken):
            painted = [pool.submit(engine.pixels, order) for order in orders]
            errors = [one.exception() for one in painted]
        made = [(*one.result(), was) for one, was, error in zip(painted, whole, errors, strict=True) if error is None]
        refused = sum(isinstance(error, OutOfMemory) for error in errors)
        others = [error for error in errors if error is not None and not isinstance(error, OutOfMemory)]
        off = [float(np.abs(pixels - was).mean()) for pixels, notes, was in made if not notes]
        apart = f"{max(off):.6f} in the mean" if off else "none without a note"
        print(f"{share:.0%} of that: {len(made)} painted, {refused} refused for want of memory, {len(others)} failed")
        print(f"    passes by their branches: {dict(sorted(widths.items()))}; from those with memory: {apart}")
        for note, count in Counter(note for _, notes, _ in made for note in notes).items():
            print(f"    {count} times: {note}")
        for error in others[:1]:
            print(f"    {type(error).__name__}: {error}", flush=True)


@contextmanager
def counted(engine: Diffusion) -> Iterator[Counter[int]]:
    """How many forward passes had how many branches."""
    widths: Counter[int] = Counter()
    hook = engine.pipeline.unet.register_forward_hook(lambda _, given, __: widths.update([len(given[0])]))
    try:
        yield widths
    finally:
        hook.remove()


@contextmanager
def limited(size: float) -> Iterator[None]:
    """Have PyTorch take no more of the card than so many bytes; what is refused for that is not logged."""
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(min(1.0, size / torch.cuda.mem_get_info()[1]))
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        torch.cuda.set_per_process_memory_fraction(1.0)


def lay_out(engine: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor) -> None:
    """Channels last, as on a card everything is loaded, against channels first."""
    networks = engine.pipeline.unet, engine.pipeline.controlnet, engine.pipeline.vae

    def paint(count: int, layout: torch.memory_format) -> None:
        for network in networks:
            network.to(memory_format=layout)
        together(engine, orders[:count], pool)

    layouts = torch.channels_last, torch.contiguous_format
    for count in (1, len(orders)):
        for layout in layouts:
            paint(count, layout)
        last, first = taking_turns(*(partial(paint, count, layout) for layout in layouts))
        print(f"{count} at once: channels last {last}, first {first}, laying out among it", flush=True)
    for network in networks:
        network.to(memory_format=torch.channels_last)
