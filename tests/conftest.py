"""Shared by the tests: one numeric thread before anything heavy is imported, and settings over folders of their own."""

from __future__ import annotations

import os
import sys

# each of some hundred processes would compile every file anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ.update(OMP_WAIT_POLICY="PASSIVE", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", HF_HUB_OFFLINE="1")
for name in (
    *("DATA_DIR", "API_KEYS", "STYLES_DIR", "IMAGE_SIZE", "REDIS_URL", "REDIS_HOST", "CHROMA_URL", "EMBEDDING_MODEL"),
    *("NGROK_AUTHTOKEN", "CORS_ORIGINS", "TRUSTED_PROXIES", "REQUESTS_PER_MINUTE", "CONCURRENT_REQUESTS"),
    *("VECTOR_STORE", "VECTOR_SEARCH", "FAISS_INDEX_TYPE", "FAISS_NLIST"),
    *("MODELS", "TEXT_TO_IMAGE_MODEL", "CONTROLNET_MODEL", "IP_ADAPTER_MODEL", "DEVICE", "USE_FP16"),
    *("VISION_LANGUAGE_MODEL", "LANGUAGE_MODEL", "PROVIDER_REQUESTS", "PROVIDER_TIMEOUT_SECONDS", "PROVIDER_ATTEMPTS"),
    *("USE_8BIT", "UNLOAD_AFTER_SECONDS", "LOG_FORMAT", "MIN_FREE_BYTES"),
    *("ENABLE_LANGFUSE", "LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "LANGFUSE_HOST"),
    *("EMBEDDING_RUNTIME", "EMBEDDING_PRECISION", "TOP_K_RETRIEVAL", "ILLUSTRATION_TEMPLATE"),
):
    os.environ.pop(name, None)

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from filelock import FileLock
from PIL import Image, ImageDraw

from core.settings import ROOT, Settings, get_settings, read_settings
from retrievers.embedded import WordsAndPaletteEmbeddings
from retrievers.models import open_embeddings


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what was imported stays, and need not be looked through at every collection


Settings.model_config["env_file"] = None  # tests know nothing of the .env of this checkout


@pytest.fixture(scope="session")
def of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of one run have in common."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """This folder as `make` leaves it, made by the first worker that asks; nobody changes it."""
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            part = folder.with_suffix(".part")
            make(part)
            part.rename(folder)
    return folder


@pytest.fixture(scope="session")
def models(of_the_run: Path) -> Path:
    """Converted models."""
    shared = of_the_run / "models"
    shared.mkdir(exist_ok=True)
    return shared


def settings_over(folder: Path, models: Path, **values: object) -> Settings:
    """Settings whose data lie in `folder`, with the models that are converted already."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(models)
    return read_settings(data_dir=folder, **values)


def data_over(folder: Path, models: Path) -> Path:
    """The same as a data directory, for a server of its own."""
    return settings_over(folder, models).data_dir


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    return settings_over(tmp_path / "data", models)


@pytest.fixture(scope="session")
def shared_settings(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    """For tests that change nothing."""
    return settings_over(tmp_path_factory.mktemp("shared"), models)


@pytest.fixture(scope="session")
def embeddings(shared_settings: Settings) -> WordsAndPaletteEmbeddings:
    found = open_embeddings(shared_settings)
    assert isinstance(found, WordsAndPaletteEmbeddings)
    return found


def serving(settings: Settings) -> TestClient:
    """A client of an application over these settings, under a name that is this machine's."""
    from server.app import create_app

    return TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False)


def private(client: TestClient) -> dict[str, str]:
    """The headers of this machine's command line, whose key lies in a file that only its user reads."""
    return {"X-API-Key": client.app.state.atelier.private_key}  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def house() -> Image.Image:
    return Image.open(ROOT / "samples/house.png").convert("RGB")


def drawing(width: int = 320, height: int = 240, ink: int = 0, paper: int = 255) -> Image.Image:
    """A box with a disc in it."""
    image = Image.new("L", (width, height), paper)
    draw = ImageDraw.Draw(image)
    pen = max(2, min(width, height) // 60)
    draw.rectangle([width * 0.2, height * 0.3, width * 0.8, height * 0.85], outline=ink, width=pen)
    draw.ellipse([width * 0.4, height * 0.4, width * 0.6, height * 0.7], outline=ink, width=pen)
    draw.line([0, height * 0.9, width, height * 0.9], fill=ink, width=pen)
    return image.convert("RGB")


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture of even noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture(scope="session")
def checkpoints(of_the_run: Path) -> Path:
    """Tiny models with random weights, in the hub's layout."""
    from tests import tiny

    return made_once(of_the_run / "checkpoints", tiny.build)


@pytest.fixture(scope="session")
def llava_folder(of_the_run: Path) -> Path:
    """A tiny LLaVA with random weights, in the hub's layout."""
    from tests import tiny_llava

    return made_once(of_the_run / "llava", tiny_llava.build)


@pytest.fixture(scope="session")
def taught_llava(llava_folder: Path, of_the_run: Path) -> Path:
    """One that has learnt what to say of a red and of a blue picture."""
    from generators.vision.llava import PROMPT
    from tests import tiny_llava

    learnt = [(tiny_llava.RED, tiny_llava.ON_RED), (tiny_llava.BLUE, tiny_llava.ON_BLUE)]

    def teach(folder: Path) -> None:
        tiny_llava.teach(Path(shutil.copytree(llava_folder, folder)), PROMPT, learnt)

    return made_once(of_the_run / "taught", teach)


def diffusing(checkpoints: Path, data: Path, **values: object) -> Settings:
    """Settings that set diffusion up with tiny models."""
    models = {"text_to_image_model": str(checkpoints / "sd15"), "controlnet_model": str(checkpoints / "controlnet")}
    return read_settings(**{"data_dir": data, **models, "ip_adapter_model": str(checkpoints / "ip-adapter"), **values})
