"""Story: a picture becomes a story, and a story a picture, each with the earlier ones that are like it.

    story    request ─ read_request ─ assign(seen=describe_picture) ─ assign(memories=recall) ─ assign(story=write)
                     ─ keep
    picture  request ─ read_request ─ assign(memories=recall) ─ assign(scene=condense) ─ assign(found=find_style)
                     ─ assign(design=paint) ─ keep

describe_picture  has the describer look at the picture
recall            asks the memories for earlier stories: by the picture, or by the story
write             has the writer tell it; custom events `token` bring the text as it is written
condense          makes one scene of the story, and a prompt of the scene
paint             hands the prompt to the chain of designs, without a sketch
keep              remembers what was made with what it was made of, where that is wanted
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from threading import Event
from typing import Any, Protocol, cast

from langchain_core.callbacks import dispatch_custom_event
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from typing_extensions import TypedDict

from chains import design
from chains.design import Design, Styles
from chains.options import DesignRequest
from chains.story_options import (
    PictureOptions,
    PictureRequest,
    StoryOptions,
    StoryRequest,
    design_options,
    read_picture_options,
    read_story_options,
)
from core import images
from core.errors import AtelierError
from core.settings import Settings, get_settings
from generators.catalog import open_condenser, open_describer, open_writer
from generators.orders import Generator
from generators.stories.scene import Scene, condense
from generators.stories.story import Remembered, Story, StoryOrder, Writer
from generators.vision.description import Describer, Description
from retrievers.catalog import open_memories, open_styles
from retrievers.found_styles import FoundStyles
from retrievers.memories.memory import Memory, Recalled
from retrievers.models import open_sentence_embeddings
from retrievers.styles import Found

COMPARED = 12_000  # characters of a story whose sentences are compared by the sentence model, some 2 s for more
LOOKED_AT = 1024  # px of the long side of a picture that is told of, and kept
APART = 0.1  # s between two pieces of a text that is heard as it is written


class Recall(Protocol):
    """Where earlier ones are found: the memories, or what was found in them before."""

    def recall_by_picture(self, picture: Image.Image, k: int) -> list[Recalled]: ...

    def recall_by_story(self, text: str, k: int) -> list[Recalled]: ...

    def remember(self, memory: Memory, picture: bytes) -> bool: ...


class Seen(TypedDict):
    description: Description
    engine: str  # that described it


class Told(TypedDict):
    """A story that was written of a picture."""

    story: Story
    description: Description
    describer: str
    memories: list[Recalled]  # that were at hand; `story.used` names those that came into it
    id: str | None  # under which it is remembered
    picture: bytes  # PNG, at most LOOKED_AT px long
    notes: list[str]


class Pictured(TypedDict):
    """A picture that was painted of a story; `image` is the first of the design's."""

    image: Image.Image
    scene: Scene
    memories: list[Recalled]
    design: Design
    id: str | None
    notes: list[str]


def build(
    memories: Recall | None = None,
    writer: Writer | None = None,
    describer: Describer | None = None,
    settings: Settings | None = None,
) -> Runnable[StoryRequest, Told]:
    """The chain from a picture to its story, over what the settings name where nothing is given."""
    chosen = get_settings() if settings is None else settings
    past = open_memories(chosen) if memories is None else memories

    def read_request(request: StoryRequest) -> dict[str, Any]:
        options = read_story_options(request, chosen)
        picture, data = images.given(request.get("image"), "image", chosen.max_pixels, 2 * LOOKED_AT)
        known = ". ".join(filter(None, [options.known.strip(), images.caption(data)]))
        return {"options": options, "picture": images.fit(picture, LOOKED_AT), "known": known}

    def describe_picture(request: dict[str, Any]) -> Seen:
        eyes = open_describer(chosen) if describer is None else describer
        answer = eyes.describe([images.fit(request["picture"], eyes.wanted)], Event())[0]
        if answer.description is None:
            assert answer.error is not None, "a describer says why it has no description"
            raise answer.error
        return Seen(description=answer.description, engine=eyes.engine)

    def recall(request: dict[str, Any]) -> list[Recalled]:
        options: StoryOptions = request["options"]
        return past.recall_by_picture(request["picture"], options.top_k) if options.top_k else []

    def write(request: dict[str, Any], config: RunnableConfig) -> Story:
        options: StoryOptions = request["options"]
        pen = open_writer(chosen) if writer is None else writer
        order = StoryOrder(
            request["picture"],
            request["seen"]["description"],
            request["known"],
            remembered(request["memories"]),
            options.seed,
            options.wish,
            options.words,
        )
        hearing = _Hearing(config)
        story = pen.write(order, hearing, Event())
        hearing.finish(story.text)
        return story

    def keep(request: dict[str, Any]) -> Told:
        story: Story = request["story"]
        seen: Seen = request["seen"]
        made = Told(
            story=story,
            description=seen["description"],
            describer=seen["engine"],
            memories=request["memories"],
            id=None,
            picture=images.to_png(request["picture"]),
            notes=list(story.notes),
        )
        if request["options"].remember:
            memory = memory_of_story(uuid.uuid4().hex, made, request["options"].seed)
            made["id"] = _kept(past, memory, made["picture"], made["notes"])
        return made

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(seen=RunnableLambda(describe_picture))
        | RunnablePassthrough.assign(memories=RunnableLambda(recall))
        | RunnablePassthrough.assign(story=RunnableLambda(write))
        | RunnableLambda(keep)
    )


