"""Illustrate: a question over documents becomes passages, the passages a prompt, and the prompt a picture.

    request ─ read_request ─ assign(passages=find_passages) ─ assign(prompt=make_prompt) ─ assign(found=find_style)
            ─ assign(design=paint) ─ tell

find_passages  asks the document library; an empty one takes in the texts that are shipped (samples/knowledge)
make_prompt    puts what the passages show into an image prompt, which LANGUAGE_MODEL rewrites where it names a model
find_style     asks the style library for the style that the prompt means
paint          hands the prompt to the chain of designs, without a sketch
"""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol, cast

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from typing_extensions import TypedDict

from chains import design
from chains.design import Design, Styles
from chains.illustrate_options import (
    IllustrateOptions,
    IllustrateRequest,
    design_options,
    read_illustrate_options,
)
from chains.options import DesignRequest
from core.settings import ROOT, Settings, get_settings
from generators.catalog import open_rewriter
from generators.orders import Generator
from generators.prompts import IllustrationPrompt, Illustrator, Rewrite
from retrievers.catalog import open_passages, open_styles
from retrievers.found_styles import FoundStyles
from retrievers.models import open_sentence_embeddings
from retrievers.passage import Passage
from retrievers.passages import NoDocuments, PassageLibrary, cosines
from retrievers.styles import Found

KNOWLEDGE = ROOT / "samples/knowledge"
EXTRACTED, ASKED, GIVEN = "extracted from the passages", "the question's own words", "given"


class Passages(Protocol):
    """Where passages are found: the document library, or what was found in it before."""

    def search(self, question: str, k: int = 5, document: str | None = None) -> list[Passage]: ...


class Prompted(TypedDict):
    """A prompt, and where it comes from."""

    text: str
    made: IllustrationPrompt | None  # None where it was given
    engine: str  # that made it
    notes: list[str]


class Illustration(TypedDict):
    """What comes back; `image` is the first of the design's."""

    question: str
    image: Image.Image
    prompt: Prompted
    passages: list[Passage]
    design: Design
    notes: list[str]


class Draft(TypedDict):
    """What would be painted."""

    question: str
    prompt: Prompted
    passages: list[Passage]
    found: Found  # the style


def build(
    passages: Passages | None = None,
    styles: Styles | None = None,
    generator: Generator | None = None,
    rewrite: Rewrite | None = None,
    settings: Settings | None = None,
) -> Runnable[IllustrateRequest, Illustration]:
    """The chain, over the libraries, the generator and the settings of the process where none are given."""
    chosen = get_settings() if settings is None else settings

    def paint(request: dict[str, Any], config: RunnableConfig) -> Design:
        chain = design.build(FoundStyles(request["found"]), generator, chosen)
        asked = {**design_options(request["options"]), "prompt": request["prompt"]["text"]}
        return chain.invoke(cast(DesignRequest, asked), config)

    def tell(request: dict[str, Any]) -> Illustration:
        made: Design = request["design"]
        notes = [*request["prompt"]["notes"], *made["notes"]]
        return Illustration(
            question=request["options"].question,
            image=made["image"],
            prompt=request["prompt"],
            passages=request["passages"],
            design=made,
            notes=notes,
        )

    return (
        _find_and_word(passages, styles, rewrite, chosen)
        | RunnablePassthrough.assign(design=RunnableLambda(paint))
        | RunnableLambda(tell)
    )


def build_draft(
    passages: Passages | None = None,
    styles: Styles | None = None,
    rewrite: Rewrite | None = None,
    settings: Settings | None = None,
) -> Runnable[IllustrateRequest, Draft]:
    """The same chain up to the picture, which is not painted: what there is to read and to change before."""
    chosen = get_settings() if settings is None else settings

    def tell(request: dict[str, Any]) -> Draft:
        told = {name: request[name] for name in ("prompt", "passages", "found")}
        return cast(Draft, {"question": request["options"].question, **told})

    return _find_and_word(passages, styles, rewrite, chosen) | RunnableLambda(tell)


