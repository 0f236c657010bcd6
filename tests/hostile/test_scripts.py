"""Scripts that fight back: none crashes or hangs what runs them, and none passes for harmless.

Each stands beside a redirect; either that is found, or the run says that it was cut short.
"""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripted import ran, scripted
from unhijack.core.evidence import Failure, FailureKind
from unhijack.parse.intents import Ran
from unhijack.parse.libraries import Libraries
from unhijack.parse.modules import as_plain, imports_of
from unhijack.parse.scripts import Load, page_scripts
from unhijack.parse.trace import Trace, read_trace

BAD = "http://bad.example/x"
GO = f"location = '{BAD}'"
SECONDS = 20.0
"""Far above what one takes; the machine may be busy."""

ENDLESS = {
    "a loop": "for (;;);",
    "promises": "(async () => { for (;;) await 0 })()",
    "a storm of timers": "for (let i = 0; i < 1e5; i++) setTimeout(() => {}, i % 50)",
    "an interval of nothing": "setInterval(() => {}, 0)",
    "timers that breed": "(function f() { setTimeout(f, 0); setTimeout(f, 0) })()",
    "messages to itself": "onmessage = () => postMessage(1, '*'); postMessage(1, '*')",
    "a channel": "const c = new MessageChannel(); c.port1.onmessage = () => c.port2.postMessage(1); "
    "c.port2.onmessage = () => c.port1.postMessage(1); c.port1.postMessage(1)",
    "frames of animation": "(function f() { requestAnimationFrame(f) })()",
    "a regular expression": "/^(a+)+$/.test('a'.repeat(60) + 'b')",
    "writing": "for (;;) document.write('<p>')",
    "writing itself": "function w() { document.write('<script>w()</' + 'script>') } w()",
    "events": "addEventListener('x', () => dispatchEvent(new Event('x'))); dispatchEvent(new Event('x'))",
}
GREEDY = {
    "text": "let s = 'x'; for (;;) s += s + Math.random()",
    "lists": "const a = []; for (;;) a.push(new Array(1e5).fill(1))",
    "bytes": "const a = []; for (;;) a.push(new Uint8Array(5e7).fill(1))",
    "nodes": "for (;;) document.body.append(document.createElement('p'))",
    "deep nodes": "let n = document.body; for (;;) { const m = document.createElement('p'); n.append(m); n = m }",
    "50,000 frames": "for (let i = 0; i < 5e4; i++) document.body.append(document.createElement('iframe'))",
    "much markup": "document.body.innerHTML = '<div>'.repeat(3e5)",
    "much attribute": "document.body.innerHTML = '<p a=\"' + 'x'.repeat(2e7) + '\">'",
    "listeners": "for (let i = 0; i < 2e4; i++) addEventListener('load', () => {})",
    "intents": "for (let i = 0; i < 1e4; i++) open('/p' + i)",
    "no bottom": "(function f() { f() })()",
}
ODD = {
    "throws when read": "document.title = { toString() { throw 1 } }",
    "valueOf": "setTimeout(() => {}, { valueOf() { throw 1 } })",
    "a proxy as address": "open(new Proxy({}, { get() { throw 1 } }))",
    "a proxy as node": "document.body.append(new Proxy(document.createElement('p'), {}))",
    "a proxy as options": "addEventListener('x', () => {}, new Proxy({}, { get() { throw 1 } }))",
    "a symbol": "document.createElement(Symbol())",
    "getters on everything": "Object.defineProperty(Object.prototype, 'url', { get() { throw 1 } })",
    "no Object": "Object = JSON = Promise = Math = Date = Array = undefined",
    "another push": "Array.prototype.push = () => { throw 1 }",
    "another call": "Function.prototype.call = Function.prototype.apply = () => { throw 1 }",
    "another then": "Promise.prototype.then = function () { for (;;); }",
    "traps on places": "for (const i of [0, 1, 2]) Object.defineProperty(Array.prototype, i, { set() { throw 1 } })",
    "iterators": "Array.prototype[Symbol.iterator] = function* () { throw 1 }",
    "species": "Object.defineProperty(Array, Symbol.species, { get() { throw 1 } })",
    "a date that is none": "new Date(NaN)",
    "far dates": "new Date(8.64e15)",
    "half a letter": "document.title = '\\ud800'; console.log('\\udfff')",
    "line separators": "document.title = '\\u2028'; open('/\\u2028\\n')",
}
"""What they throw is theirs: the redirect is in another script."""

