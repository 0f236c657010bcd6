"""``unhijack report``: take somebody's report; the receipt comes once it is safe."""

import click

from unhijack.casework.intake import report as take_report
from unhijack.config.settings import read_settings
from unhijack.core.report import parse_step
from unhijack.core.site import address_to_check
from unhijack.wiring.visits import make_clock, open_office


@click.command()
@click.argument("url")
@click.option(
    "--pathway",
    multiple=True,
    metavar="STEP",
    help="How they got there, in order: search:WORDS, referrer:URL, click:URL, address:URL.",
)
@click.option("--source", default="citizen", show_default=True, help="Who reports.")
def report(url: str, pathway: tuple[str, ...], source: str) -> None:
    """Take a report of an address, and print its receipt.

    Nothing is visited now: `unhijack worker` does that.
    """
    address = address_to_check(url)
    steps = tuple(parse_step(text) for text in pathway)
    office = open_office(read_settings(), make_clock())
    receipt = take_report(office.doors, address, steps, source[:40])
    click.echo(receipt)
