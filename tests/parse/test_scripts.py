"""Where scripts send a visitor: golden pages, each with what is to be found. Nothing here is real.

``python -m tests.parse.test_scripts`` writes expectations for new folders, to be read before they
are committed.
"""

import json
from pathlib import Path

import pytest

from tests.support.scripted import URL, ran, ran_all, scripted, shown
from unhijack.core.evidence import Device, Failure, FailureKind, Via
from unhijack.core.site import site_of
from unhijack.parse.intents import Ran
from unhijack.parse.libraries import Libraries, Library, fingerprint

GOLDEN = Path(__file__).parent / "golden"
NAVIGATIONS = sorted((GOLDEN / "navigations").iterdir())
HONEST = sorted((GOLDEN / "honest").iterdir())
BAD = "http://bad.example/x"


@pytest.fixture(scope="module")
def done() -> dict[Path, Ran]:
    folders = [*NAVIGATIONS, *HONEST]
    pages = [scripted((folder / "page.html").read_text()) for folder in folders]
    return dict(zip(folders, ran_all(pages), strict=True))


@pytest.mark.parametrize("folder", [*NAVIGATIONS, *HONEST], ids=lambda folder: folder.name)
def test_a_page_does_what_is_expected(folder: Path, done: dict[Path, Ran]):
    expected = folder / "expected.json"
    assert expected.exists(), "a page without an expectation tests nothing"
    assert shown(done[folder]) == json.loads(expected.read_text())


@pytest.mark.parametrize("folder", NAVIGATIONS, ids=lambda folder: folder.name)
def test_every_navigation_leads_to_the_other_site(folder: Path, done: dict[Path, Ran]):
    assert any(intent.target.startswith("http://bad.example") for intent in done[folder].intents)
    assert done[folder].cut is None


@pytest.mark.parametrize("folder", HONEST, ids=lambda folder: folder.name)
def test_no_honest_script_leads_off_the_site(folder: Path, done: dict[Path, Ran]):
    hosts = {
        intent.target.split("/")[2] for intent in done[folder].intents if "://" in intent.target
    }
    assert {site_of(host.partition(":")[0]) for host in hosts} <= {"shop.example"}
    assert done[folder].cut is None


def test_there_are_enough_of_them():
    assert len(NAVIGATIONS) >= 40
    assert len(HONEST) >= 15


def test_a_persona_decides():
    page = "<script>if (/google/.test(document.referrer) && innerWidth < 800) location = 'http://bad.example/x'</script>"
    phone, desktop, direct = ran_all(
        [scripted(page), scripted(page, device=Device.DESKTOP), scripted(page, referrer="")]
    )
    assert [intent.target for intent in phone.intents] == [BAD]
    assert desktop.intents == direct.intents == ()


def test_a_cookie_decides():
    page = (
        "<script>if (!document.cookie.includes('seen')) location = 'http://bad.example/x'</script>"
    )
    first, again = ran_all([scripted(page), scripted(page, cookie="a=b; seen=1")])
    assert first.intents
    assert not again.intents


def test_each_visit_throws_other_dice():
    page = (
        "<script>location = 'http://' + Math.random().toString(36).slice(2) + '.example/'</script>"
    )
    runs = ran_all([scripted(page, seed=seed) for seed in (1, 1, 2)])
    targets = [run.intents[0].target for run in runs]
    assert targets[0] == targets[1] != targets[2]


def test_a_script_of_a_third_party_is_named():
    done = ran(
        "<script src='//cdn.test/a.js'></script>", {"http://cdn.test/a.js": f"location='{BAD}'"}
    )
    (intent,) = done.intents
    assert intent.cause.host == "cdn.test"


def test_a_script_that_a_script_loads_is_loaded_and_named():
    scripts = {
        "http://cdn.test/a.js": "const s = document.createElement('script'); s.src = '//x.test/b.js';"
        "document.head.append(s)",
        "http://x.test/b.js": f"setTimeout(() => {{ location = '{BAD}' }}, 30000)",
    }
    (intent,) = ran("<script src='//cdn.test/a.js'></script>", scripts).intents
    assert (intent.target, intent.cause.host, intent.cause.when) == (BAD, "x.test", "timer")


def test_scripts_run_in_their_order():
    page = (
        "<script defer src='/c.js'></script><script>window.order = 'a'</script>"
        "<script type=module>order += 'm'</script><script src='/b.js'></script>"
        "<script>addEventListener('load', () => { location = 'http://' + order + '.example/' })</script>"
    )
    scripts = {f"{URL}b.js": "order += 'b'", f"{URL}c.js": "order += 'c'"}
    assert ran(page, scripts).intents[0].target == "http://abcm.example/"


