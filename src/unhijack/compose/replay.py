"""A command with which an owner sees for themselves, and cannot reach the destination."""

import shlex
from collections.abc import Sequence

_HOST = r"//[][A-Za-z0-9.:-]*"
SHOWN = (
    r"^HTTP/[0-9.]+ [0-9]+"
    rf"|^(location|refresh):[^/]{{0,60}}{_HOST}"
    rf"|[0-9][0-9;,. ]*url *=[^/]{{0,9}}{_HOST}"
)
"""What is let through of the answer: its status, and scheme and host of a target (ERE)."""


def curl_line(url: str, headers: Sequence[tuple[str, str]]) -> str:
    """One line for a terminal: asks `url` alone, as the visitor did, and follows nothing.

    Without -L curl makes one request; grep then shows status and target host, so that neither
    the destination's path nor the page's content reaches the screen.
    """
    wanted = {"user-agent": "-A", "referer": "-e"}
    options = [
        part
        for name, value in headers
        if name.lower() in wanted
        for part in (wanted[name.lower()], shlex.quote(value))
    ]
    ask = ["curl", "-s", "-i", "-g", "--max-time", "20", "--max-redirs", "0", *options]
    return " ".join([*ask, "--url", shlex.quote(url)]) + " | grep -aiEo " + shlex.quote(SHOWN)
