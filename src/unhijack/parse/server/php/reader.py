"""One PHP file in, marks out."""

from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.php_stretches import Stretch, cut_out
from unhijack.parse.server.php.cuts import cut_of, out_of_place
from unhijack.parse.server.php.flow import facts_of
from unhijack.parse.server.php.gate import telling
from unhijack.parse.server.php.outputs import output_marks
from unhijack.parse.server.php.outside import outside_marks
from unhijack.parse.server.php.planted import planted_marks
from unhijack.parse.server.php.redirects import redirect_marks
from unhijack.parse.server.php.tree import MOST_BYTES, Code, read_code
from unhijack.parse.server.place import Place

_MOST_MARKS = 50
_TELLING = 0.5
_LIKELY = 0.6
_CERTAIN = 0.91
_PROSE = (".md", ".markdown", ".rst", ".txt", ".adoc", ".textile")
_ACTS = ("php-redirect-", "php-output-", "php-include-", "php-run-", "php-header-", "php-prepends")
_SMALL = 1_500
"""Bytes of a file that may be nothing but a redirect."""


def php_marks(content: bytes, place: Place, clues: Clues | None = None) -> list[Mark]:
    """What planted code in a PHP file, or in a decoded layer of one, gives itself away by.

    Bounded: at most 2 MiB are read, at most 50 marks come back, best first; never raises for
    what the bytes are. `clues` are those of `content`, where they were looked up before.
    """
    if len(content) > MOST_BYTES:
        return []
    clues = Clues(content) if clues is None else clues
    parts = telling(clues)
    if parts != [(0, len(content))]:
        faint = [mark for part in parts for mark in _marks_of_part(content, part, place)]
        if all(mark.confidence < _TELLING for mark in faint):
            return _best(faint)
    code, marks = _marks(content, place)
    return _cut(code, _best(marks)) if code is not None else []


def _marks_of_part(content: bytes, part: Stretch, place: Place) -> list[Mark]:
    """What a stretch of a file does, read as a program of its own."""
    code, less = cut_out(content, part)
    return [
        mark._replace(start=max(mark.start + less, 0), end=max(mark.end + less, 0), cut=None)
        for mark in _marks(code, place)[1]
    ]


def _marks(content: bytes, place: Place) -> tuple[Code | None, list[Mark]]:
    code = read_code(content)
    if code is None:
        return None, []
    facts = facts_of(code)
    if place.path.lower().endswith(_PROSE):  # backticks are quotes there
        facts = tuple(fact for fact in facts if fact.name != "backtick")
    bare = _is_bare(code)
    marks = redirect_marks(facts, place.own_hosts, bare=bare)
    marks += output_marks(facts, place.own_hosts, bare=bare)
    marks += planted_marks(facts)
    marks += outside_marks(code, place.own_hosts)
    return code, marks


def _cut(code: Code, marks: list[Mark]) -> list[Mark]:
    """The marks with the block that they show, where its bounds are certain."""
    shown = [(m.start, m.end) for m in marks if m.confidence >= _TELLING and m.cut is None]
    cut, whole = cut_of(code, shown)
    if cut is None and not whole:
        return marks
    odd = cut is not None and out_of_place(code, cut)
    return [
        _sure(mark._replace(cut=cut, whole=whole), odd=odd)
        if mark.cut is None and mark.confidence >= _TELLING
        else mark
        for mark in marks
    ]


def _sure(mark: Mark, *, odd: bool) -> Mark:
    """What does as planted code does, and lies where only planted code lies, is certain."""
    if not odd or mark.confidence < _LIKELY or not mark.rule.startswith(_ACTS):
        return mark
    return mark._replace(confidence=max(mark.confidence, _CERTAIN))


def _is_bare(code: Code) -> bool:
    """Whether the file is a few statements and nothing else: no function, class or page."""
    if len(code.content) > _SMALL:
        return False
    kinds = {piece.kind for piece in code.pieces}
    statements = sum(piece.kind.endswith("_statement") for piece in code.pieces)
    return statements <= 6 and not kinds & {
        *("function_definition", "class_declaration", "namespace_definition"),
        *("namespace_use_declaration", "trait_declaration", "interface_declaration"),
    }


def _best(marks: list[Mark]) -> list[Mark]:
    """One mark a rule and place, the most telling first."""
    kept: dict[tuple[str, int], Mark] = {}
    for mark in sorted(marks, key=lambda mark: -mark.confidence):
        kept.setdefault((mark.rule, mark.start), mark)
    return list(kept.values())[:_MOST_MARKS]
