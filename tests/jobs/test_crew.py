"""Processes are given work, and a piece that kills one costs that piece alone."""

import os
import signal
import time
from multiprocessing.connection import Connection

import pytest

from unhijack.core.errors import WrongUse
from unhijack.jobs.crew import Crew


def main(pipe: Connection, factor: int) -> None:
    """Multiplies; dies of 13, never ends with 99."""
    try:
        while True:
            for piece in pipe.recv():
                if piece == 13:
                    os.kill(os.getpid(), signal.SIGKILL)
                if piece == 99:
                    time.sleep(60)
                pipe.send((piece, piece * factor))
    except (EOFError, OSError):
        return


def given_up(piece: int, why: str) -> tuple[int, str]:
    return piece, why


def batches(*numbers: int, size: int = 4) -> list[list[int]]:
    return [list(numbers[at : at + size]) for at in range(0, len(numbers), size)]


def run(*numbers: int, hands: int = 2, seconds: float = 20.0) -> dict[int, object]:
    crew: Crew[int, tuple[int, object]] = Crew(main, (10,), hands, lambda _: seconds, given_up)
    return dict(crew.work(iter(batches(*numbers))))


def test_every_piece_is_answered():
    assert run(*range(12)) == {number: number * 10 for number in range(12)}


def test_a_piece_that_kills_its_process_is_given_up_alone():
    answers = run(*range(10, 30))
    assert "ended" in str(answers.pop(13))
    assert answers == {number: number * 10 for number in range(10, 30) if number != 13}


def test_a_process_that_dies_of_every_piece_still_ends():
    assert set(run(13, hands=1)) == {13}


def test_a_piece_that_takes_too_long_is_given_up_alone():
    answers = run(98, 99, 100, hands=1, seconds=2.0)
    assert "longer than 2 s" in str(answers.pop(99))
    assert answers == {98: 980, 100: 1000}


def test_no_process_is_left_when_the_reader_stops_early():
    crew: Crew[int, tuple[int, object]] = Crew(main, (10,), 2, lambda _: 20.0, given_up)
    answers = crew.work(iter(batches(*range(100))))
    next(answers)
    processes = [hand.process.pid for hand in crew._hands]
    answers.close()  # type: ignore[attr-defined]  # a generator
    for pid in processes:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_nothing_to_do_starts_nothing():
    assert run() == {}


class Fatal:
    """Whoever unpacks it ends at once: a process that cannot start."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (3,)


def test_where_no_process_can_start_the_work_ends_and_says_so():
    crew: Crew[int, tuple[int, object]] = Crew(main, (Fatal(),), 2, lambda _: 20.0, given_up)
    with pytest.raises(WrongUse, match="before they begin"):
        list(crew.work(batches(*range(1000))))
    assert crew._hands == []
