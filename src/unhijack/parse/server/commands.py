"""Command lines that a machine runs by itself, judged by what they do.

Shared by all who read such lines: crontabs, units, shell profiles, at jobs.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from unhijack.parse.plain.marks import Mark

LONGEST = 8192
"""Bytes of one command that are read."""

_SPLIT = re.compile(rb"&&|\|\||[;&\n]")
_FETCH = rb"\b(?:curl|wget|fetch|lwp-download|lynx|aria2c|GET)\b"
_SH = rb"(?:/\S{0,80}/)?(?:ba|da|z|k|a)?sh"
_OTHERS = rb"(?:/\S{0,80}/)?(?:php|python|perl|ruby|node)[\d.]{0,6}"
_SHELL = _SH + rb"|" + _OTHERS
_ENDS = rb"\s{0,9}(?:$|[;&|>)\"'`\n]|\d>)"
# `| python3 -m json.tool` reads data; `| python3` runs it
_PIPED = re.compile(
    rb"\|\s{0,9}(?:(?:sudo|env|nohup|time)\s{1,9}(?:-\w{1,3}\s{1,9})?){0,2}(?:"
    + (_SH + rb"(?=" + _ENDS + rb"|\s{1,9}-[sxeil]{0,3}(?:\s|$|[\"'])|\s{1,9}--\s)|")
    + (_OTHERS + rb"(?=" + _ENDS + rb"|\s{1,9}-{1,2}(?:\s|$)))")
)
_DOWNLOAD = re.compile(_FETCH)
_SUBSTITUTED = re.compile(
    rb"(?:\b(?:eval|source|(?:ba|da|z)?sh\s{1,9}-c|php\s{1,9}-r)\s{0,9}[\"']?|^\s{0,9}\.\s)\s{0,9}"
    rb"(?:<\(|\$\(|`)\s{0,9}" + _FETCH
)
_FETCHED_CODE = re.compile(
    rb"\b(?:eval|exec|include|require)\b[^|;]{0,60}(?:file_get_contents|urlopen|requests\.get|LWP)"
)
_TO_FILE = re.compile(
    rb"(?:-o|-O|--output|--output-document|>)[=\s]{0,4}"
    rb"[\"']?([^\s\"';|&>:]{0,200}\.ph(?:p\d?|tml|ar))\b"
)
_DECODE = re.compile(
    rb"base64\s{1,9}(?:-d|-D|--decode|-di|-id)\b|openssl\s{1,9}(?:enc\s{1,9})?(?:-base64\s{1,9}-d|base64\s{1,9}-d)"
    rb"|xxd\s{1,9}(?:-p\s{1,9}-r|-r\s{1,9}-p|-rp|-pr)|\brev\b(?=\s{0,9}\|)|\bpython\S{0,4}\s{1,9}-m\s{1,9}base64"
)
_CODED = re.compile(
    rb"(?:eval|assert|exec|system)\W{0,9}(?:\w{1,30}\W{1,3}){0,3}(?:base64_decode|b64decode|decode_base64"
    rb"|gzinflate|str_rot13|fromhex|zlib\.decompress|pack\s{0,3}\()"
)
_TCP = re.compile(rb"/dev/(?:tcp|udp)/[^\s/]{1,255}/\S")
_NETCAT = re.compile(
    rb"\b(?:nc|ncat|netcat|nc\.\w{1,20})\b[^|;&]{0,120}\s(?:-\w{0,4}[ec]\b|--exec|--sh-exec)"
    rb"|\bmkfifo\b.{0,200}\|\s{0,9}(?:nc|ncat|netcat|telnet|openssl)\b"
    rb"|\bsocat\b.{0,200}\bexec:|\bEXEC:[\"']?(?:/\S{0,30})?(?:ba)?sh",
    re.IGNORECASE | re.DOTALL,
)
_SOCKET = re.compile(
    rb"(?:socket\.socket|use\s{1,9}Socket|fsockopen|TCPSocket|net\.connect).{0,600}"
    rb"(?:dup2|pty\.spawn|/bin/(?:ba)?sh|subprocess|exec\s{0,3}[\"'({])",
    re.DOTALL,
)
_MINER = re.compile(
    rb"stratum\+(?:tcp|ssl)://|\bxmrig\b|--donate-level\b|\bminerd\b|\bcryptonight\b"
)
_DISGUISE = re.compile(
    rb"\bexec\s{1,9}-a\s{1,9}[\"']?(?:\[|-bash|httpd|php-fpm|nginx|apache)|\bGS_ARGS="
)
_PAGE = re.compile(
    rb"(?<=[\s/\"'>])(?:index\.(?:php|html?)|\.htaccess|\.user\.ini"
    rb"|wp-(?:config|load|settings|blog-header)\.php|(?:functions|header|footer)\.php)"
    rb"[\"']?[ \t]{0,9}(?=$|[;&|)\n])"
)
_WRITER = re.compile(rb"\b(?:cp|mv|install|ln|rsync|tee|sed[ \t]{1,9}-i)\b")
_INTO = re.compile(rb">{1,2}[ \t]{0,4}[\"']?[^\s\"'>]{0,200}$")
_SIGNS = (b";", b"&", b"|", b"(", b")", b"\n")
_PINNED = re.compile(
    rb"\bchattr\s{1,9}(?:-\w{1,9}\s{1,9}){0,3}\+\w{0,3}i|\btouch\s{1,9}(?:-\w{1,4}\s{1,9}){0,3}(?:-[am]{0,2}[rdt]\b|--reference)"
    rb"|\bchmod\s{1,9}0?[45]44\b"
)
_KEY = re.compile(rb">>?\s{0,4}\S{0,200}\.ssh/authorized_keys|\bssh-(?:rsa|ed25519) AAAA")
_PRELOAD = re.compile(rb"\bLD_PRELOAD=\s{0,4}\S|/etc/ld\.so\.preload")
_BACK_IN_CRON = re.compile(rb"\|\s{0,9}crontab\s{1,9}-|\bcrontab\s{1,9}(?:/tmp|/dev/shm|/var/tmp)/")

_PREFIX = re.compile(
    rb"[ \t]*(?:(?:\w{1,60}=(?:\"[^\"]{0,200}\"|'[^']{0,200}'|[^\s\"']{0,200})[ \t]+)"
    rb"|(?:(?:/usr)?/bin/)?(?:sudo|nohup|exec|env|time|nice|ionice|setsid|command|then|do|timeout|chronic)[ \t]+"
    rb"|-\w{1,20}[ \t]+|\d{1,6}[smh]?[ \t]+|[(@!+:{-]{1,3}[ \t]*)"
)
_MOST_PREFIXES = 12
_PROGRAM = re.compile(
    rb"[ \t]*[\"']?((?:"
    + _SHELL
    + rb")[ \t]+(?:-\w{1,20}[ \t]+){0,4})?[\"']?((?:~|\$HOME|\.{1,2})?/[^\s\"';|&<>()]{1,400})"
)
_TEMPORARY = re.compile(rb"/(?:var/)?tmp/|/dev/shm/|/run/(?:shm|user/\d+)/")
_HIDDEN = re.compile(rb"/(?:\.{1,2}[^/.][^/]{0,200}|\.{3,}|\.\s)/|/\.[^/.][^/]{0,200}$")
_USUAL = re.compile(
    rb"/\.(?:local|config/(?:composer|yarn)|composer|acme\.sh|nvm|rbenv|pyenv|rvm|cargo|venv|virtualenv|npm"
    rb"|nodebrew|bun|deno|dotnet|sdkman|asdf|wp-cli|phpenv|linuxbrew|certbot|rustup|go|bin|cpanel|plesk"
    rb"|phpbrew|dropbox-dist|cagefs|fzf|oh-my-zsh|vscode-server|poetry|symfony\d?|platformsh|ssh|git|env|cl\.selector)\b"
)
_UPLOADS = re.compile(
    rb"/(?:uploads?|images?|img|media|files|cache|tmp|temp|assets|css|js|fonts?|icons?|languages|upgrade)/"
    rb"[^\s]{0,300}\.(?:ph(?:p\d?|tml|ar)|ico|png|jpe?g|gif|txt|css|js|log)$"
)
_RUNS_PHP = re.compile(rb"php[\d.]{0,6}\s")


class Rule(NamedTuple):
    """What is looked for in one command."""

    name: str
    kind: str
    confidence: float
    reason: str
    shows: Callable[[bytes], "re.Match[bytes] | None"]


def _piped_download(command: bytes) -> "re.Match[bytes] | None":
    first = _DOWNLOAD.search(command)
    return _PIPED.search(command, first.end()) if first else None


def _piped_decoding(command: bytes) -> "re.Match[bytes] | None":
    first = _DECODE.search(command)
    if first is None:
        return None
    inside = re.search(
        rb"(?:\beval\b|\bsh\s{1,9}-c\b|(?:\bsource|\bb?a?sh|\.)\s{1,9}<\(|(?:^|[;&|])\s{0,9}(?:\$\(|`))"
        rb"[^\n]{0,200}$",
        command[: first.start()],
    )
    return _PIPED.search(command, first.end()) or (inside and first)


def _download_to_page(command: bytes) -> "re.Match[bytes] | None":
    return _TO_FILE.search(command) if _DOWNLOAD.search(command) else None


def _written_page(command: bytes) -> "re.Match[bytes] | None":
    """The page of a site that a command writes over: the last word of a copy, or behind ``>``."""
    begin = 0
    for found in _PAGE.finditer(command):
        before = command[begin : found.start()]
        begin = found.end()
        words = before[max(before.rfind(sign) for sign in _SIGNS) + 1 :]
        if _WRITER.search(words) or _INTO.search(before[-220:]):
            return found
    return None


def _pinned_page(command: bytes) -> "re.Match[bytes] | None":
    return _PINNED.search(command) if _written_page(command) else None


def _reverse_shell(command: bytes) -> "re.Match[bytes] | None":
    found = _TCP.search(command)
    if found and re.search(rb"\b(?:ba|z|k)?sh\b|\bexec\b|[<>]&", command):
        return found
    return _NETCAT.search(command) or _SOCKET.search(command)


RULES: tuple[Rule, ...] = (
    Rule(
        "run-reverse-shell", "backdoor", 0.95, "it gives a shell to another machine", _reverse_shell
    ),
    Rule("run-decoded", "backdoor", 0.95, "it decodes a command and runs it", _piped_decoding),
    Rule("run-coded", "backdoor", 0.95, "it runs code that is written in disguise", _CODED.search),
    Rule(
        "run-download", "dropper", 0.9, "it fetches a program and runs it at once", _piped_download
    ),
    Rule(
        "run-download",
        "dropper",
        0.92,
        "it fetches a program and runs it at once",
        _SUBSTITUTED.search,
    ),
    Rule(
        "run-download", "dropper", 0.9, "it fetches code and runs it at once", _FETCHED_CODE.search
    ),
    Rule("run-page-download", "dropper", 0.9, "it fetches a PHP page", _download_to_page),
    Rule("run-miner", "backdoor", 0.95, "it digs for coins", _MINER.search),
    Rule(
        "run-disguise", "backdoor", 0.92, "it runs a program under another's name", _DISGUISE.search
    ),
    Rule(
        "run-reinfection",
        "dropper",
        0.92,
        "it writes a page of the site again and hides that it did, or locks it",
        _pinned_page,
    ),
    Rule("run-page-write", "dropper", 0.7, "it writes over a page of the site", _written_page),
    Rule("run-preload", "backdoor", 0.6, "it puts a library under every program", _PRELOAD.search),
    Rule("run-key", "backdoor", 0.7, "it lets a key log in", _KEY.search),
    Rule(
        "run-cron-again", "dropper", 0.6, "it writes the table of jobs anew", _BACK_IN_CRON.search
    ),
)


def command_marks(command: bytes, offset: int = 0) -> tuple[Mark, ...]:
    """What a command gives away; offsets count from `offset`."""
    command = command[:LONGEST]
    marks: list[Mark] = []
    seen: set[str] = set()
    for rule in RULES:
        found = rule.shows(command) if rule.name not in seen else None
        if found is not None:
            seen.add(rule.name)
            marks.append(_mark(rule.name, rule.kind, rule.confidence, rule.reason, found, offset))
    if "run-reinfection" in seen:
        marks = [one for one in marks if one.rule != "run-page-write"]
    return (*marks, *_place_marks(command, offset))


def _mark(
    rule: str, kind: str, confidence: float, reason: str, found: "re.Match[bytes]", offset: int
) -> Mark:
    return Mark(rule, kind, confidence, reason, offset + found.start(), offset + found.end())


def _place_marks(command: bytes, offset: int) -> Iterator[Mark]:
    """From where its programs run: nobody keeps one in a folder for passing files."""
    for start, end in _parts(command):
        found = _PROGRAM.match(command, _behind_prefixes(command, start), end)
        if found is None:
            continue
        judged = _judge_place(found[2], run_by=found[1] or b"")
        if judged is not None:
            confidence, reason = judged
            at, to = found.span(2)
            yield Mark("run-place", "backdoor", confidence, reason, offset + at, offset + to)
            return


def _judge_place(program: bytes, run_by: bytes) -> tuple[float, str] | None:
    temporary = _TEMPORARY.match(program)
    hidden = _HIDDEN.search(program)
    if temporary:
        confidence = 0.92 if hidden else 0.85 if b"shm" in temporary[0] else 0.7
        return confidence, "it runs a program from a folder for passing files"
    if hidden and not _USUAL.search(program):
        return 0.45, "it runs a program from a hidden folder"
    if _RUNS_PHP.search(run_by) and _UPLOADS.search(program):
        return 0.85, "it runs PHP from a folder for uploads or pictures"
    return None


def _parts(command: bytes) -> Sequence[tuple[int, int]]:
    """Spans of the single commands, pipes and brackets aside."""
    ends = [(found.start(), found.end()) for found in _SPLIT.finditer(command)]
    starts = [0, *(end for _, end in ends)]
    return list(zip(starts, [*(start for start, _ in ends), len(command)], strict=True))


def _behind_prefixes(command: bytes, at: int) -> int:
    """Behind ``VAR=x``, ``sudo``, ``nice -n 10`` and the like."""
    for _ in range(_MOST_PREFIXES):
        found = _PREFIX.match(command, at)
        if found is None or found.end() == at:
            break
        at = found.end()
    return at
