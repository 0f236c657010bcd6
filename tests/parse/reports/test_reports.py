"""Reports in every form in which strangers send them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_mail import letter, parted
from unhijack.core.report import Step, StepKind
from unhijack.parse.reports.claim import Claim, Refusal
from unhijack.parse.reports.forms import Form, claims_of
from unhijack.parse.reports.prose import MOST_ADDRESSES, addresses_in
from unhijack.parse.reports.table import MOST_ROWS


def read(content: bytes | str, form: Form) -> list[Claim | Refusal]:
    raw = content.encode() if isinstance(content, str) else content
    return list(claims_of(raw, form, "test"))


def urls(said: list[Claim | Refusal]) -> list[str]:
    return [one.address.href for one in said if isinstance(one, Claim)]


def refusals(said: list[Claim | Refusal]) -> list[tuple[int, str]]:
    return [(one.place, one.reason) for one in said if isinstance(one, Refusal)]


# Words of a person


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I opened http://shop.test/a?b=1.", ["http://shop.test/a?b=1"]),
        ("see hxxps://shop[.]test/x, please", ["https://shop.test/x"]),
        ("hXXp://shop(.)test and h**p://b{.}test/", ["http://shop.test", "http://b.test/"]),
        ("shop[.]test was bad", ["shop.test"]),
        ("shop[dot]test/page", ["shop.test/page"]),
        ("hxxp[://]shop[.]test/", ["http://shop.test/"]),
        ("(http://shop.test/a_(b))", ["http://shop.test/a_(b)"]),
        ("<http://shop.test/very/\n  long>", ["http://shop.test/very/long"]),
        ("www.shop.test/x", ["www.shop.test/x"]),
        ("mail me at a@shop.test about report.txt", []),
        ("http://a.test/ http://a.test/", ["http://a.test/"]),
        ("first shop[.]test then http://b.test/", ["shop.test", "http://b.test/"]),
    ],
)
def test_addresses_in_a_text(text, found):
    assert addresses_in(text) == found


def test_an_address_that_a_mail_program_broke_is_whole_again():
    line = "http://shop.test/" + "directory/" * 5
    said = read(letter(f"{line}\nindex.php?id=5\nThanks"), Form.MAIL)
    assert urls(said) == [f"{line}index.php?id=5"]


def test_how_they_got_there_is_read_from_a_mail():
    body = "hxxp://shop[.]test/p\nSearched for: cheap red shoes\nCame from: https://search.test/x"
    (claim,) = read(letter(body), Form.MAIL)
    assert isinstance(claim, Claim)
    assert claim.pathway == (
        Step(StepKind.SEARCH, "cheap red shoes"),
        Step(StepKind.REFERRER, "https://search.test/x"),
    )


def test_a_mail_with_too_many_addresses_is_cut_aloud():
    said = read(letter("\n".join(f"http://s{n}.test/" for n in range(90))), Form.MAIL)
    assert len(urls(said)) == MOST_ADDRESSES
    assert "send them as a list" in refusals(said)[0][1]


def test_a_mail_without_an_address_says_so():
    assert refusals(read(letter("please help"), Form.MAIL)) == [(1, "there is no address in it")]


# XARF and ARF

XARF = {
    "xarf_version": "4.2.0",
    "report_id": "0b4b1ce0-5e0d-4b5a-8a35-000000000001",
    "category": "content",
    "type": "remote_compromise",
    "url": "http://shop.test/a",
    "reporter": {"org": "CERT", "contact": "abuse@other.test", "domain": "other.test"},
}


def test_xarf_as_a_file_and_as_an_attachment_is_the_same_report():
    text = json.dumps(XARF)
    head, body = parted(
        "mixed",
        ("text/plain", "See the attachment: http://not.this.test/"),
        ('application/json; name="xarf.json"', text),
    )
    (alone,) = read(text, Form.JSON)
    (attached,) = read(letter(body, headers=[head]), Form.MAIL)
    assert isinstance(alone, Claim)
    assert isinstance(attached, Claim)
    assert alone.address.href == attached.address.href == "http://shop.test/a"
    assert alone.key == attached.key
    assert alone.reporter == "abuse@other.test"


def test_xarf_of_something_else_is_refused():
    said = read(json.dumps({**XARF, "category": "messaging"}), Form.JSON)
    assert "not about a website" in refusals(said)[0][1]


def test_xarf_3_is_read_too():
    old = {
        "Version": "3",
        "ReporterInfo": {"ReporterOrgEmail": "a@b.test"},
        "Report": {"ReportClass": "Content", "Source": {"URL": "http://shop.test/"}},
    }
    assert urls(read(json.dumps(old), Form.JSON)) == ["http://shop.test/"]


def test_arf_names_its_addresses():
    head, body = parted(
        "report",
        ("text/plain", "This is an abuse report."),
        (
            "message/feedback-report",
            "Feedback-Type: fraud\nVersion: 1\nReported-URI: http://shop.test/x\n"
            "Reported-URI: http://b.test/\n",
        ),
        ("message/rfc822", "Subject: spam\n\nhttp://spam.test/"),
        more="; report-type=feedback-report",
    )
    said = read(letter(body, headers=[head]), Form.MAIL)
    assert urls(said) == ["http://shop.test/x", "http://b.test/"]


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_in_any_dress(delimiter, codec):
    rows = [["Datum", "URL", "Suchbegriff"], ["2026-03-02", "hxxp://shop[.]test/", "rote Schühe"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (claim,) = read(text.encode(codec), Form.CSV)
    assert isinstance(claim, Claim)
    assert claim.address.href == "http://shop.test/"
    assert claim.pathway == (Step(StepKind.SEARCH, "rote Schühe"),)
    assert claim.place == 2


def test_a_table_without_names_and_a_bare_list():
    assert urls(read("1,http://a.test/\n2,b.test\n", Form.CSV)) == [
        "http://a.test/",
        "http://b.test/",
    ]
    assert urls(read("a.test\n\nhxxps://b[.]test/x\n", Form.CSV)) == [
        "http://a.test/",
        "https://b.test/x",
    ]


def test_a_cell_that_a_spreadsheet_would_run_is_refused_with_its_line():
    said = read('url\n=HYPERLINK("http://a.test")\n+1\n@x\nhttp://b.test/\n', Form.CSV)
    assert urls(said) == ["http://b.test/"]
    assert [place for place, _ in refusals(said)] == [2, 3, 4]


def test_what_is_refused_is_shown_harmlessly():
    ((_, reason),) = refusals(read("url\n\x1b[31mhttp//\x07\n", Form.CSV))
    assert reason.isprintable()


def test_a_quote_that_never_ends_swallows_nothing():
    said = read('url,x\n"http://a.test/,1\nhttp://b.test/,2\n"http://c.test/","3"\n', Form.CSV)
    assert "http://b.test/" in urls(said)
    assert "http://c.test/" in urls(said)


def test_a_table_ends_somewhere():
    said = read("url\n" + "a.test\n" * (MOST_ROWS + 10), Form.CSV)
    assert len(urls(said)) == MOST_ROWS - 1
    assert "the rest was not read" in refusals(said)[-1][1]


# JSON lines


def test_json_lines_with_the_way_there():
    lines = [
        {"url": "http://a.test/", "pathway": ["search:red shoes", "click:http://b.test/"]},
        {"domain": "c.test", "pathway": [{"kind": "search", "value": "x"}]},
        {"url": "http://d.test/", "search": "y", "referrer": "http://e.test/"},
    ]
    said = read("\n".join(map(json.dumps, lines)) + "\n\nnot json\n[]\n{}\n", Form.LINES)
    assert urls(said) == ["http://a.test/", "http://c.test/", "http://d.test/"]
    assert [len(one.pathway) for one in said if isinstance(one, Claim)] == [2, 1, 2]
    assert [place for place, _ in refusals(said)] == [5, 6, 7]


@pytest.mark.parametrize(
    "line",
    [
        '{"url": 5}',
        '{"url": "ftp://a.test/"}',
        '{"url": "http://a.test/", "pathway": ["teleport:x"]}',
        '{"url": "http://localhost/"}',
        '{"url": "' + "a" * 5_000 + '.test"}',
        "[" * 100_000,
        '{"url": ' + "9" * 5_000 + "}",
    ],
)
def test_a_line_that_is_no_report_is_refused(line):
    said = read(line, Form.LINES)
    assert urls(said) == []
    assert len(refusals(said)) == 1


def test_the_same_report_has_the_same_key_and_another_has_another():
    first, again, other, dated = read(
        '{"url": "http://a.test/"}\n{"url": "hxxp://a[.]test"}\n{"url": "http://b.test/"}\n'
        '{"url": "http://a.test/", "date": "2026-03-02"}\n',
        Form.LINES,
    )
    keys = [one.key for one in (first, again, other, dated) if isinstance(one, Claim)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    (elsewhere,) = claims_of(b'{"url": "http://a.test/"}', Form.LINES, "another feed")
    assert isinstance(elsewhere, Claim)
    assert elsewhere.key != keys[0]


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (b"From: a@b.test\n\n" + b"http://" * 8_000, Form.MAIL),
        (b"From: a@b.test\n\n" + b"a[.]" * 20_000, Form.MAIL),
        (b"From: a@b.test\n\n" + b"<http://" + b"\n" * 60_000, Form.MAIL),
        (b"From: a@b.test\n\n" + b"www." * 16_000, Form.MAIL),
        (b"From: a@b.test\n\nhttp://a.test/" + b")" * 60_000, Form.MAIL),
        (b'"' * 500_000, Form.CSV),
        (b"," * 500_000, Form.CSV),
        (b"url\n" + b"[.]" * 300_000, Form.CSV),
    ],
    ids=range(8),
)
def test_no_file_costs_more_than_it_is_worth(raw, form):
    start = time.process_time()
    read(raw, form)
    assert time.process_time() - start < 2


pieces = st.sampled_from(
    [
        *(b"http://a.test/", b"hxxp://", b"[.]", b"url", b",", b";", b'"', b"\n", b"{", b"}"),
        *(b'{"url":', b'"pathway":', b"[", b"]", b"search:", b"=cmd|", b"\xff\xfe", b"<", b">"),
        *(b"Searched for: ", b"www.", b"\\u0000", b"(dot)", b"\x00", b"\xe2\x80\xae"),
    ]
)


@given(st.lists(st.one_of(pieces, st.binary(max_size=12)), max_size=60).map(b"".join))
def test_any_bytes_in_any_form_become_claims_and_refusals(raw):
    for form in Form:
        content = b"From: x@y.test\n\n" + raw if form is Form.MAIL else raw
        for one in read(content, form):
            if isinstance(one, Refusal):
                assert one.reason.isprintable()
                assert len(one.reason) <= 400
