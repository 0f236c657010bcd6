"""Thug, a honeyclient, on the same town: what its visits reach, and what they cost.

Thug gives no verdict on a redirect. In its favour it counts as found where one of two visits, each
with a search engine as the referrer, reached a host of another site; that is an alarm where the
site is honest.
"""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unhijack.core.site import site_of
from unhijack.lab.server import TownServer
from unhijack.lab.town import Town, TownSite, plan_town

PYTHON = Path(__file__).resolve().parent.parent / ".thug" / "bin" / "python"
AGENTS = ("galaxy2chrome29", "win7chrome49")
"""An Android phone's and a Windows desktop's, as Thug names them."""
SEED, SITES, HIJACKED = 7, 42, 21
PATIENCE = 240


@dataclass(frozen=True, slots=True)
class Peer:
    """What came of one site of the town."""

    site: TownSite
    found: bool
    cpu: float
    """Seconds, both visits."""
    failed: str


def sample(town: Town) -> tuple[TownSite, ...]:
    """One site for each gate and for each honest kind."""
    first: dict[str, TownSite] = {}
    for site in town.sites:
        first.setdefault(str(site.gate or site.kind), site)
    return tuple(first.values())


def has_thug() -> bool:
    """Whether Thug is there: ``scripts/thug.sh`` brings it."""
    return PYTHON.exists()


async def visits(town: Town, sites: Sequence[TownSite]) -> list[Peer]:
    """Thug's visits over HTTP, one site after the other."""
    async with TownServer(town, frozenset) as server:
        urls = "".join(server.url(site.host) + "\n" for site in sites).encode()
        both = [await _run(agent, urls) for agent in AGENTS]
    return [
        Peer(
            site,
            any(site_of(host) != site_of(site.host) for said in pair for host in said["hosts"]),
            sum(float(said["cpu"]) for said in pair),
            " ".join(dict.fromkeys(said["failed"] for said in pair if said["failed"])),
        )
        for site, *pair in zip(sites, *both, strict=True)
    ]


async def _run(agent: str, urls: bytes) -> list[dict[str, object]]:
    script = Path(__file__).with_name("thug_visits.py")
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *(str(PYTHON), str(script), agent),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(urls), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return [json.loads(line) for line in out.splitlines()]


def the_town() -> Town:
    """The one that both visit: every gate is in it."""
    return plan_town(SEED, SITES, HIJACKED)
