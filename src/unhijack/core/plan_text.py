"""A plan as a text file: one step a line, so that deleting a line leaves that step undone."""

import json
import re
from collections.abc import Iterator

from unhijack.core.errors import WrongUse
from unhijack.core.finding import Span
from unhijack.core.repair import (
    IN_DATABASE,
    MOST_REASONS,
    Act,
    Held,
    Plan,
    Repair,
    Why,
    as_quarantine,
)
from unhijack.core.text import printable

FIRST = "unhijack-plan 1"
KEEP = "keep"
"""The word that leaves a file as it is."""
MOST_CHARACTERS = 256 * 1024 * 1024
MOST_LINE = 1024 * 1024
MOST_DIGITS = 20

_INTRODUCTION = """\
# What would be done, from the first line to the last. Nothing was changed yet.
# Delete a line, put # before it, or write `keep` for its first word: that step is not done.
# `quarantine` for `cut` or `restore` sets the whole file aside instead of mending it.
# Take the # away from a step that is commented out: it is done.
# Whatever is done can be undone: originals are kept in the journal's folder."""

_TOKEN = re.compile(r'(?:([a-z0-9]{1,20})=)?("(?:[^"\\]|\\.)*"|[^\s"=]+)(?=\s|$)')
_BARE = re.compile(r"(?:[^\W_]|[._/@+,~%:-])+")
_HEX = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(rf"([0-9]{{1,{MOST_DIGITS}}})-([0-9]{{1,{MOST_DIGITS}}})")
_FILE = re.compile(rf"([0-9]{{1,{MOST_DIGITS}}}):([0-9]{{1,{MOST_DIGITS}}})")
_WHY = re.compile(r"([01](?:\.[0-9]{1,6})?) ([^\s:]{1,101}): (.*)")
_KNOWN = frozenset({"bytes", "was", "will", "file", "why", "needs"})
_REPEATED = frozenset({"why", "needs"})


class _Mistake(Exception):
    """What is wrong with one line."""


def plan_text(plan: Plan) -> str:
    """The file: `parse_plan` gives the same steps again."""
    lines = [FIRST, f"root {quoted(plan.root)}", "", *_INTRODUCTION.splitlines(), ""]
    for step in plan.steps:
        if step.note:
            lines += ["", f"# {printable(step.note, 600)}"]
        lines.append(step_line(step))
    if plan.held:
        lines += ["", "# Not done unless you decide it:"]
    for held in plan.held:
        lines += ["", *_held_lines(held)]
    return "\n".join(lines) + "\n"


def _held_lines(held: Held) -> Iterator[str]:
    yield f"# {quoted(held.path)}: {printable(held.note, 600)}"
    if held.repair is not None:
        yield f"#{step_line(held.repair)}"
        return
    for why in held.why:
        yield f"#   {why.confidence:g} {why.rule}: {printable(why.reason, 300)}"


def step_line(step: Repair) -> str:
    """One step, without a line break."""
    words = [f"{step.act:<10}", quoted(step.path)]
    words += [f"why={_string(f'{why.confidence:g} {why.rule}: {why.reason}')}" for why in step.why]
    if step.spans:
        words.append("bytes=" + ",".join(f"{span.start}-{span.end}" for span in step.spans))
    words.append(f"was={step.sha256}")
    if step.after:
        words.append(f"will={step.after}")
    if step.device or step.inode:
        words.append(f"file={step.device}:{step.inode}")
    words += [f"needs={quoted(path)}" for path in step.needs]
    return " ".join(words)


def quoted(text: str) -> str:
    """Lossless, on one line, harmless in a terminal: as it is, or as a JSON string."""
    return text if _BARE.fullmatch(text) and printable(text, len(text)) == text else _string(text)


def _string(text: str) -> str:
    """A JSON string in which only what is harmless stands as itself."""
    return '"' + "".join(_character(one) for one in text) + '"'


def _character(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    return one if printable(one) == one else json.dumps(one)[1:-1]


def parse_plan(text: str) -> Plan:
    """Read a plan back. Raises WrongUse: the first mistake, with its line, and how many more."""
    if len(text) > MOST_CHARACTERS:
        raise WrongUse("this plan is too large to be one")
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].strip() != FIRST:
        raise WrongUse(f"this is no plan: its first line must be `{FIRST}`")
    root: str | None = None
    steps: dict[str, Repair | None] = {}
    mistakes: list[str] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            words = _words(line)
            if not words:
                continue
            if words[0] == ("", "root"):
                root = _root(root, words)
                continue
            _add(steps, words)
        except _Mistake as mistake:
            mistakes.append(f"line {number}: {mistake}")
    if root is None:
        mistakes.append("there is no line `root FOLDER`")
    if mistakes or root is None:
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        raise WrongUse(f"plan, {mistakes[0]}{more}: nothing was done")
    return Plan(root, tuple(step for step in steps.values() if step is not None))


