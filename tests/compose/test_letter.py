"""The notice, read as the owner of a small shop would read it; and by everybody else who is told."""

import re
import subprocess
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.letters import (
    ANSWERS,
    EARLIER,
    HEAD,
    OWNER,
    WHEN,
    body,
    case,
    hop,
    matter,
    occasion,
    parsed,
    prose,
    reader,
)
from unhijack.compose.letter import MOST_BYTES, certified, write
from unhijack.compose.letter_kinds import Detail, Manner, Occasion, Reader, Role, Why
from unhijack.compose.replay import SHOWN, curl_line
from unhijack.core.errors import WrongUse
from unhijack.wiring.locales import tongue

SECRET = "in/very/secret?id=99"
REPORTED = (Why.FIRST, Why.REFUTED, Why.AGAIN, Why.REMINDER)


def test_everything_needed_stands_in_the_message():
    message = parsed(write(matter(), HEAD, OWNER))
    text = body(message)

    assert message["To"] == "info@bakery.test"
    assert message["Subject"].startswith("[unhijack kqzvmtrwxp] bakery.test sends some")
    assert message["Message-ID"] == "<kqzvmtrwxp@cert.test>"
    assert message["Reply-To"] == ANSWERS
    for needed in (
        "http://bakery.test/",
        "2 March 2026, 08:30 UTC",
        "1 of 2 visits",
        "comes from a search engine",
        "uses a phone",
        "HTTP 302",
        "hop[.]example",
        "curl -s",
        "unhijack scan",
        "Tell us",
        "CLEAN",
        "WRONG",
        "HELP",
        "password",
        "Case kqzvmtrwxp",
        "+49 30 123456",
    ):
        assert needed in text, needed


def test_text_and_html_say_the_same():
    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data + " "

    message = parsed(write(matter(), HEAD, OWNER))
    words = Words()
    words.feed(body(message, "html").partition("<body")[2])

    plain = re.sub(r"^ *(?:-+|- |\d+\. )", "", body(message), flags=re.MULTILINE)
    for word in plain.split():
        assert word.rstrip(":.,") in words.said, word


def test_the_html_asks_nobody_for_anything():
    page = body(parsed(write(matter(), HEAD, OWNER)), "html")

    assert not re.search(r"<(?:img|script|link|iframe|form|style|a)\b|url\(|@import|\bon\w+=", page)
    assert 'name="color-scheme" content="light dark"' in page
    assert 'lang="en" dir="ltr"' in page
    assert not re.search(r"[;\"](?:color|background)[^;\"]*:", page), (
        "dark mode has colours of its own"
    )


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

    text = body(parsed(write(matter(of), HEAD, OWNER)))

    assert "None" not in text
    assert shelf not in text
    assert "The server answers with a redirect. (HTTP 302)" in text


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("role", list(Role))
def test_no_letter_says_anything_of_what_is_at_the_other_end(why: Why, role: Role):
    message = parsed(write(matter(about=occasion(why)), HEAD, reader(role)))
    for kind in ("plain", "html"):
        text = body(message, kind).lower()
        assert not re.search(r"child|csam|porn|illegal|sexual|abuse", text)
        assert "hop.example" not in text, "a destination is defanged"
        assert SECRET not in text


# Why it is written


def test_a_second_notice_says_that_it_was_not_mended():
    message = parsed(write(matter(about=occasion(Why.REFUTED)), HEAD, OWNER))

    assert "bakery.test still sends some" in message["Subject"]
    assert "Thank you for telling us" in prose(message)


def test_a_reminder_names_the_day_of_the_message_before_it():
    message = parsed(write(matter(about=occasion(Why.REMINDER)), HEAD, OWNER))

    assert message["Subject"].startswith("[unhijack kqzvmtrwxp] Reminder: ")
    assert "On 20 February 2026 we sent a message" in prose(message)


def test_a_hoster_is_asked_to_keep_what_may_be_evidence_and_to_tell_nobody():
    message = parsed(write(matter(about=occasion(Why.PRESERVE)), HEAD, reader(Role.HOSTER)))
    text = prose(message)

    assert "Please preserve the following until 1 June 2026" in text
    assert "Please do not tell the customer yet" in text
    assert "an image of the disk" in text
    assert "CLEAN" not in text
    assert list(message.iter_attachments()) == []


def test_who_was_told_wrongly_is_told_so_and_nothing_else():
    text = prose(parsed(write(matter(about=occasion(Why.RETRACTION)), HEAD, OWNER)))

    assert "On 20 February 2026 we wrote to you" in text
    assert "We were wrong" in text
    assert "hop[.]example" not in text
    assert "curl" not in text


