"""A file is set aside whole only where no surer reader saw something of the site's own in it."""

from unhijack.assess.findings import findings
from unhijack.core.finding import Mend, Span
from unhijack.parse.plain.marks import Mark

CONTENT = b"<?php planted(); ?>" + b"<p>bread</p>\n" * 20
BLOCK = (0, 19)


def repairs(*marks: Mark) -> list[tuple[Mend, Span | None]]:
    return [(one.repair, one.span) for one in findings("a.php", CONTENT, marks, "0" * 64)]


def mark(
    rule: str, confidence: float, *, cut: tuple[int, int] | None = None, whole: bool = False
) -> Mark:
    return Mark(rule, "backdoor", confidence, "It is planted", *BLOCK, cut, whole)


def test_the_surest_says_that_all_is_planted():
    assert repairs(mark("a", 0.95, whole=True), mark("b", 0.7)) == [(Mend.QUARANTINE, None)]


def test_a_surer_reader_found_where_the_block_ends():
    found = repairs(mark("a", 0.95, cut=BLOCK), mark("b", 0.88, whole=True))
    assert found == [(Mend.REMOVE_BLOCK, Span(*BLOCK))]


def test_a_surer_reader_cannot_tell_the_block_from_the_rest():
    assert repairs(mark("a", 0.95), mark("b", 0.88, whole=True)) == [(Mend.REVIEW, None)]
