"""``unhijack clean``: take out what was planted, so that it can be undone."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.text import Text

from unhijack.cli.show_finding import finding_lines
from unhijack.cli.show_repair import Printed
from unhijack.core.errors import WrongUse
from unhijack.core.finding import Finding, finding_data
from unhijack.core.plan_text import MOST_CHARACTERS, parse_plan, plan_text
from unhijack.core.repair import Plan
from unhijack.core.text import printable
from unhijack.ports import Mender, Releases, RepairJournal
from unhijack.remediate.apply import Fate, Workbench, apply
from unhijack.remediate.evidence import Exhibit, exhibits, log_exhibits, seal_evidence
from unhijack.remediate.ledger import State, What, root_of, steps_of
from unhijack.remediate.plan import make_plan
from unhijack.remediate.rows import DatabaseRepairs
from unhijack.remediate.undo import resume, undo
from unhijack.wiring import repairs
from unhijack.wiring.scans import ScanSpec

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, beside what to scan."""

    path: Path
    plan_file: Path | None
    journal: Path | None
    logs: tuple[Path, ...]
    hosts: tuple[str, ...]
    database: str | None
    even_changed: bool

    def again(self) -> str:
        """What is typed behind ``unhijack clean`` to mean the same again; no address of a database,
        in which a password may stand.
        """
        return _typed(self.path) + (" --database URL" if self.database is not None else "")

    def rows(self) -> DatabaseRepairs | None:
        """The database that was named, read once to know what would be changed. Raises WrongUse."""
        if self.database is None:
            return None
        return repairs.make_database_mender(self.database, self.hosts)

    def find(self, spec: ScanSpec) -> Iterator[Finding]:
        """Scan."""
        from unhijack.jobs.scan import look_at_database, scan

        for looked in scan(spec, hands=os.cpu_count() or 1, niceness=10):
            yield from looked.findings
        if self.database is not None:
            yield from look_at_database(self.database, self.hosts).findings


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--apply", "do_it", is_flag=True, help="Do it. Without this nothing is changed.")
@click.option(
    "--dry-run", is_flag=True, help="Change nothing, only say what would be done: the default."
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    help="Write the plan here, to be edited; with --apply, do the plan that stands here.",
)
@click.option(
    "--undo",
    "undo_journal",
    type=click.Path(path_type=Path),
    metavar="JOURNAL",
    help="Put everything back as it was before a repair.",
)
@click.option(
    "--even-changed",
    is_flag=True,
    help="With --undo: put back also what somebody changed after the repair.",
)
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="Store of known releases (unhijack known): files are restored from it.",
)
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for journals, outside of the site.",
)
@click.option(
    "--logs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Log file or folder that goes into the sealed evidence. May be repeated.",
)
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of YARA rules of your own.",
)
@click.option(
    "--database",
    metavar="URL",
    help="Also mend this database: mysql://user@host/name, sqlite:///file. "
    "UNHIJACK_DATABASE_PASSWORD keeps the password out of the command.",
)
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="A name of the site itself.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def clean(
    path: Path,
    do_it: bool,
    dry_run: bool,
    plan_file: Path | None,
    undo_journal: Path | None,
    even_changed: bool,
    known: Path | None,
    journal: Path | None,
    logs: tuple[Path, ...],
    rules: tuple[Path, ...],
    database: str | None,
    hosts: tuple[str, ...],
    as_json: bool,
) -> int:
    """Take out what was planted in the files of a server, without harm.

    Without --apply nothing is changed: the plan is printed. Everything that is done is journaled,
    its originals are kept, and --undo puts them back byte for byte.

    Exit code: 0 done and verified; 1 findings are left; 2 something could not be done.
    """
    if sum((do_it, dry_run, undo_journal is not None)) > 1:
        raise WrongUse("--apply, --dry-run and --undo exclude each other: choose one")
    if not path.exists():
        raise WrongUse(f"{path} is not there")
    wish = Wish(path, plan_file, journal, logs, hosts, database, even_changed)
    out = Printed(as_json=as_json)
    if undo_journal is not None:
        return take_back(wish, _target(path), undo_journal, out)
    spec = _spec(path, known, rules, hosts)
    return repair(wish, spec, out) if do_it else propose(wish, spec, out)


def _target(path: Path) -> ScanSpec:
    from unhijack.wiring.scans import target

    return target(path)


