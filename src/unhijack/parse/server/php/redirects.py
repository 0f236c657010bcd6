"""Rules on where visitors are sent: redirectors."""

from collections.abc import Sequence

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.aims import Aim, aim_of
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.visitors import (
    GATE,
    STRONG,
    TELLS_VISITORS,
    describe,
    once,
    test_weight,
)


def redirect_marks(facts: Sequence[Fact], own: frozenset[str], *, bare: bool) -> list[Mark]:
    """Redirects, judged by target and by the tests that lead there."""
    marks = []
    kept = once(facts)
    for fact in facts:
        if fact.what == "redirect":
            if fact.guard & kept & v.SESSION:
                fact = fact._replace(guard=fact.guard | v.COOKIE)
            if not kept and not fact.guard & (TELLS_VISITORS & ~v.COOKIE):
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
    whole = fact.value.text is None and not fact.value.head
    if flags & v.BUILT and whole and not flags & v.OPAQUE:
        confidence = 0.65 if test_weight(fact.guard) >= GATE else 0.5
        return _mark("php-header-built", confidence, "it sends a header that it works out", fact)
    kept = flags & v.DECODED and flags & (v.STORED | v.FILE) and not flags & v.SENT
    if whole and kept and test_weight(fact.guard) >= GATE:
        reason = "it sends a header that it decodes from elsewhere on the server"
        return _mark("php-header-decoded", 0.65, reason, fact)
    if whole and not flags & v.OPAQUE and fact.guard & v.REFERRER:
        reason = "it sends a header that it puts together, depending on the referrer"
        return _mark("php-header-built", 0.5, reason, fact)
    if flags & v.FETCHED and not flags & v.SENT:
        return _mark("php-header-fetched", 0.6, "it sends a header that another server says", fact)
    return None


def _redirect(fact: Fact, aim: Aim, *, bare: bool) -> Mark | None:
    guard = fact.guard
    weight = test_weight(guard)
    tests = describe(guard & TELLS_VISITORS)
    when = f", depending on {tests}" if tests else ""
    if (aim.hidden and aim.foreign) or (aim.hidden and not fact.value.flags & v.OPAQUE):
        confidence = 0.93 if weight >= GATE else 0.85
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
    if aim.stored or aim.unknown:
        confidence = _unseen(fact, aim, weight)
        if confidence:
            how = "a stored" if aim.stored else "an unseen"
            reason = f"it sends visitors to {how} address{when}"
            return _mark("php-redirect-stored-target", confidence, reason, fact)
    flags = fact.value.flags
    if aim.unknown and flags & v.DECODED and flags & v.COOKIE:
        reason = f"it sends visitors to an address that a cookie hides{when}"
        return _mark("php-redirect-open", 0.55, reason, fact)
    if bare and aim.unknown and flags & v.QUERY:
        confidence = 0.6 if flags & v.DECODED else 0.4
        return _mark(
            "php-redirect-open", confidence, "the file sends visitors wherever a request says", fact
        )
    return None


def _unseen(fact: Fact, aim: Aim, weight: float) -> float:
    """How sure a redirect is planted whose target lies in a file, the database or a constant."""
    guard, flags = fact.guard, fact.value.flags
    searched = guard & v.REFERRER and guard & v.SEARCH
    automata = guard & v.AGENT and guard & v.BOT
    if aim.stored:
        if searched:
            return 0.65
        if flags & v.DECODED and weight >= GATE:  # honest software has no need to hide its own
            return 0.65
        if automata and flags & v.FILE:
            return 0.6
        return 0.5 if automata and guard & (v.COOKIE | v.SIGNED_IN | v.LANGUAGE) else 0.0
    if not flags & v.UNKNOWN or flags & (v.REFERRER | v.PLACE):
        return 0.0
    if guard & v.ASKED and guard & v.TOLD_AGENT and not guard & v.POSTED:
        return 0.55  # a cloaking service says who is let through
    if searched and (automata or not flags & v.HOST):
        return 0.5
    return 0.0


