"""What this tool writes for programs: it carries no seal of its own, and names the report that does."""

from __future__ import annotations

import re

_FORMS = {
    "junit": re.compile(rb"<testsuites name=\"(?:DEMO DATA: )?EDR readiness"),
    "prometheus": re.compile(rb"(?m)^# TYPE readiness_run_info gauge$"),
    "csv": re.compile(rb"\A\"?record\"?,\"?time\"?,\"?run\"?,\"?report_sha256\"?,"),
    "jsonl": re.compile(rb"\A\{\"record\": ?\"run\".{0,200}\"report_sha256\""),
}
"""How each begins to look: enough to tell a person what the file is, no proof that we wrote it."""
_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_LOOKED_AT = 100_000
"""Bytes at the beginning of a file."""
MADE_ANEW = {
    "diff": "what readiness diff writes carries no digest; verify the two reports that it was made of",
    "history": "what readiness history writes carries no digest; --export writes the reports, which do",
    "notification": "a notification carries no digest; verify the report of the run that it names",
}
"""Kinds of JSON that carry no digest."""


UNSEALED = {*_FORMS, *MADE_ANEW}


def form_of(content: bytes) -> tuple[str, str] | None:
    """What a file is that looks like a report for programs, and what to verify in its place; None: like none."""
    head = content[:_LOOKED_AT]
    form = next((name for name, pattern in _FORMS.items() if pattern.search(head)), None)
    if form is None:
        return None
    named = _DIGEST.search(head)
    which = f", {named[0].decode()}" if named else ""
    return form, f"as {form} a report has no seal; verify the JSON report whose SHA-256 it names{which}"
