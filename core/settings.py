"""Settings: the names of .env.example, read once from the environment and .env, frozen."""

from __future__ import annotations

import ipaddress
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import BadSetting, BadValue

ROOT = Path(__file__).resolve().parent.parent
STABLE_DIFFUSION = "stable-diffusion-v1-5/stable-diffusion-v1-5"
LLAVA = "llava-hf/llava-1.5-7b-hf"
MEASURED = "measured"  # as VISION_LANGUAGE_MODEL names that no model is wanted
MOVED = {"runwayml/stable-diffusion-v1-5": STABLE_DIFFUSION}  # names that the hub has given up
SECRET = (
    "API_KEYS",
    "NGROK_AUTHTOKEN",
    "REDIS_URL",
    "CHROMA_URL",
    "LANGFUSE_SECRET_KEY",
)  # never shown, not even when they are wrong
SECRET_NAMES = ("_KEY", "_KEYS", "TOKEN", "_SECRET", "PASSWORD")  # ends of names in the environment
KEY_NAME, HASHED, SHORTEST = re.compile(r"[\w.-]{1,40}"), "sha256:", 16  # of API_KEYS
SHORTEST_KEY = 8  # characters; what is shorter is a word that texts may well hold


class Settings(BaseSettings):
    """One field per environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")  # everything that is written goes under it; relative to the checkout
    styles_dir: Path = Path("styles")  # the shipped style pictures; never written to
    models: Literal["embedded", "full"] = "embedded"
    embedding_model: str | None = None  # a folder, or a name on the hub; None: what MODELS has
    embedding_runtime: Literal["auto", "torch", "openvino"] = "auto"  # of a CLIP; auto: torch on a card, else openvino
    embedding_precision: Literal["auto", "float32", "bfloat16", "int8"] = "auto"  # auto: half where that is fast
    text_to_image_model: str | None = None  # a hub id, a folder in its layout, or one file; sets up diffusion as well
    controlnet_model: str = "lllyasviel/control_v11p_sd15_canny"
    ip_adapter_model: str = "h94/IP-Adapter"
    vision_language_model: str | None = None  # sees pictures: a chat model as provider:model, a LLaVA, or measured
    language_model: str | None = None  # writes: a chat model as provider:model
    provider_requests: int = Field(4, ge=1, le=64)  # to a provider of chat models, under way together
    provider_timeout_seconds: float = Field(120, ge=1, le=3600)  # for one answer
    provider_attempts: int = Field(5, ge=1, le=100)  # at one answer, where a provider is busy or fails
    illustration_template: str = "A highly detailed digital painting of {subject}"  # of the prompt from documents
    token_prices: Annotated[tuple[float, ...], NoDecode] = ()  # of a million tokens, input and output
    device: str = "auto"
    use_fp16: bool | None = None  # half precision; None: on CUDA
    use_8bit: bool = False  # weights of the vision-language model, by bitsandbytes
    unload_after_seconds: float = Field(0, ge=0, le=604_800)  # without work, of the vision-language model; 0: never
    num_inference_steps: int = Field(20, ge=1, le=200)  # where a request says nothing
    max_batch_rows: int = Field(16, ge=1, le=256)  # of one forward pass; a picture with guidance takes two
    safety_checker: bool = False
    compile: bool = False
    image_size: int = Field(512, ge=64, le=1024, multiple_of=8)  # px of a picture's long side
    top_k_retrieval: int = Field(5, ge=1, le=1000)  # hits of a search where a request says nothing
    max_upload_bytes: int = Field(25_000_000, ge=1_000)
    max_pixels: int = Field(40_000_000, ge=10_000)
    max_prompt_chars: int = Field(10_000, ge=1)
    api_keys: Annotated[tuple[str, ...], NoDecode] = ()  # `name:key`, `name:sha256:hash`, or a key alone
    requests_per_minute: int = Field(1_200, ge=1, le=1_000_000)  # of one key
    concurrent_requests: int = Field(32, ge=1, le=10_000)  # of one key, streams of events among them
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()  # other sites whose pages may ask
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()  # addresses whose X-Forwarded-For is believed
    decode_seconds: float = Field(20, ge=0.5, le=600)  # for one picture whose decoder may take any time
    document_seconds: float = Field(300, ge=1, le=86_400)  # for one PDF
    ngrok_authtoken: str | None = None  # for a tunnel
    ngrok_path: Path | None = None  # of the ngrok program; None: pyngrok's own, which it fetches once
    sync_wait_seconds: float = Field(80, ge=0, le=3600)  # then a request is answered 202, and its job goes on
    job_threads: int = Field(0, ge=0, le=256)  # jobs at a time in one process and queue; 0: one per processor core
    job_attempts: int = Field(3, ge=1, le=100)  # times that a job is begun before it counts as dead
    job_lease_seconds: float = Field(30, ge=0.5, le=3600)  # silence after which a worker counts as lost
    max_queued_jobs: int = Field(256, ge=1, le=100_000)  # that wait in one queue
    result_ttl_seconds: float = Field(86_400, ge=1)  # how long a job that has ended is kept
    max_finished_jobs: int = Field(1_000, ge=1)  # kept of those; the oldest go first
    enable_langfuse: bool = False  # traces of the chains; needs the two keys
    langfuse_public_key: str | None = None
    langfuse_secret_key: str | None = None
    langfuse_host: str = "https://cloud.langfuse.com"
    log_format: Literal["text", "json"] = "text"  # of servers and workers
    min_free_bytes: int = Field(500_000_000, ge=0)  # under DATA_DIR; with less a server is not ready
    shutdown_seconds: float = Field(7, ge=0, le=3600)  # for running jobs to end; then they are given back
    redis_url: str | None = None  # jobs are shared through it; needs CHROMA_URL
    redis_host: str | None = None
    redis_port: int = Field(6379, ge=1, le=65_535)
    chroma_url: str | None = None  # a Chroma server instead of a directory
    vector_store: Literal["chroma", "faiss"] = "chroma"
    vector_search: Literal["exact", "approximate"] = "exact"  # of Chroma
    faiss_index_type: Literal["Flat", "IVFFlat", "HNSW"] = "Flat"
    faiss_nlist: int = Field(100, ge=1, le=65_536)  # lists of IVFFlat

    @field_validator("data_dir", "styles_dir")
    @classmethod
    def _from_the_checkout(cls, path: Path) -> Path:
        return path if path.is_absolute() else ROOT / path

    @field_validator("api_keys", "cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split_by_commas(cls, keys: object) -> object:
        return tuple(key.strip() for key in keys.split(",") if key.strip()) if isinstance(keys, str) else keys

    @field_validator("api_keys")
    @classmethod
    def _long_enough(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for entry in keys:
            name, key = named_key(entry)
            if name is not None and (not KEY_NAME.fullmatch(name) or name == "local"):
                raise ValueError("a key's name is made of letters, digits, dots and dashes, and is not local")
            if len(key) < SHORTEST or not key.isascii():
                raise ValueError("a key needs at least 16 characters, all of ASCII")
            if entry.removeprefix(f"{name}:").startswith(HASHED) and not re.fullmatch(HASHED + "[0-9a-f]{64}", key):
                raise ValueError("a hashed key is sha256: and 64 hexadecimal digits, as `keys new` prints it")
        return keys

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"https?://[\w.\[\]:-]+", origin) for origin in origins):
            raise ValueError("each is as browsers send it: https://name or http://name:port, no path and no *")
        return tuple(origin.lower() for origin in origins)

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError("each is an address or a network, 10.0.0.5 or 10.0.0.0/24") from None
        return proxies

    @field_validator("illustration_template")
    @classmethod
    def _with_a_subject(cls, template: str) -> str:
        if "{subject}" not in template:
            raise ValueError("{subject} stands where the description goes")
        return template

    @field_validator("token_prices", mode="before")
    @classmethod
    def _two_prices(cls, told: object) -> object:
        prices = [part.strip() for part in told.split(",")] if isinstance(told, str) else told
        if isinstance(prices, (list, tuple)) and len(prices) not in (0, 2):
            raise ValueError("two prices of a million tokens, input and output: 0.11,0.34")
        return prices

    @field_validator("token_prices")
    @classmethod
    def _no_gifts(cls, prices: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 <= price < 1e6 for price in prices):
            raise ValueError("prices from 0 up")
        return prices

    @field_validator("text_to_image_model")
    @classmethod
    def _under_its_current_name(cls, model: str | None) -> str | None:
        return MOVED.get(model, model) if model is not None else None

    @field_validator("device")
    @classmethod
    def _a_device(cls, device: str) -> str:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", device):
            raise ValueError("it is auto, cpu, mps, cuda or cuda:N")
        return device

    @field_validator("redis_url", "chroma_url")
    @classmethod
    def _with_a_scheme(cls, url: str | None, info: ValidationInfo) -> str | None:
        schemes = ("redis", "rediss", "unix") if info.field_name == "redis_url" else ("http", "https")
        if url is not None and urlsplit(url).scheme not in schemes:
            raise ValueError(f"it begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if url is not None and "@" in url.replace(urlsplit(url).netloc, "", 1):  # what follows would be shown
            raise ValueError("a password is percent-encoded: / is %2F, ? is %3F, # is %23, @ is %40")
        return url

    @property
    def diffusion_model(self) -> str | None:
        """The text-to-image model that diffusion is set up with; None where it is not set up."""
        return self.text_to_image_model or (STABLE_DIFFUSION if self.models == "full" else None)

    @property
    def describing_model(self) -> str | None:
        """The vision-language model that describes pictures; None: they are measured."""
        named = self.vision_language_model or (LLAVA if self.models == "full" else MEASURED)
        return None if named == MEASURED else named

    @property
    def shared_jobs(self) -> str | None:
        """Address of the Redis that jobs are shared through; None where they live in this process's own file."""
        if self.redis_url is not None or self.redis_host is None:
            return self.redis_url
        return f"redis://{self.redis_host}:{self.redis_port}"


