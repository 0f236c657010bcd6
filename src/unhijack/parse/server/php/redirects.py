"""Rules on what visitors are sent to and shown: redirectors, cloakers, injected tags."""

from collections.abc import Sequence

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.aims import Aim, aim_of, is_foreign
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.values import Value
from unhijack.parse.server.php.visitors import describe, test_weight

_GATE = 0.5
"""A test of this weight tells some visitors from others."""
_STRONG = 0.85
"""And of this one as planted code does it: search engines, bots, where they come from."""
_VISITOR_TESTS = v.VISITOR | v.ASKED | v.CHANCE | v.TIME | v.SIGNED_IN


def redirect_marks(facts: Sequence[Fact], own: frozenset[str], *, bare: bool) -> list[Mark]:
    """Redirects, judged by target and by the tests that lead there."""
    marks = []
    once = any(fact.what == "cookie" for fact in facts)
    for fact in facts:
        if fact.what == "redirect":
            if not once and not fact.guard & (_VISITOR_TESTS & ~v.COOKIE):
                fact = fact._replace(guard=fact.guard & ~v.COOKIE)  # a test, but no gate
            mark = _redirect(fact, aim_of(fact.value, own), bare=bare)
            if mark is not None:
                marks.append(mark)
        elif fact.what == "header":
            mark = _hidden_header(fact)
            if mark is not None:
                marks.append(mark)
    return marks


def _hidden_header(fact: Fact) -> Mark | None:
    flags = fact.value.flags
    if flags & v.DECODED and not flags & v.OPAQUE:
        return _mark("php-header-decoded", 0.8, "it sends a decoded header", fact)
    if flags & v.FETCHED and not flags & v.SENT:
        return _mark("php-header-fetched", 0.6, "it sends a header that another server says", fact)
    return None


def _redirect(fact: Fact, aim: Aim, *, bare: bool) -> Mark | None:
    guard = fact.guard
    weight = test_weight(guard)
    tests = describe(guard & _VISITOR_TESTS)
    when = f", depending on {tests}" if tests else ""
    if (aim.hidden and aim.foreign) or (aim.hidden and not fact.value.flags & v.OPAQUE):
        confidence = 0.93 if weight >= _GATE else 0.85
        return _mark(
            "php-redirect-hidden-target",
            confidence,
            f"it sends visitors to a hidden address{when}",
            fact,
        )
    if aim.fetched:
        return _fetched_redirect(fact, aim, weight, when)
    if aim.foreign:
        return _foreign_redirect(fact, aim, weight, when, bare=bare)
    searched = guard & v.REFERRER and guard & v.SEARCH
    if searched and aim.stored:
        return _mark(
            "php-redirect-stored-target", 0.65, f"it sends visitors to a stored address{when}", fact
        )
    flags = fact.value.flags
    if (
        searched
        and aim.unknown
        and flags & v.UNKNOWN
        and not flags & (v.REFERRER | v.PLACE | v.HOST)
    ):
        return _mark(
            "php-redirect-stored-target", 0.5, f"it sends visitors to an unseen address{when}", fact
        )
    if bare and aim.unknown and flags & v.QUERY:
        confidence = 0.6 if flags & v.DECODED else 0.4
        return _mark(
            "php-redirect-open", confidence, "the file sends visitors wherever a request says", fact
        )
    return None


def _fetched_redirect(fact: Fact, aim: Aim, weight: float, when: str) -> Mark | None:
    if aim.asked and not aim.parsed:
        confidence = 0.85 if fact.value.flags & v.VISITOR or weight >= _GATE else 0.75
    elif aim.asked:
        told = fact.value.flags & v.TOLD_REFERRER
        confidence = 0.8 if told else 0.6 if not fact.inside or fact.hooked else 0.45
    else:
        confidence = 0.85 if weight >= _GATE else 0.4 if aim.parsed else 0.7
    rule = "php-redirect-controlled"
    return _mark(rule, confidence, f"another server says where visitors are sent{when}", fact)


def _foreign_redirect(fact: Fact, aim: Aim, weight: float, when: str, *, bare: bool) -> Mark | None:
    guard = fact.guard
    if fact.hidden:
        confidence = 0.92 if weight >= _GATE else 0.8
        reason = f"a hidden call sends visitors elsewhere{when}"
        return _mark("php-redirect-hidden-call", confidence, reason, fact)
    if aim.sibling and not guard & v.REFERRER:
        return None
    confidence = _tested(fact, aim, weight)
    if confidence:
        reason = f"it sends visitors to another site{when}"
        return _mark("php-redirect-tested", confidence, reason, fact)
    if bare and not guard and not fact.value.flags & v.PLACE:
        reason = "the file does nothing but send visitors to another site"
        return _mark("php-redirect-only", 0.55, reason, fact)
    if guard & (v.QUERY | v.PLACE) and not guard & v.HOST:
        reason = "some requests are sent to another site"
        return _mark("php-redirect-on-request", 0.35, reason, fact)
    return None


