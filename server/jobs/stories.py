"""Stories and pictures of stories as jobs: what is recalled travels with them; what they make the owner remembers.

A worker writes to no index and needs no library. When a job is done, the owner of the library takes what was made into
the memories, under the job's id, so that it is there once however often that is tried (see recorder.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from PIL import Image

from chains import design as design_chain
from chains import story as chain
from chains.story_options import (
    PictureRequest,
    StoryRequest,
    design_options,
    read_picture_options,
    read_story_options,
)
from core import images
from core.settings import Settings
from retrievers.catalog import library_id
from retrievers.found_styles import FoundStyles
from retrievers.memories.memories import Memories
from retrievers.memories.memory import Memory, Recalled
from retrievers.styles import StyleLibrary
from server.jobs import design
from server.jobs.reporter import config_of
from server.jobs.run import Outcome, Run

STORY, PICTURE = "story", "picture"  # kinds of jobs, and of memories
STORY_QUEUE, PICTURE_QUEUE = "story", design.QUEUE
GIVEN = "picture"  # the file that a story is told of
READ = 4_000  # characters of an earlier story that a writer is given
KEPT = "told.png"  # the same, as it is remembered


def pack_story(
    asked: Mapping[str, Any], picture: bytes, memories: Memories, settings: Settings, owner: str | None = None
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a story, with what is recalled of this owner's, or of everybody's. Raises what makes the
    request impossible, before anything is queued."""
    options = read_story_options(asked, settings)
    opened = images.decode(picture, "image", settings.max_pixels, chain.LOOKED_AT)
    found = memories.recall_by_picture(opened, options.top_k, owner) if options.top_k else []
    told = {"asked": options.model_dump(), "memories": [_packed(one) for one in found]}
    return {**told, "max_pixels": settings.max_pixels, "library": library_id(settings.data_dir)}, {GIVEN: picture}


def pack_picture(
    asked: Mapping[str, Any],
    memories: Memories,
    styles: StyleLibrary,
    settings: Settings,
    owner: str | None = None,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a picture of a story; likewise."""
    options = read_picture_options(asked, settings)
    found = memories.recall_by_story(options.story, options.top_k, owner) if options.top_k else []
    scene = chain.scene_for_style(options.story, found)
    told, files = design.pack({**design_options(options), "prompt": chain.style_words(scene)}, None, styles, settings)
    own = {"asked": options.model_dump(), "memories": [_packed(one) for one in found], "design": told}
    return {**own, "library": library_id(settings.data_dir)}, files


def _packed(recalled: Recalled) -> dict[str, Any]:
    told = recalled.memory.as_dict()
    return {**told, "story": told["story"][:READ], "score": recalled.score}


class _Found:
    """The memories that came with the job; nothing is remembered here."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        fields = [({**one, "picture": Path()}, one["score"]) for one in told]
        self._found = [
            Recalled(Memory(**{key: value for key, value in one.items() if key != "score"}), score)
            for one, score in fields
        ]

    def recall_by_picture(self, picture: Image.Image, k: int) -> list[Recalled]:
        return self._found[:k]

    def recall_by_story(self, text: str, k: int) -> list[Recalled]:
        return self._found[:k]

    def remember(self, memory: Memory, picture: bytes) -> bool:
        return False


class StoryWork:
    """Runs the chain from a picture to a story over what the job carries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        told = run.parameters
        settings = self._settings.model_copy(update={"max_pixels": told["max_pixels"]})
        asked = {**told["asked"], "remember": False, "image": run.file(GIVEN)}
        write = chain.build(_Found(told["memories"]), settings=settings)
        made = write.invoke(cast(StoryRequest, asked), config_of(run, self._settings))
        memory = chain.memory_of_story(run.job.id, made, told["asked"]["seed"])
        result = {
            **as_json(made),
            "memory": {key: value for key, value in memory.as_dict().items() if key != "story"},
            "seconds": round(time.perf_counter() - start, 4),
        }
        return Outcome(result, {KEPT: made["picture"]})


class PictureWork:
    """Runs the chain from a story to a picture over what the job carries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        told = run.parameters
        sizes = {name: told["design"][name] for name in ("image_size", "max_pixels")}
        styles = FoundStyles(design.unpack(run, told["design"]["found"]))
        paint = chain.build_picture(_Found(told["memories"]), styles, settings=self._settings.model_copy(update=sizes))
        asked = cast(PictureRequest, {**told["asked"], "remember": False})
        made = paint.invoke(asked, config_of(run, self._settings))
        memory = chain.memory_of_picture(run.job.id, made, told["asked"]["story"])
        files = {f"image-{i}.png": data for i, data in enumerate(design_chain.to_files(made["design"]))}
        result = {
            **picture_json(made),
            "memory": {key: value for key, value in memory.as_dict().items() if key != "story"},
            "images": list(files),
            "seconds": round(time.perf_counter() - start, 4),
        }
        return Outcome(result, files, spent=design.carried_styles(told["design"]))


def as_json(made: chain.Told) -> dict[str, Any]:
    """A story as JSON can hold it."""
    story = made["story"]
    return {
        "title": story.title,
        "story": story.text,
        "engine": story.engine,
        "describer": made["describer"],
        "description": made["description"].model_dump(mode="json"),
        "memories": [one.as_dict() for one in made["memories"]],
        "used": list(story.used),
        "usage": asdict(story.usage),
        "notes": made["notes"],
    }


def picture_json(made: chain.Pictured) -> dict[str, Any]:
    """A picture of a story as JSON can hold it, without the picture."""
    return {
        **design.as_json(made["design"]),
        "scene": asdict(made["scene"]),
        "memories": [one.as_dict() for one in made["memories"]],
        "notes": made["notes"],
    }
