"""What a scan of many customers' folders found, as data: a report each, and an index of all."""

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from unhijack.core.account import Account, Customer
from unhijack.core.data import Data, Json
from unhijack.core.finding import SURE, Finding, finding_data
from unhijack.core.text import printable

MOST_LISTED = 1_000
"""Findings of one folder that a report lists; all are counted."""
LONGEST_STEM = 64

_PLAIN_STEM = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_TAKEN = re.compile(r"index|state|.*-[0-9a-f]{16}|.*\.(?:xarf|\d+)")
"""Names that other files of the folder have, or could have."""
OURS = re.compile(r"[a-z0-9][a-z0-9._-]{0,100}\.(?:json|html|csv)")
"""File names that a run may have written, and may take away again."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True, slots=True)
class FolderResult:
    """What the scan of one folder came to."""

    account: Account
    files: int = 0
    size: int = 0
    found: int = 0
    """Findings in all."""
    listed: tuple[Finding, ...] = ()
    """The surest of them, `MOST_LISTED` at most."""
    sure: int = 0
    """Confident ones in all."""
    unread: int = 0
    """Files that could not be looked at."""
    cms: str = ""
    """``wordpress``...; empty where none was recognised."""
    failed: str = ""
    """Why the folder could not be scanned at all; empty where it was."""

    @property
    def incomplete(self) -> bool:
        """Something of it was not looked at that should have been."""
        return bool(self.failed or self.unread)


@dataclass(frozen=True, slots=True)
class CustomerResult:
    """All of one customer."""

    customer: Customer
    folders: tuple[FolderResult, ...]

    @property
    def found(self) -> int:
        """Findings in all folders."""
        return sum(folder.found for folder in self.folders)


def surest(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that a report lists."""
    ranked = sorted(findings, key=lambda one: (-one.confidence, one.path, one.line))
    return tuple(ranked[:MOST_LISTED])


def stem(customer: str) -> str:
    """The safe file name of a customer's report, without suffix; no two customers share one."""
    if _PLAIN_STEM.fullmatch(customer) and not _TAKEN.fullmatch(customer):
        return customer
    digest = hashlib.sha256(customer.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    plain = re.sub(r"[^a-z0-9]+", "-", customer[:LONGEST_STEM].lower()).strip("-")
    return f"{plain or 'customer'}-{digest}"


def report_json(result: CustomerResult, scanned_at: str) -> bytes:
    """One customer's findings, as ``scan --json`` has them, and what they amount to."""
    data: dict[str, Json] = {
        "customer": result.customer.name,
        "mail": result.customer.mail,
        "language": result.customer.language,
        "scanned_at": scanned_at,
        "summary": _sums(result.folders),
        "docroots": [
            {
                "docroot": folder.account.docroot,
                "domains": list(folder.account.domains),
                **_sums([folder]),
                "error": folder.failed or None,
                "findings": [finding_data(one) for one in folder.listed],
            }
            for folder in result.folders
        ],
    }
    return _json(data)


def record_of(result: CustomerResult, files: Sequence[str]) -> dict[str, Json]:
    """What is put on record when a customer is done: all that the index needs."""
    return {
        "customer": result.customer.name,
        "docroots": [folder.account.docroot for folder in result.folders],
        **_sums(result.folders),
        "errors": [
            {"docroot": folder.account.docroot, "error": folder.failed}
            for folder in result.folders
            if folder.failed
        ],
        "reports": list(files),
    }


def index_json(about: Data, records: Sequence[Data]) -> bytes:
    """All customers with their counts."""
    totals: dict[str, Json] = {
        "customers": len(records),
        "with_findings": sum(bool(one.get("findings")) for one in records),
        "incomplete": sum(bool(one.get("unread") or one.get("errors")) for one in records),
    }
    return _json({**about, "totals": totals, "customers": [dict(one) for one in records]})


_COLUMNS = ("customer", "files", "bytes", "findings", "confident", "unread")


def index_csv(records: Sequence[Data]) -> bytes:
    """The index for a spreadsheet. No cell is taken for a formula, none has a line break."""
    lines: list[str] = []
    table = csv.writer(_Lines(lines))
    table.writerow((*_COLUMNS, "docroots", "errors", "report"))
    for one in records:
        rest = (_count(one.get("docroots")), _count(one.get("errors")), _first(one.get("reports")))
        table.writerow([_cell(value) for value in (*(one.get(name) for name in _COLUMNS), *rest)])
    return "".join(lines).encode()


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the csv module writes to."""

    lines: list[str]

    def write(self, line: str) -> None:
        self.lines.append(line)


def _cell(value: Json) -> str:
    text = printable(str("" if value is None else value), 300)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _count(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else ""


def _sums(folders: Sequence[FolderResult]) -> dict[str, Json]:
    return {
        "files": sum(folder.files for folder in folders),
        "bytes": sum(folder.size for folder in folders),
        "findings": sum(folder.found for folder in folders),
        "confident": sum(folder.sure for folder in folders),
        "unread": sum(folder.unread for folder in folders),
    }


def is_sure(finding: Finding) -> bool:
    """Whether a finding is one that may be reported to others."""
    return finding.confidence >= SURE


def _json(data: Json) -> bytes:
    return json.dumps(data, indent=1).encode("ascii") + b"\n"
