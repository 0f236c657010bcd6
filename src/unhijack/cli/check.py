"""``unhijack check``: is this address sending some of its visitors away?"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from unhijack.casework.examine import Examination, examine
from unhijack.casework.plans import plan_for
from unhijack.cli.show import verdict_lines
from unhijack.collect.probe import Budget, Probe
from unhijack.config.settings import Settings, read_settings
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.site import Address, address_to_check
from unhijack.core.verdict import Reason, Ruling, Verdict, verdict_data
from unhijack.jobs.pool import for_each
from unhijack.ports import Files, Secrets
from unhijack.wiring.visits import make_clock, make_files, make_probe, make_secrets, with_scripts

AT_ONCE = 64
"""Sites that are examined at the same time; each gets its visits one after the other."""
MOST_LINE = 20_000
"""Characters of one line of a list."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address as it was given, and as it is visited; or why it cannot be."""

    given: str
    address: Address | None
    error: str | None = None


@click.command()
@click.argument("urls", nargs=-1, metavar="URL...")
@click.option(
    "--file",
    "list_file",
    type=click.Path(path_type=Path),
    help="Addresses, one a line; - is stdin.",
)
@click.option(
    "--profile",
    type=click.Choice(["check", "thorough"]),
    default="check",
    show_default=True,
    help="How many visits.",
)
@click.option(
    "--tier",
    type=click.Choice(["wire", "script"]),
    default="script",
    show_default=True,
    help="How deep: wire reads redirects, Refresh headers and meta refreshes; script runs the "
    "scripts of pages too, in a sandbox.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--evidence", type=click.Path(path_type=Path), help="Keep sealed WARC files in this folder."
)
@click.option(
    "--hosts", type=click.Path(path_type=Path), help="Names in /etc/hosts form, before DNS (labs)."
)
@click.option("--allow-net", multiple=True, metavar="CIDR", help="Lift the guard (labs).")
def check(
    urls: tuple[str, ...],
    list_file: Path | None,
    profile: str,
    tier: str,
    as_json: bool,
    evidence: Path | None,
    hosts: Path | None,
    allow_net: tuple[str, ...],
) -> int:
    """Is an address sending some of its visitors away?

    It is visited as different people would: from a search engine and directly, with a phone and at
    a desk, for the first time and again, and as a crawler.

    Exit code: 1 if an address is hijacked or suspicious; else 2 if one could not be judged; else 0.
    """
    settings = read_settings(hosts=hosts, allow_net=allow_net)
    wanted = [Wanted(url, address_to_check(url)) for url in urls]
    if not wanted and list_file is None:
        raise WrongUse("no address given: name one, or a list with --file")
    wanted += [_listed(line) for line in _lines(list_file)]
    run = Run(settings, profile, as_json=as_json, evidence=evidence)
    probe = make_probe(settings, make_clock(), record=evidence is not None)
    if tier == "script":
        probe = with_scripts(probe, _warn)
    if settings.hosts or settings.allow_net:
        sys.stderr.write(_lab_note(settings))
    return uvloop.run(run.all(probe, wanted))


def _warn(text: str) -> None:
    sys.stderr.write(f"unhijack: {text}\n")


def _lab_note(settings: Settings) -> str:
    parts = [f"names from {settings.hosts}"] if settings.hosts else []
    parts += [f"guard lifted for {net}" for net in settings.allow_net]
    return f"unhijack: lab run: {', '.join(parts)}\n"


def _lines(path: Path | None) -> Iterator[str]:
    """The lines of a list that say something. Raises WrongUse before anything was visited."""
    if path is None:
        return
    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise WrongUse(f"list {path} cannot be read: {error.strerror}") from None
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise WrongUse(f"list {path} is no text (UTF-8)") from None
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()[:MOST_LINE]


def _listed(line: str) -> Wanted:
    """A line of a list: one that is no address gets its answer, and the rest goes on."""
    try:
        return Wanted(line, address_to_check(line))
    except WrongUse as error:
        return Wanted(line, None, str(error))


class Run:
    """One command's worth of addresses."""

    def __init__(
        self, settings: Settings, profile: str, *, as_json: bool, evidence: Path | None
    ) -> None:
        self._secrets: Secrets = make_secrets(settings)
        self._lab = bool(settings.hosts or settings.allow_net)
        self._profile = profile
        self._json = as_json
        self._files: Files | None = make_files(evidence, self._secrets) if evidence else None
        self._out = Console(highlight=False, soft_wrap=True)
        self._code = 0

    async def all(self, probe: Probe, wanted: list[Wanted]) -> int:
        """Examine everything, print each answer as it comes, and return the exit code."""
        budget = Budget(probe.limits)
        with _progress() as progress:
            task = progress.add_task("visiting", total=len(wanted))

            async def one(item: Wanted) -> None:
                verdict = await self._verdict(probe, budget, item)
                self._print(item.given, verdict)
                self._code = _worse(self._code, verdict.ruling)
                progress.advance(task)

            await for_each(wanted, one, AT_ONCE)
        await probe.close()
        return self._code

    async def _verdict(self, probe: Probe, budget: Budget, item: Wanted) -> Verdict:
        if item.address is None:
            text = item.error or "no address"
            return Verdict(Ruling.UNREACHABLE, 1.0, (Reason("no-address", text),), error=text)
        plan = plan_for(self._profile, ())
        done = await examine(probe, item.address, (), plan, budget, self._secrets.keyed_hash)
        self._keep(done)
        return done.verdict

    def _keep(self, done: Examination) -> None:
        if self._files is not None and done.exchanges:
            digest = hashlib.sha256(done.address.href.encode()).hexdigest()[:16]
            hijacked = done.verdict.ruling is Ruling.HIJACKED
            name = f"{done.address.host.replace(':', '_')}-{digest}"
            self._files.keep(name, done.exchanges, with_bodies=hijacked)

    def _print(self, url: str, verdict: Verdict) -> None:
        if self._json:
            line: dict[str, Json] = {"url": url, **verdict_data(verdict)}
            if self._lab:
                line["lab"] = True
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            return
        for text in verdict_lines(url, verdict):
            self._out.print(text)


def _progress() -> Progress:
    """On stderr, and only where a person sits."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _worse(code: int, ruling: Ruling) -> int:
    """The contract's exit code after one more ruling."""
    if ruling.found or code == 1:
        return 1
    return 2 if ruling.open else code
