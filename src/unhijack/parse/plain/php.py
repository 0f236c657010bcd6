"""Marks of planted code in a PHP file."""

from __future__ import annotations

from unhijack.parse.plain.blocks import block, is_empty, merged, without
from unhijack.parse.plain.clues import Clues
from unhijack.parse.plain.features import features
from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.php_stretches import (
    CARELESS,
    Stretch,
    care,
    cut_out,
    is_kept,
    stretches,
    widened,
)
from unhijack.parse.plain.program import Program, read_program
from unhijack.parse.plain.rules import matched
from unhijack.parse.plain.shop_core import is_shop_core
from unhijack.parse.plain.sources import CODE, COMMANDS
from unhijack.parse.plain.tells import is_core, stirring, stirs, stirs_strongly, tell_marks
from unhijack.parse.plain.tokens import HTML, NAME, VARIABLE, tokenize
from unhijack.parse.plain.traits import SUSPICIOUS, look_of
from unhijack.parse.plain.values import FETCHED, RELAYED, REQUEST, Event

MAX_READ = 4 << 20
MAX_STIR = 400_000
MOST_STIRRED = 60_000
"""Bytes of a file that small signs are reason enough to read as a program: larger ones are mostly
a framework's own, and what is planted in them is compact."""
MAX_MARKS = 60
MAX_BLOCKS = 12
WEAK = 0.5
"""Marks below it alone are no reason to cut anything."""
SCRAP = 8
"""A file of fewer tokens, without the planted block, was no file of its own."""
LOOKS_CARELESS = 0.7
"""Below that, the look of a file says little where anybody wrote for readers of the code."""
FAINT = 0.45
"""What its look says at most of such a file."""
LOOKS_WHOLE = 0.6
RELAY = 0.9
"""What counts an event whose values went through functions of the program: some of them check."""
TEMPLATE_OF_CLASS = 0.85
"""At most, for what a method runs after it has put it together: template engines do that."""
GRAVER_IN_CORE = frozenset("php-mails-fixed php-sends-request php-deletes-itself".split())
CORE = 0.55
SILENT = 4.0
"""The look from which on a file is spoken of that asks for nothing and runs nothing."""
ASLEEP = 0.75
"""What code in a text counts beside code that is run."""


def php_signs(content: bytes, path: str = "", clues: Clues | None = None) -> list[Mark]:
    """What a PHP file's own program says against it, strongest first, with what can be cut.

    `clues` are those of `content`, where they were looked up before.
    """
    content = content[:MAX_READ]
    if clues is None or len(clues.content) > len(content):
        clues = Clues(content)
    core = is_core(clues, path)
    told = tell_marks(clues, core=core)
    everything = [(0, len(content))]
    parts = stretches(clues)
    stirred = parts != everything and not told and _stirred(clues)
    if stirred:
        parts = _with_stirring(clues)
    if parts != everything and not told:
        faint = _signs_of_parts(content, parts)
        enough = 0.0 if stirred and len(content) <= MOST_STIRRED else WEAK
        if all(mark.confidence < enough for mark in faint):
            return faint
    marks, program = _signs(clues)
    marks = [*map(_graver, marks), *told] if core else marks + told
    if marks:
        marks = _with_blocks(content, program, marks)
    return sorted(marks, key=lambda mark: -mark.confidence)


def _with_stirring(clues: Clues) -> list[Stretch]:
    """The stretches, and what stands round small signs; all of a file that is of no program that is
    looked after: the look of it may say something.
    """
    large = len(clues.content) > MOST_STIRRED
    places = stirring(clues, strongly=large) if is_kept(clues) else None
    if places is None:
        return [(0, len(clues.content))]
    return widened(clues, [*(clues.found or []), *((place, place) for place in places)])


def _stirred(clues: Clues) -> bool:
    """Whether small signs are reason enough to read a file as a program, whatever stands where."""
    if len(clues.content) > MOST_STIRRED:
        return stirs_strongly(clues)
    return stirs(clues)


def _signs_of_parts(content: bytes, parts: list[Stretch]) -> list[Mark]:
    """What stretches of a file do, each read as a program of its own, strongest first."""
    marks = []
    for part in parts:
        code, less = cut_out(content, part)
        marks += [
            mark._replace(start=max(mark.start + less, 0), end=max(mark.end + less, 0))
            for mark in event_marks(read_program(code))
        ]
    return sorted(marks, key=lambda mark: -mark.confidence)[:MAX_MARKS]


def _graver(mark: Mark) -> Mark:
    """The same in a file of a well-known program, whose makers would not do such a thing."""
    if mark.rule not in GRAVER_IN_CORE:
        return mark
    return mark._replace(confidence=max(mark.confidence, CORE))


def _signs(clues: Clues) -> tuple[list[Mark], Program]:
    program = read_program(clues.content)
    return event_marks(program) + _look(clues, program), program


