"""What the modules share: the server that nobody may contact; and the numbers, at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.record import CANARY, RECORD, Canary


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    with CANARY.listening():
        yield CANARY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RECORD.runs:
        terminalreporter.write_line(str(RECORD))
