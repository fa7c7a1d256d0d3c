"""The reference in `docs/reference`, made from the code. `python -m readiness.reference` writes it anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from readiness.reference import checks, commands, configuration, exit_codes, formats, inferred

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": commands.page,
    "reference/configuration.md": configuration.page,
    "reference/checks.md": checks.page,
    "reference/formats.md": formats.page,
    "reference/exit-codes.md": exit_codes.page,
    "explanation/inferred.md": inferred.page,
}
"""Every page that is made from the code, by its path below `docs`."""
