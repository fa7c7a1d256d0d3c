"""The report in brief, in plain text, for work notes of ServiceNow."""

from __future__ import annotations

from readiness.plugin import Report
from reports import summary


def render(report: Report, digest: str) -> str:
    """The summary; its last line seals it."""
    return summary.render(report, digest, flavour="plain")
