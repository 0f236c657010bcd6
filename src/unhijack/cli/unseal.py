"""``unhijack unseal``: look into sealed evidence, with a reason, on record."""

import sys
from pathlib import Path

import click

from unhijack.cli.who import current_user
from unhijack.config.settings import read_settings
from unhijack.core.errors import WrongUse
from unhijack.wiring.visits import make_clock, make_secrets, open_store


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why it must be seen; it is recorded for good.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the WARC goes; else stdout.")
def unseal(file: Path, reason: str, out: Path | None) -> None:
    """Decrypt an evidence file, on record.

    It may hold addresses of illegal pages in full.
    """
    if not reason.strip():
        raise WrongUse("a reason is needed: say why it must be seen")
    settings = read_settings()
    try:
        content = make_secrets(settings).unseal(file.read_bytes())
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}") from None
    store = open_store(settings)
    store.record_look(make_clock().now(), current_user(), file.name, reason[:1000])
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise WrongUse(f"{out} cannot be written: {error.strerror}") from None
