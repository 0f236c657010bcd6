"""PHP's own reader, played by a script: what it says counts only where it is worse than before."""

from pathlib import Path

import pytest

from unhijack.adapters.php_lint import PhpLint

_NO = "Without these bytes PHP itself could no longer read the file."


@pytest.fixture
def php(tmp_path: Path) -> str:
    """Reads what has no BAD in it, and hangs up on CRASH."""
    script = tmp_path / "php"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in *"-n"*"-l") ;; *) exit 9;; esac\n'
        "text=$(cat)\n"
        'case "$text" in *CRASH*) exit 1;; *BAD*) exit 255;; esac\n'
    )
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(
    ("path", "before", "after", "said"),
    [
        ("a.php", b"x", b"x", None),
        ("a.php", b"x", b"BAD", _NO),
        ("a.php", b"BAD", b"BAD", None),
        ("a.php", b"x", b"CRASH", None),
        ("a.html", b"x", b"BAD", None),
    ],
)
def test_what_php_says(php: str, path: str, before: bytes, after: bytes, said: str | None):
    assert PhpLint(php)(path, before, after) == said


def test_without_php_nobody_can_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PhpLint()("a.php", b"x", b"BAD") is None
    assert PhpLint("/nonexistent/php")("a.php", b"x", b"BAD") is None
