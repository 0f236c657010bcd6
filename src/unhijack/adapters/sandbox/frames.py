"""What crosses the wall, with its length before it: jobs and traces. Nothing is ever unpickled."""

import json
import struct
import sys
from typing import BinaryIO

MOST_JOB = 24 * 1024 * 1024
MOST_TRACE = 4 * 1024 * 1024
"""Bytes; a longer one is refused by the side that would have to read it."""

PARTIAL = b"~"
"""How a trace begins that is not the last word."""

COST = b"?"
"""In a job's place: asks for the CPU that was spent."""

_LENGTH = struct.Struct(">I")
HEAD = _LENGTH.size


def framed(content: bytes) -> bytes:
    """A message as it goes through a pipe."""
    return _LENGTH.pack(len(content)) + content


def length_of(head: bytes) -> int:
    """The length that a message announces."""
    (length,) = _LENGTH.unpack(head)
    return int(length)


def receive(pipe: BinaryIO, most: int) -> bytes | None:
    """The next message; None at the end of the pipe, or where it is no message of ours."""
    head = pipe.read(HEAD)
    if len(head) < HEAD or length_of(head) > most:
        return None
    content = pipe.read(length_of(head))
    return content if len(content) == length_of(head) else None


def parts_of(job: bytes) -> tuple[dict[str, str], bool]:
    """A job's parts by name, and whether promises may matter: see `unhijack.parse.job.packed`."""
    end = job.index(b"\n")
    said = json.loads(job[:end])
    rest = memoryview(job)[end + 1 :]
    parts: dict[str, str] = {}
    at = 0
    for name, size in said["sizes"].items():
        parts[name] = str(rest[at : at + size], "utf-8")
        at += size
    return parts, bool(said["promises"])


def send(content: bytes) -> None:
    """Say something to the other side; what is too long for it is refused there."""
    sys.stdout.buffer.write(framed(content[: MOST_TRACE + 1]))
    sys.stdout.buffer.flush()
