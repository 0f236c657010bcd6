"""A request to the town and its answer, as values; and what a visitor gives away of themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SEARCH_ENGINE = re.compile(
    r"(?:^|\.)(?:google|bing|duckduckgo|ecosia|qwant|startpage|yahoo|yandex)(?:\.[a-z]{2,3}){1,2}$"
)
_REFERRER_HOST = re.compile(r"https?://([^/:?#\s]+)", re.IGNORECASE)
_BOT = re.compile(r"bot\b|crawl|spider|slurp", re.IGNORECASE)
_PHONE = re.compile(r"iphone|android.*mobile", re.IGNORECASE)
_MEDIA = re.compile(
    r"\.(?:apng|avif|bmp|gif|heic|ico|jpe?g|png|svgz?|tiff?|webp"
    r"|3gp|avi|flv|m4v|mkv|mov|mp4|mpe?g|ogv|webm|wmv"
    r"|aac|flac|m4a|mid|mp3|oga|ogg|opus|wav|weba)$",
    re.IGNORECASE,
)
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class TownRequest:
    """One GET."""

    host: str
    """From the Host header, in lower case, without port."""
    target: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    port: int | None = None
    """From the Host header: every absolute address in the answer carries it on."""
    serial: int = 0
    """How many requests came before: pages that change at every view change with it."""
    hour: int = 12
    """Of the day, where the site is."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def link(self, host: str, target: str) -> str:
        """`target` on another host of the town, at the port that this request came to."""
        return f"http:{self.relative(host, target)}"

    def relative(self, host: str, target: str) -> str:
        """The same without its scheme."""
        return f"//{host}:{self.port}{target}" if self.port else f"//{host}{target}"

    def cookie(self, name: str) -> str | None:
        """The value of one cookie."""
        for pair in self.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return None

    @property
    def referrer_host(self) -> str:
        """Host of the Referer, in lower case; empty if there is none that reads as an address."""
        found = _REFERRER_HOST.match(self.headers.get("referer", ""))
        return found[1].lower() if found else ""

    @property
    def from_search(self) -> bool:
        """Whether the referrer is a search engine."""
        return bool(_SEARCH_ENGINE.search(self.referrer_host))

    @property
    def is_bot(self) -> bool:
        """Whether the agent calls itself a crawler; crawlers that pose as phones are crawlers."""
        return bool(_BOT.search(self.headers.get("user-agent", "")))

    @property
    def is_phone(self) -> bool:
        """Whether the agent is a phone's, and no crawler's."""
        return bool(_PHONE.search(self.headers.get("user-agent", ""))) and not self.is_bot

    @property
    def is_media(self) -> bool:
        """Whether a picture, film or sound is asked for: a breach, whoever asks."""
        return bool(_MEDIA.search(self.path))


@dataclass(frozen=True, slots=True)
class TownResponse:
    """The answer. Who sends it adds Content-Length and Connection."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    delay: float = 0.0
    """Seconds that the site takes before it answers."""


def redirect(status: int, location: str, *more: tuple[str, str]) -> TownResponse:
    """A redirect, with the short body that servers send along."""
    return TownResponse(
        status, (("Content-Type", HTML), ("Location", location), *more), b"<p>Moved.</p>\n"
    )


def text(status: int, body: str) -> TownResponse:
    """A plain answer in English."""
    return TownResponse(status, (("Content-Type", "text/plain; charset=utf-8"),), body.encode())
