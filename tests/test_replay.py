from __future__ import annotations

import io
import json
from pathlib import Path
from time import sleep

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from chains import design
from chains.replay import replay
from core import images
from core.settings import ROOT, Settings, get_settings
from generators import recipe
from generators.recipe import NoRecipe
from retrievers.catalog import open_styles
from server.cli import main
from server.jobs import steps
from server.jobs.replay import KIND, QUEUE, ReplayWork, pack
from server.jobs.run import Run
from tests.conftest import drawing, noise, serving, settings_over
from tests.degrade import degrade
from tests.servers import Server
from tests.workers import jobs_at

HOUSE = (ROOT / "samples/house.png").read_bytes()
HOUSE_IN_GREY = np.asarray(Image.open(ROOT / "samples/house.png").convert("L"))


def lost_on_a_page() -> Image.Image:
    """A drawing that is cropped to."""
    page = Image.new("RGB", (1200, 1600), "white")
    page.paste(drawing(360, 270), (500, 900))
    return page


def paint(settings: Settings, **options: object) -> bytes:
    request = {"sketch": HOUSE, "prompt": "neon city at night", "mode": "preview", "seed": 3, **options}
    return design.to_files(design.build(settings=settings).invoke(request))[-1]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mode": "quality", "width": 256},
        {"n": 2, "seed": 11},
        {"best_of": 3},
        {"style": "cyberpunk:0.7,ukiyo-e:0.3"},
        {"top_k": 3, "prompt": "thick oil paint"},
        {"low_threshold": 20, "high_threshold": 80, "width": 320, "height": 320},
        {"sketch": drawing(400, 300)},
        {"sketch": ROOT / "samples/still-life.jpg"},
        {"sketch": drawing(2000, 1500, ink=255, paper=20)},
        {"medium": "photograph"},
        {"sketch": lost_on_a_page()},
        {"sketch": lost_on_a_page(), "medium": "line-art"},
        {"sketch": images.to_jpeg(degrade("askew", HOUSE_IN_GREY)[0])},
        {"sketch": None, "prompt": "a lighthouse at night, oil paint"},
        {"sketch": None, "n": 2, "width": 320, "height": 256},
        {"sketch": None, "prompt": "夜", "style": "ukiyo-e", "best_of": 2},
    ],
)
def test_a_picture_is_made_again_identical(shared_settings: Settings, options: dict[str, object]) -> None:
    made = replay(paint(shared_settings, **options), settings=shared_settings)
    assert (made.verdict, made.differences, made.largest_difference) == ("identical", [], 0)


def edited(data: bytes, **changes: object) -> bytes:
    """The picture with a recipe that says something else."""
    kept = recipe.read(data)
    return recipe.write(images.to_png(kept.image), {**kept.recipe, **changes}, kept.sketch)


def test_what_was_composed_is_composed_again(shared_settings: Settings) -> None:
    data = paint(shared_settings, sketch=None, prompt="a castle on a hill, woodblock")
    kept = recipe.read(data)
    assert kept.sketch is not None and kept.recipe["composition"]["subjects"]  # for people to look at
    alone = recipe.write(images.to_png(kept.image), kept.recipe, None)
    assert replay(alone, settings=shared_settings).verdict == "identical"
    older = replay(edited(data, sketch_sha256="0" * 64), settings=shared_settings)
    assert older.verdict == "identical"
    other = replay(edited(data, prompt="a cottage on a hill, woodblock"), settings=shared_settings)
    assert other.verdict == "different" and "the sketch is another one" in other.differences


def test_a_recipe_that_lies_is_found_out(shared_settings: Settings) -> None:
    data = paint(shared_settings)
    for change in ({"seeds": [4]}, {"prompt": "a red house"}, {"mode": "quality"}):
        made = replay(edited(data, **change), settings=shared_settings)
        assert made.verdict == "different" and (made.largest_difference or 0) > 4
        assert "edited" in made.differences[0]
    older = replay(edited(data, engine="painter 0.9"), settings=shared_settings)
    assert older.verdict == "identical"  # its pixels say so, whatever it claims
    smaller = replay(edited(data, width=256, height=192), settings=shared_settings)
    assert smaller.verdict == "different" and "512x384" in smaller.differences[-1]


def test_pixels_that_were_edited_and_pixels_that_were_rounded(shared_settings: Settings) -> None:
    data = paint(shared_settings)
    kept = recipe.read(data)
    for step, verdict in ((1, "close"), (60, "different")):
        image = kept.image.copy()
        red, green, blue = image.getpixel((9, 9))  # type: ignore[misc]
        image.putpixel((9, 9), (red + step if red < 128 else red - step, green, blue))
        made = replay(recipe.write(images.to_png(image), kept.recipe, kept.sketch), settings=shared_settings)
        assert (made.verdict, made.largest_difference) == (verdict, step)


def test_a_style_that_is_gone_or_was_replaced_is_named(settings: Settings) -> None:
    library = open_styles(settings)
    library.add(images.to_png(noise(200, 200)), "Mine", "Bauhaus")
    data = paint(settings, style="mine")
    library.remove("mine")
    gone = replay(data, settings=settings)
    assert (gone.verdict, gone.image) == ("different", None) and "'mine' is gone" in gone.differences[0]
    library.add(images.to_png(noise(200, 200, seed=1)), "Mine", "Bauhaus")
    other = replay(data, settings=settings)
    assert other.verdict == "different" and "'mine' is another one" in other.differences[0]


