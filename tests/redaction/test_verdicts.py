"""Redaction changes no verdict: what every built-in estate comes to, it comes to without names, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from readiness.aliases import Aliases
from readiness.cli.finish import judge
from readiness.evidence.parts import value_of
from readiness.lab import scenario_names
from readiness.model.facts import Collections, DirectoryRoleHoldings, Hierarchy
from readiness.redaction import differences, redact
from readiness.redaction.redacting import Redacted
from tests.redaction.conftest import Case, case


def redacted(found: Case, *, keep_targets: bool = False) -> Redacted:
    return redact(found.evidence, found.configuration, Aliases(), None, keep_targets=keep_targets)


def with_collections(found: Case, *names: str) -> Case:
    judging = found.configuration.judging
    scope = replace(judging.scope, collections=names)
    return replace(found, configuration=replace(found.configuration, judging=replace(judging, scope=scope)))


@pytest.mark.parametrize("name", scenario_names())
@pytest.mark.parametrize("keep_targets", [False, True])
def test_every_estate_comes_to_the_same_without_names(name: str, keep_targets: bool) -> None:
    found = case(name)
    made = redacted(found, keep_targets=keep_targets)
    report = judge(made.configuration, made.evidence, found.evidence.finished)
    assert differences(found.report, report) == ()
    assert report.run.redacted == made.evidence.redacted is not None


@pytest.mark.parametrize("name", ["almost-ready", "hierarchy"])
def test_over_the_administration_service_too(name: str) -> None:
    found = case(name, "adminservice")
    made = redacted(found)
    assert differences(found.report, judge(made.configuration, made.evidence, found.evidence.finished)) == ()


@pytest.mark.parametrize("names", [("All Windows*",), ("*",), ("no such thing*",), ("all windows SERVERS - edr",), ()])
def test_globs_and_other_spellings_stand_for_the_same_collections(names: tuple[str, ...]) -> None:
    found = with_collections(case("almost-ready"), *names)
    made = redacted(found)
    assert differences(found.report, judge(made.configuration, made.evidence, found.evidence.finished)) == ()


def test_the_same_evidence_gives_the_same_aliases_and_no_other_run_the_same_mark() -> None:
    found = case("almost-ready")
    assert redacted(found) == redacted(found)
    assert redacted(found).evidence.redacted != redacted(case("hierarchy")).evidence.redacted


def test_a_name_has_one_alias_wherever_it_stands() -> None:
    found = case("almost-ready")
    made = redacted(found)
    before, after = found.configuration.judging.scope, made.configuration.judging.scope
    plain, changed = value_of(found.evidence, Collections), value_of(made.evidence, Collections)
    people, sites = value_of(made.evidence, DirectoryRoleHoldings), value_of(made.evidence, Hierarchy)
    assert plain is not None
    assert changed is not None
    assert people is not None
    assert sites is not None
    pairs = list(zip(plain.collections, changed.collections, strict=True))
    alias = {a.name: b.name for a, b in pairs} | {a.id: b.id for a, b in pairs}
    assert [alias[one] for one in before.collections] == list(after.collections)
    assert [one.asked for one in people.administrators] == list(after.administrators)
    assert {one.code for one in sites.sites} == {"Z01"}
    assert all(b.id.startswith(("Z01", "SMS")) for _, b in pairs)


def test_names_of_targets_stay_where_a_board_is_to_approve_them() -> None:
    found = with_collections(case("almost-ready"), "All Windows Servers - EDR", "P0100022")
    made = redacted(found, keep_targets=True)
    report = judge(made.configuration, made.evidence, found.evidence.finished)
    assert [one.name for one in report.collections] == [one.name for one in found.report.collections]
    assert {one.id for one in report.collections}.isdisjoint(one.id for one in found.report.collections)
    collections = value_of(made.evidence, Collections)
    assert collections is not None
    assert len([one for one in collections.collections if not one.name.startswith("COLL-")]) == 2


def test_redacting_what_is_redacted_changes_no_verdict() -> None:
    found = case("almost-ready")
    once = redacted(found)
    twice = redact(once.evidence, once.configuration, Aliases(), None)
    report = judge(twice.configuration, twice.evidence, found.evidence.finished)
    assert differences(found.report, report) == ()
