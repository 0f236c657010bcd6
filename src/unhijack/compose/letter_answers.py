"""How a letter ends: how to answer it, whom to ask whether it is genuine, who wrote it."""

from collections.abc import Iterator, Sequence

from unhijack.compose.document import Block, Heading, Literal, Para, Step, Steps, value
from unhijack.compose.letter_kinds import (
    Letterhead,
    Occasion,
    Reader,
)
from unhijack.compose.tongue import Span, Tongue, _
from unhijack.core.text import printable

GREETING = _("Good day,")
_REGARDS = _("Kind regards")
CASE = _("Case {reference}")
_ANSWER = _("Tell us")
_BY_ANSWERING = _("When it is done, answer this message and leave the subject as it is.")
_BY_WRITING = _("When it is done, write an e-mail to {address}.")
_ONE_WORD = _("One of these words at the beginning is enough:")
WORDS = (
    ("CLEAN", _("The website has been cleaned.")),
    ("WRONG", _("You are mistaken.")),
    ("HELP", _("I need help.")),
)
"""What answers are understood by, in every language."""
_OWN_WORDS = _(
    "You may also write in your own words. We then visit the website again in the same way and "
    "tell you what we see."
)
_HARMLESS = _(
    "This message comes from {organisation}. We have only opened public pages of the website, as a "
    "visitor does. We never ask for a password or for money."
)
_CALL = _("If you are not sure that this message comes from us, please call us: {phone}.")
_PAGE = _("You can also follow the case and answer here:")


def answering(
    occasion: Occasion, head: Letterhead, reader: Reader, tongue: Tongue, address: str = ""
) -> Iterator[Block]:
    """How to answer; `address` is named where the letter itself cannot be answered."""
    yield Heading(tongue.say(_ANSWER))
    how = tongue.say(_BY_WRITING, address=address) if address else tongue.say(_BY_ANSWERING)
    yield Para(how)
    yield from _words(tongue)
    if occasion.link and reader.independent:
        yield Para(tongue.say(_PAGE))
        yield Literal(printable(occasion.link, 500), link=True)
    yield from _harmless(head, tongue)


def _words(tongue: Tongue) -> Iterator[Block]:
    steps = (Step((*value(word), Span(" = "), *tongue.say(text))) for word, text in WORDS)
    yield Para(tongue.say(_ONE_WORD))
    yield Steps(tuple(steps), numbered=False)
    yield Para(tongue.say(_OWN_WORDS))


def _harmless(head: Letterhead, tongue: Tongue) -> Iterator[Block]:
    yield Para(tongue.say(_HARMLESS, organisation=head.name(tongue.tag)))
    yield from doubts(head, tongue)


def doubts(head: Letterhead, tongue: Tongue) -> Iterator[Block]:
    """Where to ask whether a letter is genuine."""
    if head.phone:
        yield Para(tongue.say(_CALL, phone=head.phone))


def regards(head: Letterhead, references: Sequence[str], tongue: Tongue) -> Iterator[Block]:
    """The end of a letter."""
    yield Para(tongue.say(_REGARDS))
    lines = (head.name(tongue.tag), *head.postal, head.phone, head.sender)
    yield from (Literal(line) for line in lines if line)
    yield from (Para(tongue.say(CASE, reference=one)) for one in references)
