"""What is said of a site, given what its visitors saw."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.visits import (
    BOT,
    DESKTOP,
    DIRECT,
    DIRECT_PHONE,
    HOME,
    PHONE,
    REPORTED,
    RETURN,
    fails,
    leaves,
    look,
    stays,
)
from unhijack.assess.conditions import conditions
from unhijack.assess.isolate import MOST_OF_ONE, next_personas
from unhijack.assess.pages import VIEWS
from unhijack.assess.rulings import RULINGS, rule
from unhijack.assess.signals import Look, subject_of, variations
from unhijack.core.condition import Condition
from unhijack.core.evidence import (
    Cause,
    Device,
    Failure,
    FailureKind,
    Jar,
    Origin,
    Persona,
    Script,
    Via,
    Visit,
)
from unhijack.core.verdict import Ruling

GATE = Script(None, would_decide=True)
PLAIN = Script(None, would_decide=False)


CHECK = (PHONE, DESKTOP, DIRECT, RETURN, BOT)


def checked(away: Callable[[Persona], bool], *first: Persona, **more: str) -> Look:
    """The plan of a check and what isolation asks for, at a site that sends such visitors away."""
    url = more.get("url", HOME)
    made: list[Visit] = []
    wanted: Sequence[Persona] = (*first, *CHECK)
    while wanted:
        made += [(leaves if away(persona) else stays)(persona, url=url) for persona in wanted]
        wanted = next_personas(look(*made, **more))[:1]
    return look(*made, **more)


def loaded(host: str) -> Script:
    return Script(host, would_decide=False)


def test_a_site_where_everybody_stays_is_clean_and_says_how_much_that_is_worth():
    verdict = rule(look(*map(stays, (PHONE, DESKTOP, DIRECT, RETURN, BOT))))

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.bound is not None
    assert verdict.bound.visits == 4, "the crawler is no visitor"
    assert verdict.bound.rate_below == pytest.approx(3 / 4)
    assert "scripts were not run" in verdict.bound.not_covered


def test_search_visitors_sent_away_and_others_not_is_hijacked_with_that_condition():
    verdict = rule(checked(lambda p: p.origin is Origin.SEARCH))

    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.conditions == ("comes from a search engine",)
    assert verdict.confidence > 0.9
    assert [reason.code for reason in verdict.reasons] == ["differs", "contrast"]
    assert verdict.reasons[0].visit == 1, "the visit that shows it"
    assert verdict.reasons[1].visit == 3, "the visit that it is compared with"


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        pytest.param(lambda p: p.device is Device.PHONE, ("uses a phone",), id="phones"),
        pytest.param(
            lambda p: p.device is Device.PHONE and p.origin is Origin.SEARCH,
            ("comes from a search engine", "uses a phone"),
            id="phones from a search engine",
        ),
        pytest.param(
            lambda p: p.origin is Origin.SEARCH and p.jar is Jar.FRESH,
            ("comes from a search engine", "visits for the first time"),
            id="first visits",
        ),
        pytest.param(
            lambda p: p.jar is Jar.FRESH, ("visits for the first time",), id="anybody's first visit"
        ),
        pytest.param(
            lambda p: p.origin is Origin.SEARCH and p.jar is Jar.RETURNING,
            ("comes from a search engine", "has visited the site before (with its cookies)"),
            id="second visits",
        ),
        pytest.param(
            lambda p: p.device is Device.BOT, ("is a search engine's crawler",), id="crawlers alone"
        ),
        pytest.param(
            lambda p: p.device is not Device.BOT,
            ("is not a search engine's crawler",),
            id="everybody but crawlers",
        ),
    ],
)
def test_the_condition_is_what_two_visits_differ_in(
    away: Callable[[Persona], bool], expected: tuple[str, ...]
):
    seen = checked(away)
    verdict = rule(seen)

    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.conditions == expected
    assert verdict.confidence == 0.97
    assert len(seen.visits) <= 5 + 16


def test_a_redirect_at_some_visits_takes_many_who_never_see_it():
    lucky = [leaves(PHONE), stays(PHONE), leaves(PHONE), leaves(DESKTOP), stays(DIRECT)]

    few = rule(look(*lucky, stays(DIRECT_PHONE)))
    many = rule(look(*lucky, *[leaves(PHONE)] * 2, *[stays(DIRECT_PHONE)] * 12))

    assert few.ruling is Ruling.SUSPICIOUS
    assert few.reasons[0].code == "at-some-visits"
    assert many.ruling is Ruling.HIJACKED
    assert many.conditions == (
        "comes from a search engine",
        "is sent away at some visits only (4 of 5)",
    )


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_a_site_that_draws_lots_is_hardly_ever_called_hijacked(rate: float):
    dice = random.Random(f"{rate}")
    accused = 0
    for _ in range(500):
        made: list[Visit] = []

        def comes(persona: Persona, made: list[Visit] = made) -> None:
            made.append((leaves if dice.random() < rate else stays)(persona))

        for persona in CHECK:
            comes(persona)
        for _ in range(16):
            wanted = next_personas(look(*made))
            if wanted:
                comes(wanted[0])
        accused += rule(look(*made)).ruling is Ruling.HIJACKED

    assert accused <= 10, "one in fifty"


def test_the_reporters_way_is_named_when_it_is_the_only_one_that_is_sent_away():
    seen = checked(
        lambda p: p.origin is Origin.REPORTED,
        REPORTED,
        arrival="follows a link from forum[.]example",
    )

    assert conditions(seen) == (Condition("link-from", ("forum[.]example",)),)


@pytest.mark.parametrize("device", [Device.PHONE, Device.DESKTOP])
def test_a_reporter_who_comes_first_does_not_stand_in_the_way_of_isolation(device: Device):
    """Once the reporter's visits, which say little of search visitors, were repeated instead."""
    reporters = (REPORTED, Persona(Origin.REPORTED, Device.DESKTOP))
    verdict = rule(checked(lambda p: p.device is device, *reporters))

    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.confidence == 0.97


