"""Vocabulary: the English words that mean a figure. Phrases have underscores; a plural is known by its singular."""

from __future__ import annotations

_FIGURES = {
    # houses
    "house": (
        "house home villa farmhouse mansion building inn tavern hotel school shop bakery bungalow chalet townhouse"
    ),
    "cottage": "cottage cabin farm hobbit_hole",
    "hut": "hut shack shed treehouse tree_house",
    "barn": "barn stable granary",
    "tent": "tent camp teepee tipi wigwam yurt",
    "church": "church chapel monastery abbey",
    "cathedral": (
        "cathedral notre_dame notre_dame_de_paris basilica minster sagrada_familia westminster_abbey cologne_cathedral"
    ),
    "taj": "taj_mahal taj mausoleum",
    "mosque": "mosque hagia_sophia blue_mosque minaret minarets dome_of_the_rock",
    "domes": (
        "saint_basil saint_basils st_basil st_basils saint_basils_cathedral st_basils_cathedral basils_cathedral "
        "kremlin red_square"
    ),
    "capitol": (
        "capitol white_house parliament_house us_capitol dome domes st_peters saint_peters rotunda pantheon observatory"
    ),
    "palace": (
        "palace versailles buckingham_palace winter_palace louvre museum library_building town_hall opera theatre "
        "station"
    ),
    "pagoda": "pagoda japanese_castle himeji himeji_castle buddhist_temple chinese_temple japanese_temple stupa",
    "shrine": "shrine forbidden_city temple_of_heaven golden_pavilion kinkakuji teahouse tea_house dojo",
    "igloo": "igloo",
    "factory": "factory power_station warehouse",
    "market": "market market_stall stall bazaar kiosk",
    # landmarks
    "temple": "temple parthenon acropolis greek_temple roman_temple ionic_temple treasury",
    "arena": "colosseum coliseum arena amphitheatre amphitheater flavian_amphitheatre stadium",
    "pyramid": "pyramid great_pyramid ziggurat pyramids_of_giza giza",
    "sphinx": "sphinx great_sphinx",
    "bridge": "bridge stone_bridge aqueduct viaduct charles_bridge rialto_bridge ponte_vecchio",
    "suspension bridge": (
        "suspension_bridge golden_gate golden_gate_bridge brooklyn_bridge bay_bridge harbour_bridge harbor_bridge"
    ),
    "tower bridge": "tower_bridge london_bridge",
    "triumphal arch": "arch triumphal_arch arc_de_triomphe arch_of_titus arch_of_constantine archway gateway_of_india",
    "colonnade": "brandenburg_gate colonnade",
    "torii": "torii torii_gate shrine_gate japanese_gate",
    "opera house": "opera_house sydney_opera_house sydney_opera",
    "ruins": "ruins ruin machu_picchu inca_ruins terraces citadel",
    "standing stones": "stonehenge standing_stones stone_circle dolmen megaliths",
    "temple towers": "angkor angkor_wat temple_towers borobudur bagan mayan_temple chichen_itza",
    "ferris wheel": "ferris_wheel london_eye big_wheel fairground carousel",
    # towers
    "castle": "castle fortress fort stronghold keep alcazar alhambra edinburgh_castle",
    "fairy castle": (
        "neuschwanstein neuschwanstein_castle fairytale_castle fairy_tale_castle fairy_castle mont_saint_michel"
    ),
    "tower": "tower watchtower turret belfry tower_of_london rapunzel",
    "leaning tower": "leaning_tower leaning_tower_of_pisa tower_of_pisa pisa",
    "clock tower": "clock_tower clocktower bell_tower campanile",
    "parliament": "big_ben houses_of_parliament parliament westminster palace_of_westminster elizabeth_tower",
    "lattice tower": "eiffel_tower eiffel tour_eiffel tokyo_tower radio_tower lattice_tower",
    "lighthouse": "lighthouse beacon",
    "skyscraper": (
        "skyscraper empire_state_building empire_state burj_khalifa chrysler_building high_rise office_tower shard"
    ),
    "skyline": "skyline city_skyline skyscrapers new_york manhattan hong_kong shanghai chicago dubai tokyo",
    "windmill": "windmill watermill mill",
    "obelisk": "obelisk washington_monument monument",
    "city gate": "gate city_gate castle_gate gatehouse gateway drawbridge",
    "garden wall": "wall brick_wall stone_wall garden_wall",
    "great wall": "great_wall great_wall_of_china wall_of_china hadrians_wall",
    "fence": "fence picket_fence railing",
    "fountain": "fountain trevi_fountain",
    "well": "well wishing_well",
    "statue": "statue sculpture bust",
    "liberty": "statue_of_liberty lady_liberty liberty_island",
    "redeemer": "christ_the_redeemer redeemer corcovado",
    # nature
    "tree": "tree oak maple elm beech birch apple_tree orchard olive_tree baobab ash_tree chestnut_tree",
    "cherry tree": "cherry_tree cherry_blossom cherry_blossoms blossom blossoms sakura almond_tree",
    "bare tree": "bare_tree dead_tree leafless_tree",
    "pine": "pine pine_tree fir fir_tree spruce conifer christmas_tree evergreen",
    "cypress": "cypress cypress_tree poplar",
    "umbrella pine": "umbrella_pine stone_pine acacia",
    "palm": "palm palm_tree coconut_tree oasis",
    "willow": "willow willow_tree weeping_willow",
    "bush": "bush shrub hedge bushes",
    "cactus": "cactus cacti saguaro",
    "flower": "flower daisy lily poppy wildflower orchid lotus lavender iris",
    "sunflower": "sunflower",
    "tulip": "tulip",
    "rose": "rose_flower roses peony",
    "mushroom": "mushroom toadstool fungus",
    "reeds": "reed reeds cattails bulrush",
    "rock": "rock boulder rocks stones",
    "mountain": "mountain peak summit mont_blanc matterhorn everest mount_everest kilimanjaro table_mountain",
    "mount fuji": "mount_fuji fuji mt_fuji fujiyama",
    "volcano": "volcano vesuvius etna mount_vesuvius eruption",
    "hill": "hill hilltop knoll mound",
    "cliff": "cliff cliffs headland crag grand_canyon canyon",
    "island": "island desert_island islet atoll",
    "waterfall": "waterfall niagara niagara_falls cascade waterfalls victoria_falls",
    # vehicles
    "boat": "boat sailboat sailing_boat yacht dinghy sailing_boats fishing_boat",
    "rowing boat": "rowing_boat rowboat canoe raft kayak",
    "gondola": "gondola",
    "ship": "ship sailing_ship galleon pirate_ship frigate schooner caravel tall_ship vessel",
    "steamer": "steamer steamship ocean_liner cruise_ship liner ferry titanic battleship freighter",
    "car": "car automobile taxi cab sports_car convertible race_car vehicle",
    "bus": "bus tram coach streetcar trolley van truck lorry",
    "train": "train locomotive steam_engine steam_train railway railroad",
    "carriage": "carriage cart wagon chariot stagecoach",
    "bicycle": "bicycle bike",
    "balloon": "balloon hot_air_balloon air_balloon airship zeppelin",
    "plane": "plane airplane aeroplane aircraft jet biplane",
    "rocket": "rocket spaceship spacecraft space_ship starship",
    # animals
    "cat": "cat kitten kitty tomcat",
    "dog": "dog puppy hound terrier",
    "wolf": "wolf wolves coyote",
    "fox": "fox vixen",
    "horse": "horse pony stallion mare donkey foal zebra",
    "unicorn": "unicorn pegasus",
    "deer": "deer stag fawn reindeer doe elk moose antelope gazelle",
    "cow": "cow bull ox cattle calf oxen buffalo",
    "sheep": "sheep lamb ewe",
    "pig": "pig piglet boar",
    "rabbit": "rabbit bunny hare",
    "mouse": "mouse mice rat hamster",
    "bear": "bear bear_cub teddy_bear teddy panda polar_bear",
    "lion": "lion lioness tiger",
    "elephant": "elephant mammoth",
    "camel": "camel dromedary llama",
    "bird": "bird sparrow robin nightingale crow raven dove pigeon parrot songbird",
    "gull": "gull seagull eagle falcon hawk crane bats bat",
    "owl": "owl",
    "swan": "swan goose geese heron flamingo",
    "duck": "duck duckling ducks",
    "penguin": "penguin",
    "hen": "hen chicken rooster cockerel",
    "butterfly": "butterfly butterflies moth",
    "fish": "fish goldfish koi carp salmon trout shark dolphin",
    "whale": "whale orca",
    "turtle": "turtle tortoise",
    "dragon": "dragon wyvern",
    "dinosaur": "dinosaur brontosaurus sauropod",
    # people
    "man": (
        "man person couple family lovers father grandfather friend gentleman worker soldier sailor doctor painter "
        "artist scientist musician fisherman baker shepherd monk samurai warrior hunter teacher husband son uncle "
        "guard gladiator hero"
    ),
    "traveller": (
        "traveller traveler wanderer explorer farmer cowboy captain pirate detective tourist hiker pilgrim merchant"
    ),
    "woman": "woman lady mother grandmother sister wife aunt geisha maiden nurse bride daughter",
    "girl": "girl child daughter princess fairy little_girl heroine children kids siblings",
    "boy": "boy kid lad prince little_boy toddler baby brother friends pupils",
    "king": "king sultan pharaoh",
    "queen": "queen empress",
    "wizard": "wizard sorcerer magician merlin druid old_wise_man",
    "witch": "witch sorceress",
    "knight": "knight paladin armour armor crusader",
    "astronaut": "astronaut spaceman cosmonaut",
    "robot": "robot android cyborg droid mech",
    "snowman": "snowman",
    "ghost": "ghost spirit phantom spectre",
    "dancer": "dancer ballerina ballet",
    "crowd": "crowd people folk villagers audience spectators tourists group_of_people tourist_group",
    # things
    "umbrella": "umbrella parasol",
    "lantern": "lantern",
    "paper lantern": "paper_lantern chinese_lantern sky_lantern sky_lanterns lampion",
    "street lamp": "street_lamp streetlamp lamppost lamp_post street_light streetlight lamplight gas_lamp",
    "table": "table desk",
    "chair": "chair stool rocking_chair",
    "armchair": "armchair sofa couch throne",
    "bed": "bed cradle",
    "lamp": "lamp table_lamp desk_lamp",
    "candle": "candle candlelight candlestick",
    "teapot": "teapot kettle tea_pot coffee_pot",
    "cup": "cup mug teacup tea_cup tea coffee cup_of_tea cup_of_coffee",
    "bottle": "bottle wine flask potion",
    "vase": "vase bouquet flower_vase flowerpot pot bunch_of_flowers vase_of_flowers",
    "bowl": "bowl fruit fruits fruit_bowl bowl_of_fruit",
    "apple": "apple peach",
    "pear": "pear",
    "pumpkin": "pumpkin jack_o_lantern",
    "bread": "bread loaf",
    "cake": "cake birthday_cake pie",
    "book": "book open_book diary",
    "books": "pile_of_books stack_of_books",
    "clock": "clock watch_face",
    "guitar": "guitar violin cello lute",
    "chest": "treasure_chest treasure chest trunk_of_gold",
    "basket": "basket",
    "dress": "dress gown skirt kimono ballgown",
    "shoe": "shoe boot slipper sneaker",
    "hat": "hat cap",
    "crown": "crown tiara",
    "sword": "sword dagger",
    "key": "key",
    "heart": "heart",
    "campfire": "campfire bonfire fire_pit",
    "signpost": "signpost road_sign",
    "bench": "bench park_bench",
    "flag": "flag banner flagpole",
    "kite": "kite",
    # the sky
    "sun": "sun",
    "moon": "moon crescent full_moon",
    "star": "star",
    "cloud": "cloud clouds",
    "rainbow": "rainbow",
    "lightning": "lightning thunderbolt lightning_bolt",
    "planet": "planet saturn jupiter",
}
_IRREGULAR = {
    "man": "men heroes", "woman": "women ladies", "wolf": "wolves", "mouse": "mice", "swan": "geese", "cow": "oxen",
    "cactus": "cacti", "horse": "ponies", "dog": "puppies", "rabbit": "bunnies", "butterfly": "butterflies",
    "apple": "cherries peaches", "flower": "daisies lilies poppies", "bowl": "berries", "girl": "fairies",
    "witch": "witches", "church": "churches", "fox": "foxes", "bench": "benches", "bush": "bushes", "bus": "buses",
    "factory": "factories", "triumphal arch": "arches", "candle": "torches", "sword": "knives", "bread": "loaves",
    "tree": "leaves", "volcano": "volcanoes",
}  # fmt: skip

