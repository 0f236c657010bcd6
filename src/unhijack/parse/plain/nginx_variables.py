"""Variables of nginx: which stand for a test of the visitor, and which hold a foreign address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unhijack.parse.plain.directives import Directive, Reading
from unhijack.parse.plain.hosts import host_of, is_foreign

MOST_VARIABLES = 30
MOST_TEXT = 4_000
"""Characters of the tests behind a variable."""

VISITOR = re.compile(
    r"\$(?:http_(?:referer|user_agent|cookie|accept_language|x_[a-z_]+|cf_[a-z_]+|sec_[a-z_]+)"
    r"|cookie_\w+|remote_addr|geoip\w*|invalid_referer|time_\w+|date_\w+|msec)"
)
_BLOCKS = ("map", "geo", "split_clients")


class Variables:
    """What one file's variables stand for. All is counted once, so that time stays linear."""

    def __init__(self, reading: Reading, own: frozenset[str]) -> None:
        self._reading = reading
        self._own = own
        self.heads: dict[int, int] = {}
        """Where a block's own line stands among the directives, by its start."""
        self.decided: list[str] = []
        """Those that a ``map`` or ``set`` derives from who the visitor is."""
        self.foreign: list[str] = []
        """Those that hold an address of another host."""
        self._tests: dict[str, str] = {}
        self._makers: dict[str, set[int]] = {}
        for index, one in enumerate(reading.directives):
            self.heads.setdefault(one.start, index)
            self._take(index, one)
        self._uses = {name: self._used(name) for name in {*self.decided, *self.foreign}}

    def _take(self, index: int, one: Directive) -> None:
        last = one.sections[-1] if one.sections else None
        if one.name in _BLOCKS and one.args:
            source = one.args[0] if len(one.args) > 1 else "$remote_addr"
            if VISITOR.search(source) or source in self.decided:
                self._note(self.decided, one.args[-1])
            self._made(one.args[-1], (index,), " ".join(one.args))
        elif last is not None and last.name in _BLOCKS and last.args:
            if self.foreign_host(one.args):
                self._note(self.foreign, last.args[-1])
            self._made(last.args[-1], (index,), " ".join((one.name, *one.args)))
        elif one.name == "set" and len(one.args) > 1:
            tests = tests_round(one)
            if self.foreign_host(one.args[1:]):
                self._note(self.foreign, one.args[0])
            text = tests + one.args[1]
            if VISITOR.search(text) or any(name in text for name in self.decided):
                self._note(self.decided, one.args[0])
            behind = [self._tests[n] for n in self.decided if n in one.args[1] and n in self._tests]
            text = " ".join([tests, *one.args, *behind])
            self._made(one.args[0], self.with_head(index), text)

    def _note(self, names: list[str], name: str) -> None:
        if name not in names and len(names) < MOST_VARIABLES:
            names.append(name)

    def _made(self, name: str, members: tuple[int, ...], text: str) -> None:
        if name in self._makers or len(self._makers) < 10 * MOST_VARIABLES:
            self._makers.setdefault(name, set()).update(members)
            self._tests[name] = (self._tests.get(name, "") + " " + text)[:MOST_TEXT]

    def _used(self, name: str) -> set[int]:
        word = re.compile(re.escape(name) + r"(?!\w)")
        ones = enumerate(self._reading.directives)
        return {at for at, one in ones if any(word.search(arg) for arg in one.args)}

    def with_head(self, index: int) -> tuple[int, ...]:
        """A statement, and the line of the test round it."""
        one = self._reading.directives[index]
        if one.sections and one.sections[-1].name == "if":
            return self.heads.get(one.sections[-1].start, index), index
        return (index,)

    def foreign_host(self, args: Iterable[str]) -> str:
        """The foreign host that one of `args` is, or stands for."""
        for arg in args:
            host = host_of(arg)
            if host and is_foreign(host, self._own):
                return host
            if any(name in arg for name in self.foreign):
                return "elsewhere"
        return ""

    def tests_of(self, one: Directive) -> str:
        """What of the visitor is tested on the way to a statement, as text."""
        tests = tests_round(one)
        text = tests + " " + " ".join(one.args)
        behind = [self._tests[n] for n in self.decided if n in text and n in self._tests]
        return " ".join([tests, *behind])

    def used_only_by(self, members: set[int]) -> set[int]:
        """The statements that set what nothing but `members` uses: to leave them would be
        harmless, to take them while others use them would keep nginx from starting.
        """
        found: set[int] = set()
        for name, uses in self._uses.items():
            makers = self._makers.get(name, set())
            if uses & members and not uses - members - makers:
                found |= makers
        return found


def tests_round(one: Directive) -> str:
    """The tests of the ``if`` blocks in which a statement stands."""
    return " ".join(" ".join(s.args) for s in one.sections if s.name == "if")