def _spec(path: Path, known: Path | None, rules: Sequence[Path], hosts: Sequence[str]) -> ScanSpec:
    from unhijack.cli.scan import spec_for

    return spec_for(path, known, rules, hosts, cached=True)


def propose(wish: Wish, spec: ScanSpec, out: Printed) -> int:
    """Say what would be done, and change nothing."""
    if wish.plan_file is not None and wish.plan_file.exists():
        raise WrongUse(
            f"{wish.plan_file} is there already, and may be edited: --apply does it, another name "
            "makes a new plan"
        )
    mender = repairs.make_mender(Path(spec.root))
    findings = list(wish.find(spec))
    plan = _plan(spec, findings, mender, repairs.installed(spec), wish.rows())
    out.plan(plan)
    if wish.plan_file is not None:
        _write(wish.plan_file, plan_text(plan))
    out.data(
        {
            "summary": {
                "planned": len(plan.steps),
                "held": len(plan.held),
                "done": 0,
                "refused": 0,
                "left": len(findings),
                "journal": None,
            }
        }
    )
    out.say(*_next_steps(wish, plan, findings))
    return 1 if findings else 0


def _plan(
    spec: ScanSpec,
    findings: Iterable[Finding],
    mender: Mender,
    known: Releases | None,
    rows: DatabaseRepairs | None,
) -> Plan:
    given = spec.prefix.rstrip("/") or ("/" if spec.prefix else ".")
    return replace(make_plan(given, findings, mender, known, rows), root=_real(spec.root))


def _real(root: str) -> str:
    return os.path.realpath(root)


def _next_steps(wish: Wish, plan: Plan, findings: Sequence[Finding]) -> Iterator[str | Text]:
    path = wish.again()
    if not findings:
        yield Text("Nothing was found, and nothing was changed.", style="green")
        return
    yield ""
    yield Text("Nothing was changed yet.", style="bold")
    if wish.plan_file is not None:
        file = _typed(wish.plan_file)
        yield f"The plan stands in {file}. Edit it if you like; then: unhijack clean {path} --apply --plan {file}"
    elif plan.steps:
        yield f"To do it:         unhijack clean {path} --apply"
        yield f"To choose before: unhijack clean {path} --plan plan.txt"
    yield "Whatever is done can be undone: the originals are kept."


