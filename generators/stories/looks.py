"""Looks: what was measured of a picture, told as what there was to see in a place."""

from __future__ import annotations

LOOKS = """
ground:
  [plain-ground figure] Behind {obj} the {plain} looked plain and {g1}, <as g1>.
  [plain-ground figure] There was nothing at all on the {plain} around {obj}, only {g1}, <as g1>.
  [plain-ground figure g2] The {plain} there went from {g1} to {g2} without anybody noticing where.
  [textured-ground figure] The {rough} behind {obj} had a grain that one could have read with one's fingers, {g1},
    <as g1>.
  [textured-ground figure] Time had worked on the {rough} there until there was nothing left but {g1} and a little
    {g2}.
  [textured-ground figure] The {rough} underneath had the {g1} of {g1_like2}, and in the creases something {g2}.
  [divided-ground figure] Two colours had shared the place between them, {g1} on this side and {g2} on that.
  [divided-ground figure] Behind {obj} there was as much {g1} as anyone could want, and then, with a clear edge,
    {g2}.
  [busy-ground figure] So much went on behind {obj} that the eye did not know where to sit down: {g1}, {g2} and
    more.
  [busy-ground figure] All around, {g1} things and {g2} things stood and hung and leaned on each other like old
    friends.
  [no-figure !line-drawing] Everything was {g1} and {g2} there, from edge to edge, and nothing wanted to be in
    front.
  [no-figure !line-drawing] Wherever one looked there was {g1}, and behind the {g1} there was {g2}, <as g2>.
  [no-figure !g2 !line-drawing] Everything there was {g1}, from edge to edge, {g1} as far as one could see, <as g1>.
  [line-drawing] All around was nothing but {g1}, <as g1>, so that every {p1} line could be seen from far away.
  [line-drawing] It was all {g1} there, with a few {p1} strokes in it, as fine as twigs.
as g1:
  the colour of {g1_like2}
  like {g1_like2}
as g2:
  the colour of {g2_like}
  like {g2_like}
colours:
  {H} counted the colours under {his} breath: {colours}.
  “{Colours},” {H} said, as other people say the names of their aunts.
  Whoever had painted that day had used {colours}, and then had washed the brush.
  {Colours}: that was all there was, and it was plenty.
  The colours had made up their minds long ago: {colours}.
  If one shut one's eyes and opened them again, it was still {colours}.
  There was {colours} to be seen, and each of them in its own place.
  It was a {mood} sort of place, in {colours}.
as f1:
  the colour of {f1_like}
  as {f1} as {f1_like}
enter:
  <at>, <size>, <stood> {someT}<pattern>.
  <at> <stood> {someT}<pattern>.
  And <at> <stood> {someT}<pattern>, <stature>.
  [f1] <at> <stood> {someT}, <as f1><pattern>.
at:
  [left upper] high up on the left
  [left lower] low down on the left
  [right upper] high up on the right
  [right lower] low down on the right
  [left !upper !lower] on the left
  [right !upper !lower] on the right
  [upper !left !right] high up
  [lower !left !right] low down near the ground
  [middle] right in the middle
  [middle] in the very middle of it
  [filling] from one edge to the other and from the bottom to the top
  [top-to-bottom] from the ground to the very top
  [side-to-side] from one side right across to the other
  [no-figure] somewhere in all this
  [no-figure] among all the rest
size:
  [large] large enough to hide a horse behind
  [large] so large that one had to step back
  [small] as small as a thimble from where one stood
  [small] not much to look at in all that space
  [!large !small] neither large nor small
stature:
  [large] large and not at all ashamed of it
  [small] small, and quite alone
  [!large !small] as if <it had always been there>
it had always been there:
  it had always been so
  there were no other place in the world
  somebody would be back in a minute
stood:
  [wear|cloth] hung
  [hold|food] lay
  [sit|build] stood
  [ride] waited
  [land] lay
  [sky] hung
  [plant] grew
  [beast] sat
  [person] stood
  [any] {was}
pattern:
  [patterned] , with a pattern in which no two places were the same
  [patterned] , patterned all over
  [!patterned]
also:
  [T3] One could make out {someT2} as well, and {someT3}, if one took the time.
  [T3] {someT2} and {someT3} belonged to it, as they always had.
  [!T3] Not far away there <others were> {someT2}, and the one would not have been the same without the other.
  [!T3] And there <others were> {someT2}, of course, for that was where it had all begun.
others were:
  [!T2-many] was
  [T2-many] were
lines:
  [upright] Posts, stems and door frames stood upright side by side, as if somebody were going to count them.
  [upright] All the lines there went straight up, like people listening to an anthem.
  [level] Line lay upon line, as level as shelves.
  [level] Whatever could lie down lay down there, in long level lines.
  [slanting] Everything slanted a little, the way a tired head does.
  [crossed] Upright lines and level lines crossed each other like the panes of a large window.
  [mirror] The left side and the right side mirrored each other, as if the place had once been folded down the
    middle.
  [detailed] There were a thousand fine small things to look at, and no end of edges.
  [detailed] One could have looked for a week and still found some fine detail that had been there all the time.
  [smooth] Nothing there had a hard edge; it was all as smooth as a pebble.
  [column] It was so narrow and upright that one held one's breath.
  [panorama] It went on and on to both sides, like a sentence told by an aunt.
light:
  [lit-left] It was lighter on the left, <and so>.
  [lit-right] It was lighter on the right, <and so>.
  [lit-top] It was lighter at the top than below, <and so>.
  [lit-bottom] It was lightest low down near the ground, <and so>.
  [lit-middle] In the middle it was lightest, <and so>.
  [lit-border] It was lighter along the edges than in the middle, <and so>.
  [strong-contrast] Light and dark stood in strong contrast there, like two people at opposite ends of a bench.
  [soft-contrast] No shadow was much darker than the next; it was all as soft as an old sleeve.
  [vivid] The colours were so vivid that one lowered one's voice.
  [muted] The colours were muted, like a conversation in the next room.
  [monochrome] All the colours had agreed on a single hue, and kept to it.
  [colourless !line-drawing] There was no colour in it at all, only greys, and every grey had a name.
  [warm] It was all in warm colours, and one wanted to hold one's hands up to them.
  [cool] The colours were cool ones, as if they had been rinsed.
  [night] It was dark, but it was the friendly sort of darkness, with room in it.
  [evening] It was rather dark by now, and the things that were still light made the most of it.
  [morning !line-drawing] It was all so bright that even the dust looked pleased.
  [noon] It was very bright, as bright as the inside of an egg.
and so:
  where the day had left its door open
  as if somebody had set a lamp down there
  and that was where the cat would have sat
hues:
  [p2] <somebody had> a {p1} <trifle>, and beside it a {p2} one.
  [p3] There was a little {p1} in it, a little {p2}, and, if one knew where to look, some {p3}.
  [p1] <somebody had> a {p1} <trifle>, the colour of {p1_like}.
  [p1 !line-drawing] One thing there was {p1}, as {p1} as {p1_like}, and nobody knew what it was for.
  [p2] A bit of {p1} showed here, a bit of {p2} there, <like notes>.
like notes:
  like the notes of a tune
  like guests who have come early
somebody had:
  somebody had left
  somebody had forgotten
  in a corner there was
trifle:
  scarf
  mug
  ribbon
  paper boat
  button
  bucket
  cushion
"""
