"""A dump judged: its rows and its stored programs, in one reading."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from unhijack.core.rows import Routine, Row
from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.routines import judge_routine
from unhijack.parse.server.rows import Look, RowJudge, RowMark
from unhijack.parse.server.sql import Wanted, every_table, read_dump


@dataclass(frozen=True, slots=True)
class RoutineMark:
    """What one stored program gives away."""

    routine: Routine
    marks: tuple[Mark, ...]


def judge_dump(
    chunks: Iterable[bytes],
    look: Look,
    own_hosts: Collection[str] = (),
    wanted: Wanted = every_table,
) -> Iterator[RowMark | RoutineMark]:
    """What a dump shows, in its order. Never raises for what it holds."""
    judge = RowJudge(look, own_hosts)
    for one in read_dump(chunks, wanted):
        if isinstance(one, Row):
            yield from judge.judge(one)
        elif marks := judge_routine(one):
            yield RoutineMark(one, marks)
    yield from judge.finish()
