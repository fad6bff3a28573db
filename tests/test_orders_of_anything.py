"""Orders and recipes of anything: what cannot be is refused by name, and what is written is read back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chains.options import DesignOptions, read_options
from core import images
from core.errors import AtelierError
from generators import recipe
from retrievers.styles import parse_choice
from tests.conftest import noise

THINGS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.binary(max_size=9)),
    *(
        st.lists(st.integers(), max_size=3),
        st.sampled_from(["painter", "diffusion", "preview", "quality", "512", "1e3"]),
    ),
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
RECIPES = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), PLAIN, max_size=6)
CALM = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=400, **CALM)
@given(st.dictionaries(st.one_of(st.sampled_from(sorted(DesignOptions.model_fields)), st.text(max_size=8)), THINGS))
def test_any_request_is_an_order_or_a_refusal_of_ours(request: dict[str, Any]) -> None:
    with suppress(AtelierError):
        read_options(request)


SIDES, LEVELS = st.integers(8, 128).map(lambda eighth: 8 * eighth), st.integers(0, 250)


@settings(max_examples=300, **CALM)
@given(
    st.fixed_dictionaries(
        {"prompt": st.text(max_size=20)},
        optional={
            **{"seed": st.integers(0, 2**31), "n": st.integers(1, 8), "top_k": st.integers(1, 4)},
            **{"mode": st.sampled_from(["preview", "quality"]), "width": SIDES, "height": SIDES},
            **{"low_threshold": LEVELS, "high_threshold": LEVELS, "engine": st.just("painter")},
        },
    )
)
def test_an_order_that_is_sent_as_it_was_read_is_the_same(request: dict[str, Any]) -> None:
    low, high = request.get("low_threshold", 50), request.get("high_threshold", 150)
    assume(low <= high)
    options, _ = read_options(request)
    assert request.items() <= options.model_dump().items()
    again, _ = read_options(options.model_dump(exclude_none=True))
    assert again == options


@settings(max_examples=300, **CALM)
@given(
    st.one_of(
        st.text(max_size=40), st.lists(st.sampled_from(["a", "b", ":", ",", "0.5", "nan", "-1", " "])).map("".join)
    )
)
def test_any_blend_is_read_or_refused(named: str) -> None:
    with suppress(AtelierError):
        chosen = parse_choice(named)
        assert 1 <= len(chosen) <= 4 and all(style and 0 < weight <= 100 for style, weight in chosen)


@settings(max_examples=100, **CALM)
@given(RECIPES, st.one_of(st.none(), st.binary(max_size=200)))
def test_what_a_picture_carries_is_what_was_written(told: dict[str, Any], sketch: bytes | None) -> None:
    words = ("engine", "prompt", "sketch_sha256", "mode")
    numbers = {"width": 16, "height": 16, "low_threshold": 50, "high_threshold": 150}
    told = {
        **told,
        **dict.fromkeys(words, "x"),
        "seeds": [1],
        "styles": [{"id": "impasto", "weight": 1.0, "sha256": "x"}],
        **numbers,
    }
    made = recipe.write(images.to_png(noise(16, 16)), told, sketch)
    assert images.decode(made, "made.png").size == (16, 16)
    kept = recipe.read(made)
    assert kept.recipe == told and kept.sketch == sketch
