"""Simulated estates as they were read, once each, and what judging makes of their evidence when it was spoiled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import checks
from readiness.assessment import Question
from readiness.assessment.judging import judge_all
from readiness.assessment.parts import decided
from readiness.assessment.readings import current
from readiness.assessment.targets import decide, resolve
from readiness.cli.reading import read_estate
from readiness.config import load
from readiness.lab import Lab, load_scenario, scenario_names
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.settings import JudgingSettings, Selection
from readiness.plugin import (
    FACTS,
    AdministratorLicences,
    CloudApplications,
    CloudServices,
    Collections,
    Context,
    DecisionState,
    Half,
    Outcome,
    ProvisioningStatus,
    Reason,
    SiteAccess,
    UploadScope,
)
from tests.assessment.fakes import RULES
from tests.properties.counting import tried

CHECKS = tuple(checks.registered())
SCENARIOS = tuple(name for name in scenario_names() if name != "large")
MOOT = Outcome.NOT_APPLICABLE
RIGHT, LICENCE = "global-administrator", "administrator-licensed"
INTUNE_PLAN = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
"""INTUNE_A, the service plan."""
SETTLED_BY = (CloudServices, CloudApplications, UploadScope)
"""What shows that nobody needs the role any more."""


@dataclass(frozen=True, slots=True)
class Read:
    """A simulated estate as it was read, and how it is to be judged."""

    evidence: Evidence
    settings: JudgingSettings

    def passes(self, evidence: Evidence | None = None, days: float = 0) -> frozenset[str]:
        """The checks that pass on this evidence, so many days later."""
        outcomes = self.outcomes(evidence or self.evidence, days)
        return frozenset(id_ for id_, outcome in outcomes.items() if outcome is Outcome.PASS)

    def may_pass(self) -> frozenset[str]:
        """What passes, and who holds a role or a licence that is not needed: where it can no longer be told that it is
        not, the holder is judged. Only where the untouched readings prove one who truly holds it."""
        outcomes = self.outcomes(self.evidence)
        licensed = {LICENCE} if outcomes[LICENCE] is MOOT and is_licensed(self.evidence) else set()
        if outcomes[RIGHT] is not MOOT:
            return self.passes() | licensed
        asked = self.evidence
        for fact in SETTLED_BY:
            found = asked.reading(fact)
            if found is not None:
                asked = with_reading(asked, lost(found, Reason.NOT_VISIBLE), found.fact)
        held = self.outcomes(asked)[RIGHT] is Outcome.PASS
        return self.passes() | licensed | ({RIGHT} if held else frozenset())

    def outcomes(self, evidence: Evidence, days: float = 0) -> dict[str, Outcome]:
        """What every check comes to."""
        return self.weighed(evidence, days)[0]

    def weighed(self, evidence: Evidence, days: float = 0) -> tuple[dict[str, Outcome], DecisionState]:
        """What `assess` comes to, and decides, without the report: its digests are most of the work."""
        now = evidence.finished + timedelta(days=days)
        readings = current(evidence, FACTS, self.settings.policy.max_evidence_age, now)
        judged = judge_all(CHECKS, readings, Context(now, self.settings))
        targets = decide(
            resolve(self.settings.scope.collections, readings[Collections]), tuple(judged.values()), Selection()
        )
        decision = decided(Question(CHECKS, self.settings, RULES), judged, targets, (), now)
        tried("examples")
        return {id_: one.verdict.outcome for id_, one in judged.items()}, decision.state


@cache
def _read(name: str) -> tuple[Read, str]:
    with TemporaryDirectory() as folder, Lab(load_scenario(name)) as lab:
        lab.write(Path(folder))
        lines = (Path(folder) / "lab.env").read_text(encoding="utf-8").splitlines()
        secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        found = load(Path(folder) / "readiness.toml", {})
        text = (Path(folder) / "readiness.toml").read_text(encoding="utf-8")
        return Read(read_estate(found, secrets), found.judging), text


def read(name: str) -> Read:
    """The estate of this scenario, read over real sockets."""
    return _read(name)[0]


def read_anew(name: str) -> Read:
    """The same, now: where the order in which estates are read counts, whatever other tests have read before."""
    return _read.__wrapped__(name)[0]


def configuration(name: str) -> str:
    """The configuration by which it was read."""
    return _read(name)[1]


@cache
def may_pass(name: str) -> frozenset[str]:
    """See `Read.may_pass`."""
    return read(name).may_pass()


@cache
def state(name: str) -> DecisionState:
    """The decision on the untouched evidence."""
    return read(name).weighed(read(name).evidence)[1]


def is_licensed(evidence: Evidence) -> bool:
    """Whether a named administrator truly holds an Intune licence, as it was read."""
    reading = evidence.reading(AdministratorLicences)
    if reading is None or not isinstance(reading.value, AdministratorLicences):
        return False
    plans = [plan for person in reading.value.administrators for plan in person.plans]
    return any(plan.id.lower() == INTUNE_PLAN and plan.status is ProvisioningStatus.SUCCESS for plan in plans)


def with_reading(evidence: Evidence, changed: Reading[Fact] | None, fact: str) -> Evidence:
    kept = (one for one in evidence.readings if one.fact != fact)
    return replace(evidence, readings=(*kept, *([changed] if changed else [])))


def lost(reading: Reading[Fact], reason: Reason) -> Reading[Fact]:
    return Reading(
        reading.fact, reading.started, reading.duration_seconds, reason=reason, error=f"lost: {reason}", source="here"
    )


def holding(reading: Reading[Fact], value: Fact) -> Reading[Fact] | None:
    """The reading with another value, of as many rows as that one holds; None where evidence refuses it."""
    rows = reading.rows if value.held() is None else value.held()
    return replace(reading, value=value, rows=rows) if rows is not None and rows >= 0 and value.fits(rows) else None


def of_half(evidence: Evidence, half: Half) -> Evidence:
    """The evidence as it is where only this half was read."""
    other = {fact.__name__ for fact in FACTS if fact.half is not half}
    readings = tuple(lost(one, Reason.NOT_CONFIGURED) if one.fact in other else one for one in evidence.readings)
    tenant, site = (None, evidence.site) if half is Half.SITE else (evidence.tenant, None)
    return replace(evidence, halves=(half,), readings=readings, tenant=tenant, site=site)


def without_proof(evidence: Evidence) -> Evidence:
    """The evidence without the proof that the account sees everything of the site."""
    found = evidence.reading(SiteAccess)
    if found is None or not isinstance(found.value, SiteAccess):
        return evidence
    return with_reading(evidence, replace(found, value=replace(found.value, listed=False, grants=())), found.fact)
