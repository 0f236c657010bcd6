"""What tests of the visitor lead to a redirect, and how telling they are."""

from collections.abc import Sequence

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.facts import Fact

GATE = 0.5
"""A test of this weight tells some visitors from others."""
STRONG = 0.85
"""And of this one as planted code does it: search engines, bots, where they come from."""
TELLS_VISITORS = v.VISITOR | v.ASKED | v.CHANCE | v.TIME | v.SIGNED_IN
"""What a test may look at that tells one visitor, or one visit, from another."""


def once(facts: Sequence[Fact]) -> int:
    """Origins that tell a first visit from a later one, because the file notes each visit there."""
    kept = v.COOKIE if any(fact.what == "cookie" for fact in facts) else 0
    return kept | v.SESSION if any(fact.what == "session" for fact in facts) else kept


def test_weight(guard: int) -> float:
    """How strongly the tests alone speak of a gate: 0 to 1."""
    automata = bool(guard & (v.BOT | v.SEARCH))
    named = guard & (v.MOBILE | v.BROWSER)
    weights = (
        (v.REFERRER, 0.95 if guard & (v.SEARCH | v.SOCIAL) else 0.75),
        (v.AGENT, 0.9 if automata else 0.75 if named else 0.6),
        (v.MOBILE_TEST, 0.7),
        (v.ADDRESS, 0.85 if automata else 0.65),
        (v.ASKED, 0.65),
        (v.LANGUAGE, 0.6),
        (v.COOKIE, 0.5),
        (v.SIGNED_IN, 0.5),
        (v.CHANCE, 0.5),
        (v.TIME, 0.4),
    )
    found = sorted((weight for bit, weight in weights if guard & bit), reverse=True)
    return min(1.0, found[0] + 0.05 * (len(found) - 1)) if found else 0.0


def describe(guard: int) -> str:
    """The tests in words: ``the referrer and the agent``."""
    named = (
        (v.REFERRER, "the referrer"),
        (v.AGENT | v.MOBILE_TEST, "the browser"),
        (v.ADDRESS, "the address"),
        (v.LANGUAGE, "the language"),
        (v.ASKED, "what another server says of the visitor"),
        (v.COOKIE, "a cookie"),
        (v.SIGNED_IN, "who is signed in"),
        (v.TIME, "the time"),
        (v.CHANCE, "chance"),
    )
    words = [word for bit, word in named if guard & bit]
    return (
        words[0]
        if len(words) == 1
        else ", ".join(words[:-1]) + " and " + words[-1]
        if words
        else ""
    )