def _words(line: str) -> list[tuple[str, str]]:
    """The words of a line as (key or empty, value); none for a comment."""
    line = line.strip(" \t\r\f\v")
    if not line or line.startswith("#"):
        return []
    if len(line) > MOST_LINE:
        raise _Mistake("it is too long")
    words, at = [], 0
    while at < len(line):
        match = _TOKEN.match(line, at)
        if match is None:
            raise _Mistake(f"cannot be read from {printable(line[at : at + 40])!r} on")
        words.append((match[1] or "", _value(match[2])))
        at = match.end()
        while at < len(line) and line[at].isspace():
            at += 1
    return words


def _value(word: str) -> str:
    if not word.startswith('"'):
        return word
    try:
        return str(json.loads(word, strict=True))
    except ValueError:
        raise _Mistake(f"the quotes of {printable(word, 60)} are wrong") from None


def _root(known: str | None, words: list[tuple[str, str]]) -> str:
    if known is not None:
        raise _Mistake("there are two roots")
    if len(words) != 2 or words[1][0]:
        raise _Mistake("`root` takes one folder")
    return words[1][1]


def _add(steps: dict[str, Repair | None], words: list[tuple[str, str]]) -> None:
    step = _step(words)
    path = words[1][1]
    if path in steps:
        raise _Mistake(f"{printable(path)} already has a step")
    steps[path] = step


def _step(words: list[tuple[str, str]]) -> Repair | None:
    word = words[0][1]
    if words[0][0] or word not in (KEEP, *Act):
        raise _Mistake(f"{printable(word, 40)!r} is no step: {', '.join((KEEP, *Act))}")
    if len(words) < 2 or words[1][0]:
        raise _Mistake(f"after `{word}` comes the path of a file, in quotes if it has spaces or =")
    keys = [key for key, _ in words[2:]]
    strange = next((key for key in keys if key not in _KNOWN), None)
    if strange is not None:
        raise _Mistake(f"{printable(strange) or 'a word without ='} does not belong after the path")
    once = [key for key in keys if key not in _REPEATED]
    if len(set(once)) < len(once):
        raise _Mistake("the same word stands there twice")
    return None if word == KEEP else _repair(Act(word), words[1][1], words[2:])


def _repair(act: Act, path: str, words: list[tuple[str, str]]) -> Repair:
    said = {key: value for key, value in words if key not in _REPEATED}
    if act not in IN_DATABASE:
        _check_path(path)
    device, inode = _numbers(_FILE, said.get("file", "0:0"), "file= is not DEVICE:INODE")
    step = Repair(
        act,
        path,
        _digest(said.get("was", ""), "was"),
        _digest(said["will"], "will") if "will" in said else "",
        _spans(said.get("bytes", "")),
        device,
        inode,
        tuple(_why(value) for key, value in words if key == "why")[:MOST_REASONS],
        tuple(value for key, value in words if key == "needs"),
    )
    if act is Act.QUARANTINE:
        return as_quarantine(step)
    if act is Act.CUT and not (step.spans and step.after):
        raise _Mistake("`cut` needs bytes=START-END and will=SHA256: what the scan wrote there")
    if act is Act.RESTORE and not step.after:
        raise _Mistake("`restore` needs will=SHA256 of the released file")
    return step


def _check_path(path: str) -> None:
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise _Mistake(f"{printable(path)!r} is no path inside the root")


def _digest(value: str, key: str) -> str:
    if not _HEX.fullmatch(value):
        raise _Mistake(f"{key}= is no SHA-256")
    return value


def _numbers(pattern: re.Pattern[str], value: str, mistake: str) -> tuple[int, int]:
    match = pattern.fullmatch(value)
    if match is None:
        raise _Mistake(mistake)
    return int(match[1]), int(match[2])


def _spans(value: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part in value.split(",") if value else ():
        start, end = _numbers(_RANGE, part, "bytes= is not START-END,START-END")
        if start >= end or (spans and start <= spans[-1].end):
            raise _Mistake("bytes= must ascend, and no part may touch another")
        spans.append(Span(start, end))
    return tuple(spans)


def _why(value: str) -> Why:
    match = _WHY.fullmatch(value)
    if match is None or float(match[1]) > 1:
        raise _Mistake('why= is not "CONFIDENCE RULE: REASON"')
    return Why(float(match[1]), match[2], match[3])
