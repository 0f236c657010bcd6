"""Bringing mail in: from a mailbox, and from a mail server that hands it over."""

from collections import Counter
from dataclasses import dataclass, field

from unhijack.casework.answers import Desk, Outcome, Taken, refuse_unread, take
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable
from unhijack.parse.mail.opened import Opened, open_mail
from unhijack.parse.mail.person import text_of
from unhijack.ports import Doors, Handed, Inbox, Mailed, Unreached

MOST_LINES, LINE = 200, 500
"""Of a message that a person is shown, and the characters of one."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one visit to a mailbox brought."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    again: int = 0
    """Messages that had been taken before, and were only put away now."""
    failure: str = ""
    """Why it ended early, in harmless words; what is left is brought by the next visit."""


_PUT_ASIDE = frozenset({Outcome.REFUSED, Outcome.UNMATCHED})


def collect(doors: Doors, desk: Desk, inbox: Inbox, most: int) -> Collected:
    """Take what lies in a mailbox, the oldest first, at most `most` messages.

    Each is put away once it is safe here. What cannot be taken now stays where it is.
    """
    outcomes: Counter[Outcome] = Counter()
    again = 0
    for _ in range(most):
        arrived = inbox.next()
        if arrived is None:
            break
        if isinstance(arrived, Unreached):
            return Collected(outcomes, again, arrived.reason)
        taken = take(doors, desk, arrived.content, size=arrived.size)
        outcomes[taken.outcome] += 1
        again += taken.again
        if taken.outcome is Outcome.LATER:
            continue
        failed = inbox.done(arrived, refused=taken.outcome in _PUT_ASIDE)
        if failed is not None:
            return Collected(outcomes, again, failed.reason)
    return Collected(outcomes, again)


class Host:
    """The MailHost port: takes what is for our own mailboxes."""

    def __init__(self, doors: Doors, desk: Desk) -> None:
        self._doors = doors
        self._desk = desk
        self._mailboxes = {one.lower() for one in (desk.house, desk.reports) if one}

    def wants(self, recipient: str) -> bool:
        """See the port. What stands behind a plus in the name is looked at later."""
        local, _, domain = recipient.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self._mailboxes

    def keeps(self, handed: Handed) -> bool:
        """See the port."""
        return self.taken(handed).outcome is not Outcome.LATER

    def taken(self, handed: Handed) -> Taken:
        """What became of it."""
        if not handed.content and handed.size:
            reason = "it is too big to be held"
            return refuse_unread(self._doors, handed.sender, handed.recipients, reason, handed.size)
        return take(self._doors, self._desk, handed.content, handed.recipients, handed.size)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that came in, as a person reads it: harmless lines."""

    mail: Mailed
    sender: str
    subject: str
    sent: str
    """When, as it says itself."""
    lines: tuple[str, ...]
    attached: tuple[str, ...]
    """Names of what came with it; nothing of it is shown."""


def read_one(doors: Doors, begins: str, who: str) -> Shown:
    """The message whose digest begins so, and that somebody read it is on record.

    Raises WrongUse where there is not one such message, or nothing of it is left.
    """
    if len(begins) < 8 or not set(begins) <= set("0123456789abcdef"):
        raise WrongUse(
            "a message is named by the first eight or more digits that `mail list` shows of it"
        )
    found = doors.cases.mail_named(begins)
    if found is None:
        raise WrongUse(f"there is not one message that begins with {begins[:64]}: see `mail list`")
    mail, content = found
    if content is None:
        raise WrongUse(f"of message {mail.digest[:12]} nothing is kept, or it was erased in time")
    doors.cases.record_look(doors.clock.now(), who, f"mail {mail.digest}", "an answer was read")
    opened = open_mail(content)
    return _shown(mail, opened) if isinstance(opened, Opened) else _as_it_is(mail, content)


def _shown(mail: Mailed, opened: Opened) -> Shown:
    return Shown(
        mail,
        printable(opened.first("from"), LINE),
        printable(opened.first("subject"), LINE),
        printable(opened.first("date"), LINE),
        _lines(text_of(opened)),
        tuple(printable(one.name) for one in opened.parts if one.name)[:MOST_LINES],
    )


def _as_it_is(mail: Mailed, content: bytes) -> Shown:
    """A message that could not be opened."""
    text = content[: MOST_LINES * LINE].decode("utf-8", "replace")
    return Shown(mail, "", "", "", _lines(text), ())


def _lines(text: str) -> tuple[str, ...]:
    lines = text.split("\n")
    kept = tuple(printable(line.rstrip("\r").expandtabs(4), LINE) for line in lines[:MOST_LINES])
    return (*kept, "…") if len(lines) > MOST_LINES else kept
