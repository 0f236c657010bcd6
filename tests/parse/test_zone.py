"""Mailboxes of DNS records, in presentation form, with all its escapes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.contact import is_mailbox
from unhijack.parse.zone import caa_mailboxes, mail_servers, soa_mailbox, txt, txt_mailboxes


@pytest.mark.parametrize(
    ("record", "mail"),
    [
        ("ns1.b.test. hostmaster.b.test. 1 2 3 4 5", "hostmaster@b.test"),
        (r"ns1.b.test. john\.doe.b.test. 1 2 3 4 5", "john.doe@b.test"),
        ("ns1.b.test. . 1 2 3 4 5", None),
        ("ns1.b.test. b. 1 2 3 4 5", None),
        (r"ns1.b.test. a\010bcc.b.test. 1 2 3 4 5", None),
        (r"ns1.b.test. a\@x.b.test. 1 2 3 4 5", None),
        ("", None),
    ],
)
def test_who_is_responsible_for_a_zone(record: str, mail: str | None):
    assert soa_mailbox(record) == mail


def test_whom_certificate_authorities_tell():
    records = [
        '0 issue "ca.test"',
        '0 iodef "mailto:security@b.test"',
        '0 iodef "https://b.test/report"',
        '128 iodef "mailto:a@b.test?subject=x"',
    ]

    assert caa_mailboxes(records) == ["security@b.test", "a@b.test"]


def test_security_contacts_of_text_records():
    records = [
        '"v=spf1 -all"',
        '"security_contact=" "mailto:s@b.test"',
        '"security_contact=https://b.test/"',
        '"security_contact=mailto:x@b.test\\010Bcc: y@b.test"',
    ]

    assert txt_mailboxes(records) == ["s@b.test"]
    assert txt(r'"a\"b" c\065') == 'a"bcA'


def test_mail_servers_by_preference_and_a_domain_that_takes_no_mail():
    assert mail_servers(["20 b.test.", "5 A.test.", "x y", "1"]) == ["a.test", "b.test"]
    assert mail_servers(["0 ."]) is None
    assert mail_servers([]) == []


@pytest.mark.parametrize("piece", ['"', r"\"", "\\", "0 iodef ", '"a" ', r"\.a", "1"])
def test_a_large_record_takes_no_time(piece: str):
    record = piece * (1024 * 1024 // len(piece))
    began = time.monotonic()
    for read in (caa_mailboxes, txt_mailboxes, mail_servers):
        read([record])
    soa_mailbox(f"ns. {record}")

    assert time.monotonic() - began < 1.0


@given(st.text(max_size=300) | st.from_regex(r'0 iodef "[\x00-\xff]{0,50}"', fullmatch=True))
def test_any_text_gives_plain_mailboxes_or_none(record: str):
    found = [*caa_mailboxes([record]), *txt_mailboxes([record]), soa_mailbox(record)]
    mail_servers([record])

    assert all(is_mailbox(mail) for mail in found if mail)