def test_a_clean_site_is_told_what_to_watch():
    text = prose(parsed(write(matter(about=occasion(Why.CLEAN)), HEAD, OWNER)))

    assert "no visitor was sent away any more" in text
    assert "for 90 days" in text
    assert "What to watch" in text
    assert "hop[.]example" not in text


@pytest.mark.parametrize("why", REPORTED)
@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.CERT, Role.AUTHORITY])
def test_whoever_stands_further_off_is_told_what_is_asked_of_them(why: Why, role: Role):
    text = prose(parsed(write(matter(about=occasion(why)), HEAD, reader(role))))

    asked = "holder of the domain name" if role is Role.REGISTRAR else "help us to reach them"
    assert asked in text
    assert "Change every password" not in text, "they have no server to clean"


def test_a_letter_to_an_abuse_desk_is_shorter():
    of = case(made_with={"cms": "wordpress", "server": "apache", "panel": "plesk"})
    owner = body(parsed(write(matter(of), HEAD, OWNER)))
    desk = body(parsed(write(matter(of), HEAD, reader(Role.HOSTER))))

    assert len(desk) < len(owner) * 0.8
    assert "your customer" in desk


def test_the_minimal_arm_keeps_what_happened_and_how_to_answer():
    full = body(parsed(write(matter(), HEAD, OWNER)))
    little = body(parsed(write(matter(), HEAD, OWNER, Manner(detail=Detail.MINIMAL))))

    assert len(little) < len(full) / 2
    for kept in ("http://bakery.test/", "Do this first", "CLEAN", "Case kqzvmtrwxp"):
        assert kept in little
    for left_out in ("hop[.]example", "curl", "search engine", "What to do"):
        assert left_out not in little


# What is known of the site


def test_the_steps_are_those_of_the_software_that_was_seen():
    made: dict[str, object] = {"cms": "joomla", "server": "nginx", "panel": "plesk"}
    of = case(made_with={key: str(value) for key, value in made.items()})
    text = prose(parsed(write(matter(of), HEAD, OWNER)))

    assert "In Joomla, look at these" in text
    assert "configuration of nginx" in text
    assert "In Plesk, look at" in text
    assert "WordPress" not in text


def test_software_that_nobody_knows_changes_nothing():
    odd = case(made_with={"cms": "<b>\u202eevil</b>", "server": "x" * 999, "panel": 7})
    assert body(parsed(write(matter(odd), HEAD, OWNER))) == body(
        parsed(write(matter(), HEAD, OWNER))
    )


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("wp-plugin-upload", "an outdated plugin or theme"),
        ("password", "a stolen or guessed password"),
        ("unknown-post", None),
        ("", None),
    ],
)
def test_a_likely_cause_is_said_where_somebody_looked(cause: str, said: str | None):
    text = body(parsed(write(matter(cause=cause), HEAD, OWNER)))
    assert ("Likely cause" in text) == (said is not None)
    assert said is None or said in text


def test_where_nobody_looked_the_usual_causes_for_the_software_that_was_seen_are_named():
    seen = case(made_with={"cms": "joomla"})
    text = body(parsed(write(matter(seen), HEAD, OWNER))).replace("\r\n", "\n")
    assert (
        "Likely cause:\n    an outdated plugin or theme\n    a stolen or guessed password" in text
    )
    looked = body(parsed(write(matter(seen, cause="joomla-media"), HEAD, OWNER))).replace(
        "\r\n", "\n"
    )
    assert "Likely cause:\n    a form that accepts uploaded files" in looked
    assert "outdated plugin or theme" not in looked


def test_what_a_browser_does_is_looked_at_without_running_it():
    text = prose(parsed(write(matter(case(via="script")), HEAD, OWNER)))

    assert "type view-source: in front of the address" in text
    assert "curl" not in text


# Links


@pytest.mark.parametrize(
    ("link", "independent", "shown"),
    [
        ("https://desk.cert.test/o/1", True, True),
        ("https://desk.cert.test/o/1", False, False),
        ("", True, False),
    ],
)
def test_a_link_goes_only_where_somebody_independent_says_whose_mailbox_it_is(
    link: str, *, independent: bool, shown: bool
):
    about = occasion(link=link)
    whom = Reader("info@bakery.test", Role.OWNER, independent)
    message = parsed(write(matter(about=about), HEAD, whom))

    assert ("desk.cert.test" in body(message)) == shown
    assert ('<a href="https://desk.cert.test/o/1">' in body(message, "html")) == shown


# Languages


