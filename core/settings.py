"""Settings: the names of .env.example, read once from the environment and .env, frozen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import BadSetting

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One field per environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")  # everything that is written goes under it; relative to the checkout
    styles_dir: Path = Path("styles")  # the shipped style pictures; never written to
    models: Literal["embedded"] = "embedded"
    image_size: int = Field(512, ge=64, le=1024, multiple_of=8)  # px of a picture's long side
    max_upload_bytes: int = Field(25_000_000, ge=1_000)
    max_pixels: int = Field(40_000_000, ge=10_000)
    max_prompt_chars: int = Field(10_000, ge=1)
    api_keys: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("data_dir", "styles_dir")
    @classmethod
    def _from_the_checkout(cls, path: Path) -> Path:
        return path if path.is_absolute() else ROOT / path

    @field_validator("api_keys", mode="before")
    @classmethod
    def _split_by_commas(cls, keys: object) -> object:
        return tuple(key.strip() for key in keys.split(",") if key.strip()) if isinstance(keys, str) else keys

    @field_validator("api_keys")
    @classmethod
    def _long_enough(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(key) < 16 or not key.isascii() for key in keys):
            raise ValueError("a key needs at least 16 characters, all of ASCII")
        return keys


def read_settings(**values: object) -> Settings:
    """Settings from the environment, `.env` and `values`; raises `BadSetting` naming the first bad one."""
    try:
        return Settings(**values)  # type: ignore[arg-type]  # pydantic checks every value
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        shown = "..." if name == "API_KEYS" else first["input"]
        raise BadSetting(name, shown, first["msg"]) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings; `get_settings.cache_clear()` makes the next call read them anew."""
    return read_settings()
