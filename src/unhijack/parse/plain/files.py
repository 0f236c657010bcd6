"""What the one-file scanner asks of each file."""

from __future__ import annotations

from typing import List

from unhijack.parse.plain.marks import Mark
from unhijack.parse.plain.php import php_signs


def plain_marks(name: str, content: bytes) -> List[Mark]:
    """Marks of planted code in one file, strongest first; never raises."""
    return php_signs(content)
