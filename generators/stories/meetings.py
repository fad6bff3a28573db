"""Meetings: stories of animals and people who come by, and of what is looked at: told, faded, painted, visited."""

from __future__ import annotations

MEETINGS = """
plot:
  [beast|person] guest
  [beast|person] astray
  [beast|person] bench
  [!beast !person] told
  [!beast !person coloured] faded
  [!person] painted
  [land|sky|any] promise

guest.need:
  Nobody had invited {theT}. But there {it_was}, with the weather all over {obj}, and {H} moved the chair nearer to
    the stove.
  {H} did not ask where {theT} had come from. One does not, in {town}; one asks whether there has been any supper.
guest.turn:
  At first {theT} would not come closer than the door. So {H} left it open and went on with what {he} was doing.
    <aside> Under the table {aK} made a place in its own blanket and patted it, twice. That was the moment. Step by
    step {theT} came in, past the bucket, past the broom, into the warm, and the whole house breathed out.
  {H} put a plate down and looked the other way, which is how one does it. <aside> When {he} looked again, the plate
    was empty, and {aK} was sitting beside {theT} as if they had been to school together. Somebody had even wiped
    the floor.
guest.close:
  In the morning {theT} had gone, and on the step lay three walnuts and a feather. {aN}, laughed. “Then {it} will be
    back,” said {N}. “That is how {it} pays in advance.” They made {F}, and a little too much of it, just in case.
  {theT} stayed for three days or for thirty years, depending on who told it. {aN}, came over to have a look, with
    {F}, and after that there were always more cups on the table than people.

astray.need:
  {theT} had lost the way. One could tell, for nobody who knew the way would have looked at the same signpost four
    times.
  {H} saw at once that {theT} did not belong there, and that the road home must be a long one.
astray.turn:
  {H} lit the lantern, although it was not really necessary; a lantern is company. They set out together. <aside> At
    the crossroads neither of them knew. But there sat {aK}, and it got up without being asked and went ahead, and
    where it went the grass lay down to make a path, and got up again behind them.
  “Come,” said {H}, and for a while it was only their steps, the quick ones and the slow ones. <aside> Where the
    bridge had been there was no bridge. There was {aK}, however, up to its middle in the stream, and it made a very
    good stepping-stone, and looked straight ahead, so that nobody need feel embarrassed.
astray.close:
  At the last gate stood {aN}, with a lamp held high. “I have been calling for {obj} since the bell,” said {N}. Then
    there was {F} at a large table, and {H} slept on the bench by the wall and was not woken up.
  The house that they were looking for was that of {aN}, and it had been quite near all the time. “It is always
    nearer when there are two of you,” said {N}, and served {F}, and hung up the lantern for the next one.

bench.need:
  Every day {theT} was in the same place, and every day {H} sat down beside {obj}. They had never spoken. It had not
    been necessary.
  “Is this seat taken?” {H} had asked, years ago, and {theT} had moved over a little. It was the whole of their
    acquaintance.
bench.turn:
  That day the place was empty. {H} sat down all the same. <aside> {he} looked to the left, and {he} looked to the
    right. Under the seat, with its back to {him}, was {aK}, and it, too, was looking. They went to ask, {H} at the
    doors in front and {K} at the holes behind. And there, round the corner, in the sun, {it_was}: somebody had only
    moved the bench.
  That day {H} had brought something along, in a paper bag, and put it down just half way between the two of them.
    <aside> For a long time nothing happened. Then {aK} came out of the hedge, took the bag, divided what was in it
    into three and went back. After that it would have been impolite not to smile.
bench.close:
  {aN}, saw the three of them from the window and laid three more places. “There is {F},” {N} called, “and there are
    steps, but they are not many.” They took them one by one.
  From then on they said good day. It was not much; but a match is not much either, and it is enough for a stove.
    {aN}, brought {F} out to them when it grew cold.

told.need:
  {aN}, could not see so well any more, and asked {H} each day what there was. {H} had promised to look properly.
  Upstairs lay {aN}, with a cold and a hot-water bottle. “Go and look for me,” {N} had said, “and then come and tell
    me.”
told.turn:
  “Well?” said {N}. {H} took a breath. “<shape told>,” {he} said. “It is {g1} all around, <as g1>. <told of T>” {N}
    nodded slowly. <aside> On the sill {aK} had put down what it was carrying, in order not to miss anything. “And
    what else?” “<told of hues>,” said {H}, and noticed only now, in the telling, how much there had been.
  Going back, {H} said it over and over, so as not to spill anything: <told list>. <aside> On the stairs {aK} came
    the other way and made room on the step, and listened, too. “It is {g1},” {H} said to {N} at last, “{g1}, <as
    g1>. <told of T> Do you see it?” {N} held up a hand, and nobody breathed. “Wait,” said {N}. “It is coming.”
told.close:
  “Now I see it,” said {N}, with closed eyes, and it was true. They had {F}, and {K} got what was left in the pan.
  {N} was quiet for a while. “You left out the smell,” said {N} then, and told {him} about that, for it had not
    changed in sixty years. It was a long story, and it took a great deal of {F}.
told list:
  {colours}
  first {g1} and then all the rest
shape told:
  [tall] It is taller than it is wide
  [column] It is very narrow and goes up and up
  [wide] It is wide, wider than it is high
  [panorama] It goes on to both sides for ever
  [square] It is just as wide as it is high
told of T:
  [coloured middle] And in the middle there is {colour}, where {theT} {is}.
  [coloured left] And on the left there is {colour}, where {theT} {is}.
  [coloured right] And on the right there is {colour}, where {theT} {is}.
  [coloured !middle !left !right] And {theT} {is} {colour}, as far as one can see.
  [!coloured g2] And behind that it goes over into {g2}, and somewhere there {is} {theT}.
  [!coloured !g2] And somewhere there {is} {theT}.
told of hues:
  [p2] A little {p1}. And a little {p2}
  [p1] A little {p1}, about as much as a spoonful
  [!p1] A great deal of room

faded.need:
  One day the {f1} had gone out of {theT}. {it_was} still there, but as pale as an old receipt, and all {town}
    talked in a low voice.
  It was {H} who noticed that {theT} had less {f1} than the day before. Somebody must be taking it away, a little at
    a time.
faded.turn:
  On the ground there were drops of it, {f1}, one every three steps. {H} followed them. <aside> The drops led
    through a gap in the hedge and down to the stream, and there sat {aK}, with a brush made of its own hair, and
    painted. It was painting an egg, which had fallen out of its nest and had lost its colour with the fright. {H}
    sat down and waited until it was done.
  That night {H} stayed up, under a blanket. Towards morning {aK} came along with a jug, as quiet as butter, and
    began to ladle. <aside> “Do you need it badly?” asked {H}. It nodded. In the hollow tree lay a small cousin of
    the sun, with a cold, and it had not shone for a week. “Then take what you need,” said {H}.
faded.close:
  The next day the {f1} was back, and there was more of it than before: it had been returned with interest. {aN},
    shaded both eyes. “That will last us for the winter,” said {N}, and they had {F} outside, in the light of it.
  A week later it was all there again, {f1} to the last corner, and so well rinsed that one could not help smiling.
    {aN}, only said: “Ah.” And then: “Is there {F}?” There was.

painted.need:
  {H} wanted to send a picture of {theT} to {aN}. There was paper, there was water, there was even time.
  {H} had <a tool> along that day, and meant to take {theT} home on a piece of paper, for {aN}.
painted.turn:
  [coloured !line-drawing] The {g1} was easy; the {g1} was almost there before one began. But for {theT} {he} needed
    {f1}, and the tube of {f1} had been empty since the summer. <aside> Then {aK} looked over {his} arm. It went
    away and came back with its cheeks full, and let it all drop on the plate: crushed berries, brick dust, a bit of
    evening, who knows. {H} stirred it with {his} finger. It was just the right {f1}.
  The first sheet got wet and the second one blew away. <aside> On the third {H} drew slowly, with the tip of the
    tongue between the teeth, the long lines first and then the short ones. Something breathed beside {him}. {aK}
    had sat down as a model, a little in front of {theT}, with its chin raised. So {H} put it in as well.
  There was no table far and wide, but there was {aK}, which stood still and let the sheet be leaned against its back,
    and did not laugh once, although it must have tickled. <aside> It took until the shadows had gone round to the other
    side. When it was done, there was {g1} on both of them, up to the ears.
painted.close:
  {N} hung the picture over the table, where one looks up from {F}. On some days, {N} wrote, something in it seemed
    to have moved: a small thing, near the edge, with its chin raised.
  “It is just like that,” {N} said, and held it away, and held it close. “It is exactly like that, and I have never
    been there.” They looked at it over {F}, and for a while after.
a tool:
  [line-drawing] pen and ink
  [painting] brush and colours
  [photograph] a box of crayons
  [picture] a soft pencil

promise.need:
  Long ago {H} had promised to come back to {theT}. {he} had been busy since. But a promise is patient.
  “Once a year somebody has to say good day to {theT},” people in {town} said, and this time it was {H}.
promise.turn:
  {he} did not quite know how one begins. So {H} just stood there, with {his} hat in {his} hand. <aside> After some
    time {he} was not alone: {aK} stood there too, in the same way. It bowed. {H} bowed. And something that was
    larger than both of them, or perhaps only <weather noun>, seemed to lean down and listen.
  On the way {he} met {aK}, and as they were going in the same direction, they went together. <aside> {K} carried a
    lamp though nothing was dark, and put it down when they had arrived, and so {H} put down what {he} had brought:
    a bun, a chestnut and a ticket for a train that no longer ran.
promise.close:
  “And?” asked {aN}, when {H} was back. “It remembered me,” said {H}. {N} thought that quite likely and gave {him}
    {F}.
  {aN}, had kept the {F} warm. “You have been a long time,” said {N}. “It had a lot to tell,” said {H}, and for once
    that was no excuse.
"""
