"""Plans and repairs as a person reads them. Everything from a file is made harmless first."""

import json
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from unhijack.core.data import Json
from unhijack.core.repair import Act, Held, Plan, Repair, repair_data
from unhijack.core.text import printable
from unhijack.remediate.apply import Fate, Outcome

_COLOURS = {Fate.DONE: "green", Fate.REFUSED: "bold red", Fate.UNKNOWN: "bold magenta"}
MOST_SHOWN = 3
"""Reasons of one step that are shown."""


def what(repair: Repair) -> str:
    """What a step does, in words."""
    path = printable(repair.path, 300)
    size = sum(span.end - span.start for span in repair.spans)
    blocks = (
        "the planted block" if len(repair.spans) == 1 else f"{len(repair.spans)} planted blocks"
    )
    return {
        Act.CUT: f"cut {blocks} ({size:,} bytes) out of {path}",
        Act.RESTORE: f"put the released {path} back",
        Act.QUARANTINE: f"take {path} out of the site (it is kept)",
        Act.MEND_ROW: f"cut the planted part out of {path}",
        Act.DROP_TRIGGER: f"drop {path} (it is kept)",
    }[repair.act]


def plan_lines(plan: Plan) -> Iterator[Text]:
    """A plan in full."""
    for number, step in enumerate(plan.steps, start=1):
        if step.note:
            yield Text(f"  {printable(step.note, 600)}", style="dim")
        yield Text(f"{number:>4}. ").append(what(step), style="bold")
        for why in step.why[:MOST_SHOWN]:
            yield Text(f"      because: {printable(why.reason, 300)} [{why.rule}]")
    if plan.held:
        yield Text("Not done by itself; you decide:", style="bold yellow")
    for held in plan.held:
        yield from _held_lines(held)


def _held_lines(held: Held) -> Iterator[Text]:
    yield Text("    - ").append(printable(held.path, 300), style="bold")
    yield Text(f"      {printable(held.note, 600)}")
    for why in held.why[:MOST_SHOWN]:
        yield Text(f"      because: {printable(why.reason, 300)} [{why.rule}]", style="dim")


def outcome_line(outcome: Outcome, *, undone: bool = False) -> Text:
    """What became of a step, or of its undoing."""
    line = Text(f"{outcome.fate.upper():<9}", style=_COLOURS[outcome.fate])
    back = f"put {printable(outcome.repair.path, 300)} back as it was before the repair"
    line.append(back if undone else what(outcome.repair), style="none")
    if outcome.text:
        line.append(f": {printable(outcome.text, 600)}", style="none")
    return line


def step_data(repair: Repair, state: str, text: str = "") -> dict[str, Json]:
    """A step, for ``--json``."""
    return {"state": state, **repair_data(repair), "text": text}


def held_data(held: Held) -> dict[str, Json]:
    """What is not done by itself, for ``--json``."""
    step = repair_data(held.repair) if held.repair else None
    why: list[Json] = [[why.confidence, why.rule, why.reason] for why in held.why]
    return {"state": "held", "path": held.path, "text": held.note, "step": step, "why": why}


class Printed:
    """Lines for people, or JSON lines."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, *lines: str | Text) -> None:
        """For people alone."""
        for line in () if self._json else lines:
            self._console.print(line if isinstance(line, Text) else Text(line))

    def data(self, line: dict[str, Json]) -> None:
        """For programs alone."""
        if self._json:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()

    def plan(self, plan: Plan) -> None:
        """What would be done."""
        self.say(*plan_lines(plan))
        for step in plan.steps:
            self.data(step_data(step, "planned"))
        for held in plan.held:
            self.data(held_data(held))

    def outcome(self, outcome: Outcome, *, undone: bool = False) -> None:
        """What was done, or undone."""
        self.say(outcome_line(outcome, undone=undone))
        self.data(step_data(outcome.repair, outcome.fate, outcome.text))
