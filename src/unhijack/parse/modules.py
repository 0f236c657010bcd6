"""Module scripts as plain ones: the engine has no loader, so imports become look-ups.

Reads what tools and people commonly write, by pattern; what it does not understand stays as it is
and fails in the engine as a mistake of the page would.
"""

import json
import re

REGISTRY = "globalThis[Symbol.for('modules')]"

_FROM = r"\s*from\s*[\"']([^\"'\n]{1,2000})[\"']\s*;?"
_BARE = re.compile(r"(?<![\w$.\"'])import\s*[\"']([^\"'\n]{1,2000})[\"']\s*;?")
_IMPORT = re.compile(
    r"(?<![\w$.])import\s*(?:([\w$]{1,200})\s*,?\s*)?(?:\*\s*as\s+([\w$]{1,200})|\{([^{}]{0,20000})\})?"
    + _FROM
)
_REEXPORT = re.compile(r"(?<![\w$.])export\s*(?:\*|\{([^{}]{0,20000})\})" + _FROM)
_LIST = re.compile(r"(?<![\w$.])export\s*\{([^{}]{0,20000})\}\s*;?")
_DEFAULT = re.compile(r"(?<![\w$.])export\s+default\s+")
_NAMED = re.compile(
    r"(?<![\w$.])export\s+((?:async\s+)?function\s*\*?|class|const|let|var)\s+([\w$]{1,200})"
)
_META = re.compile(r"(?<![\w$.])import\s*\.\s*meta\s*\.\s*url")
_AS = re.compile(r"\bas\b")


def imports_of(text: str) -> tuple[str, ...]:
    """What a module imports, as written, in order."""
    found = [
        (match.start(), match[match.lastindex or 1])
        for pattern in (_BARE, _IMPORT, _REEXPORT)
        for match in pattern.finditer(text)
    ]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def as_plain(text: str, url: str, resolved: dict[str, str]) -> str:
    """A module as a script; `resolved` are the full addresses of what it imports."""
    ends: list[str] = []

    def looked_up(name: str) -> str:
        return f"({REGISTRY}[{json.dumps(resolved.get(name, name))}] || {{}})"

    def imported(match: re.Match[str]) -> str:
        whole = looked_up(match[4])
        parts = [f"{match[1]} = {whole}.default"] if match[1] else []
        parts += [f"{match[2]} = {whole}"] if match[2] else []
        parts += [f"{{{_AS.sub(':', match[3])}}} = {whole}"] if match[3] else []
        return f"const {', '.join(parts)};" if parts else ";"

    def exported(names: str, source: str = "") -> None:
        for entry in filter(None, (part.split() for part in names.split(","))):
            value = f"{source}.{entry[0]}" if source else entry[0]
            ends.append(f"$e.{entry[-1]} = {value};")

    def again(match: re.Match[str]) -> str:
        if match[1] is None:
            return f"Object.assign($e, {looked_up(match[2])});"
        exported(match[1], looked_up(match[2]))
        return ";"

    def named(match: re.Match[str]) -> str:
        ends.append(f"$e.{match[2]} = {match[2]};")
        return f"{match[1]} {match[2]}"

    def listed(match: re.Match[str]) -> str:
        exported(match[1])
        return ";"

    text = _IMPORT.sub(imported, text)
    text = _REEXPORT.sub(again, text)
    text = _BARE.sub(";", text)
    text = _NAMED.sub(named, text)
    text = _LIST.sub(listed, text)
    text = _DEFAULT.sub("$e.default = ", text)
    text = _META.sub(lambda _: json.dumps(url), text)
    registry = f"({REGISTRY} = {REGISTRY} || {{}})"
    return (
        f"(async ($e) => {{ 'use strict'; {text}\n{' '.join(ends)} }})"
        f"({registry}[{json.dumps(url)}] = {{}});"
    )
