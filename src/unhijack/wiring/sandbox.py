"""The sandbox that scripts are run in: for visits, and for scripts off a disk."""

import json
from collections.abc import Callable
from importlib.resources import files

from unhijack.parse.libraries import Libraries, libraries_from
from unhijack.ports import Sandbox


def known_libraries() -> Libraries:
    """Scripts that the world knows, by fingerprint."""
    known = (files("unhijack.data") / "libraries.json").read_text(encoding="utf-8")
    return libraries_from(json.loads(known))


def stub_dom() -> str:
    """What scripts find instead of a browser: an expression that gives its one entrance."""
    folder = files("unhijack.data") / "stub-dom"
    parts = sorted(
        (part for part in folder.iterdir() if part.name.endswith(".js")),
        key=lambda part: int(part.name.partition("-")[0]),
    )
    lines = [
        stripped
        for part in parts
        for line in part.read_text(encoding="utf-8").splitlines()
        if (stripped := line.strip()) and not stripped.startswith("//")
    ]  # V8 reads it for every page: a tenth of its time went into spaces and remarks
    text = "\n".join(lines)
    return f"(function(){{'use strict';\n{text}\n}})()"


def make_sandbox(warn: Callable[[str], None]) -> Sandbox:
    """Where scripts are run; `warn` is told once of a wall that this machine lacks."""
    from unhijack.adapters.sandbox.pool import V8Sandbox

    return V8Sandbox(stub_dom(), warn)
