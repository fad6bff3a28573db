"""Kinds: which jobs there are, and what runs them."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings import Settings
from server.jobs import descriptions, design, documents, illustrate, pictures, replay, stories
from server.jobs.run import Work


def open_works(settings: Settings) -> Mapping[str, Work]:
    """What to do, by the kind of a job."""
    return {
        design.KIND: design.DesignWork(settings),
        replay.KIND: replay.ReplayWork(settings),
        illustrate.KIND: illustrate.IllustrateWork(settings),
        stories.STORY: stories.StoryWork(settings),
        stories.PICTURE: stories.PictureWork(settings),
        documents.KIND: documents.DocumentsWork(settings),
        pictures.KIND: pictures.PicturesWork(settings),
        descriptions.KIND: descriptions.DescribeWork(settings),
        descriptions.EMBED: descriptions.EmbedWork(settings),
    }
