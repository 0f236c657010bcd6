"""Where variables live, and what is known of a file's own functions."""

from unhijack.parse.server.php import values as v
from unhijack.parse.server.php.names import ORDINARY_HEADERS, SERVER_KEYS
from unhijack.parse.server.php.values import NOTHING, Value

_MOST_VARIABLES = 5_000
_MOST_PARAMETERS = 12


class Scope:
    """Variables of one function, or of the file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.variables: dict[str, Value] = {}
        self.shared: set[str] = set()
        """Names declared ``global``."""
        self.depth = 0
        """Branches and loops around what is walked: inside one, a variable may keep its value."""
        self.answer = NOTHING

    def get(self, name: str, main: "Scope") -> Value:
        """A variable's value."""
        home = main if name in self.shared else self
        return home.variables.get(name, NOTHING)

    def set(self, name: str, value: Value, main: "Scope", *, weak: bool) -> None:
        """A variable's new value; `weak`: it may have kept the old one."""
        home = main if name in self.shared else self
        if weak or home is not self:
            value = v.either(home.variables.get(name, NOTHING), value)
        if len(home.variables) < _MOST_VARIABLES or name in home.variables:
            home.variables[name] = value


class Function:
    """A function of the file: what it answers, what it was given, under which tests it is called."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.named_in_file = False
        self.answer = NOTHING
        self.renewed = 1
        """The last walk that has been here; a later one knows better what it is given."""
        self.taken = 1
        self.arguments: dict[int, Value] = {}
        self.guard = 0
        self.called = 0
        self.hooks: set[str] = set()
        self.fills: dict[int, Value] = {}
        """What it leaves in parameters that it takes by reference."""

    def given(self, index: int) -> Value:
        """A parameter: what the file's own calls pass, else unknown."""
        known = self.arguments.get(index)
        return Value(v.UNKNOWN, after=v.UNKNOWN) if known is None else known

    def take(self, values: list[Value], guard: int, walked: int) -> None:
        """Notes a call, in the `walked`-th walk, which knows better what is given than the last.
        Tests count only where every call stands under them, or all differ.
        """
        if walked != self.taken:
            self.taken, self.arguments = walked, {}
        for index, value in enumerate(values[:_MOST_PARAMETERS]):
            self.arguments[index] = v.either(self.arguments.get(index, NOTHING), value)
        self.guard |= guard
        self.called += 1


def closure_key(start: int) -> str:
    """The name under which a closure that a variable holds is kept: none that PHP allows."""
    return f"{{closure:{start}}}"


def server_value(key: Value) -> Value:
    """``$_SERVER[key]``."""
    flags = v.SERVER | v.named_origins(key.flags)
    if key.text is not None:
        name = key.text.upper()
        own = name.startswith("HTTP_") and name not in ORDINARY_HEADERS
        flags = SERVER_KEYS.get(name, v.SERVER | v.QUERY if own else v.SERVER)
    return Value(flags, after=flags)
