"""Query: what cannot be looked for is refused by name, and filters are conditions."""

from datetime import UTC, date, datetime

import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import BadValue
from retrievers.query import Filters, Query
from retrievers.where import Condition


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (Query(), "text"),
        (Query(" \n"), "text"),
        (Query("x" * 101), "text"),
        (Query("dress", negative="x" * 101), "negative"),
        (Query("\ud800"), "text"),
        (Query("dress", k=0), "k"),
        (Query("dress", k=10**9), "k"),
        (Query("dress", offset=-1), "offset"),
        (Query("dress", k=1000, offset=9_001), "offset"),
        (Query("dress", min_confidence=1.5), "min_confidence"),
        (Query("dress", text_weight=-1), "text_weight"),
        (Query("dress", image_weight=float("nan")), "image_weight"),
        (Query("dress", text_weight=0), "text_weight"),
        (Query(like="0" * 16, image_weight=0), "image_weight"),
        (Query("dress", like="0" * 16, text_weight=0, image_weight=0), "image_weight"),
        (Query("dress", channels=()), "channels"),
        (Query("dress", channels=("sound",)), "channels"),
    ],
)
def test_what_cannot_be_looked_for_is_named(query, field):
    with pytest.raises(BadValue) as refused:
        query.check(100)
    assert refused.value.data["field"] == field


def test_words_a_picture_or_one_of_the_library_will_do():
    for query in (Query("dress"), Query(image=Image.new("RGB", (32, 32))), Query(like="0" * 16), Query("d", k=1000)):
        query.check(100)


def test_filters_become_conditions_that_hold_all_together():
    filters = Filters(label=("hat", "dress"), colour=("red", "white"), min_width=100, after=datetime(2024, 5, 1))
    assert set(filters.where()) == {
        Condition("label", "in", ("hat", "dress")),
        Condition("colour:red", ">=", 0.12),
        Condition("colour:white", ">=", 0.12),
        Condition("width", ">=", 100),
        Condition("taken", ">=", datetime(2024, 5, 1, tzinfo=UTC).timestamp()),
    }
    assert Filters().where() == ()


def test_a_day_is_all_of_it_and_a_year_is_no_second_of_1970():
    (until,) = Filters(before="2024-05-01").where()
    (since,) = Filters(after="2024-05-01").where()
    assert until.value - since.value == pytest.approx(86_400, abs=1e-3)
    assert Filters(before=date(2024, 5, 1)).where() == (until,)
    assert Filters(before=datetime(2024, 5, 1)).where() == Filters(before=since.value).where()
    for field in ("after", "before"):
        with pytest.raises(ValidationError, match="2024-05-01"):
            Filters(**{field: "2024"})


def test_a_colour_that_is_none_and_a_filter_that_is_none_are_refused():
    with pytest.raises(BadValue, match="mauve"):
        Filters(colour=("mauve",)).where()
    with pytest.raises(ValidationError):
        Filters(flavour="sweet")
