"""What tests of the visitor lead to a redirect, and how telling they are."""

from unhijack.parse.server.php import values as v


def test_weight(guard: int) -> float:
    """How strongly the tests alone speak of a gate: 0 to 1."""
    weights = [0.0]
    if guard & v.REFERRER:
        weights.append(0.95 if guard & (v.SEARCH | v.SOCIAL) else 0.75)
    if guard & v.AGENT:
        words = guard & (v.BOT | v.SEARCH | v.MOBILE | v.BROWSER)
        weights.append(0.9 if guard & (v.BOT | v.SEARCH) else 0.75 if words else 0.6)
    if guard & v.MOBILE_TEST:
        weights.append(0.7)
    if guard & v.ADDRESS:
        weights.append(0.85 if guard & (v.BOT | v.SEARCH) else 0.65)
    if guard & v.ASKED:
        weights.append(0.65)
    if guard & v.LANGUAGE:
        weights.append(0.6)
    if guard & v.COOKIE:
        weights.append(0.5)
    if guard & v.SIGNED_IN:
        weights.append(0.5)
    if guard & v.CHANCE:
        weights.append(0.5)
    if guard & v.TIME:
        weights.append(0.4)
    strongest = sorted(weights, reverse=True)
    return min(1.0, strongest[0] + 0.05 * sum(weight > 0 for weight in strongest[1:]))


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
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""
