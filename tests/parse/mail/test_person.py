"""What a person answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_mail import HOUSE, letter, parted
from unhijack.parse.mail.incoming import Kind, read_mail
from unhijack.parse.mail.person import Claim, claim_of, own_words
from unhijack.parse.mail.words import CLEAN, HELP, WRONG

QUOTES = [
    "On Mon, 2 Mar 2026 at 08:00, CERT <notices@cert.test> wrote:\n> Answer with WRONG\n",
    "On Mon, 2 Mar 2026 at 08:00,\nCERT <notices@cert.test>\nwrote:\n\n> Answer with WRONG\n",
    "Am 02.03.26 um 08:00 schrieb CERT:\n> Answer with WRONG\n",
    "Le lun. 2 mars 2026 à 08:00, CERT <notices@cert.test> a écrit :\n> Answer with WRONG\n",
    "-----Original Message-----\nFrom: CERT\nSent: Monday\n\nAnswer with WRONG\n",
    "-------- Weitergeleitete Nachricht --------\nVon: CERT\n\nAnswer with WRONG\n",
    "From: CERT <notices@cert.test>\nSent: Monday\nTo: Olga\nSubject: x\n\nAnswer with WRONG\n",
    "Von: CERT <notices@cert.test>\nGesendet: Montag\nAn: Olga\nBetreff: x\n\nAnswer with WRONG\n",
    "________________________________\nDe : CERT <notices@cert.test>\nEnvoyé : x\nÀ : y\n\nWRONG\n",
    "> Answer with WRONG\n> if it is\n",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_they_quote_is_not_theirs(quote):
    assert own_words(f"We look into it.\nOlga\n\n{quote}") == "We look into it.\nOlga"


def test_an_answer_below_the_quote_is_theirs():
    assert own_words("> Answer with WRONG\n>\n\nCLEAN\n") == "CLEAN"


def test_a_signature_is_no_answer():
    assert own_words("Thanks.\n-- \nOlga, we make it clean\n") == "Thanks."


def test_a_dash_in_their_text_ends_nothing():
    assert own_words("Notes\n-----\nIt has been cleaned.") == "Notes\n-----\nIt has been cleaned."


@pytest.mark.parametrize(
    ("own", "claim"),
    [
        ("CLEAN", Claim.CLEAN),
        ("clean!", Claim.CLEAN),
        ("CLEAN, we have removed a plugin.", Claim.CLEAN),
        ("«HELP» nous ne trouvons rien", Claim.HELP),
        ("WRONG - das ist unsere Absicht", Claim.WRONG),
        ("*Clean*\n\nBest regards", Claim.CLEAN),
        ("„Sauber“", Claim.CLEAN),
        ("NETTOYÉ", Claim.CLEAN),
        ("TEMİZ", Claim.CLEAN),
        ("ЧИСТО", Claim.CLEAN),
        ("WRONG", Claim.WRONG),
        ("Falso", Claim.WRONG),
        ("HELP", Claim.HELP),
        ("Hilfe", Claim.HELP),
        ("مساعدة", Claim.HELP),
        ("Hello,\nthank you. The site has been\ncleaned today.", Claim.CLEAN),
        ("Guten Tag, die Seite wurde bereinigt.", Claim.CLEAN),
        ("Bonjour, nous avons nettoyé le site.", Claim.CLEAN),
        ("Buongiorno, il sito è stato ripulito.", Claim.CLEAN),
        ("Strona została oczyszczona.", Claim.CLEAN),
        ("This is a false positive.", Claim.WRONG),
        ("Das ist nicht unser Kunde.", Claim.WRONG),
        ("I have no idea of this. What should I do?", Claim.HELP),
        ("Is this real?", Claim.HELP),
        ("Τι πρέπει να κάνω;", Claim.HELP),
        ("We forwarded it to our webmaster.", Claim.NONE),
        ("", Claim.NONE),
    ],
)
def test_what_their_words_claim(own, claim):
    assert claim_of(own) is claim


@pytest.mark.parametrize(
    "own",
    [
        "The site is not clean yet.",
        "We tell you once it has been cleaned.",
        "Die Seite wurde noch nicht bereinigt.",
        "Le site n'a pas encore été nettoyé, il n'est pas propre.",
        "If the malware was removed, we will write.",
        "Please clean it.",
    ],
)
def test_a_clean_up_that_is_denied_or_to_come_is_not_claimed(own):
    assert claim_of(own) is not Claim.CLEAN


def test_no_word_stands_for_two_claims():
    assert not CLEAN & WRONG
    assert not CLEAN & HELP
    assert not WRONG & HELP
    assert all(word == word.casefold() for word in CLEAN | WRONG | HELP)


def test_html_is_read_where_there_is_no_plain_text():
    html = (
        "<html><head><title>WRONG</title><style>p{}</style></head><body><p>CLEAN</p><p>Olga</p>"
        '<div class="gmail_quote">On Monday CERT wrote:<blockquote>Answer WRONG</blockquote></div>'
    )
    said = read_mail(letter(html, headers=["Content-Type: text/html; charset=utf-8"]), HOUSE)
    assert (said.kind, said.claim) == (Kind.ANSWER, Claim.CLEAN)
    assert "WRONG" not in said.own_words


def test_plain_text_goes_before_html():
    head, body = parted(
        "alternative",
        ("text/plain; charset=iso-8859-1", "CLEAN"),
        ("text/html", "<p>WRONG</p>"),
    )
    assert read_mail(letter(body, headers=[head]), HOUSE).claim is Claim.CLEAN


def test_an_attached_text_is_not_what_they_say():
    head, body = parted(
        "mixed",
        ("text/plain", "Please see the attachment"),
        ('text/plain; name="log.txt"\nContent-Disposition: attachment', "WRONG"),
    )
    assert read_mail(letter(body, headers=[head]), HOUSE).own_words == "Please see the attachment"


@given(st.text(max_size=3_000))
def test_any_text_has_words_of_its_own_and_a_claim(text):
    own = own_words(text)
    assert len(own) <= 4_000
    assert claim_of(own) in set(Claim)
