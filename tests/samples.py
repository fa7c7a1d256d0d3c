"""Answers of real services, as the reference has them: recorded where that was possible, else made after public shapes.

Where each comes from is written beside them, in `SOURCES.md`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("data") / "samples"


def content(name: str) -> bytes:
    """A sample, as it is: `graph/mtd-connectors-none.v1.json`."""
    return (FOLDER / name).read_bytes()


def document(name: str) -> Any:
    """A sample that is JSON, parsed."""
    return json.loads(content(name))
