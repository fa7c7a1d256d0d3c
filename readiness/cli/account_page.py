"""The account of a check in one run, laid out for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.page import Page

LABELS = 12
"""Column of what stands beside a label."""
SUBJECTS_SHOWN = 20
STEPS_SHOWN = 20
LONGEST = 1000
"""Signs shown of one text; JSON has it whole."""


def show(page: Page, told: Mapping[str, Any]) -> None:
    """Lay an account out. All of it is other people's text: a report is somebody's file."""
    told = _safe(told)
    for line in _about(told["run"], told["decision"]):
        page.put(line)
    page.blank()
    page.put(told["title"], tone="1")
    page.blank()
    reason = f" ({told['reason']})" if told["reason"] else ""
    _labelled(page, "check", told["check"])
    _labelled(page, "outcome", f"{told['outcome']}{reason}")
    _labelled(page, "level", f"{told['level']}: {told['level_why']}")
    _labelled(page, "decision", told["effect"])
    _labelled(page, "basis", told["basis"])
    _section(page, "What came out", [told["summary"]])
    _section(page, "Expected", [told["expected"]])
    _section(page, "Observed", [told["observed"]])
    _rules(page, told)
    _readings(page, told["readings"])
    _section(page, "Depends on", map(_dependency, told["depends_on"]))
    _section(page, "Blocked by", map(_dependency, told["blocked_by"]))
    _subjects(page, told["subjects"])
    _section(page, "Waivers and attestations", map(_overlay, told["overlays"]))
    _to_pass(page, told["to_pass"])
    _section(page, "To see it by eye", told["by_eye"])


def _about(run: Mapping[str, Any], decision: Mapping[str, Any]) -> Iterator[str]:
    if run["demo"]:
        yield "DEMO DATA: this is about the simulated estate, not about yours"
    of = ", ".join(name for name in (run["tenant"], run["site"]) if name)
    started, finished = run["read"]
    yield f"Run {run['id']}{f' of {of}' if of else ''}: {decision['sentence']}"
    yield f"Read {_moment(started)} to {_moment(finished)}, judged {_moment(run['judged'])}"
    yield f"By readiness {run['tool_version']}, rules {run['rules_version']} of {run['rules_date']}; {run['file']}"
    if run["redacted"]:
        yield "Redacted: aliases stand for names"


def _moment(text: str) -> str:
    """A moment of JSON for people: whole seconds, UTC."""
    return f"{text[:19].replace('T', ' ')} UTC"


def _rules(page: Page, told: Mapping[str, Any]) -> None:
    _section(page, "Rules that decided", map(_row, told["rules"]))
    if told["rules_today"]:
        if not told["rules"]:
            _heading(page, "Rules")
        page.put(told["rules_today"], indent=2)


def _row(row: Mapping[str, Any]) -> str:
    from readiness.model.knowledge import in_words

    sure = f", {row['confidence']}" if row["confidence"] else ""
    words = f"{row['table']}:{row['key']}: {in_words(row['values'], row['key'])}"
    dated = f"({row['source']}, {row['date']}{sure}; as of {row['as_of']}{_from(row)})"
    if row["today_row"] is None:
        return f"{words} {dated}; today: {row['today']}"
    now = row["today_row"]
    return f"{words} {dated}; today: {in_words(now['values'], now['key'])} ({now['source']}, {now['date']}{_from(now)})"


def _from(row: Mapping[str, Any]) -> str:
    return f", from {row['file']}" if row["file"] else ""


def _readings(page: Page, readings: Iterable[Mapping[str, Any]]) -> None:
    _heading(page, "What was read")
    for one in readings:
        page.put(f"{one['fact']}: {one['result']}", indent=2)
        for label, words in _reading(one):
            page.put(f"{label}: {words}", indent=4, hang=2)


def _reading(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if told["what"]:
        yield "what", told["what"]
    one = told["reading"]
    if one is not None:
        yield "source", one["source"]
        for label, key in (("query", "query"), ("by", "identity"), ("sees", "scope")):
            if one[key]:
                yield label, one[key]
        yield "when", f"{_moment(one['started'])}, in {one['duration_seconds']:.1f} s; {_age(told['age_seconds'])}"
        if one["clock_skew_seconds"] is not None:
            yield "clock", _skew(one["clock_skew_seconds"])
        if one["request_id"]:
            yield "request", one["request_id"]
    if told["by_eye"]:
        yield "by eye", told["by_eye"]


def _skew(seconds: float) -> str:
    if abs(seconds) < 1:
        return "the server's and that of who read agree to the second"
    return f"the server's was {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} that of who read"


def _age(seconds: float) -> str:
    """How old a reading was when it was judged."""
    if seconds < 0:
        return "after it was judged: a clock was wrong"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{words} old when it was judged"


def _dependency(one: Mapping[str, Any]) -> str:
    if one["outcome"] is None:
        return f"{one['id']}: not judged in this run"
    reason = f" ({one['reason']})" if one["reason"] else ""
    words = "" if one["outcome"] in ("pass", "not-applicable") else f", {one['level']}: {one['summary']}"
    root = "; this is a root cause" if one.get("root") else ""
    return f"{one['id']}: {one['outcome']}{reason}{words}{root}"


def _subjects(page: Page, subjects: list[Mapping[str, Any]]) -> None:
    _section(page, "One by one, the worst first", map(_subject, subjects[:SUBJECTS_SHOWN]))
    _more(page, len(subjects) - SUBJECTS_SHOWN)


def _subject(one: Mapping[str, Any]) -> str:
    reason = f" ({one['reason']})" if one["reason"] else ""
    level = "" if one["outcome"] in ("pass", "not-applicable") else f", {one['level']}"
    laid = "".join(f", {word}" for word, key in (("waived", "waiver"), ("attested", "attestation")) if one[key])
    called = one["name"] if one["name"] == one["id"] else f"{one['name']} ({one['id']})"
    return f"{one['kind']} {called}: {one['outcome']}{reason}{level}{laid}: {one['summary']}"


def _overlay(one: Mapping[str, Any]) -> str:
    of = f" for {one['subject']}" if one["subject"] else ""
    waiver, attestation = one["waiver"], one["attestation"]
    words = ""
    if waiver:
        ticket = f", {waiver['ticket']}" if waiver["ticket"] else ""
        words = (
            f"; requested by {waiver['requested_by']}, approved by {waiver['approved_by']}{ticket}: {waiver['reason']}"
        )
    if attestation:
        words = f"; {attestation['by']} on {attestation['on']}: {attestation['statement']}"
    return f"{one['kind']}{of}: {one['state']}, until {one['expires']}{words}"


def _to_pass(page: Page, told: Mapping[str, Any]) -> None:
    _heading(page, "What would have to change for a pass")
    expected = f": {told['expected']}" if told["wanted"] else ""
    page.put(f"{told['words']}{expected}", indent=2)
    for step in told["steps"][:STEPS_SHOWN]:
        only = f" Only {step['condition']}." if step["condition"] else ""
        page.lead(f"  {step['number']}.", f"{step['step']} ({step['owner']}){only}", indent=6)
        if step["where"]:
            page.put(f"where: {step['where']}", indent=6)
    _more(page, len(told["steps"]) - STEPS_SHOWN)
    if told["steps"]:
        page.put("The numbers are those of the plan of that run: readiness plan shows it.", indent=2)
    for words in told["otherwise"]:
        page.put(words, indent=4)


def _more(page: Page, hidden: int) -> None:
    if hidden > 0:
        page.put(f"{hidden} more: --json shows all", indent=2)


def _section(page: Page, heading: str, lines: Iterable[str]) -> None:
    """A heading and its paragraphs; nothing where there are none."""
    for number, line in enumerate(lines):
        if number == 0:
            _heading(page, heading)
        page.put(line, indent=2)


def _heading(page: Page, heading: str) -> None:
    page.blank()
    page.put(heading, tone="1")


def _labelled(page: Page, label: str, words: str) -> None:
    page.lead(label, words, indent=LABELS)


def _safe(told: Any) -> Any:
    """The same with control characters as escapes, and long texts cut."""
    from readiness.text import printable

    if isinstance(told, Mapping):
        return {printable(str(key)): _safe(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_safe(item) for item in told]
    if not isinstance(told, str):
        return told
    cut = f"… ({len(told) - LONGEST} more characters)" if len(told) > LONGEST else ""
    return printable(told[:LONGEST]) + cut
