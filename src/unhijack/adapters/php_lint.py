"""PHP's own reader, where there is one: it reads a file and never runs it."""

import re
import shutil
import subprocess

SECONDS = 10
MOST_BYTES = 4 * 1024 * 1024
_PHP = re.compile(r"\.(?:php[0-9]?|phtml|inc|module|install|theme)$", re.IGNORECASE)
_PREFACE = ("-n", "-d", "display_errors=0", "-d", "log_errors=0")
"""No php.ini, which may name a planted file to load first."""


class PhpLint:
    """``php -l``."""

    def __init__(self, php: str | None = None) -> None:
        """`php` is the program; None looks for it on the PATH."""
        self._php = php or shutil.which("php")

    def __call__(self, path: str, before: bytes, after: bytes) -> str | None:
        """Why PHP itself would no longer read a file that it read before; None where it would, or
        where nobody can say.
        """
        if self._php is None or not _PHP.search(path) or len(after) > MOST_BYTES:
            return None
        if self._reads(after) is not False or self._reads(before) is False:
            return None
        return "Without these bytes PHP itself could no longer read the file."

    def _reads(self, content: bytes) -> bool | None:
        assert self._php is not None
        try:
            done = subprocess.run(
                [self._php, *_PREFACE, "-l"],
                input=content,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
                cwd="/",
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return {0: True, 255: False}.get(done.returncode)
