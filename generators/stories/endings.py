"""Endings: how stories close, and what they are called."""

from __future__ import annotations

ENDINGS = """
ending:
  <afterwards>, <small peace>.
  <small peace>, and <last thing>.
  {H} went home <how home>. <last thing>.
  When {he} was asked about it later, {H} <answered>.
  {H} thought about it <until when>, and then {he} <slept>.
  [coloured] That night {H} dreamed of {colour}, nothing but {colour}, and woke up <rested>.
  [coloured !beast !person] <one day>, when something {f1} caught {his} eye, {H} <gesture>.
  [stays !beast !person] And {theT}? <afterwards>, {it_was} still there, <still>.
  [stays beast|person] And {theT}? <afterwards>, one could see {obj} there again, <still>.
  [dark] One by one the windows of {town} went out, and the last one <window>.
  [day] One by one the windows of {town} were opened, and out of the last one <window2>.
  [wind] The wind <wind does>, and <small peace>.
  [rain] Towards the end the rain <rain does>, and <small peace>.
  [snow] It went on snowing, <snow does>, and <small peace>.
  [fog] The mist <fog does>, and <small peace>.
  [clear|cloud] The sky <sky does>, and <small peace>.
  [g2] The {g1} stayed {g1} and the {g2} stayed {g2}, and <small peace>.
one day:
  long afterwards
  years later
  a week later, in the street
  even as <an old one>
an old one:
  [child] a grown {woman}
  [old] a very old {woman}
afterwards:
  long afterwards
  the next morning
  a week later
  in the spring
  whenever the weather was like that
  years later
small peace:
  somebody was always humming in {town}
  it was quiet in {town}, the good kind of quiet
  a second cup stood on the sill
  the kettle was put on again
  nobody in {town} locked that door any more
  the cats moved over to make room
  two people waved to each other across the whole of {town}
  there was a light on for whoever might come
  the dogs of {town} slept with their feet running
last thing:
  far off, the small train said good night
  one star, or perhaps a lamp, was still up
  the bread was already rising for the next day
  the weather turned over in its sleep
  somewhere a door was closed, very gently
  the moon looked in and found everything in its place
how home:
  slowly, so as not to spill anything of it
  the long way round
  with {his} hands in {his} pockets and {his} pockets full
  by the road that smelled of <home smell>
  without stepping on a single crack
home smell:
  bread
  wet leaves
  lamp oil
  other people's suppers
answered:
  only said that one had to have been there
  smiled and cut another slice
  pointed at the sky, and that was all
  said that it was nothing, and blushed to the ears
  told it from the beginning, with all the noises
until when:
  until the soup was cold
  all the way up the stairs
  as far as the second pillow
  until the lamp had used up its oil
slept:
  slept like a stone in a stream
  fell asleep in the middle of a thought
  wrote it down, so that it would not get lost
  laughed, alone in the dark
rested:
  rested
  hungry, with a song in {his} ear
  before the birds
gesture:
  stopped and took {his} hat off to it
  stood still for as long as it takes to say thank you
  laughed, and nobody knew why
  felt in {his} pocket, to make sure
still:
  and somebody had put a jar of flowers beside
  with a little dust on one side and a little sun on the other
  and the swallows had made up their minds about it
  and children were told not to shout near by
window:
  stayed lit a little longer than it had to
  said good night to {theP}
  was {hers}
window2:
  came somebody's singing
  came the smell of <home smell>
  leaned {H}, wide awake
wind does:
  turned a last page and lay down
  went on to the next valley with the news
  took one leaf along for the journey
rain does:
  stopped to listen
  went over to the other bank
  came down to a whisper
snow does:
  more slowly
  flake by flake, as if each had been asked first
fog does:
  lifted its hem
  stayed for one more song
  went back to the river on tiptoe
sky does:
  made room for the evening
  cleared its throat and said nothing
  moved a little closer
title:
  [coloured !uncoloured] The {colour} {T}
  {H} and the {T}
  What the {K_noun} Knew
  [coloured] A Little More {f1}
  The {T} of {town}
  {N} and the {T}
  [wind] The {T} and the Wind
  [rain] The {T} in the Rain
  [snow] The {T} in the Snow
  [fog] The {T} in the Mist
  The Long Way to {town}
  A Visit to the {P}
  [uncoloured] The {T}
"""
