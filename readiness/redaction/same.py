"""Whether two reports come to the same: names may differ, and nothing else that decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from readiness.model.report import CheckResult, Report


def differences(plain: Report, redacted: Report) -> tuple[str, ...]:
    """What of the redacted report is not as in the plain one, by where it is told; none where both decide the same."""
    return tuple(_differences(plain, redacted))


def _differences(plain: Report, redacted: Report) -> Iterator[str]:
    for what in ("state", "valid_until", "counts", "deselected", "halves"):
        if getattr(plain.decision, what) != getattr(redacted.decision, what):
            yield f"decision.{what}"
    if [_target(one) for one in plain.collections] != [_target(one) for one in redacted.collections]:
        yield "collections"
    if [one.id for one in plain.checks] != [one.id for one in redacted.checks]:
        yield "checks"
    for one, other in zip(plain.checks, redacted.checks, strict=False):
        if _check(one) != _check(other):
            yield one.id
    if [(step.owner, step.unblocks) for step in plain.plan] != [(step.owner, step.unblocks) for step in redacted.plan]:
        yield "plan"
    if [(one.check, one.state) for one in plain.overlays] != [(one.check, one.state) for one in redacted.overlays]:
        yield "overlays"


def _target(target: object) -> tuple[object, ...]:
    return tuple(getattr(target, name) for name in ("state", "devices", "eligible"))


def _check(check: CheckResult) -> tuple[object, ...]:
    """What a check came to. Its subjects may stand in another order, because that is of their names."""
    subjects = Counter((one.kind, one.outcome, one.level, one.reason) for one in check.subjects)
    waived = sum(1 for one in check.subjects if one.waiver), sum(1 for one in check.subjects if one.attestation)
    overlays = check.waiver is not None, check.attestation is not None
    return check.outcome, check.reason, check.level, check.owner, check.blocked_by, overlays, subjects, waived
