"""What became of a case, told by its journal: one record, from which everything is counted.

A site is looked at on planned days and when somebody claims that it is clean. So nobody knows when
it became clean: only that it was between the last look that showed a redirect and the first that
did not. The records keep both ends; `assess.spans` says what is made of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from unhijack.core.case import Case, Event, Kind, State
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.fold import advanced
from unhijack.core.notice import MAIL, NOT_LEFT, About
from unhijack.core.outcome import UNKNOWN, Left, Outcome
from unhijack.core.scan import MOST_AWAY
from unhijack.core.text import defang, printable

_PROOFS = frozenset({Kind.ACKNOWLEDGED, Kind.ASKED, Kind.CLAIMED, Kind.DISPUTED, Kind.SCANNED})
"""What only somebody does who has the notice; a message that was received says so itself."""


@dataclass(slots=True)
class _Reader:
    """What was read of a journal so far, beside the case itself."""

    case: Case
    verified: datetime | None = None
    hijacked: datetime | None = None
    clean: datetime | None = None
    clean_while_held: datetime | None = None
    """Nothing follows from such a look; when the case goes on, it is borne out or not."""
    tested: datetime | None = None
    relapsed: datetime | None = None
    told: datetime | None = None
    delivered: datetime | None = None
    received: datetime | None = None
    bounced: bool = False
    language: str = UNKNOWN
    channel: str = ""
    arms: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    """Of each notice, by its key."""
    hoster_bounced: bool = False
    hoster_received: bool = False
    cause: str = UNKNOWN
    away_a_day: float | None = None

    def read(self, event: Event) -> None:
        before, self.case = self.case, advanced(self.case, event)
        self._note_state(before, event)
        match event.kind:
            case Kind.DELAYED:
                self.arms = _arms(event.data) | self.arms
            case Kind.QUEUED:
                self._note_queued(event)
            case Kind.DELIVERED | Kind.BOUNCED | Kind.RECEIVED if self._role(event):
                self._note_stage(event)
            case Kind.SCANNED:
                self._note_scan(event)
            case _:
                pass
        if event.kind in _PROOFS and self.told is not None:
            self._note_receipt(event, self._role(event) or str(event.data.get("who") or ""))

    def _note_state(self, before: Case, event: Event) -> None:
        after = self.case
        if after.verdict is not None and self.verified is None:
            self.verified = event.at
        if self.verified is None:
            return  # a look that finds nothing tells of no clean-up where no redirect was seen
        if self.clean is None:
            if after.clean:
                self.clean, self.tested = self.clean_while_held or event.at, event.at
            elif after.confirmed_at == event.at or _found_inside(event):
                self.hijacked, self.clean_while_held = event.at, None
            elif after.state is State.HELD and after.examined_at == event.at:
                self.clean_while_held = self.clean_while_held or event.at
        elif self.relapsed is None:
            self.tested = after.tested_at if after.clean else self.tested
            if after.relapses > before.relapses:
                self.relapsed = event.at

    def _note_queued(self, event: Event) -> None:
        if str(event.data.get("about", About.HIJACKED)) != About.HIJACKED:
            return
        notices = objects(event.data.get("notices"))
        for one in notices:
            self.roles[str(one.get("notice"))] = str(one.get("role"))
        if self.told is None:
            self.told = event.at
            self.arms = _arms(event.data) | self.arms
            self.language = next(
                (str(one["language"]) for one in notices if one.get("language")), ""
            )
            self.channel = next(
                (str(one["channel"]) for one in notices if one.get("channel")), MAIL
            )

    def _role(self, event: Event) -> str:
        """Whose notice it is about; empty where it is about none."""
        return self.roles.get(str(event.data.get("notice")), "")

    def _note_stage(self, event: Event) -> None:
        role = self._role(event)
        match event.kind:
            case Kind.DELIVERED:
                self.delivered = self.delivered or event.at
            case Kind.BOUNCED if event.data.get("text") not in NOT_LEFT:
                self.bounced = True
                self.hoster_bounced |= role == "hoster"
            case Kind.BOUNCED:
                pass
            case _:
                self._note_receipt(event, role)

    def _note_receipt(self, event: Event, role: str) -> None:
        self.received = self.received or event.at
        self.hoster_received |= role == "hoster"

    def _note_scan(self, event: Event) -> None:
        if event.data.get("way"):
            self.cause = _word(event.data.get("way"))
        rate = event.data.get("away_a_day")
        if isinstance(rate, int | float) and 0 <= rate <= MOST_AWAY:
            self.away_a_day = float(rate)


def outcome_of(number: int, events: Iterable[Event]) -> Outcome | Left:
    """What became of one case. Keeps nothing of the events."""
    reader = _Reader(Case(number))
    for event in events:
        reader.read(event)
    left = _left(reader.case)
    if left is not None or reader.verified is None or reader.case.opened_at is None:
        return left or Left.UNPROVEN
    case, arms = reader.case, reader.arms
    return Outcome(
        number=number,
        reported=reader.case.opened_at,
        verified=reader.verified,
        country=_word((case.places or {}).get("country")).lower(),
        hoster=_hoster(case),
        campaign=_campaign(case),
        language=_word(arms.get("language") or reader.language),
        channel=_word(arms.get("channel") or reader.channel),
        detail=_word(arms.get("detail")),
        sender=_word(arms.get("sender")),
        arms=arms,
        roles=tuple(dict.fromkeys(reader.roles.values())),
        delayed=case.delayed_at,
        told=reader.told,
        delivered=reader.delivered,
        received=reader.received,
        bounced=reader.bounced,
        hijacked=reader.hijacked,
        clean=reader.clean,
        tested=reader.tested,
        relapsed=reader.relapsed,
        refuted=case.refuted,
        cause=reader.cause,
        away_a_day=reader.away_a_day,
        hoster_told="hoster" in reader.roles.values(),
        hoster_bounced=reader.hoster_bounced,
        hoster_received=reader.hoster_received,
    )


def _left(case: Case) -> Left | None:
    return {
        State.OVERTURNED: Left.OVERTURNED,
        State.DUPLICATE: Left.DUPLICATE,
        State.NOT_HIJACKED: Left.NOT_HIJACKED,
    }.get(case.state)


def _found_inside(event: Event) -> bool:
    return event.kind is Kind.SCANNED and bool(event.data.get("findings"))


def _arms(data: Data) -> dict[str, str]:
    drawn = data.get("arms")
    known = drawn if isinstance(drawn, dict) else {}
    return {_word(name): _word(level) for name, level in known.items()}


def _word(value: Json) -> str:
    """A name out of a journal, harmless and short."""
    return printable(str(value), 60).strip() if value else UNKNOWN


def _hoster(case: Case) -> str:
    """The network's name; where nobody knows it, the pseudonym of the abuse desk."""
    network = (case.places or {}).get("network")
    if network:
        return _word(network)
    desks = [str(one.get("person")) for one in case.contacts if one.get("role") == "hoster"]
    return f"abuse desk {desks[0][:10]}" if desks else UNKNOWN


def _campaign(case: Case) -> str:
    for place in objects((case.verdict or {}).get("destinations"))[:1]:
        hosts = [*items(place.get("via")), place.get("host")]
        return defang(str(hosts[0]), 100)
    return UNKNOWN
