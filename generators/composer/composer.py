"""The composer: a line drawing of its own for a prompt, where nobody has drawn one; the same for the same prompt,
size and seed.

    prompt ─ read_prompt ─ stage ─ arrange ─ sky ─ land or room ─ figures, the farthest first ─ composition

It understands nouns by a vocabulary, and how they stand to each other by a few words. The sketch is drawn for the
painter: every area has a closed outline, and labels say what each of them shows.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from generators.composer.arranging import arrange
from generators.composer.companions import companions
from generators.composer.foregrounds import foreground, sown
from generators.composer.lands import View
from generators.composer.masses import draw_masses
from generators.composer.outdoors import draw_beams, draw_mound, draw_outdoors
from generators.composer.pen import Canvas, Pen
from generators.composer.places import CROSSING, Place
from generators.composer.reading import Mention, Reading, read_prompt
from generators.composer.rooms import draw_room
from generators.composer.scenes import Scene
from generators.composer.skies import draw_flakes
from generators.composer.staging import field_of, instead, land_of, main_of, setting, stage
from generators.labels import Labels

ENGINE = "embedded composition 1.0"
SMALL, LIGHTER = 0.2, 0.85  # of the page; lower figures have lighter lines


@dataclass(frozen=True)
class Subject:
    """A figure that the prompt names, and where it is: its middle, its foot and its height, as shares of the page."""

    figure: str
    word: str
    x: float
    y: float  # from the top
    height: float


@dataclass(frozen=True)
class Composition:
    """A sketch, and what was understood of the prompt."""

    sketch: Image.Image = field(repr=False)  # RGB, black lines on white
    labels: Labels = field(repr=False)
    setting: str
    subjects: tuple[Subject, ...]
    unknown: tuple[str, ...]  # words that nothing is drawn for
    notes: tuple[str, ...]


def compose(prompt: str, width: int, height: int, seed: int = 0) -> Composition:
    """A composition of `width` x `height` px."""
    reading = read_prompt(prompt)
    rng = np.random.default_rng([seed, zlib.crc32(prompt.encode("utf-8", "surrogatepass"))])
    canvas = Canvas(width, height, rng)
    page, wide = Pen(canvas, 0.0, float(height), float(height)), width / height
    mentions: tuple[Mention, ...] = ()
    subjects: list[Place] = []
    if reading.understood:
        scene, mentions = stage(reading)
        canvas.begin(instead(scene))
        subjects = [place for place in _draw(page, wide, scene, mentions) if place.mention >= 0]
        where = setting(scene)
    else:
        canvas.begin({})
        draw_masses(page, wide, reading.words)
        where = "masses"
    return Composition(
        sketch=Image.fromarray(canvas.ink).convert("RGB"),
        labels=Labels(Image.fromarray(canvas.places), tuple(canvas.labels), tuple(m.word for m in mentions)),
        setting=where,
        subjects=tuple(_subject(place, mentions[place.mention].word, wide) for place in subjects),
        unknown=reading.unknown,
        notes=(_note(reading, mentions),),
    )


def _draw(page: Pen, wide: float, scene: Scene, mentions: tuple[Mention, ...]) -> list[Place]:
    """Draw it all, and return where the figures of the mentions are."""
    rng, main, field_plant = page.rng, main_of(mentions), field_of(mentions, scene)
    land = land_of(scene, wide, mentions[main] if mentions else None, rng)
    single = tuple(replace(m, count=1) if m.figure == field_plant else m for m in mentions)
    placed = arrange(single, main, land, rng, flat=scene.ground in ("table", "sill")) if single else []
    around = companions(scene, placed, land, rng)
    if field_plant:
        placed = [p for p in placed if p.figure.name != field_plant or len(single) == 1]
        around = [p for p in around if p.y > 0.7 * land.horizon] + sown(field_plant, placed, land, rng)
    if scene.indoors:
        busy = (placed[0].box[0], placed[0].box[2]) if placed else (0.4 * wide, 0.6 * wide)
        draw_room(page, land, scene, busy)
    else:
        draw_outdoors(page, View(land, scene, placed, around))
    items = [*placed, *around, *foreground(scene, placed, land, rng)]
    for number, place in enumerate(sorted(items, key=lambda place: -place.depth), 1):
        _draw_figure(replace(page, owner=number), place, wide, scene)
    if not scene.indoors:
        draw_flakes(page, wide, scene)
    return placed


def _draw_figure(page: Pen, place: Place, wide: float, scene: Scene) -> None:
    if place.figure.home == "bank" and scene.ground == "sea" and place.mention >= 0:
        draw_mound(page, place)
    if place.figure.name == "lighthouse" and (scene.light in ("night", "storm") or "rain" in scene.more):
        draw_beams(page, place, wide)
    pen = replace(
        page.within(place.x, place.y, place.height, flip=place.flip),
        weight=1.0 if place.height > SMALL else LIGHTER,
        words=place.words,
        carries=place.carries,
        seated=place.seated,
    )
    if place.figure.name in CROSSING and place.mention >= 0:
        pen = replace(pen, stretch=max(1.0, 1.03 * wide / place.width), x=0.5 * wide * page.size)
    place.figure.draw(pen)


def _subject(place: Place, word: str, wide: float) -> Subject:
    return Subject(place.figure.name, word, round(place.x / wide, 3), round(1 - place.y, 3), round(place.height, 3))


def _note(reading: Reading, mentions: tuple[Mention, ...]) -> str:
    """What the drawing was made of, for whoever asked for it."""
    left = f"; not drawn: {', '.join(reading.unknown)}" if reading.unknown else ""
    if not reading.understood:
        return f"no word of the prompt could be drawn: a landscape was composed for it{left}"
    words = [word for m in mentions for word in (m.word, *m.carries)] + list(reading.places)
    return f"composed from the prompt: {', '.join(dict.fromkeys(words))}{left}"
