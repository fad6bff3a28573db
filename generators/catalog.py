"""Catalogue: from a name to a generator. The only file that imports the heavy leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from core.errors import BadValue, ModelMissing
from core.once import Once
from core.settings import MEASURED, Settings, get_settings
from generators.orders import Generator
from generators.stories.scene import Condenser
from generators.stories.story import Writer
from generators.vision.description import Describer

if TYPE_CHECKING:
    from generators.chat.provider import Provider
    from generators.rewriting import Rewriter

ENGINES = ("painter", "diffusion")
# What diffusion reads of the settings. A job brings its own IMAGE_SIZE: that must not load the models a second time.
_DIFFUSION_READS = (
    *("data_dir", "models", "text_to_image_model", "controlnet_model", "ip_adapter_model", "device", "use_fp16"),
    *("max_batch_rows", "safety_checker", "compile"),
)
# What describing reads of them.
_DESCRIBERS_READ = (
    *("data_dir", "models", "vision_language_model", "language_model", "device", "use_fp16"),
    *("provider_requests", "provider_timeout_seconds", "provider_attempts", "use_8bit"),
    "unload_after_seconds",
)


def open_generator(engine: str | None = None, settings: Settings | None = None) -> Generator:
    """The generator of that name, made once per process; the default is diffusion where the settings set it up."""
    chosen = get_settings() if settings is None else settings
    name = named(engine, chosen)
    return _generators((name, _only(_DIFFUSION_READS, chosen) if name == "diffusion" else None))


def open_describer(settings: Settings | None = None) -> Describer:
    """What describes pictures, as VISION_LANGUAGE_MODEL or MODELS name it, made once per process; measuring where
    neither does. Raises `ModelMissing` and `BadSetting`.
    """
    chosen = get_settings() if settings is None else settings
    return _describers(None if chosen.describing_model is None else _only(_DESCRIBERS_READ, chosen))


def open_writer(settings: Settings | None = None) -> Writer:
    """What writes stories, made once per process: LANGUAGE_MODEL by the description; without it the model that
    describes pictures, which sees them; and where neither is set, the storyteller, which needs no model.

    Raises `ModelMissing`, `BadSetting` and `ProviderRefuses`.
    """
    chosen = get_settings() if settings is None else settings
    model = chosen.language_model or chosen.describing_model
    return _writers(None if model is None else _only(_DESCRIBERS_READ, chosen))


def open_condenser(settings: Settings | None = None) -> Condenser:
    """What finds the scene of a story, made once per process: LANGUAGE_MODEL, or rules where it is not set.

    Raises as `open_writer` does.
    """
    chosen = get_settings() if settings is None else settings
    return _condensers(None if chosen.language_model is None else _only(_DESCRIBERS_READ, chosen))


def loaded(settings: Settings) -> dict[str, tuple[str, bool]]:
    """By what they do, the generators that the settings name, and whether they have been made; none is for that."""
    name, reads = named(None, settings), _only(_DESCRIBERS_READ, settings)
    painting = _generators.peek((name, _only(_DIFFUSION_READS, settings) if name == "diffusion" else None))
    sees, writes = settings.describing_model, settings.language_model or settings.describing_model
    describing = _describers.peek(None if sees is None else reads)
    writing = _writers.peek(None if writes is None else reads)
    return {
        "painting": (name if painting is None else painting.engine, painting is not None),
        "describing": ((sees or MEASURED) if describing is None else describing.engine, describing is not None),
        "writing": ((writes or "storyteller") if writing is None else writing.engine, writing is not None),
    }


def _only(names: Iterable[str], settings: Settings) -> Settings:
    """The settings with a fixed value for whatever is not among these names."""
    fixed = {name: field.get_default() for name, field in Settings.model_fields.items() if name not in names}
    return settings.model_copy(update=fixed)


def named(engine: str | None, settings: Settings | None = None) -> str:
    """The name of an engine that can be opened; nothing is loaded. Raises `BadValue` and `ModelMissing`."""
    if engine is not None and engine not in ENGINES:
        raise BadValue("engine", engine, " or ".join(ENGINES))
    if engine == "painter":
        return engine
    model = (get_settings() if settings is None else settings).diffusion_model
    if engine is None:
        return "painter" if model is None else "diffusion"
    if model is None:
        remedy = "set MODELS=full, or TEXT_TO_IMAGE_MODEL to a hub id or a folder; engine=painter needs no model"
        raise ModelMissing("engine=diffusion", "no text-to-image model is set", remedy)
    return engine


def open_rewriter(settings: Settings | None = None) -> Rewriter | None:
    """What puts prompts into better words, as LANGUAGE_MODEL names it; None where it names nothing.

    Raises `ModelMissing`, `BadSetting` and `ProviderRefuses`.
    """
    chosen = get_settings() if settings is None else settings
    if chosen.language_model is None:
        return None
    from generators.rewriting import Rewriter

    return Rewriter(_providers(_only(_DESCRIBERS_READ, chosen)))


def is_chat_model(name: str) -> bool:
    """Whether a name is `provider:model`, and no LLaVA's: a hub id has no colon, and a path one behind a slash."""
    provider, colon, _ = name.partition(":")
    return bool(colon) and "/" not in provider and len(provider) > 1


def llava_inventory(settings: Settings) -> str:
    """What the LLaVA of the settings resolved to, and what it will take. Raises `ModelMissing`."""
    from generators.llava.inventory import told

    return told(settings)


def inventory(settings: Settings) -> dict[str, Callable[[Settings], str]]:
    """What each model of diffusion resolved to, to be asked one by one; empty where diffusion is not set up."""
    if settings.diffusion_model is None:
        return {}
    from generators.diffusion.inventory import ROLES

    return ROLES


def _open(key: tuple[str, Settings | None]) -> Generator:
    _, settings = key
    if settings is not None:
        from generators.diffusion.diffusion import Diffusion

        return Diffusion(settings)
    from generators.painter.painter import Painter

    return Painter()


def _open_describer(settings: Settings | None) -> Describer:
    model = None if settings is None else settings.describing_model
    if settings is None or model is None:
        from generators.vision.describer import MeasuringDescriber

        return MeasuringDescriber()
    if is_chat_model(model):
        from generators.vision.chat import ChatDescriber

        return ChatDescriber(model, settings)
    from generators.vision.llava import LlavaDescriber

    return LlavaDescriber(settings)


def _open_provider(settings: Settings) -> Provider:
    from generators.chat.provider import Provider

    assert settings.language_model is not None, "asked where one is named"
    return Provider(settings.language_model, settings)


def _open_writer(settings: Settings | None) -> Writer:
    model = None if settings is None else settings.language_model or settings.describing_model
    if settings is None or model is None:
        from generators.stories.storyteller import Storyteller

        return Storyteller()
    if settings.language_model is not None or is_chat_model(model):
        from generators.stories.chat import ChatWriter

        return ChatWriter(model, settings, sees=settings.language_model is None)
    from generators.stories.llava import LlavaWriter

    return LlavaWriter(settings)


def _open_condenser(settings: Settings | None) -> Condenser:
    if settings is None or settings.language_model is None:
        from generators.stories.scene import RuleCondenser

        return RuleCondenser()
    from generators.stories.condenser import ChatCondenser

    return ChatCondenser(settings.language_model, settings)


_providers: Once[Settings, Provider] = Once(_open_provider)
_writers: Once[Settings | None, Writer] = Once(_open_writer)
_condensers: Once[Settings | None, Condenser] = Once(_open_condenser)
_describers: Once[Settings | None, Describer] = Once(_open_describer)
_generators: Once[tuple[str, Settings | None], Generator] = Once(_open)
