"""SDXL, known by its configuration: two text encoders, a pooled prompt and sizes, adapters of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from core.errors import ModelMissing
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.inventory import ROLES
from generators.diffusion.pipeline import load
from generators.edges import Edges, read_sketch
from generators.orders import PaintOrder, Sampling
from tests import onefile
from tests.conftest import diffusing, drawing
from tests.stock import SCHEDULERS
from tests.test_diffusion import EQUAL, apart, order


@pytest.fixture(scope="module")
def engine(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Diffusion:
    models = {
        name: str(checkpoints / folder)
        for name, folder in (("text_to_image_model", "sdxl"), ("controlnet_model", "controlnet-xl"))
    }
    return Diffusion(diffusing(checkpoints, tmp_path_factory.mktemp("data"), **models))


@pytest.fixture(scope="module")
def sketch() -> Edges:
    return read_sketch(drawing(), 96)


def stock_pixels(checkpoints: Path, asked: PaintOrder, style: torch.Tensor) -> np.ndarray:
    sampling = asked.sampling or Sampling()
    controlnet = diffusers.ControlNetModel.from_pretrained(checkpoints / "controlnet-xl")
    pipe: Any = diffusers.StableDiffusionXLControlNetPipeline.from_pretrained(
        checkpoints / "sdxl", controlnet=controlnet, add_watermarker=False
    )
    adapter = {"subfolder": "sdxl_models", "weight_name": "ip-adapter_sdxl.safetensors"}
    pipe.load_ip_adapter(str(checkpoints / "ip-adapter"), **adapter, image_encoder_folder=None)
    scale = sampling.ip_adapter_scale
    pipe.set_ip_adapter_scale({"up": {"block_0": [0, scale, 0]}} if sampling.style_mode == "style" else scale)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = getattr(diffusers, SCHEDULERS[sampling.scheduler]).from_config(pipe.scheduler.config)
    return pipe(
        prompt=asked.prompt,
        negative_prompt=sampling.negative_prompt or None,
        image=asked.edges.canny,
        ip_adapter_image_embeds=[style],
        num_inference_steps=sampling.num_inference_steps,
        guidance_scale=sampling.guidance_scale,
        controlnet_conditioning_scale=sampling.controlnet_conditioning_scale,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type="np",
    ).images[0]


def test_pictures_of_one_batch_are_each_the_stock_pipelines(
    engine: Diffusion, checkpoints: Path, sketch: Edges
) -> None:
    orders = [
        order(sketch, "impasto", negative_prompt="blurry"),
        order(sketch, "cyberpunk", prompt="a red house", guidance_scale=1.0, scheduler="euler", num_inference_steps=6),
        order(sketch, "ukiyo-e", style_mode="style", scheduler="ddim", num_inference_steps=5, seed=4),
    ]
    with ThreadPoolExecutor(3) as pool:
        painted = list(pool.map(lambda each: engine.pixels(each)[0], orders))
    for asked, picture in zip(orders, painted, strict=True):
        styles = [branch.style for branch in engine.row(asked).branches]
        assert apart(picture, stock_pixels(checkpoints, asked, torch.cat([s for s in styles if s is not None]))) < EQUAL


def test_long_prompts_and_parts_of_a_style(engine: Diffusion, sketch: Edges) -> None:
    whole = engine.pixels(order(sketch, "impasto"))[0]
    assert apart(whole, engine.pixels(order(sketch, "impasto", style_mode="composition"))[0]) > 0.05
    assert apart(whole, engine.pixels(order(sketch, "impasto", prompt="a cat " * 50))[0]) > 10 * EQUAL


def test_one_file(engine: Diffusion, checkpoints: Path, tmp_path: Path, sketch: Edges) -> None:
    file = tmp_path / "painted.safetensors"
    onefile.write(checkpoints / "sdxl", file)
    named = {"text_to_image_model": str(file), "controlnet_model": str(checkpoints / "controlnet-xl")}
    settings = diffusing(checkpoints, tmp_path, **named)
    for ask in (load, ROLES["diffusion"]):
        with pytest.raises(ModelMissing, match="hf download stabilityai/stable-diffusion-xl-base"):
            ask(settings)
    onefile.describe(checkpoints / "sdxl", tmp_path / "painted")
    single, asked = Diffusion(settings), order(sketch, "impasto", negative_prompt="blurry")
    assert single.pipeline.kind == "sdxl" and single.pipeline.models["text-to-image"].startswith("painted.safetensors ")
    assert apart(single.pixels(asked)[0], engine.pixels(asked)[0]) < 1e-5
    assert "painted 0." in ROLES["diffusion"](settings)
