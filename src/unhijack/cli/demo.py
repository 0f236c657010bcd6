"""``unhijack demo``: the whole operation in small, on this machine alone."""

import json
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unhijack.core.errors import WrongUse
from unhijack.core.site import parse_address
from unhijack.core.text import printable
from unhijack.lab.demo import Ending, Scenario, Tone, play

COLOURS = {Tone.PLAIN: "", Tone.BAD: "red", Tone.CAUGHT: "bold yellow", Tone.GOOD: "green"}


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="Another town for each.")
@click.option("--sites", type=click.IntRange(5, 2000), default=20, show_default=True)
@click.option("--hijacked", type=click.IntRange(1, 200), default=5, show_default=True)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything; one that was broken off is gone on with.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the end as one JSON object.")
def demo(seed: int, sites: int, hijacked: int, keep: Path | None, as_json: bool) -> None:
    """Play the whole story on this machine.

    One report, five hijacked sites found, their owners told, mended, verified clean.
    An inert town of sites on loopback, with real HTTP, real mail and a clock of its own. Nothing
    leaves this machine.
    """
    if hijacked > sites:
        raise WrongUse(f"{hijacked} hijacked sites do not fit into a town of {sites}")
    folder = keep or Path(tempfile.mkdtemp(prefix="unhijack-demo-"))
    console = Console(highlight=False, soft_wrap=True)

    opening = [
        f"An inert town of {sites} sites on 127.0.0.1, {hijacked} of them hijacked, with a clock of "
        "its own.\nNothing leaves this machine.\n"
    ]

    def tell(at: datetime, text: str, tone: Tone) -> None:
        if as_json:
            return
        while opening:  # said once the stage stands
            console.print(opening.pop())
        when = Text().append(f"{at:%a %d %b %H:%M}  ", style="dim")
        console.print(when.append(printable(text, 300), style=COLOURS[tone]))

    ending = uvloop.run(play(Scenario(folder, seed, sites, hijacked), tell))
    if as_json:
        click.echo(json.dumps({**asdict(ending.tally), "folder": str(folder)}))
    else:
        _show(console, ending)


def _show(console: Console, ending: Ending) -> None:
    tally = ending.tally
    table = Table(title="\nThe cases at the end", title_justify="left", box=None, pad_edge=False)
    for title in ("case", "site", "state", "notices", "false claims"):
        table.add_column(title)
    for case in ending.cases:
        table.add_row(
            str(case.number),
            parse_address(case.url).host,
            str(case.state),
            str(case.notices) + (" (uncertain)" if case.uncertain else ""),
            str(case.refuted),
        )
    console.print(table)
    sums = Table(box=None, pad_edge=False, title="\nThe operation", title_justify="left")
    counts = {
        "reports": tally.reports,
        "verified": tally.verified,
        "told": tally.told,
        "clean": tally.clean,
        "caught": tally.caught,
        "open": tally.open,
    }
    if tally.uncertain:
        counts["uncertain"] = tally.uncertain
    for title in counts:
        sums.add_column(title, justify="right")
    sums.add_row(*map(str, counts.values()))
    console.print(sums)
    console.print(
        f"\nHonest sites accused: {tally.accused}. Hijacked sites missed: {tally.missed}. "
        f"Pictures, films and sounds asked for: {ending.media_requests}."
    )
    console.print(f"Evidence (sealed): {ending.state / 'evidence'}")
    console.print(f"Mails:             {ending.mails / 'new'}")
    console.print(f"Database:          {ending.state / 'unhijack.sqlite3'}")
    console.print(f"\nRead a case:  UNHIJACK_STATE={ending.state} unhijack cases show 1")
