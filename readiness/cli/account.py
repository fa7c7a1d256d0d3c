"""Why a check came out as it did in one run, reading by reading, as plain data: for `readiness explain --run`.

All that decided is taken from the report of that run. What the present version adds (what is read how, what a check
depends on, today's rules) is marked as such: it may have changed since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness.assessment import Rules
from readiness.assessment.blocking import dependencies
from readiness.assessment.decision import UNVERIFIED, result_standing
from readiness.documents import plain
from readiness.model.check import Check
from readiness.model.knowledge import Knowledge, RuleRow
from readiness.model.report import CheckResult, ReadingSummary, Report, SubjectResult
from readiness.model.words import DecisionState, Level, Outcome

_AT = re.compile(r"([0-9]{8}T[0-9]{6})Z-", re.ASCII)
_FINE = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.UNKNOWN,
    Outcome.MANUAL,
    Outcome.BLOCKED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)
_EFFECTS = {
    DecisionState.NOT_READY: "it makes the estate not ready",
    DecisionState.UNDETERMINED: "it leaves the estate undetermined",
    DecisionState.READY: "it does not stand in the way",
}
_COMPARED = ("values", "source", "date", "confidence", "file")
"""What of a row of the rule data makes it another one."""


def account(
    result: CheckResult, report: Report, file: Path, check: Check | None, reads: Sequence[Any], rules: Rules
) -> dict[str, Any]:
    """Why a check came out so, as JSON values.

    Args:
        result: what it came to in that run.
        file: of the report.
        check: as the present version has it; None where it has none of this id.
        reads: what the present version reads for it, as `explanation` tells it.
        rules: today's rule data.
    """
    run, judged = report.run, _judged(report)
    known = rules.knowledge
    return {
        "check": result.id,
        "title": result.title,
        "phase": result.phase.value,
        "owner": result.owner.value,
        "run": {
            "id": run.id,
            "file": str(file),
            "read": plain([run.started, run.finished]),
            "judged": plain(judged),
            "tool_version": run.tool_version,
            "rules_version": run.rules_version,
            "rules_date": plain(run.rules_date),
            "tenant": run.tenant,
            "site": run.site,
            "demo": run.demo,
            "redacted": run.redacted is not None,
        },
        "decision": {"state": report.decision.state.value, "sentence": report.decision.sentence},
        "outcome": result.outcome.value,
        "reason": plain(result.reason),
        "summary": result.summary,
        "level": result.level.value,
        "declared_level": result.declared_level.value,
        "level_why": _level(result),
        "expected": result.expected,
        "observed": result.observed,
        "basis": result.basis.value,
        "rules": [_row(row, known) for row in result.rules] if known else plain(result.rules),
        "rules_today": _rules_today(report, rules),
        "readings": list(_readings(result, report, judged, reads)),
        "depends_on": list(_dependencies(result, report, check)),
        "blocked_by": [_of(name, report) for name in result.blocked_by],
        "subjects": _subjects(result.subjects),
        "overlays": [one for one in plain(report.overlays) if one["check"] == result.id],
        "effect": _effect(result, report),
        "to_pass": _to_pass(result, report),
        "by_eye": list(_by_eye(result)),
    }


def _judged(report: Report) -> datetime:
    """When the run was judged: its id begins with that; where it does not, the end of its reading."""
    found = _AT.match(report.run.id)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else report.run.finished
    except ValueError:
        return report.run.finished


def _level(result: CheckResult) -> str:
    """Why the level is what it is."""
    if result.level is result.declared_level:
        return "as the check declares it"
    way = "lowered" if tuple(Level).index(result.level) > tuple(Level).index(result.declared_level) else "raised"
    words = f"{way} from {result.declared_level} by what came out"
    speaks = (s for s in result.subjects if (s.outcome, s.level) == (result.outcome, result.level))
    first = next(speaks, None)
    return f"{words} of {first.name}: {first.summary}" if first else f"{words}: {result.summary}"


def _row(row: RuleRow, today: Knowledge) -> dict[str, Any]:
    """A row that decided, and whether today's rules still hold it."""
    now = next(iter(today.find(f"{row.table}:{row.key}")), None)
    same = now is not None and all(plain(getattr(now, name)) == plain(getattr(row, name)) for name in _COMPARED)
    state = "the same" if same else "not there any more" if now is None else "another"
    return {**plain(row), "today": state, "today_row": None if same else plain(now)}


def _rules_today(report: Report, rules: Rules) -> str | None:
    """That today's rules are others than those that judged; None where they are the same."""
    run = report.run
    digest, today = run.rules.digest, rules.knowledge.digest if rules.knowledge else None
    if run.rules_version == rules.version and (digest is None or digest == today):
        return None
    return (
        f"Today's rules are others than those that judged ({rules.version} of {rules.dated}, then {run.rules_version} "
        f"of {run.rules_date}): judged again, it may come out otherwise"
    )


