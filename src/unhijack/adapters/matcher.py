"""YARA-X: our own rules and the operator's, compiled once, and their matches as values and marks."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import yara_x

from unhijack.core.errors import WrongUse
from unhijack.core.finding import Kind
from unhijack.core.text import printable
from unhijack.parse.plain.marks import Mark
from unhijack.ports import Match

SECONDS = 2
"""What matching one file may take; after that it has no matches."""
MOST_MATCHES = 20
MOST_FILES = 2000
MOST_RULE_BYTES = 16 << 20
OPERATORS = 0.7
"""Confidence of an operator's rule that does not say its own."""
ENDINGS = frozenset((".yar", ".yara", ".rule"))
_KINDS = frozenset(str(kind) for kind in Kind)
_GLOBALS: Mapping[str, str | int] = {
    "filename": "",
    "filepath": "",
    "extension": "",
    "filetype": "",
    "owner": "",
}
"""Names that rules of the common collections ask for from outside."""


class RuleMatcher:
    """See `ports.Matcher`."""

    def __init__(self, rules: yara_x.Rules) -> None:
        self._scanner = yara_x.Scanner(rules)
        self._scanner.set_timeout(SECONDS)
        self._scanner.max_matches_per_pattern(3)

    def match(self, content: bytes) -> Sequence[Match]:
        """The rules that fit; none where matching took too long."""
        try:
            results = self._scanner.scan(content)
        except (yara_x.TimeoutError, yara_x.ScanError):
            return ()
        return tuple(_match(rule) for rule in results.matching_rules[:MOST_MATCHES])


def _match(rule: yara_x.Rule) -> Match:
    meta = {name: str(value) for name, value in rule.metadata[:32]}
    first = next((m for pattern in rule.patterns for m in pattern.matches), None)
    return Match(
        rule=rule.identifier,
        source=rule.namespace,
        author=meta.get("author", ""),
        offset=first.offset if first else 0,
        length=first.length if first else 0,
        meta=tuple(meta.items()),
    )


def make_matcher(
    folders: Sequence[str],
    warn: Callable[[str], None],
    own: str = "",
    cache: Path | None = None,
) -> Callable[[bytes], Sequence[Mark]]:
    """What finds the rules of these folders and our `own` in a file, as marks.

    A file of rules that cannot be used is warned of and left out. Compiled rules are kept in
    `cache` under the digest of their sources. Raises WrongUse for a folder that is none.
    """
    sources = [("own", own)] if own else []
    for folder in folders:
        sources += _sources(Path(folder), warn)
    if not sources:
        return lambda _content: ()
    matcher = RuleMatcher(_compiled(sources, warn, cache))
    return lambda content: [mark_of(match) for match in matcher.match(content)]


def mark_of(match: Match) -> Mark:
    """A match as a mark: our own rules say what it is, for an operator's the author is named."""
    meta = dict(match.meta)
    end = match.offset + match.length
    if match.source == "own":
        rule = "own-" + match.rule.replace("_", "-")
        reason = meta.get("reason", "")
    else:
        rule = "yara:" + printable(match.rule, 80)
        author = printable(match.author, 80) or "unknown"
        reason = f"A rule of the operator's fits (by {author})."
    kind = meta.get("kind", "")
    return Mark(
        rule,
        kind if kind in _KINDS else Kind.WEBSHELL.value,
        _confidence(meta.get("confidence", "")),
        reason,
        match.offset,
        end,
    )


def _confidence(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return OPERATORS
    return min(max(value, 0.0), 0.99) if value == value else OPERATORS


def _sources(folder: Path, warn: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Name and text of each file of rules under a folder or of one such file, in a fixed order."""
    if not folder.exists():
        raise WrongUse(f"no rules there: {printable(str(folder))}")
    paths = (
        [folder]
        if folder.is_file()
        else sorted(p for p in folder.rglob("*") if p.suffix in ENDINGS)
    )
    room = MOST_RULE_BYTES
    for number, path in enumerate(paths[:MOST_FILES]):
        try:
            text = path.read_text("utf-8", errors="replace")
        except OSError as error:
            warn(f"rules not read: {printable(path.name)}: {error.strerror}")
            continue
        room -= len(text)
        if room < 0:
            warn(f"rules from {printable(path.name)} on not read: too many")
            return
        yield f"{number}:{path.name}", text


def _compiled(
    sources: Sequence[tuple[str, str]], warn: Callable[[str], None], cache: Path | None
) -> yara_x.Rules:
    digest = hashlib.sha256(repr(sources).encode("utf-8", "replace")).hexdigest()
    kept = cache / f"rules-{_version()}-{digest}.yarx" if cache else None
    if kept is not None and kept.is_file():
        try:
            with kept.open("rb") as file:
                return yara_x.Rules.deserialize_from(file)
        except (ValueError, OSError, RuntimeError):
            warn("compiled rules could not be read again: compiling")
    rules = _compile(sources, warn)
    if kept is not None:
        _keep(rules, kept)
    return rules


def _version() -> str:
    from importlib.metadata import version

    return version("yara-x")


def _compile(sources: Sequence[tuple[str, str]], warn: Callable[[str], None]) -> yara_x.Rules:
    """Each file in a namespace of its own; what one file gets wrong costs no other."""
    compiler = yara_x.Compiler(relaxed_re_syntax=True, includes_enabled=False)
    compiler.ignore_invalid_rules(yes=True)
    for name, value in _GLOBALS.items():
        compiler.define_global(name, value)
    known_errors = 0
    for name, text in sources:
        compiler.new_namespace(name)
        try:
            compiler.add_source(text, origin=name)
        except yara_x.CompileError as error:
            first = str(error).splitlines()[0] if str(error) else "not readable"
            warn(f"rules left out: {printable(name)}: {printable(first)}")
        errors = compiler.errors()
        for one in errors[known_errors : known_errors + 3]:
            said = printable(str(one.get("title", "wrong")))
            warn(f"rules left out in part: {printable(name)}, line {one.get('line', 0)}: {said}")
        known_errors = len(errors)
    return compiler.build()


def _keep(rules: yara_x.Rules, path: Path) -> None:
    """Whole or not at all; a cache that cannot be written is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            rules.serialize_into(file)
        Path(name).replace(path)
    except OSError:
        return
