"""The full models by every door: the chain, HTTP, the command line and replay, over tiny checkpoints."""

from __future__ import annotations

import asyncio
import io
import shutil
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file, save_file

from chains import design
from chains.options import read_options
from chains.replay import replay
from core import images
from core.errors import BadValue, ModelMissing
from core.settings import ROOT, Settings
from generators import recipe
from server.cli.main import main
from tests.conftest import diffusing, settings_over
from tests.servers import Server
from tests.tiny_clip import write_clip

HOUSE = (ROOT / "samples/house.png").read_bytes()
STYLE = "impasto"
SHORT: dict[str, Any] = {"num_inference_steps": 3, "width": 64, "height": 64, "style": STYLE}


@pytest.fixture(scope="module")
def full(checkpoints: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("full") / "data"
    settings_over(folder, models)
    return diffusing(checkpoints, folder)


def made(settings: Settings, **request: Any) -> design.Design:
    return design.build(settings=settings).invoke({"sketch": HOUSE, "prompt": "a red house", **SHORT, **request})  # type: ignore[typeddict-item]


def test_the_chain_paints_with_what_the_settings_set_up(full: Settings) -> None:
    one = made(full, seed=5, negative_prompt="blurry", scheduler="euler")
    assert one["engine"].startswith("diffusion 1.0 (") and one["image"].size == (64, 64)
    told = one["recipe"]["sampling"]
    assert (told["negative_prompt"], told["scheduler"], told["num_inference_steps"]) == ("blurry", "euler", 3)
    assert (told["guidance_scale"], told["controlnet_conditioning_scale"], told["ip_adapter_scale"]) == (7.5, 1.5, 0.8)
    assert made(full, engine="painter", num_inference_steps=None)["engine"].startswith("painter")


def test_several_pictures_share_passes_and_are_those_of_single_requests(full: Settings) -> None:
    together = made(full, seed=5, n=3)
    for seed, picture in zip(together["seeds"], together["images"], strict=True):
        alone = np.asarray(made(full, seed=seed)["image"], np.int16)
        assert np.abs(alone - np.asarray(picture, np.int16)).max() <= 1
    assert [c["seed"] for c in together["candidates"]] == [5, 6, 7]


def test_replay_makes_it_again_and_other_tools_can_read_it(full: Settings) -> None:
    one = made(full, seed=9, guidance_scale=4.0, negative_prompt="blurry")
    (file,) = design.to_files(one)
    again = replay(file, settings=full)
    assert again.verdict in ("identical", "close"), again.differences
    told = recipe.read(file).recipe
    assert told["sampling"]["guidance_scale"] == 4.0
    lying = {**told["sampling"], "n": 8, "style": "ukiyo-e", "engine": "painter", "prompt": "another"}
    same = recipe.write(images.to_png(one["image"]), {**told, "sampling": lying}, one["sketch"])
    assert replay(same, settings=full).verdict in ("identical", "close")
    text = Image.open(io.BytesIO(file)).text["parameters"]  # type: ignore[attr-defined]
    assert "Negative prompt: blurry\nSteps: 3, Sampler: dpm++2m, CFG scale: 4.0, Seed: 9" in text


def test_replay_names_a_model_that_was_replaced(full: Settings, checkpoints: Path, tmp_path: Path) -> None:
    (file,) = design.to_files(made(full, seed=9))
    told = recipe.read(file).recipe["models"]
    assert told["controlnet"].startswith("controlnet ") and told["ip-adapter"].startswith("ip-adapter ")
    assert str(checkpoints) not in str(told) and told["precision"] == "float32"
    copies = shutil.copytree(checkpoints, tmp_path / "copies")
    moved = diffusing(copies, full.data_dir)
    again = replay(file, settings=moved)
    assert again.verdict in ("identical", "close") and recipe.read(design.to_files(made(moved))[0]).recipe[
        "models"
    ] == dict(told)
    weights = copies / "controlnet/diffusion_pytorch_model.safetensors"
    save_file({name: weight * 1.5 for name, weight in load_file(weights).items()}, weights)
    other = replay(file, settings=diffusing(copies, full.data_dir, max_batch_rows=4))
    assert other.verdict == "different"
    (why,) = other.differences
    assert why.startswith(f"the model has changed: controlnet was {told['controlnet']}, is controlnet ")
    half = replay(file, settings=full.model_copy(update={"use_fp16": True}))
    assert half.differences == ["the model has changed: precision was float32, is bfloat16"]


@pytest.mark.parametrize("told", [{"guidance_scale": 3.0}, {"negative_prompt": "x"}, {"scheduler": "euler"}])
def test_the_painter_takes_no_option_of_diffusion(told: dict[str, Any], full: Settings) -> None:
    with pytest.raises(BadValue, match=r"engine=painter; engine=diffusion takes it"):
        read_options({**told, "engine": "painter"}, full)
    with pytest.raises(BadValue) as refused:
        read_options({**told, "engine": "painter"}, full)
    assert "MODELS" not in str(refused.value)


@pytest.mark.parametrize(
    "told", [{"guidance_scale": -1}, {"num_inference_steps": 0}, {"scheduler": "ddpm"}, {"style_mode": "none"}]
)
def test_what_cannot_be_is_named(told: dict[str, Any], full: Settings) -> None:
    with pytest.raises(BadValue, match=next(iter(told))):
        read_options(told, full)


@pytest.mark.parametrize(("words", "why"), [("a\ud800b", "half of a character"), ("x" * 10_001, "MAX_PROMPT_CHARS")])
def test_a_negative_prompt_is_held_to_what_a_prompt_is(words: str, why: str, full: Settings) -> None:
    with pytest.raises(BadValue, match=f"negative_prompt takes.*{why}"):
        read_options({"negative_prompt": words}, full)


def test_diffusion_that_is_not_set_up_says_how(settings: Settings) -> None:
    with pytest.raises(BadValue, match=r"engine=diffusion takes it, once MODELS=full or TEXT_TO_IMAGE_MODEL sets"):
        read_options({"guidance_scale": 3.0}, settings)
    with pytest.raises(ModelMissing, match="no text-to-image model is set"):
        read_options({"engine": "diffusion"}, settings)
    assert read_options({}, settings)[0].engine == "painter"


def test_progress_tells_every_step_and_shows_the_picture_as_it_comes(full: Settings) -> None:
    from langchain_core.callbacks import BaseCallbackHandler

    heard: list[dict[str, Any]] = []

    class Hear(BaseCallbackHandler):
        run_inline = True

        def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
            heard.append(data)

    chain = design.build(settings=full)
    chain.invoke({"sketch": HOUSE, "prompt": "a house", **SHORT, "n": 2}, {"callbacks": [Hear()]})  # type: ignore[typeddict-item]
    shares = [data["done"] for data in heard]
    assert shares == sorted(shares) and shares[-1] == 1.0 and heard[-1]["step"] == heard[-1]["total"] == 2 * 5
    previews = [data["preview"] for data in heard if "preview" in data]
    assert len(previews) >= 4 and all(preview.startswith("data:image/jpeg;base64,") for preview in previews)


def test_the_command_line_paints_with_it(full: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.settings import get_settings

    for name in ("data_dir", "text_to_image_model", "controlnet_model", "ip_adapter_model"):
        monkeypatch.setenv(name.upper(), str(getattr(full, name)))
    get_settings.cache_clear()
    try:
        file = tmp_path / "a.png"
        size = ["--width", "64", "--height", "64", "--style", STYLE, "--num-inference-steps", "2"]
        told = CliRunner().invoke(main, ["design", str(ROOT / "samples/house.png"), "a house", "-o", str(file), *size])
        assert told.exit_code == 0 and "engine    diffusion 1.0" in told.stdout, told.output
        assert recipe.read(file.read_bytes()).recipe["sampling"]["num_inference_steps"] == 2
    finally:
        get_settings.cache_clear()


def test_clip_finds_the_style_and_diffusion_paints_in_it(full: Settings, tmp_path: Path) -> None:
    settings = full.model_copy(update={"embedding_model": str(write_clip(tmp_path / "clip"))})
    one = design.build(settings=settings).invoke(
        {"sketch": HOUSE, "prompt": "thick oil paint", "num_inference_steps": 2, "width": 64, "height": 64}
    )
    assert one["engine"].startswith("diffusion") and len(one["runners_up"]) == 6
    assert one["style"].score is not None and one["recipe"]["retrieved"]
    assert one["style"].score >= (one["runners_up"][0].score or 0)


@pytest.mark.parametrize("count", [16, pytest.param(200, marks=pytest.mark.slow)])
def test_many_at_once_each_get_the_picture_that_they_would_have_got_alone(
    full: Settings, checkpoints: Path, models: Path, tmp_path: Path, count: int
) -> None:
    def form(seed: int) -> dict[str, str]:
        steps, scheduler = 2 + seed % 3, ("ddim", "dpm++2m", "euler")[seed % 3]
        told = {"num_inference_steps": steps, "scheduler": scheduler, "guidance_scale": (1.0, 5.0, 9.0)[seed % 3]}
        said = {"prompt": f"a photo of a red house {seed % 7}", "seed": seed, **told}
        return {key: str(value) for key, value in {**SHORT, **said}.items()}

    async def ask(client: httpx.AsyncClient, seed: int) -> httpx.Response:
        return await client.post("/generate", data=form(seed), files={"file": ("s.png", HOUSE)})

    async def ask_all(url: str) -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=170, limits=limits, trust_env=False) as client:
            return list(await asyncio.gather(*(ask(client, seed) for seed in range(count))))

    data = settings_over(tmp_path / "data", models).data_dir
    tiny = {"TEXT_TO_IMAGE_MODEL": checkpoints / "sd15", "CONTROLNET_MODEL": checkpoints / "controlnet"}
    surroundings = {**tiny, "IP_ADAPTER_MODEL": checkpoints / "ip-adapter", "MAX_QUEUED_JOBS": 400}
    with Server(data, **surroundings, SYNC_WAIT_SECONDS=170) as server:
        answers = asyncio.run(ask_all(server.url))
        ready = server.http.get("/readyz").json()
    assert [answer.text[:500] for answer in answers if answer.status_code != 200] == []
    assert ready["engine"].startswith("diffusion 1.0")
    assert [answer.headers["x-seed"] for answer in answers] == [str(seed) for seed in range(count)]
    assert len({answer.headers["x-job-id"] for answer in answers}) == count
    for seed in (0, 1, count // 2, count - 1):
        kept = recipe.read(answers[seed].content)
        assert (kept.recipe["seeds"], kept.recipe["prompt"]) == ([seed], form(seed)["prompt"])
        alone = design.build(settings=full).invoke({**form(seed), "sketch": HOUSE})  # type: ignore[typeddict-item]
        off = np.abs(np.asarray(alone["image"], np.int16) - np.asarray(kept.image, np.int16))
        assert off.max() <= 1, seed


def test_the_doctor_says_what_each_model_resolved_to(full: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.settings import get_settings
    from server.doctor import examine

    for name in ("data_dir", "text_to_image_model", "controlnet_model", "ip_adapter_model"):
        monkeypatch.setenv(name.upper(), str(getattr(full, name)))
    get_settings.cache_clear()
    try:
        found = {finding.what: finding for finding in examine()}
        assert all(found[role].ok and "GB" in found[role].found for role in ("diffusion", "controlnet", "ip-adapter"))
        assert "unet 0.00 GB" in found["diffusion"].found and str(full.text_to_image_model) in found["diffusion"].found
        monkeypatch.setenv("CONTROLNET_MODEL", "lllyasviel/control_v11p_sd15_canny")
        get_settings.cache_clear()
        missing = {finding.what: finding for finding in examine()}["controlnet"]
        assert not missing.ok and "hf download lllyasviel/control_v11p_sd15_canny --include" in missing.remedy
    finally:
        get_settings.cache_clear()
