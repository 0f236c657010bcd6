"""``unhijack report``: take somebody's report, or many; the receipt comes once it is safe."""

import json
import sys
from pathlib import Path

import click

from unhijack.casework.intake import report as take_report
from unhijack.casework.intake_many import Receipt, Source, intake, never_visited
from unhijack.casework.reporters import public_status
from unhijack.config.settings import read_settings
from unhijack.core.egress import Guard
from unhijack.core.errors import WrongUse
from unhijack.core.notice import is_mailbox
from unhijack.core.report import parse_step
from unhijack.core.site import address_to_check
from unhijack.core.text import defang, printable
from unhijack.parse.reports.forms import FORMS, claims_of
from unhijack.ports import Doors
from unhijack.wiring.visits import make_clock, open_office

MOST_BYTES = 64 * 1024 * 1024


@click.command()
@click.argument("url", required=False)
@click.option(
    "--pathway",
    multiple=True,
    metavar="STEP",
    help="How they got there, in order: search:WORDS, referrer:URL, click:URL, address:URL.",
)
@click.option("--source", default="citizen", show_default=True, help="Who reports.")
@click.option("--mail", help="Their mailbox, if they want to be told what becomes of it.")
@click.option(
    "--file",
    "listed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Many reports: a table (.csv), JSON lines (.jsonl), XARF (.json) or a mail (.eml).",
)
@click.option("--status", metavar="RECEIPT", help="What became of a report: received or closed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a report.")
def report(
    url: str | None,
    pathway: tuple[str, ...],
    source: str,
    mail: str | None,
    listed: Path | None,
    status: str | None,
    as_json: bool,
) -> int:
    """Take a report of an address, and print its receipt.

    Nothing is visited now: `unhijack worker` does that. With --file each report that is refused
    says why, with its line, and the exit code is 2.
    """
    if sum(one is not None for one in (url, listed, status)) != 1:
        raise WrongUse("name one thing: an address, --file LIST, or --status RECEIPT")
    if (listed or status) and (pathway or mail):
        raise WrongUse("--pathway and --mail go with an address")
    if status is not None:
        return _status(_doors(), status, as_json=as_json)
    if listed is not None:
        return _many(listed, source, as_json=as_json)
    assert url is not None
    return _one(url, pathway, source, mail, as_json=as_json)


def _doors() -> Doors:
    return open_office(read_settings(), make_clock()).doors


def _one(
    url: str, pathway: tuple[str, ...], source: str, mail: str | None, *, as_json: bool
) -> int:
    address = address_to_check(url)
    steps = tuple(parse_step(text) for text in pathway)
    if mail is not None and not is_mailbox(mail):
        raise WrongUse(f"{printable(mail, 100)!r} is not one plain mail address")
    never = never_visited(address, steps, Guard(read_settings().allow_net))
    if never:
        raise WrongUse(never)
    doors = _doors()
    reporter = doors.cases.person(mail) if mail else None
    receipt = take_report(doors, address, steps, source[:40], reporter=reporter)
    _print(Receipt(1, address.href, receipt), as_json=as_json, alone=True)
    return 0


def _many(listed: Path, source: str, *, as_json: bool) -> int:
    form = FORMS.get(listed.suffix.lower())
    if form is None:
        raise WrongUse(f"{listed.name}: a list ends in one of {', '.join(FORMS)}")
    try:
        with listed.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongUse(f"{listed} cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise WrongUse(f"{listed} is larger than {MOST_BYTES} bytes: divide it")
    taken = refused = 0
    party = f"list:{source}"
    guard = Guard(read_settings().allow_net)
    said_by = Source(source, party, guard=guard)
    for one in intake(_doors(), claims_of(content, form, source), said_by):
        _print(one, as_json=as_json)
        taken, refused = taken + bool(one.receipt), refused + bool(one.error)
    sys.stderr.write(f"unhijack: {taken} taken, {refused} refused\n")
    return 2 if refused or not taken else 0


def _print(one: Receipt, *, as_json: bool, alone: bool = False) -> None:
    if as_json:
        line = {
            "place": one.place,
            "url": one.url or None,
            "receipt": one.receipt or None,
            "error": one.error or None,
        }
        click.echo(json.dumps(line))
    elif one.error:
        click.echo(f"{one.place}: refused: {printable(one.error, 400)}")
    else:
        click.echo(one.receipt if alone else f"{one.place}: {one.receipt} {defang(one.url, 200)}")


def _status(doors: Doors, receipt: str, *, as_json: bool) -> int:
    found = public_status(doors, receipt)
    day = f"{found.received_at:%Y-%m-%d}"
    if as_json:
        line = {"receipt": found.receipt, "status": found.status, "received": day}
        click.echo(json.dumps(line))
    else:
        click.echo(f"{found.receipt}: {found.status} (came on {day})")
    return 0
