"""What sharing forward passes brings: pictures by the batcher against the stock pipeline's, one by one.

    python -m benchmarks.diffusion [WIDTH [SIZE [STEPS]]]

and whether it is the same picture; on CUDA also what benchmarks/sd/card.py measures, some 8 minutes in all on an H100.
Each part prints when it is done, and one that fails stops no other. Times are medians of up to five rounds, after one
that warms up.

WIDTH is that of the UNet's first block: 320 is Stable Diffusion 1.5, the default where there is CUDA; 64 elsewhere. The
weights are random, written to a temporary folder in half precision (3.9 GB at 320) and loaded as any checkpoint is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline
from numpy.typing import NDArray
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.sd import card
from benchmarks.sd.card import together
from benchmarks.sd.timing import measured, taking_turns
from benchmarks.sd.weights import write_checkpoints
from core.settings import ROOT, Settings, read_settings
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.schedulers import make_scheduler
from generators.edges import Edges, read_sketch
from generators.orders import PaintOrder, Reference, Sampling, SchedulerName

AT_ONCE = (1, 4, 16, 32)
PROMPTS = ("a house", "a castle in the snow at night", "a red barn, low poly", "")
SCHEDULERS: tuple[SchedulerName, ...] = ("dpm++2m", "ddim", "euler")
COMPARED = 12  # every prompt with every scheduler
NEAR = 0.005  # of 1, the mean of a picture: what half precision may make of the same picture
Stock = Callable[[PaintOrder], NDArray[np.float32]]
STYLE = (ROOT / "styles/impasto.jpg").read_bytes()


def main(width: int = 0, size: int = 0, steps: int = 0) -> None:
    cuda = torch.cuda.is_available()
    width, size, steps = width or (320 if cuda else 64), size or (512 if cuda else 128), steps or (20 if cuda else 4)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max(AT_ONCE)) as pool:
        root = Path(folder)
        write_checkpoints(root, width)
        models = {"text_to_image_model": str(root / "sd"), "controlnet_model": str(root / "controlnet")}
        limits = {"max_batch_rows": 2 * max(AT_ONCE), "data_dir": root / "data"}
        settings = read_settings(**models, **limits, ip_adapter_model=str(root / "ip-adapter"))
        begun = time.perf_counter()
        engine = Diffusion(settings)
        pipeline = engine.pipeline
        named = torch.cuda.get_device_name(pipeline.device) if cuda else "a processor"
        print(f"{named}, torch {torch.__version__}, diffusers {diffusers.__version__}")
        print(f"{pipeline.dtype}, width {width}, {size} px, {steps} steps, guidance")
        print(f"loaded in {time.perf_counter() - begun:.1f} s")
        edges = read_sketch(Image.open(ROOT / "samples/house.png").convert("RGB"), size, size, size)
        orders = [order(edges, seed, steps) for seed in range(max(AT_ONCE))]
        stock = stock_pictures(root, engine, orders[0])
        parts: list[tuple[str, Callable[[], None]]] = [
            ("the same picture", partial(compare, engine, orders[:COMPARED], stock, pool))
        ]
        if cuda:
            parts += [
                ("memory", partial(card.weigh, engine, orders, pool, size)),
                ("memory that is short", partial(card.shorten, engine, orders[:8], pool)),
            ]
        parts += [("at once", partial(tabulate, engine, orders, stock, pool))]
        if cuda:
            parts += [
                ("layouts of memory", partial(card.lay_out, engine, orders[:16], pool)),
            ]
        parts += [("COMPILE", partial(compile_beside, settings, engine, orders[:16], pool))]
        failed = [name for name, work in parts if not done(name, work)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def done(name: str, work: Callable[[], None]) -> bool:
    """Whether this part of the benchmark could be measured."""
    print(f"\n## {name}", flush=True)
    begun = time.perf_counter()
    try:
        work()
    except Exception as error:  # noqa: BLE001 - one part's failure; those after it are measured all the same
        print(f"failed: {type(error).__name__}: {error}", flush=True)
        return False
    print(f"({time.perf_counter() - begun:.0f} s)", flush=True)
    return True


def order(edges: Edges, seed: int, steps: int) -> PaintOrder:
    sampling = Sampling(num_inference_steps=steps, scheduler=SCHEDULERS[seed % len(SCHEDULERS)])
    return PaintOrder(edges, (Reference("impasto", STYLE),), PROMPTS[seed % len(PROMPTS)], seed, sampling=sampling)


def compare(engine: Diffusion, orders: list[PaintOrder], stock: Stock, pool: ThreadPoolExecutor) -> None:
    """How far pictures made together are from the same ones made alone, and those from the stock pipeline's."""

    def pixels(order: PaintOrder) -> NDArray[np.float32]:
        return np.asarray(engine.pixels(order)[0], np.float32)

    shared, alone = list(pool.map(pixels, orders)), [pixels(order) for order in orders]
    spread = np.abs(shared[0] - shared[1]).mean()
    print(f"two of {len(orders)} different pictures are {spread:.4f} apart in the mean of 1")
    for name, others in (("made alone", alone), ("of the stock pipeline", [stock(order) for order in orders])):
        off = [np.abs(one - other) for one, other in zip(shared, others, strict=True)]
        worst, mean = max(one.max() for one in off), max(float(one.mean()) for one in off)
        told = "as near as they shall be" if mean <= NEAR else "NOT as near as they shall be"
        print(f"together and {name}: {worst:.4f} apart at most, {mean:.6f} in the mean of the worst: {told} ({NEAR})")


