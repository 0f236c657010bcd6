"""The address of a database, as a person writes it. Its password shows nowhere."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from unhijack.core.errors import WrongUse

FORMS = (
    "mysql://USER@HOST:PORT/NAME, mysql://USER@/NAME?socket=/PATH or sqlite:///PATH "
    "(the password in UNHIJACK_DATABASE_PASSWORD)"
)


@dataclass(frozen=True, slots=True)
class MysqlAddress:
    """A server, over the network or a socket."""

    user: str
    password: str = field(repr=False)
    host: str
    port: int
    socket: str
    name: str


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A file."""

    path: str


def read_address(text: str, password: str = "") -> MysqlAddress | SqliteAddress:
    """The address in `text`; a password that stands in it wins. Raises WrongUse."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme == "sqlite" and (path := unquote(rest.removeprefix("//"))):
        if "\0" in path:
            raise WrongUse(f"a database address has the form {FORMS}")
        return SqliteAddress(path)
    try:
        parts = urlsplit(text)
        port = parts.port or 3306
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("mysql", "mariadb"):
        raise WrongUse(f"a database address has the form {FORMS}")
    name = unquote(parts.path.removeprefix("/"))
    socket = parse_qs(parts.query).get("socket", [""])[0]
    if not name or "/" in name or not (parts.hostname or socket):
        raise WrongUse(f"the database address names no host or no database: {FORMS}")
    return MysqlAddress(
        unquote(parts.username or ""),
        unquote(parts.password or "") or password,
        parts.hostname or "localhost",
        port,
        socket,
        name,
    )
