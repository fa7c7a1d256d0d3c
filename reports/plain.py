"""The whole report in plain text, for work notes of ServiceNow; nothing in it differs between equal runs."""

from __future__ import annotations

from readiness.plugin import Report
from reports import document
from reports.cutting import Limit, written
from reports.flavours import PLAIN


def render(report: Report, digest: str, *, limit: int | None = None, in_bytes: bool = False) -> str:
    """The text; its last line seals it.

    Args:
        limit: as `reports.summary.render` takes it.

    Raises:
        ValueError: what is never cut does not fit.
    """
    within = None if limit is None else Limit(limit, in_bytes=in_bytes)
    return written(list(document.blocks(report)), digest, PLAIN, within)