def _typed(path: Path | str) -> str:
    """A path as it can be typed in a shell."""
    text = printable(str(path), 400)
    return text if re.fullmatch(r"[\w./@+,:-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def repair(wish: Wish, spec: ScanSpec, out: Printed) -> int:
    """Do a plan: a new one, or the one that was edited."""
    base = repairs.journal_base(wish.journal, Path(spec.root))
    logs = repairs.log_files(wish.logs)
    edited = _edited(wish, spec) if wish.plan_file is not None else None
    _resume_all(base, wish, spec, out)
    mender, known = repairs.make_mender(Path(spec.root)), repairs.installed(spec)
    findings = list(wish.find(spec)) if edited is None else []
    rows = wish.rows()
    plan = edited or _plan(spec, findings, mender, known, rows)
    refused = 0
    journal: RepairJournal | None = None
    if plan.steps:
        journal = repairs.new_journal(base, repairs.make_clock().now())
        try:
            bench = repairs.make_workbench(mender, journal, known, rows)
            bench.record(What.BEGIN, root=plan.root)
            sealed = exhibits(plan, findings, mender, _logs(logs), rows)
            names = seal_evidence(sealed, plan.root, repairs.repair_secrets(), bench)
            out.say(
                f"Kept before anything is changed, sealed: {printable(journal.name, 300)}/{names[0]}"
            )
            refused = _done(plan, bench, out)
        finally:
            journal.close()
    left = list(wish.find(spec))
    _tell(wish, spec, out, plan, journal, refused, left)
    return 1 if left else 2 if refused else 0


def _done(plan: Plan, bench: Workbench, out: Printed) -> int:
    refused = 0
    for outcome in apply(plan, bench):
        out.outcome(outcome)
        refused += outcome.fate is not Fate.DONE
    bench.record(What.END)
    return refused


def _edited(wish: Wish, spec: ScanSpec) -> Plan:
    """The plan that a person edited. Raises WrongUse."""
    assert wish.plan_file is not None
    try:
        content = wish.plan_file.read_bytes()[: MOST_CHARACTERS + 1]
        plan = parse_plan(content.decode())
    except OSError as error:
        raise WrongUse(f"plan {wish.plan_file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"plan {wish.plan_file} is no text (UTF-8)") from None
    if _real(plan.root) != _real(spec.root):
        raise WrongUse(
            f"this plan is for {printable(plan.root, 200)}, not for {spec.root}: name that folder"
        )
    return plan


def _logs(paths: Sequence[Path]) -> Iterator[Exhibit]:
    for number, path in enumerate(paths, start=1):
        yield from log_exhibits(number, str(path), repairs.log_chunks(path))


def _resume_all(base: Path, wish: Wish, spec: ScanSpec, out: Printed) -> None:
    """Find out how far earlier repairs of this folder came, that were interrupted."""
    for folder in repairs.journal_folders(base):
        try:
            _resume(folder, wish, spec, out)
        except WrongUse as error:
            sys.stderr.write(f"unhijack: {printable(str(error), 600)}\n")


def _resume(folder: Path, wish: Wish, spec: ScanSpec, out: Printed) -> None:
    journal = repairs.open_journal(folder)
    try:
        records = journal.records()
        begun = any(record.get("what") == What.BEGIN for record in records)
        if not begun or root_of(records) != _real(spec.root):
            return
        if all(step.state not in (State.OPEN, State.UNDOING) for step in steps_of(records)):
            return
        out.say(f"An earlier repair was interrupted ({printable(journal.name, 300)}):")
        mender = repairs.make_mender(Path(spec.root))
        for outcome in resume(repairs.make_workbench(mender, journal, database=wish.rows())):
            out.outcome(outcome)
    finally:
        journal.close()


def _tell(
    wish: Wish,
    spec: ScanSpec,
    out: Printed,
    plan: Plan,
    journal: RepairJournal | None,
    refused: int,
    left: Sequence[Finding],
) -> None:
    for finding in left:
        out.data({"state": "left", **finding_data(finding)})
    out.data(
        {
            "summary": {
                "planned": len(plan.steps),
                "held": len(plan.held),
                "done": len(plan.steps) - refused,
                "refused": refused,
                "left": len(left),
                "journal": journal.name if journal else None,
            }
        }
    )
    if left:
        out.say("", Text(f"Scanned again: {len(left)} finding(s) are left.", style="bold red"))
        for finding in left:
            out.say(*finding_lines(finding))
    else:
        out.say("", Text("Scanned again: nothing is left.", style="bold green"))
    if journal is not None:
        command = f"unhijack clean {wish.again()} --undo {_typed(journal.name)}"
        out.say(f"To undo all of it: {command}")
    out.say(*_check_line(wish, spec))


def _check_line(wish: Wish, spec: ScanSpec) -> Iterator[str]:
    """How to see from outside whether visitors are still sent away."""
    named = [part for part in Path(spec.root).absolute().parts if _HOST.fullmatch(part)]
    host = (*wish.hosts, *reversed(named), "YOUR-SITE")[0]
    yield f"See from outside whether visitors are still sent away: unhijack check https://{host}/"
    yield "Change every password and key of the site: whoever planted this may know them."


def take_back(wish: Wish, spec: ScanSpec, folder: Path, out: Printed) -> int:
    """Undo a repair."""
    journal = repairs.open_journal(folder)
    try:
        root = root_of(journal.records())
        if root != _real(spec.root):
            raise WrongUse(
                f"this journal is about {printable(root, 200)}, not about {spec.root}: name that "
                "folder"
            )
        mender = repairs.make_mender(Path(spec.root))
        bench = repairs.make_workbench(mender, journal, database=wish.rows())
        count = refused = 0
        for outcome in resume(bench):
            out.outcome(outcome)
        for outcome in undo(bench, even_changed=wish.even_changed):
            out.outcome(outcome, undone=True)
            count += 1
            refused += outcome.fate is not Fate.DONE
    finally:
        journal.close()
    out.data({"summary": {"undone": count - refused, "refused": refused, "journal": journal.name}})
    out.say(_undone(count, refused))
    return 2 if refused else 0


def _undone(count: int, refused: int) -> Text:
    if not count:
        return Text("There is nothing to undo: it was undone before, or nothing was done.")
    if refused:
        return Text(f"{count - refused} put back, {refused} not.", style="bold red")
    return Text(
        f"{count} put back, byte for byte. What was planted is in the site again.", style="bold"
    )


def _write(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
    except OSError as error:
        raise WrongUse(
            f"plan {printable(str(path), 300)} cannot be written: {error.strerror}"
        ) from None
