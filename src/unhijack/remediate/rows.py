"""The DatabaseMender port over a live database: values cut, stored programs dropped, and put back."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from unhijack.core.errors import WrongUse
from unhijack.core.finding import SURE, Finding, Mend
from unhijack.core.repair import Act, Repair, why_of
from unhijack.core.rows import Routine, RoutineKind, Table
from unhijack.parse.server.rows import Look, RowJudge, RowMark, mended
from unhijack.ports import CannotMend, Database, DatabaseMend, Dropped, ValueChange


class DatabaseRepairs:
    """Repairs of one database, which is read once to know what they would change."""

    def __init__(
        self,
        database: Database,
        mend: Callable[[], DatabaseMend],
        look: Look,
        named: Callable[[RowMark | Routine], str],
        own_hosts: Collection[str] = (),
    ) -> None:
        """`named` gives the path that findings have; `mend` opens the side that writes, once it is
        wanted. Raises WrongUse where the database cannot be read.
        """
        self._database = database
        self._open = mend
        self._mend: DatabaseMend | None = None
        self._routines = {named(one): one for one in database.routines()}
        self._changes: dict[str, ValueChange] = {}
        for found in _marks(database, look, own_hosts):
            self._note(named(found), found)

    def _note(self, path: str, found: RowMark) -> None:
        """What would be changed: of what is certain alone, where anything is."""
        sure = tuple(one for one in found.marks if one.confidence >= SURE)
        before = self._changes.get(path)
        value = before.new if before else found.value
        new = mended(replace(found, value=value, marks=sure or found.marks))
        if found.key and new is not None and new != value:
            old = before.old if before else value
            self._changes[path] = ValueChange(found.table, found.key, found.column, old, new)

    def plan(self, finding: Finding) -> Repair | None:
        """See the port."""
        why = why_of([finding])
        if finding.path in self._routines and finding.repair is not Mend.REVIEW:
            return Repair(Act.DROP_TRIGGER, finding.path, finding.sha256, "", why=why)
        change = self._changes.get(finding.path)
        if change is None or finding.repair is not Mend.REMOVE_BLOCK:
            return None
        return Repair(Act.MEND_ROW, finding.path, finding.sha256, _digest(change.new), why=why)

    def digest(self, repair: Repair, original: bytes) -> str:
        """See the port."""
        with _refused():
            if repair.act is Act.DROP_TRIGGER:
                return self._routine_now(_dropped_from(original))
            return self._value_now(_change_from(original))

    def _routine_now(self, dropped: Dropped) -> str:
        for one in self._database.routines():
            if (one.kind, one.name) == (dropped.kind, dropped.name):
                return _digest(one.text)
        return ""

    def _value_now(self, change: ValueChange) -> str:
        """A whole table is read for it: only an interrupted step asks."""
        tables = {table.name: table for table in self._database.tables()}
        for row in self._database.rows(tables.get(change.table, Table(change.table, ()))):
            if all(row.value(name) == value for name, value in change.key):
                return _digest(row.value(change.column) or b"")
        return ""

    def original(self, repair: Repair) -> bytes:
        """See the port."""
        with _refused():
            if repair.act is Act.DROP_TRIGGER:
                return _dropped_bytes(self._writes().saved(self._routine(repair)))
            return _change_bytes(self._change(repair))

    def mend(self, repair: Repair) -> None:
        """See the port."""
        with _refused():
            if repair.act is Act.DROP_TRIGGER:
                self._writes().drop(self._writes().saved(self._routine(repair)))
            else:
                self._writes().replace(self._change(repair))

    def put_back(self, repair: Repair, original: bytes) -> None:
        """See the port."""
        with _refused():
            if repair.act is Act.DROP_TRIGGER:
                self._writes().create(_dropped_from(original))
                return
            change = _change_from(original)
            self._writes().replace(replace(change, old=change.new, new=change.old))

    def close(self) -> None:
        """Let go of every connection."""
        self._database.close()
        if self._mend is not None:
            self._mend.close()

    def _writes(self) -> DatabaseMend:
        if self._mend is None:
            self._mend = self._open()
        return self._mend

    def _routine(self, repair: Repair) -> Routine:
        found = self._routines.get(repair.path)
        if found is None or _digest(found.text) != repair.sha256:
            raise CannotMend("it changed since the scan: left alone; scan again")
        return found

    def _change(self, repair: Repair) -> ValueChange:
        found = self._changes.get(repair.path)
        if found is None or (_digest(found.old), _digest(found.new)) != (
            repair.sha256,
            repair.after,
        ):
            raise CannotMend("it changed since the scan: left alone; scan again")
        return found


def _marks(database: Database, look: Look, own_hosts: Collection[str]) -> Iterator[RowMark]:
    judge = RowJudge(look, own_hosts)
    for table in database.tables():
        for row in database.rows(table):
            yield from judge.judge(row)
    yield from judge.finish()


def _digest(value: bytes) -> str:
    return sha256(value).hexdigest()


@contextmanager
def _refused() -> Iterator[None]:
    """What a database refuses is the refusal of one step."""
    try:
        yield
    except WrongUse as error:
        raise CannotMend(str(error)) from None
    except (KeyError, TypeError, ValueError):
        raise CannotMend("the journal keeps no original of a row that we write") from None


def _coded(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _change_bytes(change: ValueChange) -> bytes:
    data = {
        "table": change.table,
        "key": [[name, _coded(value)] for name, value in change.key],
        "column": change.column,
        "old": _coded(change.old),
        "new": _coded(change.new),
    }
    return json.dumps(data, sort_keys=True).encode()


def _change_from(content: bytes) -> ValueChange:
    data = json.loads(content)
    key = tuple((name, None if v is None else b64decode(v)) for name, v in data["key"])
    old, new = b64decode(data["old"]), b64decode(data["new"])
    return ValueChange(data["table"], key, data["column"], old, new)


def _dropped_bytes(dropped: Dropped) -> bytes:
    data = {
        "kind": dropped.kind,
        "name": dropped.name,
        "create": _coded(dropped.create),
        "sql_mode": dropped.sql_mode,
    }
    return json.dumps(data, sort_keys=True).encode()


def _dropped_from(content: bytes) -> Dropped:
    data = json.loads(content)
    return Dropped(
        RoutineKind(data["kind"]), data["name"], b64decode(data["create"]), data["sql_mode"]
    )
