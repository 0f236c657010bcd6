"""The folders of all customers of a hoster, scanned in one run; a report for each who needs one.

A customer is done when their reports are on the disk; then, and not before, that is put on record.
A run that was killed goes on behind the last record.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from unhijack.collect.scan.look import Looked, Surroundings
from unhijack.compose.scan_page import report_page
from unhijack.compose.scan_report import (
    MOST_LISTED,
    OURS,
    CustomerResult,
    FolderResult,
    index_csv,
    index_json,
    is_sure,
    record_of,
    report_json,
    stem,
    surest,
)
from unhijack.compose.scan_xarf import Sender, xarf_of
from unhijack.core.account import Account, Customer
from unhijack.core.data import Data, Json, items, objects
from unhijack.core.finding import Finding
from unhijack.jobs.scan import FAILED, Done, Failed, Walked, scan_folders
from unhijack.ports import Reports
from unhijack.wiring.scans import ScanSpec, rules_stamp

_FINISHED: Data = {"finished": True}
"""The last record of a run: whoever resumes after it begins anew."""

Saw = Callable[[str, str, Looked], None]
"""Told of each file: the customer, the folder, what it gave."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a run over many customers is to do."""

    customers: Sequence[Customer]
    spec: ScanSpec
    """For every folder, but for the folder itself and the site's names."""
    hands: int
    niceness: int
    began: datetime
    organisation: str = ""
    sender: Sender | None = None
    """Who signs XARF reports; without one there are none."""

    @property
    def scanned_at(self) -> str:
        """When the run began, as reports have it."""
        return self.began.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Hosted:
    """What a run came to, those customers among it that an earlier, killed one had done."""

    done: int = 0
    """Customers."""
    files: int = 0
    findings: int = 0
    incomplete: int = 0
    """Customers of whom something could not be looked at."""
    with_findings: int = 0
    resumed: int = 0
    """Customers that an earlier run had done."""

    def add(self, record: Data) -> None:
        """Count a customer who is done."""
        self.done += 1
        self.files += _whole(record.get("files"))
        self.findings += _whole(record.get("findings"))
        self.with_findings += bool(record.get("findings"))
        self.incomplete += bool(record.get("unread") or record.get("errors"))


def scan_customers(
    order: Order, reports: Reports | None, saw: Saw, *, resume: bool
) -> Iterator[Hosted]:
    """Scan all folders, customer by customer; what there is so far after each. Raises WrongUse."""
    writer = None if reports is None else _Writer(order, reports, resume=resume)
    hosted = Hosted()
    for record in writer.before if writer else ():
        hosted.add(record)
    hosted.resumed = hosted.done
    yield hosted
    for result in _results(order, writer.left if writer else order.customers, saw):
        hosted.add(writer.finish(result) if writer else record_of(result, ()))
        yield hosted
    if writer is not None:
        writer.close()


def _results(order: Order, customers: Sequence[Customer], saw: Saw) -> Iterator[CustomerResult]:
    """Each customer, as soon as the last of their folders is done."""
    folders = [(number, one) for number, who in enumerate(customers) for one in who.docroots]
    spec = replace(order.spec, stamp=rules_stamp(order.spec))
    specs = (_spec(spec, one) for _, one in folders)
    left = [len(who.docroots) for who in customers]
    open_: dict[int, _Folder] = {}
    results: dict[int, list[FolderResult]] = {}
    for at, seen in scan_folders(specs, hands=order.hands, niceness=order.niceness):
        number, account = folders[at]
        folder = open_.setdefault(at, _Folder(account))
        if isinstance(seen, Looked):
            saw(account.customer, account.docroot, seen)
            folder.add(seen)
        elif isinstance(seen, Walked):
            folder.cms = next((p.name for p in seen.products if ":" not in p.name), "")
        else:
            results.setdefault(number, []).append(folder.result(seen))
            del open_[at]
            left[number] -= 1
            if left[number] == 0:
                yield _in_order(customers[number], results.pop(number))


def _spec(spec: ScanSpec, account: Account) -> ScanSpec:
    return replace(
        spec,
        root=account.docroot,
        prefix=account.docroot + "/",
        around=Surroundings(own_hosts=spec.around.own_hosts | frozenset(account.domains)),
        strangers=True,
    )


