"""Every message stands in every language, whole, with its values in their places."""

import gettext
import string
from functools import lru_cache
from itertools import combinations

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural

from scripts.locales import LOCALES, read, template, written
from tests.support.letters import HEAD, body, matter, occasion, parsed, reader
from unhijack.compose.letter import write
from unhijack.compose.letter_kinds import Manner, Role, Why
from unhijack.compose.letter_texts import SUBJECTS
from unhijack.compose.letter_words import CONDITION_MESSAGES
from unhijack.compose.tongue import ENGLISH, LANGUAGES
from unhijack.core.condition import ENGLISH as CONDITIONS
from unhijack.core.condition import OTHER
from unhijack.wiring.locales import tongue

OTHERS = [tag for tag in LANGUAGES if tag != "en"]


@lru_cache
def messages() -> tuple[Message, ...]:
    return tuple(message for message in template() if message.id)


@lru_cache
def catalogue(tag: str) -> Catalog:
    return read(tag)


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [str(message.string)]


def originals(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [str(message.id)]


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_there_is_a_catalogue_for_each_language_and_no_other():
    assert sorted(path.stem for path in LOCALES.glob("*.po")) == sorted(OTHERS)
    assert len(LANGUAGES) == 24 + 3


@pytest.mark.parametrize("tag", OTHERS)
def test_no_message_is_missing_and_none_is_left_over(tag: str):
    known = {str(message.id) for message in catalogue(tag) if message.id}
    assert known == {str(message.id) for message in messages()}
    for message in messages():
        said = catalogue(tag)[message.id]
        assert all(text.strip() for text in forms(said)), message.id
        assert not said.fuzzy, message.id
    assert not catalogue(tag).obsolete


@pytest.mark.parametrize("tag", OTHERS)
def test_no_value_is_lost_and_none_is_made_up(tag: str):
    for message in messages():
        wanted = places(originals(message)[-1])
        for text in forms(catalogue(tag)[message.id]):
            assert places(text) == wanted, (message.id, text)


@pytest.mark.parametrize("tag", OTHERS)
def test_no_message_holds_a_line_break_or_a_hidden_character(tag: str):
    for message in messages():
        for text in forms(catalogue(tag)[message.id]):
            assert text.isprintable(), text
            assert text == text.strip(), text
            assert "  " not in text, text


@pytest.mark.parametrize("tag", OTHERS)
def test_nothing_is_left_in_english(tag: str):
    """Sentences of some length that are the same in two languages were forgotten."""
    same = [
        message.id
        for message in messages()
        if forms(catalogue(tag)[message.id]) == originals(message)
        and len(str(message.id).split()) > 3
    ]
    assert same == []


@pytest.mark.parametrize(("one", "other"), list(combinations(OTHERS, 2)))
def test_no_two_languages_say_a_sentence_alike(one: str, other: str):
    alike = [
        message.id
        for message in messages()
        if len(originals(message)[0].split()) > 8
        and forms(catalogue(one)[message.id]) == forms(catalogue(other)[message.id])
    ]
    assert alike == []


@pytest.mark.parametrize("tag", OTHERS)
def test_sentences_end_as_they_do_in_english(tag: str):
    """A full stop or a colon that is lost is often a sentence that was."""
    ends = {".": ".!", ":": ":", ",": ",!", ";": ";·؛"}
    for message in messages():
        last = originals(message)[-1][-1]
        for text in forms(catalogue(tag)[message.id]):
            if message.id == "Good day,":
                continue
            assert last not in ends or text[-1] in ends[last], (message.id, text)


@pytest.mark.parametrize("tag", OTHERS)
def test_plural_forms_are_those_of_the_unicode_consortium(tag: str):
    """Numbers that CLDR puts into different classes may share a form; never the other way round."""
    plural = get_plural(tag)
    form_of = gettext.c2py(plural.plural_expr)
    class_of = Locale.parse(tag).plural_form
    classes: dict[int, set[str]] = {}
    for number in range(1, 200):
        classes.setdefault(form_of(number), set()).add(class_of(number))
    shared = {form: names for form, names in classes.items() if len(names) > 1}
    assert set(shared) <= {
        "lv": {1},  # 11 and 20 take another case in old books alone
        "mt": {1, 3},  # two of something is said as few are
        "pt": {1},
        "hu": {0},  # a noun after a number stays as it is
        "tr": {0},
    }.get(tag, set()), shared
    for message in catalogue(tag):
        if message.id and isinstance(message.id, tuple):
            assert len(forms(message)) == plural.num_plurals


@pytest.mark.parametrize("tag", OTHERS)
def test_a_catalogue_is_written_as_it_is_read(tag: str):
    """What `scripts/locales.py` writes is what is committed: a diff shows words alone."""
    assert written(catalogue(tag)) == (LOCALES / f"{tag}.po").read_bytes()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_letter_can_be_written(tag: str):
    manner = Manner(tongue(tag))
    for why in Why:
        for role in Role:
            message = parsed(write(matter(about=occasion(why)), HEAD, reader(role), manner))
            assert message["Subject"].startswith("[unhijack kqzvmtrwxp] ")
            assert "bakery.test" in message["Subject"]
            assert "\n" not in message["Subject"]
            assert "http://bakery.test/" in body(message)
            if tag != "en" and why is not Why.PRESERVE:
                assert "website" not in body(message).replace("bakery.test", "").lower() or tag in {
                    *("de", "nl", "da", "sv")
                }


def test_a_language_that_there_is_none_of_is_english():
    for odd in ("", "xx", "../../etc/passwd", "de\0", "DE"):
        assert tongue(odd) is ENGLISH


def test_every_condition_and_every_occasion_has_its_words():
    assert set(CONDITION_MESSAGES) == set(CONDITIONS) - {OTHER}
    assert set(SUBJECTS) == set(Why)
