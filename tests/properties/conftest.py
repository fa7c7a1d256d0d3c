"""Says at the end of a run what the properties were tried on."""

from __future__ import annotations

import pytest

from tests.properties.counting import summary


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line, also where everything held."""
    if said := summary():
        terminalreporter.write_line(f"properties: {said}")
