"""Scripts that run what strangers send, or take from visitors what they type and keep."""

from __future__ import annotations

import re
from itertools import islice

from unhijack.parse.plain.js_script import (
    BUNDLE,
    MOST_PLACES,
    SEND_WORDS,
    SENDS,
    Deed,
    Script,
    near,
    places,
)

_MINER = re.compile(
    r"coin-?hive|cryptonight|deepminer|cryptoloot|crypto-loot|webminerpool|coinimp|monerominer|jsecoin|minero\.cc"
)

_MINES_BY = ("hive", "crypt", "miner", "coinimp", "jsecoin")

_MINES = re.compile(
    r"\.anonymous\s{0,3}\(|\.user\s{0,3}\(|startmining|\.start\s{0,3}\(|src\s{0,3}="
)


def mines(script: Script) -> Deed | None:
    if not any(word in script.text for word in _MINES_BY):
        return None
    if len(script.text) < 60_000 and _MINER.search(script.text) and _MINES.search(script.text):
        return Deed("js-miner", "injection", 0.85, "Visitors' machines are made to mine money")
    return None


_SPAWNS = re.compile(r"child_process")

_EXECUTES = re.compile(
    r"\b(?:exec|execsync|spawn|spawnsync)\s{0,3}\(\s{0,3}(?:[a-z_$]|[\"'](?:/bin/|cmd|sh\b|bash))|\.pipe\s{0,3}\(\s{0,3}\w{1,20}\.std(?:in|out)"
)

_ASKED = re.compile(
    r"url\.parse|req(?:uest)?\.(?:query|body|params|url)|searchparams|querystring|\.connect\s{0,3}\(|net\.socket|/bin/sh|cmd\.exe"
)

_SERVES = re.compile(
    r"createserver|express\s{0,3}\(|net\.(?:socket|connect|createconnection)|require\s{0,3}\(\s{0,3}[\"'](?:net|http|url)[\"']"
)


def server_shell(script: Script) -> Deed | None:
    text = script.text
    if (
        (
            "child_process" in text
            and len(text) < 60_000
            and _SERVES.search(text)
            and _EXECUTES.search(text)
        )
        and _ASKED.search(text)
        and near(places(_SPAWNS, text), places(_EXECUTES, text))
    ):
        return Deed(
            "js-server-shell",
            "webshell",
            0.8,
            "A program for the server runs commands that a request brings",
        )
    return None


_LURES = re.compile(r"serviceworker\s{0,3}\.\s{0,3}register\s{0,3}\(\s{0,3}[\"'](?:https?:)?//")

_SOCKET = re.compile(r"new\s{1,3}websocket\b")

_RUNS = re.compile(r"\beval\s{0,3}\(|new\s{1,3}function\s{0,3}\(|(?<![\w$.])function\s{0,3}\(")


def remote_code(script: Script) -> Deed | None:
    """Runs whatever a stranger's socket says."""
    text = script.text
    sockets = places(_SOCKET, text) if "websocket" in text else []
    if (
        sockets
        and len(text) < 30_000
        and near(sockets, places(_RUNS, text), 800)
        and near(sockets, script.far, 800)
    ):
        return Deed(
            "js-socket-runs", "backdoor", 0.85, "Whatever another host sends is run in the page"
        )
    if _LURES.search(text):
        return Deed(
            "js-worker", "injection", 0.5, "A worker from elsewhere stays in visitors' browsers"
        )
    return None


_COMMANDS = re.compile(
    r"powershell(?:\.exe)?[^\"'`\n]{0,80}(?:-w|-enc|-e\b|iex|hidden|downloadstring|irm|iwr)|mshta(?:\.exe)?\s{1,9}http|\biex\s{0,3}\(\s{0,3}(?:irm|iwr|new-object)"
)

_COPIES = re.compile(r"clipboard|execcommand\s{0,3}\(\s{0,3}[\"']copy")


def clipboard(script: Script) -> Deed | None:
    """A command that the visitor is talked into pasting and running."""
    if "clipboard" not in script.text and "execcommand" not in script.text:
        return None
    if _COPIES.search(script.text) and _COMMANDS.search(script.text):
        reason = "Visitors are handed a command that would take over their own machine"
        return Deed("js-clipboard-command", "injection", 0.88, reason)
    return None


_FROM_CHAIN = re.compile(r"eth_call|bsc-dataseed|eth_getstorageat")

_RUNS_ANY = re.compile(r"\beval\b|new\s{1,3}function\b|createelement\s{0,3}\(\s{0,3}[\"']script")


def chain(script: Script) -> Deed | None:
    """Code that is kept in a public ledger, where nobody can take it down."""
    text = script.text
    if "eth_" not in text and "bsc-" not in text:
        return None
    if len(text) < 30_000 and near(places(_FROM_CHAIN, text), places(_RUNS_ANY, text)):
        return Deed(
            "js-chain-loader", "injection", 0.85, "Code is fetched from a public ledger and run"
        )
    return None


_RUNS_TEXT = re.compile(r"eval(?![a-z])|new\s{1,3}function")

_FETCHES = re.compile(
    r"xmlhttprequest|\bfetch\s{0,3}\(|\.(?:get|ajax|getjson|load|post)\s{0,3}\(|getscript"
)

_RUNS_ANSWER = re.compile(
    r"\beval\s{0,3}\(\s{0,3}[\w$.]{0,30}(?:response|data|text|body|result|\b[a-z]\b)|\.then\s{0,3}\(\s{0,3}eval\s{0,3}\)"
    r"|new\s{1,3}function\s{0,3}\(\s{0,3}[\w$.]{0,30}(?:response|data|text|\b[a-z]\b)"
)


def fetched_code(script: Script) -> Deed | None:
    """Runs whatever a stranger's server answers."""
    text = script.text
    if len(text) > BUNDLE or not script.far or not _RUNS_TEXT.search(text):
        return None
    runs = places(_RUNS_ANSWER, text)
    if near(runs, places(_FETCHES, text), 600) and near(runs, script.far, 600):
        return Deed(
            "js-fetch-runs", "backdoor", 0.8, "Whatever another host answers is run in the page"
        )
    return None


_KEYS = re.compile(r"\bkeypress\b|\bkeydown\b|\bkeyup\b|\bonkey(?:press|down|up)\b")

_WHICH = re.compile(r"fromcharcode|\.\s{0,3}(?:keycode|which|key)\b")


def keys(script: Script) -> Deed | None:
    text = script.text
    if len(text) > 8_000 or not script.far:
        return None
    keys = places(_KEYS, text, ("keypress", "keydown", "keyup"))
    if not keys:
        return None
    sends = [at for at in places(SENDS, text, SEND_WORDS) if near([at], script.far, 300)]
    if near(keys, sends, 1_000) and near(keys, places(_WHICH, text), 600):
        return Deed("js-keys", "injection", 0.75, "What visitors type is sent to another host")
    return None


_COOKIE_SENT = re.compile(
    r"//[^;\n]{0,200}(?:\+|\$\{)\s{0,3}(?:(?:escape|encodeuri\w{0,9}|btoa)\s{0,3}\(\s{0,3})?(?:window\s{0,3}\.\s{0,3})?document\s{0,3}\.\s{0,3}cookie"
)


def cookies(script: Script) -> Deed | None:
    if "cookie" not in script.text:
        return None
    for match in islice(_COOKIE_SENT.finditer(script.text), MOST_PLACES):
        if near([match.start()], script.far, 50):
            return Deed(
                "js-cookie-sent", "injection", 0.75, "Visitors' cookies are sent to another host"
            )
    return None