def test_top_level_names_are_shared():
    done = ran(
        f"<script>const there = '{BAD}'; let go</script><script>go = there; location = go</script>"
    )
    assert done.intents[0].target == BAD


def test_a_module_imports():
    page = "<script type=module>import start, { there as t } from './m.js'; start(t)</script>"
    scripts = {
        f"{URL}m.js": "import './side.js'; export { there } from './n.js'; export default (u) => { location = u }",
        f"{URL}n.js": f"export const there = '{BAD}';",
        f"{URL}side.js": "window.side = 1",
    }
    (intent,) = ran(page, scripts).intents
    assert intent.target == BAD


def test_a_service_worker_is_read():
    worker = "self.onfetch = null; addEventListener('fetch', (e) => { if (e.request.mode === 'navigate') e.respondWith(Response.redirect('http://bad.example/x')) })"
    page = "<script>navigator.serviceWorker.register('/sw.js')</script>"
    (intent,) = ran(page, {f"{URL}sw.js": worker}).intents
    assert (intent.target, intent.via) == (BAD, Via.WORKER)


def test_a_base_counts():
    done = ran("<base href='http://bad.example/'><script>location = 'x'</script>")
    assert done.intents[0].target == BAD


def test_a_page_that_was_cut_short_says_so():
    for page in ("<script>for(;;);</script>", "<body onload='for(;;);'>"):
        assert ran(page).cut is not None


def test_a_script_that_cannot_be_had_is_told_whoever_it_belongs_to():
    silent = Failure(FailureKind.TIME, "no answer")
    own = ran("<script src=/a.js></script>", {f"{URL}a.js": silent})
    others = ran("<script src=//cdn.test/a.js></script>", {"http://cdn.test/a.js": silent})
    assert own.cut == "a script of its own could not be loaded: no answer"
    assert others.cut == "a script from cdn[.]test could not be loaded: no answer"


def test_a_script_that_nobody_has_is_no_loss():
    assert ran("<script src=//cdn.test/a.js></script>", {}).cut is None


def test_what_was_seen_counts_though_another_script_is_missing():
    gone = Failure(FailureKind.CONNECT, "refused the connection")
    page = f"<script src=//cdn.test/a.js></script><script>location = '{BAD}'</script>"
    done = ran(page, {"http://cdn.test/a.js": gone})
    assert [intent.target for intent in done.intents] == [BAD]
    assert done.cut is not None


def test_a_script_that_a_script_puts_in_and_that_cannot_be_had_is_told():
    page = "<script>const s = document.createElement('script'); s.src = '//cdn.test/a.js'; document.head.append(s)</script>"
    assert ran(page, {"http://cdn.test/a.js": Failure(FailureKind.TLS, "no")}).cut is not None


def test_ever_more_scripts_are_cut_short():
    scripts = {
        f"http://x.test/{n}.js": f"document.write('<script src=\"http://x.test/{n + 1}.js\"><\\/script>')"
        for n in range(20)
    }
    assert ran("<script src=//x.test/0.js></script>", scripts).cut is not None


def test_a_known_library_is_run_only_if_it_is_asked_for():
    library = (
        "window.Lib = { go() { location = 'http://bad.example/x' } }; window.ran = 1;" + " " * 1000
    )
    library += "//"
    known = Libraries({fingerprint(library): Library(("Lib",), None)})
    scripts = {f"{URL}lib.js": library}
    start = "<script src=/lib.js></script><script>"
    idle, asked = ran_all(
        [
            scripted(f"{start}if (window.ran) location = 'http://ran.example/'</script>"),
            scripted(f"{start}Lib.go()</script>"),
        ],
        scripts,
        known,
    )
    assert not idle.intents
    assert asked.intents[0].target == BAD


def main() -> None:
    """Write the expectations that are missing."""
    missing = [one for one in (*NAVIGATIONS, *HONEST) if not (one / "expected.json").exists()]
    pages = [scripted((folder / "page.html").read_text()) for folder in missing]
    for folder, run in zip(missing, ran_all(pages), strict=True):
        (folder / "expected.json").write_text(json.dumps(shown(run), indent=1) + "\n")


if __name__ == "__main__":
    main()


def test_an_iphone_has_nothing_of_a_chrome_to_a_script():
    page = (
        "<script>if (navigator.platform === 'iPhone' && navigator.vendor === 'Apple Computer, Inc.'"
        " && !('userAgentData' in navigator) && !('deviceMemory' in navigator)"
        " && !('getBattery' in navigator) && !window.chrome && 'ontouchstart' in window)"
        " location = 'http://bad.example/x'</script>"
    )
    iphone, app, phone = ran_all(
        [scripted(page, device=one) for one in (Device.IPHONE, Device.APP, Device.PHONE)]
    )
    assert [intent.target for intent in iphone.intents] == [BAD]
    assert not app.intents
    assert not phone.intents
