"""How a digest begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unhijack.compose.document import Block, Fact, Facts, Para, value
from unhijack.compose.letter_answers import CASE, GREETING
from unhijack.compose.letter_kinds import (
    Reader,
    Role,
)
from unhijack.compose.letter_opening import first_of_all
from unhijack.compose.tongue import Line, Span, Tongue, _, many

SUBJECT_OF_MANY = many(
    "{count} website sends some of its visitors to other sites",
    "{count} websites send some of their visitors to other sites",
)

_MANY = many(
    "{count} website in your care sends some of its visitors to other websites. Most likely "
    "neither you nor the people who look after it have done this.",
    "{count} websites in your care send some of their visitors to other websites. Most likely "
    "neither you nor the people who look after them have done this.",
)
SUBJECT_OF_SEVERAL = _("Several messages about websites in your care")
_SEVERAL = _(
    "This message brings several messages together, so that you get no more than one a day."
)
_EACH = _("Each of them is described in full below.")
_SEPARATELY = _("Please answer for each website separately, at the address that stands with it.")
_ANSWER_TO = _("Answer to")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A letter in a digest."""

    subject: str
    reference: str
    answer_to: str


def opening_of_many(
    enclosed: Sequence[Enclosed], reader: Reader, tongue: Tongue, *, hijacked: bool
) -> Iterator[Block]:
    """The beginning of a digest: subject, reference and answering address of each letter.

    `hijacked`: all of them say that a site sends visitors away.
    """
    yield Para(tongue.say(GREETING))
    yield Para(tongue.count(_MANY, len(enclosed)) if hijacked else tongue.say(_SEVERAL))
    yield Facts(tuple(Fact(value(one.subject), enclosed_lines(one, tongue)) for one in enclosed))
    if hijacked and reader.role is Role.OWNER:
        yield from first_of_all(tongue)
    if hijacked:
        yield Para(tongue.say(_EACH))
    yield Para(tongue.say(_SEPARATELY))


def enclosed_lines(one: Enclosed, tongue: Tongue) -> tuple[Line, Line]:
    """What stands with each letter of a digest."""
    where = (*tongue.say(_ANSWER_TO), Span(": "), *value(one.answer_to))
    return (tongue.say(CASE, reference=one.reference), where)
