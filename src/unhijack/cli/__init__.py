"""The front door: a file a command."""

import click

from unhijack import __version__


@click.group()
@click.version_option(__version__)
def main() -> None:
    """From a citizen's report of a hijacked web server to a verified clean one."""
