"""CPU of a verdict on a page's scripts: this process and the sandbox's, all of it, for each run.

Pages as shops have them: a library known by its fingerprint, a counter's snippet, the start of a
slider, a script of the page's own; with and without a gate, and one that awaits something.
"""

import asyncio
import statistics
import time

from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.collect.scripts import Scripts
from unhijack.collect.view import View
from unhijack.core.evidence import Device, Failure, Origin, Persona
from unhijack.parse.libraries import Libraries, Library, fingerprint
from unhijack.ports import Response
from unhijack.wiring.sandbox import stub_dom

MOST_MS = 15.0
"""The goal, median."""
ROUNDS = 30
QUICK_ROUNDS = 8

_COUNTER = (
    "<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}"
    "gtag('js',new Date());gtag('config','G-X');</script>"
)
_SLIDER = (
    "<script>document.addEventListener('DOMContentLoaded',function(){var s=document.querySelectorAll("
    "'.slide'),i=0;if(!s.length)return;s[0].classList.add('on');setInterval(function(){s[i].classList."
    "remove('on');i=(i+1)%s.length;s[i].classList.add('on')},5000)})</script>"
)
_GATE = (
    "<script>if(/google|bing/.test(document.referrer)&&innerWidth<800)"
    "location.replace('http://bad.example/x')</script>"
)
_AWAITS = "<script>fetch('/wp-json/x').then(r=>r.json()).then(d=>{window.found=d})</script>"
_BODY = "".join(
    f"<section class='slide s{n}'><h2>Bread {n}</h2><p>From <b>our</b> oven. <a href='/p/{n}'>More</a>"
    f"</p><img src='/i/{n}.jpg' alt=''></section>"
    for n in range(60)
)
_LIBRARY = "window.Lib=function(f){return f};" + "function a(b){return b+1}\n" * 3_500
PAGES = {
    "honest": _COUNTER + _SLIDER,
    "a gate": _COUNTER + _SLIDER + _GATE,
    "awaits": _COUNTER + _SLIDER + _AWAITS,
}
_WHO = (
    Persona(Origin.SEARCH, Device.PHONE),
    Persona(Origin.DIRECT, Device.DESKTOP),
    Persona(Origin.DIRECT, Device.PHONE),
)


def figures(*, quick: bool) -> dict[str, float]:
    """Median CPU milliseconds of a run, by page, and of all of them."""
    return asyncio.run(_figures(QUICK_ROUNDS if quick else ROUNDS))


async def _figures(rounds: int) -> dict[str, float]:
    known = Libraries({fingerprint(_LIBRARY): Library(("Lib",), None)})
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    sandbox = V8Sandbox(stub_dom(), workers=1)
    try:
        for number in range(-2, rounds):
            # a tier of its own for each round: what one visit leaves for the next counts
            tier = Scripts(sandbox, known)
            for visit, persona in enumerate(_WHO):
                for name, scripts in PAGES.items():
                    view = _view(scripts, persona, number * len(_WHO) + visit)
                    before, start = await sandbox.spent(), time.process_time()
                    await tier.run(view, _load)
                    end, after = time.process_time(), await sandbox.spent()
                    if number >= 0 and after.keys() == before.keys():  # no worker was replaced
                        inside = sum(after.values()) - sum(before.values())
                        found[name].append(1e3 * (end - start + inside))
    finally:
        await sandbox.close()
    every = [one for all_ in found.values() for one in all_]
    return {
        **{name: statistics.median(all_) for name, all_ in found.items()},
        "": statistics.median(every),
    }


def _view(scripts: str, persona: Persona, number: int) -> View:
    head = "<!doctype html><title>Shop</title><script src=/lib.js></script>"
    body = f"{head}<body>{_BODY}{scripts}".encode()
    response = Response(200, (("content-type", b"text/html; charset=utf-8"),), body)
    referrer = "https://www.google.com/" if persona.origin is Origin.SEARCH else ""
    now = 1_772_438_400_000 + number * 700
    return View("http://shop.test/", "shop.test", response, referrer, "", persona, now, number)


async def _load(_: str) -> Response | Failure | None:
    return Response(200, (("content-type", b"text/javascript"),), _LIBRARY.encode())
