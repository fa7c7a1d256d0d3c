"""Measure everything, print a table, and fail where a figure is over its limit."""

from __future__ import annotations

import sys

from benchmarks import exchanges, footprint, large, opening, reading, startup, travelling


def main() -> int:
    """Exit code 1 where a limit is exceeded."""
    over = 0
    for part in (footprint, startup, exchanges, reading, large, opening, travelling):
        for result in part.measure():
            if result.skipped:
                print(f"{result.what:45} skipped: {result.skipped}", flush=True)
                continue
            limit = "" if result.limit is None else f"at most {result.limit:g}"
            mark = "" if result.within else "  OVER"
            over += not result.within
            print(f"{result.what:45} {result.value:10.2f} {result.unit:6} {limit}{mark}", flush=True)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
