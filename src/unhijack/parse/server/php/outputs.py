"""Rules on what visitors are shown: cloakers, injected tags, written redirects."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.aims import is_foreign
from unhijack.parse.server.php.facts import Fact
from unhijack.parse.server.php.visitors import (
    GATE,
    STRONG,
    TELLS_VISITORS,
    describe,
    once,
    test_weight,
)

_NO_PAGE = re.compile(r"\.(?:dat|bak|tmp|ico|log|cache|css|zip|gz|db)$|/\.[\w.-]+$")
"""Names that honest pages kept for search engines do not have."""
_SCRIPT_ALONE = re.compile(
    r"\s*(?:/\*|var\s|setTimeout|[;(!]{0,3}function|try|if\s?\(|[;(]?(?:window|top|self|parent|document)\.|location\b)"
)
"""How text begins that is a script though no tag says so."""
_OBEYS = re.compile(
    r"(?:fetch\s?\(|XMLHttpRequest|\.ajax\s?\(|\.get(?:JSON)?\s?\(|\.post\s?\().{0,1500}?"
    r"\blocation(?:\.href)?(?:\s?=\s?|\.(?:replace|assign)\s?\(\s?)(?!window|document|location|self)\w{1,20}[.\[;)]",
    re.DOTALL,
)
_HALF_A_HOST = re.compile(r"//[\w-]{1,40}$")
"""The address of one of many hosts."""
_A_TAG = 400
"""Characters of a tag; what is longer is a page."""


class _Shown(NamedTuple):
    """One output, and what is known of it."""

    fact: Fact
    flags: int
    weight: float
    when: str
    foreign: bool
    """It names another site."""
    bare: bool
    once: bool
    """The file sets cookies."""

    @property
    def moves(self) -> bool:
        """Whether it leads whoever sees it elsewhere: a tag, not a page."""
        leads = self.flags & v.META or (
            self.flags & v.MOVES
            and (self.flags & v.SCRIPT or _SCRIPT_ALONE.match(self.fact.value.head))
        )
        return bool(leads) and len(self.fact.value.head) < _A_TAG

    @property
    def searches(self) -> bool:
        """Whether it is for search engines, or kept from them."""
        return bool(self.fact.guard & v.AGENT and self.fact.guard & (v.BOT | v.SEARCH))


def output_marks(facts: Sequence[Fact], own: frozenset[str], *, bare: bool) -> list[Mark]:
    """What is shown to some visitors, or comes from elsewhere: of each output the first rule."""
    kept = once(facts)
    found = []
    for fact in facts:
        if fact.what == "output":
            if fact.guard & kept & v.SESSION:
                fact = fact._replace(guard=fact.guard | v.COOKIE)
            shown = _shown(fact, own, bare=bare, once=bool(kept))
            rules = _rules_for(shown)
            found.append(next((mark for rule in rules if (mark := rule(shown))), None))
    return [mark for mark in found if mark is not None]


def _shown(fact: Fact, own: frozenset[str], *, bare: bool, once: bool) -> _Shown:
    tests = describe(fact.guard & TELLS_VISITORS)
    when = f", depending on {tests}" if tests else ""
    foreign = any(is_foreign(host, own) for host in fact.value.hosts)
    weight = test_weight(fact.guard)
    return _Shown(fact, fact.value.flags, weight, when, foreign, bare, once)


_Rule = Callable[[_Shown], Mark | None]


def _rules_for(shown: _Shown) -> tuple[_Rule, ...]:
    if shown.flags & v.FETCHED:
        return (_fetched,)
    if shown.flags & v.FILE:
        return (_local,)
    return _HIDDEN + _FOREIGN if shown.foreign else _HIDDEN


def _decoded(shown: _Shown) -> Mark | None:
    if not shown.flags & (v.DECODED | v.ESCAPED) or shown.flags & v.OPAQUE:
        return None
    if not shown.flags & (v.SCRIPT | v.FRAME | v.META):
        return None
    return _mark("php-output-decoded", 0.85, "it writes decoded script into the page", shown)


def _worked_out(shown: _Shown) -> Mark | None:
    """A script of a host whose name is new each day, or each time."""
    value = shown.fact.value
    if not shown.flags & v.REMOTE_SCRIPT or not value.head.endswith("//"):
        return None
    if not value.after & (v.HASHED | v.TIME | v.CHANCE) or value.after & v.OPAQUE:
        return None
    reason = "it writes a script of a host whose name it works out"
    return _mark("php-output-foreign-tag", 0.7, reason, shown)


def _scrambled(shown: _Shown) -> Mark | None:
    if not (shown.flags & v.SCRAMBLED and shown.flags & v.SCRIPT and shown.weight >= GATE):
        return None
    confidence = 0.8 if shown.weight >= 0.75 else 0.55
    return _mark(
        "php-output-scrambled", confidence, "it writes scrambled script into the page", shown
    )


def _obeys_by_script(shown: _Shown) -> Mark | None:
    """Script that tells its own server who is looking, and goes where that answers."""
    wanted = v.SCRIPT | v.ASKS_IN_SCRIPT
    if shown.flags & wanted != wanted or not shown.flags & v.MOVES or shown.flags & v.PAGE:
        return None
    if not _OBEYS.search(shown.fact.value.text or shown.fact.value.head):
        return None
    reason = "it writes script that tells who is looking and goes where it is told"
    return _mark("php-output-redirect", 0.6, reason, shown, kind="redirect")


def _stored(shown: _Shown) -> Mark | None:
    hides = shown.flags & v.STORED and shown.flags & v.DECODED and shown.fact.guard & v.SIGNED_IN
    if hides and not shown.flags & (v.SENT | v.UPLOAD):
        reason = "it decodes something stored and shows it to strangers alone"
        return _mark("php-output-stored", 0.6, reason, shown)
    guard = shown.fact.guard
    kept = shown.flags & v.STORED and shown.flags & v.DECODED and not shown.flags & v.SENT
    if kept and guard & v.REFERRER and guard & v.SEARCH:
        reason = "it decodes something stored and shows it to those who come from a search"
        return _mark("php-output-stored", 0.6, reason, shown)
    if not (shown.searches and shown.flags & v.STORED and shown.flags & (v.DECODED | v.HIDES)):
        return None
    reason = "it writes something stored for search engines"
    return _mark("php-output-stored", 0.7, reason, shown, kind="spam")


def _leads_to_stored(shown: _Shown) -> Mark | None:
    """Script to an address from the database, for strangers who are told apart by more than that."""
    guard, flags = shown.fact.guard, shown.flags
    if shown.moves and flags & v.DECODED and not flags & v.SENT and shown.weight >= GATE:
        reason = "it writes a redirect to an address that it decodes"
        return _mark("php-output-redirect", 0.65, reason, shown, kind="redirect")
    if not (flags & v.STORED and flags & (v.MOVES | v.META) and flags & (v.SCRIPT | v.META)):
        return None
    told = guard & (v.ADDRESS | v.REFERRER) or (guard & v.AGENT and guard & v.BOT)
    if not (told and guard & v.SIGNED_IN) or flags & (v.UNKNOWN | v.HOST | v.PLACE):
        return None
    reason = "it writes a redirect to a stored address"
    return _mark("php-output-redirect", 0.55, reason, shown, kind="redirect")


def _leads_away(shown: _Shown) -> Mark | None:
    if not shown.moves or shown.weight < GATE:
        return None
    confidence = 0.9 if shown.weight >= STRONG else 0.1 + shown.weight
    reason = "it writes a redirect to another site"
    return _mark("php-output-redirect", confidence, reason, shown, kind="redirect")


def _answers(shown: _Shown) -> Mark | None:
    """An address that the page's own script is told, for visitors who are no crawlers."""
    if shown.fact.name != "answer" or shown.weight < STRONG:
        return None
    if not (shown.searches or shown.fact.guard & v.REFERRER):
        return None
    reason = "it tells the page's script an address of another site"
    return _mark("php-output-redirect", 0.6, reason, shown, kind="redirect")


