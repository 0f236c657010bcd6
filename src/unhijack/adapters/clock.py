"""The Clock port by the machine's own."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)
