"""Records of address databases (MaxMind, DB-IP, IPinfo) to the country and network of an address."""

from collections.abc import Mapping

from unhijack.core.contact import country_code
from unhijack.core.sources import Origin
from unhijack.core.text import printable

MOST_NAME = 100


def read_record(record: object) -> Origin:
    """What one record says, whichever of the three makers wrote it. Never raises."""
    if not isinstance(record, Mapping):
        return Origin()
    number = record.get("autonomous_system_number", record.get("asn"))
    name = record.get("autonomous_system_organization") or record.get("as_name")
    return Origin(
        _country(record),
        _number(number),
        printable(name, MOST_NAME) if isinstance(name, str) else "",
    )


def _country(record: Mapping[object, object]) -> str:
    for key in ("country", "registered_country"):
        inner = record.get(key)
        if isinstance(inner, Mapping) and (code := country_code(inner.get("iso_code"))):
            return code
    return country_code(record.get("country_code")) or country_code(record.get("country"))


def _number(value: object) -> int | None:
    """An AS number, written as a number or as ``AS64500``."""
    if isinstance(value, str):
        digits = value.strip().upper().removeprefix("AS")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 11 else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value < 2**32 else None
