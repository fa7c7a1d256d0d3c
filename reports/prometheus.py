"""Prometheus metrics, for the textfile collector of an exporter.

Text exposition format 0.0.4. Every series carries tenant and site, so that the files of several estates can lie in one
folder; names of collections are in no label, so that there are no more series than checks times outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from readiness.plugin import CheckResult, DecisionState, Outcome, Report
from reports.text import name

DAY_SECONDS = 86_400
_GOOD = (DecisionState.READY, DecisionState.SELECTION_PASSED)
_STATES = (DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED, DecisionState.SELECTION_PASSED)
"""Those that a decision can have."""
_MOST_DIGITS = 3

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: every one of them is a gauge, for a run is a moment."""

    name: str
    about: str
    samples: tuple[Sample, ...]


ABOUT: Mapping[str, str] = {
    "readiness_run_info": "Always 1; the run and the digest of its JSON report, the program and its rules.",
    "readiness_demo_data": "1 where the simulated estate answered: nothing of it is about a real one.",
    "readiness_decision": "1 for the state that the run decided, 0 for the others.",
    "readiness_check_outcome": "1 for the outcome of the check, 0 for the others; no waiver or attestation changes it.",
    "readiness_check_waived": "1 where a waiver takes the failure of the check out of the decision.",
    "readiness_check_attested": "1 where an attestation answers what the check could not verify.",
    "readiness_check_subjects": "How many collections, sites, administrators, policies of the check have the outcome.",
    "readiness_checks": "How many checks have the outcome.",
    "readiness_checks_waived": "How many checks are waived.",
    "readiness_checks_attested": "How many checks are attested.",
    "readiness_last_run_timestamp_seconds": "When the last reading of the last run ended.",
    "readiness_last_success_timestamp_seconds": "The same, of the last run that came to ready or selection-passed: "
    "this one, or the last one in the history; not there where none is known.",
    "readiness_run_duration_seconds": "How long all reading took.",
    "readiness_valid_until_timestamp_seconds": "The earliest end of what the decision rests on.",
    "readiness_rules_age_seconds": "Age of the oldest table of the rule data when the run was judged, in whole days.",
    "readiness_rules_timestamp_seconds": "Date of that table.",
}
"""Every metric, and its HELP: the same in every file, as collectors want it."""


def render(report: Report, digest: str, last_success: datetime | None = None) -> str:
    """The file; it ends in a line feed, as the format wants it.

    Args:
        last_success: when the last good run before this one had read, where that is known.
    """
    estate = {"tenant": report.run.tenant or "", "site": report.run.site or ""}
    marked = ["# DEMO DATA: the simulated estate answered.\n"] if report.run.demo else []
    return "".join([*marked, *(_written(one, estate) for one in families(report, digest, last_success) if one.samples)])


def families(report: Report, digest: str, last_success: datetime | None = None) -> Iterator[Family]:
    """The metrics, in the order of `ABOUT`; one without samples is not written."""
    found = {**_of_run(report, digest), **_of_checks(report), **_of_times(report, last_success)}
    return (Family(key, about, tuple(found[key])) for key, about in ABOUT.items())


def _of_run(report: Report, digest: str) -> dict[str, Iterable[Sample]]:
    run, state = report.run, report.decision.state
    info = {"run": run.id, "report_sha256": digest, "tool": run.tool_version, "rules": run.rules_version}
    states = state if state in _STATES else None
    return {
        "readiness_run_info": [(info, 1)],
        "readiness_demo_data": _one(run.demo),
        "readiness_decision": [({"state": one.value}, one is states) for one in _STATES],
    }


def _of_checks(report: Report) -> dict[str, Iterable[Sample]]:
    checks, counts = report.checks, report.decision.counts
    return {
        "readiness_check_outcome": [
            ({"check": one.id, "level": one.level.value, "outcome": outcome.value}, one.outcome is outcome)
            for one in checks
            for outcome in Outcome
        ],
        "readiness_check_waived": [({"check": one.id}, one.waiver is not None) for one in checks],
        "readiness_check_attested": [({"check": one.id}, one.attestation is not None) for one in checks],
        "readiness_check_subjects": [sample for one in checks if one.subjects for sample in _subjects(one)],
        "readiness_checks": [({"outcome": outcome.value}, counts.get(outcome, 0)) for outcome in Outcome],
        "readiness_checks_waived": _one(counts.get("waived", 0)),
        "readiness_checks_attested": _one(counts.get("attested", 0)),
    }


def _subjects(check: CheckResult) -> Iterator[Sample]:
    outcomes = [subject.outcome for subject in check.subjects]
    return (({"check": check.id, "outcome": outcome.value}, outcomes.count(outcome)) for outcome in Outcome)


def _of_times(report: Report, last_success: datetime | None) -> dict[str, Iterable[Sample]]:
    run, decision = report.run, report.decision
    finished = _seconds(run.finished)
    good = run.finished if decision.state in _GOOD else last_success
    until = decision.valid_until
    return {
        "readiness_last_run_timestamp_seconds": _one(finished),
        "readiness_last_success_timestamp_seconds": _one(_seconds(good)) if good else [],
        "readiness_run_duration_seconds": _one(run.duration_seconds),
        "readiness_valid_until_timestamp_seconds": _one(_seconds(until)) if until else [],
        "readiness_rules_age_seconds": _one(run.rules.age_days * DAY_SECONDS),
        "readiness_rules_timestamp_seconds": _one(_seconds(datetime.combine(run.rules_date, time(), UTC))),
    }


def _one(value: float) -> list[Sample]:
    return [({}, value)]


def _seconds(moment: datetime) -> float:
    """Since 1970, UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _written(family: Family, estate: Mapping[str, str]) -> str:
    lines = [f"# HELP {family.name} {family.about}", f"# TYPE {family.name} gauge"]
    lines += [f"{family.name}{{{_labels({**estate, **labels})}}} {_number(value)}" for labels, value in family.samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())


def _escaped(value: str) -> str:
    r"""A label's value: what hides or breaks lines is shown as an escape; then `\` and `"` as the format wants them."""
    return name(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    rounded = round(float(value), _MOST_DIGITS)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)
