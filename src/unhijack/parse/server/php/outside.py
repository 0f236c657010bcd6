"""Script and frames before the first opening tag or behind the last closing one."""

import re

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.aims import is_foreign
from unhijack.parse.server.php.tree import Code

_ELEMENT = re.compile(
    rb"\s*(?:<script\b[^>]{0,500}>(?:(?!</script).){0,200000}</script\s{0,5}>"
    rb"|<iframe\b[^>]{0,800}>\s{0,20}</iframe\s{0,5}>|<!--[^<>]{0,200}-->)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(
    rb"\b(?:namespace|class|function|require|require_once|define|interface|trait|include)\b"
)
_LEAST_CODE = 40


def outside_marks(code: Code, own: frozenset[str]) -> list[Mark]:
    """Elements in a file that otherwise is code alone: no page that could want them."""
    content = code.content
    if code.bare or code.partial:
        return []
    texts = [p for p in code.pieces if p.kind == "text" and content[p.start : p.end].strip()]
    marks = []
    tags = [p for p in code.pieces if p.kind == "php_tag"]
    ends = [p for p in code.pieces if p.kind == "php_end_tag"]
    if len(texts) != 1 or not tags:
        return []
    text = texts[0]
    body = content[text.start : text.end]
    if not _only_elements(body):
        return []
    found = v.literal(body.decode("latin-1"))
    telling = bool(found.flags & v.SCRAMBLED or any(is_foreign(host, own) for host in found.hosts))
    if not _is_logic(code, telling=telling):
        return []
    confidence = 0.88 if telling else 0.6
    if text.start <= 3 and text.end <= tags[0].start:  # a byte order mark
        reason = "Script or a frame stands before the code of a file that is no page"
        cut = (text.start, tags[0].start)
        marks.append(Mark("php-markup-before-code", "injection", confidence, reason, *cut, cut))
    elif ends and text.start >= ends[-1].end - 1 and not content[text.end :].strip():
        reason = "Script or a frame stands behind the code of a file that is no page"
        start = ends[-1].start + 2
        kept = 1 if content[start : start + 1] == b"\n" else 0
        cut = (start + kept, len(content))
        marks.append(Mark("php-markup-after-code", "injection", confidence, reason, *cut, cut))
    return marks


def _only_elements(body: bytes) -> bool:
    at = 0
    count = 0
    while (match := _ELEMENT.match(body, at)) is not None and count < 50:
        count += 1
        at = match.end()
    return bool(count) and not body[at:].strip() and b"<" in body.replace(b"<!--", b"")


def _is_logic(code: Code, *, telling: bool) -> bool:
    statements = [
        p for p in code.pieces if p.kind not in {"text", "php_tag", "php_end_tag", "comment"}
    ]
    size = sum(p.end - p.start for p in statements)
    return size >= _LEAST_CODE and (telling or bool(_CODE.search(code.content)))
