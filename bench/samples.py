"""Which files of public collections stand for what, and why. Read as bytes, never kept, never run.

A collection is named ``owner+name``; its git directory lies under the folder that the environment
variable ``UNHIJACK_SAMPLES`` names, as ``owner+name/repo``. No public collection holds redirectors,
honest programs that look like them, or the odds and ends of small sites: those lie in ``specimens``.
They were written, inert, by people who had read neither the rules nor other specimens. The rules were
mended on half of them; of the other half only the *confident* false alarms were looked at.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.report import CannotRun

MOST = 4 << 20
"""A longer file is no page of a server."""
SMALL = 4000
"""Bytes of a file that somebody wrote for one use."""
VARIABLE = "UNHIJACK_SAMPLES"
SPECIMENS = Path(__file__).parent / "specimens"
PHP = re.compile(rb"<\?(?:php|=|\s)|<script[^>]{1,40}php", re.IGNORECASE)

_PHP_NAMES = r"(?:\.(?:php\d?|phtml|inc|txt|file|jpe?g|gif|png|ico|bak|old)|/[^/.]+)$"
_PAGE_NAMES = r"\.(?:aspx?|asa|ashx|asmx|cer|jspx?|cfm)$"
_PHP_CODE = r"\.(?:php|inc|module|install|theme|engine|phtml|tpl)$"


@dataclass(frozen=True, slots=True)
class Selection:
    """Files of one collection that stand for one thing."""

    collection: str
    what: str
    """``shells``, ``shells in other languages``, ``honeypot``, ``infected core``, ``redirectors``,
    ``config``, ``page scripts``, or ``benign ...``."""
    paths: str
    """A pattern that is searched in the path."""
    without: str = r"(?!)"
    """A pattern of paths that are left out; the reason stands beside it."""
    must: str = "php"
    """What has to be in it: ``php`` tags, ``core`` for a shop's own file, ``served`` for PHP that is no
    small program of a terminal, or ``any``."""


_SHELLS = (
    "BlackArch+webshells",
    "JohnTroony+php-webshells",
    "lcatro+PHP-WebShell-Bypass-WAF",
    "marcocesarato+PHP-Malware-Collection",
    "nikicat+web-malware-collection",
    "tanjiti+webshellSample",
    "tennc+webshell",
    "tutorial0+WebShell",
    "webshellpub+awsome-webshell",
    "xl7dev+WebShell",
    "ysrc+webshell-sample",
    "z3n70+webshell_bypass",
)
_BENIGN = (
    "codeigniter4+CodeIgniter4",
    "composer+composer",
    "dokuwiki+dokuwiki",
    "drupal+core",
    "johnpbloch+wordpress-core",
    "laravel+framework",
    "roundcube+roundcubemail",
    "symfony+symfony",
    "vrana+adminer",
    "yiisoft+yii2",
)
# Tools for databases and pages of phpinfo lie in collections of shells, but plant nothing.
_TOOLS = r"(?i)adminer|phpmyadmin|phpinfo|readme"

SELECTIONS: tuple[Selection, ...] = (
    *(Selection(name, "shells", _PHP_NAMES, _TOOLS) for name in _SHELLS),
    *(
        Selection(name, "shells in other languages", _PAGE_NAMES, _TOOLS, must="any")
        for name in _SHELLS
    ),
    # Left out: the analyst's decoders (dc1.php, d2.php: what decodes prints what it was), numbered
    # steps of decoding, libraries and themes that attackers brought along unchanged, his notes.
    # So are his small programs that take their input from a terminal: a visitor's request has none.
    # One of the libraries is the plugin exec-php: by his notes attackers added two files to it, which stay
    # in; all others, those of its includes/ among them, are its makers' release of 2009.
    Selection(
        "bediger4000+php-malware-analysis",
        "honeypot",
        r"\.(?:php|file)$",
        r"(?i)/(?:dc?|decod\w*)\d*\.php$|decod|/extracted/|/vendor/|simppeli/|/react/|/exec-php/includes/"
        r"|/(?:replace|formatted|find_data|defsdump|vigilante_md5|param_decoding)\.php$",
        must="served",
    ),
    Selection("gwillem+magento-malware-scanner", "infected core", r"^corpus/backend/", must="core"),
    Selection("gwillem+magento-malware-scanner", "page scripts", r"^corpus/frontend/", must="any"),
    Selection("wireghoul+htshells", "config", r"htaccess$", must="any"),
    *(
        Selection(name, f"benign {name.partition('+')[2]}", _PHP_CODE, must="any")
        for name in _BENIGN
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One file."""

    collection: str
    path: str
    what: str
    content: bytes
    held: bool


def samples(only: str = "", every: int = 1) -> Iterator[Sample]:
    """The files of each selection, each content once; `only` a class that begins so, each
    `every`-th of it. Raises CannotRun.
    """
    root = os.environ.get(VARIABLE, "")
    if not root or not Path(root).is_dir():
        raise CannotRun(f"no samples: {VARIABLE} names no folder of git directories")
    seen: set[bytes] = set()
    yield from _written_here(only, every)
    for selection in SELECTIONS:
        git = Path(root) / selection.collection / "repo"
        if selection.what.startswith(only) and git.is_dir():
            yield from _selected(git, selection, seen, every)


def _written_here(only: str, every: int) -> Iterator[Sample]:
    for what in ("redirectors", "lookalikes", "smallsites"):
        files = sorted((SPECIMENS / what).iterdir()) if what.startswith(only) else []
        for path in files[::every]:
            content = path.read_bytes()
            held = bool(hashlib.sha256(content).digest()[0] % 2)
            yield Sample("specimens", path.name.removesuffix(".txt"), what, content, held)


def _selected(git: Path, selection: Selection, seen: set[bytes], every: int) -> Iterator[Sample]:
    for number, (path, content) in enumerate(blobs(git, selection)):
        digest = hashlib.sha256(content)
        if number % every or digest.digest() in seen or not _is_it(content, selection.must):
            continue
        seen.add(digest.digest())
        held = int(digest.hexdigest()[:4], 16) % 10 < 4
        yield Sample(selection.collection, path, selection.what, content, held)


def _is_it(content: bytes, must: str) -> bool:
    if must == "any":
        return True
    if must == "served" and len(content) < SMALL and b"$argv" in content:
        return False
    if must == "core":
        return b"NOTICE OF LICENSE" in content and PHP.search(content) is not None
    return PHP.search(content) is not None


def blobs(git: Path, selection: Selection) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of a selection; what the copy lacks is passed over."""
    wanted, unwanted = re.compile(selection.paths), re.compile(selection.without)
    listed = _git(git, "ls-tree", "-r", "-z", "-l", "HEAD").decode("utf-8", "surrogateescape")
    chosen: dict[str, str] = {}
    for line in listed.split("\0"):
        about, _, path = line.partition("\t")
        fields = about.split()
        if len(fields) != 4 or fields[1] != "blob" or not fields[3].isdigit():
            continue
        if int(fields[3]) <= MOST and wanted.search(path) and not unwanted.search(path):
            chosen.setdefault(fields[2], path)
    yield from _contents(git, chosen)


def _contents(git: Path, chosen: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    with subprocess.Popen(
        ["git", "--git-dir", str(git), "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name, path in chosen.items():
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) != 3:
                continue
            content = process.stdout.read(int(head[2]))
            process.stdout.read(1)
            yield path, content
        process.stdin.close()


def _git(git: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", "--git-dir", str(git), *arguments], capture_output=True, check=False
    )
    if done.returncode:
        raise CannotRun(f"git cannot read a collection: {git.parent.name}")
    return done.stdout
