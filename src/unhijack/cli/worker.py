"""``unhijack worker``: do what is due."""

import asyncio
import sys

import click
import uvloop

from unhijack.casework.agenda import Office, run_due
from unhijack.config.settings import read_settings
from unhijack.wiring.visits import make_clock, open_office

PAUSE_SECONDS = 5.0


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(once: bool) -> None:
    """Do what is due, until stopped.

    Examine reported sites, tell owners, check claims of being clean.

    One worker a state folder. It may be killed at any moment.
    """
    office = open_office(read_settings(), make_clock(), warn=_warn)
    uncertain = office.doors.cases.become_worker(office.doors.clock.now())
    if uncertain:
        sys.stderr.write(
            f"unhijack: {uncertain} notices may or may not have left when the last worker died: "
            "see `unhijack cases`\n"
        )
    done = uvloop.run(_work(office, once=once))
    click.echo(f"{done} steps", err=True)


async def _work(office: Office, *, once: bool) -> int:
    done = 0
    try:
        while True:
            done += await run_due(office)
            if once:
                return done
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await office.close()


def _warn(text: str) -> None:
    sys.stderr.write(f"unhijack: {text}\n")
