"""Logs in memory, and a made-up bakery's month of ordinary visitors."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from unhijack.ports import Unread

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 16) Mobile Chrome/140.0"
PAGES = ("/", "/bread/", "/rolls/", "/about/", "/news/?page=2", "/wp-content/themes/oven/style.css")


class MemoryLogs:
    """The port, on lines in memory."""

    def __init__(self, files: Mapping[str, Sequence[bytes]]) -> None:
        self._files = files

    def names(self) -> Sequence[str]:
        return list(self._files)

    def lines(self, name: str) -> Iterator[bytes]:
        return iter(self._files[name])

    def unread(self) -> Sequence[Unread]:
        return []


def line(
    when: datetime,
    address: str,
    request: str,
    status: int = 200,
    referrer: str = "-",
    agent: str = AGENT,
) -> tuple[datetime, bytes]:
    """One combined line, with its time to sort by."""
    text = f'{address} - - [{when:%d/%b/%Y:%H:%M:%S %z}] "{request} HTTP/1.1" {status} 512 "{referrer}" "{agent}"'
    return when, text.encode()


def ordinary(count: int, days: int = 20) -> list[tuple[datetime, bytes]]:
    """Visitors, robots, the site's own cron, comments, and scanners who knock everywhere."""
    dice = random.Random(7)
    lines = []
    for _ in range(count):
        when = BEGIN + timedelta(seconds=dice.randrange(days * 86400))
        address = f"198.51.{dice.randrange(100)}.{dice.randrange(250)}"
        kind = dice.random()
        if kind < 0.75:
            page = dice.choice(PAGES)
            referrer = "https://www.google.test/" if dice.random() < 0.3 else "-"
            agent = PHONE if dice.random() < 0.4 else AGENT
            lines.append(line(when, address, f"GET {page}", 200, referrer, agent))
        elif kind < 0.85:
            lines.append(line(when, "192.0.2.1", "POST /wp-cron.php?doing_wp_cron=1", 200))
        elif kind < 0.9:
            lines.append(line(when, address, "POST /wp-comments-post.php", 302))
        elif kind < 0.95:
            lines.append(line(when, address, "POST /wp-login.php", 200))
        else:
            target = dice.choice(["/wp-content/uploads/x.php", "/.env", "/vendor/phpunit/x.php"])
            lines.append(line(when, address, f"GET {target}", 404))
    return lines
