"""Tables of cron, jobs of at, lines of shell profiles: what they run, judged line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from unhijack.parse.plain.marks import Mark
from unhijack.parse.server.commands import LONGEST, command_marks

MOST_LINES = 20_000
MOST_BYTES = 4 * 1024 * 1024


class Form(StrEnum):
    """What a file of commands looks like."""

    USER = "user"
    """A user's crontab: five fields and a command."""
    SYSTEM = "system"
    """/etc/crontab and /etc/cron.d: a user's name before the command."""
    SHELL = "shell"
    """A script: at jobs, profiles, /etc/cron.daily, rc.local."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line that runs something."""

    line: int
    start: int
    """Byte offset of the command."""
    when: str
    """Its schedule as written; empty for a script."""
    user: str
    command: bytes


_FIELD = rb"[\d*/,A-Za-z~?#L-]{1,100}"
_WHEN = re.compile(rb"[ \t]*(@\w{3,20}|" + _FIELD + rb"(?:[ \t]+" + _FIELD + rb"){4})[ \t]+")
_USER = re.compile(rb"([\w.$-]{1,64})[ \t]+")
_VARIABLE = re.compile(rb"[ \t]*[\"']?\w{1,60}[\"']?[ \t]*=")
_HIDING = re.compile(rb"\r(?!\n)|\x1b\[|(?:[ \t]{100,})\S")


def jobs_of(content: bytes, form: Form) -> Iterator[Job]:
    """Every line that runs something, in order."""
    start = 0
    lines = content[:MOST_BYTES].split(b"\n")[:MOST_LINES]
    for number, line in enumerate(lines, start=1):
        job = _job(line[: 2 * LONGEST].rstrip(b"\r"), number, start, form)
        if job is not None:
            yield job
        start += len(line) + 1


def _job(line: bytes, number: int, start: int, form: Form) -> Job | None:
    if not line.strip() or line.lstrip().startswith(b"#"):
        return None
    if form is Form.SHELL:
        return Job(number, start, "", "", line)
    if _VARIABLE.match(line):
        preload = line.lstrip().startswith(b"LD_PRELOAD")
        return Job(number, start, "", "", line) if preload else None
    when = _WHEN.match(line)
    if when is None:
        return None
    at, user = when.end(), ""
    if form is Form.SYSTEM and (found := _USER.match(line, at)):
        at, user = found.end(), found[1].decode("ascii", "replace")
    return Job(number, start + at, when[1].decode("ascii", "replace"), user, line[at:])


def cron_marks(content: bytes, form: Form) -> tuple[Mark, ...]:
    """What a table or script gives away; `cut` is the whole line of a job that is certain."""
    marks: list[Mark] = []
    for job in jobs_of(content, form):
        found = [*command_marks(job.command, job.start), *_hidden_text(job)]
        if form is Form.SHELL:
            found = [one._replace(confidence=_in_a_script(one)) for one in found]
        marks += _with_line(content, job, found)
    return tuple(marks)


def _hidden_text(job: Job) -> Iterator[Mark]:
    """Text that a terminal does not show: far to the right, or over-printed."""
    found = _HIDING.search(job.command)
    if found is not None:
        reason = "part of the line does not show in a terminal"
        start = job.start + found.start()
        yield Mark("run-hidden-text", "backdoor", 0.6, reason, start, job.start + found.end())


def _in_a_script(one: Mark) -> float:
    """A person's script may well install something; a table of cron does it again and again."""
    weaker = {
        "run-download": 0.6,
        "run-page-write": 0.4,
        "run-page-download": 0.6,
        "run-place": 0.45,
    }
    return min(one.confidence, weaker.get(one.rule, 1.0))


def _with_line(content: bytes, job: Job, found: Sequence[Mark]) -> Iterator[Mark]:
    start = content.rfind(b"\n", 0, job.start) + 1
    end = content.find(b"\n", job.start)
    span = (start, end + 1 if end >= 0 else len(content))
    for one in found:
        yield one._replace(cut=span if job.when else None)
