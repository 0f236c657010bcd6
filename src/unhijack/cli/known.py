"""``unhijack known``: releases that scans compare with."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from unhijack.adapters.known.sources import Named, open_source
from unhijack.adapters.known.store import KnownStore
from unhijack.config.places import state_folder
from unhijack.core.errors import WrongUse
from unhijack.core.known_good import ReleasedFile
from unhijack.core.text import printable

_STORE = click.option(
    "--store", type=click.Path(path_type=Path), help="The store; by default in the state folder."
)


@click.group()
def known() -> None:
    """Releases of WordPress and others, so that a scan knows what was changed."""


@known.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--as", "named", default="", metavar="NAME[@VERSION]", help="What the source is.")
@click.option(
    "--hashes-only", is_flag=True, help="Keep no files to put back: the store stays small."
)
@_STORE
def add(sources: tuple[Path, ...], named: str, hashes_only: bool, store: Path | None) -> int:
    """Take in releases: archives, folders, git histories, checksum lists of wordpress.org."""
    product, _, version = named.partition("@")
    kept = KnownStore(store or _default(), write=True)
    try:
        for path in sources:
            source = open_source(path, Named(product, version))
            files = _without_bodies(source.files) if hashes_only else source.files
            count = kept.add(source.product, source.versions, files)
            first, last = source.versions[0], source.versions[-1]
            which = (
                first if first == last else f"{first} to {last} ({len(source.versions)} releases)"
            )
            sys.stdout.write(f"{printable(f'{source.product} {which}', 200)}: {count} files\n")
        kept.tidy()
    finally:
        kept.close()
    size = kept.path.stat().st_size / 1e6
    sys.stdout.write(f"{kept.path}: {size:.1f} MB\n")
    return 0


@known.command("list")
@_STORE
def list_(store: Path | None) -> int:
    """What the store has."""
    path = store or _default()
    if not path.exists():
        raise WrongUse(f"{path} is not there yet: fill it with unhijack known add")
    kept = KnownStore(path)
    counted = Counter(release.product for release in kept.releases())
    for product, count in sorted(counted.items()):
        versions = [one.version for one in kept.releases() if one.product == product]
        sys.stdout.write(
            f"{printable(f'{product} {versions[0]} to {versions[-1]}', 200)}: {count} releases\n"
        )
    kept.close()
    return 0


def _default() -> Path:
    return state_folder() / "known.sqlite"


def _without_bodies(files: Iterator[ReleasedFile]) -> Iterator[ReleasedFile]:
    return (replace(file, body=None) for file in files)
