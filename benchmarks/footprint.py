"""How many packages the product brings, and how much room they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from benchmarks.result import Result

PACKAGES = 25
MEGABYTES = 50.0


def measure() -> Iterator[Result]:
    """Our distribution and all that it requires, without extras."""
    closure = sorted(_closure("edr-readiness"))
    size = sum(_size(name) for name in closure)
    yield Result("packages installed, ours included", len(closure), "", PACKAGES)
    yield Result("size installed", size / 1e6, "MB", MEGABYTES)


def _closure(name: str) -> set[str]:
    found: set[str] = set()
    open_ = [name]
    while open_:
        current = _normal(open_.pop())
        if current in found:
            continue
        try:
            requires = distribution(current).requires or []
        except PackageNotFoundError:  # not for this platform or version of Python
            continue
        found.add(current)
        open_ += [_name(line) for line in requires if "extra ==" not in line]
    return found


def _name(requirement: str) -> str:
    return re.split(r"[ ;<>=!~\[(]", requirement, maxsplit=1)[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _size(name: str) -> int:
    paths = [Path(str(file.locate())) for file in distribution(name).files or []]
    return sum(path.stat().st_size for path in paths if path.is_file())
