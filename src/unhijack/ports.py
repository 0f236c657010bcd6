"""Every door to the outside, one small Protocol each."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from unhijack.core import retention
from unhijack.core.account import Account, Refused
from unhijack.core.case import Case, Event, Move, State
from unhijack.core.contact import Contact, Earlier, Reached
from unhijack.core.data import Data
from unhijack.core.egress import Egress, IpAddress
from unhijack.core.errors import WrongUse
from unhijack.core.evidence import Failure
from unhijack.core.finding import Finding
from unhijack.core.known_good import Digests, KnownFile, Release
from unhijack.core.notice import Letter, Notice
from unhijack.core.repair import Repair
from unhijack.core.report import Report
from unhijack.core.rows import Routine, RoutineKind, Row, Table, Value
from unhijack.core.site import Address
from unhijack.core.sources import Origin

Headers = tuple[tuple[str, bytes], ...]
"""Names in lower case, values as received; a name may come more than once."""


def first_header(headers: Headers, name: str) -> bytes | None:
    """The first value of a name in lower case."""
    return next((value for key, value in headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visit may cost."""

    request_seconds: float = 15.0
    visit_seconds: float = 45.0
    """No request begins later than this after the visit began."""
    body_bytes: int = 2 * 1024 * 1024
    """After decompression; what comes after is not read."""
    hops: int = 12
    site_visits: int = 600
    """Visits to one registrable domain in one run."""
    address_requests: int = 20_000
    """Requests to one IP address in one run, outside of a lab's ranges."""


@dataclass(frozen=True, slots=True)
class Request:
    """One GET, to an address that the guard has passed."""

    address: Address
    ip: IpAddress
    headers: tuple[tuple[str, str], ...]
    """In the order and case in which they are sent, without Host."""
    family: str
    """Whose TLS and HTTP/2 manners to have: ``chrome-windows``, ``safari-ios``."""
    read_page: bool
    """Read the body if it is a page; False reads headers alone."""
    read_script: bool = False
    """Read the body if it is a script, instead."""
    any_text: bool = False
    """A script under any type of text will do: browsers run those too."""
    egress: Egress | None = None
    """The proxy to go out by, which is told the address and never the name; None for our own."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Redirects are not followed."""

    status: int
    headers: Headers
    body: bytes | None
    """Decompressed; None if it was not asked for or is no page."""
    truncated: bool = False


class Transport(Protocol):
    """HTTP, one request at a time, to exactly the address that it is given."""

    async def fetch(self, request: Request, limits: Limits) -> Response | Failure:
        """Send one GET and read what `request.read_page` allows."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class Resolver(Protocol):
    """Names to addresses. Asked once for each hop."""

    async def resolve(self, host: str) -> Sequence[IpAddress] | Failure:
        """At least one address, in the order of preference, or why there is none."""
        ...


class Sandbox(Protocol):
    """Runs scripts of strangers, in a process that can do nothing else and can be killed."""

    async def run(self, job: bytes) -> bytes | Failure:
        """A job of `parse.scripts` to its trace, both JSON; what could not be run is a failure."""
        ...

    async def close(self) -> None:
        """End every process."""
        ...


class Clock(Protocol):
    """The time. The lab's town has its own."""

    def now(self) -> datetime:
        """The time, with its zone (UTC)."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, as evidence keeps it."""

    request: Request
    response: Response | Failure
    at: datetime
    offsite: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a piece of evidence lies, and its digests."""

    name: str
    """File name in the evidence folder."""
    sealed_sha256: str
    """Of the file as it lies there."""
    plain_sha256: str
    """Of the WARC inside."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits a file."""

    rule: str
    source: str
    """Which collection it is of: ``own``, or the file of an operator's folder."""
    author: str
    """Who wrote the rule, as it says itself; empty if it does not."""
    offset: int
    length: int
    """Of the first thing in the file that it fits."""
    meta: tuple[tuple[str, str], ...]


class Matcher(Protocol):
    """Rules of literal traits, many at once."""

    def match(self, content: bytes) -> Sequence[Match]:
        """Rules that fit, a bounded number; none where that would take too long."""
        ...


