"""How a letter begins: what happened, for each occasion and reader."""

from collections.abc import Iterator

from unhijack.compose.document import Block, Heading, Literal, Para
from unhijack.compose.letter_answers import GREETING
from unhijack.compose.letter_kinds import Occasion, Reader, Role, Why
from unhijack.compose.redact import Cleared
from unhijack.compose.tongue import Line, Tongue, _

_OPENINGS = {
    Role.OWNER: _(
        "Your website sends some of its visitors to another website. Most likely neither you nor "
        "the people who look after it have done this."
    ),
    Role.HOSTER: _(
        "A website that is hosted with you sends some of its visitors to another website. It is "
        "most likely the victim of a break-in, and its owner does not know about it."
    ),
    Role.REGISTRAR: _(
        "A website under a domain name that was registered through you sends some of its visitors "
        "to another website. It is most likely the victim of a break-in. Please pass this message "
        "on to the holder of the domain name. We do not ask you to suspend the domain name."
    ),
    Role.CERT: _(
        "A website in your country sends some of its visitors to another website. It is most "
        "likely the victim of a break-in. Those who could mend it were told and have not reacted "
        "so far. Please help us to reach them."
    ),
}
_REFUTED = _(
    "Thank you for telling us that the website was cleaned. We have visited it again in the same "
    "way as before, and it still sends some of its visitors to another website. Often a second "
    "piece of planted code, a back door, brings the first one back."
)
_AGAIN = _(
    "The website was cleaned, and we had verified it. Now it sends some of its visitors to "
    "another website once more. The way in has probably stayed open, or a back door was left "
    "behind."
)
_REMINDER = _(
    "On {date} we sent a message about this website and have had no answer. It still sends some "
    "of its visitors to another website. That is why we now write to you in this way."
)
_EXPLAINED = _(
    "You will probably not see it yourself: it happens to certain visitors only, and not to "
    "somebody who opens the website as usual. As a rule it means that somebody has broken into "
    "the web server and planted code there. This happens to many ordinary websites, and it can be "
    "mended."
)

_FIRST_OF_ALL = _("Do this first")
_FORWARD = _(
    "Forward this message to your web host, or to whoever looks after the website. Please delete "
    "nothing yet: the files and the logs show how somebody got in."
)
_TELL_CUSTOMER = _(
    "Please tell your customer, and help to clean the website. Before anything is changed, please "
    "keep a copy of the files and of the access logs."
)
_FOR_MACHINES = _("A report for automatic processing is attached (XARF 4).")


def opening(
    cleared: Cleared, occasion: Occasion, reader: Reader, tongue: Tongue, *, with_report: bool
) -> Iterator[Block]:
    """What happened, and what to do first."""
    yield Para(tongue.say(GREETING))
    yield from map(Para, _starts(occasion, reader, tongue))
    yield Literal(cleared.site_url)
    if reader.role is Role.OWNER:
        yield from first_of_all(tongue)
    elif reader.role is Role.HOSTER:
        yield Para(tongue.say(_TELL_CUSTOMER), strong=True)
        if with_report:
            yield Para(tongue.say(_FOR_MACHINES))


def first_of_all(tongue: Tongue) -> Iterator[Block]:
    """What it means, to an owner, and what to do before anything else."""
    yield Para(tongue.say(_EXPLAINED))
    yield Heading(tongue.say(_FIRST_OF_ALL))
    yield Para(tongue.say(_FORWARD), strong=True)


def _starts(occasion: Occasion, reader: Reader, tongue: Tongue) -> Iterator[Line]:
    """The first sentences. Who stands further off is always told what is asked of them."""
    again = {Why.REFUTED: _REFUTED, Why.AGAIN: _AGAIN}.get(occasion.why)
    known = reader.role in (Role.OWNER, Role.HOSTER)
    if not (known and (again or occasion.why is Why.REMINDER)):
        yield tongue.say(_OPENINGS.get(reader.role, _OPENINGS[Role.CERT]))
    if again:
        yield tongue.say(again)
    elif occasion.why is Why.REMINDER and occasion.earlier is not None:
        yield tongue.say(_REMINDER, date=tongue.day(occasion.earlier))
