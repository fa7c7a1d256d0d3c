"""The checks as CSV, for a spreadsheet: a row per check and subject, nothing that would be taken for a formula."""

from __future__ import annotations

import csv
import io

from readiness.plugin import Report
from reports.rows import MEANINGS, Plain, row_fields, rows, run_fields
from reports.spreadsheet import cell

HEADS = tuple(MEANINGS)


def render(report: Report, digest: str) -> str:
    """The rows, with a head; lines end as RFC 4180 has it. What a value means: `reports.rows.MEANINGS`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    same = [_cell(value) for value in run_fields(report, digest).values()]
    for row in rows(report):
        writer.writerow([row.record, *same, *map(_cell, row_fields(row).values())])
    return out.getvalue()


def _cell(value: Plain) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else cell(value)
