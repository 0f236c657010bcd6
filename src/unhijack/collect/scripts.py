"""Drives `parse.scripts`: loads what it asks for, and has run what it wants run, in the sandbox."""

import asyncio
import re
from dataclasses import dataclass

from unhijack.collect.personas import browser_of
from unhijack.collect.view import Loader, View
from unhijack.core.evidence import Failure, FailureKind
from unhijack.core.text import printable
from unhijack.parse.charset import as_utf8
from unhijack.parse.html import read_page
from unhijack.parse.intents import Ran
from unhijack.parse.job import ScriptedPage
from unhijack.parse.libraries import Libraries
from unhijack.parse.scripts import Answer, Load, addresses_of, page_scripts
from unhijack.ports import Response, Sandbox, first_header

AT_ONCE = 6
"""Scripts of one page that are loaded at the same time, as browsers do."""

_GONE = frozenset({404, 410})
_EMPTY = frozenset({204, 205})
_CHARSET = re.compile(rb"charset\s*=\s*\"?([\w-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scripts:
    """The script tier of a probe."""

    sandbox: Sandbox
    libraries: Libraries

    async def run(self, view: View, load: Loader) -> Ran:
        """Run a page's scripts. Never raises for anything that they do."""
        page = _page(view)
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
                answer = await self.sandbox.run(ask.job)
            elif ask.url in texts:
                answer = texts[ask.url]
            else:
                answer = texts[ask.url] = _text(await load(ask.url))

    async def close(self) -> None:
        """End the sandbox."""
        await self.sandbox.close()


def _page(view: View) -> ScriptedPage:
    body = view.response.body or b""
    kind = first_header(view.response.headers, "content-type")
    return ScriptedPage(
        view.url,
        view.home,
        as_utf8(body, kind).decode("utf-8", "replace"),
        read_page(body, kind),
        view.referrer,
        view.cookie,
        browser_of(view.persona.device, view.persona.language),
        view.now,
        view.number,
    )


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
        shown = printable(kind.partition(b";")[0].decode("latin-1").strip(), 60)
        return Failure(FailureKind.SCRIPT, f"it says that it is {shown or 'no script'}")
    if answer.truncated:
        return Failure(FailureKind.SIZE, "it is too large")
    named = _CHARSET.search(first_header(answer.headers, "content-type") or b"")
    try:
        return answer.body.decode(named[1].decode() if named else "utf-8", "replace")
    except LookupError:
        return answer.body.decode("utf-8", "replace")
