"""Plain data, as events and JSON lines have it."""

from collections.abc import Mapping
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Data: TypeAlias = Mapping[str, Json]


def canonical(value: Json) -> bytes:
    """RFC 8785 JSON: equal values, equal bytes."""
    return rfc8785.dumps(value)
