"""The chain of descriptions: what is wanted is described, each once; whatever fails or ends it loses nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from PIL import Image

from chains import describe
from chains.describing import IN_A_ROW
from core.errors import AtelierError, BadValue, ModelMissing, NoSuchFile, StoreFull, UnknownField, UnreadablePicture
from core.settings import Settings
from retrievers.catalog import open_intake, open_pictures, open_sentences
from retrievers.query import Query
from tests.conftest import settings_over
from tests.describers import Blinded, Looking
from tests.gallery import fill, picture

COUNT = 24


@pytest.fixture
def filled(tmp_path: Path, models: Path) -> Settings:
    settings = settings_over(tmp_path / "data", models)
    fill(tmp_path / "pictures")
    open_intake(settings).folder(tmp_path / "pictures")
    return settings


def run(settings: Settings, describer: Looking, **asked: Any) -> describe.Descriptions:
    return describe.build(describer, settings=settings).invoke(asked)  # type: ignore[arg-type]


def on(numbers: set[int], error: AtelierError) -> Callable[[int], AtelierError | None]:
    return lambda number: error if number in numbers else None


def test_every_picture_is_described_once_and_then_found(filled: Settings) -> None:
    looking = Looking()
    made = run(filled, looking)
    assert (made["described"], made["failed"], made["left"], looking.shown) == (COUNT, 0, 0, COUNT)
    assert made["engine"] == "looking 1" and made["sentences"] > 4 * COUNT and len(made["descriptions"]) == COUNT
    assert made["usage"] == {"requests": COUNT, "input_tokens": 100 * COUNT, "output_tokens": 10 * COUNT}
    assert json.loads(json.dumps(describe.as_dict(made)))["described"] == COUNT
    again = run(filled, looking)
    assert (again["described"], again["left"], looking.shown) == (0, 0, COUNT)
    hits = open_pictures(filled).search(Query("a blue umbrella for the rain", k=4, group=False)).hits
    shown = [hit.description.told["caption"] for hit in hits if hit.description is not None]
    assert len(shown) == 4 and all(told.startswith("A blue umbrella") for told in shown[:2])
    assert any("described" in why for why in hits[0].why)
    assert run(filled, looking, anew=True)["described"] == COUNT and looking.shown == 2 * COUNT


def test_another_engine_describes_all_anew_and_the_first_is_kept(filled: Settings) -> None:
    first, second = Looking(), Looking(engine="looking 2")
    run(filled, first), run(filled, second)
    assert first.shown == second.shown == COUNT
    library = open_pictures(filled)
    run(filled, first)
    assert first.shown == COUNT and library.archive.counts() == {"looking 1": COUNT}


@pytest.mark.parametrize(("batch", "at_once"), [(1, 1), (4, 1), (5, 3)])
def test_batches_and_threads_give_the_same(filled: Settings, batch: int, at_once: int) -> None:
    made = run(filled, Looking(batch=batch, at_once=at_once))
    assert made["described"] == COUNT
    library = open_pictures(filled)
    for id_, kept in library.archive.of([p.id for p in library.ledger.page(0, COUNT)]).items():
        shown = picture_of(library.ledger.get(id_).read())
        assert kept.told["colours"][0] == shown


def picture_of(data: bytes) -> str:
    from core import images
    from tests.describers import looked_at

    return looked_at(images.decode(data)).colours[0]


def test_one_that_fails_stops_no_other_and_is_told(filled: Settings, caplog: pytest.LogCaptureFixture) -> None:
    made = run(filled, Looking(on({3}, Blinded(True)), at_once=1))
    assert (made["described"], made["failed"], made["left"]) == (COUNT - 1, 1, 0)
    assert made["failures"][0]["error"]["type"] == "blinded" and made["failures"][0]["name"].endswith(".png")
    assert run(filled, Looking())["described"] == 1
    broken = run(filled, Looking(on({2}, RuntimeError("a mistake")), at_once=1), anew=True)  # type: ignore[arg-type]
    assert broken["failed"] == 1 and "a mistake" in broken["failures"][0]["error"]["message"]
    assert "looking 1 failed over a picture" in caplog.text and "RuntimeError: a mistake" in caplog.text


def test_what_failed_for_good_is_tried_again_by_force_alone(filled: Settings) -> None:
    run(filled, Looking(on({1, 2}, Blinded(False)), at_once=1))
    looking = Looking()
    assert run(filled, looking)["described"] == 0 and looking.shown == 0
    assert run(filled, looking, force=True)["described"] == 2


def test_what_every_picture_would_meet_ends_the_run_and_keeps_what_was_done(filled: Settings) -> None:
    no_key = ModelMissing("the model", "no key", "set one")
    with pytest.raises(ModelMissing, match="no key"):
        run(filled, Looking(lambda number: no_key if number > 5 else None, at_once=1))
    looking = Looking()
    assert run(filled, looking)["described"] == COUNT - 5 == looking.shown


def test_a_provider_that_fails_for_many_in_a_row_is_left_alone(filled: Settings) -> None:
    looking = Looking(lambda number: Blinded(True) if number > 4 else None, at_once=1)
    made = run(filled, looking)
    assert made["described"] == 4 and IN_A_ROW <= made["failed"] <= IN_A_ROW + 2 and made["left"] > 8
    assert "in a row failed" in made["notes"][0] and looking.shown == made["described"] + made["failed"]


def test_limits_of_pictures_and_of_tokens(filled: Settings) -> None:
    looking = Looking(at_once=1)
    made = run(filled, looking, limit=5)
    assert (made["described"], made["left"]) == (5, COUNT - 5)
    bounded = run(filled, looking, token_limit=330)
    assert 3 <= bounded["described"] <= 5 and "330" in bounded["notes"][0]
    assert bounded["left"] == COUNT - 5 - bounded["described"]


def test_prices_make_a_cost(tmp_path: Path, filled: Settings) -> None:
    priced = filled.model_copy(update={"token_prices": (1.0, 10.0)})
    assert run(priced, Looking(), limit=10)["usage"]["cost"] == pytest.approx((1000 * 1 + 100 * 10) / 1e6)


def test_a_picture_deleted_in_the_middle(filled: Settings, tmp_path: Path) -> None:
    files = sorted((tmp_path / "pictures").rglob("*.png"))
    library = open_pictures(filled)
    removed = library.ledger.page(0, 1)[0].id  # the last to come is the last to be described

    def spoil(number: int) -> None:
        if number == 1:
            files[-2].unlink()
            open_intake(filled).remove(removed)

    made = run(filled, Looking(spoil, at_once=1))  # type: ignore[arg-type]
    assert made["described"] == COUNT - 2 and made["failed"] == 1 and made["left"] == 0
    assert "is gone or has changed" in made["failures"][0]["error"]["message"]
    assert removed not in library.archive.of([removed])


def test_a_folder_is_taken_in_and_described_alone(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    picture("kite", "red", 7).save(tmp_path / "more/new.png")
    looking = Looking()
    made = run(filled, looking, folder=tmp_path / "more")
    assert made["described"] == looking.shown == 1
    (told,) = made["descriptions"].values()
    assert told.colours[0] == "red" and open_pictures(filled).ledger.count() == COUNT + 1


class Listener(BaseCallbackHandler):
    raise_error = run_inline = True

    def __init__(self, end_at: float = 2.0) -> None:
        self.told: list[dict[str, Any]] = []
        self._end_at = end_at

    def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
        self.told.append(data)
        if data["stage"] == "describing" and data["done"] >= self._end_at:
            raise KeyboardInterrupt


def test_progress_is_told_and_whoever_raises_there_ends_it(filled: Settings) -> None:
    listener = Listener()
    describe.build(Looking(), settings=filled).invoke({"limit": 6}, {"callbacks": [listener]})
    stages = [told["stage"] for told in listener.told]
    assert {"describing", "embedding"} == set(stages) and listener.told[-1]["done"] == 1
    looking = Looking(pause=0.15, at_once=1)
    with pytest.raises(KeyboardInterrupt):
        describe.build(looking, settings=filled).invoke({}, {"callbacks": [Listener(0.1)]})
    assert 2 <= looking.shown < COUNT - 6
    kept = open_sentences(filled).archive.counts()["looking 1"]
    assert kept == 6 + looking.shown  # whatever was begun is kept


def test_it_is_a_runnable_of_every_kind(filled: Settings) -> None:
    async def names() -> set[str]:
        chain = describe.build(Looking(), settings=filled)
        return {event["name"] async for event in chain.astream_events({"limit": 2}, version="v2")}

    assert {"find_undescribed", "describe_pictures", "embed_sentences", "progress"} <= asyncio.run(names())


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"limit": 0}, BadValue, "limit"),
        ({"limits": 3}, UnknownField, "limits"),
        ({"force": "perhaps"}, BadValue, "force"),
        ({"folder": "/nowhere/at/all"}, NoSuchFile, "nowhere"),
        ("all", BadValue, "request"),
    ],
)
def test_what_cannot_be_asked_is_named(filled: Settings, asked: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        describe.build(Looking(), settings=filled).invoke(asked)


def test_one_picture_is_seen_and_nothing_is_kept(shared_settings: Settings, tmp_path: Path) -> None:
    chain = describe.see(Looking(), shared_settings)
    path = tmp_path / "kite.png"
    picture("kite", "blue").save(path)
    for given in (path, str(path), path.read_bytes(), Image.open(path), {"image": path}):
        seen = chain.invoke(given)
        assert seen["description"].colours[0] == "blue" and seen["engine"] == "looking 1" and seen["known"] == ""
    with pytest.raises(Blinded):
        describe.see(Looking(on({1}, Blinded(True))), shared_settings).invoke(path)
    with pytest.raises(UnreadablePicture):
        chain.invoke(b"no picture")
    with pytest.raises(BadValue, match="image"):
        chain.invoke({})


def test_a_run_that_begins_again_counts_what_it_did_before(filled: Settings) -> None:
    began = time.time()
    looking = Looking(at_once=1)
    run(filled, looking, limit=5)
    again = describe.build(looking, settings=filled, since=began)
    assert again.invoke({"limit": 8})["described"] == 3 and looking.shown == 8
    assert (
        again.invoke({"anew": True, "limit": 10})["described"] == 2 and again.invoke({"anew": True})["described"] == 14
    )
    assert looking.shown == COUNT and again.invoke({"anew": True})["described"] == 0


def test_one_folder_s_description_changes_no_other(filled: Settings, tmp_path: Path) -> None:
    run(filled, Looking()), run(filled, Looking(engine="looking 2"))
    run(filled, Looking(), folder=tmp_path / "pictures/cup")
    assert open_sentences(filled).archive.counts() == {"looking 1": 8, "looking 2": 16}


def test_what_was_described_before_an_error_is_searched(filled: Settings) -> None:
    no_key = ModelMissing("the model", "no key", "set one")
    with pytest.raises(ModelMissing):
        run(filled, Looking(lambda number: no_key if number > 5 else None, at_once=1))
    assert open_sentences(filled).index.count() > 5


def test_nothing_is_paid_for_that_cannot_be_kept(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking()
    file = open_sentences(filled).archive.ledger.file
    with file.writing() as db:
        pages = db.execute("pragma page_count").fetchone()[0]
    file._writer.execute(f"pragma max_page_count = {pages}")  # type: ignore[union-attr]  # a full disk
    try:
        with pytest.raises(StoreFull):
            for _ in range(40):  # what is free inside of the file takes a few
                run(filled, looking, anew=True)
        shown = looking.shown
        with pytest.raises(StoreFull):
            run(filled, looking, anew=True)
        assert looking.shown - shown <= 2 * looking.at_once
    finally:
        file._writer.execute("pragma max_page_count = 1073741823")  # type: ignore[union-attr]
    assert run(filled, looking, anew=True)["described"] == COUNT
