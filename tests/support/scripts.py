"""Scripts as a test needs them: a job of its own, without the generator that makes them else."""

import asyncio
import json
from typing import Any

from unhijack.adapters.sandbox.pool import V8Sandbox
from unhijack.core.evidence import Failure
from unhijack.parse.job import packed
from unhijack.wiring.sandbox import stub_dom

PHONE: dict[str, Any] = {
    "agent": "Mozilla/5.0 (Linux; Android 10; K) Chrome/148.0.0.0 Mobile Safari/537.36",
    "mobile": True,
    "touch": True,
    "bot": False,
    "platform": "Linux armv81",
    "platform_name": "Android",
    "languages": ["en-US", "en"],
    "brands": [{"brand": "Chromium", "version": "148"}],
    "version": "148.0.0.0",
    "cores": 8,
    "memory": 8,
    "width": 412,
    "height": 785,
    "screen": [412, 915],
    "ratio": 2.625,
}


def job_of(*texts: str, html: str = "<body><p>Bread.</p>", **page: Any) -> bytes:
    """A job that runs these inline scripts on a page."""
    scripts = [{"n": n, "src": None, "late": False} for n in range(len(texts))]
    whole = {
        "url": "http://shop.test/",
        "base": "",
        "html": html,
        "device": PHONE,
        "scripts": scripts,
        "more": {},
        "libraries": [],
        "worker": False,
    } | page
    visit = {
        "referrer": "https://www.google.com/",
        "cookie": "",
        "time": 1_772_438_400_000,
        "dice": 1,
    }
    parts = {f"script {n}": text for n, text in enumerate(texts)}
    return packed(whole, visit, parts, promises=True).content


def traces(*jobs: bytes) -> list[dict[str, Any] | Failure]:
    """Run jobs, one after the other."""

    async def run() -> list[dict[str, Any] | Failure]:
        sandbox = V8Sandbox(stub_dom(), workers=1)
        try:
            answers = [await sandbox.run(job) for job in jobs]
        finally:
            await sandbox.close()
        return [one if isinstance(one, Failure) else json.loads(one) for one in answers]

    return asyncio.run(run())
