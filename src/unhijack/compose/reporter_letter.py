"""What somebody who reported a site is told: that it arrived, and that it is over.

Neither the site nor what was found stands in it: whoever reports may be whoever planted it.
"""

import textwrap
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from unhijack.compose.letter_kinds import Letterhead

RECEIVED, CLOSED = "received", "closed"
_WIDTH = 72

_TEXTS = {
    RECEIVED: (
        "Thank you. We have received the report that you sent us on {day:%d %B %Y}, and it is "
        "being looked into. Sites that were broken into are visited in the way that you described, "
        "and the people who run them are told and helped.",
        "You need not do anything. Please do not open the address again.",
    ),
    CLOSED: (
        "The report that you sent us on {day:%d %B %Y} has been looked into, and is closed.",
        "Thank you for your help. If you see it happen again, please report it again: that is a "
        "new report, and is looked into anew.",
    ),
}


def write_to_reporter(
    what: str,
    receipt: str,
    received_at: datetime,
    head: Letterhead,
    recipient: str,
    message_id: str,
    now: datetime,
) -> bytes:
    """The message, ready to leave (RFC 5322). `what` is RECEIVED or CLOSED."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"[unhijack] Your report {receipt}: {what}"
    message["From"] = Address(head.organisation, addr_spec=head.sender)
    message["To"] = recipient
    message["Date"] = now
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    parts = [text.format(day=received_at) for text in _TEXTS[what]]
    end = f"Your receipt is {receipt}.\n\n{head.organisation}\n"
    body = "\n\n".join(["Hello,", *(textwrap.fill(part, _WIDTH) for part in parts), end])
    message.set_content(body, cte="quoted-printable")
    return message.as_bytes()