class Files(Protocol):
    """Evidence at rest: sealed, whole or not at all."""

    def keep(self, name: str, exchanges: Sequence[Exchange], *, with_bodies: bool) -> Kept:
        """Write the exchanges of an examination; durable when it returns.

        Raises WrongUse when they cannot be written.
        """
        ...

    def forget(self, name: str) -> None:
        """Remove evidence; none under this name is none to remove. Raises WrongUse."""
        ...

    def keep_scan(self, name: str, content: bytes) -> Kept:
        """Write what a scan printed; durable when it returns. Raises WrongUse."""
        ...


class Secrets(Protocol):
    """Keys, and what is done with them."""

    def keyed_hash(self, text: str) -> str:
        """HMAC-SHA256 in hex: equal for equal text, in this house alone."""
        ...

    def new_key(self) -> bytes:
        """A key for one person, to be kept sealed."""
        ...

    def seal(self, content: bytes, key: bytes | None = None) -> bytes:
        """Encrypt, under the house's own key unless another is given."""
        ...

    def unseal(self, content: bytes, key: bytes | None = None) -> bytes:
        """Decrypt. Raises WrongUse if it was changed, or sealed under another key."""
        ...


class Directory(Protocol):
    """Who can mend a site."""

    def contacts(self, site: str) -> Sequence[Contact]:
        """Contacts of a registrable domain, the best first."""
        ...


class Fate(StrEnum):
    """What became of a message that was handed to a mail server."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good."""
    LATER = "later"
    """It certainly did not leave; try again."""
    AWAY = "away"
    """The same, and it says nothing of the recipient: our own mail server is not there, or takes
    nothing from us."""
    UNCERTAIN = "uncertain"
    """The server went away before it said whether it took the message."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a message, and the server's words (harmless)."""

    fate: Fate
    text: str


class Mail(Protocol):
    """A mail server that takes messages."""

    async def post(self, letter: Letter) -> Posted:
        """Hand over one message. Never raises for anything that a server does."""
        ...


class StoreUnavailable(WrongUse):
    """The database does not answer now; what was asked of it did not happen."""


class Printer(Protocol):
    """Puts a letter on paper."""

    def pdf(self, page: str) -> bytes:
        """HTML as a PDF; nothing that it names is fetched. Raises WrongUse."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to take one step of one case. A stale one does nothing."""

    number: int
    step: int
    token: str


