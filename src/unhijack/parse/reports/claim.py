"""What every form of report comes to: claims, and what was refused, each at its place."""

import hashlib
import re
from dataclasses import dataclass

from unhijack.core.data import Json, canonical
from unhijack.core.errors import WrongUse
from unhijack.core.report import MOST_STEPS, Pathway, Step, StepKind, parse_step
from unhijack.core.site import Address, NotAnAddress, parse_address
from unhijack.core.text import printable

LONGEST_CELL = 4_096
"""Characters of one address, step or name as it is written; a longer one is refused."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One address that somebody reports."""

    place: int
    """Line of a table, or number in a list, from 1."""
    address: Address
    pathway: Pathway
    key: str
    """The same for the same report, however often it comes from the same source."""
    reporter: str | None = None
    """The mailbox of whoever wants to be told; harmless text is not promised."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is no report, and why."""

    place: int
    reason: str
    """For people: one harmless line."""


Said = Claim | Refusal


@dataclass(frozen=True, slots=True)
class Written:
    """A claim as it stands there, before anything was checked."""

    place: int
    url: str
    steps: tuple[str, ...] = ()
    """As `core.report.parse_step` takes them."""
    mark: str = ""
    """An identifier or a date of the report's own."""
    reporter: str = ""


def said(written: Written, source: str) -> Said:
    """A claim, or why it is none. `source` says whose report it is, for the key."""
    try:
        if any(len(one) > LONGEST_CELL for one in (written.url, written.mark, *written.steps)):
            raise WrongUse(f"a value is longer than {LONGEST_CELL} characters")
        if len(written.steps) > MOST_STEPS:
            raise WrongUse(f"a pathway has at most {MOST_STEPS} steps")
        address = readable(written.url)
        pathway = tuple(parse_step(refanged(one)) for one in written.steps)
    except WrongUse as error:
        return Refusal(written.place, printable(" ".join(str(error).split()), 300))
    key = _key(source, address, pathway, written.mark)
    return Claim(written.place, address, pathway, key, written.reporter[:320] or None)


def _key(source: str, address: Address, pathway: Pathway, mark: str) -> str:
    steps: list[Json] = [step_text(step) for step in pathway]
    content = canonical([source, address.href, steps, mark])
    return hashlib.sha256(content).hexdigest()


def readable(text: str) -> Address:
    """The address that somebody wrote, defanged or not; a bare host means http. Raises WrongUse."""
    plain = refanged(text.strip())
    shown = printable(text.strip(), 200)
    if not plain:
        raise WrongUse("there is no address")
    try:
        address = parse_address(plain if "://" in plain else f"http://{plain}")
    except NotAnAddress as error:
        raise WrongUse(f"{shown!r} is not an address: {error}") from None
    written = plain.partition("://")[2] or plain
    if written == plain and "@" in re.split(r"[/?#]", plain, maxsplit=1)[0]:
        raise WrongUse(f"{shown!r} is a mail address, not an address of the web")
    host = re.split(r"[/?#]", written, maxsplit=1)[0]
    if "." not in host and "[" not in host:  # a bare number is an address to a browser
        raise WrongUse(f"{shown!r} names no public host")
    return address


_DOT = re.compile(r" ?[\[({] ?(?:\.|dot|punkt|point) ?[\])}] ?", re.IGNORECASE)
_COLON = re.compile(r"\[(:(?://)?)\]")
_SCHEME = re.compile(r"(?i)\bh(?:xx|tt|\*\*|__|--)p(s?)(?=://|:\[?/)")


def refanged(text: str) -> str:
    """An address as a machine takes it: ``hxxps://a[.]b`` becomes ``https://a.b``."""
    text = _COLON.sub(r"\1", text)
    text = _DOT.sub(".", text)
    return _SCHEME.sub(lambda scheme: "http" + scheme[1].lower(), text).replace(":[//]", "://")


def search_step(words: str) -> str:
    """Search words as a step, or nothing."""
    words = " ".join(words.split())
    return f"{StepKind.SEARCH}:{words}" if words else ""


def step_text(step: Step) -> str:
    """A step as it is written."""
    return f"{step.kind}:{step.value}"
