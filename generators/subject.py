"""Subject: what a question asks to see, as the words of a picture's subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from generators.visible import listed, weight_of, words_of

_POLITE = re.compile(
    r"^(?:please|hello|hi|hey)\b[\s,!]*|^(?:can|could|would|will) you (?:please )?"
    r"|^(?:i(?:'d| would) like (?:you )?to|i want (?:you )?to|let me|let us|let's)\s+",
    re.I,
)
_ASKED = re.compile(
    r"^(?:show(?: me)?|paint|draw|illustrate|picture|imagine|depict|sketch|render|make|create|generate|see|describe"
    r"|visuali[sz]e|tell me (?:about|something about|what)|give me)\s+(?:(?:me|us)\s+)?",
    re.I,
)
_PICTURE_OF = re.compile(
    r"^(?:(?:an?|the|some)\s+)?(?:\w+\s+)?(?:picture|image|painting|drawing|illustration|photo|photograph|view|sketch|portrait)s?"
    r"\s+of\s+",
    re.I,
)
_BE, _DO = "(?:is|are|was|were)", "(?:does|do|did|would)"
_TOLD = (
    "built made founded called named famous known important located situated white black red green blue big large tall"
    " high old"
)
_FORMS = (  # what is asked of the subject, and what follows it
    rf"(?:what|how) {_DO} (?P<subject>.+?) (?:look|appear|seem)s?(?: like)?\b\s*(?P<rest>.*)",
    r"(?:what|how) (?P<subject>.+?) looks?(?: like)?\b\s*(?P<rest>.*)",
    rf"(?:what|which)(?: \w+)? {_BE} (?P<subject>.+?) (?:made|built) (?:of|from|out of)\b(?P<rest>)",
    rf"(?:what|which)(?: kind of)? (?:\w+ ){{1,2}}{_BE} (?P<subject>the .+?)(?P<rest>)",
    rf"(?:why|how|when|where|since when) {_BE} (?P<subject>.+?) (?:so )?(?:{'|'.join(_TOLD.split())})\b(?P<rest>.*)",
    rf"(?:how|where|why) {_DO} (?P<subject>.+?) (?:stand|lie|come|shine|change|glow|work)s?\b(?P<rest>.*)",
    rf"what {_DO} (?P<subject>.+?) (?:do|eat|wear|mean|hold|stand for)(?P<rest>)",
    r"(?:who|what) (?:built|designed|made|founded|painted|destroyed|surrounds) (?P<subject>.+?)(?P<rest>)",
    rf"how (?:tall|high|old|big|large|long|wide) {_BE} (?P<subject>.+?)(?P<rest>)",
    rf"(?:what|who|where)(?:'s| {_BE}) (?P<subject>.+?)(?P<rest>)",
)
_QUESTION = re.compile(
    r"^(?:what|which|who|whose|whom|where|when|why|how|is|are|was|were|do|does|did|can|has|have)\b", re.I
)
_CAPITAL = r"[A-Z\u00c0-\u00de][\w'’-]+"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:of|de|da|di|the|la|du|von)?\s*{_CAPITAL})*")
_DATE = re.compile(
    r"\s*\b(?:in|of|from|since|before|after|around|about)?\s*(?:the (?:year )?)?\d{3,4}s?\b|\s*\b(?:AD|BC)\b"
)
_TALE = re.compile(
    r"^(?:the )?(?:history|story|architecture|construction|design|appearance|look|meaning|origins?)\s+of\s+", re.I
)
_FURTHER = re.compile(r",?\s+and (?:when|why|how|where|who|what)\b.*$", re.I)
_HEAD = re.compile(
    r"^(.*?)(?:\s+(?:with|of|in|on|at|over|under|by|inside|behind|near|from|like|during|that|which|\w+ing)\b|,|$)"
)
_UNCOUNTED = listed("light water snow glass ice fog mist grass rain smoke fire gold marble moonlight sunlight sky sea")
_ARTICLES = ("a", "an", "the", "one", "two", "some", "its", "their")
MOST, LONGEST = 14, 40  # words of a subject, letters of a word


def subject_of(question: str, passages: Sequence[str], topic: str = "") -> str:
    """The subject of the picture that answers a question, with its article; "" where nothing names one.

    Where the question does not say, it is the topic of the passages, or the name that they name most.
    """
    said = set(words_of(" ".join(passages)))
    known = topic if any(len(word) > 3 and word in said for word in words_of(topic)) else ""
    if known and re.search(rf"\b{re.escape(known[0].lower() + known[1:])}\b", " ".join(passages)):
        known = ""  # a thing, and no name
    asked = _asked(question, known)
    if not asked:
        return _with_article(known or _most_named(passages), passages)
    subject = _with_article(_DATE.sub("", asked).strip(" ,"), passages)
    return f"{subject}, {_with_article(known, passages)}" if known and _adds(known, subject) else subject


def head_of(subject: str) -> str:
    """The noun that a subject turns on: `lighthouse` of `the old lighthouse during a storm`."""
    found = _HEAD.match(subject)
    words = found[1].split() if found else []
    return words[-1].strip(",.") if words else ""


def _asked(question: str, known: str) -> str:
    text = " ".join(word for word in question.split() if len(word) <= LONGEST).rstrip(" ?!.…")
    for pattern in (_POLITE, _POLITE, _ASKED, _PICTURE_OF):
        text = pattern.sub("", text)
    for form in _FORMS:
        found = re.fullmatch(form, text, re.I)
        if found:
            text = f"{found['subject']} {found['rest']}".strip(" ,")
            break
    else:
        if _QUESTION.match(text) or (known and question.rstrip().endswith("?")):
            return ""  # it asks which, or in another language
    text = _TALE.sub("", _FURTHER.sub("", text))
    words = text.split()
    return " ".join(words[:MOST]) if len(words) <= 2 * MOST else ""


def _most_named(passages: Sequence[str]) -> str:
    """The name that stands most often within the sentences of the passages."""
    names = Counter(name for text in passages for name in re.findall(rf"(?<=[a-z,] ){_NAME.pattern}", text))
    best = names.most_common(1)
    return best[0][0] if best else ""


def _with_article(name: str, passages: Sequence[str]) -> str:
    """A name with `the` where the passages say it so; a thing with `a` where it is one."""
    if not name:
        return name
    if name.split()[0].lower() in _ARTICLES:
        return name[:1].lower() + name[1:]
    said = " ".join(passages)
    first, head = _NAME.match(name), head_of(name)
    if not first or (head.islower() and head not in first[0]):
        return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}" if _is_counted(head, said) else name
    with_it = len(re.findall(rf"\bthe {re.escape(first[0])}\b", said, re.I))
    alone = len(re.findall(rf"\b{re.escape(first[0])}\b", said)) - with_it
    return f"the {name}" if with_it > alone else name


def _is_counted(noun: str, said: str) -> bool:
    """Whether a noun is one thing, of which there could be two."""
    if noun.endswith("s") or noun.lower() in _UNCOUNTED or not noun.isalpha():
        return False
    return weight_of(noun.lower()) >= 0.7 or bool(
        re.search(rf"\b(?:an?|the|each|one|its) (?:\w+ )?{noun}\b", said, re.I)
    )


def _adds(topic: str, subject: str) -> bool:
    """Whether a topic says what a subject does not."""
    return not {word for word in words_of(topic) if len(word) > 3} & set(words_of(subject))
