"""Frames over the page: what a visitor then sees is another site's, without having left.

An object or embed that shows a page is one too.

By attributes and inline style alone. A frame of a fixed height in the flow of the page (a film, a
map, a form for bookings) covers nothing, whatever its width.
"""

import re
from dataclasses import dataclass

COVERING = 90.0
"""Percent of the window, in both directions, from which on a frame hides the page."""

_MAY_COVER = re.compile(
    rb"<frame[\t\n\f\r />]|<(?:iframe|object|embed)[\t\n\f\r /][^>]{0,4000}?(?:[0-9]%|[0-9][sld]?v[wh]|fixed|absolute)"
)
_SHARE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,9})?)(?:%|[sld]?v[wh]|vmax)")
_HIDDEN = {("display", "none"), ("visibility", "hidden"), ("opacity", "0")}
_EDGES = (("left", "right"), ("top", "bottom"))


@dataclass(frozen=True, slots=True)
class FramePart:
    """A frame that covers the page."""

    src: str
    """As written."""
    based: bool
    """It stands after the page's base, and is resolved against it."""


def may_cover(lowered: bytes) -> bool:
    """Whether a page, in lower case, can hold such a frame; False is nearly certain."""
    some = b"frame" in lowered or b"<object" in lowered or b"<embed" in lowered
    return some and _MAY_COVER.search(lowered) is not None


def covers(attributes: dict[str, str | None]) -> bool:
    """Whether an iframe with these attributes covers the window."""
    style = _declarations(attributes.get("style") or "")
    if any(style.get(name) == value for name, value in _HIDDEN):
        return False
    lifted = style.get("position") in {"fixed", "absolute"}
    return all(
        _is_wide(style.get(name, attributes.get(name) or ""))
        or (lifted and _is_spanned(style, edges))
        for name, edges in zip(("width", "height"), _EDGES, strict=True)
    )


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.lower()[:4000].split(";"))
    return {
        name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value
    }


def _is_wide(value: str) -> bool:
    share = _SHARE.fullmatch(value.strip().lower())
    return share is not None and float(share[1]) >= COVERING


def _is_spanned(style: dict[str, str], edges: tuple[str, str]) -> bool:
    """Stretched from edge to edge: only where no size of its own says otherwise."""
    size = "width" if edges[0] == "left" else "height"
    if style.get(size, "auto") not in {"auto", ""}:
        return False
    everywhere = set(style.get("inset", "").split()) <= {"0", "0px"} and "inset" in style
    return everywhere or all(style.get(edge) in {"0", "0px"} for edge in edges)