def _in_order(customer: Customer, folders: list[FolderResult]) -> CustomerResult:
    """Folders as the customer has them, whichever was done first."""
    return CustomerResult(
        customer, tuple(sorted(folders, key=lambda one: customer.docroots.index(one.account)))
    )


@dataclass(slots=True)
class _Folder:
    """A folder that is being scanned."""

    account: Account
    files: int = 0
    size: int = 0
    found: int = 0
    sure: int = 0
    unread: int = 0
    cms: str = ""
    findings: list[Finding] = field(default_factory=list)

    def add(self, looked: Looked) -> None:
        codes = {one.code for one in looked.skipped}
        self.files += not codes - {"partial", "archive"}
        self.unread += bool(codes & FAILED)
        self.size += looked.size
        self.found += len(looked.findings)
        self.sure += sum(map(is_sure, looked.findings))
        self.findings += looked.findings
        if len(self.findings) > 2 * MOST_LISTED:
            self.findings = list(surest(self.findings))

    def result(self, end: Done | Failed) -> FolderResult:
        return FolderResult(
            self.account,
            self.files,
            self.size,
            self.found,
            surest(self.findings),
            self.sure,
            self.unread,
            self.cms,
            end.why if isinstance(end, Failed) else "",
        )


class _Writer:
    """Reports, and the record of who is done."""

    def __init__(self, order: Order, reports: Reports, *, resume: bool) -> None:
        self._order = order
        self._reports = reports
        earlier = reports.records()
        self._old = _files_of(earlier) | _files_of(_index(reports))
        """Files of runs before, to be taken away unless this one writes them again."""
        wanted = {who.name: [one.docroot for one in who.docroots] for who in order.customers}
        resume = resume and _FINISHED not in earlier
        records = {str(one.get("customer")): one for one in earlier if resume}
        self.before = [
            one for name, one in records.items() if wanted.get(name) == one.get("docroots")
        ]
        done = {str(one.get("customer")) for one in self.before}
        self.left = [who for who in order.customers if who.name not in done]
        reports.begin(keep=resume)

    def finish(self, result: CustomerResult) -> Data:
        """Write a customer's reports, then put on record that they are done."""
        files = dict(self._files(result)) if result.found else {}
        for name, content in files.items():
            self._reports.write(name, content)
        record = record_of(result, list(files))
        self._reports.record(record)
        return record

    def _files(self, result: CustomerResult) -> Iterator[tuple[str, bytes]]:
        order, name = self._order, stem(result.customer.name)
        yield f"{name}.json", report_json(result, order.scanned_at)
        yield f"{name}.html", report_page(result, order.scanned_at, order.organisation)
        number = 0
        for folder in result.folders if order.sender else ():
            assert order.sender is not None
            xarf = xarf_of(folder, order.scanned_at, order.sender)
            if xarf is not None:
                number += 1
                yield f"{name}.xarf.json" if number == 1 else f"{name}.{number}.xarf.json", xarf

    def close(self) -> None:
        """Write the index; then what only runs before had written is taken away."""
        by_name = {str(one.get("customer")): one for one in self._reports.records()}
        wanted = [who.name for who in self._order.customers]
        records = [by_name[name] for name in wanted if name in by_name]
        about: dict[str, Json] = {
            "scanned_at": self._order.scanned_at,
            "organisation": self._order.organisation,
        }
        self._reports.write("index.json", index_json(about, records))
        self._reports.write("index.csv", index_csv(records))
        for name in self._old - _files_of(records):
            self._reports.remove(name)
        self._reports.record(_FINISHED)


def _index(reports: Reports) -> list[Data]:
    """The customers of the index that lies there; none where it is of something else."""
    try:
        data = json.loads(reports.read("index.json") or b"{}")
    except ValueError:
        return []
    return list(objects(data.get("customers"))) if isinstance(data, dict) else []


def _files_of(records: Sequence[Data]) -> set[str]:
    names = {name for one in records for name in items(one.get("reports"))}
    return {name for name in names if isinstance(name, str) and OURS.fullmatch(name)}


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0
