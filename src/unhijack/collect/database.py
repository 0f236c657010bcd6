"""A site's own database, looked through for planted rows and programs: `--database`."""

from collections.abc import Collection, Iterator

from unhijack.core.errors import WrongUse
from unhijack.core.text import printable
from unhijack.parse.server.dumps import RoutineMark
from unhijack.parse.server.routines import judge_routine
from unhijack.parse.server.rows import Look, RowJudge, RowMark
from unhijack.ports import Database, Unread


def database_marks(
    database: Database, look: Look, own_hosts: Collection[str] = ()
) -> Iterator[RowMark | RoutineMark | Unread]:
    """What its rows and programs show, and what could not be read.

    Programs first: they bring back what is mended in rows. Raises WrongUse where there is nothing
    to read at all.
    """
    for routine in database.routines():
        if routine.cut and not routine.text:
            yield Unread(printable(f"{routine.kind} {routine.name}"), "this user may not see it")
        elif marks := judge_routine(routine):
            yield RoutineMark(routine, marks)
    judge = RowJudge(look, own_hosts)
    for table in database.tables():
        try:
            for row in database.rows(table):
                yield from judge.judge(row)
        except WrongUse as error:
            yield Unread(printable(f"table {table.name}"), str(error))
    yield from judge.finish()
