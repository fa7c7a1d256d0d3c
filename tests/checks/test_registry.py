"""What every check must state, whatever it judges. Catalogue: rules for every check, 2."""

from datetime import date

import pytest

import checks
from checks import knowledge
from readiness.model.injection import facts, foreseen_from, parameters
from readiness.plugin import Check, Half, Level, Needs, Phase

REGISTERED = tuple(checks.registered())
every_check = pytest.mark.parametrize("check", REGISTERED, ids=lambda check: check.id)


def test_ids_are_unique_and_phases_in_the_order_of_the_article() -> None:
    ids = [check.id for check in REGISTERED]
    assert len(set(ids)) == len(ids)
    order = [list(Phase).index(check.phase) for check in REGISTERED]
    assert order == sorted(order)


B, A, INFO = Level.BLOCKER, Level.ADVISORY, Level.INFO
S, G, BOTH, EITHER = Needs.SITE, Needs.TENANT, Needs.BOTH, Needs.EITHER
ACTIVE, ATTACHED = ("intune-active",), ("tenant-attached",)
CATALOGUE: dict[str, tuple[Level, Needs, bool, tuple[str, ...]]] = {
    "tenant-reachable": (B, G, False, ()),
    "site-reachable": (B, S, False, ()),
    "site-is-top-level": (B, S, False, ("site-reachable",)),
    "intune-active": (B, G, False, ()),
    "defender-connected": (B, G, True, ("intune-active",)),
    "defender-heartbeat": (B, G, False, ("defender-connected",)),
    "defender-licensed": (A, G, False, ()),
    "site-version-minimum": (B, S, True, ()),
    "site-hotfix-kb4563473": (B, S, True, ("site-version-minimum",)),
    "site-version-supported": (A, S, False, ()),
    "site-known-defects": (B, S, False, ("site-version-minimum",)),
    "hierarchy-consistent": (A, S, False, ()),
    "service-connection-online": (B, S, False, ()),
    "cloud-endpoints-reached": (A, S, False, ()),
    "tenant-attached": (B, EITHER, True, ()),
    "attach-sync-working": (B, S, True, ("tenant-attached", "service-connection-online")),
    "tenant-matches": (B, BOTH, False, ATTACHED),
    "cloud-supported": (B, EITHER, True, ()),
    "attach-app-healthy": (B, EITHER, True, ATTACHED),
    "no-unwanted-enrolment": (A, S, True, ()),
    "collections-exist": (B, S, True, ()),
    "collections-synchronised": (B, EITHER, True, ("tenant-attached", "collections-exist")),
    "collections-enabled": (B, EITHER, True, ("tenant-attached", "collections-exist")),
    "collection-devices-eligible": (A, S, False, ("collections-exist",)),
    "global-administrator": (B, G, True, ()),
    "administrator-licensed": (A, G, False, ()),
    "site-administrator": (A, S, True, ()),
    "policy-author": (A, G, False, ()),
    "edr-policy-intune": (INFO, G, True, ACTIVE),
    "edr-policy-configmgr": (INFO, G, True, ACTIVE),
    "policy-kind-matches-devices": (A, BOTH, True, (*ACTIVE, "edr-policy-intune", "edr-policy-configmgr")),
    "edr-policy-onboards": (A, G, False, ("defender-connected", "intune-active")),
    "edr-policy-compliance": (INFO, G, True, (*ACTIVE, "edr-policy-intune", "edr-policy-configmgr")),
    "single-onboarding-channel": (A, BOTH, False, ACTIVE),
    "preview-features-known": (INFO, S, True, ACTIVE),
}
"""Level, what it needs, whether the article states it, and what it depends on: as the catalogue has them."""


@pytest.mark.parametrize("check", [check for check in REGISTERED if check.id in CATALOGUE], ids=lambda check: check.id)
def test_a_check_is_declared_as_the_catalogue_has_it(check: Check) -> None:
    level, needs, article, before = CATALOGUE[check.id]
    assert (check.level, check.needs) == (level, needs)
    assert check.tags == (("article",) if article else ())
    assert set(check.depends_on) == set(before)


def test_every_row_of_the_catalogue_has_its_check() -> None:
    assert CATALOGUE.keys() == {check.id for check in REGISTERED}


@every_check
def test_a_check_states_what_a_person_needs(check: Check) -> None:
    assert check.function is not None
    assert check.function.__module__.split(".")[-1] == check.id.replace("-", "_")
    assert check.why
    assert check.judged
    remediation = check.remediation
    assert remediation.steps
    assert all(step.text and step.id for step in remediation.steps)
    assert any(step.where for step in remediation.steps)
    assert remediation.role
    assert remediation.wait
    assert remediation.verify
    assert check.sources
    assert all(source.title and source.location for source in check.sources)
    assert all(source.dated is None or source.dated <= date(2026, 11, 23) for source in check.sources)


@every_check
def test_the_facts_of_a_check_are_of_the_halves_that_it_needs(check: Check) -> None:
    """A reading that is only weighed may be of the other half: it is not needed."""
    assert parameters(check)
    needed = {taken.fact.half for taken in parameters(check) if taken.fact is not None and not taken.whole}
    assert needed <= set(check.needs.halves)
    if check.needs in (Needs.SITE, Needs.TENANT):
        own = Half.SITE if check.needs is Needs.SITE else Half.TENANT
        assert own in {fact.half for fact in facts(check)}


@every_check
def test_what_foretells_steps_takes_readings_only(check: Check) -> None:
    assert all(taken.whole or taken.fact is None for taken in foreseen_from(check))


@every_check
def test_a_check_does_not_depend_on_itself(check: Check) -> None:
    assert check.id not in check.depends_on


def test_the_rule_data_is_dated_and_complete() -> None:
    assert knowledge.as_of() <= date(2026, 11, 23)
    releases = list(knowledge.releases().values())
    assert [release.build for release in releases] == sorted(release.build for release in releases)
    assert all(release.available < release.end_of_support for release in releases)
    assert knowledge.installed_state() in knowledge.update_states()
    assert knowledge.hidden_state() in knowledge.update_states()
    assert 0 not in knowledge.update_states()
