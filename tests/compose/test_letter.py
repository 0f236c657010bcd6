"""The notice, read as the owner of a small shop would read it."""

import email
import email.policy
import re
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unhijack.compose.letter import Letterhead, Occasion, write
from unhijack.compose.redact import for_owner
from unhijack.compose.replay import SHOWN, curl_line
from unhijack.core.case import Case
from unhijack.core.data import Json

WHEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
HEAD = Letterhead("CERT of the town", "notices@cert.test")
SECRET = "in/very/secret?id=99"


def hop(url: str | None, host: str, via: str | None, status: int | None) -> dict[str, Json]:
    return {
        "url": url,
        "host": host,
        "url_hmac": None,
        "via": via,
        "status": status,
        "failure": None,
    }


def case(*, url: str = "http://bakery.test/", refuted: int = 0, via: str = "location") -> Case:
    log: list[Json] = [
        {
            "visit": 1,
            "persona": "search-phone",
            "at": WHEN.isoformat(),
            "outcome": "left",
            "hops": [hop(url, "bakery.test", None, 302), hop(None, "hop.example", via, 302)],
            "failure": None,
        },
        {
            "visit": 2,
            "persona": "direct-desktop",
            "at": WHEN.isoformat(),
            "outcome": "stayed",
            "hops": [hop(url, "bakery.test", None, 200)],
            "failure": None,
        },
    ]
    conditions: list[Json] = ["comes from a search engine", "uses a phone"]
    return Case(1, url=url, refuted=refuted, verdict={"visit_log": log, "conditions": conditions})


def letter(of: Case, *, claimed: bool = False) -> EmailMessage:
    occasion = Occasion("K7PQ2M", 1, "<k7@cert.test>", WHEN, claimed_before=claimed)
    cleared = for_owner(of)
    asked = [("User-Agent", "A 'phone'"), ("Referer", "https://www.google.com/")]
    replays = [curl_line(one.url, asked) for one in cleared.own_hops]
    raw = write(cleared, occasion, HEAD, "info@bakery.test", replays)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_everything_needed_stands_in_the_message():
    message = letter(case())
    text = message.get_content()

    assert message["To"] == "info@bakery.test"
    assert message["Subject"].startswith("[unhijack K7PQ2M] bakery.test sends some")
    assert message["Message-ID"] == "<k7@cert.test>"
    for needed in (
        "http://bakery.test/",
        "02 March 2026, 08:30 UTC",
        "1 of 2 visits",
        "comes from a search engine",
        "and uses a phone",
        "status 302",
        "hop[.]example",
        "curl -s",
        "TELL US",
        "no password",
        "Case K7PQ2M",
    ):
        assert needed in text, needed


def test_a_page_on_the_way_that_led_nowhere_is_not_said_to_lead():
    """A pathway's earlier page stands in the chain, and sent nobody on."""
    of = case()
    assert of.verdict is not None
    log = of.verdict["visit_log"]
    assert isinstance(log, list)
    assert isinstance(log[0], dict)
    shelf = "http://bakery.test/shelf"
    log[0]["hops"] = [
        hop(shelf, "bakery.test", None, 200),
        hop("http://bakery.test/", "bakery.test", None, 302),
        hop(None, "hop.example", "location", 302),
    ]

    text = letter(of).get_content()

    assert "None" not in text
    assert shelf not in text
    assert "answers with status 302, a redirect" in text


def test_it_says_nothing_of_what_is_at_the_other_end():
    text = letter(case()).get_content().lower()

    assert not re.search(r"child|abuse|csam|porn|illegal|sexual", text)
    assert "hop.example" not in text, "a destination is defanged"
    assert SECRET not in text


def test_a_second_notice_says_that_it_was_not_mended():
    text = letter(case(refuted=1), claimed=True).get_content()

    assert "Thank you for telling us" in text
    assert "still sends" in text


def test_prose_is_narrow_enough_for_any_mail_program():
    lines = letter(case()).get_content().splitlines()
    assert all(len(line) <= 78 for line in lines if "curl" not in line)


@given(st.text(max_size=200))
def test_a_hostile_address_makes_no_header_and_no_control_character(text: str):
    message = letter(case(url=f"http://bakery.test/{text}"))

    assert set(message.keys()) == {
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
        *("X-Unhijack-Case", "X-Unhijack-Notice"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    body = message.get_content()
    assert not set(body) & set("\x1b\x00\x07\u202e")


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=60))
def test_the_replay_is_one_harmless_command_whatever_the_address(text: str):
    url = f"http://bakery.test/{text}"
    line = curl_line(url, [("User-Agent", text), ("Referer", text)])
    probe = line.replace("curl ", "printf '%s\\n' ", 1).partition(" | grep")[0]

    done = subprocess.run(["sh", "-c", probe], capture_output=True, check=True)

    assert done.stderr == b""
    assert done.stdout.decode().endswith(url + "\n"), "the address is one argument, the last"
    assert " -L" not in line


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            f"HTTP/1.1 302 Found\r\nLocation: http://hop.example/{SECRET}\r\n",
            "HTTP/1.1 302|Location: http://hop.example",
        ),
        (
            f"HTTP/2 303\r\nlocation: //hop.example/{SECRET}\r\n",
            "HTTP/2 303|location: //hop.example",
        ),
        (
            f"HTTP/1.1 200 OK\r\nRefresh: 0; url=http://hop.example/{SECRET}\r\n",
            "HTTP/1.1 200|Refresh: 0; url=http://hop.example",
        ),
        (
            f'HTTP/1.1 200 OK\r\n\r\n<meta http-equiv="refresh" content="0;url=http://hop.example/{SECRET}">',
            "HTTP/1.1 200|0;url=http://hop.example",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://hop.example?id=99//x\r\n",
            "HTTP/1.1 302|Location: http://hop.example",
        ),
        (
            f"HTTP/1.1 200 OK\r\n\r\n<meta content=\"3, URL='//hop.example/{SECRET}'\"\r\nhttp-equiv=refresh>",
            "HTTP/1.1 200|3, URL='//hop.example",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://hop.example\\secret;a,b\r\n",
            "HTTP/1.1 302|Location: http://hop.example",
        ),
        ("HTTP/1.1 200 OK\r\n\r\n<p>http://elsewhere.example/x</p>", "HTTP/1.1 200"),
        ("HTTP/1.1 200 OK\r\n\r\n<p>http-equiv //elsewhere.example/x</p>", "HTTP/1.1 200"),
    ],
)
def test_the_replay_shows_status_and_target_host_and_no_more(answer: str, shown: str):
    done = subprocess.run(
        ["grep", "-aiEo", SHOWN], input=answer.encode(), capture_output=True, check=True
    )
    assert done.stdout.decode().replace("\r", "").split("\n")[:-1] == shown.split("|")
