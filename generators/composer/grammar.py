"""Grammar: words that say how many there are and where, and words that name nothing to be drawn."""

from __future__ import annotations


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMBERS = {
    1: "one single lone lonely",
    2: "two pair couple twin both",
    3: "three trio few some",
    4: "four several row group fleet pack",
    5: "five herd bunch",
    6: "six many rows flock lots numerous shoal school",
    7: "seven swarm",
    8: "eight",
    9: "nine hundreds thousands countless",
    10: "ten",
    12: "dozen",
}
NUMBERS = {word: number for number, words in _NUMBERS.items() for word in words.split()}

# what is between two figures says how they stand
_RELATIONS = {
    "front": "in front of, at the foot of, before",
    "on": "on top of, sitting on, standing on, perched on, sits on, asleep on, atop, upon, crossing, across, on",
    "beside": "next to, beside, alongside, by the side of, near, along, by",
    "behind": "behind, against, beyond",
    "over": "above, over, circling, flying around",
    "under": "underneath, beneath, under, below",
    "holds": "holding, carrying, wielding, reading",
    "with": "with",
    "rides": "riding",
    "in": "inside, in",
}
RELATIONS = tuple((words, name) for name, told in _RELATIONS.items() for words in told.split(", "))
SIDES = ("left", "right")
NOT = ("no", "without", "not", "never", "nor")
AS = ("like", "resembling")
VERBS_AFTER = word_set("to i you he she it they we who could can will would should must may might cannot not")
# words that mean a figure or do something; after VERBS_AFTER they do
AMBIGUOUS = word_set(
    "bear ship train bridge book rose fly watch duck park hunter star rock wave sail crown dress light key arch camp "
    "table chair clock fence wall island well guard figure machine ash stone keep hound ram column station"
)

FUNCTION = word_set(
    "together next away back down well almost always often later soon then perhaps maybe indeed however although "
    "though because since until whether else instead a an the this that these those its his her their our my your and "
    "or but nor so yet if than as at by for from in into of off on onto out over per through throughout to toward "
    "towards under up upon via with within without is are was were be been being am do does did has have had having "
    "will would shall should can could may might must not no never i you he she it we they me him us them who whom "
    "whose which what when where why how there here very too also just only even still again ever once more most much "
    "less least some any all each every both few many several other another such own same one two three four five six "
    "seven eight nine ten dozen while during after before behind above below beneath between among across around "
    "along near beside besides against about like inside outside"
)

