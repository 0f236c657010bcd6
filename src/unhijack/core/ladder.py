"""Who is told next, and when: owner and hoster together, then whoever stands above them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from unhijack.core.case import Case, Kind, Move, State
from unhijack.core.contact import RFC2142
from unhijack.core.data import Data
from unhijack.core.notice import Stage

RUNGS = (("owner", "hoster"), ("registrar",), ("cert",), ("authority",))
"""Roles that are told together, one after the other. Beyond the first, an analyst lets each out."""
MOST_WAVES = 2
"""How often, in one round, other mailboxes of the same people are turned to."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How long each rung has to act; settable for each country."""

    waits: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=72), timedelta(days=7))
    acknowledged: timedelta = timedelta(days=7)
    """For somebody who has answered."""
    fresh: timedelta = timedelta(hours=24)
    """How old the last look may be when somebody beyond the hoster is told."""

    def deadline(self, case: Case, now: datetime) -> datetime | None:
        """When those who are told now must have acted; None where nobody stands above them."""
        return now + self.waits[case.rung] if case.rung < len(self.waits) else None

    def due_at(self, case: Case) -> datetime | None:
        """When those who were told last must have acted; None where nobody was.

        It runs from when the message left, a day's batch or a mail server that was away
        notwithstanding; and not while the case was held or disputed.
        """
        said = case.said_in_round()
        if not said:
            return None
        told_at = max(one.left_at or one.at for one in said if one.at == said[-1].at)
        since = max(told_at, case.went_on_at or told_at)
        if case.state is State.ACKNOWLEDGED:
            return since + self.acknowledged
        return since + self.waits[min(case.rung, len(self.waits) - 1)]

    def is_fresh(self, case: Case, now: datetime) -> bool:
        """Whether it was seen to send visitors away not long ago."""
        return case.confirmed_at is not None and now - case.confirmed_at <= self.fresh


def roles_of(rung: int) -> tuple[str, ...]:
    """Who is told on a rung."""
    return RUNGS[rung] if rung < len(RUNGS) else ()


def recipients(case: Case) -> tuple[Data, ...]:
    """Whom to tell now: of each role of the rung the best contact who was not told in this round.

    One who was told and may have it is left in peace until the next wave. Whom an analyst named is
    told in any case; mailboxes that were guessed, only where nobody else can be reached.
    """
    said = case.said_in_round()
    told = {one.person for one in said}
    chosen: list[Data] = []
    for role in roles_of(case.rung):
        lost = {one.person for one in said if one.stage is Stage.BOUNCED}
        known = [one for one in case.contacts if one["role"] == role]
        if any(one["source"] != RFC2142 and one["person"] not in lost for one in known):
            known = [one for one in known if one["source"] != RFC2142]
        mine = [one for one in known if one["person"] not in told]
        named = [one for one in mine if one["source"] == "analyst"]
        hopes = sum(one.role == role and one.stage is not Stage.BOUNCED for one in said)
        received = any(one.role == role and one.stage is Stage.RECEIVED for one in said)
        wanted = not received and hopes <= case.wave
        chosen += named[:1] or (mine[:1] if wanted else [])
    once = {one["person"]: one for one in reversed(chosen)}
    return tuple(reversed(once.values()))


def above(case: Case) -> int | None:
    """The next rung on which somebody is known; None if there is none."""
    roles = {str(one["role"]) for one in case.contacts}
    return next((n for n in range(case.rung + 1, len(RUNGS)) if roles & set(RUNGS[n])), None)


def climb(case: Case, now: datetime) -> Move | None:
    """Whose turn it is when time is up: another mailbox of the same people, or the next rung.

    None where nobody is left to be told.
    """
    if case.wave < MOST_WAVES and recipients(_widened(case)):
        return _escalated(case.rung, case.wave + 1, now)
    rung = above(case)
    return None if rung is None else _escalated(rung, 0, now)


def bounced(case: Case, now: datetime) -> Move | None:
    """What follows when a message did not arrive: the channel changes; None: there is no other."""
    if recipients(case):
        return _escalated(case.rung, case.wave, now)
    return climb(case, now) if case.state is State.BOUNCED else None


def _widened(case: Case) -> Case:
    return replace(case, wave=case.wave + 1)


def _escalated(rung: int, wave: int, now: datetime) -> Move:
    return Move(Kind.ESCALATED, {"rung": rung, "wave": wave, "roles": list(roles_of(rung))}, now)