def _asks_by_script(shown: _Shown) -> Mark | None:
    """Script that itself looks at its reader; a page of its own may do so in peace."""
    flags = shown.flags
    leads = flags & v.MOVES and flags & v.SCRIPT and flags & v.ASKS_IN_SCRIPT
    if not leads or flags & v.PAGE:
        return None
    reason = "it writes script that sends some visitors to another site"
    return _mark("php-output-redirect", 0.65, reason, shown, kind="redirect")


def _nothing_else(shown: _Shown) -> Mark | None:
    if not (shown.moves and shown.bare and not shown.fact.guard):
        return None
    reason = "the file does nothing but send visitors to another site"
    return _mark("php-redirect-only", 0.55, reason, shown, kind="redirect")


def _rewritten(shown: _Shown) -> Mark | None:
    """Honest software has the address of its statistics from its settings."""
    buffered = shown.fact.name == "ob_start" or shown.flags & v.BUFFER
    if not buffered or not shown.flags & v.REMOTE_SCRIPT or shown.flags & v.STORED:
        return None
    weight = test_weight(shown.fact.guard | shown.fact.value.seen)
    confidence = 0.75 if weight >= GATE else 0.6
    reason = "it puts a script of another site into every page"
    return _mark("php-output-rewritten", confidence, reason, shown)


def _relinked(shown: _Shown) -> Mark | None:
    """Links of the site's own page that are made to lead elsewhere as it leaves."""
    buffered = shown.fact.name == "ob_start" or shown.flags & v.BUFFER
    weight = test_weight(shown.fact.guard | shown.fact.value.seen)
    if not buffered or not shown.flags & v.LINK or weight < GATE:
        return None
    reason = "it changes the links of every page for some visitors"
    return _mark("php-output-relinked", 0.6, reason, shown, kind="redirect")


