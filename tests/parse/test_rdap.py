"""Answers of registries: roles, mailboxes, countries; and answers that are none."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.street_of_sites import card, entity
from unhijack.core.contact import is_mailbox
from unhijack.core.sources import Registration
from unhijack.parse.rdap import MOST_ENTITIES, MOST_MAILBOXES, read_registration

DOMAIN: dict[str, Any] = {
    "objectClassName": "domain",
    "handle": "D1-TEST",
    "ldhName": "bakery.test",
    "entities": [
        entity(
            ["registrant"],
            "owner@lindner.test",
            handle="C-7",
            name="Lindner",
            country="AT",
            language="de-AT",
        ),
        entity(["technical", "administrative"], "admin@lindner.test"),
        entity(["registrar"], "hello@registrar.test", entity(["abuse"], "abuse@registrar.test")),
    ],
}


def read(answer: object) -> Registration:
    found = read_registration(answer)
    assert found is not None
    return found


def test_a_domain_names_its_people():
    found = read(DOMAIN)

    assert [(box.mail, box.roles, box.within) for box in found.mailboxes] == [
        ("owner@lindner.test", ("registrant",), ()),
        ("admin@lindner.test", ("technical", "administrative"), ()),
        ("hello@registrar.test", ("registrar",), ()),
        ("abuse@registrar.test", ("abuse",), ("registrar",)),
    ]
    assert found.holder is not None
    assert (found.holder.handle, found.holder.country) == ("C-7", "AT")
    assert found.mailboxes[0].language == "de"
    assert not found.holder.veiled


def test_a_network_names_its_country_and_its_remarks():
    found = read(
        {
            "objectClassName": "ip network",
            "name": "EXAMPLE-NET",
            "country": "nl",
            "remarks": [
                {"title": "Abuse", "description": ["Report to desk@host.test.", 7, None]},
                {"description": ["Office: office@host.test"]},
            ],
        }
    )

    assert (found.name, found.country, found.remarked) == ("EXAMPLE-NET", "NL", ("desk@host.test",))


def test_what_is_redacted_is_told_apart_from_what_is_not_there():
    answer = {
        **DOMAIN,
        "entities": [entity(["registrant"], "relay-7@registrar.test", name="REDACTED FOR PRIVACY")],
        "redacted": [
            {"name": {"type": "Registrant Email"}, "method": "replacementValue"},
            {"name": {"description": "Registrant Name"}},
            {"name": 5},
            "x",
        ],
    }
    found = read(answer)

    assert found.redacted == ("Registrant Email", "Registrant Name")
    assert found.mailboxes[0].veiled
    assert found.holder is not None
    assert found.holder.veiled


def test_a_jscard_is_read_like_a_jcard():
    jscard = {
        "@type": "Card",
        "language": "fr",
        "name": {"full": "Marie"},
        "emails": {"e": {"address": "marie@b.test"}},
        "addresses": {"a": {"countryCode": "FR"}},
    }
    found = read(
        {"objectClassName": "domain", "entities": [{"roles": ["registrant"], "jscard": jscard}]}
    )

    assert (found.mailboxes[0].mail, found.mailboxes[0].language) == ("marie@b.test", "fr")
    assert found.holder is not None
    assert found.holder.country == "FR"


def deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"roles": ["abuse"], "vcardArray": card("deep@b.test")}
    for _ in range(levels):
        inner = {"roles": ["abuse"], "entities": [inner]}
    return {"objectClassName": "domain", "entities": [inner]}


def test_entities_are_followed_a_few_levels_down():
    assert read(deep(3)).mailboxes
    assert not read(deep(300)).mailboxes


def test_an_entity_that_holds_itself_ends():
    loop: dict[str, Any] = entity(["abuse"], "a@b.test")
    loop["entities"] = [loop, loop, loop]
    began = time.monotonic()
    found = read({"objectClassName": "domain", "entities": [loop] * 1000})

    assert len(found.mailboxes) <= MOST_MAILBOXES
    assert time.monotonic() - began < 1.0


def test_many_entities_with_many_mailboxes_are_cut():
    crowd = entity(["abuse"], "")
    crowd["vcardArray"] = ["vcard", [["email", {}, "text", f"a{n}@b.test"] for n in range(100_000)]]
    found = read({"objectClassName": "domain", "entities": [crowd] * (MOST_ENTITIES * 10)})

    assert len(found.mailboxes) == MOST_MAILBOXES


@pytest.mark.parametrize(
    "mail",
    [
        "a@b.test\nBcc: x@evil.test",
        "\x1b[31ma@b.test",
        "a@b.test, c@d.test",
        "<a@b.test>",
        "a b@c.test",
        "REDACTED",
    ],
)
def test_a_mailbox_with_more_in_it_is_none(mail: str):
    found = read(
        {"objectClassName": "domain", "entities": [entity(["abuse"], mail, name="x\n\x1b[1m")]}
    )

    assert found.mailboxes == ()


def test_names_are_harmless():
    answer = {"objectClassName": "ip network", "name": "NET\x1b[31m\n\u202eX" + "y" * 1000}
    name = read(answer).name

    assert name.isprintable()
    assert len(name) <= 101


@pytest.mark.parametrize(
    "answer", [None, [], 7, "x", {}, {"objectClassName": 5}, {"errorCode": 404}, [DOMAIN]]
)
def test_what_is_no_registration_is_none(answer: object):
    assert read_registration(answer) is None


WORDS = st.sampled_from(
    """entities roles vcardArray vcard email text a@b.test remarks abuse description redacted name
    handle registrant jscard emails adr cc""".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=40,
)


@given(st.dictionaries(WORDS, JSON, max_size=6))
def test_any_json_is_read_or_passed_over(answer: dict[str, Any]):
    found = read({**answer, "objectClassName": "domain"})

    assert all(is_mailbox(box.mail) for box in found.mailboxes)
    assert all(is_mailbox(mail) for mail in found.remarked)
    assert found.name.isprintable()
