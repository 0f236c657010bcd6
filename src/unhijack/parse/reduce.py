"""Bounds what the HTML parser can be made to do, by leaving out what cannot matter.

Lexbor is quadratic in open elements, in the attributes of one tag, and, worst, in open formatting
elements, which every paragraph clones. No estimate of nesting is both linear and safe against
end tags that a parser ignores. So a page that is large or rich in tags is first cut down, by one
linear pass over its tokens, to the few elements that bear on redirects and scripts.
"""

import re

PLAIN_BYTES = 65_536
PLAIN_TAGS = 2_000
"""A page within both is parsed as it is: its worst case is some 50 ms."""

MOST_TAGS = 10_000
MOST_TAGS_FOREIGN = 2_500
"""``<`` left after reduction, beyond which the page is cut; less where SVG or MathML can turn the
raw text of a style or title back into markup."""


def _all(pattern: bytes, repeat: bytes = b"*") -> bytes:
    """As often as possible, and no way back.

    Spelled with an atomic group: before 3.11.5 CPython gets possessive repeats of groups wrong, and
    a capture within one makes 3.11 raise.
    """
    return rb"(?>(?:" + pattern + rb")" + repeat + rb")"


_SPACE = rb"[\t\n\f\r ]"
_AFTER = rb"[\t\n\f\r />]"
_VALUE = rb"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|(?=>)"
_ATTRIBUTE = (
    rb"(?:[\t\n\f\r /]++|[^\t\n\f\r />][^\t\n\f\r />=]*+"
    + _all(_SPACE + rb"*+=" + _SPACE + rb"*+(?:" + _VALUE + rb")", b"?")
    + rb")"
)
_TAIL = _all(_ATTRIBUTE) + rb"(?:>|\Z)"
_REST = rb"(?=" + _AFTER + rb"|\Z)" + _TAIL


def _until_end_tag(name: bytes, inside: bytes = b"[^<]++") -> bytes:
    """A start tag, text that may hold anything but its end tag, and the end tag if there is one."""
    end = rb"</" + name
    text = _all(rb"<(?![/!])|" + inside + rb"|<(?!/" + name + _AFTER + rb")")
    return rb"<" + name + _REST + text + _all(end + _REST, b"?")


_TWICE_ESCAPED = (  # in a script, after <!--, a <script> hides the next </script>
    rb"<script" + _AFTER + _all(rb"[^<-]++|-(?!->)|<(?!/script" + _AFTER + rb")")
    + _all(rb"</script" + _AFTER, b"?")
)  # fmt: skip
_ESCAPED = (
    rb"<!--(?:-?>|"
    + _all(rb"[^<-]++|-(?!->)|" + _TWICE_ESCAPED + rb"|<(?!/script" + _AFTER + rb")")
    + _all(rb"-->", b"?") + rb")"
)  # fmt: skip
_SCRIPT = _until_end_tag(b"script", rb"[^<]++|" + _ESCAPED)
_RAW_NAMES = rb"style|title|textarea|xmp|iframe|noembed|noframes|noscript"
_RAW = rb"|".join(map(_until_end_tag, _RAW_NAMES.split(b"|")))
_IFRAME = _until_end_tag(b"iframe")
_RAW_DROPPED = rb"|".join(
    _until_end_tag(name) for name in _RAW_NAMES.split(b"|") if name != b"iframe"
)
_KEPT_NAMES = rb"meta|base|template|svg|math|foreignobject|desc"
_KEPT = rb"</?(?:" + _KEPT_NAMES + rb")" + _REST
_COMMENT = rb"<!--(?:-?>|[^-]*+" + _all(rb"-(?!-!?>)[^-]*+") + rb"(?:--!?>|\Z))"


def _tokens(kept: bytes, dropped: bytes, names: bytes) -> re.Pattern[bytes]:
    """One token that is kept, or a run of others with the text that follows each of them.

    `names` are the elements whose start tags are no "others".
    """
    tag = rb"[a-zA-Z][^\t\n\f\r />]*+" + _TAIL
    other = rb"|".join(
        (
            dropped,
            rb"<(?!(?:" + names + rb")" + _AFTER + rb")" + tag,
            rb"</(?!(?:" + _KEPT_NAMES + rb")" + _AFTER + rb")" + tag,
            rb"<(?:[!?]|/(?![a-zA-Z]))[^>]*+(?:>|\Z)",
            rb"<(?![a-zA-Z!?/])",
        )
    )
    run = _all(rb"(?:" + other + rb")[^<]*+", b"+")
    return re.compile(rb"(?P<kept>" + kept + rb")|" + run, re.IGNORECASE)


_TOKEN = _tokens(
    _SCRIPT + rb"|" + _RAW + rb"|" + _KEPT,
    _COMMENT,
    rb"script|" + _RAW_NAMES + rb"|" + _KEPT_NAMES,
)
_TOKEN_PLAIN = _tokens(  # without foreign content raw text is text, and goes too
    _SCRIPT + rb"|" + _IFRAME + rb"|" + _KEPT,
    _RAW_DROPPED + rb"|" + _COMMENT,
    rb"script|iframe|" + _KEPT_NAMES,
)
_FOREIGN = re.compile(rb"<(?:svg|math)", re.IGNORECASE)
_MANY = _ATTRIBUTE + rb"{500}"  # spaces count as well, so half as many attributes
_CROWDED = re.compile(
    rb"<(?:script|meta|base|template|iframe)(?=" + _AFTER + rb")" + _MANY, re.IGNORECASE
)
_CROWDED_FOREIGN = re.compile(rb"<[a-zA-Z][^\t\n\f\r />]*+" + _MANY)


def bounded(body: bytes) -> tuple[bytes, bool]:
    """A page, in UTF-8, that is cheap to parse and holds the same refreshes, bases and scripts.

    The flag says that there was more structure than we parse, and that the rest was cut off.
    Where SVG or MathML are mixed with raw text on purpose, the two readings can differ.
    """
    if len(body) <= PLAIN_BYTES and body.count(b"<") <= PLAIN_TAGS:
        return body, False
    foreign = _FOREIGN.search(body) is not None
    tokens, crowds, most = (
        (_TOKEN, _CROWDED_FOREIGN, MOST_TAGS_FOREIGN)
        if foreign
        else (_TOKEN_PLAIN, _CROWDED, MOST_TAGS)
    )
    reduced = tokens.sub(rb"\g<kept>", body)
    end = _nth(reduced, most)
    crowded = crowds.search(reduced, 0, end)
    if crowded is not None:
        end = crowded.start()
    return reduced[:end], end < len(reduced)


def _nth(body: bytes, number: int) -> int:
    """Where the `number`-th ``<`` stands, or the length of a body with fewer."""
    if body.count(b"<") < number:
        return len(body)
    position = -1
    for _ in range(number):
        position = body.index(b"<", position + 1)
    return position