def test_what_everybody_sees_alike_is_no_guilt():
    moved = [leaves(p, "http://new-name.example/") for p in (PHONE, DESKTOP, DIRECT, RETURN, BOT)]

    verdict = rule(look(*moved))

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.reasons[0].code == "same-for-everyone"
    assert verdict.bound is None, "nothing of the site itself was seen"


def test_everybody_sent_away_but_to_different_sites_is_not_alike():
    verdict = rule(
        look(
            leaves(PHONE, "http://a.example/"), leaves(DESKTOP, "http://b.example/"), leaves(DIRECT)
        )
    )

    assert verdict.ruling is Ruling.SUSPICIOUS
    assert verdict.reasons[0].code == "no-contrast"


@pytest.mark.parametrize("kind", [FailureKind.LOOP, FailureKind.HOPS, FailureKind.GUARD])
def test_everybody_sent_to_where_nothing_ends_is_not_an_owner_who_moved(kind: FailureKind):
    def lost(persona: Persona) -> Visit:
        made = leaves(persona, "http://a.example/")
        end = replace(made.hops[-1], failure=Failure(kind, "why"))
        return replace(made, hops=(*made.hops[:-1], end))

    verdict = rule(look(*map(lost, (PHONE, DESKTOP, DIRECT))))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert verdict.reasons[0].code == "led-nowhere"


def test_a_site_under_its_other_suffix_is_its_own():
    verdict = rule(
        look(
            leaves(PHONE, "https://bakery.example/"),
            stays(DIRECT),
            leaves(PHONE, "https://bakery.example/"),
        )
    )

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.reasons[0].code == "same-name"


