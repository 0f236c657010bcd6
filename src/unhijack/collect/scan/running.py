"""Scripts whose aim reading does not show: run in the sandbox, as the outside-in tier runs them.

A script off the disk is laid into an empty page of a site that cannot exist. Two visitors look at
it: one who comes from a search engine with a phone, and one who comes directly, at a desk.
"""

from dataclasses import dataclass

from unhijack.collect.personas import browser_of
from unhijack.core.evidence import Device, is_offsite
from unhijack.core.site import NotAnAddress, parse_address, site_of
from unhijack.core.text import defang
from unhijack.parse.html import read_page
from unhijack.parse.job import ScriptedPage
from unhijack.parse.libraries import Libraries
from unhijack.parse.plain.marks import Mark
from unhijack.parse.scripts import Answer, Load, page_scripts
from unhijack.ports import Sandbox

HOME = "site.invalid"
ADDRESS = f"http://{HOME}/page"
SCRIPT = f"http://{HOME}/it.js"
SEARCH = "https://www.google.com/"
NOON = 1_767_268_800_000
"""A moment like any other: noon of a working day, in milliseconds."""
_EMPTY_PAGE = '<!doctype html><html><head><script src="/it.js"></script></head><body></body></html>'


@dataclass(frozen=True, slots=True)
class Runner:
    """What runs scripts for a scan."""

    sandbox: Sandbox
    libraries: Libraries

    async def marks(self, content: bytes, *, is_script: bool, own: frozenset[str]) -> list[Mark]:
        """A mark where a script sends visitors off the site. Never raises for what it does."""
        text = content.decode("utf-8", "replace")
        searcher = await self._aims(text, Device.PHONE, SEARCH, is_script=is_script)
        direct = await self._aims(text, Device.DESKTOP, "", is_script=is_script)
        hosts = [host for host in searcher if site_of(host) not in own]
        chosen = [host for host in hosts if host not in direct]
        if chosen:
            return [
                _mark(
                    content, "script-run-chosen", 0.92, "a visitor from a search engine", chosen[0]
                )
            ]
        if hosts:
            return [_mark(content, "script-run-away", 0.6, "its visitors", hosts[0])]
        return []

    async def _aims(
        self, text: str, device: Device, referrer: str, *, is_script: bool
    ) -> list[str]:
        """Hosts off the site that a visitor is sent to."""
        html = _EMPTY_PAGE if is_script else text
        parts = read_page(html.encode("utf-8", "replace"), b"text/html; charset=utf-8")
        browser = browser_of(device)
        page = ScriptedPage(ADDRESS, HOME, html, parts, referrer, "", browser, NOON, 1)
        steps = page_scripts(page, self.libraries)
        answer: Answer = None
        while True:
            try:
                ask = steps.send(answer)
            except StopIteration as stop:
                intents = stop.value.intents
                break
            if isinstance(ask, Load):
                answer = text if is_script and ask.url == SCRIPT else None
            else:
                answer = await self.sandbox.run(ask.job.content)
        hosts = []
        for intent in intents:
            if intent.wrong is None:
                try:
                    host = parse_address(intent.target).host
                except NotAnAddress:
                    continue
                if is_offsite(host, HOME):
                    hosts.append(host)
        return hosts


def _mark(content: bytes, rule: str, confidence: float, whom: str, host: str) -> Mark:
    reason = f"run in a sandbox, it sends {whom} to {defang(host)}"
    return Mark(rule, "redirect", confidence, reason, 0, min(len(content), 200))
