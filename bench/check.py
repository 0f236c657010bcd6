"""CPU of ``unhijack check`` a request, beside the bare HTTP client doing the same requests.

Both run in a process of their own, one after the other, against the same town in a third process.
The bare client is wreq of the same version with the same client policy: one client a browser
family, one worker of its runtime, a new connection for each request, the literal address with the site's name in Host, the
same headers, the body read; the same sites, personas, order and concurrency. CPU is the client
process's own (user and system, all threads), without start and imports.
"""

import contextlib
import datetime
import gc
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import uvloop
import wreq

from bench import scripts
from bench.report import CannotRun, Goal, Report
from bench.town import SEED
from unhijack.cli.check import AT_ONCE, Run, Wanted
from unhijack.collect.personas import CHECK, FAMILIES, SEARCH_REFERRER, headers_for
from unhijack.config.settings import read_settings
from unhijack.core.evidence import Origin, Persona
from unhijack.core.site import Address, parse_address
from unhijack.jobs.pool import for_each
from unhijack.lab.town import hosts_file, plan_town
from unhijack.ports import Limits
from unhijack.wiring.visits import make_clock, make_probe

PAIRS = 5
SITES = 2000
QUICK_SITES = 400
RATIO = 2.0
"""The goal: CPU a request, at most this many times the bare client's."""


def run(*, quick: bool) -> Report:
    """Measure interleaved pairs; the ratio is the median of the pairs' ratios."""
    sites = QUICK_SITES if quick else SITES
    report = Report(
        f"unhijack check, wire tier: {sites} sites, {PAIRS} interleaved pairs",
        ("", "requests", "CPU ms/request", "requests/s"),
    )
    with _Town(sites) as town:
        pairs = [
            (_measure("bare", sites, town), _measure("check", sites, town)) for _ in range(PAIRS)
        ]
    for index, name in enumerate(("bare wreq", "unhijack check")):
        runs = [pair[index] for pair in pairs]
        cpu, rate = (statistics.median(r[key] for r in runs) for key in ("cpu", "rate"))
        report.rows.append((name, f"{runs[0]['requests']:.0f}", f"{cpu * 1e3:.4f}", f"{rate:.0f}"))
        key = name.replace(" ", "_")
        report.figures[f"{key}_cpu_ms_per_request"] = cpu * 1e3
        report.figures[f"{key}_requests_per_s"] = rate
    ratio = statistics.median(pair[1]["cpu"] / pair[0]["cpu"] for pair in pairs)
    report.figures["cpu_ratio"] = ratio
    report.goals["CPU per request, times the bare client"] = Goal(round(ratio, 3), RATIO)
    _script_tier(report, quick=quick)
    return report


def _script_tier(report: Report, *, quick: bool) -> None:
    for name, cpu in scripts.figures(quick=quick).items():
        report.rows.append((f"scripts, {name or 'median'}", "", f"{cpu:.2f}", ""))
        key = (name or "median").replace(" ", "_")
        report.figures[f"script_verdict_{key}_cpu_ms"] = cpu
        if not name:
            goal = Goal(round(cpu, 2), scripts.MOST_MS)
            report.goals["script verdict, median CPU ms"] = goal


class _Town:
    """The town's process."""

    def __init__(self, sites: int) -> None:
        command = [sys.executable, "-m", "bench.town", str(sites), str(sites // 20)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = self._number()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def requests(self) -> int:
        """How many it has had so far."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.strip().isdigit():
            raise CannotRun("the town does not answer")
        return int(line)


def _measure(what: str, sites: int, town: _Town) -> dict[str, float]:
    """One run in a process of its own: requests, CPU seconds a request, requests a second."""
    before = town.requests()
    done = subprocess.run(
        [sys.executable, "-m", "bench.check", what, str(sites), str(town.port)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise CannotRun(f"{what} failed: {done.stderr[-500:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    requests = town.requests() - before
    return {
        "requests": requests,
        "cpu": found["cpu"] / requests,
        "rate": requests / found["seconds"],
    }


async def _bare(addresses: list[Address]) -> None:
    """Every persona at every site, by the client alone."""
    runtime = wreq.Runtime(workers=1, work_steal=False)
    clients = {
        family: _bare_client(family, runtime) for family in {FAMILIES[p.device] for p in CHECK}
    }
    personas = [(clients[FAMILIES[p.device]], _bare_headers(p)) for p in CHECK]
    limit = datetime.timedelta(seconds=Limits().request_seconds)

    async def one(address: Address) -> None:
        url = f"http://127.0.0.1:{address.port}{address.target}"
        for client, headers in personas:
            sent = {"Host": address.authority, **headers}
            async with client.get(
                url, headers=sent, orig_headers=list(sent), default_headers=False, timeout=limit
            ) as answer:
                await answer.bytes()

    await for_each(addresses, one, AT_ONCE)


def _bare_client(family: str, runtime: wreq.Runtime) -> wreq.Client:
    """The policy of unhijack.adapters.transport.wreq, written out."""
    platform = {
        "chrome-windows": wreq.Platform.Windows,
        "chrome-android": wreq.Platform.Android,
        "chrome-linux": wreq.Platform.Linux,
    }[family]
    return wreq.Client(
        runtime=runtime,
        emulation=wreq.Emulation(wreq.Profile.Chrome148, platform, headers=False),
        redirect=wreq.redirect.Policy.none(),
        no_proxy=True,
        cookie_store=False,
        referer=False,
        pool_max_idle_per_host=0,
        gzip=True,
        brotli=True,
        deflate=True,
        zstd=True,
    )


def _bare_headers(persona: Persona) -> dict[str, str]:
    referrer = SEARCH_REFERRER if persona.origin is Origin.SEARCH else None
    return dict(headers_for(persona.device, referrer, secure=False, cross_site=True))


def _client(what: str, sites: int, port: int) -> None:
    """One measurement, in this process."""
    town = plan_town(SEED, sites, sites // 20)
    addresses = [parse_address(f"http://{site.host}:{port}/") for site in town.sites]
    with tempfile.TemporaryDirectory() as folder:
        hosts = Path(folder) / "hosts"
        hosts.write_text(hosts_file(town))
        settings = read_settings(state=Path(folder), hosts=hosts, allow_net=("127.0.0.0/8",))
        probe = make_probe(settings, make_clock(), record=False)
        wanted = [Wanted(address.href, address) for address in addresses]
        check = Run(settings, "check", as_json=True, evidence=None)
        gc.freeze()  # as the command does
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        if what == "bare":
            uvloop.run(_bare(addresses))
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                uvloop.run(check.all(probe, wanted))
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "seconds": seconds}))


if __name__ == "__main__":
    _client(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
