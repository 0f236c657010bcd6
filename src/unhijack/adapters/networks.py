"""The Networks port by maxminddb: databases that the operator keeps on this machine.

Read by its plain reader, from the file: one look-up a case is no load, and a file that is replaced
or cut while it is open cannot end the process, as it would in mapped memory.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import maxminddb

from unhijack.core.egress import IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.sources import Origin
from unhijack.parse.networks import read_record

_DAMAGED = (
    maxminddb.InvalidDatabaseError,
    *(ValueError, TypeError, LookupError, OSError, RecursionError, struct.error),
    *(OverflowError, MemoryError, AttributeError),
)


class MmdbNetworks:
    """Several files: what one does not say, the next may. Raises WrongUse for one that is none."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [(path, _open(path)) for path in paths]

    def origin(self, address: IpAddress) -> tuple[Origin, str] | Failure:
        """See the port."""
        found, by = Origin(), []
        damaged = ""
        for path, file in self._files:
            if address.version == 6 and file.metadata().ip_version == 4:
                continue
            try:
                read = read_record(file.get(address))
            except _DAMAGED:
                damaged = path.name
                continue
            more = _together(found, read)
            by += [path.name] if more != found else []
            found = more
        if found == Origin():
            why = f"{damaged} is damaged" if damaged else "the databases do not know its address"
            return Failure(FailureKind.LOOKUP, why)
        return found, ", ".join(by)

    def close(self) -> None:
        """Let go of the files."""
        for _, file in self._files:
            file.close()


def _open(path: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(path, maxminddb.MODE_FILE)
    except _DAMAGED:
        raise WrongUse(f"network database {path} cannot be read: is it an MMDB file?") from None


def _together(first: Origin, second: Origin) -> Origin:
    return replace(
        first,
        country=first.country or second.country,
        as_number=first.as_number or second.as_number,
        organisation=first.organisation or second.organisation,
    )
