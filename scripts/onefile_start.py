"""The first file that Python reads of the one-file scanner. Any Python understands it."""

import importlib
import sys

if sys.version_info < (3, 9):  # noqa: UP036 (an older one is what it is for)
    have = "%d.%d" % sys.version_info[:2]  # noqa: UP031 (Python 2 has no other way)
    sys.stderr.write("this scanner needs Python 3.9 or newer; this is " + have + "\n")
    sys.exit(2)

sys.exit(importlib.import_module("unhijack.one_file").main())
