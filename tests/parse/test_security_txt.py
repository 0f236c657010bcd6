"""security.txt: what it says, and what it can be made to say."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.core.contact import is_mailbox
from unhijack.parse.security_txt import MOST_CONTACTS, parse_security_txt

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WHOLE = b"""# Tell us
Contact: mailto:security%2Bweb@bakery.test?subject=hello
Contact: https://bakery.test/report
contact: tel:+1-201-555-0123
Contact: second@bakery.test
Expires: 2027-01-01T00:00:00.000Z
Canonical: https://bakery.test/.well-known/security.txt
Preferred-Languages: de-AT, en
"""
SIGNED = b"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

- Contact: mailto:a@bakery.test
Expires: 2027-01-01T00:00:00Z
-----BEGIN PGP SIGNATURE-----
Contact: mailto:outside@evil.test

abcdef
-----END PGP SIGNATURE-----
Contact: mailto:after@evil.test
"""


def test_a_whole_file_is_read():
    found = parse_security_txt(WHOLE)

    assert found is not None
    assert found.mailboxes == ("security+web@bakery.test", "second@bakery.test")
    assert found.languages == ("de", "en")
    assert not found.stale(NOW)
    assert not found.elsewhere("https://bakery.test/.well-known/security.txt")
    assert found.elsewhere("https://other.test/.well-known/security.txt")


def test_of_a_signed_file_what_is_signed_counts():
    found = parse_security_txt(SIGNED)

    assert found is not None
    assert found.signed
    assert found.mailboxes == ("a@bakery.test",)


@pytest.mark.parametrize(
    "lines",
    [
        b"Contact: mailto:a@b.test\n",
        b"Contact: mailto:a@b.test\nExpires: soon\n",
        b"Contact: mailto:a@b.test\nExpires: 2020-01-01T00:00:00Z\n",
        b"Contact: mailto:a@b.test\nExpires: 2027-01-01T00:00:00Z\nExpires: 2028-01-01T00:00:00Z",
        b"Contact: mailto:a@b.test\nExpires: 0001-01-01T00:00:00+14:00\n",
    ],
)
def test_a_file_that_nobody_renews_is_stale(lines: bytes):
    found = parse_security_txt(lines)

    assert found is not None
    assert found.stale(NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><p>Contact: mailto:a@b.test",
        b"Expires: 2027-01-01T00:00:00Z",
        b"-----BEGIN PGP SIGNED MESSAGE-----",
    ],
)
def test_what_is_no_security_txt_says_nothing(body: bytes):
    assert parse_security_txt(body) is None


@pytest.mark.parametrize(
    "value",
    [
        b"mailto:a@b.test%0d%0aBcc:x@evil.test",
        b"mailto:a@b.test,x@evil.test",
        b"mailto:\x1b[31ma@b.test",
        b"mailto:a@b",
        b"mailto:a@[127.0.0.1]",
        b"mailto:noreply@b.test",
        b"mailto:" + b"a" * 300 + b"@b.test",
    ],
)
def test_a_contact_that_is_no_plain_mailbox_is_passed_over(value: bytes):
    found = parse_security_txt(b"Contact: " + value)

    assert found is not None
    assert found.mailboxes == ()


def test_many_contacts_are_cut():
    lines = b"".join(b"Contact: mailto:a%d@b.test\n" % n for n in range(1000))
    found = parse_security_txt(lines)

    assert found is not None
    assert len(found.mailboxes) == MOST_CONTACTS


@pytest.mark.parametrize("piece", [b"Contact:", b"Contact: a@", b"- ", b"\r", b": ", b"%0a@"])
def test_ten_megabytes_take_no_time(piece: bytes):
    began = time.monotonic()
    parse_security_txt(piece * (10 * 1024 * 1024 // len(piece)))

    assert time.monotonic() - began < 1.0


@given(
    st.binary(max_size=2000)
    | st.lists(st.sampled_from(WHOLE.splitlines() + SIGNED.splitlines())).map(b"\n".join)
)
def test_any_bytes_give_plain_mailboxes_or_none(body: bytes):
    found = parse_security_txt(body)

    if found is not None:
        assert all(is_mailbox(mail) and mail.isascii() for mail in found.mailboxes)
        found.stale(NOW)