def _tested(fact: Fact, aim: Aim, weight: float) -> float:
    """How sure a redirect to a named foreign host is planted, by its tests and what it tells."""
    guard, flags = fact.guard, fact.value.flags
    searched = guard & v.REFERRER and guard & (v.SEARCH | v.SOCIAL)
    found = [0.0]
    if weight >= _STRONG:
        found.append(0.92 if searched else 0.87)
    elif weight >= _GATE:
        found.append(0.05 + weight)
    if aim.told & (v.REFERRER | v.AGENT | v.ADDRESS):
        found.append(0.8)
    elif aim.told & v.HOST and not aim.told & v.PLACE:
        found.append(0.6)
    if flags & v.CHANCE or (flags & v.HASHED and aim.told & v.ADDRESS):
        found.append(0.6)
    confidence = max(found)
    own_login = guard & v.LOGIN and not guard & (v.SEARCH | v.BOT)
    return confidence - 0.1 if confidence and own_login else confidence


def output_marks(facts: Sequence[Fact], own: frozenset[str], *, bare: bool) -> list[Mark]:
    """What is shown to some visitors, or comes from elsewhere."""
    marks = []
    for fact in facts:
        if fact.what == "output":
            mark = _output(fact, fact.value, own, bare=bare)
            if mark is not None:
                marks.append(mark)
    return marks


def _output(fact: Fact, value: Value, own: frozenset[str], *, bare: bool) -> Mark | None:
    flags = value.flags
    weight = test_weight(fact.guard)
    tests = describe(fact.guard & _VISITOR_TESTS)
    when = f", depending on {tests}" if tests else ""
    if flags & v.FETCHED:
        return _fetched_output(fact, weight, when)
    foreign = any(is_foreign(host, own) for host in value.hosts)
    decoded = bool(flags & v.DECODED) and not flags & v.OPAQUE
    moves = flags & (v.META | v.MOVES) and flags & (v.META | v.SCRIPT)
    carries = flags & (v.REMOTE_SCRIPT | v.FRAME)
    if decoded and flags & (v.SCRIPT | v.FRAME | v.META):
        return _mark(
            "php-output-decoded",
            0.85,
            f"it writes decoded script into the page{when}",
            fact,
            kind="injection",
        )
    if flags & v.SCRAMBLED and flags & v.SCRIPT and weight >= 0.75:
        return _mark(
            "php-output-scrambled",
            0.8,
            f"it writes scrambled script into the page{when}",
            fact,
            kind="injection",
        )
    if not foreign:
        return None
    if moves and len(value.head) < 400 and weight >= _GATE:  # a tag, not a page
        confidence = 0.9 if weight >= _STRONG else 0.6 + (weight - 0.5)
        return _mark(
            "php-output-redirect", confidence, f"it writes a redirect to another site{when}", fact
        )
    if moves and bare and not fact.guard and len(value.head) < 400:
        return _mark(
            "php-redirect-only",
            0.55,
            "the file does nothing but send visitors to another site",
            fact,
        )
    if carries and weight >= 0.65 and fact.guard & (v.AGENT | v.REFERRER):
        confidence = 0.75 if weight >= _STRONG else 0.65
        return _mark(
            "php-output-foreign-tag",
            confidence,
            f"it writes a tag of another site{when}",
            fact,
            kind="injection",
        )
    if flags & v.FRAME and flags & v.HIDES and weight >= _GATE:
        return _mark(
            "php-output-foreign-tag", 0.7, f"it writes a hidden frame{when}", fact, kind="injection"
        )
    if flags & v.LINK and fact.guard & (v.AGENT | v.REFERRER) and fact.guard & (v.BOT | v.SEARCH):
        confidence = 0.8 if flags & v.HIDES else 0.4
        return _mark(
            "php-output-links",
            confidence,
            f"it writes links for search engines{when}",
            fact,
            kind="spam",
        )
    return None


def _fetched_output(fact: Fact, weight: float, when: str) -> Mark | None:
    flags = fact.value.flags
    if flags & v.PARSED and not fact.guard & (v.AGENT | v.REFERRER):
        return (
            _mark("php-output-controlled", 0.4, "it shows what another server answers", fact)
            if flags & v.ASKED
            else None
        )
    if fact.guard & (v.AGENT | v.REFERRER) and weight >= 0.6:
        return _mark(
            "php-output-controlled",
            0.88,
            f"it shows some visitors what another server says{when}",
            fact,
        )
    if flags & v.ASKED:
        known = fact.value.hosts or flags & (v.DECODED | v.STORED)
        in_class = fact.inside.startswith("::") and not flags & v.TOLD_REFERRER
        confidence = 0.8 if fact.guard & v.FETCHED else 0.65
        if in_class or not known:
            confidence = 0.4
        return _mark(
            "php-output-controlled",
            confidence,
            "it shows what another server answers about this visitor",
            fact,
        )
    return _mark("php-output-fetched", 0.3, "it shows what another server says", fact)


def _mark(rule: str, confidence: float, reason: str, fact: Fact, kind: str = "redirect") -> Mark:
    return Mark(
        rule, kind, round(confidence, 3), reason[:1].upper() + reason[1:], fact.start, fact.end
    )