@dataclass(frozen=True, slots=True)
class Received:
    """A report with its receipt."""

    receipt: str
    report: Report


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is about to leave."""

    key: str
    number: int
    """Of its case."""
    letter: Letter
    attempts: int
    message_id: str
    role: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages to one person that leave together, at least one."""

    person: str
    token: str
    """The right to say what became of them; a stale one does nothing."""
    parts: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A message that was sent: to which case it belongs, and who has it."""

    number: int
    key: str
    person: str
    role: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """A message that came in, and what was made of it."""

    digest: str
    """SHA-256 of its bytes."""
    at: datetime
    number: int | None
    """Of the case that it belongs to."""
    outcome: str
    reason: str
    """For people: one harmless line."""
    person: str | None = None
    """Under whose key it is kept; None for the house's own."""


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """What became of a report."""

    receipt: str
    received_at: datetime
    reporter: str | None
    number: int | None
    state: State | None
    """Of its case."""
    told: str
    """What the reporter was told last: nothing, ``received``, ``closed``; ``over`` for one who was
    told that it had arrived, and may be told that it is closed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of the reports of one party."""

    proven: int
    refuted: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as a list shows it."""

    number: int
    site: str
    reference: str
    state: State
    step: int
    next_at: datetime | None
    changed_at: datetime | None


class CaseStore(Protocol):
    """Reports, cases, their journals, and what is to leave the house.

    What a method returned from is on the disk. Where the database does not answer, every method
    raises StoreUnavailable, and has done nothing.
    """

    def become_worker(self, now: datetime) -> int:
        """Begin to step cases here, until this process ends.

        A message that was leaving when a worker died may have left or not, and is recorded as
        uncertain; returns how many. An embedded database has one worker, whose beginning makes the
        leases of the one before void: raises WrongUse when there is another.
        """
        ...

    def close(self) -> None:
        """Let go of the database, and of being the worker."""
        ...

    def damage(self) -> str:
        """What the database itself finds wrong with its files; empty where it finds nothing."""
        ...

    def latest(self) -> datetime | None:
        """When the last thing happened to any case."""
        ...

    def record_look(self, at: datetime, who: str, what: str, reason: str) -> None:
        """Put on record that somebody looked at something that is need-to-know."""
        ...

    def acknowledge(self, report: Report, key: str) -> str:
        """Take a report and return its receipt; the same key again returns the same receipt."""
        ...

    def waiting(self, each: int, parties: int, skip: int = 0) -> Sequence[Received]:
        """The oldest `each` reports without a case of each of at most `parties` parties of each
        channel, in order; the first `skip` parties of each channel are left out.
        """
        ...

    def admitted_by(self, since: datetime) -> Mapping[str, int]:
        """Reports that got a case since then, counted by party."""
        ...

    def touched(self, since: datetime) -> Mapping[str, int]:
        """How often ``site:NAME`` and ``ip:ADDRESS`` were let be visited since then."""
        ...

    def standings(self, parties: Sequence[str]) -> Mapping[str, Standing]:
        """What became of what these parties reported."""
        ...

    def report_of(self, receipt: str) -> ReportStatus | None:
        """What became of a report."""
        ...

    def untold(self, most: int) -> Sequence[ReportStatus]:
        """Reports whose reporter is to be told something, the oldest first."""
        ...

    def tell(self, status: ReportStatus, what: str, notice: Notice | None, now: datetime) -> bool:
        """Queue a message to a reporter, once for each `what`; False if it was queued before.

        None where their address was erased: then nothing leaves, and it counts as told.
        """
        ...

    def open_for(self, site: str) -> int | None:
        """The number of the case of a site that is not over."""
        ...

    def assign(
        self,
        received: Received,
        site: str,
        decide: Callable[[Case | None], Move],
        now: datetime,
        touches: Sequence[str] = (),
        pace: str | None = None,
    ) -> int:
        """Open a case for a report (`decide` is given None), or join the one that is open.

        `touches` is what it leads to, to be counted by `touched`; cases with the same `pace` are
        not stepped one right after the other.

        Returns its number.
        """
        ...

    def journal(self, number: int) -> Sequence[tuple[Event, str]]:
        """The events of a case with their digests, in order. Raises WrongUse for no such case."""
        ...

    def numbers(self) -> Sequence[int]:
        """Numbers of all cases."""
        ...

    def listed(
        self, states: Sequence[State], after: int, most: int, site: str | None = None
    ) -> Sequence[Listed]:
        """Cases in these states (none given: in any), from the number after `after` on."""
        ...

    def counts(self) -> Mapping[State, int]:
        """How many cases there are in each state."""
        ...

    def due(self, now: datetime) -> Lease | None:
        """The case whose step is most overdue, leased; None if nothing is due.

        Of cases with the same pace, one after the other.
        """
        ...

    def lease(self, number: int) -> Lease:
        """The right to step a certain case. Raises WrongUse when somebody else has it."""
        ...

    def renew(self, lease: Lease) -> bool:
        """Begin the time of a lease anew; False if it is stale."""
        ...

    def commit(self, lease: Lease, move: Move, now: datetime) -> bool:
        """Event, next time and messages, together; False if the lease was stale."""
        ...

    def add(self, number: int, step: int, move: Move, now: datetime) -> bool:
        """What came from outside, without a lease; False if the case has moved on from `step`.

        Whoever has the lease finds it stale.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give a lease back, and nothing else."""
        ...

    def wait(self, lease: Lease, until: datetime | None) -> None:
        """Give a lease back: nothing is due until then; None: until somebody else does something."""
        ...

    def next_due(self) -> datetime | None:
        """When the next case or message is due."""
        ...

    def reference(self, number: int) -> str:
        """The case's name outside the house: unguessable, short."""
        ...

    def by_reference(self, reference: str) -> int | None:
        """The case with this name."""
        ...

    def person(self, mail: str) -> str:
        """The identifier of a mailbox's owner, whose address is encrypted under a key of its own."""
        ...

    def mailbox(self, person: str) -> str:
        """Their address. Raises WrongUse if it was erased."""
        ...

    def earlier(self, mails: Sequence[str]) -> Sequence[Earlier]:
        """What became of the last message to each of these mailboxes, where there was one.

        Nobody is remembered for having been asked about.
        """
        ...

    def reached(self, person: str, how: Reached, now: datetime) -> None:
        """Put down what became of the last message to somebody, as it turns out later."""
        ...

    def seal_for(self, person: str, content: bytes) -> bytes:
        """Encrypt under a person's key."""
        ...

    def erase(self, person: str) -> None:
        """Destroy a person's key: what was encrypted under it is gone."""
        ...

    def join_kin(self, number: int, identities: Sequence[str]) -> Sequence[int]:
        """Remember what the owner of a case's site is known by (keyed hashes).

        Returns the other cases that share any of it, the oldest first; what very many share joins
        nobody.
        """
        ...

    def over_since(self, what: retention.Clock, before: datetime, most: int) -> Sequence[int]:
        """Cases that were over before then, and of which this was not erased; none under a hold."""
        ...

    def persons_of(self, number: int, what: retention.Clock) -> Sequence[str]:
        """Persons whom this case alone still needs, as reporters or as contacts."""
        ...

    def forget(
        self,
        number: int,
        what: retention.Clock,
        move: Move,
        persons: Sequence[str],
        now: datetime,
    ) -> None:
        """Destroy these persons' keys, and put that on record in the case, together."""
        ...

    def take_bundle(self, now: datetime) -> Bundle | None:
        """What may leave next, for one person, marked as leaving."""
        ...

    def settle(self, sent: Bundle, posted: Posted, now: datetime) -> None:
        """Record what became of a bundle, with the events of its cases, together."""
        ...

    def end_interrupted(self, now: datetime) -> int:
        """Record as uncertain what a worker that is gone was sending; how many messages."""
        ...

    def noticed(self, message_id: str) -> Noticed | None:
        """The message with this identifier."""
        ...

    def noticed_by(self, reference: str, notice: int) -> Noticed | None:
        """A message by its case's name, in capitals or not, and its number there."""
        ...

    def together(self, key: str) -> Sequence[Noticed]:
        """The messages that left as one with this one, itself among them; none for no such key."""
        ...

    def record_mail(self, mail: Mailed, content: bytes) -> bool:
        """Keep a message that came in (`content` sealed); False if it was kept before."""
        ...

    def mailroom(self, most: int, outcome: str | None = None) -> Sequence[Mailed]:
        """What came in, the newest first."""
        ...

    def mail_named(self, begins: str) -> tuple[Mailed, bytes | None] | None:
        """The one message whose digest begins so, and its content in clear.

        None for no such message, or several; no content where none was kept, its time is over, or
        the key of whoever sent it was destroyed.
        """
        ...


