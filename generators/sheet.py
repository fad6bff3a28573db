"""Sheets: pictures beside each other with a caption below each, to be looked at."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

PAPER, INK = "#f6f4ef", "#3a3733"
MARGIN, GAP = 24, 20  # px
FONT_SIZE, LINE, PADDING = 17, 22, 22  # px: of letters, from one line of a caption to the next, around a caption


def contact_sheet(
    pictures: list[tuple[Image.Image, str]], columns: int | None = None, height: int = 384
) -> Image.Image:
    """Pictures with captions in rows of `columns` (all in one by default), each `height` px high."""
    columns = len(pictures) if columns is None else columns
    lines = max(len(caption.split("\n")) for _, caption in pictures)
    tiles = [_tile(picture, caption, height, PADDING + LINE * lines) for picture, caption in pictures]
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    width = max(sum(tile.width for tile in row) + GAP * (len(row) - 1) for row in rows)
    sheet = Image.new("RGB", (width + 2 * MARGIN, len(rows) * tiles[0].height + 2 * MARGIN - 10), PAPER)
    for number, row in enumerate(rows):
        x = MARGIN
        for tile in row:
            sheet.paste(tile, (x, MARGIN + number * tile.height))
            x += tile.width + GAP
    return sheet


def _tile(picture: Image.Image, caption: str, height: int, room: int) -> Image.Image:
    width = max(1, round(picture.width * height / picture.height))
    tile = Image.new("RGB", (width, height + room), PAPER)
    tile.paste(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS), (0, 0))
    font = ImageFont.load_default(FONT_SIZE)
    draw = ImageDraw.Draw(tile)
    for number, line in enumerate(caption.split("\n")):
        shown = line
        while shown and draw.textlength(shown, font) > width:
            shown = shown[:-2].rstrip() + "…"
        draw.text((0, height + 9 + LINE * number), shown, INK, font)
    return tile
