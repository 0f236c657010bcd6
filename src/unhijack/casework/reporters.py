"""Those who reported: what they may know of their report, and telling them once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from unhijack.casework.answers import REPORTER
from unhijack.compose.letter_kinds import Letterhead
from unhijack.compose.reporter_letter import CLOSED, RECEIVED, write_to_reporter
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Notice
from unhijack.ports import Doors, ReportStatus, StoreUnavailable

MOST = 100
"""Reporters that are told in one go."""


@dataclass(frozen=True, slots=True)
class Public:
    """What anybody with a receipt may know: it tips nobody off."""

    receipt: str
    received_at: datetime
    status: str
    """``received`` or ``closed``."""


def public_status(doors: Doors, receipt: str) -> Public:
    """What became of a report. Raises WrongUse for no such receipt."""
    found = doors.cases.report_of(receipt.strip().upper()[:40])
    if found is None:
        raise WrongUse("there is no report with this receipt: it reads like R-ABCDE-FGHJK-MNPQR")
    return Public(found.receipt, found.received_at, _status(found))


def _status(found: ReportStatus) -> str:
    return CLOSED if found.state is not None and found.state.over else RECEIVED


def tell_reporters(doors: Doors, head: Letterhead, most: int = MOST) -> int:
    """Queue a mail for each reporter who left a mailbox and has news; how many.

    One for each piece of news; of those whose address was erased, none.
    """
    count = 0
    for found in doors.cases.untold(most):
        what = _status(found)
        notice = _notice(doors, head, found, what)
        told = doors.cases.tell(found, what, notice, doors.clock.now())
        count += told and notice is not None
    return count


def _notice(doors: Doors, head: Letterhead, found: ReportStatus, what: str) -> Notice | None:
    person = found.reporter
    if person is None or found.number is None:
        return None
    try:
        recipient = doors.cases.mailbox(person)
    except StoreUnavailable:
        raise
    except WrongUse:
        return None
    name = hashlib.sha256(f"report {found.receipt} {what}".encode()).hexdigest()[:24]
    message_id = f"<{name}@{head.sender.rpartition('@')[2]}>"
    message = write_to_reporter(
        what, found.receipt, found.received_at, head, recipient, message_id, doors.clock.now()
    )
    return Notice(
        key=f"report-{found.receipt}-{what}",
        message_id=message_id,
        person=person,
        content=doors.cases.seal_for(person, message),
        role=REPORTER,
    )
