"""The doors over HTTP."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from core import images
from core.settings import ROOT, Settings
from tests.conftest import drawing, noise, serving, settings_over
from tests.test_images import declared, encoded

HOUSE = (ROOT / "samples/house.png").read_bytes()
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def client(shared_settings: Settings) -> Iterator[TestClient]:  # one server for all that change nothing
    with serving(shared_settings) as client:
        yield client


def post(client: TestClient, sketch: bytes = HOUSE, path: str = "/preview", headers: object = None, **form: object):
    data = {"prompt": "futuristic cyberpunk neon city", **{key: str(value) for key, value in form.items()}}
    return client.post(path, data=data, files={"file": ("sketch.png", sketch)}, headers=headers)


def refusal(response) -> dict[str, object]:
    error = response.json()["error"]
    assert set(error) >= {"type", "message", "remedy"} and error["remedy"]
    assert "Traceback" not in response.text
    return error


def test_generate_answers_a_png_whose_headers_say_what_it_is(client: TestClient) -> None:
    response = post(client, path="/generate", seed=3)
    assert response.status_code == 200 and response.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (512, 384))
    headers = response.headers
    assert headers["x-retrieved-style"] == "Cyberpunk" and float(headers["x-style-score"]) > 0.3
    assert headers["x-seed"] == "3" and headers["x-engine"] == "painter 1.2"
    assert headers["x-fidelity"].startswith("score=0.") and "edge_recall=0.9" in headers["x-fidelity"]


def test_json_has_all_pictures_the_style_and_the_recipe(client: TestClient) -> None:
    answer = post(client, headers=JSON, n=2).json()
    pictures = [Image.open(io.BytesIO(base64.b64decode(picture))) for picture in answer["images"]]
    assert [picture.size for picture in pictures] == [(512, 384)] * 2
    assert answer["style"]["id"] == "cyberpunk" and len(answer["runners_up"]) == 6
    assert answer["recipe"]["mode"] == "preview" and answer["seeds"] == [0, 1]


def test_one_order_has_the_same_bytes_at_every_door(client: TestClient) -> None:
    one, other = (post(client, path="/generate", mode="preview").content for _ in range(2))
    assert one == other == post(client).content


def test_two_requests_at_once_get_their_own_pictures(client: TestClient) -> None:
    alone = [post(client, seed=seed).content for seed in (1, 2)]
    with ThreadPoolExecutor(4) as pool:
        mixed = list(pool.map(lambda seed: post(client, seed=seed).content, [1, 2, 1, 2]))
    assert mixed == alone * 2


@pytest.mark.parametrize(
    ("form", "status", "type_", "named"),
    [
        ({"colour": "red"}, 422, "unknown_field", "colour"),
        ({"style": "nope"}, 404, "unknown_style", "nope"),
        ({"seed": -1}, 422, "bad_value", "seed"),
        ({"seed": 2**32}, 422, "bad_value", "seed"),
        ({"seed": "abc"}, 422, "bad_value", "seed"),
        ({"n": 0}, 422, "bad_value", "n="),
        ({"n": 2}, 422, "bad_value", "n=2"),
        ({"mode": "fast"}, 422, "bad_value", "fast"),
        ({"width": 500}, 422, "bad_value", "500"),
        ({"engine": "magic"}, 422, "bad_value", "magic"),
        ({"prompt": ""}, 422, "bad_value", "prompt"),
        ({"prompt": "x" * 100_000}, 422, "bad_value", "100,000"),
        ({"low_threshold": 400}, 422, "bad_value", "low_threshold"),
        ({"mode": "quality"}, 422, "bad_value", "mode='quality'"),
    ],
)
def test_a_bad_field_is_named(client: TestClient, form: dict[str, object], status: int, type_: str, named: str) -> None:
    response = post(client, **form)
    error = refusal(response)
    assert (response.status_code, error["type"]) == (status, type_)
    assert named in str(error["message"])


def test_empty_fields_are_fields_not_filled_in(client: TestClient) -> None:
    assert post(client, style="", width="", seed="", engine="").content == post(client).content


def test_an_unknown_field_is_told_the_known_ones(client: TestClient) -> None:
    assert "prompt" in str(refusal(post(client, colour="red"))["remedy"])


@pytest.mark.parametrize(
    ("sketch", "status", "type_"),
    [
        (b"", 415, "unreadable_picture"),
        (b"hello", 415, "unreadable_picture"),
        (encoded(noise(300, 200), "JPEG")[:-4000], 415, "unreadable_picture"),
        (declared(12_000, 12_000), 413, "picture_too_large"),
        (encoded(Image.new("L", (1, 1))), 422, "picture_too_small"),
        (encoded(Image.new("L", (10_000, 3))), 422, "picture_too_narrow"),
        (encoded(Image.new("L", (300, 200), 255)), 422, "nothing_to_trace"),
    ],
)
def test_a_bad_sketch_is_refused(client: TestClient, sketch: bytes, status: int, type_: str) -> None:
    response = post(client, sketch)
    assert (response.status_code, refusal(response)["type"]) == (status, type_)


def test_without_a_sketch_the_prompt_is_composed(client: TestClient) -> None:
    form = {"prompt": "a lighthouse at sunset, oil paint", "seed": "3", "mode": "preview"}
    made = client.post("/generate", data=form)
    picture = Image.open(io.BytesIO(made.content))
    assert made.status_code == 200 and picture.size == (512, 512)
    assert made.headers["x-engine"] == "painter 1.2, embedded composition 1.0"
    assert unquote(made.headers["x-note"]) == "composed from the prompt: lighthouse, sunset"
    told = client.post("/preview", data=form, headers=JSON).json()
    assert told["recipe"]["composition"]["subjects"][0]["figure"] == "lighthouse"
    shown = Image.open(io.BytesIO(base64.b64decode(told["images"][0])))
    assert shown.tobytes() == picture.tobytes()
    again = client.post("/replay", files={"file": ("made.png", made.content)}).json()
    assert again["verdict"] == "identical"
    empty = client.post("/generate", data=form, files={"file": ("", b"")})  # as a browser sends a field that is empty
    assert Image.open(io.BytesIO(empty.content)).tobytes() == picture.tobytes()


def test_a_form_with_neither_a_sketch_nor_a_prompt_or_of_another_kind(client: TestClient) -> None:
    for path in ("/generate", "/preview"):
        response = client.post(path, data={"style": "impasto"})
        assert (response.status_code, refusal(response)["type"]) == (422, "bad_value")
        assert "where no sketch is sent" in str(refusal(response)["remedy"])
    response = client.post("/generate", json={"prompt": "x"})
    assert response.status_code == 422 and refusal(response)["type"] == "bad_value"
    response = client.post("/generate", content=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data"})
    assert response.status_code == 400 and refusal(response)["type"] == "bad_request"


def test_prompts_in_any_script(client: TestClient) -> None:
    for prompt in ("🌊🌊", "夜のネオン街", "naïve café"):
        assert post(client, prompt=prompt).status_code == 200


def test_unknown_paths_and_methods_have_the_same_body(client: TestClient) -> None:
    assert refusal(client.get("/nowhere"))["type"] == "not_found"
    assert refusal(client.get("/generate"))["type"] == "method_not_allowed"


def test_the_address_itself_is_the_page_and_leads_to_what_it_answers(client: TestClient) -> None:
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert "/generate" in client.get("/openapi.json").json()["paths"]
    assert client.get("/docs").status_code == 200


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert post(client).status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json()["styles"] == 7 and ready.json()["engine"] == "painter 1.2"


def test_styles_are_listed_searched_and_shown(client: TestClient) -> None:
    listed = client.get("/styles").json()["styles"]
    assert [style["id"] for style in listed][:2] == ["cyberpunk", "ghibli-watercolour"]
    found = client.get("/styles/search", params={"q": "woodblock print"}).json()["styles"]
    assert found[0]["id"] == "ukiyo-e" and len(found) == 7
    assert client.get("/styles/impasto").json()["name"] == "Impasto oils"
    image = client.get("/styles/impasto/image", params={"size": 64})
    assert Image.open(io.BytesIO(image.content)).size == (64, 64)
    for response in (client.get("/styles/nope"), client.get("/styles/nope/image"), client.delete("/styles/nope")):
        assert (response.status_code, refusal(response)["type"]) == (404, "unknown_style")
    assert refusal(client.get("/styles/impasto/image?size=9"))["type"] == "bad_value"
    assert refusal(client.get("/styles/search"))["type"] == "missing_field"
    response = client.delete("/styles/cyberpunk")
    assert (response.status_code, refusal(response)["type"]) == (403, "style_protected")


def test_a_style_is_added_found_used_and_removed(settings: Settings) -> None:
    with serving(settings) as client:
        form = {"name": "北斎 🌊 Bauhaus", "words": "Abstract circles and triangles of the Bauhaus school."}
        files = {"file": ("style.png", images.to_png(noise(200, 200)))}
        added = client.post("/styles", data=form, files=files)
        assert added.status_code == 201
        style = added.json()
        assert client.get(added.headers["location"]).json() == style and not style["shipped"]
        response = post(client, prompt="Bauhaus school poster")
        assert unquote(response.headers["x-retrieved-style"]) == form["name"]
        again = client.post("/styles", data=form, files=files)
        assert (again.status_code, refusal(again)["type"]) == (409, "style_exists")
        assert client.delete(added.headers["location"]).status_code == 204
        assert client.get(added.headers["location"]).status_code == 404
        assert post(client, prompt="Bauhaus school poster").headers["x-style-id"] != style["id"]
        assert list((settings.data_dir / "styles").iterdir()) == []
    assert sorted(path.name for path in (ROOT / "styles").iterdir())[-1] == "ukiyo-e.jpg"


def test_an_empty_or_broken_library_is_said_and_mended_without_a_restart(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    with serving(settings_over(tmp_path / "data", models, styles_dir=folder)) as client:
        response = post(client)
        assert (response.status_code, refusal(response)["type"]) == (503, "no_styles")
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        (folder / "styles.json").write_text("{ broken")
        assert refusal(post(client))["type"] == "corrupt_catalogue"
        assert refusal(client.get("/readyz"))["type"] == "corrupt_catalogue"
        (folder / "styles.json").unlink()
        drawing(64, 64, ink=200, paper=30).save(folder / "night.png")
        assert post(client).headers["x-retrieved-style"] == "Night"
        assert client.get("/readyz").status_code == 200
