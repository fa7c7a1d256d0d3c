"""The history as CSV: a row per run, nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from readiness.plugin import Outcome
from reports.spreadsheet import cell
from reports.text import utc

COUNTS = (*(outcome.value for outcome in Outcome), "waived", "attested")
HEADS = (
    "run", "kind", "judged", "read_from", "read_to", "tenant", "site", "decision", "exit_code", "sentence", "whole",
    "demo", "redacted", "valid_until", *COUNTS, "rules", "tool", "configuration_sha256", "report_sha256", "seconds",
)  # fmt: skip


def render(runs: Sequence[Any]) -> str:
    """The rows, with a head, the last run first; lines end as RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for run in runs:
        writer.writerow([cell(value) for value in _row(run)])
    return out.getvalue()


def _row(run: Any) -> tuple[object, ...]:
    return (
        run.id,
        run.kind.value,
        utc(run.judged),
        utc(run.started),
        utc(run.finished),
        run.tenant,
        run.site,
        run.state.value,
        run.code,
        run.sentence,
        _word(run.whole),
        _word(run.demo),
        _word(run.redacted is not None),
        utc(run.valid_until) if run.valid_until else None,
        *(run.counts.get(one, 0) for one in COUNTS),
        run.rules_version,
        run.tool_version,
        run.configuration_digest,
        run.digest,
        run.seconds,
    )


def _word(value: bool) -> str:
    return "yes" if value else "no"
