"""Programs stored in a database: those that bring an infection back.

A trigger that makes an administrator when a comment with a certain word arrives, an event that
writes a script into the options every day: a clean-up of files never sees them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from unhijack.core.rows import Routine, RoutineKind
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.sql_text import blanked, from_hex, strings_of

MOST_WRITES = 500
"""Writes of one program that are looked at."""

_TARGET = rb"\s+(?:LOW_PRIORITY\s+|IGNORE\s+|DELAYED\s+|OR\s+\w+\s+){0,2}"
_NAME = rb"(?:[`\"]?[\w$-]{1,64}[`\"]?\s{0,4}\.\s{0,4})?[`\"]?([\w$-]{1,64})[`\"]?"
_WRITE = re.compile(
    rb"\b(?:(INSERT|REPLACE)" + _TARGET + rb"(?:INTO\s+)?|(UPDATE)" + _TARGET + rb")" + _NAME,
    re.IGNORECASE,
)
_FILES = re.compile(
    rb"\bINTO\s+(?:OUTFILE|DUMPFILE)\b|\bLOAD_FILE\s*\(|\bsys_(?:exec|eval)\s*\(|\bSONAME\b"
    rb"|\blo_export\s*\(|\bwritefile\s*\(|\bload_extension\s*\(",
    re.IGNORECASE,
)
_EXPORT = re.compile(rb"\.(?:csv|tsv|txt|json|xml|sql)\b", re.IGNORECASE)
_LOGIN = re.compile(
    rb"\b(?:user_pass|user_login|user_email|user_status|passwd|password|pass|role|role_id|group_id"
    rb"|is_admin|is_superuser|usertype)\b",
    re.IGNORECASE,
)
_POWER = re.compile(rb"capabilities|user_level|administrator|super ?user|s:13:", re.IGNORECASE)
_PAYLOAD = re.compile(
    rb"<\s?script|<\s?iframe|<\?php|<\?=|\beval\s*\(|base64_decode|javascript:|document\.|https?://",
    re.IGNORECASE,
)
_HIDDEN = re.compile(rb"\b(?:UNHEX|FROM_BASE64|CONV|CHAR)\s*\(|0x([0-9a-f]{24,})", re.IGNORECASE)
_WORD = re.compile(
    rb"\bNEW\s*\.\s*\S{1,80}\s*(?:LIKE\b|=|REGEXP\b|RLIKE\b)|\b(?:INSTR|LOCATE)\s*\(", re.IGNORECASE
)

_USERS = (
    b"users",
    b"usermeta",
    b"admin_user",
    b"user__roles",
    b"users_roles",
    b"user_usergroup_map",
)
_OPTIONS = (
    b"options",
    b"core_config_data",
    b"extensions",
    b"template_styles",
    b"variable",
    b"config",
)
_TEXTS = (b"posts", b"postmeta", b"cms_block", b"cms_page", b"content", b"modules", b"node__body")


def judge_routine(routine: Routine) -> tuple[Mark, ...]:
    """What a stored program gives away. Offsets are in `routine.text`."""
    acts = blanked(routine.text)
    said = b"\n".join(_said(routine.text))
    return (*_file_marks(acts, said), *_write_marks(routine, acts, said))


def _said(text: bytes) -> Iterator[bytes]:
    """The strings of a program, hexadecimal ones among them."""
    yield from strings_of(text)
    for match in _HIDDEN.finditer(text):
        if match[1]:
            yield from_hex(match[1])


def _file_marks(acts: bytes, said: bytes) -> Iterator[Mark]:
    found = _FILES.search(acts)
    if found is None:
        return
    export = b"OUTFILE" in found[0].upper() and _EXPORT.search(said) and not _PAYLOAD.search(said)
    reason = "a program in the database reads or writes files, or runs commands, of the server"
    yield Mark("sql-routine-files", "backdoor", 0.5 if export else 0.95, reason, *found.span())


def _write_marks(routine: Routine, acts: bytes, said: bytes) -> Iterator[Mark]:
    by_itself = routine.kind in (RoutineKind.TRIGGER, RoutineKind.EVENT)
    payload = _PAYLOAD.search(said) is not None or _HIDDEN.search(acts) is not None
    power = _POWER.search(said) is not None or _POWER.search(acts) is not None
    word = _WORD.search(acts) is not None
    seen: set[str] = set()
    for found in islice(_WRITE.finditer(acts), MOST_WRITES):
        judged = _judge_write(found, acts, payload=payload, power=power, word=word)
        if judged is None or judged[0] in seen:
            continue
        rule, confidence, reason = judged
        seen.add(rule)
        if not by_itself:  # somebody has to call it
            confidence = min(confidence, 0.8) - 0.1
        yield Mark(rule, "backdoor", round(confidence, 2), reason, *found.span())


def _judge_write(
    found: re.Match[bytes], acts: bytes, *, payload: bool, power: bool, word: bool
) -> tuple[str, float, str] | None:
    table = found[3].lower()
    if _is(table, _USERS):
        sets = _LOGIN.search(acts, found.end(), found.end() + 2000) is not None
        confidence = 0.95 if power or (sets and (word or found[1])) else 0.75 if sets else 0.4
        return (
            "sql-routine-users",
            confidence,
            "a program in the database writes users or their rights",
        )
    if _is(table, _OPTIONS):
        confidence = 0.95 if payload else 0.9 if word and b"option_value" in acts else 0.5
        return (
            "sql-routine-options",
            confidence,
            "a program in the database writes settings of the site",
        )
    if _is(table, _TEXTS):
        confidence = 0.92 if payload else 0.45
        return "sql-routine-texts", confidence, "a program in the database writes pages of the site"
    return None


def _is(table: bytes, names: Sequence[bytes]) -> bool:
    return any(table == name or table.endswith(b"_" + name) for name in names)
