"""``unhijack contacts``: who would be told of a site, and why."""

import json
import sys

import click
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unhijack.casework.contacts import Gathered, contact_data, gather, surroundings_data
from unhijack.collect.probe import Budget
from unhijack.config.settings import Settings, read_settings
from unhijack.core.contact import Contact
from unhijack.core.data import Json
from unhijack.core.errors import WrongUse
from unhijack.core.site import Address, address_to_check
from unhijack.core.text import printable
from unhijack.wiring.contacts import bootstrap_file, make_sources, refresh_bootstrap
from unhijack.wiring.visits import make_clock, make_probe, make_secrets

PIPED_WIDTH = 240
"""Characters of a line where no terminal says how wide it is."""
NONE_FOUND = 2


@click.command()
@click.argument("url", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--refresh", is_flag=True, help="First fetch which registry knows what (RDAP) anew from IANA."
)
def contacts(url: str | None, as_json: bool, refresh: bool) -> int:
    """Who can mend the site at URL, who says so, and how far that goes.

    Nothing is sent to anybody and no case is opened. The site itself is asked for its security.txt
    and its imprint; registries, name servers and databases as far as the settings name them.

    Exit code: 0 if there is somebody to tell, else 2.
    """
    settings = read_settings()
    if url is None and not refresh:
        raise WrongUse("no address given: name one, or --refresh")
    address = address_to_check(url) if url is not None else None
    return uvloop.run(_run(settings, address, as_json=as_json, refresh=refresh))


async def _run(settings: Settings, address: Address | None, *, as_json: bool, refresh: bool) -> int:
    probe = make_probe(settings, make_clock(), record=False)
    try:
        if refresh:
            size = await refresh_bootstrap(settings, probe)
            sys.stderr.write(f"unhijack: {bootstrap_file(settings)}: {size} bytes from IANA\n")
        if address is None:
            return 0
        sources = make_sources(settings, probe, make_secrets(settings))
        found = await gather(sources, probe, address, Budget(probe.limits))
    finally:
        await probe.close()
    if as_json:
        _print_lines(found)
    else:
        _print_table(found)
    return 0 if found.contacts else NONE_FOUND


def _print_lines(found: Gathered) -> None:
    for one in found.contacts:
        line: dict[str, Json] = {"mail": one.mail, **contact_data(one)}
        click.echo(json.dumps(line))
    click.echo(json.dumps({"summary": {"site": found.site, **surroundings_data(found)}}))


def _print_table(found: Gathered) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("role", "mail", "confidence", "link", "why"):
        table.add_column(title, no_wrap=title != "why", overflow="fold")
    for one in found.contacts:
        table.add_row(*map(Text, _row(one)))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(table if found.contacts else "nobody was found")
    console.print()
    for line in _around(found):
        console.print(Text(line))


def _row(one: Contact) -> tuple[str, ...]:
    """As shown; whether a link goes to them depends on who says so."""
    link = "yes" if one.independent else "no"
    return one.role, printable(one.mail), f"{one.confidence:.2f}", link, "; ".join(one.why)


def _around(found: Gathered) -> list[str]:
    lines = [f"{one.kind} country: {one.code} ({one.source})" for one in found.countries]
    lines += [f"network: {found.network}"] if found.network else []
    lines += [f"behind {found.proxy}: its desk is asked who the host is"] if found.proxy else []
    lines += [f"kept back by the registry: {', '.join(found.redacted)}"] if found.redacted else []
    return lines + [f"missing: {one.source}: {one.why}" for one in found.missing]
