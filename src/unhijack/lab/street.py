"""The streets that rulings are measured on: honest or hijacked, by wire or by script."""

from unhijack.lab import hideouts, hideouts_more, scripted
from unhijack.lab.honest import answers, custom, moves, scripts
from unhijack.lab.plots import Street, plan_street


def honest_street(seed: int) -> Street:
    """One site of each honest kind."""
    return plan_street(seed, moves.TRAITS | answers.TRAITS | custom.TRAITS)


def hijacked_street(seed: int) -> Street:
    """One site for each gate that the town does not have."""
    return plan_street(seed, hideouts.GATES | hideouts_more.GATES)


def script_street(seed: int, *, hijacked: bool) -> Street:
    """One half of the street that only the script tier can read."""
    return plan_street(seed, scripted.GATES if hijacked else scripts.TRAITS)