def test_a_lookalike_that_only_searchers_are_sent_to_is_suspected():
    verdict = rule(
        look(
            leaves(PHONE, "https://bakery.example/"),
            stays(DIRECT),
            stays(DIRECT_PHONE),
            leaves(PHONE, "https://bakery.example/"),
        )
    )

    assert verdict.ruling is Ruling.SUSPICIOUS
    assert verdict.reasons[0].code == "same-name-for-some"


def by_script(persona: Persona, when: str) -> Visit:
    made = leaves(persona, "http://hop.example/in", via=Via.SCRIPT)
    return replace(made, hops=(made.hops[0], replace(made.hops[1], cause=Cause(None, "", when))))


@pytest.mark.parametrize(
    ("when", "ruling", "code"),
    [
        ("load", Ruling.CLEAN, "same-for-everyone"),
        ("timer", Ruling.CLEAN, "same-for-everyone"),
        ("click", Ruling.SUSPICIOUS, "taken-away"),
        ("back", Ruling.SUSPICIOUS, "taken-away"),
    ],
)
def test_who_moved_house_does_not_wait_for_a_click(when: str, ruling: Ruling, code: str):
    verdict = rule(look(*(by_script(one, when) for one in (PHONE, DESKTOP, DIRECT, RETURN))))

    assert (verdict.ruling, verdict.reasons[0].code) == (ruling, code)


def sent_by(persona: Persona, host: str | None, *, looks: bool) -> Visit:
    made = by_script(persona, "load")
    away = replace(made.hops[1], cause=Cause(host, "", "load"))
    page = stays(persona, scripts=[Script(None, looks)]).page
    return replace(made, hops=(made.hops[0], away), page=page)


@pytest.mark.parametrize(
    ("host", "looks", "code"),
    [
        (None, False, "same-for-everyone"),
        ("bakery.test", False, "same-for-everyone"),
        (None, True, "script-decides"),
        ("cdn.widget.example", False, "sent-by-third-party"),
    ],
)
def test_a_house_that_moved_looks_at_nobody_and_moves_itself(
    host: str | None,
    looks: bool,  # noqa: FBT001 - a parameter of the test
    code: str,
):
    everybody = (sent_by(one, host, looks=looks) for one in (PHONE, DESKTOP, DIRECT, RETURN))

    assert rule(look(*everybody)).reasons[0].code == code


def test_signing_in_again_is_no_proof():
    target = "http://login.idp.example/silent?return_to=http%3A%2F%2Fbakery.test%2F"
    direct = DIRECT.returning()
    everybody = (leaves(RETURN, target), leaves(direct, target), stays(DIRECT), stays(PHONE))
    verdict = rule(look(*everybody))
    assert (verdict.ruling, verdict.reasons[0].code) == (Ruling.SUSPICIOUS, "hand-over")

    hidden = rule(look(leaves(RETURN, target), leaves(RETURN, target), stays(direct), stays(PHONE)))
    assert hidden.reasons[0].code != "hand-over"


@pytest.mark.parametrize(
    "query",
    [
        "out?u=http://hop.example/in",
        "out?u=http%3A%2F%2Fhop.example%2Fin",
        "out?u=http%253A%252F%252Fhop.example%252Fin",
        "out?u=aHR0cDovL2hvcC5leGFtcGxlL2lu",
        "hop.example/in",
    ],
)
def test_an_address_that_carries_its_target_frames_nobody(query: str):
    url = f"http://bakery.test/{query}"
    seen = look(
        leaves(PHONE, "http://hop.example/in", url=url),
        stays(DIRECT, url=url),
        leaves(PHONE, "http://hop.example/in", url=url),
        url=url,
    )

    verdict = rule(seen)

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.reasons[0].code == "open-redirect"


def test_an_address_that_carries_another_name_excuses_nothing():
    url = "http://bakery.test/?utm_source=newsletter.example"
    seen = checked(lambda p: p.origin is Origin.SEARCH, url=url)

    assert rule(seen).ruling is Ruling.HIJACKED


