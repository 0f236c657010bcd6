"""A visit on the script tier: what is loaded, from whom, and where it leads."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.visits import DESKTOP, PHONE, look, stays
from tests.support.wire import Page, Web, header, moved, page, probe_of, run
from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.assess.rulings import rule
from unhijack.casework.examine import examine
from unhijack.casework.plans import plan_for
from unhijack.collect.jar import Jar as CookieJar
from unhijack.collect.pages import PageCache
from unhijack.collect.probe import Budget, Errand, Probe, visit
from unhijack.collect.scripts import Scripts
from unhijack.collect.view import View
from unhijack.core.evidence import Failure, FailureKind, Script, Via, Visit
from unhijack.core.site import parse_address
from unhijack.core.verdict import Ruling, Verdict
from unhijack.parse.libraries import Libraries
from unhijack.ports import Limits, Response
from unhijack.wiring.sandbox import stub_dom

HOME = "http://shop.test/"
BAD = "http://bad.example/x"
GATE = b"<script>if (/google/.test(document.referrer)) location = 'http://bad.example/x'</script>"
ONWARD = (
    b"<script>if (/shop.test/.test(document.referrer)) location = 'http://bad.example/x'</script>"
)


class Ends:
    """A sandbox in which every script ends its process."""

    async def run(self, job: bytes) -> bytes | Failure:
        return Failure(FailureKind.SCRIPT, "its scripts ended the process that ran them")

    async def close(self) -> None:
        pass


def script(text: str, kind: bytes = b"text/javascript") -> Page:
    return lambda request: Response(200, (("content-type", kind),), text.encode())


def go(web: Web, *, limits: Limits | None = None, sweep: bool = False) -> Visit:
    async def one() -> Visit:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        try:
            probe = replace(probe_of(web, limits=limits), scripts=Scripts(sandbox, Libraries()))
            errand = Errand(parse_address(HOME), PHONE, stop_at_border=sweep)
            jar, pages = CookieJar(), PageCache("shop.test")
            return (await visit(probe, errand, 1, jar, pages, Budget(probe.limits))).visit
        finally:
            await sandbox.close()

    return run(one())


def verdict_on(web: Web, sandbox: object = None) -> Verdict:
    async def one() -> Verdict:
        inner = Ends() if sandbox else V8Sandbox(stub_dom(), workers=1)
        try:
            probe: Probe = replace(probe_of(web), scripts=Scripts(inner, Libraries()))
            address, plan = parse_address(HOME), plan_for("check", ())
            done = await examine(probe, address, (), plan, Budget(probe.limits), lambda text: text)
            return done.verdict
        finally:
            await inner.close()

    return run(one())


def test_a_script_leads_off_the_site_and_is_followed_by_headers_alone():
    web = Web({HOME: page(GATE), BAD: moved("http://end.example/")})

    made = go(web)

    assert [hop.host for hop in made.hops] == ["shop.test", "bad.example", "end.example"]
    assert made.hops[1].via is Via.SCRIPT
    assert made.hops[1].cause is not None
    assert made.hops[2].cause is None
    assert [request.read_page for request in web.asked] == [True, False, False]
    assert header(web.asked[1], "referer") == HOME


def test_a_sweep_contacts_nothing_that_a_script_leads_to():
    web = Web({HOME: page(GATE)})
    made = go(web, sweep=True)
    assert web.urls == [HOME]
    assert made.left_for is not None
    assert made.left_for.cause is not None


def test_scripts_are_asked_for_as_a_browser_does_and_nothing_else_is():
    body = b"<script src=/a.js></script><script src=//cdn.test/b.js></script><img src=/c.jpg>"
    web = Web(
        {
            HOME: page(body),
            f"{HOME}a.js": script("new Image().src = '//pixel.test/p.gif'; fetch('//api.test/')"),
            "http://cdn.test/b.js": moved("http://edge.test/b.js"),
            "http://edge.test/b.js": script(f"location = '{BAD}'"),
        }
    )

    made = go(web)

    assert set(web.urls) == {
        HOME,
        f"{HOME}a.js",
        "http://cdn.test/b.js",
        "http://edge.test/b.js",
        BAD,
    }
    scripts = [request for request in web.asked if request.address.href.endswith(".js")]
    assert all(request.read_script and not request.read_page for request in scripts)
    assert all(header(request, "accept") == "*/*" for request in scripts)
    assert made.hops[1].cause is not None
    assert made.hops[1].cause.host == "cdn.test"


def test_a_script_where_none_may_be_asked_is_not_loaded():
    web = Web({HOME: page(b"<script src=http://inner.test/a.js></script>")})
    web = replace(web, names={"inner.test": ["127.0.0.1"]})

    made = go(web)

    assert web.urls == [HOME]
    assert made.failure is None
    assert made.page is not None
    assert made.page.cut is not None, "what it would have done is not known"


@pytest.mark.parametrize(
    "answer",
    [
        Failure(FailureKind.TIME, "no complete answer in 15 s"),
        Failure(FailureKind.CONNECT, "refused the connection"),
        Response(403, (), None),
        Response(429, (), None),
        Response(503, (), None),
        Response(200, (("content-type", b"text/html"),), None),
        Response(200, (("content-type", b"text/javascript"),), b"1", truncated=True),
        Response(302, (("location", b"http://cdn.test/a.js"),), None),
    ],
)
def test_a_page_whose_script_cannot_be_had_is_never_clean(answer: Response | Failure):
    body = b"<script src=//cdn.test/a.js></script>"
    web = Web({HOME: page(body), "http://cdn.test/a.js": lambda request: answer})

    verdict = verdict_on(web)

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert verdict.reasons[0].code == "script-cut-short"
    assert "cdn[.]test could not be loaded" in verdict.reasons[0].text


@pytest.mark.parametrize(
    "answer",
    [Response(404, (), None), Response(410, (), None), Response(204, (), None)],
)
def test_a_script_that_is_gone_for_everybody_is_no_loss(answer: Response):
    body = b"<script src=//cdn.test/a.js></script><script src=//nowhere.test/b.js></script>"
    web = Web({HOME: page(body), "http://cdn.test/a.js": lambda request: answer})
    assert verdict_on(web).ruling is Ruling.CLEAN


def test_a_script_of_the_site_may_come_under_any_type_of_text():
    web = Web({HOME: page(b"<script src=/a.js></script><script src=//cdn.test/b.js></script>")})
    go(web)
    asked = {request.address.host: request.any_text for request in web.asked if request.read_script}
    assert asked == {"shop.test": True, "cdn.test": False}


def test_a_page_that_scripts_move_within_the_site_is_read_too():
    pages = {HOME: page(b"<script>location = '/start'</script>"), f"{HOME}start": page(ONWARD)}
    made = go(Web(pages))
    assert [hop.host for hop in made.hops] == ["shop.test", "shop.test", "bad.example"]


def test_pages_that_send_each_other_round_end():
    pages = {
        HOME: page(b"<script>location = '/b'</script>"),
        f"{HOME}b": page(b"<script>location = '/'</script>"),
    }
    made = go(Web(pages))
    assert len(made.hops) == 2
    assert made.failure is None


def test_a_gate_in_a_script_is_a_hijacking():
    verdict = verdict_on(Web({HOME: page(GATE)}))
    assert verdict.ruling is Ruling.HIJACKED
    assert any("search engine" in text for text in verdict.conditions)


def test_a_third_party_is_named():
    web = Web(
        {
            HOME: page(b"<script src=//ads.test/a.js></script>"),
            "http://ads.test/a.js": script(f"if (document.referrer) location = '{BAD}'"),
        }
    )
    verdict = verdict_on(web)
    (reason,) = [reason for reason in verdict.reasons if reason.code == "third-party-script"]
    assert "ads[.]test" in reason.text


def test_an_honest_page_is_clean_and_its_scripts_were_run():
    verdict = verdict_on(Web({HOME: page(b"<script>document.title = 'Bread'</script>")}))
    assert verdict.ruling is Ruling.CLEAN
    assert verdict.bound is not None
    assert "scripts were not run" not in verdict.bound.not_covered


def test_scripts_that_were_cut_short_are_never_clean():
    verdict = verdict_on(Web({HOME: page(b"<script>1</script>")}), "ends")
    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert verdict.reasons[0].code == "script-cut-short"


def test_a_gate_that_was_cut_short_is_suspicious():
    visits = [stays(who, scripts=[Script(None, would_decide=True)]) for who in (PHONE, DESKTOP)]
    cut = [replace(one, page=replace(one.page, ran=True, cut="late")) for one in visits if one.page]
    assert rule(look(*cut)).ruling is Ruling.SUSPICIOUS


class Counts:
    """A sandbox that counts."""

    def __init__(self) -> None:
        self.inner = V8Sandbox(stub_dom(), workers=1)
        self.jobs = 0

    async def run(self, job: bytes) -> bytes | Failure:
        self.jobs += 1
        return await self.inner.run(job)

    async def close(self) -> None:
        await self.inner.close()


def runs_of(script: str, *views: dict[str, Any]) -> tuple[int, list[bool]]:
    """How many runs it took, and for which visits there was somewhere to go."""

    async def one() -> tuple[int, list[bool]]:
        sandbox = Counts()
        tier = Scripts(sandbox, Libraries())
        body = f"<script>{script}</script>".encode()
        answer = Response(200, (("content-type", b"text/html"),), body)
        went = []
        try:
            for number, more in enumerate(views):
                view = replace(
                    View(HOME, "shop.test", answer, "", "", PHONE, number, number), **more
                )
                went.append(bool((await tier.run(view, nothing)).intents))
        finally:
            await tier.close()
        return sandbox.jobs, went

    return run(one())


async def nothing(url: str) -> Response | Failure | None:
    return None


GO = f"location = '{BAD}'"


@pytest.mark.parametrize(
    ("script", "views", "runs", "went"),
    [
        (GO, [{}, {}, {"referrer": "https://www.google.com/"}, {"cookie": "a=1"}], 1, [True] * 4),
        ("if (document.referrer) " + GO, [{}, {}, {"referrer": "http://a.test/"}], 2, [False, False, True]),
        ("if (document.cookie) " + GO, [{}, {"cookie": "a=1"}, {}], 2, [False, True, False]),
        ("if (history.length > 2) " + GO, [{}, {"referrer": "http://a.test/"}], 2, [False, True]),
        ("if (Date.now() % 2) " + GO, [{}, {}, {}], 3, [True, False, True]),
        ("if (performance.timeOrigin % 2) " + GO, [{}, {}], 2, [False, True]),
        ("if (performance.now() >= 0) " + GO, [{}, {}], 1, [True, True]),
        ("if (Math.random() >= 0) " + GO, [{}, {}], 2, [True, True]),
        ("crypto.getRandomValues(new Uint8Array(1)); " + GO, [{}, {}], 2, [True, True]),
        ("if (innerWidth > 1000) " + GO, [{}, {"persona": DESKTOP}, {}], 2, [False, True, False]),
        ("document.addEventListener('click', () => { if (document.referrer) " + GO + " })",
         [{}, {"referrer": "http://a.test/"}], 2, [False, True]),
    ],
)  # fmt: skip
def test_what_was_seen_once_is_not_run_again_unless_the_page_may_tell(
    script: str, views: list[dict[str, Any]], runs: int, went: list[bool]
):
    assert runs_of(script, *views) == (runs, went)


def test_what_was_cut_short_is_run_again():
    assert runs_of("for (;;);", {}, {})[0] == 2
