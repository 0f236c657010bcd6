"""Processes that are given work, one piece after the other, and may die of it.

Each piece is answered on its own, so it is known which one a process died of: that one is given
up, a new process goes on with the next. Strangers' files reach parsers written in C and Rust here.
"""

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from unhijack.core.errors import WrongUse

START_SECONDS = 120.0
"""Wall time that a process may take to start, on a machine that has much else to do."""
MOST_STILLBORN = 5
"""Processes in a row that ended before they began: then it is not for what they are given."""

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Hand(Generic[Piece]):
    process: BaseProcess
    pipe: Connection
    pieces: deque[Piece] = field(default_factory=deque)
    """Given and not answered, in order."""
    since: float = 0.0
    """When it began with the first of them."""
    ready: bool = False
    """It has started, and said so."""


class Crew(Generic[Piece, Answer]):
    """`hands` processes that run `main(pipe, *arguments)`: lists of pieces in, answers out.

    `seconds` is what a piece may take, in wall time. Processes start when they are first needed
    and stay until `close`.
    """

    def __init__(
        self,
        main: Callable[..., None],
        arguments: Sequence[Any],
        hands: int,
        seconds: Callable[[Piece], float],
        give_up: Callable[[Piece, str], Answer],
    ) -> None:
        self._main = main
        self._arguments = tuple(arguments)
        self._count = hands
        self._seconds = seconds
        self._give_up = give_up
        self._hands: list[_Hand[Piece]] = []
        self._stillborn = 0

    def work(self, batches: Iterable[list[Piece]]) -> Iterator[Answer]:
        """Answers in the order in which they come. Every piece gets one.

        Raises WrongUse where no process can start.
        """
        try:
            for batch in batches:
                yield from self.take(batch)
            yield from self.rest()
        finally:
            self.close()

    def take(self, batch: list[Piece]) -> Iterator[Answer]:
        """Give out one batch as soon as a process is free for it; answers that came meanwhile."""
        if not batch:
            return
        while (hand := self._free()) is None:
            yield from self._collect(wait_for_one=True)
        self._give(hand, batch)
        yield from self._collect(wait_for_one=False)

    def rest(self) -> Iterator[Answer]:
        """What is still to come of the batches that were given out."""
        while any(hand.pieces for hand in self._hands):
            yield from self._collect(wait_for_one=True)

    def close(self) -> None:
        """End every process."""
        for hand in self._hands:
            _end(hand)
        self._hands.clear()

    def _free(self) -> _Hand[Piece] | None:
        idle = next((hand for hand in self._hands if not hand.pieces), None)
        return idle or (self._start() if len(self._hands) < self._count else None)

    def _start(self) -> _Hand[Piece]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (self._main, theirs, *self._arguments)
        process = context.Process(target=_serve, args=arguments, daemon=True)
        process.start()
        theirs.close()
        hand: _Hand[Piece] = _Hand(process, ours)
        self._hands.append(hand)
        return hand

    def _give(self, hand: _Hand[Piece], batch: Sequence[Piece]) -> None:
        hand.pieces.extend(batch)
        hand.since = time.monotonic()
        with contextlib.suppress(OSError):  # it died before it began: the next look at it says so
            hand.pipe.send(list(batch))

    def _collect(self, *, wait_for_one: bool) -> Iterator[Answer]:
        busy = [hand for hand in self._hands if hand.pieces]
        late = min(self._until(hand) for hand in busy) - time.monotonic()
        ready = wait([hand.pipe for hand in busy], timeout=max(0.0, late) if wait_for_one else 0.0)
        for hand in busy:
            if hand.pipe in ready:
                yield from self._answer(hand)
            elif time.monotonic() > self._until(hand):
                limit = self._seconds(hand.pieces[0])
                yield from self._lost(hand, f"it took longer than {limit:.0f} s")

    def _until(self, hand: _Hand[Piece]) -> float:
        """When the piece that a process is at is given up."""
        return hand.since + (self._seconds(hand.pieces[0]) if hand.ready else START_SECONDS)

    def _answer(self, hand: _Hand[Piece]) -> Iterator[Answer]:
        try:
            answer = hand.pipe.recv()
        except (EOFError, OSError):
            yield from self._lost(hand, "the process that looked at it ended")
            return
        hand.since = time.monotonic()
        if hand.ready:
            hand.pieces.popleft()
            yield answer
        else:
            hand.ready = True
            self._stillborn = 0

    def _lost(self, hand: _Hand[Piece], why: str) -> Iterator[Answer]:
        """Give up the piece that a process was at, and let another go on with the rest."""
        _end(hand)
        self._hands.remove(hand)
        given_up = [self._give_up(hand.pieces.popleft(), why)] if hand.ready else []
        if not hand.ready:
            self._stillborn += 1
            if self._stillborn >= MOST_STILLBORN:
                raise WrongUse("the processes that do the work end before they begin")
        if hand.pieces:
            self._give(self._start(), list(hand.pieces))
        yield from given_up


def _serve(main: Callable[..., None], pipe: Connection, *arguments: Any) -> None:
    """What a process runs: first it says that it is there."""
    pipe.send(None)
    main(pipe, *arguments)


def _end(hand: _Hand[Any]) -> None:
    hand.pipe.close()
    hand.process.kill()
    hand.process.join()
    hand.process.close()
