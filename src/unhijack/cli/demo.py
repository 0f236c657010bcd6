"""``unhijack demo``: the whole operation in small, on this machine alone."""

import json
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unhijack.assess.medians import median_of
from unhijack.core.errors import WrongUse
from unhijack.core.site import parse_address
from unhijack.core.text import defang, printable
from unhijack.lab.demo import Scenario, Tone, play
from unhijack.lab.ending import Ending

COLOURS = {Tone.PLAIN: "", Tone.BAD: "red", Tone.CAUGHT: "bold yellow", Tone.GOOD: "green"}


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="Another town for each.")
@click.option("--sites", type=click.IntRange(5, 2000), default=200, show_default=True)
@click.option(
    "--hijacked", type=click.IntRange(1, 200), help="How many of them are.  [default: 15 in 100]"
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything; one that was broken off is gone on with.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the end as one JSON object.")
def demo(seed: int, sites: int, hijacked: int | None, keep: Path | None, as_json: bool) -> None:
    """Play the whole story on this machine.

    One report, a town swept, three campaigns found, owners told, sites mended and verified clean,
    false claims caught, one site hijacked again and reopened.
    An inert town of sites on loopback, with real HTTP, real mail and a clock of its own. Nothing
    leaves this machine.
    """
    hijacked = hijacked or max(1, sites * 15 // 100)
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
        end = {**asdict(ending.tally), "campaigns": [asdict(one) for one in ending.campaigns]}
        click.echo(json.dumps({**end, **_to_clean(ending), "folder": str(folder)}))
    else:
        _show(console, ending)


def _to_clean(ending: Ending) -> dict[str, float | None]:
    """Days from the first notice to verified clean; None for what is beyond the story's end."""
    if not ending.spells:
        return {}
    day = timedelta(days=1)
    found = median_of([one.time / day if one.mended else inf for one in ending.spells])
    return {
        "told": len(ending.spells),
        "still_hijacked": sum(not one.mended for one in ending.spells),
        "median_days": _known(found.value),
        "from_days": _known(found.low),
        "to_days": _known(found.high),
    }


def _known(days: float) -> float | None:
    return None if days == inf else round(days, 2)


def _days(days: float | None) -> str:
    return "beyond the end" if days is None else f"{days:.1f} days"


def _campaigns(ending: Ending) -> Table:
    table = Table(title="\nThe campaigns", title_justify="left", box=None, pad_edge=False)
    for title in ("first distributor", "sends visitors on by", "sites", "told", "clean"):
        table.add_column(title)
    for one in ending.campaigns:
        ways = ", ".join(one.ways)
        table.add_row(defang(one.entry), ways, str(one.sites), str(one.told), str(one.clean))
    return table


def _show(console: Console, ending: Ending) -> None:
    tally = ending.tally
    console.print(_campaigns(ending))
    table = Table(title="\nThe cases at the end", title_justify="left", box=None, pad_edge=False)
    for title in ("case", "site", "state", "notices", "false claims", "hijacked again"):
        table.add_column(title)
    for case in ending.cases:
        table.add_row(
            str(case.number),
            parse_address(case.url).host,
            str(case.state),
            str(case.notices) + (" (uncertain)" if case.uncertain else ""),
            str(case.refuted),
            str(case.relapses),
        )
    console.print(table)
    sums = Table(box=None, pad_edge=False, title="\nThe operation", title_justify="left")
    counts = {
        "reports": tally.reports,
        "verified": tally.verified,
        "told": tally.told,
        "clean": tally.clean,
        "caught": tally.caught,
        "relapsed": tally.relapsed,
        "open": tally.open,
    }
    if tally.uncertain:
        counts["uncertain"] = tally.uncertain
    for title in counts:
        sums.add_column(title, justify="right")
    sums.add_row(*map(str, counts.values()))
    console.print(sums)
    spans = _to_clean(ending)
    if spans:
        interval = f"95 % interval {_days(spans['from_days'])} to {_days(spans['to_days'])}"
        if not spans["from_days"]:
            interval = "too few for an interval"
        console.print(
            f"\nFrom the first notice to verified clean: median {_days(spans['median_days'])} "
            f"({interval}; "
            f"{spans['still_hijacked']} of {spans['told']} not yet clean)."
        )
    console.print(
        f"\nHonest sites accused: {tally.accused}. Hijacked sites missed: {tally.missed}. "
        f"Pictures, films and sounds asked for: {ending.media_requests}."
    )
    console.print(f"Evidence (sealed): {ending.state / 'evidence'}")
    console.print(f"Mails:             {ending.mails / 'new'}")
    console.print(f"Database:          {ending.state / 'unhijack.sqlite3'}")
    console.print(f"\nRead a case:  UNHIJACK_STATE={ending.state} unhijack cases show 1")
