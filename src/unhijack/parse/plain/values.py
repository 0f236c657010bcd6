"""What is known of a value in a program that is only read: its text, and where it comes from."""

from __future__ import annotations

from typing import NamedTuple

from unhijack.parse.plain.decoders import Known

REQUEST = 1
"""A visitor chose it."""
DECODED = 2
"""A decoding function made it."""
PIECED = 4
"""It was put together from pieces of which none says what the whole says."""
FETCHED = 8
"""It came over the network."""
READ = 16
"""It was read from a file."""
UPLOAD = 32
"""It is of an uploaded file: its path or name."""
HEADER = 64
"""Something of the server's variables, unknown which."""
OPAQUE = 128
"""A loop or bit arithmetic made it."""
UNSET = 1 << 17
"""Nothing in the program says what it is: under old PHP's ``register_globals`` the visitor did."""
WHOLE = 1 << 18
"""Everything that a request brings, not one field of it."""
ENCODED = 1 << 19
"""It was encoded, as for a journey that nobody should notice."""
RELAYED = 1 << 20
"""It went through a function of the program."""
SECRET = 1 << 21
"""A password, a card's number or the like, going by its name."""
PROGRAM = 1 << 22
"""A text with PHP's opening tag is in it."""
ADDRESS = 1 << 23
"""A text with an address of the web is in it."""
PARAMETER = 1 << 8
"""The first parameter of the function in which it stands; the next ones are the bits above."""
PARAMETERS = 8
EVERY_PARAMETER = ((1 << PARAMETERS) - 1) * PARAMETER
HIDDEN = DECODED | PIECED | OPAQUE


class Value(NamedTuple):
    """A value: `known` is None where its text does not stand fast."""

    known: Known | None = None
    flags: int = 0
    function: bytes = b""
    """The function that made it last, in lower case."""

    @property
    def text(self) -> bytes:
        """Its text, empty if that is not known."""
        return self.known if isinstance(self.known, bytes) else b""


UNKNOWN = Value()


class Event(NamedTuple):
    """Something that the program does, with what is known of the values it does it with."""

    what: str
    """``call``, ``new``, ``method``, ``include``, ``eval``, ``command`` (backticks), ``hidden-name``."""
    name: bytes
    """Function, class or method, in lower case; empty where it is not known."""
    arguments: tuple[Value, ...]
    start: int
    end: int
    callee: int = -1
    """Flags of the value that named the function; -1 where the program names it itself."""
    layer: int = 0
    """0: stands in the file as it is; else the number of the layer that was peeled off."""
    function: bytes = b""
    """The function of the file inside which it happens."""

    @property
    def flags(self) -> int:
        """Where its arguments come from, all together."""
        flags = 0
        for argument in self.arguments:
            flags |= argument.flags
        return flags


class Layer(NamedTuple):
    """Code that was hidden inside code."""

    code: bytes
    undone: tuple[str, ...]
    """What was undone, outermost last."""
    start: int
    end: int
    """Where in the file the code that runs it stands."""
    depth: int
