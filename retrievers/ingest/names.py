"""Names: the words that the names of folders and files say, without what cameras and programs number them with."""

from __future__ import annotations

import os
import re

from retrievers.ledger import shown

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_NUMBERED = re.compile(r"([^\W\d_]{3,})\d+")  # `dress12` is a dress; `mp3` is what it is
_CARD_FOLDER = re.compile(r"\d{3}[a-z_]{5}", re.IGNORECASE)  # 100CANON, as the rule for cameras' cards (DCF) has it
_NUMBERING = "img imgp dsc dscn dscf dcim pxl mvimg cimg mg gopr gp dji vid mov pano sam pict wa fb gx kodak untitled"
_CAMERA = frozenset(_NUMBERING.split())
LONGEST_ID = 20  # letters and digits in one; more is no word


def said_by_path(path: bytes, root: bytes, whole: bool = True) -> list[str]:
    """The phrases of a file's path, from the folder that was taken in (its name too) down to the file's stem.

    Not `whole`: the stem alone. A name that says nothing gives no phrase.
    """
    folder, name = os.path.split(path)
    phrases = [said_by_name(shown(os.path.splitext(name)[0]))]
    if whole:
        inner = os.path.relpath(folder, root).split(b"/") if folder != root else []
        phrases[:0] = [said_by_name(shown(part)) for part in (os.path.basename(root), *inner)]
    return [phrase for phrase in dict.fromkeys(phrases) if phrase]


def folders_below(path: bytes, root: bytes) -> list[str]:
    """The names of the folders in which a file lies below the one that was taken in, as they may be shown."""
    folder = os.path.dirname(path)
    return [] if folder == root else [shown(part) for part in os.path.relpath(folder, root).split(b"/")]


def said_by_name(name: str) -> str:
    """`red-dress_IMG_1234` -> `red dress`; empty where a name says nothing."""
    numbered = any(letter.isdigit() for letter in name)
    parts = re.split(r"[\W_]+", _apart(_UUID.sub(" ", name)))
    words = [_NUMBERED.sub(r"\1", part) if _NUMBERED.fullmatch(part) else part for part in parts if _is_word(part)]
    return " ".join(word for word in words if not (numbered and word.lower() in _CAMERA))


def _apart(name: str) -> str:
    """`redDress` -> `red Dress`, `TShirt` -> `T Shirt`."""
    out = name[:1]
    for i in range(1, len(name)):
        before, here, after = name[i - 1], name[i], name[i + 1 : i + 2]
        if here.isupper() and (before.islower() or (before.isupper() and after.islower())):
            out += " "
        out += here
    return out


def _is_word(part: str) -> bool:
    digits, letters = sum(map(str.isdigit, part)), sum(map(str.isalpha, part))
    if not letters or digits > letters or (digits and len(part) >= LONGEST_ID):
        return False  # a number, `1024x768`, a time, an id
    return not ((digits and _HEX.fullmatch(part)) or _CARD_FOLDER.fullmatch(part))
