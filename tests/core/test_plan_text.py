"""A plan as a text: what a person may edit, and what the program says of mistakes."""

import os
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.errors import WrongUse
from unhijack.core.finding import Span
from unhijack.core.plan_text import FIRST, parse_plan, plan_text
from unhijack.core.repair import Act, Held, Plan, Repair, Why, merged, without
from unhijack.core.text import printable

A, B = "a" * 64, "b" * 64
CUT = Repair(
    Act.CUT, "index.php", A, B, (Span(0, 10), Span(20, 30)), 5, 7, (Why(0.95, "r", "why: so"),)
)
AWAY = Repair(Act.QUARANTINE, "x y.php", A, "", needs=("index.php",))


def text_of(*steps: Repair) -> str:
    return plan_text(Plan("/srv/shop", steps))


def names() -> st.SearchStrategy[str]:
    """Any name that a file can have, as Python has it."""
    part = st.binary(min_size=1, max_size=20).map(
        lambda raw: os.fsdecode(raw.replace(b"/", b"x").replace(b"\0", b"y"))
    )
    parts = st.lists(part.filter(lambda one: one not in (".", "..")), min_size=1, max_size=4)
    return parts.map("/".join)


def spans() -> st.SearchStrategy[tuple[Span, ...]]:
    def ascending(points: list[int]) -> tuple[Span, ...]:
        ordered = sorted(set(points))
        ordered = ordered[: len(ordered) // 2 * 2]
        return tuple(map(Span, ordered[::2], ordered[1::2]))

    return st.lists(st.integers(0, 2**40), min_size=2, max_size=9).map(ascending).filter(bool)


digests = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(0, 2**63)
whys = st.lists(
    st.builds(
        Why,
        st.floats(0, 1).map(lambda one: round(one, 3)),
        st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True),
        st.text(max_size=60).map(lambda text: printable(" ".join(text.split()), 300)),
    ),
    max_size=3,
).map(tuple)


@st.composite
def repairs(draw: st.DrawFn) -> Repair:
    act = draw(st.sampled_from([Act.CUT, Act.RESTORE, Act.QUARANTINE]))
    return Repair(
        act,
        draw(names()),
        draw(digests),
        "" if act is Act.QUARANTINE else draw(digests),
        draw(spans()) if act is Act.CUT else (),
        draw(numbers),
        draw(numbers),
        draw(whys),
        draw(st.lists(names(), max_size=2).map(tuple)),
    )


@given(names(), st.lists(repairs(), max_size=4, unique_by=lambda one: one.path))
def test_what_is_printed_is_read_back(root: str, steps: list[Repair]):
    plan = Plan(root, tuple(steps))
    text = plan_text(plan)
    assert parse_plan(text) == plan
    assert parse_plan(text.replace("\n", "\r\n")) == plan
    assert all(printable(line, len(line)) == line for line in text.split("\n"))


@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    for given_text in (text, f"{FIRST}\nroot /x\n{text}"):
        with suppress(WrongUse):
            parse_plan(given_text)


def test_a_deleted_line_or_keep_leaves_a_file_alone():
    text = text_of(CUT, AWAY)
    kept = text.replace("cut ", "keep ", 1)
    deleted = "\n".join(line for line in text.split("\n") if not line.startswith("cut"))
    assert parse_plan(kept).steps == parse_plan(deleted).steps == (AWAY,)


def test_cut_becomes_quarantine_by_one_word():
    (step,) = parse_plan(text_of(CUT).replace("cut ", "quarantine ", 1)).steps
    assert step == replace(CUT, act=Act.QUARANTINE, after="", spans=())


def test_what_is_held_is_a_comment_that_can_be_chosen():
    held = Held("index.php", "Only 70% sure.", CUT)
    text = plan_text(Plan("/srv/shop", (), (held,)))
    assert parse_plan(text).steps == ()
    assert parse_plan(text.replace("#cut", "cut")).steps == (CUT,)


def test_lines_are_harmless_whatever_a_file_is_called():
    name = "a\n\x1b]0;x\x07 b\u202e.php"
    text = text_of(replace(CUT, path=name))
    assert "\x1b" not in text
    assert "\u202e" not in text
    (step,) = parse_plan(text).steps
    assert step.path == name


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (FIRST, "hello", "its first line must be `unhijack-plan 1`"),
        ("root ", "#root ", "there is no line `root FOLDER`"),
        ("root /srv/shop", "root /a b", "`root` takes one folder"),
        ("root /srv/shop", "root /a\nroot /b", "line 3: there are two roots"),
        ("cut ", "remove ", "'remove' is no step: keep, restore, cut, quarantine"),
        ("index.php", "../index.php", "'../index.php' is no path inside the root"),
        ("index.php", "/etc/passwd", "'/etc/passwd' is no path inside the root"),
        ("index.php", "my index.php", "a word without = does not belong after the path"),
        ("index.php", '"index.php', "cannot be read from"),
        ("index.php", '"\\q"', "the quotes of"),
        (f"was={A}", "was=123", "was= is no SHA-256"),
        (f"was={A}", "", "was= is no SHA-256"),
        (f"will={B}", "", "`cut` needs bytes=START-END and will=SHA256"),
        ("bytes=0-10,20-30", "", "`cut` needs bytes=START-END and will=SHA256"),
        ("bytes=0-10,20-30", "bytes=0-10,5-30", "bytes= must ascend"),
        ("bytes=0-10,20-30", "bytes=0..10", "bytes= is not START-END"),
        ("file=5:7", "file=5", "file= is not DEVICE:INODE"),
        ("file=5:7", "file=5:7 file=5:7", "the same word stands there twice"),
        ('why="0.95 r', 'why="sure r', "why= is not"),
        ("cut ", "restore ", None),
        ("cut ", "cut a\ncut b\ncut ", "line 10: was= is no SHA-256 (and 1 more)"),
    ],
)
def test_a_mistake_is_one_clear_line(before: str, after: str, said: str | None):
    text = text_of(CUT).replace(before, after, 1)
    if said is None:
        parse_plan(text)
        return
    with pytest.raises(WrongUse) as mistake:
        parse_plan(text)
    assert said in str(mistake.value)


def test_one_file_has_one_step():
    with pytest.raises(WrongUse, match=r"line 11: index\.php already has a step"):
        parse_plan(text_of(CUT, CUT))


@given(st.binary(max_size=50), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_merged_spans_cut_what_each_would(content: bytes, pairs: list[tuple[int, int]]):
    found = [Span(min(a, b, len(content)), min(max(a, b), len(content))) for a, b in pairs]
    cut = {at for span in found for at in range(span.start, span.end)}
    left = bytes(byte for at, byte in enumerate(content) if at not in cut)
    assert without(content, merged(found)) == left
