"""Renders: what a job that is done is answered with, by its kind."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi.responses import JSONResponse, Response

from core.errors import BadValue
from server.jobs.design import KIND as DESIGN
from server.jobs.job import Job
from server.jobs.jobs import Jobs
from server.jobs.pictures import KIND as PICTURES
from server.reply import Render

SHOWN = ("score", "edge_recall", "edge_f1", "palette_distance", "texture_distance")  # of the fidelity, in a header


def render_design(jobs: Jobs, job: Job, as_json: bool) -> Response:
    told = job.result or {}
    return answer_pictures(told, [jobs.file(job.id, name) for name in told["images"]], as_json)


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
    """The first picture as the short form of existing clients has it."""
    picture = jobs.file(job.id, (job.result or {})["images"][0])
    return {"image": f"data:image/png;base64,{base64.b64encode(picture).decode()}"}


def render_pictures(jobs: Jobs, job: Job, as_json: bool) -> Response:
    """What became of each file."""
    return JSONResponse(dict(job.result or {}))


RENDERS: dict[str, Render] = {DESIGN: render_design, PICTURES: render_pictures}
