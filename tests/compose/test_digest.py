"""Several letters to one person as one message: each whole, each with its own way to answer."""

import re
from dataclasses import replace

import pytest

from tests.support.letters import (
    ANSWERS,
    HEAD,
    OWNER,
    WHEN,
    body,
    case,
    matter,
    occasion,
    parsed,
    reader,
)
from unhijack.compose.digest import MOST_LETTERS, joined, together
from unhijack.compose.letter import write
from unhijack.compose.letter_kinds import Manner, Reader, Role, Why
from unhijack.core.errors import WrongUse
from unhijack.wiring.locales import tongue

SITES = {"aaaaaaaaaa": "bakery.test", "bbbbbbbbbb": "butcher.test", "cccccccccc": "brewer.test"}


def address(reference: str) -> str:
    return ANSWERS.replace("kqzvmtrwxp", reference)


def letters(why: Why = Why.FIRST, whom: Reader = OWNER) -> list[bytes]:
    return [
        write(
            matter(
                case(url=f"http://{host}/"),
                replace(occasion(why, reference=name), answer_to=address(name)),
            ),
            HEAD,
            whom,
        )
        for name, host in SITES.items()
    ]


def test_a_summary_comes_first_and_then_each_letter_whole():
    frozen = letters()
    message = parsed(together(frozen, occasion(), HEAD, OWNER))
    text = body(message)

    assert message["Subject"].startswith("[unhijack kqzvmtrwxp] 3 websites send some")
    assert message["Reply-To"] == ANSWERS
    summary = text.partition("=" * 72)[0]
    for name, host in SITES.items():
        assert host in summary
        assert f"Case {name}" in summary
        assert address(name) in summary
    for one in frozen:
        assert body(parsed(one)) in text


def test_the_html_holds_them_too_and_is_one_page():
    message = parsed(together(letters(), occasion(), HEAD, OWNER))
    page = body(message, "html")

    assert len(re.findall("<body", page)) == len(re.findall("</html>", page)) == 1
    for name in SITES:
        assert page.count(address(name)) == 2, "in the summary, and with the letter"
    assert page.count("What we saw") == 3


def test_letters_of_different_kinds_are_called_messages():
    mixed = [letters()[0], letters(Why.CLEAN)[1]]
    message = parsed(together(mixed, occasion(), HEAD, OWNER))

    assert "Several messages about websites in your care" in message["Subject"]
    summary = " ".join(body(message).partition("=" * 72)[0].split())
    assert "no more than one a day" in summary
    assert "Do this first" not in summary


def test_reports_for_machines_come_along():
    desk = reader(Role.HOSTER)
    message = parsed(together(letters(whom=desk), occasion(), HEAD, desk))

    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == [f"xarf-{name}.json" for name in SITES]


def test_the_summary_is_in_the_readers_language():
    manner = Manner(tongue("sl"))
    two = parsed(together(letters()[:2], occasion(), HEAD, OWNER, manner))
    three = parsed(together(letters(), occasion(), HEAD, OWNER, manner))

    assert "2 spletišči pošiljata" in two["Subject"]
    assert "3 spletišča pošiljajo" in three["Subject"]


@pytest.mark.parametrize("count", [0, MOST_LETTERS + 1])
def test_none_and_too_many_are_refused(count: int):
    with pytest.raises(WrongUse, match="a digest holds"):
        together([letters()[0]] * count, occasion(), HEAD, OWNER)


def test_all_that_a_digest_needs_is_taken_from_its_letters():
    frozen = letters()
    raw = joined(frozen, WHEN, HEAD, OWNER, tongue)
    message = parsed(raw)

    assert message["Reply-To"] == address("aaaaaaaaaa")
    assert message["Subject"].startswith("[unhijack aaaaaaaaaa] 3 websites")
    assert message["Message-ID"] not in [parsed(one)["Message-ID"] for one in frozen]
    again = parsed(joined(frozen, WHEN, HEAD, OWNER, tongue))
    assert again["Message-ID"] == message["Message-ID"]
    with pytest.raises(WrongUse):
        joined([], WHEN, HEAD, OWNER, tongue)


def test_a_digest_of_german_letters_is_german():
    german = [
        write(matter(about=occasion(reference=name)), HEAD, OWNER, Manner(tongue("de")))
        for name in SITES
    ]
    message = parsed(joined(german, WHEN, HEAD, OWNER, tongue))
    assert "3 Websites schicken" in message["Subject"]
