"""``unhijack cases``: where each case stands, and its journal."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unhijack.casework import analyst
from unhijack.casework.intake import claim_clean, take_scan
from unhijack.casework.notify import on_other_ways, sent_by_hand
from unhijack.cli.show import asked_of_you, case_row, event_lines
from unhijack.cli.who import current_user
from unhijack.compose.letter import certified, on_paper
from unhijack.config.settings import read_settings
from unhijack.core.case import Case, Event, State
from unhijack.core.contact import ROLES
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.fold import fold
from unhijack.core.journal import first_broken
from unhijack.core.scan import MOST_BYTES, read_scan
from unhijack.core.site import address_to_check, parse_address, site_of
from unhijack.core.text import printable
from unhijack.ports import CaseStore
from unhijack.wiring.notices import make_printer
from unhijack.wiring.visits import make_clock, open_office, open_store

PAGE = 500
PIPED_WIDTH = 240
"""Characters of a line where no terminal says how wide it is."""


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([str(one) for one in State]),
    help="Only these.",
)
@click.option("--waiting", is_flag=True, help="Only those that wait for a person to do something.")
@click.option("--site", help="Only those of this site.")
@click.option("--after", type=int, default=0, help="Only those with a higher number.")
@click.option(
    "--most", type=click.IntRange(1), default=200, show_default=True, help="At most so many."
)
@click.pass_context
def cases(
    context: click.Context,
    as_json: bool,
    states: tuple[str, ...],
    waiting: bool,
    site: str | None,
    after: int,
    most: int,
) -> None:
    """List the cases, or do something with one."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings()
    store = open_store(settings)
    wanted = [State(one) for one in states] or [one for one in State if not (waiting and one.over)]
    every = _each(store, wanted, after, site)
    if waiting:
        every = (one for one in every if asked_of_you(one, approval=settings.approval))
    listed = list(islice(every, most + 1))
    found = listed[:most]
    if as_json:
        for case in found:
            click.echo(json.dumps(_line(case)))
    else:
        _print_list(found, approval=settings.approval)
    if len(listed) > most:
        sys.stderr.write(f"unhijack: there are more: --after {found[-1].number}\n")


def _each(
    store: CaseStore, states: Sequence[State], after: int, site: str | None
) -> Iterator[Case]:
    """Every case in these states, in order, a page at a time."""
    while page := store.listed(states, after, PAGE, site):
        yield from (_case(store, one.number) for one in page)
        after = page[-1].number


