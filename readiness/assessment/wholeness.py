"""Whether a run is a measure for the next one: a night in which something did not answer is none."""

from __future__ import annotations

from readiness.model.report import Report
from readiness.model.words import Reason

PASSING = frozenset({Reason.UNREACHABLE, Reason.SIGN_IN_FAILED, Reason.THROTTLED, Reason.TIMED_OUT, Reason.BAD_ANSWER})
"""Why a reading may be missing in one night and there in the next. A right that is missing stays missing: that a scan
sees less is news, to be told once."""


def is_whole(report: Report) -> bool:
    """Whether the reading was not stopped, and none is missing that another night may bring."""
    return report.run.stopped is None and not any(reading.reason in PASSING for reading in report.readings)
