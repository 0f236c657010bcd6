"""Whom to tell: independent voices before the site's own, dead mailboxes last, names last of all."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.assess.contacts import MOST_BY_THE_SITE, MOST_PER_ROLE, identities, rank
from unhijack.assess.mentions import (
    last_resort,
    of_domain,
    of_imprint,
    of_network,
    of_security_txt,
    of_zone,
)
from unhijack.core.contact import (
    ROLES,
    Contact,
    Earlier,
    Mention,
    Proxy,
    Reached,
    Surroundings,
    country_of_suffix,
)
from unhijack.core.sources import Certificate, Imprint, Mailbox, Registration, SecurityTxt

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
AROUND = Surroundings("www.bakery.test", "bakery.test", frozenset({ip_address("192.0.2.1")}))
HERE = Surroundings("www.bakery.test", "bakery.test", mail_here=frozenset({"bakery.test"}))


def said(
    source: str, mail: str = "info@bakery.test", worth: float = 0.5, role: str = "owner"
) -> Mention:
    return Mention(role, mail, source, worth, found_at=NOW)


def only(found: tuple[Contact, ...]) -> Contact:
    (one,) = found
    return one


@pytest.mark.parametrize("source", ["imprint", "security.txt"])
def test_what_the_site_alone_says_gets_no_link(source: str):
    found = only(rank([said(source)], AROUND))

    assert not found.independent
    assert "nobody but the site says so" in found.why


def test_until_somebody_else_agrees():
    found = only(rank([said("imprint"), said("rdap-domain", "INFO@Bakery.test", 0.7)], AROUND))

    assert found.independent
    assert found.source == "rdap-domain"
    assert found.confidence == pytest.approx(0.85)


def test_mail_that_ends_on_the_hijacked_machine_gets_no_link_whoever_names_it():
    found = only(rank([said("rdap-domain"), said("imprint")], HERE))

    assert not found.independent
    assert "its mail ends on the hijacked machine" in found.why


@pytest.mark.parametrize("source", ["directory", "analyst"])
def test_unless_a_person_vouches_for_it(source: str):
    found = only(rank([said("imprint", worth=0.55), said(source, worth=1.0)], HERE))

    assert found.independent
    assert (found.source, found.confidence) == (source, 1.0)


@pytest.mark.parametrize("source", ["soa", "caa", "dns-security-txt"])
def test_a_zone_on_the_hijacked_machine_is_the_sites_own_word(source: str):
    there = Surroundings("www.bakery.test", "bakery.test", zone_here=True)

    assert only(rank([said(source)], AROUND)).independent
    assert not only(rank([said(source)], there)).independent


def test_an_independent_voice_comes_before_a_louder_one_of_the_site():
    loud, quiet = said("security.txt", "loud@evil.test", 0.9), said("soa", "quiet@b.test", 0.3)

    assert [one.mail for one in rank([loud, quiet], AROUND)] == ["quiet@b.test", "loud@evil.test"]


def test_the_site_cannot_have_many_strangers_told():
    crowd = [said("imprint", f"a{n}@else.test") for n in range(50)]
    found = rank([*crowd, said("rdap-domain", "owner@b.test")], AROUND)

    assert found[0].mail == "owner@b.test"
    assert len(found) == 1 + MOST_BY_THE_SITE


def test_a_bounced_mailbox_sinks_below_every_other_and_an_answer_raises():
    mentions = [said("rdap-domain", f"{n}@b.test", 0.7) for n in "abc"]
    earlier = [
        Earlier("A@b.test", Reached.BOUNCED, NOW - DAY),
        Earlier("c@b.test", Reached.ANSWERED, NOW - DAY),
        Earlier("c@b.test", Reached.BOUNCED, NOW - 9 * DAY),
        Earlier("b@b.test", Reached.FULL, NOW - DAY),
    ]
    found = rank(mentions, AROUND, earlier)

    assert [one.mail for one in found] == ["c@b.test", "b@b.test", "a@b.test"]
    assert found[0].confidence == pytest.approx(0.95)
    assert found[2].confidence < 0.05
    assert "a mail came back on 2026-03-01" in found[2].why


def test_a_bounced_mailbox_comes_after_what_the_site_alone_says():
    mentions = [said("rdap-domain", "dead@b.test", 0.7), said("imprint", "weak@b.test", 0.01)]
    found = rank(mentions, AROUND, [Earlier("dead@b.test", Reached.BOUNCED, NOW)])

    assert [one.mail for one in found] == ["weak@b.test", "dead@b.test"]


def test_reserved_names_are_the_last_resort():
    names = list(last_resort("bakery.test", ["host.test"], NOW))
    owner, hoster = (
        said("rdap-domain", "owner@b.test"),
        said("rdap-network", "abuse@h.test", role="hoster"),
    )

    assert {one.source for one in rank([*names, owner, hoster], AROUND)} == {
        "rdap-domain",
        "rdap-network",
    }
    assert "security@bakery.test" in {one.mail for one in rank(names, AROUND)}
    assert not any(one.independent for one in rank(names, AROUND))


def test_the_site_cannot_silence_them_and_a_bounce_brings_them_back():
    names = list(last_resort("bakery.test", [], NOW))
    owner = said("rdap-domain", "owner@b.test")
    dead = [Earlier("owner@b.test", Reached.BOUNCED, NOW)]

    assert len(rank([*names, said("security.txt", "x@evil.test", 0.9)], AROUND)) > 1
    assert any(one.source == "rfc2142" for one in rank([*names, owner], AROUND, dead))


def test_a_domain_that_takes_no_mail_is_not_written_to():
    nowhere = Surroundings("bakery.test", "bakery.test", no_mail=frozenset({"bakery.test"}))

    assert rank([said("rdap-domain")], nowhere) == ()


def network(*boxes: Mailbox, remarked: tuple[str, ...] = ()) -> Registration:
    return Registration("NET-1", "HOST-NET", "NL", boxes, None, remarked, ())


def test_a_networks_abuse_desk_is_the_hoster_and_a_proxys_is_kept_apart():
    found = network(Mailbox("abuse@h.test", ("abuse",)), remarked=("desk@h.test",))

    assert {one.role for one in of_network(found, NOW, proxy=False)} == {"hoster"}
    assert {one.role for one in of_network(found, NOW, proxy=True)} == {"proxy"}


def test_a_proxy_is_known_by_its_origin_or_its_networks_name():
    proxy = Proxy("Shield", frozenset({64500}), ("SHIELDNET",))

    assert proxy.keeps(64500, "")
    assert proxy.keeps(None, "ShieldNet-7")
    assert not proxy.keeps(64501, "HOST-SHIELDNET")


def test_the_people_of_a_domain_have_their_roles():
    boxes = (
        Mailbox("owner@b.test", ("registrant",), veiled=True),
        Mailbox("tech@b.test", ("technical",)),
        Mailbox("abuse@r.test", ("abuse",), ("registrar",)),
        Mailbox("nobody@b.test", ("sponsor",)),
    )
    found = {one.mail: one for one in of_domain(network(*boxes), NOW)}

    assert {mail: one.role for mail, one in found.items()} == {
        "owner@b.test": "owner",
        "tech@b.test": "owner",
        "abuse@r.test": "registrar",
    }
    assert found["owner@b.test"].confidence == pytest.approx(0.42)
    assert "behind a relay" in found["owner@b.test"].note


def test_the_keeper_of_a_zone_is_no_owner():
    mails = {"soa": ["hostmaster@dns.test"]}

    (kept,) = of_zone("bakery.test", mails, ["ns1.dns.test"], NOW, proxy=False)
    (own,) = of_zone("bakery.test", mails, ["ns1.other.test"], NOW, proxy=False)
    (shield,) = of_zone("bakery.test", mails, ["ns1.dns.test"], NOW, proxy=True)

    assert (kept.role, own.role, shield.role) == ("hoster", "owner", "proxy")


def test_a_stale_security_txt_of_another_site_is_worth_less():
    fresh = SecurityTxt(("a@b.test",), NOW + DAY, ("https://bakery.test/x",), ("de",), signed=False)
    stale = SecurityTxt(("a@b.test",), None, ("https://bakery.test/x",), (), signed=False)
    (first,) = of_security_txt(fresh, "https://bakery.test/x", NOW)
    (second,) = of_security_txt(stale, "https://evil.test/x", NOW)

    assert (first.confidence, first.language) == (0.7, "de")
    assert second.confidence == pytest.approx(0.2)


def test_a_mailbox_of_the_sites_own_domain_is_believed_more():
    page = Imprint(("info@bakery.test", "agency@else.test"), (), "de")
    own, other = of_imprint(page, "bakery.test", NOW)

    assert own.confidence > other.confidence


def test_identities_are_equal_for_one_owner_and_say_what_an_attacker_could_have_put_there():
    certificate = Certificate("ab" * 32, ("bakery.test", "cakes.test", "www.bakery.test"))
    contacts = rank([said("rdap-domain", "Owner@b.test"), said("imprint", "x@else.test")], AROUND)
    holders = {"owner@b.test", "x@else.test"}
    found = identities(contacts, holders, ("test", "C-7"), ["UA-1234567"], certificate)

    assert {(one.kind, one.text, one.independent) for one in found} == {
        ("contact", "contact owner@b.test", True),
        ("contact", "contact x@else.test", False),
        ("registrant", "registrant test c-7", True),
        ("account", "account UA-1234567", False),
        ("certificate", f"certificate {'ab' * 32}", False),
        ("certificate-names", "certificate-names bakery.test cakes.test", False),
    }


def test_a_mailbox_that_looks_after_many_owners_joins_no_sites():
    contacts = rank([said("soa", "desk@agency.test"), said("rdap-domain", "me@b.test")], AROUND)
    found = identities(contacts, {"me@b.test"}, None, [], None)

    assert all(one.independent for one in contacts)
    assert [one.text for one in found if one.independent] == ["contact me@b.test"]


def test_a_registrant_is_the_holder_and_a_technical_contact_or_a_relay_is_not():
    boxes = (
        Mailbox("me@b.test", ("registrant",)),
        Mailbox("relay@r.test", ("registrant",), veiled=True),
        Mailbox("desk@agency.test", ("technical",)),
    )

    assert [one.mail for one in of_domain(network(*boxes), NOW) if one.holder] == ["me@b.test"]


def test_a_certificate_of_a_whole_hoster_says_nothing_of_an_owner():
    crowd = Certificate("ab" * 32, tuple(f"site{n}.test" for n in range(100)))

    assert identities((), set(), None, [], crowd) == ()


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("a.de", "DE"),
        ("a.co.uk", "GB"),
        ("a.eu", ""),
        ("a.com", ""),
        ("a.xn--p1ai", "RU"),
        ("x", ""),
    ],
)
def test_the_country_of_a_suffix(host: str, code: str):
    assert country_of_suffix(host) == code


MENTIONS = st.builds(
    Mention,
    st.sampled_from([*ROLES, "stranger"]),
    st.sampled_from(["a@b.test", "A@b.test", "c@bakery.test", "d@else.test", "e@else.test"]),
    st.sampled_from(["imprint", "security.txt", "rdap-domain", "soa", "rfc2142", "directory"]),
    st.floats(0, 1),
)
EARLIER = st.builds(
    Earlier,
    st.sampled_from(["a@b.test", "c@bakery.test"]),
    st.sampled_from(list(Reached)),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.lists(MENTIONS, max_size=30), st.lists(EARLIER, max_size=8))
def test_whatever_is_said_the_order_holds(mentions: list[Mention], earlier: list[Earlier]):
    found = rank(mentions, HERE, earlier)
    vouched = {(m.role, m.mail.casefold()) for m in mentions if m.source == "directory"}

    assert [ROLES.index(one.role) for one in found] == sorted(
        ROLES.index(one.role) for one in found
    )
    assert len({(one.role, one.mail.casefold()) for one in found}) == len(found)
    assert all(0 <= one.confidence <= 1 for one in found)
    assert all(len([x for x in found if x.role == role]) <= MOST_PER_ROLE for role in ROLES)
    for one in found:
        key = (one.role, one.mail.casefold())
        voices = {m.source for m in mentions if (m.role, m.mail.casefold()) == key}
        if voices <= {"imprint", "security.txt", "rfc2142"}:
            assert not one.independent
        if one.mail.endswith("@bakery.test"):
            assert one.independent == (key in vouched)
