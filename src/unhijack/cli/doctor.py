"""``unhijack doctor``: whether everything that the house needs is there."""

import click
from rich.console import Console
from rich.text import Text

from unhijack.config.settings import read_settings
from unhijack.wiring.doctor import Health, examine_house

_STYLES = {Health.GOOD: "green", Health.CARE: "yellow", Health.BAD: "red bold"}


@click.command()
def doctor() -> int:
    """Look at the database, keys, mail, ways out, sources and clocks; say what to do.

    Exit code: 0 if all is well, 2 if something does not work.
    """
    console = Console(highlight=False, soft_wrap=True)
    bad = False
    for finding in examine_house(read_settings()):
        bad = bad or finding.health is Health.BAD
        line = Text(f"{finding.health:<5} ", style=_STYLES[finding.health])
        console.print(line.append(f"{finding.what}: {finding.text}", style=""))
    return 2 if bad else 0
