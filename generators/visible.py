"""Visible: words for what can be seen, and how much of a text is made of them.

What people can see, touch and picture is called concrete (Paivio, Yuille & Madigan 1968; Brysbaert et al. 2014 rated
40,000 words for it). These lists are our own: colours, materials, shapes, light, things and places, as they are said of
buildings, landscapes, people and things. A text that names none of them cannot be painted.
"""

from __future__ import annotations

import re

from core.colours import colour_words

COLOUR, MATERIAL = 0.95, 0.9  # the weights of light and colour, and of materials
_WORDS = {
    COLOUR: (  # light and colour
        "amber ash auburn beige black blond blonde bright brightness brilliant bronzed brown candlelight colour"
        " coloured colourful crystalline dappled dark darkness dazzling dim dull ebony electric fiery flaming"
        " fluorescent gilded gilt glare gleam gleaming glimmer glint glitter glittering glossy glow glowing golden"
        " greenish haze hazy honey iridescent lamplight light lights lit lucent luminous misty monochrome"
        " moonlight murky neon ochre opal pale pastel pearl pearly pitch polychrome radiance radiant rays red"
        " reddish reflected reflection ruby rusty saffron sapphire shade shaded shadow shadowy shaft shimmering"
        " shining shiny shone silhouette silver silvery smoky snowy sparkle sparkling spotlight starlight striped"
        " sunbeam sunlight sunlit tawny tinted topaz translucent transparent vivid white whitewashed yellowish"
        " peach apricot turquoise violet mauve crimson scarlet emerald pewter"
    ),
    MATERIAL: (  # materials and textures
        "adobe alabaster bamboo basalt bone brass brick bronze canvas cardboard carved cast cement ceramic clay"
        " cloth coal cobbled cobbles concrete copper coral cotton cracked crumbling crystal earth earthen"
        " earthenware enamel engraved fabric feather flagstone flint fluffy foam fur furry glass glazed gold"
        " granite gravel grooved horn ice icicle inlaid iron ivory jade jasper jagged lace lacquer lapis laterite"
        " latticed lattice lead leather lichen limestone linen marble masonry metal moss mossy mosaic"
        " mother-of-pearl mud oak painted paper papered paved pebble pebbles plank plaster plastered plastic"
        " polished porcelain porphyry ribbed rock rocky rope rough rubble rugged sand sandstone satin shingle silk"
        " slab slate smooth soapstone soil steel stone stones stucco straw terracotta thatch tile tiled timber tin"
        " travertine tuff veined velvet veneer weathered wicker wood wooden wool woollen woven wrought zinc"
    ),
    0.85: (  # shapes and sizes
        "angular arch arched arching bent blunt broad broken bulbous chevron circle circular cluster coil column"
        " cone conical crater cross crossed crown cube cup curl curve curved curving cylinder cylindrical deep"
        " diamond disc dome domed edge ellipse enormous fan flat fluted folded forked giant gigantic grid heap"
        " high hollow horizontal huge immense large lofty long low massive maze mirrored monumental narrow needle"
        " octagon octagonal open oval peak pear pierced pile pillar pointed pyramid pyramidal ragged rectangular"
        " ring ringed rounded round row rows shaped sharp shallow shell slanted slanting slender slim slit slope"
        " sloping spherical sphere spike spindle spiral spire square stacked star steep stepped strip sweeping"
        " symmetrical tall tangled tapered tapering thin tier tiers tilted tiny toothed towering trapezoid"
        " triangle triangular twisted upturned vast vertical wavy wedge wheel wide winding zigzag sail sails spine"
        " ladder veil"
    ),
    0.8: (  # things that are seen
        "altar amphitheatre angel animal antenna apse arcade archway arena armour arrow attic awning balcony"
        " balloon balustrade banner bark barge barn barrel base basilica basin basket battlement bay beam bear"
        " beard bed bell belfry bench bicycle bird blossom blossoms board boat book bottle bough bowl box bracket"
        " branch bridge building bush butterfly buttress cabin cable calligraphy candle canopy cap capital car"
        " cargo carp carpet cart castle cat cathedral ceiling chain chair chamber chandelier chapel chest chimera"
        " chimney church city clock cloud clouds coat cobweb colonnade corner cornice corridor cottage counter"
        " courtyard cow crane crest crowd cupola curtain dancer deck deer desk dog doll door doorway dove dragon"
        " drawbridge dress eagle eave eaves eye face facade falcon fan feather fence fern fields figure finger"
        " finial fir fire fireplace fish flag flame flight floor floodlight flower flowers foliage fort fortress"
        " forum fountain frame fresco frieze front fruit gable gallery gargoyle gate gateway gem girder glacier"
        " goat god gondola grass gull gulls hair half-dome hall hand harbour hat head hearth hedge heron hill"
        " hills hood horse horses house houses hut inscription insects jetty jewel keep kettle keyhole kimono king"
        " kings kiosk kite knife knight lamp lamps lane lantern lanterns lawn leaf leaves ledge lighthouse lily"
        " lion llama llamas loophole lotus machine mask mast medallion meadow mill minaret mirror moat monastery"
        " monkey monkeys monk moon mosque motor mountain mountains mouth mural nave nest net niche obelisk onion"
        " orchard orchid organ ornament owl ox pagoda palace palm palms panel parapet park path pavement pavilion"
        " peacock pedestal petals petal pier pigeon pine pines pinnacle pipe piano plate platform plaza plume pond"
        " pool poppy porch portal portico post pot prow pumpkin quay raft rail railing railway rainbow ram rampart"
        " reed reeds ribbon ridge ridges road robe roof rooftop roofs rooftops room rose roses ruin ruins rust"
        " saint saints scaffold scale screen sculpture seat seats serpent shawl shed shield shields ship shirt"
        " shoe shop shore shrine sign skeleton skirt sky skyline skyscraper smoke snow spark sparks spear spray"
        " square stair staircase stairs stairway stairways stalls star statue statues stem step steps storey"
        " storeys stove stream street stripe suit sun sword table tail tank tapestry teeth temple tent terrace"
        " terraces tomb torch tower towers town train tram tree trees trellis triangle triumphal trunk trunks"
        " tunnel turret umbrella uniform vase vault vaults vehicle veranda village vine vines wagon wall walls"
        " watchtower water waterfall weather wheel whiskers window windows wing wings wire woman yard carving"
        " carvings boulder boulders arches tracery girl boy man child cypress cypresses maple pinewood canal tub"
        " silk steamer nets apple apron autumn beak bee beech berry birch boot bouquet bread breath bull cake"
        " camel cedar cheek cherry chestnut chicken cheese coast collar cradle crow cushion daisy drum duck"
        " elephant elm fox frog gloves goose grape grapes hare hen herd ivy jug kitten lamb lemon mane mare moth"
        " mushroom needle oak orange oven parrot paw pear pen piglet pillow plough plum puppy rabbit rat raven"
        " robin rooster sack salmon scarf seagull seal sheep sleeve snail snake sofa spider squirrel stag stork"
        " swan swing tea teapot tiger toad tractor tray trout trousers tulip turban turtle violin wheat whale"
        " willow wolf wreath zebra cupboard cupboards shelf shelves planet rocket satellite spaceship robot"
        " trumpet mole earring necklace bracelet crowned veil skin lips eyes knees shoulders fur loaf wine goblet"
    ),
    0.7: (  # places, weather, what grows
        "autumn bank beach blue-white blizzard cape cave cliff cliffs coast coastline copse countryside desert"
        " downpour dune dunes fen field fog foggy foothill forest forested frost garden gardens glade gorge gorges"
        " grove heath horizon iceberg island islands jungle lagoon lake landscape marsh mist moor oasis ocean"
        " plain plains prairie rain rainy reef river riverbank sandbank savannah sea seashore shoreline storm"
        " stormy summit sunset sunrise surf swamp thunderstorm tide tropical valley valleys vineyard volcano wave"
        " waves wetland wilderness wood woods ripples peaks dawn dusk evening morning night noon twilight winter"
        " spring summer skyline"
    ),
    0.3: (  # where things are, and how they look on the whole
        "above across against along among around before behind below beneath beside between front high inside"
        " outside over overhead scattered surrounded surrounding towards under underneath upon"
    ),
}
_WEIGHTS = {word: weight for weight, words in reversed(_WORDS.items()) for word in words.split()}
_WEIGHTS |= dict.fromkeys(colour_words(), COLOUR)
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
FEW = 4  # words that are added to a text's own, so that a single visible word is no picture


def listed(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, those with hyphens whole."""
    return _TOKEN.findall(text.lower())


def weight_of(word: str) -> float:
    """How much a word in small letters shows, 0..1; a plural and a compound as much as what they are made of."""
    if word in _WEIGHTS:
        return _WEIGHTS[word]
    for ending, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(ending) and word[: -len(ending)] + instead in _WEIGHTS:
            return _WEIGHTS[word[: -len(ending)] + instead]
    if "-" in word:
        return max(map(weight_of, word.split("-")))
    return 0.0


def visibility(text: str) -> float:
    """How much of a text can be seen: the weights of its different words by their number, 0..1."""
    words = words_of(text)
    return sum(map(weight_of, set(words))) / (len(words) + FEW)
