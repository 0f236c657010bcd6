"""The records of all cases, read page by page: a million of them are never held together."""

from collections.abc import Iterator
from datetime import datetime

from unhijack.assess.effects import Tally
from unhijack.assess.outcomes import outcome_of
from unhijack.core.outcome import Left, Outcome
from unhijack.ports import CaseStore

PAGE = 500


def outcomes(cases: CaseStore) -> Iterator[Outcome | Left]:
    """What became of each case, in the order of their numbers."""
    after = 0
    while page := cases.listed((), after, PAGE):
        for listed in page:
            journal = cases.journal(listed.number)
            yield outcome_of(listed.number, (event for event, _ in journal))
        after = page[-1].number


def measure(
    cases: CaseStore,
    tally: Tally,
    since: datetime | None = None,
    until: datetime | None = None,
    country: str = "",
) -> None:
    """Count the cases that were reported in a time, and of one country.

    Cases that are left out are counted where neither is asked for: what they were is not kept.
    """
    for one in outcomes(cases):
        if isinstance(one, Left):
            if since is None and until is None and not country:
                tally.add(one)
        elif _within(one.reported, since, until) and country in ("", one.country):
            tally.add(one)


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)