def _tag(shown: _Shown) -> Mark | None:
    guard, flags = shown.fact.guard, shown.flags
    if not flags & (v.REMOTE_SCRIPT | v.FRAME):
        return None
    if shown.weight >= 0.65 and guard & (v.AGENT | v.REFERRER):
        confidence = 0.75 if shown.weight >= STRONG else 0.65
        return _mark("php-output-foreign-tag", confidence, "it writes a tag of another site", shown)
    excludes = guard & (v.LOGIN | v.SIGNED_IN)
    seldom = (shown.once and guard & v.COOKIE) or guard & (v.TIME | v.CHANCE)
    if seldom and excludes and not flags & v.STORED:
        reason = "it writes a tag of another site now and then"
        return _mark("php-output-foreign-tag", 0.6, reason, shown)
    if shown.once and guard & v.COOKIE and guard & (v.ADDRESS | v.CHANCE):
        reason = "it writes a tag of another site for some visitors, once"
        return _mark("php-output-foreign-tag", 0.55, reason, shown)
    if guard & v.STRANGER and guard & v.VISITOR and not flags & v.STORED:
        confidence = 0.6 if guard & v.VISITOR & ~v.COOKIE else 0.5
        reason = "it writes a tag of another site for strangers alone"
        return _mark("php-output-foreign-tag", confidence, reason, shown)
    if flags & v.FRAME and flags & v.HIDES and shown.weight >= GATE:
        return _mark("php-output-foreign-tag", 0.7, "it writes a hidden frame", shown)
    if flags & v.FRAME and flags & v.COVERS:
        confidence = 0.7 if shown.weight >= GATE else 0.5
        reason = "it lays a frame of another site over the page"
        return _mark("php-output-foreign-tag", confidence, reason, shown)
    return None


def _links(shown: _Shown) -> Mark | None:
    guard = shown.fact.guard
    if not (guard & (v.AGENT | v.REFERRER | v.ADDRESS) and guard & (v.BOT | v.SEARCH)):
        return None
    if not shown.flags & v.LINK:
        return None
    many = "canonical" in shown.fact.value.head or _HALF_A_HOST.search(shown.fact.value.head)
    confidence = 0.8 if shown.flags & v.HIDES else 0.65 if many else 0.4
    reason = "it writes links for search engines"
    return _mark("php-output-links", confidence, reason, shown, kind="spam")


_HIDDEN: tuple[_Rule, ...] = (
    _decoded,
    _worked_out,
    _scrambled,
    _stored,
    _leads_to_stored,
    _obeys_by_script,
)
_FOREIGN: tuple[_Rule, ...] = (
    _leads_away,
    _answers,
    _asks_by_script,
    _nothing_else,
    _rewritten,
    _relinked,
    _tag,
    _links,
)


def _local(shown: _Shown) -> Mark | None:
    """A page for search engines that lies in a file of no page's name."""
    if not shown.searches or not _NO_PAGE.search(shown.fact.value.tail):
        return None
    reason = "it shows search engines a hidden file"
    return _mark("php-output-local", 0.65, reason, shown, kind="spam")


def _fetched(shown: _Shown) -> Mark | None:
    fact, flags = shown.fact, shown.flags
    looks = fact.guard & (v.AGENT | v.REFERRER)
    rule, confidence = "php-output-controlled", 0.4
    reason = "it shows what another server answers about this visitor"
    if flags & v.PARSED and not looks:
        if not flags & v.ASKED:
            return None
        reason = "it shows what another server answers"
        if flags & v.TOLD_VISIT and flags & (v.FRAME | v.META):
            confidence = 0.6
        if flags & v.TOLD_REFERRER:
            confidence = 0.7 if flags & v.SCRIPT else 0.55
    elif looks and shown.weight >= 0.6:
        confidence, reason = 0.88, "it shows some visitors what another server says"
    elif flags & v.ASKED:
        confidence = _asked(fact)
    else:
        rule, confidence, reason = "php-output-fetched", 0.3, "it shows what another server says"
        if fact.guard & v.PLACE and fact.value.hosts and not fact.inside.startswith("::"):
            confidence = 0.5  # under an address that the site itself does not have
    return _mark(rule, confidence, reason, shown, kind="redirect")


def _asked(fact: Fact) -> float:
    """How sure an output is planted that comes from a server that was asked about the visit."""
    flags = fact.value.flags
    known = fact.value.hosts or flags & (v.DECODED | v.STORED)
    in_class = fact.inside.startswith("::") and not flags & v.TOLD_REFERRER
    if in_class or not known or not flags & v.TOLD_VISIT:
        return 0.4
    return 0.8 if fact.guard & v.FETCHED else 0.65


def _mark(
    rule: str, confidence: float, reason: str, shown: _Shown, kind: str = "injection"
) -> Mark:
    text = reason[:1].upper() + reason[1:] + shown.when
    return Mark(rule, kind, round(confidence, 3), text, shown.fact.start, shown.fact.end)
