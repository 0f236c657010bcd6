"""The report for a hoster's machines, by the schema of XARF itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from tests.support.letters import HEAD, case, matter, occasion, parsed, reader
from unhijack.compose.letter import write
from unhijack.compose.letter_kinds import Role, Why

SCHEMAS = Path(__file__).parent / "xarf"


def validator() -> Draft202012Validator:
    """Of content/remote_compromise; each schema under the name that the others call it by."""
    base = "https://xarf.org/schemas/v4/"
    loaded = {
        f"{base}{name}": json.loads((SCHEMAS / name.rpartition("/")[2]).read_text())
        for name in (
            "xarf-core.json",
            "types/content-base.json",
            "types/content-remote_compromise.json",
        )
    }
    registry: Any = Registry().with_resources(
        (address, Resource.from_contents(schema)) for address, schema in loaded.items()
    )
    schema = loaded[f"{base}types/content-remote_compromise.json"]
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


def attached(url: str = "http://bakery.test/", why: Why = Why.FIRST, **made: str) -> Any:
    of = case(url=url, made_with=dict(made))
    message = parsed(write(matter(of, occasion(why)), HEAD, reader(Role.HOSTER)))
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "application/json"
    assert part.get_filename() == "xarf-kqzvmtrwxp.json"
    return json.loads(part.get_content())


@pytest.mark.parametrize(
    ("url", "why", "cms"),
    [
        ("http://bakery.test/", Why.FIRST, "wordpress"),
        ("https://www.xn--bckerei-5wa.test:8443/a?b=c", Why.AGAIN, "typo3"),
        ("http://192.0.2.7/shop/", Why.REFUTED, ""),
        ("http://[2001:db8::7]/", Why.REMINDER, "joomla"),
        ("http://a_b.test/", Why.FIRST, ""),
    ],
)
def test_the_report_is_valid(url: str, why: Why, cms: str):
    report = attached(url, why, cms=cms)

    assert [error.message for error in validator().iter_errors(report)] == []
    assert report["compromise_type"] == "malicious_redirect"
    assert report["url"] == url, "the site's own address stands as it is"
    assert report["confidence"] == 0.9
    assert report["cleanup_status"] == ("reinfected" if why is Why.AGAIN else "not_cleaned")


def test_the_schema_would_find_fault():
    report = attached() | {"compromise_type": "made-up", "confidence": 7}
    assert len(list(validator().iter_errors(report))) == 2


def test_it_names_no_destination():
    text = json.dumps(attached())
    assert "hop" not in text
    assert "search engine" in text


def test_the_same_notice_has_the_same_report_id():
    assert attached()["report_id"] == attached()["report_id"]


@pytest.mark.parametrize("role", [Role.OWNER, Role.REGISTRAR, Role.CERT])
def test_only_hosters_get_one(role: Role):
    assert not list(parsed(write(matter(), HEAD, reader(role))).iter_attachments())


@pytest.mark.parametrize("why", [Why.PRESERVE, Why.CLEAN, Why.RETRACTION])
def test_no_report_says_hijacked_where_the_letter_does_not(why: Why):
    message = parsed(write(matter(about=occasion(why)), HEAD, reader(Role.HOSTER)))
    assert not list(message.iter_attachments())
