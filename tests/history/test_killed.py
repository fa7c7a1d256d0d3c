"""A process that is killed in the middle of a write loses no run that was kept, and damages nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, for speed")
def test_fifty_deaths_at_random_moments_lose_no_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.history.dying", str(tmp_path / "history.sqlite3")]
    home = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=home, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told, found, in_the_middle, before_the_end = map(int, done.stdout.split())
    assert told <= found <= told + 50  # a run may be kept and its writer killed before it says so
    assert told > 10
    assert in_the_middle > 5  # so many died while a transaction was open: a journal was left
    assert before_the_end > 2  # so many died before an older history was brought up to date
