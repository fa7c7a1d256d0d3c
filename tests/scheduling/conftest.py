"""Programs of the system that the tests of the scheduled job ask."""

from __future__ import annotations

import pytest

from tests import needed


@pytest.fixture(scope="session")
def bwrap() -> None:
    """Runs a program in name spaces of its own."""
    needed.which("bwrap", package="bubblewrap")
    needed.allowed("bwrap", "--ro-bind", "/", "/", "true")


@pytest.fixture(scope="session")
def strace() -> None:
    """Writes down the calls of a program."""
    needed.which("strace", package="strace")
    needed.allowed("strace", "-f", "-qq", "-o", "/dev/null", "true")


@pytest.fixture(scope="session")
def systemd_analyze() -> None:
    """Reads units."""
    needed.which("systemd-analyze", package="systemd")
