"""What a test of secrets watches; says at the end of a run what the properties were tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.properties.counting import summary
from tests.properties.echoing import echoing
from tests.properties.watching import Watch, watched
from tests.servers.tcp import TcpServer


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with watched(tmp_path) as watch:
        yield watch


@pytest.fixture
def echoes(tmp_path: Path) -> Iterator[TcpServer]:
    with echoing(tmp_path) as server:
        yield server


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line, also where everything held."""
    if said := summary():
        terminalreporter.write_line(f"properties: {said}")
