"""A dump's bytes as they arrive: a window that moves on, and never holds more than it must."""

import re
from collections.abc import Iterable
from functools import lru_cache

from unhijack.parse.server.sql_text import closing

MOST_VALUE = 16 * 1024 * 1024
"""Bytes of one string that are kept; the rest is read over."""
WINDOW = 256 * 1024

_SPACE = re.compile(rb"[\s\x00]*")
_PLAIN = re.compile(rb"[^'\"`();,]+")


MARGIN = 20
"""Bytes at the end of the window in which a sign may be cut in two."""


@lru_cache(maxsize=64)
def _signs(delimiter: bytes) -> tuple["re.Pattern[bytes]", "re.Pattern[bytes]"]:
    """Where a statement ends, or a string or remark begins; and what can be leapt over.

    With short strings in the leap, most of an INSERT is passed over in one go.
    """
    sign = re.escape(delimiter) + rb"|['\"`#]|--(?=[\s\x00]|\Z)|/\*(?!!)"
    dull = rb"[^'\"`/\-#" + re.escape(delimiter[:1]) + rb"]+"
    leap = dull + rb"(?:'[^'\\]{0,2000}'" + dull + rb"){0,500}"
    return re.compile(sign), re.compile(leap)


class Source:
    """Bytes of a dump from the current position on."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._ended = False
        self.buffer = b""
        self.position = 0
        self.base = 0
        """Where the buffer begins in the dump."""
        self.delimiter = b";"
        self.escapes = True
        """A backslash escapes, as with MySQL; SQLite has none."""
        self._lines = 1
        self._counted = 0
        """Line at this place of the buffer."""

    @property
    def offset(self) -> int:
        """The current place in the dump."""
        return self.base + self.position

    def line(self) -> int:
        """The current line, from 1."""
        self._lines += self.buffer.count(b"\n", self._counted, self.position)
        self._counted = self.position
        return self._lines

    def grow(self) -> bool:
        """Take in as much again as is waiting, so that looking twice stays linear."""
        if self._ended:
            return False
        self.line()
        rest = self.buffer[self.position :]
        parts, size, wanted = [rest], 0, max(WINDOW, len(rest))
        for chunk in self._chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= wanted:
                break
        else:
            self._ended = True
        self.base += self.position
        self.buffer, self.position, self._counted = b"".join(parts), 0, 0
        return size > 0

    def peek(self, size: int) -> bytes:
        """The next bytes; fewer at the end alone."""
        while len(self.buffer) - self.position < size and self.grow():
            pass
        return self.buffer[self.position : self.position + size]

    def skip(self, size: int) -> None:
        """Go on by so many bytes that were seen."""
        self.position = min(self.position + size, len(self.buffer))

    def skip_space(self) -> None:
        """Go on to what is no white space."""
        while True:
            found = _SPACE.match(self.buffer, self.position)
            self.position = found.end() if found else self.position
            if self.position < len(self.buffer) or not self.grow():
                return

    def skip_comma(self) -> None:
        """Go on behind the comma between two rows."""
        head = self.buffer[self.position : self.position + 2]
        if head == b",(":
            self.position += 1
            return
        self.skip_space()
        if self.peek(1) == b",":
            self.skip(1)
        self.skip_space()

    def to_statement(self) -> bool:
        """Go on to the next statement, over white space and remarks; False at the end."""
        while True:
            self.skip_space()
            head = self.peek(3)
            if not head:
                return False
            if head.startswith(self.delimiter):
                self.skip(len(self.delimiter))
            elif head.startswith(b"#") or (head[:2] == b"--" and head[2:3] in b" \t\r\n\0"):
                self._skip_past(b"\n")
            elif head[:2] == b"/*" and head != b"/*!":
                self.skip(2)
                self._skip_past(b"*/")
            else:
                return True

    def _skip_past(self, sign: bytes) -> None:
        while True:
            at = self.buffer.find(sign, self.position)
            if at >= 0:
                self.position = at + len(sign)
                return
            self.position = max(self.position, len(self.buffer) - len(sign) + 1)
            if not self.grow():
                self.position = len(self.buffer)
                return

    def take_string(self) -> tuple[bytes, bool]:
        """What is between the quotes that begin here, and whether it was cut."""
        quote = self.peek(1)
        self.skip(1)
        kept: list[bytes] = []
        size = 0
        escapes = self.escapes and quote != b"`"
        ahead = 0
        while True:
            begin = self.position
            end, again = closing(self.buffer, begin + ahead, quote, escapes=escapes)
            if end >= 0:
                self.position = end
                return self._kept(kept, self.buffer[begin : end - 1], size)
            if again - begin > MOST_VALUE:  # what was looked at goes; only its first part is kept
                if size <= MOST_VALUE:
                    kept.append(self.buffer[begin:again])
                size += again - begin
                self.position = again
                begin = again
            ahead = again - begin
            if not self.grow():
                last = self.buffer[self.position :]
                self.position = len(self.buffer)
                return self._kept(kept, last.removesuffix(quote), size)

    @staticmethod
    def _kept(kept: list[bytes], last: bytes, size: int) -> tuple[bytes, bool]:
        whole = b"".join([*kept, last]) if size <= MOST_VALUE or not kept else kept[0]
        return whole[:MOST_VALUE], size + len(last) > MOST_VALUE

    def skip_statement(self) -> None:
        """Go on behind the delimiter that ends the current statement."""
        self._statement(0)

    def take_statement(self, most: int) -> tuple[bytes, bool]:
        """The current statement without its delimiter, and whether it was cut."""
        return self._statement(most)

    def _statement(self, most: int) -> tuple[bytes, bool]:
        """Pieces up to the delimiter, with strings and remarks respected."""
        kept: list[bytes] = []
        size = 0
        while self.position < len(self.buffer) or self.grow():
            begin = self.offset
            plain, sign = self._to_sign(keep=size < most)
            if size < most and plain:
                kept.append(plain)
            size += self.offset - begin
            if sign == self.delimiter:
                self.skip(len(sign))
                break
            if sign:
                begin = self.offset
                piece = self._sign(keep=size < most)
                size += self.offset - begin
                kept.append(piece)
        return b"".join(kept), bool(most) and size > most

    def _to_sign(self, *, keep: bool) -> tuple[bytes, bytes]:
        """What stands before the next sign, and the sign; none where more has to come first."""
        signs, leap = _signs(self.delimiter)
        begin = self.position
        if not keep and (leapt := leap.match(self.buffer, begin)):
            self.position = leapt.end()
        found = signs.search(self.buffer, self.position)
        sure = len(self.buffer) if self._ended else len(self.buffer) - MARGIN
        if found is not None and found.start() <= sure:
            self.position = found.start()
            return self.buffer[begin : found.start()] if keep else b"", found[0]
        self.position = max(self.position, sure)
        plain = self.buffer[begin : self.position] if keep else b""
        if not self.grow():
            self.position = min(self.position, len(self.buffer))
        return plain, b""

    def _sign(self, *, keep: bool) -> bytes:
        """The string that begins here, or a blank for a remark."""
        sign = self.buffer[self.position : self.position + 1]
        if sign not in (b"'", b'"', b"`"):
            self.skip(2 if sign == b"/" else 1)
            self._skip_past(b"*/" if sign == b"/" else b"\n")
            return b" " if keep else b""
        if not keep:
            self._skip_string()
            return b""
        text, cut = self.take_string()
        return text + b" " if cut else sign + text + sign

    def _skip_string(self) -> None:
        """Go on behind the string that begins here; nothing of it is kept."""
        quote = self.peek(1)
        self.skip(1)
        escapes = self.escapes and quote != b"`"
        while True:
            end, again = closing(self.buffer, self.position, quote, escapes=escapes)
            if end >= 0:
                self.position = end
                return
            self.position = again
            if not self.grow():
                self.position = len(self.buffer)
                return

    def take_brackets(self, most: int) -> bytes:
        """From the bracket that begins here up to its partner."""
        return self._balanced(most, outer=0)[0]

    def take_expression(self, most: int) -> tuple[bytes, bool]:
        """Up to the comma or bracket that ends a value."""
        return self._balanced(most, outer=-1)

    def _balanced(self, most: int, *, outer: int) -> tuple[bytes, bool]:
        kept: list[bytes] = []
        size = depth = 0
        while self.position < len(self.buffer) or self.grow():
            sign = self.buffer[self.position : self.position + 1]
            if outer < 0 and depth == 0 and sign in (b",", b")"):
                break
            if sign == b";" or size > MOST_VALUE:
                break
            if sign in (b"'", b'"', b"`"):
                text, _ = self.take_string()
                piece = sign + text + sign
            else:
                piece = self._plain()
            depth += (piece == b"(") - (piece == b")")
            size += len(piece)
            if size <= most:
                kept.append(piece)
            if outer == 0 and depth == 0:
                break
        return b"".join(kept), size > most

    def _plain(self) -> bytes:
        found = _PLAIN.match(self.buffer, self.position)
        end = found.end() if found else self.position + 1
        piece = self.buffer[self.position : end]
        self.position = end
        return piece
