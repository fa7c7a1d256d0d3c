"""Golden files: whole outputs, kept, and compared with what is said now. `WRITE_GOLDEN=1` writes them anew."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)
"""What the clock says where a golden file is made, in the estate and at the program: their dates stay."""
HOST = "workstation"


def matches(path: Path, text: str) -> bool:
    """Whether the golden file holds this text; it does once it is written anew."""
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")
    return True


def stand_still(monkeypatch: pytest.MonkeyPatch, *, width: int = 80) -> None:
    """Let the program run at `NOW`, on `HOST`, with output for `width` columns and no wish of ours for colours."""
    monkeypatch.setattr("readiness.evidence.utc_now", lambda: NOW)
    monkeypatch.setattr("readiness.cli.reading.utc_now", lambda: NOW)
    monkeypatch.setattr("socket.gethostname", lambda: HOST)
    monkeypatch.setenv("COLUMNS", str(width))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def said(out: str, err: str) -> str:
    """What a run said, without what changes though the program does not: which rules judged, and their age."""
    rules = re.sub(r"^(Rules +)\S+ of \S+, [\d,]+ days? old", r"\1<version> of <date>, <age>", out, flags=re.MULTILINE)
    return f"{rules}---- standard error ----\n{err}"