def _fetched_redirect(fact: Fact, aim: Aim, weight: float, when: str) -> Mark | None:
    if aim.asked and not aim.parsed:
        confidence = 0.85 if fact.value.flags & v.VISITOR or weight >= GATE else 0.75
    elif aim.asked:
        told = fact.value.flags & v.TOLD_REFERRER
        confidence = 0.8 if told else 0.6 if not fact.inside or fact.hooked else 0.45
    else:
        confidence = 0.85 if weight >= GATE else 0.4 if aim.parsed else 0.7
    rule = "php-redirect-controlled"
    return _mark(rule, confidence, f"another server says where visitors are sent{when}", fact)


def _foreign_redirect(fact: Fact, aim: Aim, weight: float, when: str, *, bare: bool) -> Mark | None:
    guard = fact.guard
    if fact.hidden:
        confidence = 0.92 if weight >= GATE else 0.8
        reason = f"a hidden call sends visitors elsewhere{when}"
        return _mark("php-redirect-hidden-call", confidence, reason, fact)
    if aim.sibling and not guard & v.REFERRER:
        return None
    confidence = _tested(fact, aim, weight)
    if confidence:
        reason = f"it sends visitors to another site{when}"
        return _mark("php-redirect-tested", confidence, reason, fact)
    if fact.name == "filter":
        reason = "it makes the site's own links lead to another site"
        return _mark("php-redirect-filtered", 0.55, reason, fact)
    if bare and not guard and not fact.value.flags & v.PLACE:
        reason = "the file does nothing but send visitors to another site"
        return _mark("php-redirect-only", 0.55, reason, fact)
    if guard & (v.QUERY | v.PLACE) and not guard & v.HOST:
        reason = "some requests are sent to another site"
        told = fact.value.flags
        if told & v.DECODED and told & (v.PLACE | v.QUERY):
            reason = "requests that only some can read are sent to another site"
            return _mark("php-redirect-on-request", 0.55, reason, fact)
        # old addresses of a site that moved are honest; a parameter that only some know is less so
        secret = guard & v.QUERY and not guard & (v.PLACE | v.POSTED)
        alone = fact.value.text is not None and not fact.inside and fact.name == "header"
        confidence = 0.5 if secret and alone else 0.35
        return _mark("php-redirect-on-request", confidence, reason, fact)
    return None


def _tested(fact: Fact, aim: Aim, weight: float) -> float:
    """How sure a redirect to a named foreign host is planted, by its tests and what it tells."""
    guard, flags = fact.guard, fact.value.flags
    searched = guard & v.REFERRER and guard & (v.SEARCH | v.SOCIAL)
    found = [0.0]
    if weight >= STRONG:
        found.append(0.92 if searched else 0.87)
    elif weight >= GATE:
        found.append(0.05 + weight)
    if aim.told & (v.REFERRER | v.AGENT):
        found.append(0.8)
    elif aim.told & v.ADDRESS:  # a shop tells its payment service too
        found.append(0.4 if fact.inside and not fact.hooked else 0.7)
    elif aim.told & v.HOST and not aim.told & v.PLACE:
        found.append(0.6)
    if fact.value.all() & v.CHANCE or (flags & v.HASHED and aim.told & v.ADDRESS):
        found.append(0.6)
    confidence = max(found)
    if guard & v.POSTED and not guard & (v.VISITOR & ~v.COOKIE):  # the visitor chose it
        confidence = min(confidence, 0.4)
    if guard & v.PRIVATE and not guard & (v.VISITOR & ~(v.COOKIE | v.ADDRESS)):
        confidence = min(confidence, 0.4)  # colleagues go to the intranet
    own_login = guard & v.LOGIN and not guard & (v.SEARCH | v.BOT)
    return confidence - 0.1 if confidence and own_login else confidence


def _mark(rule: str, confidence: float, reason: str, fact: Fact, kind: str = "redirect") -> Mark:
    return Mark(
        rule, kind, round(confidence, 3), reason[:1].upper() + reason[1:], fact.start, fact.end
    )
