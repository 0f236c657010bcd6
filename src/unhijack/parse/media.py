"""Content-blindness: no payload of a ``data:`` address is kept."""

import re

_MOST_TYPE = 512
"""Bytes between ``data:`` and its comma; browsers know no limit, honest pages need some 40."""


def _letter(character: str, name: str | None = None) -> bytes:
    """A character as HTML, CSS, JavaScript and JSON can write it, in lower case."""
    code = ord(character)
    forms = [
        re.escape(character),
        rf"&#0{{0,8}}{code}(?![0-9]);?",
        rf"&#x0{{0,8}}{code:x}(?![0-9a-f]);?",
        rf"\\x{code:02x}",
        rf"\\u00{code:02x}",
        rf"\\u\{{0{{0,4}}{code:x}\}}",
        rf"\\0{{0,4}}{code:x}[\t\n\f\r ]?",
    ]
    if name is not None:
        forms.append(rf"&{name};")
    return f"(?:{'|'.join(forms)})".encode()


_BREAK = (
    rb"(?:[\t\n\r]|&tab;|&newline;|&#(?:0{0,8}(?:9|10|13)|x0{0,8}[9ad])(?![0-9a-f]);?"
    rb"|\\(?:[tnr]|\n|\r\n?))"
)
_SCHEME = re.compile(  # an address parser drops breaks wherever they stand
    (_BREAK + rb"{0,9}").join([*map(_letter, "data"), _letter(":", "colon")])
)
_COMMA = re.compile(_letter(",", "comma"))


def _string(quote: bytes) -> bytes:
    """What is left of a string up to its closing quote, escaped or not.

    And what is joined to it by a plus: a payload in pieces. No possessive repeat of a group:
    CPython before 3.11.5 gets them wrong.
    """
    any_quote = rb"[\"'][\t\n\r ]*+\+[\t\n\r ]*+[\"']"
    rest = rb"[^%s\\]*+(?>(?:\\(?![\"'])[^%s\\]*+)*)"
    both = rb"\"'"
    return rest % (quote, quote) + rb"(?>(?:" + any_quote + rest % (both, both) + rb")*)"


_WITHIN = {
    b'"': (re.compile(rb"[\"<>]"), re.compile(_string(b'"'))),
    b"'": (re.compile(rb"['<>]"), re.compile(_string(b"'"))),
    b"`": (re.compile(rb"[`<>]"), re.compile(rb"[^`]*+")),
    b"(": (re.compile(rb"[\"'()<>]"), re.compile(rb"[^)\"']*+")),
    b"=": (re.compile(rb"[\t\n\f\r \"'<>]"), re.compile(rb"[^\t\n\f\r >]*+")),
}
"""By what stands before the address: what ends its media type too soon, and its payload."""
_LOOSE = (re.compile(rb"[\"'()<>{}]"), re.compile(rb"[^\t\n\f\r \"'<>()]*+"))
_TYPED = re.compile(rb"/|;|&(?:sol|semi|#)|\\(?:x2f|u002f)")
_WORD = re.compile(rb"[a-z0-9_$.]")
_TRICKS = (b"&#", b"&colon;", b"&tab;", b"&newline;", b"\\")
_SPACE = b"\t\n\f\r "
_WIDE = b"d\0a\0t\0a\0"


def strip_media(body: bytes) -> bytes:
    """The body with the payload of each ``data:`` address cut out, its media type left.

    Wherever it stands: attribute, style sheet, script; plain, escaped, or in UTF-16. A script
    that puts ``data:`` itself together from pieces is beyond this.
    """
    lowered = body.lower()
    wide = lowered.find(_WIDE)
    if wide >= 0:
        body = _stripped_wide(body, "utf-16-be" if wide % 2 else "utf-16-le")
        lowered = body.lower()
    return _stripped(body, lowered) if _may_hold(lowered) else body


def _stripped_wide(body: bytes, codec: str) -> bytes:
    """A body that is UTF-16, or that only pretends to be: then it comes back as it was."""
    narrow = body.decode(codec, "replace").encode()
    stripped = _stripped(narrow, narrow.lower())
    return body if stripped is narrow else stripped.decode().encode(codec)


def _may_hold(lowered: bytes) -> bool:
    """Whether a ``data:`` can stand there in any spelling; False is certain."""
    return any(trick in lowered for trick in _TRICKS) or b"data:" in lowered.translate(
        None, b"\t\n\r"
    )


def _stripped(body: bytes, lowered: bytes) -> bytes:
    pieces = []
    kept = position = 0
    comma = None
    while (scheme := _SCHEME.search(lowered, position)) is not None:
        position = scheme.end()
        if comma is None or comma.start() < position:  # else still the next one: linear
            comma = _COMMA.search(lowered, position)
            if comma is None:
                break
        if comma.start() - position > _MOST_TYPE:
            continue
        payload = _payload(lowered, scheme, comma)
        if payload is not None:
            pieces.append(body[kept : comma.end()])
            end = payload.match(lowered, comma.end())
            kept = position = end.end() if end else comma.end()
    if not pieces:
        return body
    pieces.append(body[kept:])
    return b"".join(pieces)


def _payload(
    lowered: bytes, scheme: re.Match[bytes], comma: re.Match[bytes]
) -> re.Pattern[bytes] | None:
    """What the payload of an address looks like; None where there is no address.

    ``data:`` is also the commonest key of JavaScript's objects: where nothing opens a string
    there, it must bear a media type to count.
    """
    start, after, end = scheme.start(), scheme.end(), comma.start()
    before = lowered[max(0, start - 16) : start].rstrip(_SPACE)[-1:]
    if before in _WITHIN:
        stop, payload = _WITHIN[before]
        if not stop.search(lowered, after, end):
            return payload
    stop, payload = _LOOSE
    if stop.search(lowered, after, end) or not _TYPED.search(lowered, after, end):
        return None
    return None if _WORD.match(lowered[max(0, start - 1) : start]) else payload
