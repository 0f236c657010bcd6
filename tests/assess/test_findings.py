from hypothesis import given
from hypothesis import strategies as st

from unhijack.assess.findings import MOST, findings, weigh
from unhijack.core.finding import SURE, Kind, Mend, Span
from unhijack.parse.plain.marks import Mark

CODE = b"<?php\nhonest();\neval('http://words.test/a');\nmore();\n"
AT = CODE.index(b"eval")


def mark(
    rule: str = "a", confidence: float = 0.6, start: int = AT, end: int = AT + 4, **more: object
) -> Mark:
    return Mark(rule, "backdoor", confidence, "Does a thing.", start, end, **more)  # type: ignore[arg-type]  # two fields


def test_a_finding_says_where_and_shows_it_harmless():
    (finding,) = findings("a.php", CODE, [mark(end=AT + 30)], "0" * 64)
    assert (finding.line, finding.kind, finding.repair) == (3, Kind.BACKDOOR, Mend.REVIEW)
    assert "http://" not in finding.excerpt
    assert "words[.]test" in finding.excerpt


def test_independent_weak_signs_add_up():
    weak = [mark("a", 0.35), mark("b", 0.35, 40, 44)]
    assert findings("a.php", CODE, weak[:1], "") == []
    assert len(findings("a.php", CODE, weak, "")) == 1


def test_signs_of_the_same_bytes_or_rule_do_not():
    assert weigh([mark("a", 0.35), mark("b", 0.35)]) == 0.35
    assert weigh([mark("a", 0.35), mark("a", 0.35, 40, 44)]) == 0.35


def test_no_heap_of_doubts_is_sure():
    assert weigh([mark(str(n), 0.8, n * 5, n * 5 + 4) for n in range(9)]) < SURE


def test_one_shell_is_one_finding():
    many = [mark(str(n), 0.95, n * 5, n * 5 + 4, whole=True) for n in range(9)]
    (finding,) = findings("a.php", CODE, many, "")
    assert finding.repair is Mend.QUARANTINE


def test_each_block_is_cut_by_itself():
    content = b"x" * 4000
    blocks = [mark("a", 0.95, n, n + 4, cut=(n, n + 10)) for n in (0, 500, 1000, 1500)]
    found = findings("a.php", content, blocks, "")
    assert len(found) == MOST
    assert all(finding.repair is Mend.REMOVE_BLOCK for finding in found)
    assert found[0].span == Span(0, 10)


marks = st.builds(
    lambda rule, confidence, start, length, whole: mark(rule, confidence, start, start + length, whole=whole),
    st.sampled_from("abcd"), st.floats(0, 1), st.integers(0, 400), st.integers(0, 400), st.booleans(),
)  # fmt: skip


@given(st.binary(max_size=300), st.lists(marks, max_size=8))
def test_any_marks_of_any_bytes(content: bytes, signs: list[Mark]):
    for finding in findings("a", content, signs, ""):
        assert len(finding.excerpt) <= 120
        assert finding.line >= 1
        assert 0 <= finding.confidence <= 0.99
