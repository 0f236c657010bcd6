"""The streets: one site a kind, each doing what its name says, nothing live."""

import re

import pytest

from tests.lab.visitors import BOT, DESKTOP, FORUM, PHONE, SEARCH, sent_to
from unhijack.lab.plots import Plot, Reach, Street, respond
from unhijack.lab.street import hijacked_street, honest_street
from unhijack.lab.town import plan_town
from unhijack.lab.wire import TownRequest, TownResponse

STREETS = (honest_street, hijacked_street)
TOWN_OF_SEED_1 = [
    ("vet-practice-gerber.test", "moved"),
    ("roofing-ahrens.test", "plain"),
    ("bakery-ahrens.test", "plain"),
    ("riding-club-grant.test", "scripts"),
]


def ask(street: Street, plot: Plot, agent: str, referrer: str = "", serial: int = 0, **more: str):
    headers = {"user-agent": agent, **{k.replace("_", "-"): v for k, v in more.items()}}
    if referrer:
        headers["referer"] = referrer
    return respond(street, TownRequest(plot.host, plot.trait.start, headers, serial=serial))


def plot_of(street: Street, kind: str) -> Plot:
    return next(plot for plot in street.plots if plot.kind == kind)


def everybody() -> list[tuple[str, str]]:
    return [(agent, ref) for agent in (PHONE, DESKTOP, BOT) for ref in ("", SEARCH, FORUM)]


def test_the_honest_street_has_sixty_kinds_and_more_each_once():
    street = honest_street(1)

    assert len(street.plots) == len({plot.kind for plot in street.plots}) >= 60
    assert {plot.trait.reach for plot in street.plots} <= {Reach.CHECK, Reach.THOROUGH}


@pytest.mark.parametrize("plan", STREETS)
def test_the_seed_decides_everything(plan):
    assert plan(3) == plan(3)
    assert plan(3) != plan(4)


def test_the_streets_do_not_move_the_town():
    """Written down once: the demo and its figures rest on seed 1."""
    town = plan_town(1, 20, 5)

    assert [(site.host, str(site.kind)) for site in town.sites][:4] == TOWN_OF_SEED_1


@pytest.mark.parametrize("plan", STREETS)
def test_nothing_in_any_answer_leaves_the_reserved_names(plan):
    street = plan(2)
    for plot in street.plots:
        for agent, referrer in everybody():
            answer = ask(street, plot, agent, referrer)
            text = answer.body.decode() + repr(answer.headers)
            for named in re.findall(r"//([a-z0-9.-]+)", text):
                assert named.endswith((".test", ".example")), (plot.kind, named)
            for forbidden in ("eval(", "atob(", "base64", "fromCharCode", "data:", "<?php"):
                assert forbidden not in text


def test_the_language_twin_looks_at_the_language_and_at_nothing_else():
    street = honest_street(1)
    plot = plot_of(street, "language-twin")

    def answers(language: str) -> set[TownResponse]:
        return {ask(street, plot, *who, accept_language=language) for who in everybody()}

    assert len(answers("en-US,en;q=0.9")) == len(answers("de")) == 1
    assert sent_to(ask(street, plot, PHONE, accept_language="en")) == f"http://{plot.other}/"


@pytest.mark.parametrize("kind", ["app-store", "mobile-twin", "mobile-linked"])
def test_what_honest_sites_do_to_phones_does_not_depend_on_the_referrer(kind: str):
    street = honest_street(1)
    plot = plot_of(street, kind)

    assert sent_to(ask(street, plot, PHONE)) == sent_to(ask(street, plot, PHONE, SEARCH))
    assert sent_to(ask(street, plot, PHONE)) is not None
    assert sent_to(ask(street, plot, DESKTOP, SEARCH)) is None


@pytest.mark.parametrize("plot", hijacked_street(1).plots, ids=lambda plot: plot.kind)
def test_every_hideout_shows_somebody_a_clean_page(plot: Plot):
    street = hijacked_street(1)
    plot = plot_of(street, plot.kind)
    serials = range(12) if plot.kind == "one-in-three" else (0,)

    seen = {sent_to(ask(street, plot, *who, serial=n)) for who in everybody() for n in serials}
    seen.add(sent_to(ask(street, plot, DESKTOP, cookie="been=1")))

    assert None in seen
