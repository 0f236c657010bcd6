"""What a script, spelled out, would do to a visitor: patterns for deeds, near each other.

Every judgement names one deed. Patterns are linear: bounded repeats, no nesting.
"""

from __future__ import annotations

from collections.abc import Callable

from unhijack.parse.plain.js_hide import hidden_loader, obfuscated, runs_decoded
from unhijack.parse.plain.js_move import hidden_frame, loads, sent_away
from unhijack.parse.plain.js_pay import checkout_loader, stolen
from unhijack.parse.plain.js_peel import peel
from unhijack.parse.plain.js_run import (
    chain,
    clipboard,
    cookies,
    fetched_code,
    keys,
    mines,
    remote_code,
    server_shell,
)
from unhijack.parse.plain.js_script import Deed, Script, bare_places, foreign_places

JUDGES: tuple[Callable[[Script], Deed | None], ...] = (
    *(stolen, checkout_loader, sent_away, hidden_loader, runs_decoded, hidden_frame),
    *(mines, remote_code, fetched_code, server_shell, keys, cookies, clipboard, chain),
    *(loads, obfuscated),
)


def judge(text: str, own: frozenset[str]) -> list[Deed]:
    """What a script does, each deed by the first judge of its kind. Never raises."""
    peeled = peel(text)
    low = peeled.text.lower()
    far = sorted([*foreign_places(low, own), *bare_places(low, own)])
    script = Script(
        *(text.lower(), low, peeled.early.lower(), peeled.hidden.lower(), peeled.steps),
        *(tuple(far), own),
    )
    return [deed for deed in (look(script) for look in JUDGES) if deed is not None]
