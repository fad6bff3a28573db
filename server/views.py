"""Views: pictures of the library and hits of a search as JSON, with addresses; where files lie is for this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chains.search import Search, as_dict
from retrievers.picture import Picture
from retrievers.pictures import PictureLibrary
from server.auth import Caller


def pictures_json(library: PictureLibrary, pictures: Sequence[Picture], caller: Caller) -> list[dict[str, Any]]:
    """Pictures with their descriptions, which are null where there are none."""
    described = library.archive.of([picture.id for picture in pictures])
    told = {id_: kept.as_dict() for id_, kept in described.items()}
    return [_addressed({**picture.as_dict(), "description": told.get(picture.id)}, caller) for picture in pictures]


def search_json(found: Search, caller: Caller) -> dict[str, Any]:
    """The answer of a search."""
    told = as_dict(found)
    return {**told, **{name: [_addressed(hit, caller) for hit in told[name]] for name in ("hits", "closest")}}


def _addressed(told: dict[str, Any], caller: Caller) -> dict[str, Any]:
    links = {"image": f"/pictures/{told['id']}/image", "thumbnail": f"/pictures/{told['id']}/thumbnail"}
    shown = told if caller.everything else {key: value for key, value in told.items() if key != "paths"}
    return {**shown, **links}
