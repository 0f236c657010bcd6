"""Letters that ask or tell something else: keep evidence, who hosts it, it is clean, we were wrong."""

from collections.abc import Iterator

from unhijack.compose.document import Block, Heading, Literal, Para, Step, Steps
from unhijack.compose.letter_answers import GREETING
from unhijack.compose.letter_kinds import Occasion
from unhijack.compose.redact import Cleared
from unhijack.compose.tongue import Tongue, _

_PRESERVE = _(
    "A website that is hosted with you sends some of its visitors to another website. It is most "
    "likely the victim of a break-in. The case is being investigated."
)
_KEEP_UNTIL = _("Please preserve the following until {date}:")
_KEPT = (
    _("the logs of the web server, of FTP and SSH, of mail and of the control panel;"),
    _("an image of the disk, or a copy of the account with the times of all files;"),
    _("a copy of the database."),
)
_TELL_NOBODY = _(
    "Please do not tell the customer yet, and change nothing on the website until we write again."
)
_CONFIRM = _(
    "Please confirm by answering this message. If you need a formal order for this, please say so."
)


def preserving(cleared: Cleared, occasion: Occasion, tongue: Tongue) -> Iterator[Block]:
    """The request to a hoster of a case that is held."""
    assert occasion.until is not None
    yield Para(tongue.say(GREETING))
    yield Para(tongue.say(_PRESERVE))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_KEEP_UNTIL, date=tongue.day(occasion.until)))
    yield Steps(tuple(Step(tongue.say(one)) for one in _KEPT), numbered=False)
    yield Para(tongue.say(_TELL_NOBODY), strong=True)
    yield Para(tongue.say(_CONFIRM))


_DELIVERED = _(
    "A website that is delivered through your service sends some of its visitors to another "
    "website. It is most likely the victim of a break-in, and its owner does not know about it."
)
_WHO_HOSTS = _(
    "We do not ask you to stop delivering it. Please tell us, by answering this message, which "
    "provider hosts it, or pass this message on to that provider and to your customer."
)


def asking_who_hosts(cleared: Cleared, tongue: Tongue) -> Iterator[Block]:
    """The question to a service that stands before the machine of a site."""
    yield Para(tongue.say(GREETING))
    yield Para(tongue.say(_DELIVERED))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_WHO_HOSTS), strong=True)


_CLEAN = _(
    "Thank you. We have visited this website again in the same way as before, and no visitor was "
    "sent away any more."
)
_GOES_ON = _("We go on testing it for {days} days and write to you if it comes back.")
_WATCH = _("What to watch from now on")
_WATCHED = (
    _("Install updates soon, or let the software install them by itself."),
    _("From time to time, look at the lists of administrators and of scheduled tasks."),
    _(
        "Look from outside: find the website with a search engine, on a phone, without being "
        "logged in."
    ),
    _("Keep a backup that the server itself cannot change."),
)
DAYS_WATCHED = 90


def thanks(cleared: Cleared, tongue: Tongue) -> Iterator[Block]:
    """It was verified clean."""
    yield Para(tongue.say(GREETING))
    yield Para(tongue.say(_CLEAN))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_GOES_ON, days=str(DAYS_WATCHED)))
    yield Heading(tongue.say(_WATCH))
    yield Steps(tuple(Step(tongue.say(one)) for one in _WATCHED), numbered=False)


_RETRACTED = _(
    "On {date} we wrote to you that this website sends some of its visitors to another website. "
    "We were wrong. Please disregard that message: there is nothing that you need to do."
)
_PASS_ON = _(
    "If you have passed our message on, please pass this one on as well. We apologise for the "
    "trouble that we have caused."
)


def retracting(cleared: Cleared, occasion: Occasion, tongue: Tongue) -> Iterator[Block]:
    """The verdict was overturned."""
    assert occasion.earlier is not None
    yield Para(tongue.say(GREETING))
    yield Para(tongue.say(_RETRACTED, date=tongue.day(occasion.earlier)))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_PASS_ON))
