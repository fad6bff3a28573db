"""What sharing forward passes brings: pictures by the batcher against the stock pipeline's, one by one.

    python -m benchmarks.diffusion [WIDTH [SIZE [STEPS]]]

and whether it is the same picture, what a branch takes of memory, and on CUDA what COMPILE brings.

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

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    PNDMScheduler,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from core.settings import ROOT, Settings, read_settings
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.memory import PER_CELL
from generators.diffusion.schedulers import make_scheduler
from generators.edges import read_sketch
from generators.orders import PaintOrder, Reference, Sampling, SchedulerName
from tests import tiny

AT_ONCE = (1, 4, 16, 32)
PROMPTS = ("a house", "a castle in the snow at night", "a red barn, low poly", "")
SCHEDULERS: tuple[SchedulerName, ...] = ("dpm++2m", "ddim", "euler")
Stock = Callable[[PaintOrder], NDArray[np.float32]]
STYLE = (ROOT / "styles/impasto.jpg").read_bytes()


def main(width: int = 0, size: int = 0, steps: int = 0) -> None:
    cuda = torch.cuda.is_available()
    width, size, steps = width or (320 if cuda else 64), size or (512 if cuda else 128), steps or (20 if cuda else 4)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_checkpoints(root, width)
        models = {"text_to_image_model": str(root / "sd"), "controlnet_model": str(root / "controlnet")}
        limits = {"max_batch_rows": 2 * max(AT_ONCE), "data_dir": root / "data"}
        settings = read_settings(**models, **limits, ip_adapter_model=str(root / "ip-adapter"))
        begun = time.perf_counter()
        engine = Diffusion(settings)
        print(f"{engine.pipeline.device}, {engine.pipeline.dtype}, width {width}, {size} px, {steps} steps, guidance")
        print(f"loaded in {time.perf_counter() - begun:.1f} s")
        edges = read_sketch(Image.open(ROOT / "samples/house.png").convert("RGB"), size, size, size)
        style = (Reference("impasto", STYLE),)
        orders = [
            PaintOrder(
                edges,
                style,
                PROMPTS[seed % len(PROMPTS)],
                seed,
                sampling=Sampling(num_inference_steps=steps, scheduler=SCHEDULERS[seed % len(SCHEDULERS)]),
            )
            for seed in range(max(AT_ONCE))
        ]
        stock = stock_pipeline(root, engine)
        embeds = [torch.cat([branch.style for branch in engine.row(orders[0]).branches if branch.style is not None])]

        def one(order: PaintOrder) -> NDArray[np.float32]:
            assert order.sampling is not None
            stock.scheduler = make_scheduler(order.sampling.scheduler, engine.pipeline.scheduler)
            noise = torch.randn(1, 4, size // 8, size // 8, generator=torch.Generator("cpu").manual_seed(order.seed))
            latents = noise.to(engine.pipeline.device, engine.pipeline.dtype)  # drawn in half, it would be another
            more = {"controlnet_conditioning_scale": 1.5, "num_inference_steps": steps, "latents": latents}
            made = stock(
                order.prompt, image=order.edges.canny, ip_adapter_image_embeds=embeds, output_type="np", **more
            )
            return np.asarray(made.images[0], np.float32)

        def one_by_one(chosen: list[PaintOrder]) -> None:
            for order in chosen:
                one(order)

        def together(chosen: list[PaintOrder]) -> None:
            list(pool.map(engine.paint, chosen))

        counter = FlopCounterMode(display=False)
        with counter:
            one(orders[0])
        flops, rate = counter.get_total_flops(), matrix_rate(engine.pipeline.device, engine.pipeline.dtype)
        print(f"{flops / 1e12:.2f} TFLOP a picture; matrices are multiplied at {rate / 1e12:.2f} TFLOP/s")
        with ThreadPoolExecutor(max(AT_ONCE)) as pool:
            list(pool.map(engine.paint, orders[:2]))
            print("\n| at once | stock, one by one | shared passes | ratio | of the rate |\n|---|---|---|---|---|")
            for count in AT_ONCE:
                chosen = orders[:count]
                alone = measured(partial(one_by_one, chosen))
                shared = measured(partial(together, chosen))
                told = [f"{seconds:.2f} s, {count / seconds:.2f} pictures/s" for seconds in (alone, shared)]
                share = f"{100 * count * flops / shared / rate:.0f} %"
                print(f"| {count} | {told[0]} | {told[1]} | {alone / shared:.2f} | {share} |", flush=True)
            compare(engine, orders[: min(16, max(AT_ONCE))], one, pool)
            if cuda:
                weigh(engine, orders, pool, size)
                compile_and_measure(settings, engine, orders[:16], pool)
    if cuda:
        print(f"\npeak of {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")


def compare(engine: Diffusion, orders: list[PaintOrder], stock: Stock, pool: ThreadPoolExecutor) -> None:
    """How far pictures made together are from the same ones made alone, and those from the stock pipeline's."""

    def pixels(order: PaintOrder) -> NDArray[np.float32]:
        return np.asarray(engine.pixels(order)[0], np.float32)

    together, alone = list(pool.map(pixels, orders)), [pixels(order) for order in orders]
    for name, others in (("made alone", alone), ("of the stock pipeline", [stock(order) for order in orders])):
        off = [np.abs(one - other) for one, other in zip(together, others, strict=True)]
        worst, mean = max(one.max() for one in off), float(np.mean([one.mean() for one in off]))
        print(f"pictures made together differ from those {name} by {worst:.4f} at most, {mean:.6f} in the mean of 1")


