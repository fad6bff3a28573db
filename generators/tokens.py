"""Tokens: how many of CLIP's tokens a text takes, on the safe side, where its own tokenizer is not at hand.

CLIP's vocabulary (Radford et al. 2021) has 49,152 entries made from captions: a usual English word is one token, a long
or rare one two or three, a mark one, a digit one, and a letter beyond ASCII as many as its bytes. This estimate errs to
more tokens, which costs a few words of a prompt; fewer would cut it off.
"""

from __future__ import annotations

import re

MOST = 75  # of 77: the text encoder adds a beginning and an end
RARE = 20  # tokens for which one more is counted: some short words are rare
_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]+|_+")
_ONE, _TWO, _NAME = 7, 11, 4  # letters of a word that is one token, of one that is two; for each token of a name


def estimate_tokens(text: str) -> int:
    """The tokens of a text without beginning and end, rather too many than too few."""
    counted = sum(map(_tokens, _PIECE.findall(text)))
    return counted + counted // RARE


def _tokens(piece: str) -> int:
    if not piece.isascii():
        return len(piece.encode())
    if not piece.isalpha():
        return len(piece)
    if piece[0].isupper() and len(piece) > 3:
        return -(-len(piece) // _NAME)
    return 1 if len(piece) <= _ONE else 2 if len(piece) <= _TWO else max(3, -(-len(piece) // _NAME))