LOOKS_FOR_US = {
    "webdriver": "navigator.webdriver",
    "a navigator of another kind": "!(navigator instanceof Navigator)",
    "a document of another kind": "!(document instanceof HTMLDocument) || !(document instanceof Node)",
    "names": "Object.prototype.toString.call(navigator) !== '[object Navigator]'",
    "window": "Object.prototype.toString.call(window) !== '[object Window]'",
    "functions that show themselves": "[document.createElement, document.querySelector, setTimeout, fetch, "
    "open, navigator.sendBeacon, addEventListener, history.pushState, Date, Date.now, Math.random, atob, "
    "Function.prototype.toString].some((f) => !/\\[native code\\]/.test(Function.prototype.toString.call(f)))",
    "accessors that show themselves": "['userAgent', 'platform', 'languages', 'webdriver'].some((n) => "
    "!/\\[native code\\]/.test(Object.getOwnPropertyDescriptor(Navigator.prototype, n).get + ''))",
    "properties on the navigator itself": "Object.getOwnPropertyNames(navigator).length > 0",
    "a global of the engine's": "typeof console !== 'object' || typeof print !== 'function' || typeof d8 !== 'undefined'",
    "what only servers have": "typeof process !== 'undefined' || typeof require !== 'undefined' || typeof Deno !== 'undefined'",
    "constructors that construct": "(() => { try { new Navigator(); return true } catch (e) { return !/Illegal/.test(e.message) } })()",
    "a frame's realm": "(() => { const f = document.createElement('iframe'); document.body.append(f); "
    "return !f.contentWindow || f.contentWindow.navigator.webdriver || f.contentWindow.parent !== window })()",
    "names of ours": "Object.getOwnPropertyNames(window).some((n) => /stub|sandbox|racer|unhijack/i.test(n))",
    "our files": "(() => { try { document.body.removeChild(document.head) } catch (e) { "
    "return /stub|sandbox|\\d-\\w+\\.js/.test(e.stack) } })()",
}
"""True where a browser says false: such a page would behave."""


def found(done: Ran) -> bool:
    return any(intent.target == BAD for intent in done.intents)


def run(script: str, *, after: bool = False) -> Ran:
    parts = [f"<script>{script}</script>", f"<script>{GO}</script>"]
    started = time.monotonic()
    done = ran("<body><p>Bread.</p>" + "".join(parts if after else reversed(parts)))
    assert time.monotonic() - started < SECONDS
    return done


@pytest.mark.parametrize("script", [*ENDLESS.values(), *GREEDY.values()], ids=[*ENDLESS, *GREEDY])
def test_what_is_without_measure_hides_nothing(script: str):
    before, after = run(script), run(script, after=True)
    assert found(before), "it was done before the trouble began"
    assert found(after) or after.cut


@pytest.mark.parametrize("script", ODD.values(), ids=ODD)
def test_what_is_odd_hides_nothing(script: str):
    assert found(run(script, after=True))


@pytest.mark.parametrize("looks", LOOKS_FOR_US.values(), ids=LOOKS_FOR_US)
def test_who_looks_for_us_does_not_find_us(looks: str):
    assert found(ran(f"<body><script>if (!({looks})) location = '{BAD}'</script>"))


@pytest.mark.parametrize(
    "html",
    ["<div>" * 200_000, "<p a=" + "'" * 300_000, "<" * 500_000, "<script" * 50_000, "&" * 500_000],
)
def test_a_page_of_odd_markup_is_run(html: str):
    started = time.monotonic()
    done = ran(f"<script>{GO}</script>{html}")
    assert found(done) or done.cut
    assert time.monotonic() - started < SECONDS


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["intents", "wanted", "written", "workers", "done", "cut", "looked", "html",
                         "how", "url", "base", "script", "phase", "at", "over", "time"]),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.binary(max_size=300) | _JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=150, deadline=None)
def test_a_trace_is_read_whatever_it_is(content: bytes):
    assert read_trace(content) is None or isinstance(read_trace(content), Trace)


_MODULE = st.lists(
    st.sampled_from(["import", "export", " ", "{", "}", "from", "'a'", '"./b"', "*", "as", "x", ",", ";",
                     "default", "const", "=", "1", "\n", "import.meta.url", "\\", "$1", "(", ")"]),
    max_size=40,
).map("".join)  # fmt: skip


@given(_MODULE | st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_a_module_is_rewritten_whatever_it_is(text: str):
    names = imports_of(text)
    assert isinstance(as_plain(text, "http://shop.test/a.js", dict.fromkeys(names, "u")), str)


_ANSWERS = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.just(Failure(FailureKind.TIME, "late")),
    _MODULE,
)
_TRACES = st.one_of(
    st.binary(max_size=60),
    st.just(Failure(FailureKind.SCRIPT, "ended")),
    st.lists(st.text(max_size=20), max_size=3).map(
        lambda urls: (
            '{"done":true,"cut":"","intents":[],"wanted":['
            + ",".join(f'"http://{ord(u[0]) if u else 0}.test/"' for u in urls)
            + "]}"
        ).encode()
    ),
)


@given(st.data(), st.sampled_from(["<script src=//a.test/x></script>", "<script type=module src=/m.js></script>",
                                   "<script>1</script>", "<p onclick=1>"]))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_any_answers_end_in_a_result(data: st.DataObject, html: str):
    steps = page_scripts(scripted(html), Libraries())
    answer: str | bytes | Failure | None = None
    for _ in range(500):
        try:
            ask = steps.send(answer)
        except StopIteration as stop:
            done = stop.value
            break
        answer = data.draw(_ANSWERS if isinstance(ask, Load) else _TRACES)
    else:
        pytest.fail("it asks for ever")
    assert isinstance(done, Ran)
