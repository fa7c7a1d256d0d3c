"""The whole report in Jira's wiki markup, for a description or a comment; nothing in it differs between equal runs."""

from __future__ import annotations

from readiness.plugin import Report
from reports import document
from reports.cutting import Limit, written
from reports.flavours import JIRA


def render(report: Report, digest: str, *, limit: int | None = None, in_bytes: bool = False) -> str:
    """The text; its last line seals it.

    Args:
        limit: as `reports.summary.render` takes it.

    Raises:
        ValueError: what is never cut does not fit.
    """
    within = None if limit is None else Limit(limit, in_bytes=in_bytes)
    return written(list(document.blocks(report)), digest, JIRA, within)
