"""The report as TAP, the Test Anything Protocol, version 14: what many build servers show as a list of tests.

A check that passed is `ok`; one that does not apply, or was waived, is `ok` and skipped; everything else is `not ok`:
what could not be verified has not passed. Source: testanything.org, specification of version 14.
"""

from __future__ import annotations

import re

from readiness.plugin import CheckResult, Format, Outcome, Report

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def render(report: Report, digest: str) -> str:
    """The text of the file."""
    lines = ["TAP version 14", f"1..{len(report.checks)}", f"# {_text(report.decision.sentence)}"]
    lines += [line for number, check in enumerate(report.checks, start=1) for line in _test(number, check)]
    return "\n".join([*lines, f"# report SHA-256 {digest}", ""])


def _test(number: int, check: CheckResult) -> list[str]:
    title = f"{number} - {_text(check.id)}: {_text(check.title)}"
    if check.outcome is Outcome.PASS:
        return [f"ok {title}"]
    if check.outcome is Outcome.NOT_APPLICABLE:
        return [f"ok {title} # SKIP not applicable"]
    if check.waiver is not None:
        return [f"ok {title} # SKIP waived"]
    return [f"not ok {title}", f"# {check.outcome}: {_text(check.summary)}"]


def _text(text: str) -> str:
    """Other people's text on one line of TAP: a hash would begin a directive, a line end another test."""
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace("#", "\\#")


FORMAT = Format("tap", "tap", render)