def weigh(engine: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor, size: int) -> None:
    """What a branch takes of the card's memory, beside what is reckoned."""
    torch.cuda.empty_cache()
    kept, unet = torch.cuda.memory_allocated(), engine.pipeline.unet
    for count in (1, 8, 32):
        torch.cuda.reset_peak_memory_stats()
        list(pool.map(engine.paint, orders[:count]))
        taken = (torch.cuda.max_memory_allocated() - kept) / (2 * count) / 2**20
        reckoned = size * size // 64 * PER_CELL * unet.config.block_out_channels[0] / 320 * 2 / 2**20
        print(f"{count} at once: {taken:.0f} MiB a branch, decoding among it; {reckoned:.0f} MiB are reckoned")


def compile_and_measure(
    settings: Settings, plain: Diffusion, orders: list[PaintOrder], pool: ThreadPoolExecutor
) -> None:
    begun = time.perf_counter()
    compiled = Diffusion(settings.model_copy(update={"compile": True}))
    print(f"COMPILE: loaded and compiled in {time.perf_counter() - begun:.1f} s")
    for count in (1, len(orders)):
        chosen = orders[:count]
        list(pool.map(compiled.paint, chosen))
        times = [measured(lambda: list(pool.map(engine.paint, chosen))) for engine in (plain, compiled)]  # noqa: B023
        told = f"{times[0]:.2f} s without, {times[1]:.2f} s with, ratio {times[0] / times[1]:.2f}"
        print(f"COMPILE, {count} at once: {told}")


def measured(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of the best of ten products of square matrices."""
    side = 8192 if device.type == "cuda" else 1024
    one, other = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))

    def multiply() -> None:
        (one @ other)[0, 0].item()  # waits for it

    return 2 * side**3 / min(measured(multiply) for _ in range(10))


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


def write_checkpoints(root: Path, width: int) -> None:
    """Stable Diffusion 1.5, ControlNet, IP-Adapter and ViT-H, all narrower by `width` / 320."""
    words, seen = 768 * width // 320 // 32 * 32 or 32, 1024 * width // 320
    tokens = tiny.tokenizer()
    heads = {"num_attention_heads": 8 if width < 320 else 12, "num_hidden_layers": 12, "max_position_embeddings": 77}
    text = CLIPTextConfig(vocab_size=49408, hidden_size=words, intermediate_size=4 * words, **heads)
    sizes = {"hidden_size": 1280 * width // 320, "intermediate_size": 5120 * width // 320, "projection_dim": seen}
    vision = CLIPVisionConfig(**sizes, num_hidden_layers=32, num_attention_heads=16, image_size=224, patch_size=14)
    blocks = {
        "block_out_channels": (128, 256, 512, 512) if width == 320 else (32, 64, 64, 64),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    with torch.device("meta"):
        wide = {"block_out_channels": (width, 2 * width, 4 * width, 4 * width), "cross_attention_dim": words}
        like = {"norm_num_groups": 32, "attention_head_dim": 8, "sample_size": 64}
        unet = UNet2DConditionModel(**{**tiny.UNET, **wide, **like})
        controlnet = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
        vae = AutoencoderKL(**blocks, layers_per_block=2, sample_size=512)
        encoders = CLIPTextModel(text), CLIPVisionModelWithProjection(vision)
    unet, controlnet, vae, encoder, viewer = map(materialised, (unet, controlnet, vae, *encoders))
    noise = PNDMScheduler(**tiny.NOISE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    without = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    parts = {"unet": unet, "vae": vae, "text_encoder": encoder, "tokenizer": tokens, "scheduler": noise}
    StableDiffusionPipeline(**parts, **without).save_pretrained(root / "sd", variant="fp16")
    controlnet.save_pretrained(root / "controlnet", variant="fp16")
    viewer.save_pretrained(root / "ip-adapter/models/image_encoder")
    adapter = {
        "proj.weight": (4 * words, seen),
        "proj.bias": (4 * words,),
        "norm.weight": (words,),
        "norm.bias": (words,),
    }
    tensors = {f"image_proj.{name}": torch.randn(shape).half() * 0.02 for name, shape in adapter.items()}
    for number, layer in enumerate(name for name in unet.attn_processors if "attn2" in name):
        hidden = unet.get_submodule(layer.removesuffix(".processor")).to_q.weight.shape[0]
        for what in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{2 * number + 1}.{what}.weight"] = torch.randn(hidden, words).half() * 0.02
    save_file(tensors, root / "ip-adapter/models/ip-adapter_sd15.safetensors")


def materialised(module: Any) -> Any:
    """A module off the meta device, in half precision, with weights that keep its numbers small."""
    module = module.half().to_empty(device="cpu")
    for name, weight in module.named_parameters():
        if weight.ndim > 1:
            weight.data.normal_(0, 0.02)
        else:
            weight.data.fill_(1.0 if name.endswith("weight") else 0.0)
    for name, buffer in module.named_buffers():
        if "position_ids" in name:
            buffer.copy_(torch.arange(buffer.shape[-1]).expand_as(buffer))
    return module


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