def _find_and_word(
    passages: Passages | None, styles: Styles | None, rewrite: Rewrite | None, chosen: Settings
) -> Runnable[IllustrateRequest, dict[str, Any]]:
    """From the request to the options, the passages, the prompt and the style."""
    library = open_passages(chosen) if passages is None else passages
    shelf = open_styles(chosen) if styles is None else styles

    def read_request(request: IllustrateRequest) -> dict[str, Any]:
        return {"options": read_illustrate_options(request, chosen)}

    def find_passages(request: dict[str, Any]) -> list[Passage]:
        return find(library, request["options"])

    def make_prompt(request: dict[str, Any]) -> Prompted:
        given = bool(request["options"].prompt.strip())
        writer = open_rewriter(chosen) if rewrite is None and not given else rewrite
        return prompt_of(request["options"], request["passages"], chosen, writer)

    def find_style(request: dict[str, Any]) -> Found:
        return style_for(shelf, request["options"], request["prompt"])

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(passages=RunnableLambda(find_passages))
        | RunnablePassthrough.assign(prompt=RunnableLambda(make_prompt))
        | RunnablePassthrough.assign(found=RunnableLambda(find_style))
    )


def find(library: Passages, options: IllustrateOptions) -> list[Passage]:
    """The passages that answer the question; none where only a prompt is given.

    Raises `NoDocuments` where the library is empty, and even the shipped texts were taken out of it.
    """
    if not options.question.strip():
        return []
    try:
        return library.search(options.question, options.k, options.document)
    except NoDocuments:
        if not isinstance(library, PassageLibrary):
            raise
        library.add_folder(KNOWLEDGE)
        return library.search(options.question, options.k, options.document)


def prompt_of(
    options: IllustrateOptions, passages: list[Passage], settings: Settings, rewrite: Rewrite | None = None
) -> Prompted:
    """The prompt that was given, or one of what the passages show; passages that are weak take no part."""
    if options.prompt.strip():
        return Prompted(text=options.prompt, made=None, engine=GIVEN, notes=[])
    near = [passage for passage in passages if not passage.weak]
    notes = [] if near else ["no passage has to do with the question: the prompt is the question's own"]
    words = partial(cosines, open_sentence_embeddings(settings))
    illustrator = Illustrator(settings.illustration_template, words, rewrite=rewrite)
    made = illustrator.prompt(options.question, [each.text for each in near], [each.title for each in near])
    engine, note = EXTRACTED if near else ASKED, getattr(rewrite, "note", "")
    if rewrite is not None and not note:
        engine = getattr(rewrite, "engine", "a language model")
    return Prompted(text=made.text, made=made, engine=engine, notes=[*notes, *([note] if note else [])])


def style_for(styles: Styles, options: IllustrateOptions, prompt: Prompted) -> Found:
    """The style that the picture wears."""
    return design.find(styles, options.model_copy(update={"prompt": words_for_style(prompt)}))


def words_for_style(prompt: Prompted) -> str:
    """What a prompt shows, without the template's words on how that is painted."""
    made = prompt["made"]
    return prompt["text"] if made is None else ", ".join([made.subject, *made.phrases]).strip(", ") or prompt["text"]


def as_dict(made: Illustration) -> dict[str, Any]:
    """Everything about the prompt and the passages as JSON can hold it."""
    return {**draft_as_dict(made), "notes": made["notes"]}


def draft_as_dict(made: Illustration | Draft) -> dict[str, Any]:
    """The question, the prompt and the passages as JSON can hold them."""
    prompt = made["prompt"]
    told = {} if prompt["made"] is None else prompt["made"].as_dict()
    return {
        "question": made["question"],
        **told,
        "prompt": prompt["text"],
        "prompted_by": prompt["engine"],
        "passages": [passage.as_dict() for passage in made["passages"]],
        "notes": prompt["notes"],
    }
