"""``python -m bench NAME [--quick]``: a table for people, and one JSON line last."""

import argparse
import sys

from bench import cases, check, detect, kill, operation, repair, scan
from bench.report import Bench, CannotRun

BENCHES: dict[str, Bench] = {
    "cases": cases.run,
    "check": check.run,
    "detect": detect.run,
    "kill": kill.run,
    "operation": operation.run,
    "repair": repair.run,
    "scan": scan.run,
}


def main() -> int:
    """Exit code: 0 if every goal measured is met, 1 if not, 2 if it could not run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes, within 50 s")
    arguments = parser.parse_args()
    try:
        report = BENCHES[arguments.name](quick=arguments.quick)
    except CannotRun as error:
        sys.stderr.write(f"bench {arguments.name}: {error}\n")
        return 2
    return report.print(arguments.name)


sys.exit(main())