class Queue(Protocol):
    """Hands due steps to workers, of which there may be many, on many machines."""

    def dispatch(self, now: datetime) -> int:
        """Lease what is due and put it into the queue, together; how many."""
        ...

    async def serve(self, take: Callable[[Lease], Awaitable[None]], at_once: int) -> None:
        """Take from the queue until cancelled, so many at once."""
        ...


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why, in harmless words."""

    path: str
    reason: str


class SystemFiles(Protocol):
    """A machine's own files, read and never written. Paths are absolute, as on that machine."""

    def glob(self, pattern: str) -> Sequence[str]:
        """The files that fit an absolute pattern, in order; no more than a bounded number."""
        ...

    def real(self, path: str) -> str:
        """Where a path leads, links followed; itself where it leads out of the machine."""
        ...

    def read(self, path: str, limit: int) -> bytes | Unread:
        """At most `limit` bytes of a plain file."""
        ...


class Logs(Protocol):
    """A web server's logs, read and never written."""

    def names(self) -> Sequence[str]:
        """Its files, the oldest of each series first."""
        ...

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of one file, inflated, without their ends; each read begins anew.

        A line past a bound comes cut. A broken file ends early: see `unread`.
        """
        ...

    def unread(self) -> Sequence[Unread]:
        """What could not be read so far, or not to its end."""
        ...


class Database(Protocol):
    """A site's own database, read and never written. Everything raises WrongUse where it fails."""

    def tables(self) -> Sequence[Table]:
        """Its tables, with columns and keys."""
        ...

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table, one after the other, as they are stored."""
        ...

    def routines(self) -> Sequence[Routine]:
        """Triggers, procedures, functions and events."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value of one row to be another. Turned round it undoes itself."""

    table: str
    key: tuple[tuple[str, Value], ...]
    """Columns and values that name exactly one row."""
    column: str
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stored program that was taken out, and the statement that brings it back."""

    kind: RoutineKind
    name: str
    create: bytes
    sql_mode: str = ""
    """Under which MySQL made it; it is made anew under the same."""


class DatabaseMend(Protocol):
    """Changes to a site's database, each in a transaction of its own, each with its undoing.

    Raises WrongUse, and then has changed nothing.
    """

    def replace(self, change: ValueChange) -> ValueChange:
        """Change one value if it still is the old one; returns what undoes it."""
        ...

    def saved(self, routine: Routine) -> Dropped:
        """What would bring a stored program back: to be kept before it is dropped."""
        ...

    def drop(self, saved: Dropped) -> Dropped:
        """Drop a stored program if it still is as it was saved; returns what undoes it."""
        ...

    def create(self, dropped: Dropped) -> None:
        """Bring back what was dropped."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An ordinary file below a root, as it was when it was looked at."""

    path: str
    """Relative to the root, with ``/``; undecodable bytes as surrogates (``os.fsdecode``)."""
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    mode: int
    """Permission bits and kind, as ``st_mode``."""
    uid: int
    gid: int

    def __reduce__(self) -> tuple[type["Entry"], tuple[Any, ...]]:
        """Each file's goes from one process to another and back: so that is three times faster."""
        return Entry, (
            *(self.path, self.size, self.mtime_ns, self.ctime_ns, self.inode),
            *(self.device, self.mode, self.uid, self.gid),
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not read, and why. A value: a scan goes on."""

    path: str
    code: str
    """Stable, to be counted: ``unreadable``, ``link``, ``special``, ``too-deep``, ``changed``..."""
    text: str
    """For people: one line, harmless."""


class Accounts(Protocol):
    """Who the customers are, and where their sites lie."""

    def read(self) -> Iterator[Account | Refused]:
        """Every account, as it stands there. Raises WrongUse where it cannot be read."""
        ...


class Reports(Protocol):
    """The folder of a run that reports on many customers; one run has it at a time.

    Names are of files in it, safe ones. Everything raises WrongUse where it cannot be written.
    """

    def records(self) -> Sequence[Data]:
        """What the run before put on record, in order."""
        ...

    def begin(self, *, keep: bool) -> None:
        """Begin a record: behind what is there (`keep`), or anew."""
        ...

    def record(self, data: Data) -> None:
        """Put on record that something is done; it survives the end of the process."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """A file that is there whole, and durable, or as it was."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file as it is there; None for none."""
        ...

    def remove(self, name: str) -> None:
        """A file that is of the past."""
        ...

    def close(self) -> None:
        """Let go of the folder."""
        ...


class Tree(Protocol):
    """A folder that is scanned. Nothing outside of it is ever opened."""

    def walk(self) -> Iterator[Entry | Skipped]:
        """Every ordinary file below the root, in an order that is the same each time."""
        ...

    def read(self, entry: Entry, limit: int) -> bytes | Skipped:
        """The first `limit` bytes of a file; Skipped where it is no longer the one looked at."""
        ...

    def chunks(self, entry: Entry, limit: int) -> Iterator[bytes]:
        """The first `limit` bytes piece by piece; ends early where they cannot be read."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is an ordinary file with this relative path."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Releases(Protocol):
    """What the releases have that a site was made from."""

    def content(self, path: str) -> bytes | None:
        """The released file that belongs at this path below the root; None where none is known."""
        ...

    def is_released(self, path: str, content: bytes) -> bool:
        """Whether this, byte for byte, is what belongs at this path: digests alone can say that."""
        ...


class CannotMend(Exception):
    """One step of a repair is refused, or failed; what it was about is as it was.

    The message is one harmless line that says why, and what a person can do.
    """


@dataclass(frozen=True, slots=True)
class Original:
    """All that is known of a file beside its content, so that it can be put back."""

    sha256: str
    size: int
    mode: int
    """As ``st_mode``."""
    uid: int
    gid: int
    atime_ns: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    links: int
    """Names that this file has: the others are elsewhere."""
    xattrs: tuple[tuple[str, bytes], ...] = ()
    """Access lists among them."""


class Mender(Protocol):
    """Files below one root, which nothing that it does leaves. Raises CannotMend alone.

    What a method returned from is on the disk.
    """

    def look(self, path: str) -> tuple[Original, bytes] | None:
        """A file, and its content; None where there is nothing under this name."""
        ...

    def draft_for(self, path: str) -> str:
        """A new name beside a file, under which its next content is written first."""
        ...

    def replace(
        self, path: str, old: Original | None, like: Original, content: bytes, draft: str
    ) -> str:
        """Put `content` in the place of `old` (None: of nothing) at once, with owner, mode and
        attributes of `like`, and its times if the content is its own; refuses where something
        else than `old` is there. Returns what could not be kept as it was, for people.
        """
        ...

    def remove(self, path: str, old: Original) -> None:
        """Take `old` away; refuses where something else is there."""
        ...

    def discard(self, path: str, draft: str) -> None:
        """Take a draft away that was left when we were killed."""
        ...


class DatabaseMender(Protocol):
    """Rows and triggers that a scan found, in a database that may be written. Raises CannotMend.

    A step names a row or trigger by its `path`, as the findings do.
    """

    def plan(self, finding: Finding) -> Repair | None:
        """The step that mends what a finding shows; None where it is about no database."""
        ...

    def original(self, repair: Repair) -> bytes:
        """All that is needed to put it back, in a form of the mender's own."""
        ...

    def digest(self, repair: Repair, original: bytes) -> str:
        """SHA-256 of what is there now, as `Repair.sha256` has it; empty where nothing is."""
        ...

    def mend(self, repair: Repair) -> None:
        """Do the step, in one transaction."""
        ...

    def put_back(self, repair: Repair, original: bytes) -> None:
        """Undo the step, in one transaction."""
        ...


class RepairJournal(Protocol):
    """What was done to one root: append-only, each record chained to the one before.

    It is a folder that its owner alone reads, never below a root.

    What a method returned from is on the disk. Raises WrongUse where it cannot be written, or
    was changed.
    """

    name: str
    """Its folder, for people."""

    def records(self) -> Sequence[Data]:
        """Every record, oldest first, after the chain was checked."""
        ...

    def write(self, record: Data) -> None:
        """Add a record."""
        ...

    def keep(self, content: bytes) -> str:
        """Keep an original; its SHA-256, by which `kept` finds it."""
        ...

    def add(self, name: str, content: bytes) -> None:
        """A file of this name beside the records."""
        ...

    def kept(self, sha256: str) -> bytes:
        """An original; raises WrongUse where it is missing or was changed."""
        ...

    def close(self) -> None:
        """Let go of it."""


class KnownGood(Protocol):
    """Upstream releases, by digest."""

    def holds(self, release: Release) -> bool:
        """Whether it has this version: else it cannot say what is missing or different."""
        ...

    def standing(self, release: Release, path: str, digests: Digests) -> KnownFile:
        """How a file at this place of an installed product stands to its releases."""
        ...

    def newest(self, product: str) -> str:
        """The newest version of a product that it has; empty where it has none."""
        ...

    def anywhere(self, digests: Digests) -> KnownFile:
        """`ELSEWHERE` where some release has this file at any place; else `UNKNOWN`."""
        ...

    def content(self, release: Release, path: str) -> bytes | None:
        """The file as it was released, where the store keeps its bytes."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


LookUp = tuple[bytes, Sequence[Finding]]
"""A key of a content, and what was found in it."""


class FolderMemory(Protocol):
    """What earlier scans of one folder found."""

    def recall(self, entry: Entry) -> list[Finding] | None:
        """What a file gave that still stands there as it did; None if it is to be looked at."""
        ...

    def note(self, entry: Entry, found: Sequence[Finding]) -> None:
        """Remember what a file gave."""
        ...

    def learn(self, verdicts: Sequence[LookUp]) -> None:
        """Remember verdicts on contents, for whatever folder has them."""
        ...

    def forget_all_but(self, paths: Iterable[str]) -> None:
        """Of files that are gone nothing is kept."""
        ...

    def keep(self) -> None:
        """Make everything noted so far durable."""
        ...


class ScanMemory(Protocol):
    """What earlier scans found. A help, never a must: what it lost is scanned again."""

    def folder(self, path: str, context: bytes, prefix: str) -> FolderMemory:
        """What is known of a folder. What was noted under another context is forgotten."""
        ...

    def verdict(self, key: bytes) -> list[Finding] | None:
        """Findings of a content that was judged before, wherever it stood."""
        ...

    def close(self) -> None:
        """Keep what was noted, and let go."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door of the house, for casework, jobs and the lab."""

    transport: Transport
    resolver: Resolver
    clock: Clock
    cases: CaseStore
    directory: Directory
    mail: Mail
    files: Files
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that lies in a mailbox."""

    name: str
    """Its own in that mailbox."""
    size: int
    """Bytes of the whole."""
    content: bytes
    """All of it; its beginning where it is too big to be held."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """What could not be asked of a mail server, and why, in harmless words."""

    reason: str


class Inbox(Protocol):
    """A mailbox that answers come to. What fails is a value."""

    def next(self) -> Arrived | Unreached | None:
        """The oldest message that was not brought yet; None when there is no more."""
        ...

    def done(self, arrived: Arrived, *, refused: bool) -> Unreached | None:
        """Put away a message that is safe elsewhere: it is not brought again."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that a mail server hands over, and its envelope."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    """Empty where it is too big to be held."""
    size: int


class MailHost(Protocol):
    """Takes mail from a mail server. A message is its own once `keeps` said so."""

    def wants(self, recipient: str) -> bool:
        """Whether a mailbox is here."""
        ...

    def keeps(self, handed: Handed) -> bool:
        """Keep a message for good; False: not now, hand it over again later."""
        ...


class Registry(Protocol):
    """What registries say of a domain or an address (RDAP)."""

    async def domain(self, name: str) -> object | Failure:
        """The answer for a registrable domain, as its JSON has it; for `parse.rdap`."""
        ...

    async def network(self, address: IpAddress) -> object | Failure:
        """The answer for the network of an address."""
        ...


class Records(Protocol):
    """The domain name system, beyond addresses."""

    async def look_up(self, name: str, kind: str) -> Sequence[str] | Failure:
        """Records of a kind (``MX``) in presentation form; none where there are none."""
        ...


class Networks(Protocol):
    """Where addresses are announced from, by databases on this machine."""

    def origin(self, address: IpAddress) -> tuple[Origin, str] | Failure:
        """What is known of an address, and by which files."""
        ...


class Certificates(Protocol):
    """Certificates that servers show."""

    async def shown(self, host: str, address: IpAddress, port: int) -> tuple[bytes, bool] | Failure:
        """The certificate (DER) at an address that the guard has passed, and whether an authority
        vouches for it.
        """
        ...
