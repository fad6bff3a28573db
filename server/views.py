"""Views: pictures of the library and hits of a search as JSON, with addresses; where files lie is for this machine."""

from __future__ import annotations

from typing import Any

from chains.search import Search, as_dict
from retrievers.picture import Picture
from server.auth import Caller


def picture_json(picture: Picture, caller: Caller) -> dict[str, Any]:
    return _addressed(picture.as_dict(), caller)


def search_json(found: Search, caller: Caller) -> dict[str, Any]:
    """The answer of a search."""
    told = as_dict(found)
    return {**told, **{name: [_addressed(hit, caller) for hit in told[name]] for name in ("hits", "closest")}}


def _addressed(told: dict[str, Any], caller: Caller) -> dict[str, Any]:
    links = {"image": f"/pictures/{told['id']}/image", "thumbnail": f"/pictures/{told['id']}/thumbnail"}
    shown = told if caller.everything else {key: value for key, value in told.items() if key != "paths"}
    return {**shown, **links}
