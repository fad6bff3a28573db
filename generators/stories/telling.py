"""Telling: everything that one story is told with: its thing, its people, place and weather, and what is remembered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generators.stories.cast import CAST, NEIGHBOURS, TOWNS, hero, short_name
from generators.stories.endings import ENDINGS
from generators.stories.errands import ERRANDS
from generators.stories.grammar import Grammar, rules_of
from generators.stories.looks import LOOKS
from generators.stories.meetings import MEETINGS
from generators.stories.nouns import nouns_in, unkind
from generators.stories.places import Place, place_for
from generators.stories.recollection import MEMORIES, Recollection, recollect
from generators.stories.spelling import words_in
from generators.stories.story import StoryOrder
from generators.stories.things import Kind, Thing, thing_of
from generators.stories.view import View, slender, view_of
from generators.stories.vigils import VIGILS
from generators.stories.weather import WEATHER, weather_for
from generators.vision.sight import Sight

RULES = rules_of("\n".join([WEATHER, LOOKS, CAST, ERRANDS, VIGILS, MEETINGS, MEMORIES, ENDINGS]))
OUTSIDE: tuple[Kind, ...] = ("build", "land", "sky", "ride", "plant")
SHORT = 180  # words of a story below which only what is needed is told
BRIEF = 250  # words of a story below which asides are few
STAYING = ("humming", "shelter", "swept", "watered", "waiting", "bench", "told", "faded", "painted", "promise")
UNPAINTED: tuple[Kind, ...] = ("any",)  # of which no colour is said: a face, a dream
INVENTED = {  # by the shape of what stands out: what the story's thing is, where nobody named any
    "upright": words_in("lantern umbrella coat ladder bottle lamppost dress robe broom candle tower door"),
    "level": words_in("boat bench loaf blanket cart accordion canoe basket carpet tram kite"),
    "round": words_in("kettle drum bell pot teapot hat bowl clock balloon shell quilt stove"),
}


@dataclass(frozen=True)
class Telling:
    grammar: Grammar
    plot: str
    place: Place
    recalled: tuple[Recollection, ...]  # those that the story speaks of
    lines: tuple[str, ...]  # that speak of them, beside the neighbour
    told: tuple[str, ...]  # rules of the beginning
    notes: tuple[str, ...]


def prepare(order: StoryOrder, sight: Sight, draws: random.Random, plot: str = "") -> Telling:
    """Everything drawn; the plot is the one that is named, where it fits."""
    view = view_of(sight, draws)
    things, wished, notes = _things(order)
    known = bool(things)
    thing = things[0] if known else _invented(sight, draws)
    recalled = [one for one in map(recollect, order.memories) if one][:3]
    grammar = Grammar(RULES, dict(view.words), view.tags, draws)
    grammar.tags |= {"brief"} if order.words < BRIEF else set()
    grammar.words["town"] = draws.choice([town for town in TOWNS if all(town != one.place for one in recalled)])
    _set_thing(grammar, thing, view, known)
    _set_others(grammar, [*things[1:], *wished][:2])
    grammar.tags.add(weather_for(grammar.tags, draws))
    place = place_for(grammar.tags, thing.kind in OUTSIDE or any(one.kind in OUTSIDE for one in things[1:3]), draws)
    grammar.words |= {"P": place.name, "theP": f"the {place.name}", "inP": place.within}
    grammar.words |= {"plain": place.plain, "rough": place.rough}
    grammar.words["F"] = grammar.expand("food")
    _set_people(grammar, wished, recalled, draws)
    plots = [one.text for one in RULES["plot"] if one.fits({*grammar.tags, *grammar.words})]
    lines = _recollections(grammar, recalled)
    spoken = tuple(
        one for at, one in enumerate(recalled) if (at == 0 and one.person) or any(_in(one, line) for line in lines)
    )
    plot = plot if plot in plots else draws.choice(plots)
    if plot in STAYING:
        grammar.tags.add("stays")
    short = order.words < SHORT
    told = ("opening", "enter", *([] if short else ["ground"]), *(["also"] if "T2" in grammar.tags else []))
    return Telling(grammar, plot, place, spoken, lines, told, notes)


def _things(order: StoryOrder) -> tuple[list[Thing], list[Thing], tuple[str, ...]]:
    """What others named, and what a describer recognised; what is wished for; what has to be said about it."""
    things = list(nouns_in(order.known))
    for seen in order.description.objects:
        things += [thing for thing in nouns_in(f"a {seen}") if all(thing.noun != other.noun for other in things)]
    wished = [thing for thing in nouns_in(order.wish) if all(thing.noun != other.noun for other in things)]
    notes = []
    if order.wish.strip() and not wished:
        notes.append("the wish names nothing that the storyteller can tell of; it takes nouns alone, in English")
    if order.known.strip() and not nouns_in(order.known):
        notes.append("the words that come with the picture name nothing that the storyteller can tell of")
    left = unkind(f"{order.known} {order.wish}")
    if left:
        notes.append(f"left out of the story: {', '.join(dict.fromkeys(left))}")
    return things, wished, tuple(notes)


def _invented(sight: Sight, draws: random.Random) -> Thing:
    thing = thing_of(draws.choice(sorted(INVENTED[slender(sight)])))
    assert thing is not None
    if sight.figure is not None and sight.figure.pieces == 2 and draws.random() < 0.5:
        return replace(thing_of("boots") or thing)
    return thing


def _set_thing(grammar: Grammar, thing: Thing, view: View, known: bool) -> None:
    colour = view.figure_colour
    if not colour and not known:  # the story's own thing in a picture where nothing stands out
        colour = next((view.words[name] for name in ("p1", "g2", "g1") if name in view.words), "")
        grammar.words |= {"f1": colour, "colour": colour, "f1_like": view.words.get("p1_like", view.words["g1_like"])}
    if thing.kind in UNPAINTED and known:
        colour = ""
    elif thing.kind == "person" and colour:
        grammar.words["someT"] = f"{thing.some()} in {colour}"
    grammar.words |= {"someT": thing.some(colour), **thing.words(), **grammar.words}
    grammar.tags |= {thing.kind, "coloured" if colour else "uncoloured", *(["many"] if thing.plural else [])}
    if not colour:
        for name in ("f1", "colour", "f1_like"):
            grammar.words.pop(name, None)


def _set_others(grammar: Grammar, things: Sequence[Thing]) -> None:
    for number, thing in enumerate(things, 2):
        grammar.words[f"someT{number}"] = thing.some()
        grammar.tags |= {f"T{number}", *([f"T{number}-many"] if thing.number == "many" else [])}


def _set_people(
    grammar: Grammar, wished: Sequence[Thing], recalled: Sequence[Recollection], draws: random.Random
) -> None:
    people = [one.person for one in recalled if one.person]
    told, age = hero(draws, [name for person in people for name in person.split()])
    grammar.words |= told
    grammar.tags.add(age)
    helpers = [thing for thing in wished if thing.kind == "beast" and thing.number == "one"]
    if helpers:
        intro, short = grammar.filled(f"{helpers[0].some()} with <mark>"), f"the {helpers[0].noun}"
    else:
        grammar.tags.add(draws.choice(("spirit", "spirit", "machine", "animal")))
        intro = grammar.expand("helper")
        short = short_name(intro)
    grammar.words |= {"aK": intro + ("," if "," in intro else ""), "K": short, "K_noun": short.removeprefix("the ")}
    first = recalled[0] if recalled else None
    if first is not None and first.person:
        told = {"N": first.person, "M": first.person, "M_title": first.title, "M_place": first.place}
        grammar.words |= {name: word for name, word in told.items() if word}
        grammar.words["aN"] = grammar.expand("remembered") + ","
    else:
        grammar.words["N"] = draws.choice(NEIGHBOURS)
        grammar.words["aN"] = grammar.expand("neighbour") + ","


def _recollections(grammar: Grammar, recalled: Sequence[Recollection]) -> tuple[str, ...]:
    """A sentence on each earlier story: on where it was, on its thing, on its people."""
    lines = []
    for at, one in enumerate(recalled):
        words = {"M2": one.person, "M2_place": one.place, "M2_thing": one.thing, "M2_title": one.title}
        words |= {"M2_sight": one.sight}
        for name in words:
            grammar.words.pop(name, None)
        grammar.words |= {name: word for name, word in words.items() if word}
        grammar.tags -= {"first-memory", "next-memory"}
        grammar.tags.add("next-memory" if at else "first-memory")
        lines.append(grammar.expand("recalled"))
    return tuple(line for line in lines if line)


def _in(one: Recollection, line: str) -> bool:
    return any(word and word in line for word in (one.person, one.place, one.thing, one.sight, one.title))
