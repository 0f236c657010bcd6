"""A file goes to the readers that it is for, in the one-file scanner as in the other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hosting import PLANTED
from unhijack.core.finding import finding_from
from unhijack.parse.plain.every import MOST, SHOWN, as_data, every_mark, reported
from unhijack.parse.plain.marks import Mark

REFERRER = (
    b"RewriteEngine On\nRewriteCond %{HTTP_REFERER} google\n"
    b"RewriteRule .* http://kestrel.example/ [R,L]\n"
)
SENT_AWAY = (
    b"if (/google|bing/.test(document.referrer)) { location.href = 'https://kestrel.example/'; }"
)
NAMES = st.sampled_from(
    ["a.php", ".htaccess", ".user.ini", "x.conf", "a.js", "a.html", "a.jpg", "a.sh", "", "a/b.PHP5"]
)


def mark(start: int, end: int, confidence: float, **more: object) -> Mark:
    return Mark("rule", "backdoor", confidence, "It does.", start, end, **more)  # type: ignore[arg-type]  # a test names its fields right


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.php", PLANTED.encode()),
        ("up/picture.jpg", b"GIF89a" + PLANTED.encode()),
        ("sub/.htaccess", REFERRER),
        ("vhost.conf", REFERRER),
        ("media/5f4dcc3b", b"var a = 1;\n" + SENT_AWAY),
        ("media/counter.kestrel", b"<script>" + SENT_AWAY + b"</script>"),
    ],
)
def test_a_file_meets_its_reader(name: str, body: bytes):
    assert reported(every_mark(name, body))


@pytest.mark.parametrize("name", ["notes.txt", "a.js", "a.css"])
def test_what_no_server_reads_as_directives_is_not_read_so(name: str):
    assert every_mark(name, REFERRER) == []


def test_of_marks_that_overlap_the_strongest_is_reported():
    marks = [mark(0, 10, 0.6), mark(5, 8, 0.95), mark(20, 30, 0.4), mark(40, 50, 0.7)]
    assert [one.start for one in reported(marks)] == [5, 40]
    assert len(reported([mark(n, n + 1, 0.9) for n in range(50)])) == MOST


def test_a_line_says_what_would_repair_it():
    body = b"one\ntwo http://kestrel.example/\x1b[31m"
    cut = as_data("a.php", body, mark(4, 9, 0.95, cut=(4, 9)))
    assert (cut["line"], cut["repair"], cut["span"]) == (2, "remove-block", [4, 9])
    assert as_data("a", body, mark(0, 3, 0.95, whole=True))["repair"] == "quarantine"
    assert as_data("a", body, mark(0, 3, 0.6, whole=True))["repair"] == "review"
    assert "kestrel[.]example" in cut["excerpt"]
    assert cut["excerpt"].isprintable()


@given(NAMES, st.binary(max_size=600))
def test_whatever_a_file_holds_is_read_and_said_within_bounds(name: str, body: bytes):
    for one in reported(every_mark(name, body)):
        data = as_data(name, body, one)
        assert len(data["excerpt"]) <= SHOWN
        assert data["excerpt"].isprintable()
        assert finding_from(json.loads(json.dumps(data))).rule == one.rule
