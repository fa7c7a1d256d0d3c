"""JSON lines, for log shippers: one for the run, then one per check and subject. Keys are flat, values are plain."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from readiness.plugin import Outcome, Report
from reports.rows import moment, row_fields, rows, run_fields

_SURROGATE = re.compile("[\ud800-\udfff]")
_ENDS_A_LINE_SOMEWHERE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON lets stand, though some readers of lines end one there, and a terminal may hide what follows."""

RECORDS = ("run", "check", "subject")
RUN_MEANINGS: Mapping[str, str] = {
    "started": "when the first reading began, UTC",
    "seconds": "how long all reading took",
    "sentence": "the decision in words",
    "valid_until": "the earliest end of what the decision rests on, UTC",
    "tool": "version of the program that judged",
    "rules": "version of the rule data that judged",
    "rules_age_days": "age of its oldest table",
    **{f"checks_{outcome.value.replace('-', '_')}": f"how many checks are `{outcome.value}`" for outcome in Outcome},
    "checks_waived": "how many of them are waived",
    "checks_attested": "how many of them are attested",
}
"""What the first line holds besides what all lines hold."""


def render(report: Report, digest: str) -> str:
    """The lines. A key is always there; null says that there is nothing."""
    same = run_fields(report, digest)
    lines = [{"record": "run", **same, **_run(report)}]
    lines += [{"record": row.record, **same, **row_fields(row)} for row in rows(report)]
    return "".join(f"{_line(one)}\n" for one in lines)


def _run(report: Report) -> dict[str, object]:
    decision, run = report.decision, report.run
    values = (
        moment(run.started),
        round(run.duration_seconds, 3),
        decision.sentence,
        moment(decision.valid_until) if decision.valid_until else None,
        run.tool_version,
        run.rules_version,
        run.rules.age_days,
        *(decision.counts.get(one, 0) for one in (*Outcome, "waived", "attested")),
    )
    return dict(zip(RUN_MEANINGS, values, strict=True))


def _line(values: Mapping[str, object]) -> str:
    text = _SURROGATE.sub("\ufffd", json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    return _ENDS_A_LINE_SOMEWHERE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)
