"""What a simulated country hides from those who measure it: who reads, who mends, what comes back.

No site, owner or hoster of this is real. The rates are of the size that published studies saw:

- without a notice 13 % are clean after one day and 45 % after sixteen, with a detailed one 32 % and
  62 %, and a minimal one does as much as none (Vasek and Moore 2012);
- a part of those who get a notice ever sees it, and of those who do not all act (Stock et al. 2016);
- one claim of being clean in five is untrue, and 12 % are hijacked again within 30 days (Li et al. 2016).
"""

import random
from dataclasses import dataclass
from math import exp, log

NATURAL_SHAPE = log(log(1 - 0.45) / log(1 - 0.13)) / log(16)
NATURAL_RATE = -log(1 - 0.13)
"""Of the natural clean-up: the share that is left after t days is exp(-rate * t ** shape)."""
RELAPSE_A_DAY = -log(1 - 0.12) / 30
ACTS = {"full": 0.75, "minimal": 0.03}
"""Of those who have a notice for certain, by its detail."""
ENGLISH = 0.8
"""How much less often a notice is read that is not in the reader's language."""
MENDS_WITHIN = 1.0
"""Days, in the mean, from reading to mending."""
READS_WITHIN = 0.4
LATEST_READING = 7.0
CLAIMS_TRUE = 0.8
"""Of those who mended: they say so."""
CLAIMS_FALSELY = 0.2
"""Of those who read and did not mend."""
DISPUTES = 0.03
OWNER_READS = 0.32
OWNER_BOUNCES = 0.15
DELAY_DAYS = 8
LEVELS = {
    "detail": ("full", "minimal"),
    "language": ("own", "english"),
    "sender": ("cert", "police"),
}
"""What is drawn by lot. The sender makes no difference here."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A simulated hoster's abuse desk."""

    name: str
    reads: float
    bounces: float


DESKS = tuple(
    Desk(f"SIMULATED-NET-{number}", reads, bounces)
    for number, (reads, bounces) in enumerate(
        (
            (0.45, 0.0),
            (0.35, 0.02),
            (0.3, 0.05),
            (0.25, 0.05),
            (0.2, 0.1),
            (0.15, 0.1),
            (0.1, 0.3),
            (0.02, 0.5),
        ),
        1,
    )
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody does about a notice; days from when it was sent."""

    bounces: bool = False
    reads: float | None = None
    """When the proof comes that they have it."""
    mends: float | None = None
    claims: float | None = None
    """When they say that it is clean, true or not."""
    disputes: bool = False
    """Their answer says that we are wrong."""


def natural_days(dice: random.Random) -> float:
    """When a site is mended that nobody was told of."""
    return float((-log(1 - dice.random()) / NATURAL_RATE) ** (1 / NATURAL_SHAPE))


def relapse_days(dice: random.Random) -> float:
    """How long a clean site stays clean."""
    return dice.expovariate(RELAPSE_A_DAY)


def react(dice: random.Random, reads: float, bounces: float, arms: dict[str, str]) -> Reaction:
    """One person and one notice."""
    if dice.random() < bounces:
        return Reaction(bounces=True)
    if dice.random() >= reads * (ENGLISH if arms.get("language") == "english" else 1.0):
        return Reaction()
    read = min(dice.expovariate(1 / READS_WITHIN), LATEST_READING)
    if dice.random() < ACTS[arms.get("detail", "full")]:
        mends = read + dice.expovariate(1 / MENDS_WITHIN)
        claims = mends + dice.uniform(0.01, 0.1) if dice.random() < CLAIMS_TRUE else None
        return Reaction(reads=read, mends=mends, claims=claims)
    if dice.random() < CLAIMS_FALSELY:
        return Reaction(reads=read, claims=read + dice.uniform(0.1, 1.5))
    return Reaction(reads=read, disputes=dice.random() < DISPUTES)


def natural_share(day: float) -> float:
    """Share mended by a day where nobody is told."""
    return 1 - exp(-NATURAL_RATE * day**NATURAL_SHAPE)
