"""The notice to an owner: everything needed stands in the message itself."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from unhijack.compose.redact import Cleared

WIDTH = 72
LONGEST_HEADER = 200
"""A subject in one piece reads best; mail servers take lines of 998."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes."""

    organisation: str
    sender: str
    """The mailbox that answers reach."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why this notice is written, and what it is called."""

    reference: str
    number: int
    """1 for the first notice of a case."""
    message_id: str
    written_at: datetime
    claimed_before: bool
    """The owner said that it was mended, and it was not."""
    clean_before: bool = False
    """It was mended for a while, and is hijacked again."""


def write(
    cleared: Cleared,
    occasion: Occasion,
    head: Letterhead,
    recipient: str,
    replays: Sequence[str],
) -> bytes:
    """The message, ready to leave (RFC 5322)."""
    host = cleared.site_url.split("/")[2]
    again = "still sends" if occasion.claimed_before else "sends"
    again = "again sends" if occasion.clean_before else again
    message = EmailMessage(policy=SMTP)
    message["Subject"] = (
        f"[unhijack {occasion.reference}] {host} {again} some of its visitors to another site"
    )
    message["From"] = Address(head.organisation, addr_spec=head.sender)
    message["To"] = recipient
    message["Date"] = occasion.written_at
    message["Message-ID"] = occasion.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Unhijack-Case"] = occasion.reference
    message["X-Unhijack-Notice"] = str(occasion.number)
    message.set_content(_text(cleared, occasion, head, replays), cte="quoted-printable")
    return message.as_bytes(policy=SMTP.clone(max_line_length=LONGEST_HEADER))


def _text(cleared: Cleared, occasion: Occasion, head: Letterhead, replays: Sequence[str]) -> str:
    parts = (
        _opening(cleared, occasion),
        _seen(cleared),
        _see_for_yourself(cleared, replays),
        _what_to_do(),
        _answer(occasion, head),
    )
    return "\n\n".join(parts) + "\n"


def _opening(cleared: Cleared, occasion: Occasion) -> str:
    if occasion.clean_before:
        start = (
            "Your website was cleaned, and we had verified it. We have visited it again since, and "
            "it sends some of its visitors to another website once more. The way in has probably "
            "stayed open, or a back door was left behind:"
        )
    elif occasion.claimed_before:
        start = (
            "Thank you for telling us that your website was cleaned. We have visited it again in "
            "the same way as before, and it still sends some of its visitors to another website:"
        )
    else:
        start = (
            "Your website sends some of its visitors to another website, and most likely neither "
            "you nor the people who look after it have done this:"
        )
    rest = (
        "You will probably not see it yourself: it happens to certain visitors only, and not to "
        "somebody who opens the site as usual. As a rule it means that somebody has broken into "
        "the web server and planted code there. This happens to many ordinary sites, and it can "
        "be mended."
    )
    return f"Hello,\n\n{_wrap(start)}\n\n    {cleared.site_url}\n\n{_wrap(rest)}"


_SHOWN_BY_CURL = frozenset({"location", "refresh", "meta"})
_HOW = {
    "location": "a redirect",
    "refresh": "a Refresh header",
    "meta": "a refresh in the page",
    "frame": "a frame of another site over the page",
    "script": "a script that sends the visitor on",
    "form": "a script that sends a form to another site",
    "popup": "a script that opens another site in a new window",
    "worker": "a service worker that answers in your site's place",
}


def _seen(cleared: Cleared) -> str:
    lines = [
        "WHAT WE SAW",
        "",
        f"  When:         {cleared.seen_at:%d %B %Y, %H:%M} UTC",
        f"  How often:    {cleared.times} of {cleared.visits} visits that we made as different visitors",
    ]
    met = cleared.conditions or ("only some visits; what they have in common is not known yet",)
    lines += [f"  To whom:      a visitor who {met[0]}"]
    lines += [f"                and {text}" for text in met[1:]]
    for hop in cleared.own_hops:
        status = f"status {hop.status}, " if hop.status else ""
        lines += [
            f"  Address:      {hop.url}",
            f"                answers with {status}{_HOW.get(hop.leads_by, hop.leads_by)}",
        ]
        if hop.script:
            lines += [
                f"  Script:       {hop.script_host or 'in the page itself'}",
                f"                SHA-256 {hop.script}",
            ]
    lines += [f"  Leads to:     {cleared.sent_to}", "                (please do not open it)"]
    return "\n".join(lines)


def _see_for_yourself(cleared: Cleared, replays: Sequence[str]) -> str:
    if any(hop.leads_by not in _SHOWN_BY_CURL for hop in cleared.own_hops):
        text = (
            "A browser does this, so that no plain command can show it. Look at the source of the "
            "page instead: put view-source: before the address above, in a browser. That runs "
            "nothing and takes you nowhere. Code that you did not put there is what we mean; it "
            "is often one long line, at the very start or end of the page or of a script file. "
            "Please do not open the page in the way described above: you would be sent away. We "
            "repeat the visit for you, safely, as often as you ask: answer this message."
        )
        return "SEE IT FOR YOURSELF, SAFELY\n\n" + _wrap(text)
    text = (
        "On Linux or macOS, paste this into a terminal. It asks your own server only, as such a "
        "visitor would, and does not follow the redirect: it shows the status, and the name of "
        "the host that visitors would be sent to. When the site is clean, no such host appears."
    )
    return (
        "SEE IT FOR YOURSELF, SAFELY\n\n"
        + _wrap(text)
        + "".join(f"\n\n    {line}" for line in replays)
    )


def _what_to_do() -> str:
    steps = (
        "Forward this message to your web host, or to whoever looks after the site.",
        "Before anything is changed, keep a copy of the files and of the access logs: they show "
        "how somebody got in.",
        "Look for code that was planted: files changed lately (index.php, .htaccess, files of the "
        "theme or of plugins), files that do not belong there, unknown administrators. Removing "
        "the redirect alone is not enough: a back door usually lies beside it.",
        "Restore from a backup made before the break-in, or clean; then update the site's "
        "software and its plugins, and change every password (administration, FTP, database).",
    )
    numbered = [
        textwrap.fill(step, WIDTH, initial_indent=f"  {n}. ", subsequent_indent="     ")
        for n, step in enumerate(steps, 1)
    ]
    return "WHAT TO DO\n\n" + "\n".join(numbered)


def _answer(occasion: Occasion, head: Letterhead) -> str:
    text = (
        "When it is done, answer this message (please leave the subject as it is) and say so. We "
        "then visit the site again in the same way and tell you what we see. Please answer too "
        "if you think that we are wrong, or if you need help."
    )
    safe = (
        "We only opened public pages of your site, as a visitor does. We ask for no password and "
        "for no money."
    )
    return (
        f"TELL US\n\n{_wrap(text)}\n\n{_wrap(safe)}\n\n"
        f"{head.organisation}\n{head.sender}\nCase {occasion.reference}"
    )


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH)