def test_where_the_language_is_a_guess_the_same_follows_in_english():
    manner = Manner(tongue("it"), english_below=True)
    message = parsed(write(matter(), HEAD, OWNER, manner))
    text = body(message)

    assert text.startswith("The same message follows in English below.")
    assert text.index("Buongiorno") < text.index("Good day")
    assert "alcuni visitatori" in message["Subject"]
    page = body(message, "html")
    assert page.index('lang="it"') < page.index('<div lang="en"')


def test_arabic_runs_from_right_to_left_and_addresses_do_not():
    page = body(parsed(write(matter(), HEAD, OWNER, Manner(tongue("ar")))), "html")

    assert '<html lang="ar" dir="rtl">' in page
    assert '<bdi dir="ltr">http://bakery.test/</bdi>' in page
    assert '<pre dir="ltr"' in page
    assert '<bdi dir="auto">2 مارس 2026, 08:30 UTC</bdi>' in page


def test_the_organisation_has_its_name_in_the_language_of_the_letter():
    head = type(HEAD)("CERT", "notices@cert.test", names={"it": "CERT Italia"})
    assert "CERT Italia" in body(parsed(write(matter(), head, OWNER, Manner(tongue("it")))))
    assert "CERT Italia" not in body(parsed(write(matter(), head, OWNER)))


# Form


def test_prose_is_narrow_enough_for_any_mail_program():
    lines = body(parsed(write(matter(), HEAD, OWNER))).splitlines()
    assert all(len(line) <= 78 for line in lines if "curl" not in line)


def test_certified_mail_carries_the_printed_letter_and_no_html():
    message = parsed(certified(matter(), HEAD, OWNER, b"%PDF-1.7 printed"))
    (attached,) = message.iter_attachments()

    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "unhijack-kqzvmtrwxp.pdf"
    assert message.get_body(("html",)) is None
    assert "attached as a PDF" in body(message)
    with pytest.raises(WrongUse, match="no PDF"):
        certified(matter(), HEAD, OWNER, b"<html>")


def test_a_message_that_no_mailbox_takes_is_not_made():
    with pytest.raises(WrongUse, match="too long"):
        certified(matter(), HEAD, OWNER, b"%PDF-" + b"x" * MOST_BYTES)


@pytest.mark.parametrize(
    ("about", "whom", "refused"),
    [
        (occasion(), Reader("a@b.test\r\nBcc: x@y.test"), "no mailbox to write to"),
        (occasion(), Reader("Shop <a@b.test>"), "no mailbox to write to"),
        (occasion(reference="A\nB"), OWNER, "no reference"),
        (Occasion("A", 1, "<a\r\nX: y>", WHEN), OWNER, "no Message-ID"),
        (Occasion("A", 1, "<a@b.test>", WHEN, answer_to="x\n@b.test"), OWNER, "answer to"),
        (Occasion("A", 1, "<a@b.test>", WHEN, Why.REMINDER), OWNER, "names the day"),
        (Occasion("A", 1, "<a@b.test>", WHEN, Why.PRESERVE, "", EARLIER), OWNER, "last day"),
    ],
)
def test_what_cannot_be_a_header_is_refused_in_one_line(
    about: Occasion, whom: Reader, refused: str
):
    with pytest.raises(WrongUse, match=refused) as error:
        write(matter(about=about), HEAD, whom)
    assert str(error.value).isprintable()


@given(st.text(max_size=200))
def test_a_hostile_address_makes_no_header_no_markup_and_no_control_character(text: str):
    message = parsed(write(matter(case(url=f"http://bakery.test/{text}")), HEAD, OWNER))

    assert set(message.keys()) == {
        *("Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted"),
        *("X-Unhijack-Case", "X-Unhijack-Notice", "X-Unhijack-Why"),
        *("Content-Type", "Content-Language", "MIME-Version"),
    }
    assert not set(body(message)) & set("\x1b\x00\x07\u202e")
    page = body(message, "html")
    tags = set(re.findall(r"<[^!/][^<>]{0,400}>", page))
    usual = body(parsed(write(matter(), HEAD, OWNER)), "html")
    assert {tag.partition(" ")[0].rstrip(">") for tag in tags} <= {
        tag.partition(" ")[0].rstrip(">") for tag in re.findall(r"<[^!/][^<>]{0,400}>", usual)
    }


@given(st.lists(st.text(max_size=40), max_size=5))
def test_conditions_of_an_old_journal_are_said_as_they_are(texts: list[str]):
    of = case(conditions=[*texts, "comes from a search engine"])
    page = body(parsed(write(matter(of), HEAD, OWNER, Manner(tongue("de")))), "html")
    assert "Der Besucher kommt von einer Suchmaschine." in page


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
