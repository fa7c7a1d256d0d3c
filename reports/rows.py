"""A report as rows for programs: one for every check, followed by one for each of its subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import assert_never

from readiness.plugin import Attestation, CheckResult, Level, Outcome, Reason, Report, SubjectResult, Waiver

Plain = str | bool | None
"""What a field holds. Lists are text, with a comma between ids."""


class Standing(StrEnum):
    """What is left of an outcome once waivers and attestations are taken into account."""

    PASSED = "passed"
    """It passed, or a person attested what could not be verified."""
    FAILED = "failed"
    UNVERIFIED = "unverified"
    """Unknown, manual, blocked, or the check crashed: nothing seen is not good news."""
    SKIPPED = "skipped"
    """Not applicable, or failed and waived."""


@dataclass(frozen=True, slots=True)
class Row:
    """A check, or one subject of it."""

    check: CheckResult
    subject: SubjectResult | None = None

    @property
    def of(self) -> CheckResult | SubjectResult:
        """What the row is about."""
        return self.check if self.subject is None else self.subject

    @property
    def record(self) -> str:
        """What it is, in a word."""
        return "check" if self.subject is None else "subject"

    @property
    def outcome(self) -> Outcome:
        return self.of.outcome

    @property
    def level(self) -> Level:
        return self.of.level

    @property
    def reason(self) -> Reason | None:
        return self.of.reason

    @property
    def waiver(self) -> Waiver | None:
        return self.of.waiver

    @property
    def attestation(self) -> Attestation | None:
        return self.of.attestation

    @property
    def standing(self) -> Standing:
        """A waiver answers nothing but a failure, an attestation nothing but what is unknown or manual."""
        outcome = self.outcome
        match outcome:
            case Outcome.PASS:
                return Standing.PASSED
            case Outcome.NOT_APPLICABLE:
                return Standing.SKIPPED
            case Outcome.FAIL:
                return Standing.SKIPPED if self.waiver else Standing.FAILED
            case Outcome.UNKNOWN | Outcome.MANUAL:
                return Standing.PASSED if self.attestation else Standing.UNVERIFIED
            case Outcome.BLOCKED | Outcome.ERROR:
                return Standing.UNVERIFIED
        assert_never(outcome)


def rows(report: Report) -> Iterator[Row]:
    """Every check in the order of the catalogue, each followed by its subjects."""
    for check in report.checks:
        yield Row(check)
        yield from (Row(check, subject) for subject in check.subjects)


def run_fields(report: Report, digest: str) -> dict[str, Plain]:
    """What every row says of the run that it belongs to, so that rows of many nights can lie in one place."""
    return {
        "time": moment(report.run.finished),
        "run": report.run.id,
        "report_sha256": digest,
        "demo": report.run.demo,
        "redacted": report.run.redacted is not None,
        "tenant": report.run.tenant,
        "site": report.run.site,
        "decision": report.decision.state.value,
    }


def row_fields(row: Row) -> dict[str, Plain]:
    """What a row says for itself."""
    check, subject = row.check, row.subject
    return {
        "check": check.id,
        "title": check.title,
        "phase": check.phase.value,
        "owner": check.owner.value,
        "subject_kind": subject.kind if subject else None,
        "subject_id": subject.id if subject else None,
        "subject": subject.name if subject else None,
        "level": row.level.value,
        "outcome": row.outcome.value,
        "reason": row.reason.value if row.reason else None,
        "standing": row.standing.value,
        "waived_until": row.waiver.expires.isoformat() if row.waiver else None,
        "attested_until": row.attestation.expires.isoformat() if row.attestation else None,
        "blocked_by": ",".join(check.blocked_by) or None,
        "basis": check.basis.value,
        "summary": row.of.summary,
        "expected": None if subject else check.expected,
        "observed": None if subject else check.observed,
        "plugin": check.plugin,
    }


MEANINGS: Mapping[str, str] = {
    "record": "`check`, or `subject`: a collection, a site, an administrator, a policy that the check judges",
    "time": "when the last reading ended, UTC",
    "run": "id of the run",
    "report_sha256": "digest of the JSON report of the same run",
    "demo": "whether the simulated estate answered",
    "redacted": "whether aliases stand for names",
    "tenant": "its name where it was read, else as configured",
    "site": "the top-level site, likewise",
    "decision": "the state of the whole run, the same in every row",
    "check": "id of the check",
    "title": "the condition that holds where it passes",
    "phase": "where it belongs on the way",
    "owner": "who acts next",
    "subject_kind": "`collection`, `site`, `administrator` or `policy`; nothing in the row of the check itself",
    "subject_id": "its id at the site or in the tenant",
    "subject": "its name",
    "level": "`blocker`, `advisory` or `info`, as it counts here",
    "outcome": "one of the seven, never changed by a waiver or an attestation",
    "reason": "why it is unknown",
    "standing": "what is left of the outcome: `passed` (also what is attested), `failed`, `unverified` (unknown, "
    "manual, blocked, error), `skipped` (not applicable, or failed and waived)",
    "waived_until": "last day of the waiver that lies on it",
    "attested_until": "last day of the attestation that lies on it",
    "blocked_by": "ids of the checks that are the root causes, with commas",
    "basis": "`documented` or `inferred`",
    "summary": "what came out, in a sentence",
    "expected": "what would have passed; of the check only",
    "observed": "what was seen; of the check only",
    "plugin": "package and version of the plugin whose check it is",
}
"""Every field of a row, in order."""


def moment(at: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the second."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
