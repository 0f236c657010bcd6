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

_SPACE = rb"[\t\n\f\r ]"
_ATTRIBUTE = (
    rb"(?:[\t\n\f\r /]++|[^\t\n\f\r />][^\t\n\f\r />=]*+"
    rb"(?:" + _SPACE + rb"*+=" + _SPACE + rb"*+"
    rb"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|(?=>)))?+)"
)
_REST = rb"(?=[\t\n\f\r />]|\Z)" + _ATTRIBUTE + rb"*+(?:>|\Z)"
_AFTER = rb"[\t\n\f\r />]"

_ESCAPED = (  # what follows <!-- inside a script, where a <script> hides the next </script>
    rb"<!--(?:-?>|(?:[^<-]++|-(?!->)"
    rb"|<script" + _AFTER + rb"(?:[^<-]++|-(?!->)|<(?!/script" + _AFTER + rb"))*+"
    rb"(?:</script" + _AFTER + rb")?+"
    rb"|<(?!/script" + _AFTER + rb"))*+(?:-->)?+)"
)
_SCRIPT = (
    rb"<script" + _REST + rb"(?:[^<]++|" + _ESCAPED + rb"|<(?!/script" + _AFTER + rb"))*+"
    rb"(?:</script" + _REST + rb")?+"
)
_RAW_NAMES = rb"style|title|textarea|xmp|iframe|noembed|noframes|noscript"
_RAW = (
    rb"<(?P<raw>" + _RAW_NAMES + rb")" + _REST + rb"[^<]*+"
    rb"(?:<(?!/(?P=raw)" + _AFTER + rb")[^<]*+)*+(?:</(?P=raw)" + _REST + rb")?+"
)
_KEPT_NAMES = rb"meta|base|template|svg|math|foreignobject|desc"
_KEPT = rb"</?(?:" + _KEPT_NAMES + rb")" + _REST
_COMMENT = rb"<!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))"


def _tokens(kept: bytes, dropped: bytes, names: bytes) -> re.Pattern[bytes]:
    """One token that is kept, or a run of others with the text that follows each of them.

    `names` are the elements whose start tags are no "others".
    """
    other = (
        dropped + rb"|<(?!(?:" + names + rb")" + _AFTER + rb")[a-zA-Z][^\t\n\f\r />]*+"
        rb"" + _ATTRIBUTE + rb"*+(?:>|\Z)"
        rb"|</(?!(?:" + _KEPT_NAMES + rb")" + _AFTER + rb")[a-zA-Z][^\t\n\f\r />]*+"
        rb"" + _ATTRIBUTE + rb"*+(?:>|\Z)"
        rb"|<[!?][^>]*+(?:>|\Z)|</(?![a-zA-Z])[^>]*+(?:>|\Z)|<(?![a-zA-Z!?/])"
    )
    return re.compile(rb"(?P<kept>" + kept + rb")|(?:(?:" + other + rb")[^<]*+)++", re.IGNORECASE)


_TOKEN = _tokens(
    _SCRIPT + rb"|" + _RAW + rb"|" + _KEPT,
    _COMMENT,
    rb"script|" + _RAW_NAMES + rb"|" + _KEPT_NAMES,
)
_TOKEN_PLAIN = _tokens(  # without foreign content raw text is text, and goes too
    _SCRIPT + rb"|" + _KEPT, _RAW + rb"|" + _COMMENT, rb"script|" + _KEPT_NAMES
)
_FOREIGN = re.compile(rb"<(?:svg|math)", re.IGNORECASE)
_MANY = _ATTRIBUTE + rb"{500}"  # spaces count as well, so half as many attributes
_CROWDED = re.compile(rb"<(?:script|meta|base|template)(?=" + _AFTER + rb")" + _MANY, re.IGNORECASE)
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
