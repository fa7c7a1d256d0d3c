"""What a comparison must not pass over, and what it must not make a noise about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from readiness.assessment.comparing import compare
from readiness.model.changes import Change, Changed
from readiness.model.report import PlanStep, Report, TargetDecision
from readiness.model.settings import Attestation, Overlay
from readiness.model.words import Basis, DecisionState, Outcome, OverlayState, Owner
from tests.reports.conftest import rich

ID, OTHER_ID = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10", "00000000-6a4e-4b3f-9f0e-2d1c5a7b9e10"
NOTHING = "nothing changed since approval"


def of_run(report: Report, **changes: Any) -> Report:
    return replace(report, run=replace(report.run, **changes))


def with_check(report: Report, **changes: Any) -> Report:
    return replace(report, checks=(replace(report.checks[0], **changes), *report.checks[1:]))


def attested(statement: str) -> Overlay:
    said = Attestation("attach-sync-working", statement, "Cy", date(2026, 1, 2), date(2999, 12, 31))
    return Overlay("attestation", OverlayState.APPLIED, said.check, None, said.expires, attestation=said)


def step(id_: str, **changes: Any) -> PlanStep:
    made = PlanStep("Do it", Owner.INTUNE_ADMIN, "", (), None, None, "none", "", "none", change_window=False, id=id_)
    return replace(made, **changes)


def with_subject(report: Report, **changes: Any) -> Report:
    """The first subject of the report changed."""
    place = next(number for number, check in enumerate(report.checks) if check.subjects)
    check = report.checks[place]
    checks = list(report.checks)
    checks[place] = replace(check, subjects=(replace(check.subjects[0], **changes), *check.subjects[1:]))
    return replace(report, checks=tuple(checks))


def target(devices: int | None, eligible: int | None) -> TargetDecision:
    return TargetDecision("P0100021", "Pilot", DecisionState.READY, devices, eligible, ())


def with_scope(report: Report, scope: str) -> Report:
    first = replace(report.readings[0], identity="account X", scope=scope)
    return replace(report, readings=(first, *report.readings[1:]))


Change_ = Callable[[Report], Report]

PASSED_OVER: Mapping[str, tuple[Change_, Change_, Changed]] = {
    "devices": (
        lambda r: replace(r, collections=(target(40, 40),)),
        lambda r: replace(r, collections=(target(41, 40),)),
        Changed.COLLECTION,
    ),
    "an attestation": (lambda r: r, lambda r: replace(r, overlays=(*r.overlays, attested("Healthy"))), Changed.OVERLAY),
    "another statement of the same person": (
        lambda r: replace(r, overlays=(attested("Healthy"),)),
        lambda r: replace(r, overlays=(attested("I was told so"),)),
        Changed.OVERLAY,
    ),
    "another reader": (lambda r: r, lambda r: of_run(r, identities=("somebody else",)), Changed.READ_BY),
    "fewer rights of the same reader": (
        lambda r: with_scope(r, "Full Administrator on All"),
        lambda r: with_scope(r, "Full Administrator on Pilot"),
        Changed.READ_BY,
    ),
    "rules": (lambda r: r, lambda r: of_run(r, rules_version="2999.1"), Changed.RULES),
    "rules that are called the same": (
        lambda r: of_run(r, rules=replace(r.run.rules, digest="0" * 64)),
        lambda r: of_run(r, rules=replace(r.run.rules, digest="1" * 64)),
        Changed.RULES,
    ),
    "what was observed": (lambda r: r, lambda r: with_check(r, observed="something else"), Changed.OBSERVED),
    "what was expected": (lambda r: r, lambda r: with_check(r, expected="something else"), Changed.OBSERVED),
    "what it rests on": (
        lambda r: with_check(r, basis=Basis.DOCUMENTED),
        lambda r: with_check(r, basis=Basis.INFERRED),
        Changed.OBSERVED,
    ),
    "what was said without subjects": (
        lambda r: with_check(r, subjects=()),
        lambda r: with_check(r, subjects=(), summary="for another reason"),
        Changed.OBSERVED,
    ),
    "why one subject came out so": (
        lambda r: r,
        lambda r: with_subject(r, summary="for another reason"),
        Changed.OBSERVED,
    ),
    "a new step": (
        lambda r: replace(r, plan=(step("a"),)),
        lambda r: replace(r, plan=(step("a"), step("b"))),
        Changed.PLAN,
    ),
    "a step that is for more": (
        lambda r: replace(r, plan=(step("a"),)),
        lambda r: replace(r, plan=(step("a", targets=("Pilot",)),)),
        Changed.PLAN,
    ),
    "a step of somebody else": (
        lambda r: replace(r, plan=(step("a"),)),
        lambda r: replace(r, plan=(step("a", owner=Owner.ENTRA_ADMIN),)),
        Changed.PLAN,
    ),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_somebody_approved_and_is_not_so_any_more_is_told(name: str) -> None:
    before, after, what = PASSED_OVER[name]
    found = compare(before(rich()), after(rich()))
    assert NOTHING not in found.sentence
    assert [one.what for one in found.changes] == [what]


def test_the_whole_of_an_overlay_is_shown_where_its_head_is_the_same() -> None:
    before, after = (replace(rich(), overlays=(attested(said),)) for said in ("Healthy", "I was told so"))
    (change,) = compare(before, after).changes
    assert (change.before, change.after) == (
        "applied until 2999-12-31, seen by Cy on 2026-01-02: Healthy",
        "applied until 2999-12-31, seen by Cy on 2026-01-02: I was told so",
    )


def test_the_order_of_who_read_and_of_what_is_planned_is_no_change() -> None:
    before = replace(of_run(rich(), identities=("a", "b")), plan=(step("a"), step("b")))
    after = replace(of_run(rich(), identities=("b", "a")), plan=(step("b"), step("a")))
    assert compare(before, after).sentence == NOTHING


def configured(**ids: str) -> dict[str, Any]:
    return {"tenant": {"id": ids["tenant"]}, "site": {"server": ids.get("site", "cm01.contoso.com")}}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"demo": True}, {"demo": False}, "one of them is about the simulated estate"),
        ({"redacted": None}, {"redacted": "a" * 16}, "names are not held against aliases"),
        ({"redacted": "b" * 16}, {"redacted": "a" * 16}, "nor aliases of one map against those of another"),
        ({"tenant": "Contoso"}, {"tenant": "Fabrikam"}, "the tenant was Contoso, and is Fabrikam"),
        ({"site": "P01 (A)"}, {"site": "P02 (B)"}, "the site was P01 (A), and is P02 (B)"),
        (
            {"configuration": configured(tenant=ID)},
            {"configuration": configured(tenant=OTHER_ID)},
            f"the tenant was {ID}, and is {OTHER_ID}",
        ),
        (
            {},
            {"finished": rich().run.finished - timedelta(minutes=1)},
            "before what it is held against: name the older first",
        ),
    ],
)
def test_what_is_not_of_one_kind_is_not_compared(before: dict[str, Any], after: dict[str, Any], why: str) -> None:
    found = compare(of_run(rich(), **before), of_run(rich(), **after))
    assert found.sentence.startswith("cannot be compared: ")
    assert why in found.sentence
    assert found.changes == ()


def test_reports_of_one_map_are_compared() -> None:
    report = of_run(rich(), redacted="a" * 16)
    assert compare(report, report).sentence == NOTHING


@pytest.mark.parametrize("name", ["contoso.onmicrosoft.com", ID])
def test_a_tenant_whose_name_could_not_be_read_this_time_is_the_same_tenant(name: str) -> None:
    before = of_run(rich(), tenant="Contoso", configuration=configured(tenant=name))
    after = of_run(rich(), tenant=name, configuration=configured(tenant=name.upper()))
    assert compare(before, after).incomparable is None


def changes(before: str, after: str, days: int = 0) -> tuple[Change, ...]:
    """What is told of a check whose observation was and is this, so many days later."""
    first, second = (with_check(rich(), outcome=Outcome.PASS, reason=None, observed=text) for text in (before, after))
    finished = rich().run.finished
    return compare(of_run(first), of_run(second, finished=finished + timedelta(days=days))).changes


def at(**offset: float) -> str:
    return f"{rich().run.finished + timedelta(**offset):%Y-%m-%d %H:%M} UTC"


@pytest.mark.parametrize(
    ("before", "after", "days", "told"),
    [
        (f"last {at(hours=-1)}", f"last {at(days=5, hours=-2)}", 5, False),
        (f"last {at(hours=-1)}", f"last {at(hours=-1)}", 9, False),
        (f"last {at(hours=-1)}, 1 hour old", f"last {at(hours=-1)}, 217 hours old", 9, False),
        (f"last {at(hours=-1)}", f"last {at(hours=-2)}", 9, True),
        (f"ends {at(days=2)}", f"ends {at(days=2)}", 1, False),
        (f"ends {at(days=2)}", f"ends {at(days=3)}", 1, True),
        (f"last {at(hours=-1)}", f"last {at(hours=-1)} and {at(hours=-2)}", 0, True),
        ("of 2026-99-99", "of 2026-99-98", 0, True),
    ],
    ids=["moves", "stands", "stands and ages", "went back", "ahead", "ahead moved", "one more", "no date"],
)
def test_a_moment_moves_along_or_stands_still(before: str, after: str, days: int, told: bool) -> None:
    assert bool(changes(before, after, days)) is told