# of pictures and how they are made, of qualities, times, measures, and what has no outline
FILLER = word_set(
    "roof roofs door doors chimney sky skies horizon ground floor walls facade spire spires columns tiers balcony "
    "deck mast hair eyes face faces hand hands head arms legs tail wings feathers petals leaf hull wheel wheels "
    "surface body paint paints oils neon noir blueprint cyanotype schematic polygon polygons triangle triangles facet "
    "facets foil lacquer chevron zigzag sunburst rays aquarelle tempera mosaic fresco collage graffiti doodle pixel "
    "pixels vector clipart sticker logo icon monochrome silhouette silhouettes grain film noise vignette reflection "
    "reflections contrast saturation hologram renders stylised stylized engravings prints woodcuts illustrations "
    "drawings photos images pictures sketches impasto palette_knife knife bristle art artwork painting paintings "
    "picture image photo photograph photography illustration drawing sketch render rendering portrait landscape "
    "cityscape seascape scene scenery view background foreground backdrop composition closeup shot style styles "
    "watercolour watercolor oil acrylic gouache ink pencil charcoal pastel woodcut woodblock print engraving etching "
    "lithograph poster postcard wallpaper cover comic cartoon anime manga concept digital matte cg cgi octane unreal "
    "engine blender vray raytracing artstation deviantart pinterest instagram trending featured award winning "
    "masterpiece quality resolution hd uhd hdr k detail details detailed intricate realistic photorealistic "
    "hyperrealistic hyperrealism realism surrealism impressionism expressionism cubism baroque renaissance rococo "
    "minimalism minimalist steampunk cyberpunk synthwave vaporwave deco nouveau fantasy epic cinematic dramatic "
    "lighting light lights shadow shadows glow glowing volumetric ambient studio sharp focus bokeh depth field lens "
    "camera angle perspective wide ultra super highly extremely beautiful stunning gorgeous amazing magnificent "
    "majestic breathtaking pretty lovely cute nice old ancient new young little small tiny big large huge giant great "
    "tall short long high low deep dark bright pale soft warm cool cold hot wet dry vibrant vivid colourful colorful "
    "colour color colours colors palette tone tones hue hues texture textures brush stroke strokes brushstroke "
    "brushstrokes thick swirling canvas paper watercolours masterful professional famous iconic historic historical "
    "medieval modern futuristic vintage retro classic classical traditional mysterious magical mystical enchanted "
    "peaceful calm quiet serene tranquil cozy cosy lonely happy sad angry atmospheric atmosphere mood moody inspired "
    "influenced way time times day days year years hour hours minute minutes moment morning noon afternoon evening "
    "today yesterday tomorrow century centuries age ages season middle center centre side sides part parts front back "
    "top bottom left right end edge edges distance far foot lot lots bit pair group number kind sort type piece "
    "pieces name names thing things something nothing anything everything place places world land earth life story "
    "stories tale upon north south east west air wind weather heat warmth silence sound smell beauty power glory "
    "symbol history legend heart_of views sight sights visit visitors visitor example fact facts question answer "
    "passage text rome paris london italy france england japan china india egypt greece spain germany russia america "
    "american roman greek egyptian japanese chinese french italian english british european asian ukiyo ghibli "
    "hokusai monet gogh poly van vincent shape shapes line lines form forms architecture architectural design designs "
    "structure structures material materials marble brick wooden wood golden gold silver iron steel glass height "
    "heights width metres meters feet miles kilometres kilometers km m cm size blue red green yellow orange purple "
    "pink black white grey gray brown"
)
VERBS = word_set(
    "stand stands stood sit sits sat rise rises rose rising look looks looked lie lies lay live lives lived meet "
    "meets met see sees saw go goes went come comes came make makes made take takes took give gives gave find finds "
    "found know knows knew think thinks thought say says said tell tells told ask asks asked feel feels felt become "
    "becomes became leave leaves left put puts keep keeps kept let lets begin begins began seem seems help helps show "
    "shows shown turn turns start starts run runs ran move moves like likes love loves believe hold holds held bring "
    "brings brought happen happens write writes wrote provide serve serves set sets pay include includes continue "
    "continues learn change changes lead leads led understand watch watches follow follows stop stops speak speaks "
    "spoke read reads spend grow grows grew open opens walk walks win wins wait waits die dies send sends sent build "
    "builds built stay stays fall falls fell cut cuts reach reaches kill pass passes sell sells use uses want wants "
    "need needs try tries call calls work works play plays fly flies flew swim swims swam jump jumps sleep sleeps "
    "slept eat eats ate drink drinks drank sing sings sang dance dances shine shines shone glow glows burn burns "
    "overlook overlooks dominate dominates cross crosses covers cover surround surrounds attract attracts draw draws "
    "drew drive drives drove ride rides rode throw throws threw catch catches caught wear wears wore carry carries "
    "climb climbs guards sails sparkle sparkles drift drifts float floats hang hangs hung spread spreads stretch "
    "stretches"
)
ENDINGS = ("ly", "ing", "ed", "ous", "ful", "ish", "ive", "able", "ible", "less", "ical", "est", "esque", "ern")
# one of these between "in the style" and a comma is a name, not a thing
STYLE_OF = _phrases(
    "in the style of, in style of, inspired by, in the manner of, in the way of, art by, painting by, by artist"
)
# read before anything else: what looks like a figure and is none
PHRASES = _phrases(
    "book illustration, book illustrations, picture book, story book, storybook, book cover, children's book, "
    "childrens book, bird's eye view, birds eye view, bird's-eye, fish-eye, fisheye, worm's eye, eye level, rule of "
    "thirds, depth of field, high definition, movie poster, comic book, colouring book, coloring book, concept art, "
    "key art, star wars, close up, house style, line art, made of stone, of stone, in stone, rocky mountains, oil "
    "on canvas, dutch master, old master, from behind, from above, from below, once upon a time, at the heart of, "
    "heart of, bear in mind, at sea level, table of contents, in ruins, lay in ruins, in bloom"
)
