"""``unhijack mail``: answers that come in, one by a pipe, all of a mailbox, or from a mail server."""

import asyncio
import json
import signal
import sys

import click
import uvloop

from unhijack.casework.answers import Outcome, take
from unhijack.casework.mailroom import Host, collect, read_one
from unhijack.cli.who import current_user
from unhijack.config.settings import read_settings
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable
from unhijack.parse.mail.opened import HELD_BYTES
from unhijack.ports import Doors
from unhijack.wiring.mail import make_desk, make_inbox, serve_mail
from unhijack.wiring.visits import make_clock, open_office

TRY_AGAIN = 75
"""What a mail server takes for "not now" from a program that it pipes into (EX_TEMPFAIL)."""
CHUNK = 1024 * 1024


@click.group()
def mail() -> None:
    """Take answers to notices, and reports by mail.

    Each finds its case; what belongs to none is kept, with the reason (`mail list`).
    """


def _doors() -> Doors:
    return open_office(read_settings(), make_clock()).doors


@mail.command("take")
@click.option("--to", "recipients", multiple=True, metavar="MAILBOX", help="By the envelope.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def take_one(recipients: tuple[str, ...], as_json: bool) -> int:
    """Take one message from standard input: for a pipe of a mail server.

    Exit code 75 asks the mail server to try again later; then nothing was kept.
    """
    content, size = _read_message()
    try:
        taken = take(_doors(), make_desk(read_settings()), content, recipients, size)
    except WrongUse as error:  # no fault of the message: it must not bounce for that
        sys.stderr.write(f"unhijack: {error}\n")
        return TRY_AGAIN
    if as_json:
        line = {
            "digest": taken.digest,
            "outcome": str(taken.outcome),
            "case": taken.number,
            "reason": taken.reason,
            "again": taken.again,
        }
        click.echo(json.dumps(line))
    else:
        click.echo(f"{taken.outcome}: {taken.reason}")
    return TRY_AGAIN if taken.outcome is Outcome.LATER else 0


def _read_message() -> tuple[bytes, int]:
    """What is held of a message, and the size of the whole."""
    held, size = bytearray(), 0
    while chunk := sys.stdin.buffer.read(CHUNK):
        size += len(chunk)
        if len(held) <= HELD_BYTES:
            held += chunk
    return bytes(held), size


@mail.command()
@click.option("--most", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def fetch(most: int, as_json: bool) -> int:
    """Take what lies in the mailbox (IMAP), once.

    Each message is moved away only when it is safe here. Exit code 2 if the mailbox could not be
    reached, or not to the end.
    """
    settings = read_settings()
    inbox = make_inbox(settings)
    try:
        collected = collect(_doors(), make_desk(settings), inbox, most)
    finally:
        inbox.close()
    counts = {str(outcome): count for outcome, count in sorted(collected.outcomes.items())}
    if as_json:
        line = {"taken": counts, "again": collected.again, "failure": collected.failure or None}
        click.echo(json.dumps(line))
    else:
        shown = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        click.echo(shown or "no mail")
    if collected.failure:
        sys.stderr.write(f"unhijack: {collected.failure}\n")
    return 2 if collected.failure or collected.outcomes[Outcome.LATER] else 0


@mail.command()
def serve() -> None:
    """Take mail from a mail server (LMTP) until ended; on this machine alone."""
    settings = read_settings()
    uvloop.run(_serve(Host(_doors(), make_desk(settings))))


async def _serve(host: Host) -> None:
    ended = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    async with serve_mail(read_settings(), host) as where:
        click.echo(f"taking mail at {where}", err=True)
        await ended.wait()


@mail.command("list")
@click.option("--outcome", type=click.Choice([str(one) for one in Outcome]), help="Only these.")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message.")
def list_mail(outcome: str | None, most: int, as_json: bool) -> None:
    """What came in, the newest first: what it came to, and why."""
    for one in _doors().cases.mailroom(most, outcome):
        if as_json:
            line = {
                "digest": one.digest,
                "at": one.at.isoformat(),
                "outcome": one.outcome,
                "case": one.number,
                "reason": one.reason,
            }
            click.echo(json.dumps(line))
        else:
            case = f"case {one.number}" if one.number else "no case"
            reason = printable(one.reason, 300)
            about = f"{one.outcome:14} {case:9}  {one.digest[:12]}  {reason}"
            click.echo(f"{one.at:%Y-%m-%d %H:%M}  {about}")


@mail.command()
@click.argument("digest")
def show(digest: str) -> None:
    """Read one message: DIGEST is what `mail list` shows of it. Who read it is on record."""
    shown = read_one(_doors(), digest.lower(), current_user())
    case = f"case {shown.mail.number}" if shown.mail.number else "no case"
    click.echo(f"{shown.mail.at:%Y-%m-%d %H:%M}  {shown.mail.outcome}, {case}")
    for name, said in (("From", shown.sender), ("Sent", shown.sent), ("Subject", shown.subject)):
        click.echo(f"{name + ':':9}{said}")
    for name in shown.attached:
        click.echo(f"With it: {name}")
    click.echo("")
    for line in shown.lines:
        click.echo(f"  {line}")
