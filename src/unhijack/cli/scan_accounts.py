"""``unhijack scan --accounts``: the folders of all customers of a hoster, with a report for each."""

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from unhijack.cli.show_finding import finding_lines
from unhijack.collect.scan.look import Looked
from unhijack.compose.scan_xarf import Sender
from unhijack.core.account import Account, Customer, Refused
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.finding import finding_data
from unhijack.core.notice import is_mailbox
from unhijack.core.text import printable
from unhijack.jobs.hoster import Hosted, Order, scan_customers
from unhijack.parse.server.accounts import customers
from unhijack.wiring.scans import ScanSpec, make_accounts, make_reports

MOST_REFUSED = 100
"""Lines of a list that are named one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, beside how to scan."""

    accounts: Path
    reports: Path | None
    resume: bool
    organisation: str
    contact: str
    as_json: bool


@dataclass(slots=True)
class _Lines:
    """Findings as they come, each with its customer."""

    as_json: bool
    out: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    skipped: Counter[str] = field(default_factory=Counter)
    size: int = 0

    def saw(self, customer: str, _docroot: str, looked: Looked) -> None:
        self.size += looked.size
        self.skipped.update(one.code for one in looked.skipped)
        for finding in looked.findings:
            if self.as_json:
                data = {"customer": customer, **finding_data(finding)}
                sys.stdout.write(json.dumps(data) + "\n")
                continue
            self.out.print(Text(f"customer {printable(customer, 200)}", "dim"))
            for line in finding_lines(finding):
                self.out.print(line)


def scan_accounts(wish: Wish, spec: ScanSpec, hands: int, niceness: int) -> int:
    """Scan, report, sum up; the exit code is that of any scan. Raises WrongUse."""
    if wish.resume and wish.reports is None:
        raise WrongUse("--resume goes on with the run of a report folder: name it by --reports")
    sender = _sender(wish)
    listed, refused = _listed(wish)
    if not listed:
        raise WrongUse(f"{wish.accounts} names no customer's folder: customer,docroot a line")
    order = Order(
        listed, spec, hands, niceness, datetime.now(UTC), printable(wish.organisation), sender
    )
    began = time.monotonic()
    lines = _Lines(wish.as_json)
    hosted = _run(order, wish, lines)
    seconds = time.monotonic() - began
    if wish.as_json:
        summary = _data(hosted, lines, refused, seconds)
        sys.stdout.write(json.dumps({"summary": summary}) + "\n")
    else:
        for line in _summary(hosted, lines, refused, seconds):
            lines.out.print(line)
    return 1 if hosted.findings else 2 if hosted.incomplete or refused else 0


def _run(order: Order, wish: Wish, lines: _Lines) -> Hosted:
    reports = None
    if wish.reports is not None:
        _check_place(wish.reports, order.customers)
        reports = make_reports(wish.reports)
        if order.sender is None:
            sys.stderr.write("no XARF reports: --contact names the mailbox that they need\n")
    console = Console(stderr=True)
    columns = (TextColumn("customers"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hosted = Hosted()
    try:
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            task = bar.add_task("scan", total=len(order.customers))
            for hosted in scan_customers(order, reports, lines.saw, resume=wish.resume):
                bar.update(task, completed=hosted.done)
    finally:
        if reports is not None:
            reports.close()
    return hosted


def _listed(wish: Wish) -> tuple[list[Customer], list[Refused]]:
    accounts: list[Account] = []
    refused: list[Refused] = []
    for one in make_accounts(wish.accounts).read():
        if isinstance(one, Account):
            accounts.append(one)
        else:
            refused.append(one)
    return customers(accounts), refused


def _sender(wish: Wish) -> Sender | None:
    if not wish.contact:
        return None
    domain = wish.contact.rpartition("@")[2]
    if not is_mailbox(wish.contact) or not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
        raise WrongUse("--contact is to be a plain mail address")
    return Sender(printable(wish.organisation) or domain, wish.contact)


def _check_place(reports: Path, listed: Sequence[Customer]) -> None:
    """Raises WrongUse where a customer could fetch or change the reports on all the others."""
    here = Path(os.path.realpath(reports))
    above = {str(folder) for folder in (here, *here.parents)}
    for customer in listed:
        for one in customer.docroots:
            if one.docroot in above:
                raise WrongUse(
                    f"{reports} lies in a customer's folder ({printable(one.docroot, 200)}): "
                    "name a folder elsewhere by --reports"
                )


def _data(hosted: Hosted, lines: _Lines, refused: list[Refused], seconds: float) -> dict[str, Json]:
    return {
        "customers": hosted.done,
        "with_findings": hosted.with_findings,
        "incomplete": hosted.incomplete,
        "resumed": hosted.resumed,
        "files": hosted.files,
        "bytes": lines.size,
        "seconds": round(seconds, 3),
        "findings": hosted.findings,
        "skipped": dict(lines.skipped),
        "refused": len(refused),
        "refused_lines": [
            {"source": one.source, "line": one.line, "text": one.why}
            for one in refused[:MOST_REFUSED]
        ],
    }


def _summary(
    hosted: Hosted, lines: _Lines, refused: list[Refused], seconds: float
) -> Iterator[Text]:
    yield Text(
        f"{hosted.findings or 'no'} finding{'s' * (hosted.findings != 1)} with "
        f"{hosted.with_findings} of {hosted.done} customers, {hosted.files} files, "
        f"{lines.size / 1e6:.1f} MB, {seconds:.1f} s",
        style="bold red" if hosted.findings else "green",
    )
    if hosted.resumed:
        yield Text(f"{hosted.resumed} customers were done before")
    if hosted.incomplete:
        yield Text(f"{hosted.incomplete} customers could not be looked at whole")
    for one in refused[:10]:
        yield Text(f"not scanned: {printable(one.source, 200)} line {one.line}: {one.why}")
    if len(refused) > 10:
        yield Text(f"not scanned: {len(refused) - 10} more lines")
