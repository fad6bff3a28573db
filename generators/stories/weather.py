"""Weather: how stories begin, by the hour, the weather and the first colours of their pictures."""

from __future__ import annotations

import random
from collections.abc import Collection

WEATHER = """
opening:
  <when>, <weather comes>.
  <when>, <weather comes>, and everybody <town does>.
  Nobody in {town} could remember <a day> like that one: <weather came>.
  It was the kind of <hour> on which <something small> could be heard all over {town}.
  <when>, {town} was {g1} from the bridge to the last chimney, as {g1} as {g1_like}.
  <hour a> as {mood} as this one came to {town} perhaps three times a year.
  In {town} they had a word for <hours> like that: {mood} and {mood2}, with <weather noun> in them.
  {town} was on no map that <somebody> ever drew, but <weather noun> had found it all the same.
  [one-colour] <when>, all the world around {town} was {g1}, and nothing else, from edge to edge.
  [line-drawing] <when>, {town} lay as {g1} as a sheet of paper on which somebody had only just begun to draw.
  [line-drawing] The snow had rubbed {town} out in the night, and now a few {p1} lines were putting it back.
  [horizon] <when>, one could see the whole line where the {above} of the world above {town} came down to the
    {below}.
when:
  [night] long after the last lamp had gone out
  [night] on a night without any hurry in it
  [night] at the hour when even the clocks whisper
  [night] in the darkest part of the night, the part that is nobody's
  [evening] when the day had been put away like a washed plate
  [evening] in the last half hour of the light
  [evening] towards evening, when voices carry further
  [evening] on an evening in the <season> of that year
  [afternoon] on an ordinary afternoon
  [afternoon] some time after lunch, when nothing is expected to happen
  [afternoon] in the slow middle of the afternoon
  [afternoon] one afternoon in <season>, between two errands
  [morning] early, before the bread was out
  [morning] on a morning as clear as a rinsed glass
  [morning] one <season> morning, while the kettles were still cold
  [morning] before anybody had decided what kind of day it was to be
  [noon] on the brightest day of that <plain season>
  [noon] in the white middle of the day
  [noon] at noon, when every shadow had gone home to eat
  on the day after the fair
  on the third day of <season>
plain season:
  [snow] winter
  [!snow] year
season:
  [snow] winter
  [warm dark !snow] autumn
  [warm day !snow] late summer
  [cool !snow] early spring
  [neutral !snow] spring
  [neutral !snow] autumn
weather comes:
  [wind] the wind came over the hill and tried every door in {town}
  [wind] the wind went through {town} and counted the washing
  [wind] over {town} a wind got up that smelled of <far away>
  [rain] the rain began to speak on the roofs of {town}
  [rain] a thin rain came into {town} from the side, as if it were looking for somebody
  [rain] it rained so gently on {town} that the ducks did not notice
  [snow] the snow came down over {town} as quietly as flour
  [snow] the first snow felt its way down between the houses of {town}
  [fog] fog came up from the river and sat down in the streets of {town}
  [fog] the mist had let go of the roofs of {town}, but not yet of the trees
  [clear] the air over {town} stood so still that one could hear a spoon being laid down
  [clear] there was not a cloud above {town} that was larger than a handkerchief
  [cloud] the clouds hung over {town} like washing that nobody had taken in
  [cloud] one large cloud had stopped above {town} and seemed to be thinking
weather came:
  [wind] the wind tried every door, and found one
  [wind] the wind counted the washing twice and was still one sock short
  [rain] rain on every roof, and under every roof somebody listening
  [rain] a rain so thin that one could have threaded a needle with it
  [snow] so much snow that the dogs walked on their toes
  [snow] snow that fell upwards now and then, to have another look
  [fog] fog to the windowsills, and above it the smoke of breakfasts
  [fog] so much mist that the geese went on foot
  [clear] so still that one could hear a spoon being laid down three houses away
  [clear] not a cloud that was larger than a handkerchief
  [cloud] a sky full of slow boats
  [cloud] clouds that came only to look, and stayed
weather noun:
  [wind] the wind
  [rain] the rain
  [snow] the snow
  [fog] the mist
  [clear] the stillness
  [cloud] slow clouds
town does:
  turned up a collar
  stopped to listen
  put another log on
  looked up at once
  thought of supper
  went about on tiptoe
food smell:
  bread
  wet wood
  smoke and pears
  seaweed
  tea
far away:
  the sea
  snow in the hills
  oranges
  a country with other trees
hour:
  [night] night
  [evening] evening
  [afternoon] afternoon
  [morning] morning
  [noon] bright noon
hour a:
  a <hour>
hours:
  <hour>s
a day:
  a <hour>
somebody:
  a captain
  a schoolteacher
  the railway
something small:
  a falling acorn
  a dropped needle
  the turning of a page
  a snail on a leaf
  the baker's yawn
aside:
  [brief]
  <sense>
sense:
  [wind] Somewhere a shutter knocked, twice, like a visitor who is not sure of the house.
  [wind] The wind read the signs over the shops, one after the other, and creaked at the hard words.
  [wind] Every now and then a gust brought <food smell> from far off.
  [rain] Water ran along the gutter, telling itself a story.
  [rain] Drops hung in a row under the eaves, and each had the whole place in it, upside down.
  [rain] It smelled of wet stone and <food smell>.
  [snow] Now and then a branch let go of its snow with a sigh.
  [snow] Every step made the sound of a biscuit.
  [fog] A bell rang somewhere, and the mist folded it up and put it away.
  [fog] Voices arrived before the people they belonged to.
  [clear] A bee went by on business.
  [clear] One could hear the grass being thought about by a sheep.
  [cloud] A patch of sun walked across, very slowly, and went out at the other end.
  [cloud] It smelled of iron and <food smell>, as it does before weather.
  [dark] A moth knocked at the lamp and was told to come back tomorrow.
  [day] Somebody, somewhere, was beating a carpet in no hurry at all.
  A kettle began to hum behind a wall.
  Somebody laughed in a kitchen and was shushed, and laughed again.
  A bicycle bell rang twice and was gone.
  It smelled, all of a sudden, of oranges.
  In the next street somebody was practising the trumpet, always the same four notes.
  The clock of {town} struck, thought about it, and struck once more.
  A leaf came down and took its time.
  Under the floor a mouse moved its furniture.
  Far away a small train said its one word.
"""


def weather_for(tags: Collection[str], draws: random.Random) -> str:
    """The weather of a story: its own, and such that the picture's light could be that of the day."""
    if "line-drawing" in tags or "noon" in tags:
        fitting = ["snow", "fog", "clear", "clear"]
    elif "warm" in tags:
        fitting = ["wind", "clear", "cloud"]
    elif "cool" in tags:
        fitting = ["rain", "wind", "snow" if "colourless" in tags or "muted" in tags else "rain", "fog"]
    else:
        fitting = ["wind", "rain", "cloud", "fog"]
    return draws.choice([*fitting, "fog"] if "soft-contrast" in tags else [*fitting, "wind"])
