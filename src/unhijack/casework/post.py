"""Handing over what waits: a message, or several to one person as one."""

from datetime import datetime

from unhijack.casework.notify import Policy
from unhijack.compose.digest import joined
from unhijack.compose.letter_kinds import Reader, Role
from unhijack.core.errors import WrongUse
from unhijack.core.notice import Letter
from unhijack.ports import Bundle, Doors, Fate, Posted


async def post_notices(doors: Doors, policy: Policy) -> int:
    """Hand over what is waiting; how many messages were tried."""
    count = 0
    while (bundle := doors.cases.take_bundle(doors.clock.now())) is not None:
        posted = await _post(doors, policy, bundle)
        doors.cases.settle(bundle, posted, doors.clock.now())
        count += 1
        if posted.fate in (Fate.LATER, Fate.AWAY):
            break
    return count


async def _post(doors: Doors, policy: Policy, bundle: Bundle) -> Posted:
    """What cannot become a message costs itself, not those that wait behind it."""
    try:
        letter = _letter(bundle, policy, doors.clock.now())
    except WrongUse as error:
        return Posted(Fate.REFUSED, str(error))
    return await doors.mail.post(letter)


def _letter(bundle: Bundle, policy: Policy, now: datetime) -> Letter:
    """What leaves: one message, or several as one, which holds each in full."""
    first = bundle.parts[0].letter
    if len(bundle.parts) == 1:
        return first
    letters = [part.letter.message for part in bundle.parts]
    reader = Reader(first.recipient, Role(bundle.parts[0].role))
    message = joined(letters, now, policy.head, reader, policy.tongues)
    return Letter(first.recipient, message, first.return_path)