def _with_blocks(content: bytes, program: Program, marks: list[Mark]) -> list[Mark]:
    """The marks, each with the block that was added, if the file is clean without those blocks."""
    every = [mark for mark in marks if mark.confidence >= WEAK and mark.rule != "php-look"]
    strong = every[:MAX_BLOCKS]
    found = {mark: block(content, program.tokens, mark.start) for mark in strong}
    cuts = merged([cut for cut in found.values() if cut is not None])
    rest = without(content, cuts)
    left = tokenize(rest, 2000)
    if is_empty(rest, left) or len(left) < SCRAP:
        return [mark._replace(whole=True) for mark in marks]
    stays = any(not _within(mark, cuts) for mark in every[MAX_BLOCKS:])
    if not strong or len(cuts) == 0 or None in found.values() or stays:
        whole = _all_planted(marks)
        return [mark._replace(whole=whole) for mark in marks]
    clues = Clues(rest)
    again = stretches(clues) and any(mark.confidence >= WEAK for mark in _signs(clues)[0])
    if again or tell_marks(clues):
        whole = _all_planted(marks)
        return [mark._replace(whole=whole) for mark in marks]
    place = {mark: next((c for c in cuts if c[0] <= mark.start <= c[1]), None) for mark in strong}
    kept = [mark for mark in marks if mark.rule != "php-look"]
    return [mark._replace(cut=place.get(mark)) for mark in kept]


def _within(mark: Mark, cuts: list[Stretch]) -> bool:
    return any(start <= mark.start <= end for start, end in cuts)


def _all_planted(marks: list[Mark]) -> bool:
    """Whether a file that cannot be saved by a cut is a shell as a whole."""
    return any(mark.rule == "php-look" and mark.confidence >= LOOKS_WHOLE for mark in marks)


def _look(clues: Clues, program: Program) -> list[Mark]:
    """The mark for what the file looks like as a whole."""
    head = clues if len(clues.content) <= MAX_STIR else Clues(clues.content[:MAX_STIR])
    silent = not _speaks(program) and not stirs(head)
    look = look_of(features(clues, program))
    if look < (SILENT if silent else SUSPICIOUS):
        return []
    confidence = min(0.5 + (look - SUSPICIOUS) * 0.07, 0.85)
    cared = care(clues)
    damped = cared >= CARELESS or (cared and confidence < LOOKS_CARELESS)
    if damped and not is_shop_core(clues.low):  # those look alike, but for what was planted
        confidence = min(confidence, FAINT)
    start, end = _code_span(program, len(clues.content))
    reason = "Looks like planted code in many small things together."
    return [Mark("php-look", "webshell", confidence, reason, start, end)]


def _speaks(program: Program) -> bool:
    """Whether a file does anything that is worth a look at all its features."""
    if program.layers or len(program.tokens) < 1500:
        return True
    return any(token.text in _ASKED for token in program.tokens if token.kind == VARIABLE) or any(
        event.what in ("eval", "command", "hidden-name")
        or event.callee > 0
        or event.name in COMMANDS
        or event.name in CODE
        for event in program.events
    )


_ASKED = frozenset(b"$_GET $_POST $_REQUEST $_COOKIE $_FILES $GLOBALS".split())


def _code_span(program: Program, size: int) -> tuple[int, int]:
    first = next((token.start for token in program.tokens if token.kind != HTML), 0)
    return first, min(first + 200, size)


def _builds_own(event: Event, *, classes: bool) -> bool:
    """Whether a method runs a text that it put together itself, as template engines do."""
    made = event.arguments[0].function if event.arguments else b""
    return (
        event.what == "eval"
        and classes
        and event.function != b""
        and made.startswith((b"template:", b"joined:"))
    )


def _includes_what_it_writes(program: Program) -> list[Mark]:
    """A mark for each file that the program fills with what a request brings, and then includes."""
    filled = {
        event.arguments[0].text
        for event in program.events
        if event.name == b"file_put_contents"
        and event.flags & (REQUEST | FETCHED)
        and event.arguments
    } - {b""}
    return [
        Mark("php-includes-what-it-writes", "backdoor", 0.85,
             "Includes a file that it has filled with what a request brings.", event.start, event.end)
        for event in program.events
        if event.what == "include" and event.arguments and event.arguments[0].text in filled
    ][:MAX_BLOCKS]  # fmt: skip


def event_marks(program: Program) -> list[Mark]:
    """One mark for each event that a rule of `EVENT_RULES` fits, the first that fits."""
    marks: dict[tuple[str, int], Mark] = {}
    classes = any(t.kind == NAME and t.text == b"class" for t in program.tokens)
    asleep = {number for first, last in program.dormant for number in range(first, last)}
    for number, (event, rule) in enumerate(zip(program.events, matched(program))):
        if rule is None or len(marks) >= MAX_MARKS:
            continue
        mark = Mark(rule.name, rule.kind, rule.confidence, rule.reason, event.start, event.end)
        if _builds_own(event, classes=classes):
            mark = mark._replace(confidence=min(mark.confidence, TEMPLATE_OF_CLASS))
        if event.flags & RELAYED:
            mark = mark._replace(confidence=mark.confidence * RELAY)
        if number in asleep:
            mark = mark._replace(
                rule="php-text-" + rule.name[4:],
                kind="dropper",
                confidence=mark.confidence * ASLEEP,
                reason="A text in it is a program: " + rule.reason,
            )
        marks.setdefault((mark.rule, event.start), mark)
    said = [*marks.values(), *_includes_what_it_writes(program)]
    return sorted(said, key=lambda mark: -mark.confidence)
