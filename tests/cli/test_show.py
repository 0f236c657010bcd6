"""A journal as a person reads it: every kind of event, whatever stands in it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_case import USUAL
from unhijack.cli.sentences import sentence
from unhijack.cli.show import event_lines
from unhijack.core.case import Event, Kind
from unhijack.core.data import Data, Json

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_event_has_its_sentence(kind: Kind):
    text = sentence(Event(1, kind, NOON, USUAL[kind]))
    assert text
    assert text[0].isupper()
    assert "None" not in text


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (
            Kind.HELD,
            {
                "until": "2026-05-01T00:00:00+00:00",
                "why": "order 7",
                "who": "ana",
                "keep_logs": True,
            },
            "Nobody is told before 2026-05-01, says ana: order 7; its hoster is asked to keep logs",
        ),
        (
            Kind.QUEUED,
            {
                "about": "preserve",
                "notices": [{"notice": "n", "person": "p", "role": "hoster", "language": "de"}],
            },
            "Asked to keep logs: hoster (de)",
        ),
        (
            Kind.ASKED,
            {"who": "owner", "mail": "0123456789abcdef"},
            "The owner asks for help: unhijack mail show 0123456789ab",
        ),
        (
            Kind.EXAMINED,
            {
                "purpose": "held",
                "verdict": "hijacked",
                "visits": 7,
                "changed": {"now": ["new.example", "b\x1b.example"], "no_longer": ["old.example"]},
            },
            "Visited while it is held: HIJACKED after 7 visits; now by new[.]example,"
            " b\N{REPLACEMENT CHARACTER}[.]example, no longer by old[.]example",
        ),
        (
            Kind.EXAMINED,
            {
                "purpose": "re-test",
                "verdict": "hijacked",
                "visits": 7,
                "changed": {"now": [], "no_longer": []},
            },
            "Tested again: HIJACKED after 7 visits; by the same hosts as before",
        ),
        (
            Kind.RECEIVED,
            {"who": "hoster", "ticket": "77"},
            "The hoster has it for certain: ticket 77",
        ),
        (
            Kind.ESCALATED,
            {"rung": 1, "wave": 0, "roles": ["registrar"]},
            "Nobody could be reached, or acted in time: next the registrar",
        ),
    ],
)
def test_what_an_event_says(kind: Kind, data: Data, text: str):
    assert sentence(Event(1, kind, NOON, data)) == text


_WORDS: st.SearchStrategy[Json] = st.one_of(
    st.text(max_size=400), st.none(), st.integers(), st.lists(st.text(max_size=5), max_size=3)
)


@given(
    st.sampled_from(Kind),
    st.dictionaries(
        st.sampled_from(["text", "why", "who", "mail", "url", "ticket", "what", "until"]), _WORDS
    ),
)
def test_whatever_stands_in_an_event_it_is_one_harmless_line(kind: Kind, words: dict[str, Json]):
    for line in event_lines(Event(1, kind, NOON, {**USUAL[kind], **words})):
        assert str(line).isprintable()
