"""``unhijack stats``: what works, measured."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as Shown
from rich.text import Text

from unhijack.assess.effects import BY, LEAST, Tally
from unhijack.casework.measure import measure
from unhijack.cli.stats_data import figures_data
from unhijack.compose.stats_page import stats_page
from unhijack.compose.stats_texts import tables
from unhijack.config.settings import read_settings
from unhijack.core.errors import WrongUse
from unhijack.core.figures import NO_CURVES, Figures
from unhijack.core.text import printable
from unhijack.wiring.notices import make_printer
from unhijack.wiring.visits import make_clock, open_store

PIPED_WIDTH = 200
QUIET = timedelta(days=7)
"""Without an entry in any journal: then the figures are of another day than the reader thinks."""
_DATE = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Also write a page.")
@click.option("--pdf", "paper", type=click.Path(path_type=Path), help="Also write it for paper.")
@click.option("--since", type=_DATE, help="Cases reported on this day (UTC) or later.")
@click.option("--until", type=_DATE, help="Cases reported before this day (UTC).")
@click.option("--country", default="", help="Cases of one country, as two letters.")
@click.option("--by", type=click.Choice(list(BY)), help="Set groups beside each other.")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=LEAST,
    show_default=True,
    help="Cases below which nothing of a hoster is shown.",
)
def stats(
    as_json: bool,
    page: Path | None,
    paper: Path | None,
    since: datetime | None,
    until: datetime | None,
    country: str,
    by: str | None,
    least: int,
) -> int:
    """Receipt, time to clean, uplift over no notice, relapses: from the journals of all cases.

    How each figure is reckoned stands in docs/measuring.md.
    """
    settings = read_settings()
    store, now = open_store(settings), make_clock().now()
    as_of = store.latest() or now
    tally = Tally(as_of, by or "", least)
    country = country.lower()
    measure(store, tally, _utc(since), _utc(until), country)
    figures = tally.figures()
    if not figures.curves:
        sys.stderr.write(f"unhijack: {NO_CURVES}\n")
    which = _which(since, until, country)
    if page is not None or paper is not None:
        made = stats_page(figures, settings.organisation, which)
        if page is not None:
            _write(page, made.encode())
        if paper is not None:
            _write(paper, make_printer().pdf(made))
    if now - as_of > QUIET:
        sys.stderr.write(
            f"unhijack: nothing has happened since {as_of:%Y-%m-%d}, and the figures are of that "
            "day: if the worker should run, see `unhijack doctor`\n"
        )
    if as_json:
        click.echo(json.dumps(figures_data(figures)))
    else:
        _print(figures, which)
    return 0


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _which(since: datetime | None, until: datetime | None, country: str) -> str:
    """The cases it is about, in words."""
    said = "All cases" if not country else f"Cases of {country.upper()[:10]}"
    if since:
        said += f", reported since {since:%Y-%m-%d}"
    if until:
        said += f"{'' if since else ', reported'} before {until:%Y-%m-%d}"
    return f"{said}."


def _print(figures: Figures, which: str) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(Text(f"{which} As of {figures.as_of:%Y-%m-%d %H:%M} UTC.", style="bold"))
    for table in tables(figures):
        console.print(Text(f"\n{table.title}", style="bold"))
        if table.rows:
            shown = Shown(box=None, pad_edge=False)
            for place, title in enumerate(table.columns):
                shown.add_column(title, justify="right" if place else "left", overflow="fold")
            for row in table.rows:
                shown.add_row(*(Text(printable(cell, 200)) for cell in row))
            console.print(shown)
        for note in table.notes:
            console.print(Text(note, style="dim"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from None
