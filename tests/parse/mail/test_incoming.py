"""What a message is, told from its bytes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_mail import (
    ANSWER_TO,
    HOUSE,
    OUR_ID,
    REFERENCE,
    delivery_status,
    letter,
    parted,
)
from unhijack.parse.mail.delivery import Action, Why
from unhijack.parse.mail.incoming import Incoming, Kind, read_mail
from unhijack.parse.mail.opened import DEEPEST, HELD_BYTES
from unhijack.parse.mail.person import Claim


def read(raw: bytes) -> Incoming:
    return read_mail(raw, HOUSE)


FAILED = "Final-Recipient: rfc822; olga@shop.test\nAction: failed\n"


def test_a_failure_names_its_mailbox_its_status_and_the_notice():
    said = read(delivery_status(FAILED + "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No user"))
    assert said.kind is Kind.BOUNCED
    assert said.delivery is not None
    assert said.delivery.why is Why.UNKNOWN
    assert said.delivery.status == "5.1.1"
    assert said.delivery.recipient == "olga@shop.test"
    assert said.thread == (OUR_ID,)
    assert [(one.reference, one.notice) for one in said.tokens] == [(REFERENCE, 1)]


@pytest.mark.parametrize(
    "more",
    [
        "Status: 5.2.2",
        "Status: 4.2.2\nDiagnostic-Code: smtp; 452 4.2.2 try later",
        "Status: 5.0.0\nDiagnostic-Code: smtp; 552 Mailbox is full",
        "Status: 5.7.1\nDiagnostic-Code: smtp; Quota exceeded (mailbox for user is full)",
        "Status: 5.0.0\nDiagnostic-Code: smtp; 550 Das Postfach ist voll",
    ],
)
def test_a_full_mailbox_is_no_unknown_one(more):
    assert read(delivery_status(FAILED + more)).kind is Kind.FULL


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("delivered", "2.1.5", Kind.DELIVERED),
        ("relayed", "2.1.5", Kind.PASSED_ON),
        ("expanded", "2.1.5", Kind.PASSED_ON),
        ("delayed", "4.4.1", Kind.PASSED_ON),
        ("error", "5.0.0", Kind.BOUNCED),
    ],
)
def test_only_delivered_proves_that_it_arrived(action, status, kind):
    block = f"Final-Recipient: rfc822; olga@shop.test\nAction: {action}\nStatus: {status}"
    assert read(delivery_status(block)).kind is kind


def test_of_several_recipients_the_worst_counts():
    arrived = "Final-Recipient: rfc822; a@shop.test\nAction: delivered\nStatus: 2.0.0\n\n"
    said = read(delivery_status(arrived + FAILED + "Status: 5.1.1"))
    assert said.delivery is not None
    assert said.delivery.action is Action.FAILED


QMAIL = """Hi. This is the qmail-send program at mx.shop.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<olga@shop.test>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
"""


def test_a_server_that_never_read_the_standard_is_understood():
    said = read(letter(QMAIL, sender="MAILER-DAEMON@mx.shop.test", subject="failure notice"))
    assert said.kind is Kind.BOUNCED
    assert said.delivery is not None
    assert (said.delivery.recipient, said.delivery.why) == ("olga@shop.test", Why.UNKNOWN)


def test_a_person_who_quotes_a_bounce_is_no_server():
    said = read(letter("I wrote to you and got this back:\n\n" + QMAIL))
    assert said.kind is Kind.ANSWER


def test_a_library_that_trips_over_a_header_costs_no_message(capfd):
    raw = letter(QMAIL, sender="", subject="failure notice", headers=["Return-Path: <>"])
    assert read(raw.replace(b"From: \r\n", b"")).kind in set(Kind)
    broken = letter(
        "x", sender="\N{LATIN SMALL LETTER A WITH ACUTE}\r\n", headers=["Return-Path: <>"]
    )
    for sender in (b"<", b"(", b"a@b@c <", b",,,", b"\xff:;"):
        assert read(b"From: " + sender + b"\nReturn-Path: <>\n\nx\n").kind in set(Kind)
    assert read(broken).kind in set(Kind)
    assert capfd.readouterr() == ("", "")


def test_the_words_of_a_server_are_harmless_on_record():
    words = "smtp; 550 5.1.1 \x1b[31mNo\x07 such user ceo@shop.test"
    said = read(delivery_status(FAILED + f"Status: 5.1.1\nDiagnostic-Code: {words}"))
    assert "\x1b" not in said.reason
    assert "ceo@" not in said.reason


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Automatische Antwort: Ihre Nachricht", []),
        ("Réponse automatique : x", []),
        ("Автоматична відповідь: x", []),
        ("Re: x", ["Auto-Submitted: auto-replied (vacation)"]),
        ("Re: x", ["X-Autoreply: yes"]),
        ("Re: x", ["Precedence: auto_reply"]),
        ("=?utf-8?b?QXV0b21hdGlja8OhIG9kcG92xJvEjw==?=", []),
    ],
)
def test_a_machine_that_answers_for_somebody_is_known(subject, headers):
    said = read(letter("I am away. It has been cleaned.", subject=subject, headers=headers))
    assert said.kind is Kind.AWAY
    assert said.claim is Claim.NONE


@pytest.mark.parametrize(
    ("subject", "body", "ticket"),
    [
        (f"[#481516] Re: [unhijack {REFERENCE}] x", "We have received your message.", "481516"),
        ("[Ticket#2026030210000017] Eingangsbestätigung", "Danke.", "2026030210000017"),
        ("[host.test #90210] AutoReply: abuse", "Your request was taken.", "90210"),
        ("Abuse report", "Thank you for your report. Your case number is: ABU-77123.", "ABU-77123"),
    ],
)
def test_an_abuse_desks_machine_gives_a_number(subject, body, ticket):
    headers = ["Auto-Submitted: auto-replied"]
    said = read(letter(body, subject=subject, headers=headers))
    assert (said.kind, said.ticket) == (Kind.TICKET, ticket)


def test_our_own_reference_is_no_ticket():
    said = read(
        letter(
            f"Your request [unhijack {REFERENCE}] was received.",
            subject=f"Received: [unhijack {REFERENCE}] ticket: {REFERENCE}",
            headers=["Auto-Submitted: auto-replied"],
        )
    )
    assert (said.kind, said.ticket) == (Kind.TICKET, "")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (letter("x", headers=["X-Unhijack-Case: ABCDEFGHJK"]), "own notices"),
        (letter("x", sender=HOUSE), "from ourselves"),
        (letter("x", sender=f"X <{ANSWER_TO}>"), "from ourselves"),
        (letter("x", headers=["Received: from a by b"] * 51), "servers"),
    ],
)
def test_what_goes_round_is_a_loop(raw, reason):
    said = read(raw)
    assert said.kind is Kind.LOOP
    assert reason in said.reason


def test_a_provider_that_says_our_notice_is_spam_makes_no_report_of_a_site():
    head, body = parted(
        "report",
        ("text/plain", "abuse"),
        ("message/feedback-report", "Feedback-Type: abuse\nVersion: 1"),
        ("message/rfc822", f"Message-ID: {OUR_ID}\nX-Unhijack-Case: {REFERENCE}\n\nbody"),
        more="; report-type=feedback-report",
    )
    said = read(letter(body, headers=[head], to="fbl@cert.test"))
    assert said.kind is Kind.COMPLAINT
    assert said.thread == (OUR_ID,)


def test_a_big_message_is_known_by_its_header_and_never_taken_apart():
    raw = letter("x" * 70, headers=[f"In-Reply-To: {OUR_ID}"]) + b"A" * 50 * 1024 * 1024
    start = time.process_time()
    said = read(raw)
    assert said.kind is Kind.TOO_BIG
    assert said.thread == (OUR_ID,)
    assert said.tokens
    assert str(HELD_BYTES) in said.reason
    assert said.opened is not None
    assert said.opened.parts == ()
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "does not begin like a mail"),
        (b"\x7fELF\x02\x01", "does not begin like a mail"),
        (b"From: a\0b@x.test\n\nx", "NUL"),
        (b"From: a@x.test\n" + b"X: y\n" * 600 + b"\nx", "headers"),
        (b"From: a@x.test\n\n" + b"multipart/mixed\n" * 100, "hold others"),
        (b"From: a@x.test\n\n" + b"\n" * 300_000, "lines"),
    ],
)
def test_what_is_no_mail_is_refused_with_its_reason(raw, reason):
    said = read(raw)
    assert said.kind is Kind.MALFORMED
    assert reason in said.reason


def test_parts_within_parts_have_a_bottom():
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(DEEPEST + 3)
    )
    said = read(b"From: a@x.test\n" + deep.encode() + b"Content-Type: text/plain\n\nCLEAN\n")
    assert said.kind is Kind.MALFORMED


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/plain; " + b'a="b";' * 200_000 + b"\n\nx",
        b"From: a@b.test\n\n" + b"<" * 4_000_000,
        b"From: a@b.test\nContent-Type: text/html\n\n" + b"<div>" * 100_000,
        b"From: mailer-daemon@b.test\n\n" + b"a@" * 500_000,
        b"From: mailer-daemon@b.test\n\nHi. This is the\n\n" + b"a@a " * 50_000,
        b"From: " + b"<a@b" * 2_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?q?a?= " * 5_000 + b"\n\nx",
        b"Auto-Submitted: yes\nSubject: " + b"case " * 1_500 + b"\n\n" + b"ticket-" * 50_000,
        b"References: " + b"<a" * 4_000 + b"\n\n" + b"On x wrote:\n" * 50_000,
        b"From: a@b.test\n\n" + b"has been cleaned " * 100_000,
    ],
    ids=range(10),
)
def test_no_message_costs_more_than_it_is_worth(raw):
    start = time.process_time()
    read(raw)
    assert time.process_time() - start < 2


def test_the_same_message_is_the_same_whichever_way_it_came():
    plain = letter("CLEAN")
    relayed = b"Return-Path: <x@shop.test>\r\nReceived: from a\r\n\tby b; now\r\n" + plain
    assert read(relayed.replace(b"\r\n", b"\n")).digest == read(plain).digest
    assert read(letter("CLEAN!")).digest != read(plain).digest
    assert read(letter("CLEAN", to="other@cert.test")).digest != read(plain).digest


pieces = st.sampled_from(
    [
        *(b"Content-Type: multipart/report; boundary=b\n", b"--b\n", b"--b--\n", b"\n", b"\n\n"),
        *(b"Content-Type: message/rfc822\n\n", b"Content-Type: message/delivery-status\n\n"),
        *(b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/html; charset=\xff\n"),
        *(b"Action: failed\n", b"Final-Recipient: rfc822;", b"=?utf-8?b?", b"?=", b"<", b">"),
        *(b"From: ", b"Subject: ", b"To: ", b"References: ", b"Auto-Submitted: ", b"ticket #12345"),
        *(b"> ", b"wrote:\n", b"CLEAN", ANSWER_TO.encode(), b"\xf0\x9f", b"\x1b[2J", b"=\n"),
        *(
            b"Content-Type: message/feedback-report\n\n",
            b"Mailer-Daemon@x.test\n",
            b"<a@b.test>:\n",
        ),
    ]
)


@given(st.lists(st.one_of(pieces, st.binary(max_size=20)), max_size=60).map(b"".join))
def test_any_bytes_become_something(raw):
    said = read(b"From: x@y.test\n" + raw)
    assert said.kind in set(Kind)
    assert len(said.own_words) <= 4_000
    assert len(said.reason) <= 500
    assert said.reason.isprintable()
    assert said.ticket.isprintable()
