from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from core.errors import BadSetting
from core.settings import ROOT, Settings, export_foreign_names, get_settings, read_settings, redacted


def test_env_example_names_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    shown = dict(re.match(r"#?([A-Z0-9_]+)=(.*)", line).groups() for line in lines if re.match(r"#?[A-Z0-9_]+=", line))
    assert {name.lower() for name in shown} == set(Settings.model_fields)
    plain = read_settings()
    for name, value in shown.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMAGE_SIZE", "huge"),
        ("IMAGE_SIZE", "0"),
        ("IMAGE_SIZE", "500"),
        ("MODELS", "best"),
        ("MAX_PIXELS", "-1"),
        ("API_KEYS", "short"),
        ("API_KEYS", "a-long-name-of-a-key:short"),
        ("API_KEYS", "local:a-long-random-word"),
        ("API_KEYS", "Al Ice:a-long-random-word"),
        ("API_KEYS", "alice:sha256:0123456789abcdef"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://studio.example/"),
        ("CORS_ORIGINS", "studio.example"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("REQUESTS_PER_MINUTE", "0"),
        ("REDIS_URL", "http://localhost"),
        ("CHROMA_URL", "localhost:8000"),
        ("VECTOR_STORE", "pinecone"),
        ("VECTOR_SEARCH", "fast"),
        ("FAISS_INDEX_TYPE", "PQ"),
        ("FAISS_NLIST", "0"),
        ("JOB_ATTEMPTS", "0"),
        ("DEVICE", "gpu"),
        ("USE_FP16", "half"),
        ("USE_8BIT", "int8"),
        ("UNLOAD_AFTER_SECONDS", "-1"),
        ("NUM_INFERENCE_STEPS", "0"),
        ("MAX_BATCH_ROWS", "0"),
        ("ILLUSTRATION_TEMPLATE", "a painting"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name) as caught:
        get_settings()
    assert ".env" in caught.value.remedy


def test_keys_are_split_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEYS", " a-long-random-word-1 ,a-long-random-word-2,")
    assert get_settings().api_keys == ("a-long-random-word-1", "a-long-random-word-2")
    get_settings.cache_clear()
    monkeypatch.setenv("API_KEYS", "tooshort-secret")
    with pytest.raises(BadSetting) as caught:
        get_settings()
    assert "tooshort" not in str(caught.value)


def test_what_sets_diffusion_up(monkeypatch: pytest.MonkeyPatch) -> None:
    current = "stable-diffusion-v1-5/stable-diffusion-v1-5"
    assert read_settings().diffusion_model is None
    assert read_settings(models="full").diffusion_model == current
    monkeypatch.setenv("TEXT_TO_IMAGE_MODEL", "runwayml/stable-diffusion-v1-5")
    assert read_settings().diffusion_model == current


def test_folders_are_relative_to_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "elsewhere")
    assert get_settings().data_dir == ROOT / "elsewhere"


def test_shared_jobs_need_a_shared_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_HOST", "redis")
    with pytest.raises(BadSetting, match="CHROMA_URL"):
        read_settings()
    monkeypatch.setenv("CHROMA_URL", "http://chroma:8000")
    assert read_settings().shared_jobs == "redis://redis:6379"
    monkeypatch.setenv("REDIS_URL", "rediss://:secret@elsewhere:6380/1")
    assert read_settings().shared_jobs == "rediss://:secret@elsewhere:6380/1"


def test_a_chroma_server_is_no_place_for_faiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VECTOR_STORE", "faiss")
    assert read_settings().vector_store == "faiss"
    monkeypatch.setenv("CHROMA_URL", "http://chroma:8000")
    with pytest.raises(BadSetting, match="VECTOR_STORE"):
        read_settings()


@pytest.mark.parametrize("name", ["REDIS_URL", "CHROMA_URL"])
@pytest.mark.parametrize("address", ["{0}://:12/ssSECRET@host:1/0", "{0}://u:pa#SECRET@host:1", "ftp://u:SECRET@host"])
def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    monkeypatch.setenv("CHROMA_URL", "http://chroma:8000")
    monkeypatch.setenv(name, address.format("redis" if name == "REDIS_URL" else "http"))
    with pytest.raises(BadSetting, match=name) as caught:
        read_settings()
    assert "SECRET" not in str(caught.value) and "12" not in str(caught.value)


def test_lines_of_the_env_file_that_are_no_settings_reach_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GROQ_API_KEY", "GROQ_API_BASE", "OLLAMA_HOST", "IMAGE_SIZE"):
        monkeypatch.setenv(name, "")  # so that all are gone again after the test
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-environment")
    lines = (
        "GROQ_API_KEY='of-the-file'",
        "OPENAI_API_KEY=of-the-file",
        "OLLAMA_HOST=",
        "IMAGE_SIZE=256",
        "GROQ_API_BASE",
    )
    (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    export_foreign_names()
    assert os.environ["GROQ_API_KEY"] == "of-the-file"
    assert os.environ["OPENAI_API_KEY"] == "of-the-environment"
    assert not {"OLLAMA_HOST", "IMAGE_SIZE", "GROQ_API_BASE"} & set(os.environ)
    assert read_settings().image_size == 256
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / "none")
    export_foreign_names()


def test_keys_are_taken_out_of_what_comes_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", " gsk_0123456789 ")
    monkeypatch.setenv("SOME_TOKEN", "gsk_0123456789-and-more")
    monkeypatch.setenv("TINY_KEY", "words")
    assert redacted("no gsk_0123456789, nor gsk_0123456789-and-more; words") == "no ***, nor ***; words"


def test_what_describes_pictures_is_named_by_itself_or_by_models() -> None:
    assert read_settings().describing_model is None
    assert read_settings(models="full").describing_model == "llava-hf/llava-1.5-7b-hf"
    assert read_settings(models="full", vision_language_model="measured").describing_model is None
    assert read_settings(vision_language_model="openai:gpt-4o-mini").describing_model == "openai:gpt-4o-mini"
