"""What became of a case: one record, from which everything is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from unhijack.core.arms import CONTROL

UNKNOWN = "unknown"


class Left(StrEnum):
    """Why a case is left out: it is counted, and nothing else."""

    UNPROVEN = "no redirect was seen"
    NOT_HIJACKED = "not hijacked"
    DUPLICATE = "duplicate"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case whose redirect was seen, and was not taken back since."""

    number: int
    reported: datetime
    verified: datetime
    country: str = UNKNOWN
    hoster: str = UNKNOWN
    campaign: str = UNKNOWN
    """The first distributor that visitors were sent to, defanged: never shown, only compared."""
    language: str = UNKNOWN
    channel: str = UNKNOWN
    detail: str = UNKNOWN
    sender: str = UNKNOWN
    arms: Mapping[str, str] = field(default_factory=dict)
    """What was drawn for it, by factor; empty where nothing was."""
    roles: tuple[str, ...] = ()
    """Who was told, in order."""
    delayed: datetime | None = None
    """When it was drawn into the part that is told later."""
    told: datetime | None = None
    delivered: datetime | None = None
    """When a mail server took the first notice."""
    received: datetime | None = None
    """The first proof that somebody has it: a delivery status, a ticket, an answer, a scan."""
    bounced: bool = False
    """Whether any notice came back."""
    hijacked: datetime | None = None
    """The last look that showed a redirect, before the first clean one."""
    clean: datetime | None = None
    """The first look that showed it clean."""
    tested: datetime | None = None
    """The last test that it stood, before it was hijacked again."""
    relapsed: datetime | None = None
    """When it was first found hijacked again."""
    refuted: int = 0
    """Claims of being clean that were untrue."""
    cause: str = UNKNOWN
    """Through what it probably came, by a scan."""
    away_a_day: float | None = None
    """Visitors who were sent away in a day, by the logs that a scan read."""
    hoster_told: bool = False
    hoster_bounced: bool = False
    hoster_received: bool = False

    @property
    def control(self) -> str:
        """``at-once``, ``delayed``; empty where nothing was drawn."""
        return self.arms.get(CONTROL, "")
