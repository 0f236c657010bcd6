"""The two streets that rulings are measured on: one honest, one hijacked."""

from unhijack.lab.hideouts import GATES
from unhijack.lab.honest import answers, moves
from unhijack.lab.plots import Street, plan_street


def honest_street(seed: int) -> Street:
    """One site of each honest kind."""
    return plan_street(seed, moves.TRAITS | answers.TRAITS)


def hijacked_street(seed: int) -> Street:
    """One site for each gate that the town does not have."""
    return plan_street(seed, GATES)
