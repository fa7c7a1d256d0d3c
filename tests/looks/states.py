"""The states of a report that people may meet: made by hand where only that has everything, else read and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from readiness.aliases import Aliases
from readiness.assessment.comparing import compare
from readiness.cli.finish import judge
from readiness.lab import scenario_names
from readiness.model.settings import Selection
from readiness.plugin import DecisionState, Outcome, Report, SubjectResult, TargetDecision
from readiness.redaction import redact
from tests.redaction.conftest import case
from tests.reports.conftest import HOSTILE_NAMES, poisoned, rich, subject

LONG = (
    "Every workstation of the sites in the north and in the south that no other collection has, without exceptions; "
    * 3
)
RIGHT_TO_LEFT = (
    "\u05db\u05dc \u05d4\u05de\u05d7\u05e9\u05d1\u05d9\u05dd \u05d1\u05de\u05e9\u05e8\u05d3 (EDR)",
    "\u0627\u0644\u062e\u0648\u0627\u062f\u0645 - All servers",
    "\u0645\u062c\u0645\u0648\u0639\u0629 12 / P0100022",
)
STATES_IN_TURN = (DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED)
OUTCOMES_IN_TURN = (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)


def of_collections(*names: str) -> Report:
    """The report with every outcome, over these collections: each a target, and a subject of two checks."""
    report = rich()
    targets = tuple(_target(number, name) for number, name in enumerate(names))
    subjects = tuple(_subject(number, name) for number, name in enumerate(names))
    judged = {"collections-enabled", "collections-exist"}
    checks = tuple(replace(one, subjects=subjects) if one.id in judged else one for one in report.checks)
    return replace(report, collections=targets, checks=checks)


def many(number: int) -> Report:
    """So many collections with ordinary names."""
    return of_collections(*(f"Workstations {one:05}" for one in range(number)))


def _id(number: int) -> str:
    return f"P01{number:05X}"


def _target(number: int, name: str) -> TargetDecision:
    state = STATES_IN_TURN[number % 3]
    reasons = () if state is DecisionState.READY else ("collections-enabled: synchronised, but not enabled",)
    return TargetDecision(_id(number), name, state, 100 + number, 90 + number, reasons)


def _subject(number: int, name: str) -> SubjectResult:
    return subject(_id(number), name, OUTCOMES_IN_TURN[number % 4], summary="synchronised, but not enabled")


def _redacted() -> Report:
    found = case("almost-ready")
    made = redact(found.evidence, found.configuration, Aliases(), None, keep_targets=False)
    return judge(made.configuration, made.evidence, found.evidence.finished)


def _compared() -> Report:
    """The estate on another day: one more collection, one gone, one check mended, one broken, another account."""
    before = rich()
    changed = {"site-version-minimum": Outcome.PASS, "tenant-reachable": Outcome.FAIL}
    checks = tuple(replace(one, outcome=changed.get(one.id, one.outcome)) for one in before.checks)
    targets = (*before.collections[1:], TargetDecision("P0100024", "New here", DecisionState.READY, 7, 7, ()))
    run = replace(before.run, identities=("readiness (99999999-2222-3333-4444-555555555555)",))
    after = replace(before, run=run, checks=checks, collections=targets)
    return replace(after, comparison=compare(before, after))


def _selected() -> Report:
    found = case("almost-ready")
    judging = replace(found.configuration.judging, selection=Selection(tag=("article",)))
    return judge(replace(found.configuration, judging=judging), found.evidence, found.evidence.finished)


def _demo() -> Report:
    report = case("almost-ready").report
    return replace(report, run=replace(report.run, demo=True))


MADE: dict[str, Callable[[], Report]] = {
    "every outcome": rich,
    "demo": _demo,
    "no collection": lambda: of_collections(),
    "3 collections": lambda: many(3),
    "500 collections": lambda: many(500),
    "10,000 collections": lambda: many(10_000),
    "long names": lambda: poisoned(LONG),
    "one endless word": lambda: poisoned("N" * 3_000),
    "hostile names": lambda: poisoned(" ".join(text for text in HOSTILE_NAMES if len(text) < 100)),
    "hostile collections": lambda: of_collections(*HOSTILE_NAMES),
    "right to left": lambda: of_collections(*RIGHT_TO_LEFT),
    "right to left everywhere": lambda: poisoned(RIGHT_TO_LEFT[0]),
    "redacted": _redacted,
    "compared": _compared,
    "selected": _selected,
}
"""States by name."""


def _scenario(name: str) -> Callable[[], Report]:
    return lambda: case(name).report


SCENARIOS: dict[str, Callable[[], Report]] = {f"scenario {name}": _scenario(name) for name in scenario_names()}
"""What the simulated estates come to."""
ALL = MADE | SCENARIOS
