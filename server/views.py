"""Views: pictures of the library and hits of a search as JSON, with addresses; where files lie is for this machine."""

from __future__ import annotations

from typing import Any

from chains.search import Search
from retrievers.found import FoundPicture
from retrievers.picture import Picture
from server.auth import Caller


def picture_json(picture: Picture, caller: Caller) -> dict[str, Any]:
    return _addressed(picture.as_dict(), caller)


def search_json(found: Search, caller: Caller) -> dict[str, Any]:
    """The answer of a search."""
    return {
        "hits": [_hit(hit, caller) for hit in found["hits"]],
        "no_good_match": found["no_good_match"],
        "closest": [_hit(hit, caller) for hit in found["closest"]],
        "total": found["total"],
        "engine": found["engine"],
        "notes": found["notes"],
    }


def _hit(hit: FoundPicture, caller: Caller) -> dict[str, Any]:
    return _addressed(hit.as_dict(), caller)


def _addressed(told: dict[str, Any], caller: Caller) -> dict[str, Any]:
    links = {"image": f"/pictures/{told['id']}/image", "thumbnail": f"/pictures/{told['id']}/thumbnail"}
    shown = told if caller.everything else {key: value for key, value in told.items() if key != "paths"}
    return {**shown, **links}
