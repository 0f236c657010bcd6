"""Mail as owners, abuse desks and mail servers write it."""

from collections.abc import Sequence

HOUSE = "notices@cert.test"
REFERENCE = "ABCDEFGHJK"
TOKEN = "abcdefghjk-1-0123456789abcdef"
ANSWER_TO = f"notices+{TOKEN}@cert.test"
OUR_ID = "<0123456789abcdef01234567@cert.test>"


def letter(
    body: str,
    *,
    sender: str = "Olga Owner <olga@shop.test>",
    to: str = ANSWER_TO,
    subject: str = f"Re: [unhijack {REFERENCE}] shop.test sends some of its visitors away",
    headers: Sequence[str] = (),
) -> bytes:
    """A message; headers may bring a Content-Type of its own."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        lines.append("Content-Type: text/plain; charset=utf-8")
    return "\r\n".join([*lines, "", *body.splitlines()]).encode() + b"\r\n"


def parted(kind: str, *parts: tuple[str, str], more: str = "") -> tuple[str, str]:
    """Content-Type and body of a message of several parts."""
    body = "".join(f"--=b\nContent-Type: {head}\n\n{text}\n" for head, text in parts)
    return f'Content-Type: multipart/{kind}; boundary="=b"{more}', f"{body}--=b--\n"


def delivery_status(
    block: str, *, to: str = ANSWER_TO, original: str = OUR_ID, subject: str = "Undelivered Mail"
) -> bytes:
    """A report of RFC 3464 on one of our notices."""
    head, body = parted(
        "report",
        ("text/plain", "This is the mail system. Your message could not be delivered."),
        ("message/delivery-status", f"Reporting-MTA: dns; mx.shop.test\n\n{block}\n"),
        (
            "text/rfc822-headers",
            f"Message-ID: {original}\nX-Unhijack-Case: {REFERENCE}\nSubject: x\n",
        ),
        more="; report-type=delivery-status",
    )
    return letter(
        body,
        sender="MAILER-DAEMON@mx.shop.test",
        to=to,
        subject=subject,
        headers=["Return-Path: <>", "Auto-Submitted: auto-replied", head],
    )