def tabulate(engine: Diffusion, orders: list[PaintOrder], stock: Stock, pool: ThreadPoolExecutor) -> None:
    counter = FlopCounterMode(display=False)
    with counter:
        stock(orders[0])
    flops, rate = counter.get_total_flops(), matrix_rate(engine.pipeline.device, engine.pipeline.dtype)
    print(f"{flops / 1e12:.2f} TFLOP a picture; matrices are multiplied at {rate / 1e12:.2f} TFLOP/s")
    print("| at once | stock, one by one | shared passes | ratio | of the rate |\n|---|---|---|---|---|")
    for count in AT_ONCE:
        works = partial(each, stock, orders[:count]), partial(together, engine, orders[:count], pool)
        works[1]()  # the stock pipeline is warm; its pictures are all alike
        alone, shared = taking_turns(*works)
        told = [f"{times}, {count / times.median:.2f} pictures/s" for times in (alone, shared)]
        share = f"{100 * count * flops / shared.median / rate:.0f} %"
        print(f"| {count} | {told[0]} | {told[1]} | {alone.median / shared.median:.2f} | {share} |", flush=True)


def compile_beside(settings: Settings, plain: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor) -> None:
    begun = time.perf_counter()
    compiled = Diffusion(settings.model_copy(update={"compile": True}))
    print(f"loaded and compiled in {time.perf_counter() - begun:.1f} s", flush=True)
    for count in (1, len(orders)):
        works = [partial(together, engine, orders[:count], pool) for engine in (plain, compiled)]
        for work in works:
            work()
        without, with_it = taking_turns(*works)
        ratio = without.median / with_it.median
        print(f"{count} at once: {without} without, {with_it} with, ratio {ratio:.2f}", flush=True)


def each(stock: Stock, orders: list[PaintOrder]) -> None:
    for order in orders:
        stock(order)


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of the best of ten products of square matrices."""
    side = 8192 if device.type == "cuda" else 1024
    one, other = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))

    def multiply() -> None:
        (one @ other)[0, 0].item()  # waits for it

    return 2 * side**3 / min(measured(multiply) for _ in range(10))


def stock_pictures(root: Path, engine: Diffusion, like: PaintOrder) -> Stock:
    """What paints an order, of the size and style of `like`, by the stock pipeline."""
    pipeline = engine.pipeline
    pipe = stock_pipeline(root, engine)
    embeds = [torch.cat([branch.style for branch in engine.row(like).branches if branch.style is not None])]
    width, height = like.edges.page.size

    def paint(order: PaintOrder) -> NDArray[np.float32]:
        assert order.sampling is not None
        pipe.scheduler = make_scheduler(order.sampling.scheduler, pipeline.scheduler)
        # drawn in half precision it is other noise, up to some release of PyTorch: in 2.11 still, in 2.13 no more
        noise = torch.randn(1, 4, height // 8, width // 8, generator=torch.Generator().manual_seed(order.seed))
        made = pipe(
            order.prompt,
            image=order.edges.canny,
            ip_adapter_image_embeds=embeds,
            controlnet_conditioning_scale=float(order.sampling.controlnet_conditioning_scale),
            num_inference_steps=order.sampling.num_inference_steps,
            guidance_scale=order.sampling.guidance_scale,
            latents=noise.to(pipeline.device, pipeline.dtype),
            output_type="np",
        )
        return np.asarray(made.images[0], np.float32)

    return paint


def stock_pipeline(root: Path, engine: Diffusion) -> Any:
    controlnet = ControlNetModel.from_pretrained(root / "controlnet", variant="fp16", dtype=engine.pipeline.dtype)
    without = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    kind: Any = StableDiffusionControlNetPipeline
    half = {"variant": "fp16", "dtype": engine.pipeline.dtype}
    pipe = kind.from_pretrained(root / "sd", controlnet=controlnet, **half, **without).to(engine.pipeline.device)
    place = {"subfolder": "models", "weight_name": "ip-adapter_sd15.safetensors", "image_encoder_folder": None}
    pipe.load_ip_adapter(str(root / "ip-adapter"), **place)
    pipe.set_ip_adapter_scale(0.8)
    pipe.set_progress_bar_config(disable=True)
    return pipe


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
