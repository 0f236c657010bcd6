"""Pages whose scripts are run for a test: loaded from a dictionary, in the real sandbox."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache

from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.collect.personas import browser_of
from unhijack.core.data import Json
from unhijack.core.evidence import Device, Failure
from unhijack.parse.html import read_page
from unhijack.parse.intents import Ran
from unhijack.parse.job import ScriptedPage
from unhijack.parse.libraries import Libraries
from unhijack.parse.scripts import Answer, Load, page_scripts
from unhijack.wiring.sandbox import stub_dom

URL = "http://shop.example/"
SEARCH = "https://www.google.com/"
NOW = 1_772_438_400_000
NONE = Libraries()


def scripted(
    html: str,
    *,
    url: str = URL,
    referrer: str = SEARCH,
    device: Device = Device.PHONE,
    cookie: str = "",
    seed: int = 1,
) -> ScriptedPage:
    """A page as one visitor looks at it."""
    parts = read_page(html.encode(), b"text/html; charset=utf-8")
    browser = browser_of(device)
    return ScriptedPage(url, "shop.example", html, parts, referrer, cookie, browser, NOW, seed)


def ran_all(
    pages: Sequence[ScriptedPage],
    scripts: Mapping[str, str | Failure] | None = None,
    libraries: Libraries = NONE,
) -> list[Ran]:
    """Run each page, one after the other."""

    async def run() -> list[Ran]:
        sandbox = V8Sandbox(_stub(), workers=1)
        try:
            return [await _one(sandbox, page, scripts or {}, libraries) for page in pages]
        finally:
            await sandbox.close()

    return asyncio.run(run())


def ran(html: str, scripts: Mapping[str, str | Failure] | None = None) -> Ran:
    """Run one page, as a phone that comes from a search."""
    (only,) = ran_all([scripted(html)], scripts)
    return only


async def _one(
    sandbox: V8Sandbox,
    page: ScriptedPage,
    scripts: Mapping[str, str | Failure],
    libraries: Libraries,
) -> Ran:
    steps = page_scripts(page, libraries)
    answer: Answer = None
    while True:
        try:
            ask = steps.send(answer)
        except StopIteration as stop:
            done: Ran = stop.value
            return done
        answer = (
            scripts.get(ask.url) if isinstance(ask, Load) else await sandbox.run(ask.job.content)
        )


def shown(done: Ran) -> dict[str, Json]:
    """What came of a run, as an expectation has it."""
    return {
        "cut": done.cut,
        "intents": [
            {"target": one.target, "via": str(one.via), "when": one.cause.when}
            for one in done.intents
        ],
    }


@cache
def _stub() -> str:
    return stub_dom()
