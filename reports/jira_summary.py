"""The report in brief, in Jira's wiki markup, for a description or a comment."""

from __future__ import annotations

from readiness.plugin import Report
from reports import summary


def render(report: Report, digest: str) -> str:
    """The summary; its last line seals it."""
    return summary.render(report, digest, flavour="jira")
