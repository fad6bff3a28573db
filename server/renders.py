"""Renders: what a job that is done is answered with, by its kind."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from core.errors import BadValue
from server.jobs.descriptions import EMBED
from server.jobs.descriptions import KIND as DESCRIBE
from server.jobs.design import KIND as DESIGN
from server.jobs.documents import KIND as DOCUMENTS
from server.jobs.illustrate import KIND as ILLUSTRATE
from server.jobs.job import Job
from server.jobs.jobs import Jobs
from server.jobs.pictures import KIND as PICTURES
from server.jobs.replay import KIND as REPLAY
from server.jobs.stories import PICTURE, STORY
from server.reply import Render, wants_json, wants_picture

SHOWN = ("score", "edge_recall", "edge_f1", "palette_distance", "texture_distance")  # of the fidelity, in a header


def render_design(jobs: Jobs, job: Job, request: Request) -> Response:
    told = job.result or {}
    return answer_pictures(told, [jobs.file(job.id, name) for name in told["images"]], wants_json(request))


def render_illustration(jobs: Jobs, job: Job, request: Request) -> Response:
    """As a design, and the prompt in a header."""
    told = job.result or {}
    response = answer_pictures(told, [jobs.file(job.id, name) for name in told["images"]], wants_json(request))
    response.headers["X-Prompt"] = quote(told["prompt"])
    return response


def render_replay(jobs: Jobs, job: Job, request: Request) -> Response:
    """JSON; the picture as it is made now where a picture is asked for, and there is one."""
    told = job.result or {}
    if told["images"] and wants_picture(request):
        picture = jobs.file(job.id, told["images"][0])
        return Response(picture, media_type="image/png", headers={"X-Replay": told["verdict"]})
    return JSONResponse({name: told[name] for name in ("verdict", "differences", "recipe", "largest_difference")})


def answer_pictures(told: Mapping[str, Any], pictures: list[bytes], as_json: bool) -> Response:
    """A PNG whose headers say what it is, or everything as JSON."""
    if as_json:
        return JSONResponse({**told, "images": [base64.b64encode(picture).decode() for picture in pictures]})
    check_single(len(pictures))
    return Response(pictures[0], media_type="image/png", headers=_headers(told))


def check_single(count: int) -> None:
    """Raise `BadValue` where several pictures are asked for as one PNG."""
    if count > 1:
        raise BadValue("n", count, "1 where one PNG is the answer; send Accept: application/json for several")


def _headers(told: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        "X-Retrieved-Style": quote(told["style"]["name"]),  # a name may be in any script, a header may not
        "X-Style-Id": quote(told["style"]["id"]),
        "X-Seed": str(told["seeds"][0]),
        "X-Engine": told["engine"],
        "X-Fidelity": "; ".join(f"{name}={told['fidelity'][0][name]}" for name in SHOWN),
    }
    if told["style"]["score"] is not None:
        headers["X-Style-Score"] = f"{told['style']['score']:.4f}"
    if told["notes"]:
        headers["X-Note"] = quote("; ".join(told["notes"]))
    return headers


def as_data_uri(jobs: Jobs, job: Job) -> dict[str, str]:
    """The first picture, if there is one, as the short form of existing clients has it."""
    names = (job.result or {})["images"]
    if not names:
        return {}
    picture = jobs.file(job.id, names[0])
    return {"image": f"data:image/png;base64,{base64.b64encode(picture).decode()}"}


def render_report(jobs: Jobs, job: Job, request: Request) -> Response:
    """What became of each file or picture."""
    return JSONResponse(dict(job.result or {}))


RENDERS: dict[str, Render] = {
    DESIGN: render_design,
    REPLAY: render_replay,
    PICTURES: render_report,
    DOCUMENTS: render_report,
    ILLUSTRATE: render_illustration,
    STORY: render_report,
    PICTURE: render_design,
    DESCRIBE: render_report,
    EMBED: render_report,
}
