"""Samples: sketches to begin with."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from core import images
from core.errors import NotFound
from core.settings import ROOT

router = APIRouter(prefix="/samples", tags=["design"])

FOLDER = ROOT / "samples"
SKETCHES = {  # file -> a prompt that goes with it
    "house.png": "a cottage with a red roof and trees in a sunny meadow",
    "boat.png": "a sailing boat on a calm sea",
    "cat.png": "a ginger cat on a cushion",
    "skyline.png": "rainy neon night in a megacity",
    "chair.png": "an armchair, woodblock print from old Japan",
    "dress.png": "a long red dress, thick swirling oil paint",
    "teapot.png": "a teapot, jazz age, gold on black",
    "face.png": "a portrait in soft watercolour",
}


@router.get("")
def list_samples() -> dict[str, Any]:
    """The sketches that come with the service, each with a prompt."""
    return {
        "samples": [
            {"name": name.partition(".")[0], "prompt": prompt, "image": f"/samples/{name}"}
            for name, prompt in SKETCHES.items()
        ]
    }


@router.get("/{name}", responses={200: {"content": {"image/*": {}}}})
def get_sample(
    name: str, size: Annotated[int | None, Query(ge=16, le=1024, description="px, long side; then it is a JPEG")] = None
) -> Response:
    """A sketch as it is, or smaller."""
    if name not in SKETCHES:
        raise NotFound(f"there is no sample {name[:80]!r}", "GET /samples lists them", name=name[:80])
    data = (FOLDER / name).read_bytes()
    if size is None:
        return Response(data, media_type=images.media_type(data))
    small = images.to_jpeg(images.fit(images.decode(data, name, None, wanted=2 * size), size))
    return Response(small, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})
