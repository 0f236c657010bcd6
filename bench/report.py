"""What a benchmark says, in the form that the README and CI read."""

import json
import os
import platform
from dataclasses import dataclass, field
from typing import Protocol


class CannotRun(Exception):
    """The benchmark could not run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the limit it is held to; a value of None was not measured."""

    value: float | None
    goal: float

    @property
    def met(self) -> bool | None:
        """Whether the value is within the goal, which is an upper limit."""
        return None if self.value is None else self.value <= self.goal


@dataclass(slots=True)
class Report:
    """Rows for people, figures and goals for programs."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)

    def print(self, name: str) -> int:
        """Write it to stdout; the exit code."""
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        print(self.title)
        for row in (self.columns, *self.rows):
            cells = (cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))
            print("  ".join((row[0].ljust(widths[0]), *cells)))
        for what, goal in self.goals.items():
            said = "not measured" if goal.value is None else f"{goal.value:.2f}"
            print(f"goal: {what}: {said} (at most {goal.goal:g})")
        line = {
            "bench": name,
            "machine": machine(),
            "figures": {key: round(value, 6) for key, value in self.figures.items()},
            "goals": {
                what: {"value": goal.value, "goal": goal.goal, "met": goal.met}
                for what, goal in self.goals.items()
            },
        }
        print(json.dumps(line))
        return 1 if any(goal.met is False for goal in self.goals.values()) else 0


class Bench(Protocol):
    """One benchmark."""

    def __call__(self, *, quick: bool) -> Report:
        """Measure. Raises CannotRun."""
        ...


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "arch": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
