"""Verbs: where the verb of a clause of description stands, and its participle. English of the present, no parser.

Only verbs of how things look, stand and move are known, so what happened in the past or is merely thought has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from generators.visible import COLOUR, listed, weight_of

_BARE = listed(
    "adorn answer appear arch bathe bear begin blaze bloom bow branch break bristle bulge burn burst carry cast"
    " catch change circle clad clap cling climb close clothe cluster come cover crawl creep cross crouch crown"
    " crumble curl curve cut dangle dart decorate descend disappear divide dominate dot drag drape draw drench"
    " drift drip drop dry edge emerge enclose encircle end enter extend face fade fall fan feature fill filter"
    " flank flap flare flash flicker float flood flow flutter fly fold follow form frame gather gaze give gleam"
    " glide glimmer glint glisten glitter glow graze grip grow hang hide hold hover hug hum jut keep kneel lap lay"
    " lead lean leap leave let lie lift light line link lock loom look lurk make mark march meet melt merge mirror"
    " mount move nestle occupy open overhang overlook paint pass peel perch pierce point pour project prop"
    " protrude push radiate rain reach recede reflect remain rest ride ring rise roll rush run scatter seem shade"
    " shelter shimmer shine show shut sink sit slant sleep slide slope snake soar span sparkle spill spiral split"
    " spread spring sprout stand stare stay step stick stretch striate stripe support surround sway sweep swell"
    " swim swing take taper tear throw touch tower trail tremble trickle tumble turn twine twist unfold vanish"
    " wade walk wander wash watch wave wear weave wind wrap wreathe bend bob blow cascade coil dance dip drink eat"
    " feed flourish gush guard jostle lounge meander nod overflow overlap peek peep play plunge ripple roam sag"
    " sail sing skim smile soak sprawl squat stack stain straddle stream strew stud swirl tilt tint tip veil wait"
    " whirl work trot gallop rock hop lope stroll stride"
)
# as nouns or adjectives at least as common
_ALSO_NOUNS = listed(
    "lift burst change catch break burn drip grip hug leap plunge ride slide arch bear bow keep branch circle"
    " close cluster cover cross crown curl curve cut divide dot drop dry edge end face fan fall feature fill"
    " filter flash float flood flow fly fold form frame glow hum lap lead lean light line link lock look march"
    " mark mirror mount open paint pass point prop rain rest ring rise roll rush shade shelter show slope span"
    " sparkle spiral split spread spring stare stick step stretch stripe support swell swing tear throw touch"
    " tower trail turn twist walk wash watch wave wind wrap bend blow coil dance dip drink feed guard play ripple"
    " sail smile squat stack stain stream stud swirl tilt tint tip veil wait work rock hop stride stroll"
)

COPULAS, HAVING = frozenset(("is", "are")), frozenset(("has", "have"))
PREPOSITIONS = listed(
    "of in on at by with from to into onto over under above below between behind before beneath beside along"
    " across around round through against towards like upon among inside outside near opposite"
)
DETERMINERS = listed(
    "a an the this these its their his her our one two three four five six seven eight nine ten twenty thirty"
    " forty fifty sixty seventy eighty ninety hundred thousand many more most all both some few several each every"
    " another"
)
# before a noun, so that what follows is no verb
_BEFORE_NOUNS = (
    PREPOSITIONS
    | DETERMINERS
    | listed(
        "that those no other upon and or but so as than how wide broad tall long short small great large huge low"
        " high deep thin thick narrow steep bright dark pale light soft heavy old new white black red green blue grey"
        " golden single whole same very stone iron round sharp blunt slim slender square tiny smooth rough carved"
        " curved pointed flat wooden dim vivid broken"
    )
)
NO_NOUNS = PREPOSITIONS | listed("up down out off away back inwards outwards so as not")
_AFTER_VERBS = (
    (PREPOSITIONS - {"of"})
    | DETERMINERS
    | listed(
        "up down out off away back inwards outwards upwards downwards gently softly slowly steeply high low far"
        " together apart and nearby close forward straight half like as"
    )
)
_PLURALS = listed("people men women children fish sheep deer buffalo cattle teeth feet geese mice oxen")
# behind which a noun hardly ever stands alone, so that a verb may follow
_ADVERBS = listed("below above inside outside behind beneath near around along across")
RELATIVES = listed("that which who whom whose where when")
_DOUBLED = listed(
    "run sit cut jut prop drip drop wrap swim hug hum dot split flap fan step shut clap drag let trot hop bob nod skim"
    " stud tip dip sag"
)


def bare(word: str) -> str:
    """A word without marks, in small letters."""
    return word.strip(".,;:!?\"'“”‘’()").lower()


def verb_at(words: Sequence[str]) -> int | None:
    """Where the finite verb of a clause stands; None where there is none that is known, or one of a clause within."""
    for at, word in enumerate(words):
        plain = bare(word)
        if plain in RELATIVES:
            return None
        if not at:
            continue
        if plain in COPULAS | HAVING:
            return at
        before = bare(words[at - 1])
        sure = plain in _BASES and _BASES[plain] not in _ALSO_NOUNS
        free = before not in _BEFORE_NOUNS or (sure and before in _ADVERBS)
        if (plain in _BASES and free and _is_verb(words, at, plain)) or _is_guess(words, at):
            return at
    return None


def _is_guess(words: Sequence[str], at: int) -> bool:
    """Whether a word that is not known stands where a verb does: in -s, behind one visible thing, before a place."""
    plain, before = bare(words[at]), bare(words[at - 1])
    if (
        at < 1
        or len(plain) < 4
        or plain in _BASES
        or not plain.endswith("s")
        or plain.endswith(("ss", "us", "is"))
        or at + 1 >= len(words)
    ):
        return False
    placed = bare(words[at + 1]) in _AFTER_VERBS - {"and"}
    return placed and weight_of(plain) == 0 and weight_of(before) >= 0.7 and not before.endswith("s")


def _is_verb(words: Sequence[str], at: int, plain: str) -> bool:
    after = bare(words[at + 1]) if at + 1 < len(words) else ""
    if after == "of":
        return False
    if _BASES[plain] not in _ALSO_NOUNS:
        return True
    if after not in _AFTER_VERBS and weight_of(after) < COLOUR:
        return False
    head = _head(words[:at])
    many = head.endswith("s") or head in _PLURALS or "and" in map(bare, words[:at])
    return words[at - 1][-1] not in ",;:" and many != (plain not in _BARE)


def _head(subject: Sequence[str]) -> str:
    """The noun that a verb agrees with: the last one before `of` and its like."""
    plain = [bare(word) for word in subject]
    start = next((at for at, word in enumerate(plain) if word in DETERMINERS), 0) if plain[0] in PREPOSITIONS else 0
    end = next((at for at in range(start + 1, len(plain)) if plain[at] in PREPOSITIONS), len(plain))
    return plain[end - 1]


def joined_at(words: Sequence[str], like: str) -> list[int]:
    """Where verbs stand that are joined by `and` or a comma to one before, of the same number as that."""
    found = []
    for at in range(1, len(words)):
        plain = bare(words[at])
        after = bare(words[at + 1]) if at + 1 < len(words) else ""
        joined = bare(words[at - 1]) in ("and", "then", "or", "but")
        same = plain in _BASES and (plain in _BARE) == (bare(like) in _BARE)
        if joined and same and after != "of" and (_BASES[plain] not in _ALSO_NOUNS or after in _AFTER_VERBS):
            found.append(at)
    return found


def begins_with_verb(words: Sequence[str]) -> bool:
    """Whether words go on with a verb of the clause before."""
    return len(words) > 1 and bare(words[0]) in _BASES and (bare(words[1]) in _AFTER_VERBS)


def is_known(word: str) -> bool:
    return bare(word) in _BASES


def base_of(verb: str) -> str:
    """The verb in its plain form; `be` for the copula."""
    return "be" if verb in COPULAS else _BASES.get(verb, verb)


def participle(verb: str) -> str:
    """`rises` -> `rising`; the marks behind a word stay."""
    base = _BASES.get(bare(verb)) or _guessed(bare(verb))
    mark = verb[len(verb.rstrip(",;:")) :]
    if base.endswith("ie"):
        return f"{base[:-2]}ying{mark}"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return f"{base[:-1]}ing{mark}"
    return f"{base}{base[-1] if base in _DOUBLED else ''}ing{mark}"


def _guessed(third: str) -> str:
    """The plain form of a verb in -s that is not known."""
    if third.endswith("ies"):
        return third[:-3] + "y"
    return third[:-2] if third.endswith(("shes", "ches", "xes", "sses")) else third[:-1]


def _third(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    return base[:-1] + "ies" if base.endswith("y") and base[-2] not in "aeiou" else base + "s"


_BASES = {base: base for base in _BARE} | {_third(base): base for base in _BARE}
