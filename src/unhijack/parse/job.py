"""What the sandbox is given for one page: the page as its scripts find it, and the scripts."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unhijack.parse.html import PageParts
from unhijack.parse.libraries import Library

MOST_HTML = 512 * 1024
"""Characters of a page that its scripts find as its tree."""

_PROMISES = re.compile(
    r"\b(?:Promise|async|await|then|fetch|eval|Function|constructor|queueMicrotask|import|script)\b"
)


@dataclass(frozen=True, slots=True)
class ScriptedPage:
    """A page, and who looks at it."""

    url: str
    home: str
    """Its registrable domain."""
    html: str
    parts: PageParts
    referrer: str
    cookie: str
    device: Mapping[str, object]
    """What scripts can ask of the browser: agent, screen, languages and so on."""
    now: int
    """Milliseconds since 1970."""
    seed: int
    """Of the page's dice."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the sandbox is given, and what tells it from others."""

    content: bytes
    """As `packed`."""
    same: bytes
    """Equal for two jobs that differ by their visit alone."""
    visit: Mapping[str, object]
    """What only this visit has, by the names in `parse.trace.VISIT`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A script that was or is to be run."""

    text: str
    url: str | None
    """Where it was loaded from; None for one that stands in the page."""
    src: str | None
    """The attribute, as written."""
    late: bool = False
    library: Library | None = None
    added: bool = False
    """A script put it into the page."""


def job_of(
    page: ScriptedPage, sources: Sequence[Source], missing: Sequence[str], *, worker: bool = False
) -> Job:
    """The job. `missing` are addresses that scripts asked for and where there is none.

    A script keeps its number, which the trace names; `worker` runs it as a service worker.
    """
    parts: dict[str, str] = {}
    scripts: list[dict[str, object]] = []
    libraries: list[dict[str, object]] = []
    more = dict.fromkeys(missing, -1)
    for number, source in enumerate(sources):
        if source.added:
            more[source.url or ""] = number
            parts[f"text {number}"] = source.text
        elif source.library is not None:
            names, after = source.library.names, source.library.after
            libraries.append({"n": number, "names": names, "after": after})
            parts[f"text {number}"] = source.text
        else:
            scripts.append({"n": number, "src": source.src, "late": source.late})
            shown = _shown(source.url or page.url)
            parts[f"script {number}"] = f"{source.text}\n//# sourceURL={shown}"
    whole = {
        "url": page.url,
        "base": page.parts.base or "",
        "html": "" if worker else page.html[:MOST_HTML],
        "device": page.device,
        "scripts": scripts,
        "more": more,
        "libraries": libraries,
        "worker": worker,
    }
    promises = worker or any(
        source.library is None and _PROMISES.search(source.text) for source in sources
    )
    visit = {
        "referrer": page.referrer,
        "cookie": page.cookie,
        "time": page.now,
        "dice": page.seed,
    }
    return packed(whole, visit, parts, promises=promises)


def packed(
    page: Mapping[str, object],
    visit: Mapping[str, object],
    parts: Mapping[str, str],
    *,
    promises: bool,
) -> Job:
    """A line of JSON that says how long each part is, and the parts: scripts are not quoted.

    Parts are the page and the visit as JSON, ``script N`` for what is run and ``text N`` for what
    the stub runs when it comes to that.
    """
    texts = {"page": json.dumps(page), **parts}
    encoded = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    sizes = {name: len(part) for name, part in encoded.items()}
    rest = b"".join(encoded.values())
    who = json.dumps(visit).encode()
    head = json.dumps({"promises": promises, "sizes": {"visit": len(who)} | sizes})
    same = hashlib.sha256(json.dumps([promises, sizes]).encode() + rest).digest()
    return Job(b"%b\n%b%b" % (head.encode(), who, rest), same, visit)


def _shown(url: str) -> str:
    return re.sub(r"[\s\"']", "", url)[:500]
