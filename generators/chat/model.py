"""Chat models by name, `provider:model`, opened by LangChain; nothing is asked of a provider here.

Whatever package a provider has: its own retries are off, its patience is PROVIDER_TIMEOUT_SECONDS, and its key comes
from the environment or from `.env`.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, NoReturn

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr, ValidationError

from core.errors import AtelierError, BadSetting, ModelMissing
from core.settings import Settings, export_foreign_names
from generators.chat.errors import ProviderRefuses, shortened

EXTRAS = {"anthropic": "anthropic", "google_genai": "google", "groq": "groq", "ollama": "ollama", "openai": "openai"}
KEYS = {"google_genai": "GOOGLE_API_KEY"}  # where it is not called after the provider
KEYLESS = ("ollama",)


def open_chat_model(name: str, settings: Settings, **options: Any) -> BaseChatModel:
    """The model of that name; `options` go to its class.

    Raises `BadSetting` for a name that is none, `ModelMissing` where the provider's package is not installed, and
    `ProviderRefuses` where there is no key.
    """
    provider, _, model = name.partition(":")
    if not provider or not model:
        raise BadSetting(setting_of(name, settings), name, "it is provider:model, as openai:gpt-4o-mini")
    if provider in EXTRAS and find_spec(package_of(provider)) is None:  # LangChain has an old substitute for one
        _raise_missing(name, package_of(provider).replace("_", "-"))
    export_foreign_names()
    try:
        opened = _opened(provider, model, settings.provider_timeout_seconds, options)
    except ImportError as error:
        wanted = re.search(r"requires the ([\w-]+) package", str(error))
        _raise_missing(name, wanted.group(1) if wanted else package_of(provider).replace("_", "-"), error.__cause__)
    except Exception as error:  # noqa: BLE001 - each provider's package raises errors of its own
        failure = _failure(name, str(error), settings)
    else:
        secrets = [getattr(opened, field) for field in type(opened).model_fields if field.endswith("api_key")]
        if all(secret.get_secret_value() for secret in secrets if isinstance(secret, SecretStr)):
            return opened
        failure = _keyless(name, key_of(provider))
    raise failure  # here, where no other error goes with it: that may hold a key


def _opened(provider: str, model: str, seconds: float, options: dict[str, Any]) -> BaseChatModel:
    if provider == "ollama":  # it never tries again, and leaves the patience to its HTTP client
        manners: dict[str, Any] = {"client_kwargs": {"timeout": seconds}}
    else:
        manners = {"timeout": seconds, "max_retries": 0}
    try:
        opened: BaseChatModel = init_chat_model(model, model_provider=provider, **manners, **options)
    except (TypeError, ValidationError) as error:
        if not any(manner in str(error) for manner in manners):
            raise
        opened = init_chat_model(model, model_provider=provider, **options)  # of a class that takes neither
    return opened


def _failure(name: str, told: str, settings: Settings) -> AtelierError:
    """What it means that a class does not open, by what its package says."""
    if "Unsupported provider" in told:
        known = f"{', '.join(EXTRAS)}, or another that LangChain has"
        return BadSetting(setting_of(name, settings), name, f"the providers are {known}")
    key = re.search(r"\b[A-Z][A-Z0-9_]*_(KEY|TOKEN)\b", told)
    if key:
        return _keyless(name, key.group())
    remedy = "check the provider's names in the environment and in .env"
    return ProviderRefuses(name, "cannot be opened", told, remedy)


def _raise_missing(name: str, package: str, cause: BaseException | None = None) -> NoReturn:
    provider = name.partition(":")[0]
    broken = cause is not None and package.replace("-", "_") not in str(cause)
    reason = shortened(f"{package} does not load: {cause}") if broken else f"the package {package} is not installed"
    wanted = f"-e .[{EXTRAS[provider]}]" if provider in EXTRAS else package
    raise ModelMissing(name, reason, f"pip install {wanted}") from None


def _keyless(name: str, key: str) -> ProviderRefuses:
    remedy = f"set {key} in the environment or in .env; any word will do for a server that asks for none"
    return ProviderRefuses(name, "needs a key", f"{key} is not set", remedy, key=key)


def package_of(provider: str) -> str:
    """The package that has the model's class, as it is imported."""
    return f"langchain_{provider}"


def key_of(provider: str) -> str:
    """The name under which the environment has the provider's key."""
    return KEYS.get(provider, f"{provider.upper()}_API_KEY")


def setting_of(name: str, settings: Settings) -> str:
    """The setting that has this name."""
    return "LANGUAGE_MODEL" if name == settings.language_model else "VISION_LANGUAGE_MODEL"


def described(name: str) -> str:
    """The package of a model that could be opened, and whether a key goes with it."""
    provider = name.partition(":")[0]
    package = package_of(provider).replace("_", "-")
    installed = f"{package} {version(package)}" if find_spec(package_of(provider)) else "LangChain"
    return f"{name} by {installed}, {'no key needed' if provider in KEYLESS else f'{key_of(provider)} is set'}"
