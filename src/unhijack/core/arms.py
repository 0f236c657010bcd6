"""Randomised arms: which of several ways a site's people are told. Pure.

The draw follows from a keyed hash of the case's name, so that it is the same whenever it is made,
and nobody outside can foresee it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from unhijack.core.errors import WrongUse

CONTROL = "control"
"""The factor that says whether a case is told at once or later."""
DETAIL, LANGUAGE, FORM, CHANNEL, SENDER = "detail", "language", "letter", "channel", "sender"
LEVELS: Mapping[str, tuple[str, ...]] = {
    DETAIL: ("full", "minimal"),
    LANGUAGE: ("own", "english", "both"),
    FORM: ("html", "text"),
    CHANNEL: ("mail", "letter"),
    SENDER: (),
}
"""What can be compared, and its levels; senders are whom the operator names. The first of each is
what is done where nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Arms:
    """What is compared."""

    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name, one of `LEVELS`: its levels, drawn alike."""
    delayed: float = 0.0
    """Share of cases that are told later, 0 to 0.5: what happens without a notice."""
    delay: timedelta = timedelta(days=8)


def check_factors(factors: Mapping[str, tuple[str, ...]], senders: Collection[str]) -> None:
    """Raises WrongUse for what would be drawn and change nothing."""
    for name, levels in factors.items():
        if name not in LEVELS:
            raise WrongUse(f"setting arms: {name!r} cannot be compared; {', '.join(LEVELS)} can")
        known = sorted(senders) if name == SENDER else LEVELS[name]
        unknown = [level for level in levels if level not in known]
        if unknown:
            among = ", ".join(known) or "none, as setting senders names nobody"
            raise WrongUse(f"setting arms: {name} has no {unknown[0]!r} (there is: {among})")


def drawn(arms: Arms, reference: str, keyed_hash: Callable[[str], str]) -> Mapping[str, str]:
    """The level of each factor for one case; empty where nothing is compared."""
    levels = {
        name: choices[int(_share(keyed_hash, reference, name) * len(choices))]
        for name, choices in sorted(arms.factors.items())
        if choices
    }
    if arms.delayed > 0:
        late = _share(keyed_hash, reference, CONTROL) < arms.delayed
        levels[CONTROL] = "delayed" if late else "at-once"
    return levels


def _share(keyed_hash: Callable[[str], str], reference: str, name: str) -> float:
    """A number from 0 to below 1."""
    return int(keyed_hash(f"arm {name} {reference}")[:13], 16) / 16**13