def build_picture(
    memories: Recall | None = None,
    styles: Styles | None = None,
    generator: Generator | None = None,
    settings: Settings | None = None,
) -> Runnable[PictureRequest, Pictured]:
    """The chain from a story to a picture of it."""
    chosen = get_settings() if settings is None else settings
    past = open_memories(chosen) if memories is None else memories
    shelf = open_styles(chosen) if styles is None else styles

    def read_request(request: PictureRequest) -> dict[str, Any]:
        return {"options": read_picture_options(request, chosen)}

    def recall(request: dict[str, Any]) -> list[Recalled]:
        options: PictureOptions = request["options"]
        return past.recall_by_story(options.story, options.top_k) if options.top_k else []

    def condense_story(request: dict[str, Any]) -> Scene:
        earlier = remembered(request["memories"])
        text = request["options"].story
        near = nearness(chosen) if len(text) <= COMPARED else None
        return open_condenser(chosen).condense(text, earlier, Event(), near)

    def find_style(request: dict[str, Any]) -> Found:
        return design.find(shelf, request["options"].model_copy(update={"prompt": style_words(request["scene"])}))

    def paint(request: dict[str, Any], config: RunnableConfig) -> Design:
        chain = design.build(FoundStyles(request["found"]), generator, chosen)
        asked = {**design_options(request["options"]), "prompt": request["scene"].prompt}
        return chain.invoke(cast(DesignRequest, asked), config)

    def keep(request: dict[str, Any]) -> Pictured:
        made: Design = request["design"]
        scene: Scene = request["scene"]
        pictured = Pictured(
            image=made["image"],
            scene=scene,
            memories=request["memories"],
            design=made,
            id=None,
            notes=[*scene.notes, *made["notes"]],
        )
        if request["options"].remember:
            picture = images.to_png(images.fit(made["image"], LOOKED_AT))
            memory = memory_of_picture(uuid.uuid4().hex, pictured, request["options"].story)
            pictured["id"] = _kept(past, memory, picture, pictured["notes"])
        return pictured

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(memories=RunnableLambda(recall))
        | RunnablePassthrough.assign(scene=RunnableLambda(condense_story))
        | RunnablePassthrough.assign(found=RunnableLambda(find_style))
        | RunnablePassthrough.assign(design=RunnableLambda(paint))
        | RunnableLambda(keep)
    )


def _kept(past: Recall, memory: Memory, picture: bytes, notes: list[str]) -> str | None:
    """The id under which it is remembered; a note where it cannot be: what was made is not thrown away for that."""
    try:
        past.remember(memory, picture)
    except AtelierError as error:
        notes.append(f"not remembered: {error.message}")
        return None
    return memory.id


def scene_for_style(story: str, memories: list[Recalled]) -> Scene:
    """The scene by which the style is found where no model can be waited for."""
    return condense(story, remembered(memories))


def style_words(scene: Scene) -> str:
    """What a scene shows, without the template's words on how that is painted."""
    return ", ".join(filter(None, [*scene.subjects, scene.setting, scene.light, scene.mood])) or scene.prompt


def remembered(memories: list[Recalled]) -> tuple[Remembered, ...]:
    found = [recalled.memory for recalled in memories]
    return tuple(Remembered(memory.id, memory.title, memory.story, memory.caption) for memory in found)


def nearness(settings: Settings) -> Callable[[str, str], float]:
    """The cosine of two texts by the sentence model."""
    embeddings = open_sentence_embeddings(settings)
    return lambda one, other: float(embeddings.embed(one) @ embeddings.embed(other))


def memory_of_story(id: str, made: Told, seed: int) -> Memory:
    story = made["story"]
    told = {"seed": seed, "describer": made["describer"], "used": list(story.used)}
    return Memory(id, "story", story.title, story.text, made["description"].caption, story.engine, time.time(), told)


def memory_of_picture(id: str, made: Pictured, story: str) -> Memory:
    scene, painted = made["scene"], made["design"]
    told = {
        "seeds": painted["seeds"],
        "style": painted["style"].id,
        "condensed_by": scene.engine,
        "prompt": scene.prompt,
    }
    return Memory(id, "picture", "", story, style_words(scene), painted["engine"], time.time(), told)


class _Hearing:
    """Hands on what is new of a text that is being written, in readable pieces, as the custom event `token`."""

    def __init__(self, config: RunnableConfig) -> None:
        self._config, self._heard, self._when = config, "", 0.0

    def __call__(self, text: str) -> None:
        if time.monotonic() - self._when >= APART:
            self.finish(text)

    def finish(self, text: str) -> None:
        """All of it that was not handed on; from the beginning, `at` 0, where it was begun anew, or is another now."""
        if not text.startswith(self._heard):
            self._heard = ""
        if len(text) > len(self._heard):
            told = {"at": len(self._heard), "text": text[len(self._heard) :]}
            dispatch_custom_event("token", told, config=self._config)
            self._heard, self._when = text, time.monotonic()
