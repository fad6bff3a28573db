"""Vigils: stories of what stays where it is: it hums, gives shelter, is swept, wants to go once more, grows."""

from __future__ import annotations

VIGILS = """
plot:
  [sit|build|ride|hold] humming
  [build|ride rain|snow|wind|cloud] shelter
  [build|sit|ride|land] swept
  [ride] journey
  [plant] watered
  [sit|ride|build] waiting

humming.need:
  Every day at this hour {theT} made a sound. The others said it was <weather noun>. {H} did not think so.
  If one put an ear to {theT}, there was a tune inside, and the last note was missing.
humming.turn:
  {H} came back with a cushion, sat down close by and shut {his} eyes. <aside> The tune was a slow one, four notes
    up and three notes down, and then it stopped as if it had forgotten its name. Behind {theT} something moved:
    {aK}. It had been listening, too, for years perhaps, and it held its head to one side. Then {H} took a breath
    and hummed what was missing.
  {he} knocked twice, as one does with neighbours. Something knocked back. It was {aK}, which had got in to look for
    a note that had rolled under something. <aside> They looked for the note together, lying on their stomachs. The
    note was behind the last board, dusty and quite unharmed, and {H} blew on it and put it back.
  {H} wrote the tune down on the back of {his} hand and took it home, and there it was still wrong. <aside> That
    night {aK} sat at the foot of the bed. It had come about the tune. It hummed it, too low at first, and then it
    showed with one finger, high up in the air, where the last note had to be. They went straight back, in slippers.
humming.close:
  For a moment {theT} said nothing. Then {it} hummed it all from the beginning, with the end, and all over {town}
    people stopped with a spoon in the air. {aN}, came over with {F} to ask who was getting married.
  Now the tune was whole. {aN}, knew it. “My mother sang that over the dough,” said {N}, and sang along, not very
    well, and there was {F} for everyone who could do the second voice.

shelter.need:
  The weather had been talking for hours about what it was going to do. Now it did it. {H} ran.
  There was no time to get home. {H} held the basket over {his} head and made for {theT}.
shelter.turn:
  Somebody was there already, and it was {aK}. It moved over. Then came the postman, dripping, and two sisters who
    had not spoken since the fair, and a dog. <aside> Nobody knew what to say. So {H} opened the basket and took out
    what was in it and broke it into as many pieces as there were mouths, and {K} handed them round.
  It was dry there, and it smelled of rope and apples. In the corner {aK} had made a light, the smallest that one
    could still read by. <aside> One after the other came in: a woman with a cello, a boy with a jar, a hen. They
    told each other where they had been going, and it turned out that none of it was urgent.
shelter.close:
  When it was over, nobody got up at once. {N}, who had come last, <neighbour said>. From then on they met there
    whenever the weather was bad, and some of them began to look forward to it. There was always {F}.
  “It has stopped,” somebody said in the end, and it sounded like a pity. {aN}, shook out the blankets. {H} was the
    last to leave; {he} patted {theT} as one pats a good horse, and took what was left of the {F} home for the
    morning.
neighbour said:
  said that one ought to do this more often
  counted them all and found them all there
  took the hen under one arm and the jar under the other

swept.need:
  Nobody came to {theT} any more. Leaves had blown into all the corners, and somebody had written a sum on the side.
  {theT} had a forgotten look that day, like a letter behind a cupboard. {H} could not bear it, and went to fetch a
    broom.
swept.turn:
  {he} swept the front and the back and what was in between, and {he} did the corners with {his} fingers. <aside>
    Under the last of the leaves sat {aK}, blinking. It had thought that the world was over. “It is only Tuesday,”
    said {H}. It took that in. Then it rolled up its sleeves, or would have if it had worn any, and began to polish.
  The first hour was only dust. In the second hour a colour came up under the cloth. <aside> In the third hour there
    was {aK} on the other side, rubbing towards {him} in small circles, until their two cloths met, and both of them
    said, or meant to say, good day.
swept.close:
  {aN}, was the first to come by. “I had forgotten that we had {obj},” said {N}, and stayed. By the evening there
    were seven of them, and there was {F}, and somebody had brought an accordion.
  In the evening the light found the way to {obj} again, all by itself. {aN}, brought a chair, and later {F}, and
    {K} sat between the two of them like a guest of honour.

journey.need:
  {theT} had not gone anywhere for years. But on some days, {H} had noticed, {it} leaned a little towards the road.
  “Once more,” {H} said, and laid a hand on {obj}. “Not far. Only to where one can see the other side.”
journey.turn:
  It needed oil, and patience, and a part that was not made any longer. <aside> On the third day {aK} brought that
    part, or one that was very like it, and stood about until it was asked to hold the lamp. When they were done,
    nothing happened. Then something happened: a shiver, a cough, and {theT} moved, no more than a hand's breadth,
    but forwards.
  They left before anybody was up, {H} in front and {aK} behind, as ballast. <aside> They went so slowly that a
    snail could have kept up, and one did. But they went. {town} grew smaller and kinder, as places do when one
    looks back.
journey.close:
  At the first bend {aN}, stood by the road with a parcel. “I thought you would come past one day,” said {N}. In it
    was {F}, enough for three, and they ate it with their legs hanging over the edge, and {theT} cooled down beside
    them, ticking.
  They did not get far. But {aN}, had heard them coming, and came out and waved with both arms, as one waves to
    something large. They turned round there, after {F}, and {theT} sang all the way back.

watered.need:
  It had not been a good year for what grows. {H} carried the water up each day, one can in the morning and one at
    night, and talked while it sank in.
  Nobody had planted {theT}. {It} had come by {itself}, in the worst place of all, and {H} admired that.
watered.turn:
  Then {H} fell ill, for one week, and lay and counted the cans that were missing. <aside> But when {he} could go
    out again, the earth was dark and wet. Behind {theT} stood {aK}, with the can, which was a good deal too heavy
    for it, and looked as if it had been caught. “Not so much at a time,” said {H}, when {he} could speak. “But yes.
    Just so.”
  One evening {aK} stood there, reading the leaves like a newspaper. It shook its head. Then it went off and came
    back, and off and back, each time with one drop on a spoon. <aside> {H} fetched a second spoon. There was a good
    deal of time to think, and it was used.
watered.close:
  {aN}, stopped on the way home and did not go on. “Was that always there?” asked {N}. “No,” said {H}, “only
    nearly.” They sat down in what little shade there was, and had {F}, and said no more.
  In the end it was more than anybody could have carried home. {aN}, got the first of it, in a jar, and {K} the
    second, behind the ear. For all the others there was {F}, under the open sky.

waiting.need:
  {theT} {was} waiting for somebody. One could see that by the way {it} looked down the road.
  “Does anybody come here?” {H} asked. Nobody answered, but it did sound as if {theT} had sighed.
waiting.turn:
  So {H} waited, too, because it is easier when there are two. <aside> They waited through the afternoon bell and
    through the milk cart. Then {aK} came along, sat down on the other side and waited as well, though it can hardly
    have known for whom. It was not a sad sort of waiting any more. It was almost a party.
  {H} brought bread and a book and read aloud, with voices. <aside> Soon {aK} was sitting there, too. At the place
    where the bear comes in there were three who listened: {theT}, {K}, and a stranger with a suitcase who had only
    meant to ask the way and had put the suitcase down.
waiting.close:
  And late that day {aN}, came up the road after all, out of breath, with both arms full. “Am I very late?” {N}
    asked. “No,” said {H}, “just in time.” In the parcels there was {F}, still warm.
  The one for whom it had all been was {aN}. One knew it at once by the way the whole place stood up straight. There
    was {F}, and {K} was given the window seat.
"""