def named_key(entry: str) -> tuple[str | None, str]:
    """An entry of API_KEYS as its name, if it has one, and its key, or `sha256:` and the key's hash."""
    name, hashed, digest = entry.rpartition(HASHED)
    if hashed and (not name or name.endswith(":")):
        return name[:-1] or None, HASHED + digest
    name, _, key = entry.rpartition(":")
    return name or None, key


def read_settings(**values: object) -> Settings:
    """Settings from the environment, `.env` and `values`; raises `BadSetting` naming the first bad one."""
    try:
        settings = Settings(**values)  # type: ignore[arg-type]  # pydantic checks every value
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        shown = "..." if name in SECRET else first["input"]
        raise BadSetting(name, shown, first["msg"].removeprefix("Value error, ")) from None
    if settings.shared_jobs and settings.chroma_url is None:
        reason = "REDIS_URL is set, and processes that share jobs cannot share a Chroma directory: name a Chroma server"
        raise BadSetting("CHROMA_URL", "", reason)
    if settings.chroma_url is not None and settings.vector_store == "faiss":
        raise BadSetting("VECTOR_STORE", "faiss", "CHROMA_URL names a Chroma server: leave one of them out")
    keys = {
        "LANGFUSE_PUBLIC_KEY": settings.langfuse_public_key,
        "LANGFUSE_SECRET_KEY": settings.langfuse_secret_key,
    }
    missing = [name for name, key in keys.items() if settings.enable_langfuse and not key]
    if missing:
        raise BadSetting(" and ".join(missing), "", "ENABLE_LANGFUSE is set, and Langfuse takes nothing without keys")
    return settings


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings; `get_settings.cache_clear()` makes the next call read them anew."""
    return read_settings()


def export_foreign_names() -> None:
    """Put the lines of `.env` that are no settings of ours into the environment, where they are not set already.

    The packages of providers read their names there: GROQ_API_KEY, OPENAI_BASE_URL, OLLAMA_HOST and the like.
    """
    for name, value in _told_by_file().items():
        if value and name.lower() not in Settings.model_fields:
            os.environ.setdefault(name, value)


def _told_by_file() -> dict[str, str | None]:
    file = Settings.model_config.get("env_file")
    return dotenv_values(file, encoding="utf-8") if isinstance(file, (str, Path)) else {}


def redacted(text: str) -> str:
    """A text from elsewhere without the keys of the environment: servers repeat what they are sent."""
    for key in secrets_of_environment():
        text = text.replace(key, "***")
    return text


def secrets_of_environment() -> list[str]:
    """The values of the environment that are called keys, tokens and the like, the longest first."""
    named = (value.strip() for name, value in os.environ.items() if name.upper().endswith(SECRET_NAMES))
    return sorted({key for key in named if len(key) >= SHORTEST_KEY}, key=len, reverse=True)


def secrets_of(settings: Settings) -> list[str]:
    """What nobody may read of the settings and of the environment, the longest first."""
    keys = [key.rpartition(":")[2] for key in settings.api_keys]
    keys += filter(None, (settings.ngrok_authtoken, settings.langfuse_secret_key))
    keys += [value for name, value in _told_by_file().items() if value and name.upper().endswith(SECRET_NAMES)]
    urls = [urlsplit(url) for url in (settings.redis_url, settings.chroma_url) if url]
    keys += [found for url in urls if url.password for found in (url.password, unquote(url.password))]
    return sorted({*secrets_of_environment(), *(key for key in keys if len(key) > 3)}, key=len, reverse=True)


def check_text(field: str, text: str, most: int) -> None:
    """Raise `BadValue` for a text that no model can be given: of more than `most` characters, or with half of one."""
    if len(text) > most:
        raise BadValue(field, f"{len(text):,} characters", f"at most {most:,} characters (MAX_PROMPT_CHARS)")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadValue(field, text, "text; this has half of a character, as bytes of another encoding give")