def _readings(result: CheckResult, report: Report, judged: datetime, reads: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """The facts that the check judged, each with how it was read in that run."""
    read = {one.fact: one for one in report.readings}
    told = {one["fact"]: one for one in reads}
    for fact in result.evidence:
        one, by = read.get(fact), told.get(fact, {})
        yield {
            "fact": fact,
            "what": by.get("what", ""),
            "reading": None if one is None else plain(one),
            "age_seconds": None if one is None else _age(one, judged),
            "result": _result(one),
            "by_eye": _asked_by_eye(one, by),
        }


def _result(reading: ReadingSummary | None) -> str:
    if reading is None:
        return "not in this run: nothing of it was read, or it came with a half that was not given"
    if reading.reason is not None:
        return f"{reading.reason}: {reading.error or 'no more was said'}"
    return "read" if reading.rows is None else f"{reading.rows} row{'' if reading.rows == 1 else 's'}"


def _asked_by_eye(reading: ReadingSummary | None, by: Mapping[str, Any]) -> str:
    """How a person asks the same: the query of that run, else the calls that the present version makes."""
    if reading is not None and reading.query:
        return f"{_tool(reading)}: the same query"
    calls = ", ".join(call["name"] for call in by.get("calls", ()))
    return f"ask for {calls}" if calls else ""


def _tool(reading: ReadingSummary) -> str:
    """With what a person asks the same of the same source."""
    query = reading.query or ""
    if query.startswith(("GET ", "POST ")):
        return "a browser" if reading.source.startswith("Entra") else "Graph Explorer"
    how = "Get-CimInstance -Query" if query.startswith("SELECT ") else "Invoke-CimMethod"
    return f"{how} in the namespace of the site on its SMS Provider"


def _age(reading: ReadingSummary, judged: datetime) -> float:
    """How old a reading was when it was judged. The id of a run tells that moment to the second below."""
    seconds = (judged - reading.started).total_seconds()
    return 0.0 if -1 < seconds < 0 else seconds


def _dependencies(result: CheckResult, report: Report, check: Check | None) -> Iterator[dict[str, Any]]:
    """What the check depends on, as the present version has it, and how that came out in the run."""
    for name in dependencies(check) if check is not None else ():
        yield {**_of(name, report), "root": name in result.blocked_by}


def _of(name: str, report: Report) -> dict[str, Any]:
    """Another check of the run, shortly."""
    found = _results(report).get(name)
    if found is None:
        return {"id": name, "title": "", "outcome": None, "reason": None, "level": None, "summary": "not judged"}
    return {
        "id": name,
        "title": found.title,
        "outcome": found.outcome.value,
        "reason": plain(found.reason),
        "level": found.level.value,
        "summary": found.summary,
    }


def _results(report: Report) -> dict[str, CheckResult]:
    return {one.id: one for one in report.checks}


def _subjects(subjects: Sequence[SubjectResult]) -> list[dict[str, Any]]:
    """The subjects, the worst first, else in the order of the report."""

    def rank(subject: SubjectResult) -> tuple[bool, int, int]:
        fine = subject.outcome in _FINE
        return fine, tuple(Level).index(subject.level), _WORST_FIRST.index(subject.outcome)

    return [plain(subject) for subject in sorted(subjects, key=rank)]


def _effect(result: CheckResult, report: Report) -> str:
    """What the check does to the decision, and what waivers and attestations change about that."""
    stands = _state(*result_standing(result), result, report)
    bare = _state(result.outcome, result.level, result, report)
    laid = [word for word in ("waiver", "attestation") if _lies_over(result, word)]
    if not laid:
        return _EFFECTS[stands]
    by = f"the {' and the '.join(laid)}"
    if stands is bare:
        return f"{_EFFECTS[stands]}; {by} over it {'do' if len(laid) > 1 else 'does'} not change that"
    return f"{_EFFECTS[stands]}, because of {by}; without that, {_EFFECTS[bare]}"


def _lies_over(result: CheckResult, word: str) -> bool:
    return any(getattr(one, word) is not None for one in (result, *result.subjects))


def _state(outcome: Outcome, level: Level, result: CheckResult, report: Report) -> DecisionState:
    """What one check, as it stands, makes of the whole: the rule of `assessment.decision.contribution`."""
    if outcome is Outcome.ERROR:
        return DecisionState.UNDETERMINED
    if level is not Level.BLOCKER or outcome in _FINE:
        return DecisionState.READY
    results = _results(report)
    failed = any(name in results and results[name].outcome is Outcome.FAIL for name in result.blocked_by)
    if outcome is Outcome.FAIL or (outcome is Outcome.BLOCKED and failed):
        return DecisionState.NOT_READY
    return DecisionState.UNDETERMINED


def _to_pass(result: CheckResult, report: Report) -> dict[str, Any]:
    """What would have to change for a pass: what is expected, and the steps of the plan that lead there."""
    steps = [
        {"number": number, **{name: getattr(step, name) for name in ("id", "step", "where", "verify", "condition")}}
        | {"owner": step.owner.value}
        for number, step in enumerate(report.plan, start=1)
        if {result.id, *result.blocked_by} & set(step.unblocks)
    ]
    return {
        "words": _change(result),
        "wanted": result.outcome not in (*_FINE, Outcome.BLOCKED),
        "expected": result.expected,
        "steps": steps,
        "otherwise": _own(result, steps),
    }


def _change(result: CheckResult) -> str:
    if result.outcome in _FINE:
        return "nothing: it stands in nobody's way"
    if result.outcome is Outcome.BLOCKED:
        return f"first {', '.join(result.blocked_by)} must pass: then it is judged itself"
    if result.outcome in UNVERIFIED:
        return "what could not be verified must be read, or seen by a person who attests it; and this must hold"
    return "this must hold"


def _own(result: CheckResult, steps: Sequence[object]) -> list[str]:
    """The steps of the check itself, where the plan of the run has none for it."""
    if steps or result.outcome in _FINE:
        return []
    return [step.text for step in result.remediation.steps]


def _by_eye(result: CheckResult) -> Iterator[str]:
    """Where a person sees the same without this tool."""
    if result.remediation.verify:
        yield result.remediation.verify
    yield from dict.fromkeys(step.verify for step in result.remediation.steps if step.verify)
