"""Cast: who a story is about: a child or an old person, a neighbour, and who helps: a spirit, a machine, an animal."""

from __future__ import annotations

import random
from collections.abc import Collection

SHE = (
    *("Mio", "Tilda", "Hana", "Oda", "Suri", "Nell", "Amaya", "Ilse", "Kiri", "Wren", "Zofia", "Leni", "Marit", "Noor"),
    *("Yuna", "Bea", "Ottilie", "Saga", "Tamsin", "Rin"),
)
HE = (
    *("Anselm", "Oren", "Taro", "Jonas", "Pim", "Kaito", "Emil", "Bastian", "Idris", "Tove", "Arlo", "Milan", "Henrik"),
    *("Sen", "Lukas", "Osei", "Bruno", "Kenji", "Matti", "Theo"),
)
NEIGHBOURS = (
    *("Mrs Ono", "Mr Vesper", "Aunt Perpetua", "Grandmother Sato", "Mr Lindqvist", "Auntie Ruo", "Old Barnaby"),
    *("Mrs Quill", "Uncle Tadashi", "Madame Orsolya", "Mr Abara", "Miss Finch", "Grandfather Iwan", "Mrs Halloran"),
)
TOWNS = (
    *("Saltwick", "Lower Fernley", "Koromi", "Quince Hill", "Otter Ferry", "Marrowby", "Tanabe Bay", "Windle"),
    *("Ashmere", "Three Wells", "Bellhaven", "Little Orrin", "Sandgate Halt", "Mossbridge", "Hoshino", "Candle Rock"),
    *("Thistledown", "Upper Lorne", "Heron Green", "Kettleburn"),
)
CAST = """
hero:
  [child brief] {fullH} was <age>.
  [old brief] {fullH} <trade> for <years>.
  [child] {fullH} was <age>, and <childs way>.
  [child] {fullH}, who was <age>, <childs place>.
  [old] {fullH} <trade> for <years>, and <olds way>.
  [old] {fullH}, who <trade> for <years>, <olds place>.
age:
  seven
  eight and a half
  nearly ten
  the smallest in the class
  six but tall
childs way:
  had one pocket for things that might be needed some day
  knew every cat in {town} by its proper name
  was allowed to stay out until the kettle called
  asked three questions before breakfast and four after it
  collected the sounds that nobody else wanted
  could whistle with two fingers, and almost with one
  had been told to stay near the house, and stayed near it by going round it
  always walked home the long way
childs place:
  saw it before anybody else did
  had come out to look, with one sock on and one in the hand
  stopped running, and that did not happen often
  had been sent for <groceries> and had forgotten all about <groceries2>
groceries:
  eggs
  lamp oil
  half a pound of sugar
groceries2:
  it
  everything else
trade:
  had mended nets
  had carried the post
  had wound the town clock
  had kept bees behind the school
  had repaired everything with a lid
  had rowed people across
  had baked for the early boats
  had looked after the signal lamps
years:
  forty years
  as long as anyone could remember
  thirty winters
  longer than the bridge had stood
olds way:
  had never been in a hurry since
  still got up before the birds to see that they did it properly
  talked to {his} tools, who were good listeners
  kept two cups on the table in case
  could tell the weather by {his} left knee
  wrote down one good thing every evening, and seldom had to think for long
olds place:
  put down {his} basket and looked
  had stopped, as {he} did each day at this hour
  took off {his} spectacles, cleaned them and put them on again
helper:
  [spirit] a small spirit of the <spirits home>, round as a dumpling<helpers hue>
  [spirit] something that lived in the <spirits home> and was seldom seen, no taller than a jug<helpers hue>
  [spirit] a spirit of the kind that sleeps in a <spirits home>, with two eyes like buttons<helpers hue>
  [machine] an old <machine>, which walked on three legs and hummed
  [machine] the <machine> that nobody had wound up for years, ticking softly
  [machine] a <machine> with a dent in its side and a lamp for an eye
  [animal] a <animal> with <mark>
  [animal] a <animal> that seemed to have an appointment
helpers hue:
  [p1] , and as {p1} as {p1_like}
  [p2] , and {p2} all over
  , and warm as a stone in the sun
spirits home:
  stove
  rain barrel
  letterbox
  well
  attic
  bread oven
  staircase
  lamp cupboard
machine:
  tin postman
  clockwork mole
  weather machine
  walking kettle
  lamplighter made of tin
  sweeping machine
animal:
  heron
  hedgehog
  crow
  goat
  moth as large as a hand
  tortoise
  badger
  hare
mark:
  one bent feather of somebody else's behind the ear
  a leaf on its head, like a hat
  very serious eyebrows
  the manners of a stationmaster
  the air of having come on foot from far away
neighbour:
  {N}, who <neighbours way>
neighbours way:
  lived behind the dyke and seldom had visitors
  had the last house before the hills
  ran the small shop with the bell on its door
  had moved to the far end of {town} in the spring
  wrote letters to the weather office
  had not been out since the cold days
  kept a chair free by the window
food:
  barley soup
  toast with honey
  rice with chestnuts
  noodle soup with an egg in it
  warm apple cake
  pumpkin stew
  warm gingerbread
  onion pie
  porridge with raisins
  plum cake
  hot milk with cinnamon
  bread and pear jam
"""
_HELPERS = {
    "spirit": "the spirit", "something": "the little thing", "machine": "the machine", "postman": "the tin postman",
    "mole": "the mole", "kettle": "the kettle", "lamplighter": "the lamplighter", "heron": "the heron",
    "hedgehog": "the hedgehog", "crow": "the crow", "goat": "the goat", "moth": "the moth", "tortoise": "the tortoise",
    "badger": "the badger", "hare": "the hare",
}  # fmt: skip


def hero(draws: random.Random, taken: Collection[str]) -> tuple[dict[str, str], str]:
    """A hero's name with the pronouns, and whether it is a child or old."""
    she = draws.random() < 0.5
    name = draws.choice([name for name in (SHE if she else HE) if name not in taken])
    words = ("she", "her", "her", "hers", "herself", "woman") if she else ("he", "him", "his", "his", "himself", "man")
    told = {"H": name, **dict(zip(("he", "him", "his", "hers", "himself", "woman"), words, strict=True))}
    age = draws.choice(("child", "child", "old"))
    return {**told, "fullH": f"{'Old ' if age == 'old' and draws.random() < 0.5 else ''}{name}"}, age


def short_name(helper: str) -> str:
    """What a helper is called when it is known: `the spirit`."""
    return next((name for word, name in _HELPERS.items() if word in helper.split(",")[0].split()), "the visitor")
