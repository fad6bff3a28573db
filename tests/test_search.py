"""The chain of search: one request in, hits or none out; and the same as a retriever in other people's chains."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableLambda

from chains import search
from core.errors import BadValue, NoSuchFile, UnknownField, UnreadablePicture
from core.settings import Settings
from retrievers.catalog import open_intake
from tests.conftest import settings_over
from tests.gallery import fill, picture


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    settings = settings_over(tmp_path_factory.mktemp("library"), models)
    folder = tmp_path_factory.mktemp("gallery") / "pictures"
    fill(folder)
    open_intake(settings).folder(folder)
    return settings


def test_a_request_becomes_hits(library: Settings) -> None:
    found = search.build(settings=library).invoke({"text": "a red kite"})
    assert len(found["hits"]) == 5 and not found["no_good_match"] and found["total"] == 24
    assert found["hits"][0].picture.labels == ("kite",) and "words-and-palette" in found["engine"]
    assert json.loads(json.dumps(search.as_dict(found)))["hits"][0]["id"] == found["hits"][0].id


def test_a_picture_may_be_itself_its_bytes_or_its_file(library: Settings, tmp_path: Path) -> None:
    chain, asked = search.build(settings=library), picture("fish", "blue", 5)
    path = tmp_path / "asked.png"
    asked.save(path)
    found = [chain.invoke({"image": image, "k": 3}) for image in (asked, path.read_bytes(), path, str(path))]
    assert len({tuple(hit.id for hit in each["hits"]) for each in found}) == 1 and len(found[0]["hits"]) == 3


def test_it_is_a_runnable_of_every_kind(library: Settings) -> None:
    chain = search.build(settings=library)
    batch = chain.batch([{"text": "cup"}, {"text": "kite"}, {"text": "a steam engine"}])
    assert [each["no_good_match"] for each in batch] == [False, False, True]

    async def names_of_events() -> list[str]:
        return [event["name"] async for event in chain.astream_events({"text": "cup"}, version="v2")]

    names = asyncio.run(names_of_events())
    assert {"read_request", "find_pictures"} <= set(names)


@pytest.mark.parametrize(
    ("request_", "error", "said"),
    [
        ({}, BadValue, "text"),
        ({"text": "cup", "k": 0}, BadValue, "k=0"),
        ({"text": "cup", "k": 10**9}, BadValue, "1,000"),
        ({"text": "cup", "kk": 3}, UnknownField, "'kk'"),
        ({"text": "cup", "filters": {"flavour": "sweet"}}, UnknownField, "flavour"),
        ({"text": "cup", "filters": {"colour": ["mauve"]}}, BadValue, "mauve"),
        ({"text": "cup", "channels": ["smell"]}, BadValue, "channels"),
        ({"text": "cup", "filters": {"label": "cup"}}, BadValue, "filters.label"),
        ({"text": "cup", "min_confidence": "much"}, BadValue, "min_confidence"),
        ({"image": b"no picture"}, UnreadablePicture, "image"),
        ({"image": "/nowhere/at/all.png"}, NoSuchFile, "nowhere"),
        ({"image": 7}, BadValue, "image"),
        ({"image": picture("cup", "red"), "like": "0" * 16}, BadValue, "like"),
        ("cup", BadValue, "request"),
    ],
)
def test_what_cannot_be_asked_is_named(library: Settings, request_: object, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        search.build(settings=library).invoke(request_)  # type: ignore[arg-type]


def test_a_retriever_in_another_chain(library: Settings) -> None:
    retriever = search.as_retriever(settings=library, k=2, filters={"label": ["fish"]})
    documents = retriever.invoke("something green")
    assert len(documents) == 2 and all("fish" in document.page_content for document in documents)
    assert {"source", "id", "score", "confidence", "why"} <= documents[0].metadata.keys()
    chain = retriever | RunnableLambda(lambda found: [Path(each.metadata["source"]).parent.name for each in found])
    assert asyncio.run(chain.ainvoke("a green fish")) == ["fish", "fish"]