def test_sent_away_once_and_never_again_is_a_sign_and_no_proof():
    verdict = rule(look(leaves(PHONE), stays(DESKTOP), stays(DIRECT), stays(PHONE), stays(PHONE)))

    assert verdict.ruling is Ruling.SUSPICIOUS
    assert verdict.reasons[0].code == "seen-once"


def test_a_script_that_would_decide_is_suspicious_since_it_was_not_run():
    verdict = rule(look(stays(PHONE, scripts=[PLAIN, GATE]), stays(DIRECT)))

    assert verdict.ruling is Ruling.SUSPICIOUS
    assert verdict.reasons[0].code == "script-not-run"


def test_a_strange_script_for_search_visitors_alone_is_suspicious():
    strange = [loaded("cdn.example"), loaded("strange.test")]
    few = [
        stays(PHONE, scripts=strange),
        stays(DESKTOP, scripts=strange),
        stays(DIRECT, scripts=strange[:1]),
    ]
    assert rule(look(*few)).ruling is Ruling.CLEAN, "networks of adverts take turns"
    assert next_personas(look(*few)) == (DIRECT,)

    verdict = rule(look(*few, *[few[2], few[0]] * (VIEWS // 2 - 1)))

    assert verdict.ruling is Ruling.SUSPICIOUS
    assert verdict.reasons[0].code == "script-for-some"
    assert "strange[.]test" in verdict.reasons[0].text


def test_adverts_that_change_at_every_view_accuse_nobody():
    verdict = rule(
        look(
            stays(PHONE, scripts=[loaded("ad1.example")]),
            stays(DESKTOP, scripts=[loaded("ad2.example")]),
            stays(DIRECT, scripts=[loaded("ad3.test")]),
            stays(RETURN, scripts=[loaded("ad4.test")]),
        )
    )

    assert verdict.ruling is Ruling.CLEAN


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (stays(DESKTOP, status=403), "kept-out"),
        (stays(DESKTOP, status=503), "kept-out"),
        (fails(DESKTOP, FailureKind.TIME), "visit-failed"),
        (stays(DESKTOP, truncated=True), "page-too-large"),
    ],
)
def test_a_person_who_was_kept_out_leaves_it_open(visit: Visit, code: str):
    verdict = rule(look(stays(PHONE), visit, stays(DIRECT)))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert verdict.reasons[0].code == code
    assert verdict.error


def test_a_crawler_that_was_kept_out_is_only_not_covered():
    verdict = rule(look(stays(PHONE), stays(DIRECT), stays(BOT, status=403)))

    assert verdict.ruling is Ruling.CLEAN
    assert verdict.bound is not None
    assert "a search engine's crawler" in verdict.bound.not_covered


@pytest.mark.parametrize(
    ("kind", "ruling"),
    [
        (FailureKind.NAME, Ruling.UNREACHABLE),
        (FailureKind.LOOKUP, Ruling.UNREACHABLE),
        (FailureKind.GUARD, Ruling.UNREACHABLE),
        (FailureKind.CONNECT, Ruling.UNREACHABLE),
        (FailureKind.TLS, Ruling.UNREACHABLE),
        (FailureKind.TIME, Ruling.UNREACHABLE),
        (FailureKind.LOOP, Ruling.INCONCLUSIVE),
        (FailureKind.HOPS, Ruling.INCONCLUSIVE),
        (FailureKind.SIZE, Ruling.INCONCLUSIVE),
        (FailureKind.PROTOCOL, Ruling.INCONCLUSIVE),
        (FailureKind.TARGET, Ruling.INCONCLUSIVE),
        (FailureKind.BUDGET, Ruling.INCONCLUSIVE),
    ],
)
def test_every_failure_has_its_ruling_and_its_error(kind: FailureKind, ruling: Ruling):
    verdict = rule(look(fails(PHONE, kind, "why"), fails(DESKTOP, kind, "why")))

    assert verdict.ruling is ruling
    assert verdict.error == "why"


def test_a_redirect_is_isolated_by_changing_one_thing_at_a_time():
    wanted = next_personas(look(leaves(PHONE), leaves(DESKTOP), stays(DIRECT), stays(BOT)))

    assert wanted == (PHONE, PHONE, DIRECT_PHONE, RETURN)
    for persona in variations(PHONE):
        differences = sum(
            getattr(persona, name) != getattr(PHONE, name) for name in ("origin", "device", "jar")
        )
        assert differences == 1 or persona == BOT


def test_nobody_is_sent_again_where_nobody_was_sent_away_or_everybody_was():
    assert next_personas(look(stays(PHONE), stays(DIRECT))) == ()
    assert next_personas(look(leaves(PHONE), leaves(DIRECT))) == ()


def test_isolation_explains_the_plainest_of_those_who_were_sent_away():
    assert subject_of(look(leaves(REPORTED), leaves(RETURN), leaves(DESKTOP))) == DESKTOP


personas = st.builds(
    Persona, st.sampled_from(Origin), st.sampled_from(Device), st.sampled_from(Jar)
)
visits = st.one_of(
    st.builds(stays, personas, status=st.integers(100, 599), truncated=st.booleans()),
    st.builds(leaves, personas, st.sampled_from(["http://a.example/x", "https://b.test/"])),
    st.builds(fails, personas, st.sampled_from(FailureKind)),
)


@given(st.lists(visits, min_size=1, max_size=12))
@settings(max_examples=300)
def test_every_set_of_visits_has_a_verdict_that_holds_together(made: list[Visit]):
    seen = look(*made)
    verdict = rule(seen)

    assert 0 <= verdict.confidence <= 1
    assert verdict.reasons
    if verdict.ruling is Ruling.HIJACKED:
        assert len(seen.left) > 1, "one redirect is no proof"
        assert seen.stayed, "without contrast nobody is called hijacked"
    if verdict.ruling.open:
        assert verdict.error
    if verdict.bound is not None:
        assert not seen.left


@given(st.lists(visits, min_size=1, max_size=8))
def test_isolation_comes_to_an_end(made: list[Visit]):
    for _ in range(3 * MOST_OF_ONE):
        wanted = next_personas(look(*made))
        if not wanted:
            return
        made = [*made, stays(wanted[0])]
    assert not next_personas(look(*made))


def test_the_last_ruling_always_holds():
    assert RULINGS[-1](look(fails(PHONE, FailureKind.TIME))) is not None


IPHONE, APP = replace(PHONE, device=Device.IPHONE), Persona(Origin.SOCIAL, Device.APP)


@pytest.mark.parametrize(
    ("device", "who", "whom"),
    [
        (Device.IPHONE, IPHONE, "uses an iPhone"),
        (Device.APP, APP, "uses the browser inside a social network's app"),
    ],
)
def test_a_gate_for_a_rarer_device_is_isolated(device: Device, who: Persona, whom: str):
    verdict = rule(checked(lambda p: p.device is device, *CHECK, who))

    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.conditions == (whom,)


def test_a_gate_for_all_phones_is_no_gate_for_androids():
    phones = (Device.PHONE, Device.IPHONE, Device.APP)
    verdict = rule(checked(lambda p: p.device in phones, *CHECK, IPHONE, APP))

    assert verdict.ruling is Ruling.HIJACKED
    assert verdict.conditions == ("uses a phone",)


def test_who_did_not_visit_is_named_as_not_covered():
    short, long = (
        rule(look(stays(PHONE))).bound,
        rule(look(*map(stays, (PHONE, IPHONE, APP)))).bound,
    )
    assert short
    assert long
    assert "iPhones" in short.not_covered
    assert not {"iPhones", "browsers inside the apps of social networks"} & set(long.not_covered)
