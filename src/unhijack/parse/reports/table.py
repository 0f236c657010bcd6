"""Reports as a table: any delimiter, any usual name of a column, any encoding that a desk uses."""

import csv
import io
from collections.abc import Iterator, Sequence

from unhijack.core.errors import WrongUse
from unhijack.parse.charset import as_utf8
from unhijack.parse.reports.claim import (
    LONGEST_CELL,
    Refusal,
    Said,
    Written,
    readable,
    said,
    search_step,
)

MOST_ROWS = 100_000
MOST_COLUMNS = 200