def write_new(path: Path, content: bytes) -> None:
    """A file that was not there before. Raises WrongUse."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise WrongUse(f"{path} is there already: name another file") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from None


def _line(case: Case) -> dict[str, Json]:
    return {
        "case": case.number,
        "state": str(case.state),
        "site": site_of(parse_address(case.url).host),
        "reports": case.reports,
        "notices": case.notices,
        "uncertain": case.uncertain,
        "refuted": case.refuted,
        "relapses": case.relapses,
        "owner_says": case.owner_says,
        "rung": case.rung,
        "preserved": case.preserved,
    }


def _print_list(found: Sequence[Case], *, approval: bool) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("case", "state", "site", "reports", "changed", "notes"):
        table.add_column(title, no_wrap=title != "notes", overflow="fold")
    for case in found:
        site = site_of(parse_address(case.url).host)
        table.add_row(*map(Text, case_row(case, site, approval=approval)))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(table if found else "no cases yet")


@cases.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event.")
def show(number: int, as_json: bool) -> int:
    """Print the journal of a case, and whether it holds together."""
    journal = open_store(read_settings()).journal(number)
    broken = first_broken(number, journal)
    if as_json:
        for event, digest in journal:
            line = {"step": event.step, "kind": str(event.kind), "at": event.at.isoformat()}
            click.echo(json.dumps({**line, "data": dict(event.data), "digest": digest}))
    else:
        _print_journal(number, journal, broken)
    if broken is not None:
        raise WrongUse(f"the journal of case {number} was changed at step {broken}")
    return 0


def _print_journal(number: int, journal: Sequence[tuple[Event, str]], broken: int | None) -> None:
    events = [event for event, _ in journal]
    case = fold(number, events)
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(f"Case {number}: {printable(case.url, 300)}", style="bold"))
    console.print(Text(f"now {case.state}; {case.reports} report(s), {case.notices} notice(s)\n"))
    for event in events:
        for line in event_lines(event):
            console.print(line)
    if broken is None:
        text = f"\nThe journal holds together: {len(events)} events, chained by SHA-256, ending in {journal[-1][1][:16]}…"
        console.print(Text(text, style="green"))


@cases.command()
@click.argument("number", type=int)
def approve(number: int) -> None:
    """Let the next notice of a case leave the house."""
    office = open_office(read_settings(), make_clock())
    analyst.approve(office.doors, number, current_user())
    click.echo(f"case {number}: the notice leaves with the worker's next step")


@cases.command()
@click.argument("number", type=int)
@click.option("--who", default="the owner, told to an analyst", help="Who says so.")
def claimed(number: int, who: str) -> None:
    """Record that somebody says the site is clean; it is checked before it is believed."""
    office = open_office(read_settings(), make_clock())
    claim_clean(office.doors, number, who[:200])
    click.echo(f"case {number}: it is checked within twelve hours, at a time nobody foresees")


@cases.command()
@click.argument("url")
@click.argument("file", type=click.File("rb"))
@click.option("--who", default="whoever has the server", help="Who scanned.")
def scanned(url: str, file: BinaryIO, who: str) -> None:
    """Put a scan of a site's server on record: FILE is what scan --json printed.

    What was found opens a case where there is none. A scan that found nothing is a claim to be
    clean, which is checked from outside.
    """
    address = address_to_check(url)
    scan = read_scan(file.read(MOST_BYTES + 1))
    office = open_office(read_settings(), make_clock())
    number = take_scan(office.doors, address, scan, who[:200])
    found = len(scan.findings)
    click.echo(f"case {number}: {found or 'no'} finding{'s' * (found != 1)} on record")


@cases.command()
@click.argument("number", type=int)
@click.option("--mail", required=True, help="Their mailbox.")
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True)
def contact(number: int, mail: str, role: str) -> None:
    """Name somebody who can mend the site; the next notice goes to them."""
    office = open_office(read_settings(), make_clock())
    analyst.add_contact(office.doors, number, mail, role, f"analyst {current_user()}")
    click.echo(f"case {number}: the next notice goes to this {role}")


@cases.command()
@click.argument("number", type=int)
def resume(number: int) -> None:
    """Let a case that waits for a decision go on: examine, or tell, once more."""
    office = open_office(read_settings(), make_clock())
    analyst.resume(office.doors, number, current_user())
    click.echo(f"case {number}: it goes on with the worker's next step")


@cases.command()
@click.argument("number", type=int)
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True)
@click.option("--to", "postal", multiple=True, help="A line of their postal address; repeat it.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF to write."
)
@click.option(
    "--pec",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a message for certified mail (PEC), with the PDF in it.",
)
def letter(number: int, role: str, postal: tuple[str, ...], out: Path, pec: Path | None) -> None:
    """Print the letter to the owner, or somebody else, of a case's site. You send it.

    From then on they count as told, and have their time.
    """
    office = open_office(read_settings(), make_clock())
    case = analyst.look_up(office.doors, number)
    paper = on_other_ways(office.doors, office.policy, case, role, postal)
    head = paper.head
    pdf = make_printer().pdf(on_paper(paper.matter, head, paper.reader, paper.manner))
    message = certified(paper.matter, head, paper.reader, pdf, paper.manner) if pec else b""
    write_new(out, pdf)
    if pec is not None:
        write_new(pec, message)
    try:
        analyst.act(office.doors, case, sent_by_hand(office.doors, office.policy, case, paper, pdf))
    except WrongUse:
        for path in (out, pec):
            if path is not None:
                path.unlink(missing_ok=True)
        raise
    click.echo(f"case {number}: {out}: send it; the {role} counts as told")


@cases.command()
@click.argument("number", type=int)
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A date, UTC.")
@click.option("--why", required=True, help="Recorded for good: who asks for it, and under what.")
@click.option("--keep-logs", is_flag=True, help="Ask the hoster to keep logs and a copy.")
def hold(number: int, until: datetime, why: str, keep_logs: bool) -> None:
    """Tell nobody until a date, because an authority asks for it. The site is visited meanwhile."""
    office = open_office(read_settings(), make_clock())
    moment = until.replace(tzinfo=UTC)
    analyst.hold(office.doors, number, moment, why[:1000], current_user(), keep_logs=keep_logs)
    click.echo(f"case {number}: nobody is told before {moment.date()}")


@cases.command()
@click.argument("number", type=int)
def release(number: int) -> None:
    """Let a case that is held go on before its date."""
    office = open_office(read_settings(), make_clock())
    analyst.release(office.doors, number, current_user())
    click.echo(f"case {number}: it goes on with the worker's next step")


@cases.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="Recorded for good.")
def overturn(number: int, why: str) -> None:
    """Take a verdict back: everyone who was told is told that we were wrong."""
    office = open_office(read_settings(), make_clock())
    analyst.overturn(office.doors, number, why[:1000], current_user())
    click.echo(f"case {number}: overturned; whoever was told hears of it with the next step")


@cases.command()
@click.argument("number", type=int)
@click.argument("into", type=int)
def duplicate(number: int, into: int) -> None:
    """End a case that is the same as another one, INTO, which goes on."""
    office = open_office(read_settings(), make_clock())
    analyst.merge(office.doors, number, into, current_user())
    click.echo(f"case {number}: a duplicate of case {into}")


@cases.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="Recorded for good: the order, its number.")
@click.option("--lift", is_flag=True, help="End it.")
def preserve(number: int, why: str, lift: bool) -> None:
    """Put a case under a legal hold: nothing of it is erased until the hold is lifted."""
    office = open_office(read_settings(), make_clock())
    analyst.set_preserved(office.doors, number, why[:1000], current_user(), on=not lift)
    click.echo(f"case {number}: {'no longer' if lift else 'now'} under a legal hold")


@cases.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="Recorded for good.")
def close(number: int, why: str) -> None:
    """End a case by your word."""
    office = open_office(read_settings(), make_clock())
    analyst.close(office.doors, number, why[:1000], current_user())
    click.echo(f"case {number}: closed")


def _case(store: CaseStore, number: int) -> Case:
    return fold(number, (event for event, _ in store.journal(number)))
