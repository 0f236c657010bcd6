"""A triage of many sites: two visits each, nothing off the site is contacted."""

from collections.abc import Callable, Iterable, Sequence

from unhijack.casework.examine import Examination, examine
from unhijack.casework.plans import plan_for
from unhijack.collect.probe import Budget, Probe
from unhijack.core.site import Address
from unhijack.jobs.pool import for_each

AT_ONCE = 32
"""Sites that are visited at the same time."""


async def sweep(
    probe: Probe, addresses: Iterable[Address], keyed_hash: Callable[[str], str]
) -> Sequence[Examination]:
    """Which of these sites deserve a check. The verdicts are no proof."""
    budget = Budget(probe.limits)
    plan = plan_for("sweep", ())
    found: list[Examination] = []

    async def triage(address: Address) -> None:
        found.append(await examine(probe, address, (), plan, budget, keyed_hash))

    await for_each(addresses, triage, AT_ONCE)
    return found
