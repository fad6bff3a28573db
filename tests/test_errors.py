from __future__ import annotations

import inspect
import json
import re

from core import errors
from core.errors import AtelierError, BadValue, PictureTooLarge
from generators.orders import Diverged, OutOfMemory
from server.errors import revive, status_of


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    classes = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, AtelierError)}
    above: list[str] = []
    drawn = {}
    for depth, name in re.findall(r"^((?:│   |    |├── |└── )*)([A-Z]\w+)(?= |$)", errors.__doc__ or "", re.MULTILINE):
        above[len(depth) // 4 :] = [name]
        if name in classes:
            drawn[name] = above[-2] if len(above) > 1 else "Exception"
    assert drawn == {name: getattr(errors, name).__base__.__name__ for name in classes}


def test_an_error_says_what_and_what_to_do_and_carries_its_data() -> None:
    error = PictureTooLarge("sketch", 9000, 9000, 40_000_000)
    assert str(error) == (
        "sketch is 9000x9000 px; the limit is 40,000,000 pixels: send a smaller picture or raise MAX_PIXELS"
    )
    assert json.loads(json.dumps(error.as_dict()))["type"] == "picture_too_large"
    assert error.as_dict()["width"] == 9000


def test_numbers_that_leave_their_range_are_the_callers_and_short_memory_is_no_mistake() -> None:
    for error, status in ((Diverged("step 3 of 20"), 422), (OutOfMemory("cuda", "denoising"), 507)):
        assert status_of(revive(json.loads(json.dumps(error.as_dict())))) == status


def test_a_long_value_is_not_repeated_in_full() -> None:
    assert len(BadValue("prompt", "x" * 100_000, "less").message) < 200


def test_an_error_that_another_process_wrote_comes_back_as_what_it_was() -> None:
    error = PictureTooLarge("sketch", 9000, 9000, 40_000_000)
    again = revive(json.loads(json.dumps(error.as_dict())))
    assert type(again) is PictureTooLarge and again.as_dict() == error.as_dict()
    assert type(revive({"type": "of_a_later_version", "message": "x"})) is AtelierError
