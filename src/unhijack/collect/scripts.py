"""Drives `parse.scripts`: loads what it asks for, and has run what it wants run, in the sandbox."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from unhijack.collect.personas import browser_of
from unhijack.collect.view import Loader, View
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.text import printable
from unhijack.parse.charset import as_utf8
from unhijack.parse.html import PageParts, read_page
from unhijack.parse.intents import Ran
from unhijack.parse.job import Job, ScriptedPage
from unhijack.parse.libraries import Libraries
from unhijack.parse.scripts import Answer, Load, addresses_of, page_scripts
from unhijack.parse.trace import read_trace
from unhijack.ports import Response, Sandbox, first_header

MOST_JOBS = 256
"""Jobs whose traces are remembered."""
MOST_RUNS = 12
"""Traces of one job, each for visits that differ in what its page looked at."""
MOST_KEPT = 16 * 1024
"""Bytes of a trace that is remembered."""
MOST_PAGES = 16

AT_ONCE = 6
"""Scripts of one page that are loaded at the same time, as browsers do."""

_GONE = frozenset({404, 410})
_EMPTY = frozenset({204, 205})
_REFUSED = re.compile(rb"\s*(?:image|audio|video)/|\s*text/csv\b", re.IGNORECASE)
"""Types of which no browser runs a script (Fetch standard, blocked by MIME type)."""
_CHARSET = re.compile(rb"charset\s*=\s*\"?([\w-]{1,40})", re.IGNORECASE)


class Memory:
    """What was found for one visit and holds for the next.

    A page's scripts take the same course for two visitors who differ in nothing that the page
    looked at: its time, its dice and its browser are ours, so it has nothing else to go by.
    """

    __slots__ = ("_pages", "_runs")

    def __init__(self) -> None:
        self._runs: OrderedDict[bytes, list[tuple[dict[str, object], bytes]]] = OrderedDict()
        self._pages: OrderedDict[bytes, tuple[str, PageParts]] = OrderedDict()

    def recall(self, job: Job) -> bytes | None:
        """The trace that this job would have; None where that is not known."""
        for looked, trace in self._runs.get(job.same, ()):
            if all(job.visit[name] == value for name, value in looked.items()):
                return trace
        return None

    def keep(self, job: Job, content: bytes) -> None:
        """Remember a trace, unless it was cut short: another run may come further."""
        trace = read_trace(content) if len(content) <= MOST_KEPT else None
        if trace is None or trace.cut:
            return
        runs = self._runs.setdefault(job.same, [])
        if len(runs) < MOST_RUNS:
            runs.append(({name: job.visit[name] for name in trace.looked}, content))
        self._runs.move_to_end(job.same)
        if len(self._runs) > MOST_JOBS:
            self._runs.popitem(last=False)

    def page(self, response: Response) -> tuple[str, PageParts]:
        """A page's text and parts, read once for those who get the same."""
        body = response.body or b""
        kind = first_header(response.headers, "content-type")
        digest = hashlib.sha256((kind or b"") + b"\0" + body).digest()
        found = self._pages.get(digest)
        if found is None:
            text = as_utf8(body, kind).decode("utf-8", "replace")
            found = self._pages[digest] = (text, read_page(body, kind))
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return found


@dataclass(frozen=True, slots=True)
class Scripts:
    """The script tier of a probe."""

    sandbox: Sandbox
    libraries: Libraries
    memory: Memory = field(default_factory=Memory)

    async def run(self, view: View, load: Loader) -> Ran:
        """Run a page's scripts. Never raises for anything that they do."""
        page = self._page(view)
        texts = await _load_all(addresses_of(page), load)
        steps = page_scripts(page, self.libraries)
        answer: Answer = None
        while True:
            try:
                ask = steps.send(answer)
            except StopIteration as stop:
                ran: Ran = stop.value
                return ran
            if not isinstance(ask, Load):
                answer = await self._trace(ask.job)
            elif ask.url in texts:
                answer = texts[ask.url]
            else:
                answer = texts[ask.url] = _text(await load(ask.url))

    async def _trace(self, job: Job) -> bytes | Failure:
        """What the sandbox says, or has said of a job that comes to the same."""
        known = self.memory.recall(job)
        if known is not None:
            return known
        found = await self.sandbox.run(job.content)
        if isinstance(found, bytes):
            self.memory.keep(job, found)
        return found

    def _page(self, view: View) -> ScriptedPage:
        html, parts = self.memory.page(view.response)
        return ScriptedPage(
            view.url,
            view.home,
            html,
            parts,
            view.referrer,
            view.cookie,
            browser_of(view.persona.device, view.persona.language),
            view.now,
            view.number,
        )

    async def close(self) -> None:
        """End the sandbox."""
        await self.sandbox.close()


async def _load_all(urls: tuple[str, ...], load: Loader) -> dict[str, str | Failure | None]:
    found: dict[str, str | Failure | None] = {}
    places = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> None:
        async with places:
            found[url] = _text(await load(url))

    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(one(url))
    return found


def _text(answer: Response | Failure | None) -> str | Failure | None:
    """The text of a script; None where nobody would get one.

    One that was not read to its end would be another script.
    """
    if isinstance(answer, Failure):
        return None if answer.kind is FailureKind.NAME else answer
    if answer is None or answer.status in _GONE:
        return None
    if answer.status in _EMPTY:
        return ""
    if not 200 <= answer.status < 300:
        return Failure(FailureKind.SCRIPT, f"it was answered with status {answer.status}")
    if answer.body is None:
        kind = first_header(answer.headers, "content-type") or b""
        if _REFUSED.match(kind):
            return None
        shown = printable(kind.partition(b";")[0].decode("latin-1").strip(), 60)
        return Failure(FailureKind.SCRIPT, f"it says that it is {shown or 'no script'}")
    if answer.truncated:
        return Failure(FailureKind.SIZE, "it is too large")
    named = _CHARSET.search(first_header(answer.headers, "content-type") or b"")
    try:
        return answer.body.decode(named[1].decode() if named else "utf-8", "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")
