"""A page's scripts, run to know where they send their visitor: a generator that does no I/O.

It asks for scripts to be loaded and for a job to be run, is sent text and trace, and returns what
the scripts wished. A page whose scripts put further scripts into it is run again with those at
hand: its time and its dice are ours, so it takes the same course up to there.
"""

import contextlib
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from unhijack.core.evidence import Cause, Failure, Via, is_offsite
from unhijack.core.site import NotAnAddress, parse_address
from unhijack.core.text import defang
from unhijack.parse.html import ScriptPart, read_page
from unhijack.parse.intents import Intent, Ran
from unhijack.parse.job import Job, ScriptedPage, Source, job_of
from unhijack.parse.libraries import Libraries
from unhijack.parse.modules import as_plain, imports_of
from unhijack.parse.redirects import PATIENCE, document_base, parse_refresh
from unhijack.parse.trace import RawIntent, Trace, read_trace

MOST_LOADED = 60
"""Scripts that are loaded for one page."""
MOST_CHARACTERS = 8 * 1024 * 1024
"""Of all the scripts of one page."""
ROUNDS = 4
"""How often a page is run, at most, until its scripts put no further ones into it."""

_VIAS = {
    "location": Via.SCRIPT,
    "link": Via.SCRIPT,
    "refresh": Via.SCRIPT,
    "form": Via.FORM,
    "open": Via.POPUP,
    "frame": Via.FRAME,
    "worker": Via.WORKER,
}
_MAY_ACT = re.compile(r"[\s\"'/]on[a-z]{3,20}\s{0,9}=|javascript:", re.IGNORECASE)
"""A page without scripts can still have handlers."""
_NO_PLACE = re.compile(r"(?:about|blob|data|javascript|mailto|sms|tel):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """Ask for a script; answered with its text, None where nobody has it, or why we can't have it.

    What a browser would not have either is no loss; anything else may be what sends visitors away.
    """

    url: str


@dataclass(frozen=True, slots=True)
class Run:
    """Ask for a job to be run; answered with its trace, or why there is none."""

    job: Job


Ask = Load | Run
Answer = str | bytes | Failure | None


@dataclass(slots=True)
class _Work:
    """What is known of one page so far."""

    page: ScriptedPage
    libraries: Libraries
    sources: list[Source] = field(default_factory=list)
    added: dict[str, int | None] = field(default_factory=dict)
    """Scripts that scripts put into the page, by address: their number, None for what is no script."""
    room: int = MOST_CHARACTERS
    loaded: int = 0
    cut: str | None = None


def addresses_of(page: ScriptedPage) -> tuple[str, ...]:
    """The scripts that stand in a page, in order: they can be loaded at once."""
    base = document_base(page.url, page.parts)
    found: list[str] = []
    for part in page.parts.scripts:
        if part.javascript and part.src and part.src.strip():
            with contextlib.suppress(NotAnAddress):
                found.append(parse_address(part.src.strip(), base if part.based else page.url).href)
    return tuple(dict.fromkeys(found))[:MOST_LOADED]


def page_scripts(page: ScriptedPage, libraries: Libraries) -> Generator[Ask, Answer, Ran]:
    """Run a page's scripts. Never raises for anything that they do."""
    work = _Work(page, libraries)
    yield from _collect(work)
    trace = yield from _run(work)
    for number in range(ROUNDS):
        fresh = [url for url in trace.wanted if url not in work.added] if trace else []
        if not fresh:
            break
        if number == ROUNDS - 1:
            work.cut = work.cut or "its scripts put ever more scripts into it"
            break
        yield from _add(work, fresh)
        trace = (yield from _run(work)) or trace
    if trace is None:
        return Ran((), work.cut)
    raw = [*trace.intents, *_written(trace)]
    raw += yield from _workers(work, trace)
    return Ran(_intents(work, raw), work.cut)


def _collect(work: _Work) -> Generator[Ask, Answer, None]:
    """The scripts that stand in the page, each loaded; the late ones last."""
    page = work.page
    base = document_base(page.url, page.parts)
    late: list[Source] = []
    for part in page.parts.scripts:
        if part.javascript:
            found = yield from _static(work, part, base if part.based else page.url)
            for source in found:
                (late if source.late else work.sources).append(source)
    work.sources.extend(late)


def _static(work: _Work, part: ScriptPart, base: str) -> Generator[Ask, Answer, list[Source]]:
    text: str | None = part.text
    url: str | None = None
    if part.src is not None:
        src = part.src.strip("\t\n\f\r ")
        if src[:5].lower() == "data:":  # the stub unpacks it, as for one that was put in
            text = f"{{const s=document.createElement('script');s.src={_quoted(src)};document.head.append(s)}}"
        else:
            with contextlib.suppress(NotAnAddress):
                url = parse_address(src, base).href if src else None
            text = (yield from _load(work, url)) if url else None
    if not text:
        return []
    if part.module:
        found = yield from _module(work, text, url or base, set())
        found[-1] = replace(found[-1], url=url, src=part.src)
        return found
    return [Source(text, url, part.src, part.late, work.libraries.known(text))]


def _quoted(text: str) -> str:
    return "'" + re.sub(r"[\\'\n\r\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text) + "'"


def _module(
    work: _Work, text: str, url: str, met: set[str]
) -> Generator[Ask, Answer, list[Source]]:
    """A module, after what it imports."""
    found: list[Source] = []
    resolved: dict[str, str] = {}
    for name in imports_of(text):
        try:
            address = parse_address(name, url).href
        except NotAnAddress:
            continue
        resolved[name] = address
        if name.startswith((".", "/", "http:", "https:")) and address not in met:
            met.add(address)
            inner = yield from _load(work, address)
            if inner:
                found += yield from _module(work, inner, address, met)
    found.append(Source(as_plain(text, url, resolved), url, None, late=True))
    return found


def _load(work: _Work, url: str) -> Generator[Ask, Answer, str | None]:
    if work.loaded >= MOST_LOADED or work.room <= 0:
        work.cut = work.cut or "it loads more scripts than are run"
        return None
    work.loaded += 1
    answer = yield Load(url)
    if isinstance(answer, Failure):
        host = parse_address(url).host
        whose = f"from {defang(host)}" if is_offsite(host, work.page.home) else "of its own"
        work.cut = work.cut or f"a script {whose} could not be loaded: {answer.text}"
        return None
    if not isinstance(answer, str):
        return None
    work.room -= len(answer)
    return answer


def _add(work: _Work, urls: Sequence[str]) -> Generator[Ask, Answer, None]:
    """Scripts that scripts put into the page, for its next run."""
    for url in urls:
        text: str | None = None
        with contextlib.suppress(NotAnAddress):
            text = yield from _load(work, parse_address(url).href)
        work.added[url] = None if text is None else len(work.sources)
        if text is not None:
            work.sources.append(Source(text, url, None, added=True))


def _run(work: _Work) -> Generator[Ask, Answer, Trace | None]:
    """One run over everything that is known; None where it came to no trace."""
    if not work.sources and not _MAY_ACT.search(work.page.html):
        return None
    missing = [url for url, number in work.added.items() if number is None]
    answer = yield Run(job_of(work.page, work.sources, missing))
    return _traced(work, answer)


def _traced(work: _Work, answer: Answer) -> Trace | None:
    if isinstance(answer, Failure):
        work.cut = work.cut or answer.text
        return None
    trace = read_trace(answer) if isinstance(answer, bytes) else None
    if trace is None:
        work.cut = work.cut or "its scripts left nothing that can be read"
    elif trace.cut:
        work.cut = work.cut or f"its scripts were cut short ({trace.cut})"
    return trace


def _written(trace: Trace) -> list[RawIntent]:
    """What was written into the page is read once more, by the standard, for refreshes."""
    seen = {one.url for one in trace.intents if one.how == "refresh"}
    found = []
    for html, script in trace.written:
        for content in read_page(html.encode(), None).refreshes:
            if content not in seen:
                seen.add(content)
                found.append(RawIntent("refresh", content, "", script, "load", 0, over=False))
    return found


def _workers(work: _Work, trace: Trace) -> Generator[Ask, Answer, list[RawIntent]]:
    """Service workers answer in the site's place: theirs is read and asked for the page."""
    found: list[RawIntent] = []
    for url in dict.fromkeys(url for url, _ in trace.workers[:3]):
        try:
            address = parse_address(url, work.page.url)
        except NotAnAddress:
            continue
        text = yield from _load(work, address.href)
        if not text:
            continue
        number = len(work.sources)
        source = Source(text, address.href, None)
        work.sources.append(source)
        got = _traced(work, (yield Run(job_of(work.page, [source], [], worker=True))))
        found += [replace(one, how="worker", script=number) for one in got.intents] if got else []
    return found


def _intents(work: _Work, raw: Sequence[RawIntent]) -> tuple[Intent, ...]:
    """Those that lead away from the page itself, each target once."""
    found: dict[tuple[str, Via], Intent] = {}
    for one in raw:
        intent = _intent(work, one)
        if intent is not None:
            found.setdefault((intent.target, intent.via), intent)
    return tuple(found.values())


def _intent(work: _Work, raw: RawIntent) -> Intent | None:
    via = _VIAS.get(raw.how)
    if via is None or (via is Via.FRAME and not raw.over):
        return None
    text = raw.url
    if raw.how == "refresh":
        refresh = parse_refresh(text)
        if refresh is None or refresh[0] > PATIENCE or refresh[1] is None:
            return None
        text = refresh[1]
    here = work.page.url
    try:
        target = parse_address(text, raw.base or here).href
    except NotAnAddress as error:
        if _NO_PLACE.match(text):
            return None
        return Intent(text[:2_000], str(error), via, _cause(work, raw))
    return None if target == here else Intent(target, None, via, _cause(work, raw))


def _cause(work: _Work, raw: RawIntent) -> Cause:
    if not 0 <= raw.script < len(work.sources):
        return Cause(None, "", raw.phase)
    source = work.sources[raw.script]
    host = parse_address(source.url).host if source.url else None
    digest = sha256(source.text.encode("utf-8", "replace")).hexdigest()
    return Cause(host, digest, raw.phase)
