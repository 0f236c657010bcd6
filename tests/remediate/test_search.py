"""A digest proves a cut: which bytes were put in is found by trying."""

import time
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.planting import Planted, clean_files, planted_files
from tests.support.repairs import Book, Site
from unhijack.core.finding import Kind, Mend
from unhijack.remediate.search import proven_span

PLANTED = list(planted_files(clean_files()))


def sought(content: bytes, clean: bytes, *lines: int) -> bytes | None:
    """What is left, as one who has the digest alone finds it."""
    digest = sha256(clean).digest()
    span = proven_span(content, lines, lambda left: sha256(left).digest() == digest)
    return None if span is None else content[: span.start] + content[span.end :]


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: f"{one.path}-{one.style}")
def test_each_block_is_found_with_its_line_and_without(one: Planted):
    line = one.content.count(b"\n", 0, one.start) + 1
    assert sought(one.content, one.clean, line) == one.clean
    assert sought(one.content, one.clean, 0) == one.clean


def test_a_file_in_which_more_was_changed_is_not_found():
    assert sought(b"<?php evil(); ?>\n<?php shop(2);\n", b"<?php shop(1);\n", 1) is None


def test_an_empty_file_has_no_block():
    assert sought(b"", b"x", 1) is None


@given(st.binary(max_size=200), st.lists(st.integers(0, 30), max_size=4))
def test_any_bytes_and_lines(content: bytes, lines: list[int]):
    tried = 0

    def never(left: bytes) -> bool:
        nonlocal tried
        tried += 1
        return len(left) > len(content)

    assert proven_span(content, lines, never) is None
    assert tried < 30_000


@pytest.mark.parametrize("part", [b";", b"\n", b"<?php ", b"?>\n", b"<script ", b"x"])
def test_the_search_is_bounded(part: bytes):
    content = part * (2**21 // len(part))
    began = time.process_time()
    assert proven_span(content, [1, 500, 0], lambda left: len(left) > len(content)) is None
    assert time.process_time() - began < 10


def test_a_file_known_by_its_digest_alone_is_put_right(site: Site):
    clean = b"<?php\n" + b"echo 'bread';\n" * 30
    site.write("a.php", clean.replace(b"bread';\n", b"bread';\n@include 'x.ico';\n", 1))
    changed = site.found("a.php", repair=Mend.REVIEW, kind=Kind.MODIFIED_CORE)
    (step,) = site.plan(changed, known=Book({"a.php": clean}, digests_only=True)).steps
    assert sum(span.end - span.start for span in step.spans) == len(b"@include 'x.ico';\n")
    assert "exactly the released file" in step.note
    site.repair(site.plan(changed, known=Book({"a.php": clean}, digests_only=True)))
    assert site.read("a.php") == clean
