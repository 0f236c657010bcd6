"""Plain data, as events and JSON lines have it."""

from collections.abc import Mapping
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Data: TypeAlias = Mapping[str, Json]


def items(value: Json) -> list[Json]:
    """The items of a list; nothing where there is none."""
    return value if isinstance(value, list) else []


def objects(value: Json) -> list[dict[str, Json]]:
    """The objects of a list."""
    return [item for item in items(value) if isinstance(item, dict)]


def canonical(value: Json) -> bytes:
    """RFC 8785 JSON: equal values, equal bytes."""
    return rfc8785.dumps(value)