def test_a_sketch_that_did_not_travel_is_asked_for(shared_settings: Settings) -> None:
    kept = recipe.read(paint(shared_settings))
    alone = recipe.write(images.to_png(kept.image), kept.recipe, None)
    with pytest.raises(NoRecipe, match="give it as well"):
        replay(alone, settings=shared_settings)
    assert replay(alone, HOUSE, settings=shared_settings).verdict == "identical"
    other = replay(alone, (ROOT / "samples/chair.png").read_bytes(), settings=shared_settings)
    assert other.verdict == "different" and "the sketch is another one" in other.differences


def test_over_http(shared_settings: Settings) -> None:
    with serving(shared_settings) as client:
        sent = {"prompt": "neon", "mode": "preview"}
        picture = client.post("/generate", data=sent, files={"file": HOUSE}).content
        told = client.post("/replay", files={"file": ("x.png", picture)}).json()
        assert told["verdict"] == "identical" and told["recipe"]["engine"] == "painter 1.2"
        again = client.post("/replay", files={"file": ("x.png", picture)}, headers={"Accept": "image/png"})
        assert again.headers["x-replay"] == "identical"
        assert Image.open(io.BytesIO(again.content)).tobytes() == Image.open(io.BytesIO(picture)).tobytes()
        refused = client.post("/replay", files={"file": ("cat.png", images.to_png(noise(64, 64)))})
        assert refused.status_code == 422 and refused.json()["error"]["type"] == "no_recipe"
        assert "cat.png" in refused.json()["error"]["message"]
        assert client.post("/replay").json()["error"]["type"] == "missing_field"


def test_over_http_it_is_a_job(shared_settings: Settings) -> None:
    picture = paint(shared_settings)
    with serving(shared_settings) as client:

        def send(**headers: str) -> httpx.Response:
            return client.post("/replay", files={"file": ("x.png", picture)}, headers=headers)

        waited = send()
        assert client.get(f"/jobs/{waited.headers['x-job-id']}").json()["kind"] == "replay"
        told = send(Prefer="respond-async")
        assert told.status_code == 202 and told.json()["queue"] == "image"
        result = f"{told.headers['location']}/result"
        while client.get(result).status_code == 202:
            sleep(0.02)
        assert client.get(result).json() == waited.json()
        assert client.get(result, headers={"Accept": "image/png"}).headers["x-replay"] == "identical"
        keyed = [send(**{"Idempotency-Key": "once"}).headers["x-job-id"] for _ in range(2)]
        assert keyed[0] == keyed[1]
        other = {"file": ("x.png", paint(shared_settings, seed=4))}
        assert client.post("/replay", files=other, headers={"Idempotency-Key": "once"}).status_code == 422


def test_a_full_queue_takes_no_replay(tmp_path: Path, models: Path) -> None:
    settings = settings_over(tmp_path / "data", models, max_queued_jobs=1, job_threads=1)
    picture = paint(settings, n=1)
    with serving(settings) as client:
        answers = [
            client.post("/replay", files={"file": ("x.png", picture)}, headers={"Prefer": "respond-async"})
            for _ in range(12)
        ]
    assert {answer.status_code for answer in answers} == {202, 503}
    assert "MAX_QUEUED_JOBS" in next(answer for answer in answers if answer.status_code == 503).text


def test_a_job_carries_all_that_it_needs(settings: Settings, tmp_path: Path) -> None:
    library = open_styles(settings)
    library.add(images.to_png(noise(200, 200)), "Mine", "Bauhaus")
    data, jobs = paint(settings, style="mine"), jobs_at(str(tmp_path / "jobs.db"))
    job = jobs.submit(KIND, QUEUE, *pack(data, None, library, settings, "x.png"))
    library.remove("mine")
    begun, _ = jobs.store.change(job.id, lambda job, now: steps.begin(job, "here", now))
    assert begun is not None
    assert ReplayWork(settings)(Run(jobs.store, begun)).result["verdict"] == "identical"
    gone = jobs.submit(KIND, QUEUE, *pack(data, None, library, settings, "x.png"))
    outcome = ReplayWork(settings)(Run(jobs.store, gone))
    assert outcome.result["differences"] == ["style 'mine' is gone"] and outcome.files == {}


def test_the_command_line_has_a_server_do_it(shared_settings: Settings, tmp_path: Path, models: Path) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    file = tmp_path / "a.png"
    file.write_bytes(edited(paint(shared_settings), prompt="a red house"))
    with Server(data) as server:
        get_settings.cache_clear()
        done = CliRunner().invoke(main, ["replay", str(file)], env={"DATA_DIR": str(data)})
        assert [job["kind"] for job in server.http.get("/jobs").json()["jobs"]] == ["replay"]
    assert done.exit_code == 1 and done.stdout.startswith("different") and "edited" in done.stdout


def test_on_the_command_line(shared_settings: Settings, tmp_path: Path) -> None:
    data = paint(shared_settings)
    (tmp_path / "same.png").write_bytes(data)
    (tmp_path / "other.png").write_bytes(edited(data, seeds=[9]))
    surroundings = {"DATA_DIR": str(shared_settings.data_dir)}

    def run(*arguments: str):  # type: ignore[no-untyped-def]
        get_settings.cache_clear()
        return CliRunner().invoke(main, ["replay", *arguments], env=surroundings)

    same = run(str(tmp_path / "same.png"))
    assert same.exit_code == 0 and same.stdout.startswith("identical") and "seed 3" in same.stdout
    other = run(str(tmp_path / "other.png"), "--json")
    assert other.exit_code == 1 and json.loads(other.stdout)["verdict"] == "different"
    missing = run(str(tmp_path / "nowhere.png"))
    assert missing.exit_code == 1 and "nowhere.png" in missing.stderr
