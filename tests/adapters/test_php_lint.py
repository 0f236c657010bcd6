"""PHP's own reader, played by a script: what it says counts only where it is worse than before."""

from pathlib import Path

import pytest

from unhijack.adapters.php_lint import PhpLint


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
    ("path", "before", "after", "refused"),
    [
        ("a.php", b"x", b"x", False),
        ("a.php", b"x", b"BAD", True),
        ("a.php", b"BAD", b"BAD", False),
        ("a.php", b"x", b"CRASH", False),
        ("a.html", b"x", b"BAD", False),
    ],
)
def test_what_php_says(php: str, path: str, before: bytes, after: bytes, refused: bool):
    assert (PhpLint(php)(path, before, after) is not None) is refused


def test_without_php_nobody_can_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PhpLint()("a.php", b"x", b"BAD") is None
    assert PhpLint("/nonexistent/php")("a.php", b"x", b"BAD") is None
