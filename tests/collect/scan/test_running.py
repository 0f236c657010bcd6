"""Scripts off a disk are run in the sandbox that visits use, and where they aim is known."""

import asyncio

import pytest

from unhijack.collect.scan.running import Runner
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.content import unclear_script
from unhijack.wiring.scans import make_runner

ASSEMBLED = (
    b"var from = document['refe' + 'rrer'];"
    b"if (from.split('/')[2].indexOf('oogl') > 0) {"
    b" setTimeout(function () { window['loc' + 'ation'] = ['http:', '', 'else' + 'where.test'].join('/') }, 900) }"
)
FOR_ALL = b"top['locat' + 'ion'].href = '//else' + 'where.test/'"
HONEST = b"var r = document.referrer; if (r) { document.title += ' ' + r.length }"
ENDLESS = b"if (document.referrer) { for (;;) {} }"


def marks(
    content: bytes, *, is_script: bool = True, own: frozenset[str] = frozenset()
) -> list[Mark]:
    async def run() -> list[Mark]:
        runner: Runner = make_runner(pytest.skip)
        try:
            return await runner.marks(content, is_script=is_script, own=own)
        finally:
            await runner.sandbox.close()

    return asyncio.run(run())


def test_who_comes_from_a_search_engine_alone_is_sent_away():
    (mark,) = marks(ASSEMBLED)
    assert (mark.rule, mark.kind) == ("script-run-chosen", "redirect")
    assert "elsewhere[.]test" in mark.reason
    assert mark.confidence >= 0.9


def test_whoever_comes_is_sent_away_is_less_certain():
    (mark,) = marks(FOR_ALL)
    assert mark.rule == "script-run-away"
    assert mark.confidence < 0.9


def test_the_site_s_own_names_are_no_elsewhere():
    assert marks(ASSEMBLED, own=frozenset({"elsewhere.test"})) == []


def test_a_page_is_run_with_the_scripts_in_it():
    page = b"<!doctype html><title>t</title><script>" + ASSEMBLED + b"</script>"
    assert [mark.rule for mark in marks(page, is_script=False)] == ["script-run-chosen"]


@pytest.mark.parametrize("content", [HONEST, b"", b"\xff\xfe not a script at all", b"throw 1"])
def test_honest_and_broken_scripts_say_nothing(content: bytes):
    assert marks(content) == []


def test_a_script_that_never_ends_costs_its_time_alone():
    assert marks(ENDLESS) == []


def test_only_what_reading_left_unclear_is_run():
    assert unclear_script("a/it.js", b"x = document.referrer; eval(y)")
    assert not unclear_script("a/it.js", b"x = 1")
    assert not unclear_script("a/it.php", b"document.referrer")
    assert not unclear_script("a/big.js", b"document.referrer;" + b" " * 2_000_000)


@pytest.mark.parametrize(
    "reads",
    [
        b"if (document.referrer == '') x()",
        b"var d = document; y = d['referrer'];",
        b"var referrer = document.referrer;",
        b"z = top ? document.referrer : ''",
    ],
)
def test_a_small_script_is_run_for_a_look_at_where_its_visitor_comes_from(reads: bytes):
    assert unclear_script("a/it.js", reads)


@pytest.mark.parametrize(
    "mentions",
    [
        b"link.rel = 'noreferrer noopener';",
        b"this.referrer = null;",
        b"init.referrerPolicy = 'no-referrer';",
    ],
)
def test_a_small_script_is_not_run_for_a_link_or_request_without_a_referrer(mentions: bytes):
    assert not unclear_script("a/it.js", mentions)
