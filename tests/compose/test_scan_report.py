"""What customers, spreadsheets and machines get to read of a scan."""

import base64
import csv
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.compose.scan_page import MOST_ROWS, report_page
from unhijack.compose.scan_report import (
    MOST_LISTED,
    OURS,
    CustomerResult,
    FolderResult,
    index_csv,
    index_json,
    record_of,
    report_json,
    stem,
    surest,
)
from unhijack.compose.scan_xarf import Sender, xarf_of
from unhijack.core.account import Account, Customer
from unhijack.core.finding import Finding, Kind, Mend, finding_from

AT = "2026-11-24T01:00:00Z"
SENDER = Sender("Host & Co", "abuse@host.test")
HOSTILE = "<script>x</script>\x1b[31m\n'\"&\u202e"


def finding(path: str = "/srv/c1/a.php", **more: object) -> Finding:
    made = Finding(
        path,
        3,
        Kind.REDIRECT,
        "php-redirect-tested",
        0.95,
        "It sends visitors to kestrel[.]example",
        "header('Location: kestrel[.]example",
        "ab" * 32,
        Mend.REMOVE_BLOCK,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # a test names its fields right


def result(
    *found: Finding, name: str = "c1", docroot: str = "/srv/c1", failed: str = ""
) -> CustomerResult:
    account = Account(name, docroot, ("shop.test",))
    folder = FolderResult(
        account,
        files=7,
        size=700,
        found=len(found),
        listed=found,
        sure=sum(one.confidence >= 0.9 for one in found),
        cms="wordpress",
        failed=failed,
    )
    return CustomerResult(Customer(name, (account,), "c1@mail.test", "de"), (folder,))


class Page(HTMLParser):
    """Elements and attributes of a page, and what a person reads of it."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes[f"{tag} {name} {value if name in ('name', 'http-equiv') else ''}"] = (
                value
            )
            if name == "content" and attrs[0][0] == "http-equiv":
                self.attributes["policy"] = value

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_has_the_findings_as_the_scan_prints_them():
    data = json.loads(report_json(result(finding()), AT))

    (folder,) = data["docroots"]
    assert [finding_from(one) for one in folder["findings"]] == [finding()]
    assert data["summary"] == {
        "files": 7,
        "bytes": 700,
        "findings": 1,
        "confident": 1,
        "unread": 0,
    }
    assert (data["customer"], data["mail"], data["language"]) == ("c1", "c1@mail.test", "de")


def test_a_name_that_is_no_text_survives_the_report():
    path = "/srv/c1/\udcff\n.php"
    data = json.loads(report_json(result(finding(path)), AT))
    assert data["docroots"][0]["findings"][0]["path"] == path


def test_the_page_says_what_where_and_what_to_do():
    text = Page(report_page(result(finding(repair=Mend.RESTORE)), AT, "Host & Co")).text

    assert "Your website was broken into: c1" in text
    assert "a.php, line 3" in text
    assert "sends some of your visitors to another site" in text
    assert "put the file back as its makers published it" in text
    assert "Host & Co looked at" in text


def test_what_is_not_certain_is_said_to_be():
    text = Page(report_page(result(finding(confidence=0.6)), AT, "")).text
    assert "may have been broken into" in text
    assert "(not certain)" in text


def test_the_page_runs_nothing_and_loads_nothing():
    page = report_page(result(finding()), AT, "")
    seen = Page(page)

    assert not {"script", "img", "link", "iframe", "form", "a", "object"} & set(seen.tags)
    style = re.search(rb"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
    policy = seen.attributes["policy"]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@given(st.text(max_size=100))
def test_nothing_in_a_page_is_markup_of_somebody_else(text: str):
    hostile = text + HOSTILE
    found = finding(f"/srv/{hostile}/{hostile}", reason=hostile, rule=hostile)
    plain = Page(report_page(result(finding(), name="c1", docroot="/srv/c1"), AT, "x"))
    page = report_page(result(found, name=hostile, docroot=f"/srv/{hostile}"), AT, hostile)

    assert Page(page).tags == plain.tags
    assert b"\x1b" not in page
    assert "\u202e" not in page.decode()


def test_a_folder_with_very_many_findings_makes_a_bounded_page():
    many = tuple(finding(f"/srv/c1/{n}.php") for n in range(MOST_LISTED))
    page = report_page(result(*many), AT, "")
    assert Page(page).tags.count("tr") == MOST_ROWS + 1
    assert f"And {MOST_LISTED - MOST_ROWS} more" in Page(page).text


def test_the_surest_findings_are_kept():
    many = [finding(f"/srv/c1/{n}.php", confidence=n / 5000) for n in range(4000)]
    kept = surest(many)
    assert len(kept) == MOST_LISTED
    assert kept[0].confidence == 3999 / 5000


def test_xarf_names_the_site_and_no_destination():
    raw = xarf_of(result(finding()).folders[0], AT, SENDER)
    assert raw is not None
    data = json.loads(raw)

    assert data["category"] == "content"
    assert data["type"] == "remote_compromise"
    assert data["compromise_type"] == "malicious_redirect"
    assert data["url"] == "http://shop.test/"
    assert data["source_identifier"] == data["domain"] == "shop.test"
    assert data["reporter"] == data["sender"]
    assert set(data["sender"]) == {"org", "contact", "domain"}
    assert data["affected_cms"] == "wordpress"
    assert data["confidence"] == 0.95
    assert UUID(data["report_id"]).version == 4
    assert data["compromise_indicators"][0]["value"] == "/a.php"
    assert b"kestrel" not in raw


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        ([Kind.WEBSHELL, Kind.REDIRECT], "malicious_redirect"),
        ([Kind.BACKDOOR, Kind.WEBSHELL], "webshell"),
        ([Kind.DROPPER], "backdoor"),
        ([Kind.SPAM, Kind.CONFIG], "seo_spam"),
        ([Kind.MODIFIED_CORE], "other"),
    ],
)
def test_xarf_is_named_by_what_weighs_most(kinds: list[Kind], name: str):
    found = [finding(kind=kind) for kind in kinds]
    raw = xarf_of(result(*found).folders[0], AT, SENDER)
    assert json.loads(raw or b"{}")["compromise_type"] == name


def test_xarf_is_the_same_for_the_same_and_another_for_another():
    def identifier(*found: Finding) -> str:
        return str(json.loads(xarf_of(result(*found).folders[0], AT, SENDER) or b"")["report_id"])

    assert identifier(finding()) == identifier(finding())
    assert identifier(finding()) != identifier(finding(sha256="cd" * 32))


def test_no_xarf_of_what_is_not_certain_or_of_a_site_without_a_name():
    folder = result(finding()).folders[0]
    nameless = replace(folder, account=replace(folder.account, domains=("localhost", "192.0.2.1")))

    assert xarf_of(result(finding(confidence=0.89)).folders[0], AT, SENDER) is None
    assert xarf_of(nameless, AT, SENDER) is None


@pytest.mark.parametrize("name", ["c1", "web-4", "shop.test", "a_b"])
def test_a_plain_customer_is_their_own_file_name(name: str):
    assert stem(name) == name


def test_every_other_customer_gets_a_name_of_their_own():
    names = [
        *("index", "state", "../../etc/passwd", "..", ".hidden", "", "a/b", "a\\b", "A", "a b"),
        *("c1.xarf", "c1.2", "CON\n", "=cmd()", "x" * 500, "\udcff", "müller", "a-", "-a"),
    ]
    names += [stem("a/b"), stem("müller")]  # whoever is called like another's file

    stems = [stem(name) for name in names]

    assert len(set(stems)) == len(names)
    assert not set(stems) & {"index", "state"}
    for one in stems:
        assert OURS.fullmatch(f"{one}.json"), one
        assert OURS.fullmatch(f"{one}.12.xarf.json"), one


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_no_two_customers_share_a_file(names: list[str]):
    files = [
        f"{stem(name)}{end}" for name in names for end in (".json", ".xarf.json", ".2.xarf.json")
    ]
    assert len(set(files)) == len(files)
    assert all(OURS.fullmatch(file) for file in files)


def test_the_index_counts_all_customers():
    records = [
        record_of(result(finding()), ["c1.json", "c1.html"]),
        record_of(result(name="c2", failed="it is gone"), []),
    ]
    data = json.loads(index_json({"scanned_at": AT}, records))

    assert data["totals"] == {"customers": 2, "with_findings": 1, "incomplete": 1}
    assert [one["reports"] for one in data["customers"]] == [["c1.json", "c1.html"], []]
    assert data["customers"][1]["errors"] == [{"docroot": "/srv/c1", "error": "it is gone"}]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "a\n=1", '"=1"']
)
def test_no_cell_of_the_index_is_a_formula_or_a_line_of_its_own(name: str):
    table = index_csv([record_of(result(name=name), [])]).decode()
    rows = list(csv.reader(table.splitlines()))
    assert len(rows) == 2
    assert not rows[1][0].lstrip().startswith(("=", "+", "-", "@"))
    assert rows[1][0].isprintable()
