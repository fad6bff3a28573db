from __future__ import annotations

import numpy as np
from PIL import Image

from generators.sheet import contact_sheet


def test_pictures_stand_beside_each_other_with_their_captions() -> None:
    tiles = [(Image.new("RGB", (200, 100), "red"), "one"), (Image.new("RGB", (100, 100), "blue"), "a long name " * 20)]
    sheet = np.asarray(contact_sheet(tiles, height=100))
    assert (sheet[70, 60] == (255, 0, 0)).all() and (sheet[70, 300] == (0, 0, 255)).all()
    captions = sheet[126:165, 24:] < 120
    assert captions[:, :200].any() and captions[:, 220:320].any()
    assert not captions[:, 325:].any()


def test_rows() -> None:
    tiles = [(Image.new("RGB", (50, 100), "red"), str(i)) for i in range(5)]
    one, two = contact_sheet(tiles), contact_sheet(tiles, columns=3)
    assert two.height > 1.5 * one.height and two.width < one.width
