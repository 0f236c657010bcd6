"""What a file does, as the walk found it: the facts that the rules judge."""

from typing import NamedTuple

from unhijack.parse.server.php.values import NOTHING, Value


class Fact(NamedTuple):
    """One thing that the code does with a value."""

    what: str
    """``redirect`` ``output`` ``run`` ``include`` ``callback`` ``command`` ``write`` ``fetch``
    ``cookie`` ``unset`` ``user`` ``hook`` ``header`` ``hide``."""
    start: int
    end: int
    value: Value
    """The target, the text, the code."""
    other: Value = NOTHING
    """What else matters: the name of a file that is written, a hook's function."""
    guard: int = 0
    """What the tests look at that lead here: origins and words."""
    name: str = ""
    """The function that does it, as called."""
    hidden: bool = False
    """Its name was put together or decoded."""
    inside: str = ""
    """The function of the file in which it stands."""
    hooked: tuple[str, ...] = ()
    """The hooks of WordPress on which that function hangs."""
