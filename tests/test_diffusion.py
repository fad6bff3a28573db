"""Diffusion on tiny models with random weights: every picture against the stock pipeline's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save
from torch._dynamo.utils import counters
from transformers import CLIPImageProcessorPil

from chains import design
from core.errors import BadValue, ModelMissing
from core.settings import ROOT, Settings, read_settings
from generators import recipe
from generators.catalog import named, open_generator
from generators.diffusion.batcher import Batcher
from generators.diffusion.denoiser import Denoiser
from generators.diffusion.diffusion import Diffusion
from generators.diffusion.pipeline import VARIANTS
from generators.diffusion.previews import fit
from generators.edges import Edges, no_sketch, read_sketch
from generators.orders import PaintOrder, PictureWithheld, Reference, Sampling
from tests import onefile, tiny
from tests.conftest import diffusing, drawing, settings_over
from tests.stock import SCHEDULERS, Stock

EQUAL = 1e-4  # of 1, before rounding to eight bits
LONG = "a photo of a cat on a red chair in the style of watercolor painting of a mountain lake house " * 6
STYLES = ("impasto", "cyberpunk", "ukiyo-e")


def reference(style: str, weight: float = 1.0) -> Reference:
    return Reference(style, (ROOT / f"styles/{style}.jpg").read_bytes(), weight)


@pytest.fixture(scope="module")
def set_up(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return diffusing(checkpoints, tmp_path_factory.mktemp("data"), max_batch_rows=64)


@pytest.fixture(scope="module")
def engine(set_up: Settings) -> Diffusion:
    opened = open_generator(settings=set_up)
    assert isinstance(opened, Diffusion)
    return opened


@pytest.fixture(scope="module")
def stock(checkpoints: Path) -> Stock:
    return Stock(checkpoints)


@pytest.fixture(scope="module")
def sketch() -> Edges:
    return read_sketch(drawing(), 64)


@pytest.fixture(scope="module")
def portrait() -> Edges:
    return read_sketch(drawing(256, 256), 64)


def order(edges: Edges, *styles: str, prompt: str = "a cat", seed: int = 0, **sampling: Any) -> PaintOrder:
    sampled = Sampling(**{"num_inference_steps": 4, **sampling})
    return PaintOrder(edges, tuple(map(reference, styles)), prompt, seed, sampling=sampled)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max())


def test_a_picture_is_the_stock_pipelines(engine: Diffusion, stock: Stock, sketch: Edges) -> None:
    asked = order(sketch, "impasto")
    assert apart(engine.pixels(asked)[0], stock.pixels(asked)) < EQUAL
    painting = engine.paint(asked)
    assert painting.engine == "diffusion 1.0 (sd15)" and painting.image.size == sketch.page.size
    assert np.abs(np.asarray(painting.image) / 255 - stock.pixels(asked)).max() <= 0.5 / 255 + EQUAL


def mixed(sketch: Edges, portrait: Edges) -> list[PaintOrder]:
    """What requests may differ in, in every combination that a dozen of them can have."""
    kinds: list[dict[str, Any]] = [
        {"scheduler": "ddim", "num_inference_steps": 9, "guidance_scale": 5.0},
        {"scheduler": "dpm++2m", "num_inference_steps": 6, "prompt": LONG, "negative_prompt": "blurry"},
        {"scheduler": "euler", "guidance_scale": 1.0, "controlnet_conditioning_scale": 0.4},
        {"scheduler": "euler-a", "num_inference_steps": 5, "control_guidance_end": 0.5, "ip_adapter_scale": 0.3},
        {"scheduler": "unipc", "num_inference_steps": 7, "negative_prompt": LONG, "style_mode": "style"},
        {"scheduler": "lcm", "guidance_scale": 1.0, "prompt": LONG, "style_mode": "composition"},
        {"scheduler": "lcm", "guidance_scale": 2.0, "controlnet_conditioning_scale": 0.0},
        {"scheduler": "dpm++2m", "control_guidance_start": 0.4, "ip_adapter_scale": 0.0, "prompt": ""},
        {"scheduler": "euler", "num_inference_steps": 6, "strength": 0.5, "prompt": "a red house"},
        {"scheduler": "ddim", "num_inference_steps": 5, "strength": 0.7, "guidance_scale": 1.0},
    ]
    chosen = []
    for number, kind in enumerate(kinds):
        styles = STYLES[number % 3 : number % 3 + 1] if number % 4 != 2 else ()
        chosen.append(order((sketch, portrait)[number in (2, 5)], *styles, seed=number, **kind))
    blended = replace(chosen[0], references=(reference("impasto", 3), reference("ukiyo-e", 1)), seed=77)
    return [*chosen, blended]


def test_pictures_that_join_at_different_steps_are_each_the_stock_pipelines(
    engine: Diffusion, stock: Stock, sketch: Edges, portrait: Edges
) -> None:
    orders = mixed(sketch, portrait)
    lines: list[int] = []
    hook = engine.pipeline.unet.register_forward_pre_hook(lambda _, given: lines.append(len(given[0])))
    begun = [Event() for _ in orders]
    begun[0].set()

    def paint(number: int) -> np.ndarray:
        begun[number].wait(20)

        def progress(stage: str, step: int, total: int, done: float) -> None:
            for later in begun[: number + 1 + (step >= 2)]:
                later.set()
            if number == 0 and step >= 3:
                [each.set() for each in begun]

        return engine.pixels(orders[number], progress)[0]

    with ThreadPoolExecutor(len(orders)) as pool:
        painted = list(pool.map(paint, range(len(orders))))
    hook.remove()
    for asked, picture in zip(orders, painted, strict=True):
        assert apart(picture, stock.pixels(asked)) < EQUAL, asked.sampling
    assert max(lines) > 10 and len(set(lines)) > 2
    assert len(lines) < sum(asked.sampling.num_inference_steps for asked in orders if asked.sampling) / 2


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("guidance_scale", [1.0, 7.5])
def test_every_scheduler(engine: Diffusion, stock: Stock, sketch: Edges, scheduler: str, guidance_scale: float) -> None:
    asked = order(sketch, "cyberpunk", scheduler=scheduler, guidance_scale=guidance_scale, num_inference_steps=5)
    assert apart(engine.pixels(asked)[0], stock.pixels(asked)) < EQUAL


def test_the_same_order_is_the_same_picture(engine: Diffusion, sketch: Edges) -> None:
    asked = order(sketch, "impasto", scheduler="euler-a")
    assert np.array_equal(engine.pixels(asked)[0], engine.pixels(asked)[0])
    assert apart(engine.pixels(asked)[0], engine.pixels(replace(asked, seed=1))[0]) > 0.1


def test_sketch_and_style_both_have_an_effect(engine: Diffusion, sketch: Edges) -> None:
    plain = engine.pixels(order(sketch, "impasto"))[0]
    without_sketch = engine.pixels(order(sketch, "impasto", controlnet_conditioning_scale=0))[0]
    without_style = engine.pixels(order(sketch))[0]
    other_style = engine.pixels(order(sketch, "cyberpunk"))[0]
    for other in (without_sketch, without_style, other_style):
        assert np.abs(plain - other).mean() >= 5 / 255


def test_no_style_is_no_adapter(engine: Diffusion, checkpoints: Path, sketch: Edges) -> None:
    bare = Stock(checkpoints, adapter=None)
    for asked in (order(sketch), order(sketch, "impasto", ip_adapter_scale=0)):
        assert apart(engine.pixels(asked)[0], bare.pixels(asked)) < 1e-5


def test_words_alone(engine: Diffusion) -> None:
    asked = order(no_sketch(72, 64), prompt="a red house")
    calls: list[int] = []
    hook = engine.pipeline.controlnet.register_forward_pre_hook(lambda *_: calls.append(1))
    picture = engine.pixels(asked)[0]
    hook.remove()
    assert picture.shape == (64, 72, 3) and not calls


def test_controlnet_is_run_within_its_window_alone_and_sees_the_sketch_once(engine: Diffusion, sketch: Edges) -> None:
    calls: dict[str, int] = {"controlnet": 0, "embedding": 0}

    def count(name: str) -> Any:
        return lambda *_: calls.update({name: calls[name] + 1})

    hooks = [
        engine.pipeline.controlnet.register_forward_pre_hook(count("controlnet")),
        engine.pipeline.control_embedding.register_forward_pre_hook(count("embedding")),
    ]
    engine.pixels(order(sketch, num_inference_steps=8, control_guidance_start=0.25, control_guidance_end=0.75))
    for hook in hooks:
        hook.remove()
    assert calls == {"controlnet": 4, "embedding": 1}


def test_words_repeated_are_the_same_words(stock: Stock, sketch: Edges) -> None:
    """What lets prompts of different lengths share a pass, shown on the stock pipeline."""
    pipe = stock.pipe
    pipe.scheduler = type(pipe.scheduler).from_config(stock.config)
    with torch.inference_mode():
        away, towards = (pipe.text_encoder(torch.tensor(stock.windows(words)))[0] for words in ("blurry", "a cat"))
    pictures = [
        pipe(
            prompt_embeds=towards.repeat(1, times, 1),
            negative_prompt_embeds=away.repeat(1, times, 1),
            image=sketch.canny,
            ip_adapter_image_embeds=[torch.zeros(2, 1, 24)],
            num_inference_steps=3,
            generator=torch.Generator().manual_seed(0),
            output_type="np",
        ).images[0]
        for times in (1, 3)
    ]
    assert apart(*pictures) < 1e-5


def test_what_is_said_late_in_a_long_prompt_is_heard(engine: Diffusion, sketch: Edges) -> None:
    one, other = (engine.pixels(order(sketch, prompt=LONG + end))[0] for end in ("a lake", "a chair"))
    assert apart(one, other) > 10 * EQUAL


def test_progress_is_told_in_order(engine: Diffusion, sketch: Edges) -> None:
    told: list[tuple[str, int, int, float]] = []
    engine.paint(order(sketch, num_inference_steps=6, strength=0.5), lambda *call: told.append(call))
    assert {total for _, _, total, _ in told} == {5}
    assert list(dict.fromkeys(step for _, step, _, _ in told))[-4:] == [2, 3, 4, 5]
    shares = [done for *_, done in told]
    assert shares == sorted(shares) and told[0][:2] == ("style", 0) and told[-1] == ("finish", 5, 5, 1.0)


class Watching:
    """A progress that keeps the previews."""

    def __init__(self) -> None:
        self.seen: list[Image.Image] = []

    def __call__(self, stage: str, step: int, total: int, done: float) -> None:
        pass

    def preview(self, picture: Image.Image) -> None:
        self.seen.append(picture)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_progress_that_wants_previews_sees_the_picture_come(engine: Diffusion, sketch: Edges, scheduler: str) -> None:
    watching = Watching()
    asked = order(sketch, scheduler=scheduler)
    plain, seen = engine.pixels(asked)[0], engine.pixels(asked, watching)[0]
    assert np.array_equal(plain, seen) and 1 <= len(watching.seen) <= 4
    assert {picture.size for picture in watching.seen} == {(8, 8)}


def test_the_map_from_latents_to_colours_is_found() -> None:
    latents = torch.randn(1, 4, 9, 7, generator=torch.Generator().manual_seed(0))
    wanted = np.random.default_rng(0).normal(size=(5, 3))
    rows = np.concatenate([latents[0].permute(1, 2, 0).numpy(), np.ones((9, 7, 1))], -1)
    assert np.allclose(fit(latents, (rows @ wanted).astype(np.float32)), wanted, atol=1e-4)


def test_a_prompt_without_end_is_refused(engine: Diffusion, sketch: Edges) -> None:
    with pytest.raises(BadValue, match="2,400 tokens"):
        engine.paint(order(sketch, prompt="a cat " * 1300))
    with pytest.raises(BadValue, match="negative_prompt takes at most 2,400 tokens"):
        engine.paint(order(sketch, negative_prompt="a cat " * 1300))


def test_half_precision_is_near(checkpoints: Path, tmp_path: Path, engine: Diffusion, sketch: Edges) -> None:
    half = Diffusion(diffusing(checkpoints, tmp_path, use_fp16=True))
    assert half.pipeline.dtype == torch.bfloat16
    asked = order(sketch, "impasto", guidance_scale=2.0)
    assert np.abs(half.pixels(asked)[0] - engine.pixels(asked)[0]).mean() < 5 / 255


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++, which PyTorch compiles with")
def test_compiled_is_the_same_and_all_is_compiled_at_the_start(
    checkpoints: Path, tmp_path: Path, engine: Diffusion, sketch: Edges, portrait: Edges
) -> None:
    compiled = Diffusion(diffusing(checkpoints, tmp_path, compile=True, image_size=64))
    graphs = counters["stats"]["unique_graphs"]
    orders = mixed(sketch, portrait)
    with ThreadPoolExecutor(len(orders)) as pool:
        painted = list(pool.map(lambda asked: compiled.pixels(asked)[0], orders))
    painted.append(compiled.pixels(orders[2])[0])  # one line alone
    for asked, picture in zip([*orders, orders[2]], painted, strict=True):
        assert apart(picture, engine.pixels(asked)[0]) < EQUAL, asked.sampling
    assert graphs and counters["stats"]["unique_graphs"] == graphs


def test_the_thread_that_compiles_compiles_every_variant(set_up: Settings, sketch: Edges) -> None:
    limits, engine = [], Diffusion(set_up)  # two denoisers over one network would be in each other's way

    class Watched(Denoiser):
        def predict(self, branches: Any) -> None:
            limits.append(torch._dynamo.config.recompile_limit)  # PyTorch keeps it by thread
            super().predict(branches)

    pipeline = replace(engine.pipeline, compiled=True)
    Batcher(pipeline, Watched(pipeline), 8).run(engine.row(order(sketch, "impasto")), lambda step: None)
    assert limits and set(limits) == {VARIANTS}


@pytest.mark.slow
def test_what_cannot_be_compiled_is_refused_at_the_start(checkpoints: Path, tmp_path: Path) -> None:
    named = {"TEXT_TO_IMAGE_MODEL": "sd15", "CONTROLNET_MODEL": "controlnet", "IP_ADAPTER_MODEL": "ip-adapter"}
    models = {setting: str(checkpoints / folder) for setting, folder in named.items()}
    without = {"CXX": "/nowhere/g++", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "empty"), "DEVICE": "cpu"}
    script = "from generators.catalog import open_generator; open_generator()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **models, **without, "COMPILE": "true", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "core.errors.BadSetting: COMPILE" in done.stderr and "C++ compiler" in done.stderr


def test_a_style_is_embedded_once_and_kept(checkpoints: Path, tmp_path: Path, stock: Stock, sketch: Edges) -> None:
    settings = diffusing(checkpoints, tmp_path)
    asked = order(sketch, "impasto")
    first = Diffusion(settings)
    row = first.row(asked)
    made = torch.cat([branch.style for branch in row.branches if branch.style is not None])
    assert torch.equal(made, stock.embeds(asked, guided=True))
    picture = first.pixels(asked)[0]
    kept = list(tmp_path.rglob("style-embeds/*/*.safetensors"))
    assert len(kept) == 1
    again = Diffusion(diffusing(_without_encoder_weights(checkpoints, tmp_path), tmp_path))
    assert np.array_equal(again.pixels(asked)[0], picture)
    no_numbers = {name: torch.full((1, 1, 24), float("nan")) for name in ("without", "with")}
    others = [{name: torch.zeros(shape) for name in ("without", "with")} for shape in ((1, 1, 7), (1, 24), (2, 1, 24))]
    uneven = {"without": torch.zeros(1, 2, 24), "with": torch.zeros(1, 1, 24)}
    for damaged in (b"", kept[0].read_bytes()[:50], *map(save, (no_numbers, uneven, *others))):
        kept[0].write_bytes(damaged)
        assert np.array_equal(Diffusion(settings).pixels(asked)[0], picture)


def test_a_style_that_cannot_be_kept_is_worn_all_the_same(checkpoints: Path, tmp_path: Path, sketch: Edges) -> None:
    (tmp_path / "style-embeds").write_text("no folder")
    assert Diffusion(diffusing(checkpoints, tmp_path)).paint(order(sketch, "impasto")).notes == ()


def test_a_style_that_half_precision_kept_is_not_for_full(checkpoints: Path, tmp_path: Path, sketch: Edges) -> None:
    asked = order(sketch, "impasto", guidance_scale=2.0)
    fresh = Diffusion(diffusing(checkpoints, tmp_path / "fresh")).pixels(asked)[0]
    Diffusion(diffusing(checkpoints, tmp_path / "used", use_fp16=True)).pixels(asked)
    assert np.array_equal(Diffusion(diffusing(checkpoints, tmp_path / "used")).pixels(asked)[0], fresh)


def _without_encoder_weights(checkpoints: Path, tmp_path: Path) -> Path:
    """The checkpoints, with an image encoder that would fail if it was loaded."""
    folder = tmp_path / "without"
    folder.mkdir()
    for name in ("sd15", "controlnet"):
        (folder / name).symlink_to(checkpoints / name)
    adapter = folder / "ip-adapter/models"
    (adapter / "image_encoder").mkdir(parents=True)
    for name in ("ip-adapter_sd15.safetensors", "image_encoder/model.safetensors"):
        (adapter / name).symlink_to(checkpoints / "ip-adapter/models" / name)
    config = (checkpoints / "ip-adapter/models/image_encoder/config.json").read_text()
    (adapter / "image_encoder/config.json").write_text(
        config.replace('"num_hidden_layers": 2', '"num_hidden_layers": "x"')
    )
    return folder


def test_an_adapter_that_reads_hidden_states(checkpoints: Path, tmp_path: Path, sketch: Edges) -> None:
    name = "ip-adapter-plus/models/ip-adapter-plus_sd15.safetensors"
    plus = Diffusion(diffusing(checkpoints, tmp_path, ip_adapter_model=str(checkpoints / name)))
    stock = Stock(checkpoints, name)
    for asked in (order(sketch, "impasto"), order(sketch, "cyberpunk", guidance_scale=1)):
        assert apart(plus.pixels(asked)[0], stock.pixels(asked)) < EQUAL
    plus.pixels(order(sketch))


def test_one_file(checkpoints: Path, tmp_path: Path, engine: Diffusion, sketch: Edges) -> None:
    file = tmp_path / "painted.safetensors"
    onefile.write(checkpoints / "sd15", file)
    with pytest.raises(ModelMissing, match=r"no tokenizer.*hf download stable-diffusion-v1-5/.*painted/"):
        Diffusion(diffusing(checkpoints, tmp_path, text_to_image_model=str(file)))
    onefile.describe(checkpoints / "sd15", tmp_path / "painted")
    single = Diffusion(diffusing(checkpoints, tmp_path, text_to_image_model=str(file)))
    asked = order(sketch, "impasto")
    assert single.engine == "diffusion 1.0 (painted.safetensors)"
    assert apart(single.pixels(asked)[0], engine.pixels(asked)[0]) < 1e-5
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(ModelMissing, match="damaged"):
        Diffusion(diffusing(checkpoints, tmp_path, text_to_image_model=str(file)))


def checked(checkpoints: Path, folder: Path, begins: float) -> Diffusion:
    """Diffusion with a safety checker that flags what is nearer than that to one of its concepts."""
    model = folder / f"sd15-{begins}"
    model.mkdir()
    for path in (checkpoints / "sd15").iterdir():
        if path.name != "safety_checker":
            (model / path.name).symlink_to(path)
    tiny.checker(begins).save_pretrained(model / "safety_checker")
    return Diffusion(diffusing(checkpoints, folder, text_to_image_model=str(model), safety_checker=True))


def nearness(picture: Image.Image) -> float:
    """The cosine similarity of a picture to the nearest concept of the checker."""
    checker = tiny.checker()
    seen = CLIPImageProcessorPil(size=32, crop_size=32)(picture, return_tensors="pt").pixel_values
    with torch.inference_mode():
        found = checker.visual_projection(checker.vision_model(seen)[1])
        return float(torch.cosine_similarity(found, checker.concept_embeds).max())


def test_a_flagged_picture_is_withheld(checkpoints: Path, tmp_path: Path, sketch: Edges) -> None:
    Diffusion(diffusing(checkpoints, tmp_path, safety_checker=True)).paint(order(sketch))
    strict = checked(checkpoints, tmp_path, -2.0)
    watching = Watching()
    with pytest.raises(PictureWithheld, match="SAFETY_CHECKER"):
        strict.paint(order(sketch), watching)
    assert watching.seen == []  # a preview shows what was withheld


def test_flagged_pictures_end_no_others(checkpoints: Path, tmp_path: Path, models: Path, engine: Diffusion) -> None:
    settings = settings_over(tmp_path, models, image_size=64)

    def make(generator: Diffusion, **more: int) -> design.Design:
        chain = design.build(settings=settings, generator=generator)
        return chain.invoke({"sketch": drawing(), "style": "impasto", "seed": 3, **more})

    plain = make(engine, n=6)
    near = [nearness(image) for image in plain["images"]]
    middle = (sorted(near)[2] + sorted(near)[3]) / 2
    shown = [seed for seed, found in zip(plain["seeds"], near, strict=True) if found < middle]
    withheld = ", ".join(str(seed) for seed in plain["seeds"] if seed not in shown)
    some = checked(checkpoints, tmp_path, middle)
    made = make(some, n=6)
    assert made["seeds"] == shown and len(design.to_files(made)) == 3
    assert made["notes"][-1] == f"the safety checker withholds 3 of 6 pictures: seeds {withheld}"
    for seed, image in zip(shown, made["images"], strict=True):
        assert np.abs(np.asarray(image, int) - np.asarray(plain["images"][seed - 3], int)).max() <= 1
    best = make(some, n=2, best_of=3)
    assert "3 of 6 candidates" in best["notes"][-1]
    scores = {found["seed"]: found["score"] for found in best["candidates"]}
    groups = [[seed for seed in shown if seed in group] for group in (range(3, 6), range(6, 9))]
    assert best["seeds"] == [max(group, key=lambda seed: scores[seed]) for group in groups if group]
    with pytest.raises(PictureWithheld, match="all 2 pictures"):
        make(checked(checkpoints, tmp_path, -2.0), n=2)


def test_a_checkpoint_that_is_replaced_while_it_serves_changes_no_picture(
    checkpoints: Path, tmp_path: Path, sketch: Edges
) -> None:
    copies = shutil.copytree(checkpoints, tmp_path / "copies")
    opened = Diffusion(diffusing(copies, tmp_path, safety_checker=True))
    asked = order(sketch, "impasto")
    before = opened.pixels(asked)[0]
    for file in copies.glob("*/**/*.safetensors"):
        if "image_encoder" not in str(file):  # read anew for every new style
            with file.open("r+b") as opened_file:  # in place, as `cp` does; cut short it would kill this process
                opened_file.seek(file.stat().st_size // 2)
                opened_file.write(b"\x7f" * (file.stat().st_size // 4))
    assert np.array_equal(opened.pixels(asked)[0], before)
    opened.paint(asked)


def test_the_design_chain_paints_with_it(tmp_path: Path, models: Path, engine: Diffusion) -> None:
    settings = settings_over(tmp_path, models, image_size=64)
    chain = design.build(settings=settings, generator=engine)
    made = chain.invoke({"sketch": drawing(), "prompt": "a house", "style": "impasto", "seed": 3})
    assert made["engine"] == engine.engine and made["image"].size == (64, 64)
    assert recipe.read(design.to_files(made)[0]).recipe["engine"] == engine.engine


def test_without_a_sketch_the_design_chain_has_it_follow_the_words(
    tmp_path: Path, models: Path, engine: Diffusion, set_up: Settings
) -> None:
    names = ("text_to_image_model", "controlnet_model", "ip_adapter_model", "device", "use_fp16")
    settings = settings_over(tmp_path, models, image_size=64, **{name: getattr(set_up, name) for name in names})
    chain = design.build(settings=settings, generator=engine)
    asked = {"prompt": "a house", "style": "impasto", "seed": 3, "num_inference_steps": 3}
    made = chain.invoke(asked)
    assert made["engine"] == engine.engine and made["image"].size == (64, 64)
    assert made["sketch"] is None and "without a sketch" in made["notes"][0] and "composition" not in made["recipe"]
    words = engine.paint(order(no_sketch(64, 64), "impasto", prompt="a house", seed=3, num_inference_steps=3))
    assert np.abs(np.asarray(words.image, int) - np.asarray(made["image"], int)).max() <= 1
    kept = recipe.read(design.to_files(made)[0])
    assert kept.recipe["sketch_sha256"] == "" and kept.sketch is None
    with pytest.raises(BadValue, match="strength"):
        chain.invoke({**asked, "strength": 0.5})


def test_engines_by_name(set_up: Settings) -> None:
    assert named(None) == "painter" and named(None, set_up) == "diffusion" and named("painter", set_up) == "painter"
    assert open_generator("diffusion", set_up) is open_generator(None, set_up)
    other = set_up.model_copy(update={"image_size": 256, "max_pixels": 1_000_000, "sync_wait_seconds": 1.0})
    assert open_generator("diffusion", other) is open_generator("diffusion", set_up)
    assert open_generator("painter", set_up) is open_generator("painter")
    with pytest.raises(ModelMissing, match="TEXT_TO_IMAGE_MODEL"):
        open_generator("diffusion")
    assert named(None, read_settings(models="full")) == "diffusion"


@pytest.mark.parametrize(
    "bad",
    [
        {"num_inference_steps": 0},
        {"num_inference_steps": 51, "scheduler": "lcm"},
        {"guidance_scale": float("nan")},
        {"guidance_scale": -1},
        {"controlnet_conditioning_scale": 11},
        {"ip_adapter_scale": -0.1},
        {"style_mode": "colour"},
        {"scheduler": "plms"},
        {"control_guidance_start": 0.6, "control_guidance_end": 0.5},
        {"strength": 0.0},
        {"strength": 1.1},
    ],
)
def test_a_bad_value_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match=next(reversed(bad)) if len(bad) == 1 else "num_inference|control_guidance_end"):
        Sampling(**bad)


def test_strength_takes_one_step_at_least() -> None:
    for steps, least in ((1, 1.0), (3, 0.334), (4, 0.25), (200, 0.005)):
        Sampling(num_inference_steps=steps, strength=least)
        Sampling(num_inference_steps=steps, strength=1)
        with pytest.raises(BadValue, match=f"strength takes .*num_inference_steps={steps}, .*more steps") as refused:
            Sampling(num_inference_steps=steps, strength=least - 0.001)
        assert "from 1 to 1" not in str(refused.value) and f"{least:g}" in refused.value.remedy
