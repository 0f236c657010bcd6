"""``unhijack scan``: what was planted in the files of a server?"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from unhijack.cli.scan_accounts import Wish, scan_accounts
from unhijack.cli.show_finding import finding_lines, product_line
from unhijack.cli.story import advice, cause_of, measured, story_data, story_lines, told_of
from unhijack.collect.scan.look import Looked, Surroundings
from unhijack.config.places import state_folder
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.finding import finding_data
from unhijack.core.text import printable
from unhijack.jobs.scan import FAILED, Watching, look_at_database, look_at_system
from unhijack.jobs.scan import scan as scan_folder
from unhijack.parse.server.cms import Product
from unhijack.ports import Skipped
from unhijack.remediate.harden import Facts
from unhijack.wiring.scans import ScanSpec, make_tools, target

LOADS = {"low": (1, 19), "normal": (0, 10), "full": (0, 0)}
"""Processes (0 for one a core) and niceness."""
MOST_SKIPPED = 1_000
"""Skipped paths that the summary names one by one; all are counted."""


@dataclass(slots=True)
class Tally:
    """What a scan amounts to."""

    started: float = field(default_factory=time.monotonic)
    files: int = 0
    size: int = 0
    findings: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    named: list[Skipped] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    found: list[Looked] = field(default_factory=list)
    """Files with findings."""

    def add(self, looked: Looked) -> None:
        """Count what one file gave."""
        codes = {one.code for one in looked.skipped}
        if not codes - {"partial", "archive"}:
            self.files += 1
        self.size += looked.size
        self.findings += len(looked.findings)
        if looked.findings:
            self.found.append(looked)
        for one in looked.skipped:
            self.skipped[one.code] += 1
            if len(self.named) < MOST_SKIPPED and one.code != "link":
                self.named.append(one)

    def surveyed(self, products: Sequence[Product], facts: Facts) -> None:
        """Take note of what a folder holds."""
        self.products += products
        self.facts = facts

    @property
    def failed(self) -> int:
        """How much could not be looked at."""
        return sum(self.skipped[code] for code in FAILED)

    @property
    def exit_code(self) -> int:
        """As the contract has it."""
        return 1 if self.findings else 2 if self.failed else 0

    def data(self) -> dict[str, Json]:
        """The last line of ``--json``."""
        return {
            "files": self.files,
            "bytes": self.size,
            "seconds": round(time.monotonic() - self.started, 3),
            "findings": self.findings,
            "products": [
                {"name": p.name, "version": p.version, "root": p.root} for p in self.products
            ],
            "skipped": dict(self.skipped),
            "skipped_files": [
                {"path": one.path, "code": one.code, "text": one.text} for one in self.named
            ],
        }


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="Store of known releases (unhijack known); without it the one in the state folder.",
)
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of YARA rules of your own.",
)
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="A name of the site itself.")
@click.option(
    "--load",
    type=click.Choice(list(LOADS)),
    default="normal",
    show_default=True,
    help="low: one process that waits for everybody; normal: all cores, and waits; full: does not.",
)
@click.option(
    "--database",
    "databases",
    multiple=True,
    metavar="URL",
    help="Also look into this database, read-only: mysql://user@host/name, sqlite:///file. "
    "UNHIJACK_DATABASE_PASSWORD keeps the password out of the command.",
)
@click.option(
    "--logs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="The web server's logs, or their folder: how did it get in?",
)
@click.option("--system", is_flag=True, help="Also look at cron tables, units and modules.")
@click.option("--no-cache", is_flag=True, help="Look at every file, also those seen before.")
@click.option(
    "--accounts",
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE",
    help="For hosters, instead of PATH: scan the folders of all customers. CSV (customer,docroot"
    "[,mail][,language][,domain]), or the file or folder of a panel.",
)
@click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --accounts: a report for each customer of whom something was found, and an index.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="With --reports: go on with a run that was killed; begin anew if none was.",
)
@click.option(
    "--organisation", envvar="UNHIJACK_ORGANISATION", default="", help="Who signs the reports."
)
@click.option(
    "--contact",
    envvar="UNHIJACK_SENDER",
    default="",
    metavar="MAIL",
    help="The mailbox in XARF reports; without it there are none.",
)
def scan(
    paths: tuple[Path, ...],
    as_json: bool,
    known: Path | None,
    rules: tuple[Path, ...],
    hosts: tuple[str, ...],
    load: str,
    databases: tuple[str, ...],
    logs: tuple[Path, ...],
    system: bool,
    no_cache: bool,
    accounts: Path | None,
    reports: Path | None,
    resume: bool,
    organisation: str,
    contact: str,
) -> int:
    """What was planted in the files of a server?

    Folders, or single files. Nothing is changed; what to do about it: unhijack clean.

    Exit code: 1 if anything was found; else 2 if something could not be looked at; else 0.
    """
    hands, niceness = LOADS[load]
    _one_of_both(accounts, paths or databases or system, reports or resume)
    if accounts is not None:
        wish = Wish(accounts, reports, resume, organisation, contact, as_json)
        spec = spec_for(Path("/"), known, rules, hosts, cached=not no_cache)
        return scan_accounts(wish, spec, hands or os.cpu_count() or 1, niceness)
    specs = [spec_for(path, known, rules, hosts, cached=not no_cache) for path in _present(paths)]
    if rules and specs:
        make_tools(specs[0], _warn)  # rules that cannot be used are said once, before the scan
    tally = Tally()
    everything = chain(
        chain.from_iterable(
            _watched(spec, hands or os.cpu_count() or 1, niceness, tally) for spec in specs
        ),
        (look_at_database(address, hosts) for address in databases),
        look_at_system() if system else (),
    )
    out = Console(highlight=False, soft_wrap=True)
    for looked in everything:
        tally.add(looked)
        _say(looked, out, as_json=as_json)
    cause = cause_of(tally.found, logs, hosts) if logs else None
    told, advised = told_of(cause), advice(tally.facts, tally.found, cause)
    if as_json:
        summary = {**tally.data(), **story_data(told, advised), **measured(cause)}
        sys.stdout.write(json.dumps({"summary": summary}) + "\n")
    else:
        for line in chain(story_lines(told, advised), _summary(tally)):
            out.print(line)
    return tally.exit_code


def _warn(text: str) -> None:
    sys.stderr.write(f"unhijack: {text}\n")


def _say(looked: Looked, out: Console, *, as_json: bool) -> None:
    for finding in looked.findings:
        if as_json:
            sys.stdout.write(json.dumps(finding_data(finding)) + "\n")
        else:
            for line in finding_lines(finding):
                out.print(line)


def _one_of_both(accounts: Path | None, named: object, reported: object) -> None:
    """Raises WrongUse unless it is said in one way what is to be scanned."""
    if accounts is not None and named:
        raise WrongUse("--accounts says what is scanned: give no PATH, --database or --system")
    if accounts is None and reported:
        raise WrongUse("--reports and --resume go with --accounts")
    if accounts is None and not named:
        raise WrongUse("nothing to scan given: name a folder or a file")


def _present(paths: Sequence[Path]) -> Sequence[Path]:
    for path in paths:
        if not path.exists():
            raise WrongUse(f"{path} is not there")
    return paths


def spec_for(
    path: Path,
    known: Path | None,
    rules: Sequence[Path] = (),
    hosts: Sequence[str] = (),
    *,
    cached: bool,
) -> ScanSpec:
    """What is to be scanned. Raises WrongUse."""
    state = state_folder()
    if known is None and (state / "known.sqlite").exists():
        known = state / "known.sqlite"
    spec = target(path)
    return ScanSpec(
        spec.root,
        spec.only,
        spec.prefix,
        str(known) if known else None,
        tuple(str(folder.absolute()) for folder in rules),
        str(state / "scan-cache.sqlite") if cached else None,
        Surroundings(own_hosts=frozenset(host.lower() for host in hosts)),
    )


def _watched(spec: ScanSpec, hands: int, niceness: int, tally: Tally) -> Iterator[Looked]:
    """A scan, with a progress bar where somebody looks on."""
    console = Console(stderr=True)
    columns = (TextColumn("scanning"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("scan", total=None)
        watching = Watching(
            lambda done, of: bar.update(task, completed=done, total=of), tally.surveyed
        )
        yield from scan_folder(spec, hands=hands, niceness=niceness, watching=watching)


def _summary(tally: Tally) -> Iterator[Text]:
    for product in tally.products:
        yield product_line(product)
    seconds = time.monotonic() - tally.started
    size = tally.size / 1e6
    found = (
        f"{tally.findings} finding{'s' * (tally.findings != 1)}" if tally.findings else "nothing"
    )
    yield Text(
        f"{found} in {tally.files} files, {size:.1f} MB, {seconds:.1f} s",
        style="bold red" if tally.findings else "green",
    )
    for code, count in sorted(tally.skipped.items()):
        example = next((one for one in tally.named if one.code == code), None)
        if example is not None:
            more = f", and {count - 1} more" if count > 1 else ""
            yield Text(f"not looked at: {printable(example.path, 200)}: {example.text}{more}")
