"""An example of a plugin for readiness: a reader, two checks and a report format. Take it as the beginning of yours."""

from __future__ import annotations

from readiness.plugin import Check


def checks() -> tuple[Check, ...]:
    """What the entry point of the group `readiness.checks` names: the checks, in the order of the reports."""
    from readiness_example import onboarding_errors, pilot_first

    return (pilot_first.CHECK, onboarding_errors.CHECK)
