"""Errands: stories of things that can be carried: left behind, mended, grown into, chased, given."""

from __future__ import annotations

ERRANDS = """
plot:
  [wear|cloth|hold|food] forgotten
  [wear|cloth] mended
  [wear|cloth|hold] inherited
  [wear|cloth wind] runaway
  [wear|cloth|hold] lodger
  [wear|cloth|hold|food] present

forgotten.need:
  Somebody must have left {theT} behind. {H} asked the baker, the postman and the dog on the steps, and none of them
    knew.
  The trouble was that {theT} {was} not {hers}. {it} had been there since early that day, and nobody had come to
    ask.
  “Whose {is} {theT}?” {H} wondered, and looked for a name on {obj}, and found only a small star.
forgotten.turn:
  So {H} stayed and kept {obj} company. <aside> Then {aK} came out from behind a barrel. It looked at {theT} for a
    long time, and after that it looked at {H}. It said nothing, but it took three steps, turned round and waited.
    {H} picked {obj} up with both hands and followed, past the pump and past the sleeping dogs, to a door with a
    light under it.
  {H} sat down beside {obj} to wait, because somebody had to. <aside> After a while there was {aK}, which held up a
    scrap of paper with a street on it, in very old ink. They went there together, the {K_noun} in front and {H}
    behind, carrying {theT} as one carries something asleep.
  {H} tied a note to {obj}: “Found. Please ask for {H}.” <aside> The first who came was {aK}. It could not read, but
    it knew about things that are left behind, being something of the kind itself. It laid its head against {theT}
    and listened. Then it set off, and {H} behind it with {theT}, through gates that {he} had never noticed before.
forgotten.close:
  {aN}, opened before anybody had knocked. “I have looked everywhere,” said {N}, “except in the right place.” Nobody
    was allowed to go again without {F}, and even {K} got its share.
  The house was that of {aN}. {N} looked at {theT}, and then for a long time out of the window. “I thought I had
    lost the summer that goes with {obj},” {N} said, and began to make {F}.

mended.need:
  In one place {theT} had worn so thin that one could see the light through {obj}. {H} had noticed it long ago and
    had said nothing, so as not to hurt any feelings.
  There was a tear in {theT}, no longer than a finger, and through it came the draught. {H} had brought a needle.
mended.turn:
  [coloured] The needle was threaded on the fourth try. But nothing in the sewing box was {f1} enough; it was all
    white and grey in there. <aside> Then {aK} climbed on to the sill. It reached out, took hold of the last bit of
    light, and pulled. Out came a thread, as long as an arm and {f1} from end to end. It laid the thread into {H}'s
    hand and pretended to look at the weather.
  {H} sewed, with the tongue between the teeth, and the seam went its own way. <aside> When {H} looked up, {aK} was
    holding the other end of the thread, so that it should not tangle. They worked like that until the lamp was lit,
    and neither of them said a word.
mended.close:
  The seam was not straight, but it held. “That is the best part of {obj},” said {aN}, and came closer with the
    spectacles on. Afterwards there was {F}, and {K} had the chair next to the stove.
  “There,” said {H}, and bit off the end. {aN}, ran a thumb along the seam. “Now it can be cold,” said {N}, and gave
    {him} {F}, wrapped in a cloth against the journey.

inherited.need:
  [child] Everybody said that {theT} would be {hers} one day. “When you are big enough,” they said, and nobody ever
    said when that was.
  [child] Once {theT} had belonged to {his} grandmother, who had laughed in every weather. Since then nobody had
    touched {obj}.
  [old] As a child {H} had been promised {theT}, and then everybody had forgotten about it, and {H} had grown old.
  [old] It was {his} sister's once, or rather hers and half the street's, for {theT} had always been lent.
inherited.turn:
  That day {aK} was sitting there as if it had been asked to take care of {obj}. It moved aside politely. {H} put
    out a hand. <aside> And {theT} {was} warm, as though somebody had let go only a minute before. There was a smell
    of cedar and smoke, and underneath lay a note in large round letters: “For a day with weather in it.”
  {H} had only wanted to look. But {aK} came in with the draught, tugged at {theT} and would not stop. So {H} took
    {obj} up at last, just to see. <aside> Holding {theT} was like holding a hand that one had thought was far away.
    Nothing was too large any more and nothing too small.
inherited.close:
  So {H} went out, right into the weather, and {theT} came along. At a window {aN}, thought for one moment that it
    was somebody else, somebody from long ago, and waved with the wooden spoon. They had {F} that day, and told each
    other the same story twice.
  {H} walked once through the whole of {town} like that. {aN}, stood up as the two of them went by. “{It} {was}
    always meant to be used,” said {N}, and it sounded like a blessing, and there was {F} on the table.

runaway.need:
  {H} only let go for a moment, to tie a lace. The wind had been waiting for that.
  “Mind the wind,” everyone had told {him}. {H} minded it as well as {he} could, but the wind was very interested in
    {theT}.
runaway.turn:
  Up went {theT}, over the wall, over the pump, over three gardens, with {H} running below. <aside> Where the road
    ends {H} had no breath left. But there sat {aK}, and it had put one foot on {theT}, quite lightly, as one keeps
    a place in a book. It did not want anything for it. It only pointed up the path, where a window stood open.
  First {it} rolled, then {it} flew, and the wind laughed through the fence. {H} ran after {obj} down to the water
    and up again on the other side. <aside> In the end {aK} stopped the chase by yawning: the wind, which had never
    seen such a yawn, forgot what it was doing and let {theT} sink into the grass.
runaway.close:
  That was how {H} came to meet {aN}. “It always brings me something on days like this,” said {N}, “but never yet
    somebody to eat with.” There was {F}, and the wind had to wait outside.
  {aN}, had seen it all from the gate. “You run well,” said {N}. “Sit down.” They ate {F}, with {theT} safe on a
    chair between them, and {H} was shown a knot that no wind can read.

lodger.need:
  Something was living in {theT}. {H} could hear it breathe.
  When {H} came nearer, {theT} gave a very small cough.
lodger.turn:
  {he} lifted {obj} a little, with one finger. There sat {aK}, wide awake, with its arms around its knees, or what
    it had for knees. “I beg your pardon,” {H} whispered and let {theT} down again. <aside> From then on {he} came
    each day and put something beside {obj}: a thimble of tea, half a biscuit, a button to look at. In the mornings
    they were gone.
  {aK} had moved in there when the weather turned; there was no doubt about it. {H} told nobody. <aside> {he} made a
    curtain out of a handkerchief and hung it up, so that the draught should stay outside, and walked on tiptoe
    whenever {he} came near.
  “Do not mind me,” said {H}, and sat down at some distance with {his} back turned. <aside> It took the whole of an
    hour. Then {aK} put out first one foot and then the other. It had come in from the weather, one could see that,
    and had meant to stay for one night only. {H} pushed half of a sandwich across the floor. It pushed back the
    crust.
lodger.close:
  One day {theT} {was} empty and swept. In the place of the lodger lay a seed, round and striped. {aN}, knew what
    kind it was: “The kind that says thank you,” said {N}, and fetched a pot, and made {F}.
  On the first mild day it came out, stretched, bowed to {H} and walked off along the wall. {aN}, saw it go by and
    thought nothing of it. But under {theT} the place stayed warm all year, and {H} and {N} liked to sit there with
    {F}.

present.need:
  {H} had found {theT} for {aN}, and today was the day. But how does one carry a present without anybody seeing it?
  The whole winter {H} had saved up for {theT}. It was to be a present for {aN}.
present.turn:
  Half way there the courage ran out, as water does out of a shoe. {H} sat down on a step and held {theT} in {his}
    lap. <aside> Then {aK} came by and sat down as well. It had a present under one arm, too, wrapped in a leaf, and
    did not dare either. They looked at each other. They got up at the same moment.
  {H} had gone round the block three times. <aside> The fourth time {aK} was waiting at the corner; it straightened
    {theT} a little, breathed on {obj}, polished, and gave {H} a push in the back, no harder than a cat's.
  But what does one say? {H} tried it out on the pump, and on a dog, and on {aK}, which happened to be there.
    <aside> The pump dripped, the dog yawned. {K} thought for a while, took {theT} very carefully in both arms, held
    {obj} out, and bowed. So that was how it was done. {H} practised it twice more.
present.close:
  {N} did not say anything at first, and {H} looked at {his} shoes. Then {N} held {theT} up to the light. “How did
    you know?” And there was {F} for everybody, and a second helping of it for {K}.
  The door opened before the bell had finished. “For me?” said {N}, and sat down in the hall, just like that. They
    found room for {theT} in the best place in the house, and after that they ate {F}, as much as they could.
"""