_OF: dict[str, str] = {}
for _figure, _words in _FIGURES.items():
    for _word in _words.split():
        _OF.setdefault(_word, _figure)
_PLURALS = {plural: figure for figure, plurals in _IRREGULAR.items() for plural in plurals.split()}
LONGEST = max(word.count("_") for word in _OF) + 1  # words of a phrase
ALWAYS_MANY = {"crowd", "skyline", "ruins", "standing stones", "reeds", "books"}  # one figure for all of them
MASS = {
    "cattle",
    "sheep",
    "deer",
    "fish",
    "people",
    "folk",
    "fruit",
    "fruits",
    "geese",
    "rocks",
    "stones",
    "bats",
    "children",
    "kids",
}
_SEVERAL = {
    "couple": 2,
    "lovers": 2,
    "children": 2,
    "kids": 2,
    "siblings": 2,
    "friends": 2,
    "family": 4,
    "pupils": 3,
    "pyramids_of_giza": 3,
    "giza": 3,
}


def figure_of(phrase: str) -> str | None:
    """The figure that a word, or several joined by underscores, means."""
    found = _OF.get(phrase) or _PLURALS.get(phrase)
    if found is None and phrase.endswith("s") and len(phrase) > 3:
        found = _OF.get(phrase[:-1]) or (_OF.get(phrase[:-2]) if phrase.endswith("es") else None)
    return found


def count_of(phrase: str) -> int | None:
    """How many a word means by itself: 2 for a couple; None for several, as of any plural."""
    return _SEVERAL.get(phrase, None if is_plural(phrase) else 1)


def is_plural(phrase: str) -> bool:
    """Whether a word that means a figure means several of them."""
    last = phrase.rpartition("_")[2]
    if phrase in _PLURALS or last in MASS:
        return phrase != "leaves"
    return phrase not in _OF and last.endswith("s")
