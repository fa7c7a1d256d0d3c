"""collections-synchronised: the upload scope of the site, the tenant's list, and what they come to together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.collections.collections_synchronised import judge
from readiness.plugin import (
    Basis,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    CollectionType,
    Organization,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    UploadMapping,
    UploadScope,
    Verdict,
)
from tests.checks.attach_facts import (
    HIERARCHY,
    OTHER_HIERARCHY,
    absent,
    analyst,
    applications,
    as_read,
    full_administrator,
    service,
    services,
)
from tests.checks.builders import TENANT, hierarchy, organization, site, unread
from tests.checks.collection_facts import (
    ALL_SYSTEMS,
    KIOSKS,
    NO_SITE,
    PILOT,
    SERVERS,
    USERS,
    collection,
    naming,
    site_collections,
    tenant_lists,
    uploaded,
)

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
NO_TENANT: dict[str, Any] = {"cloud": absent(CloudCollections), "organization": absent(Organization)}
NESTED = site_collections(
    collection("P0100010", name="Upload"),
    collection(SERVERS, limited="p0100010"),
    collection(PILOT, limited=SERVERS),
    collection(KIOSKS),
)


def judged(*names: str, context: Any = None, **given_: Any) -> Verdict:
    """By default: all devices are uploaded, a Full Administrator reads, the tenant lists nothing."""
    facts: dict[str, Any] = {
        "collections": site_collections(),
        "scope": uploaded(),
        "services": services(),
        "applications": applications(),
        "cloud": CloudCollections(()),
        "organization": organization(),
        "access": full_administrator(),
        "hierarchy": hierarchy(site()),
        **given_,
    }
    read: dict[str, Any] = {name: as_read(fact) for name, fact in facts.items()}
    return judge(**read, context=context or naming(*(names or (SERVERS,))))


def stands(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


# All devices.


@pytest.mark.parametrize("root", [None, "", " "])
def test_an_empty_scope_is_all_devices_where_that_is_proven(root: str | None) -> None:
    verdict = judged(scope=uploaded(root))
    assert stands(verdict) == (PASS, None)
    assert verdict.basis is Basis.INFERRED
    assert "all devices" in verdict.observed
    assert "uncorroborated" in verdict.subjects[0].summary


@pytest.mark.parametrize(
    "lacking",
    [
        {"access": analyst()},
        {"access": unread(SiteAccess)},
        {"services": services(service())},
        {"services": unread(CloudServices)},
        {"services": services(service(1, type_=4))},
        {"applications": unread(CloudApplications)},
    ],
    ids=["analyst", "rights not read", "upload off", "services not read", "another service", "applications not read"],
)
def test_an_empty_scope_says_nothing_where_it_may_be_hidden_or_tenant_attach_is_not_proven(lacking: Any) -> None:
    verdict = judged(**lacking)
    assert stands(verdict) == (UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.remediation is not None
    assert "Full Administrator" in verdict.remediation.steps[0].text


def test_the_tenants_list_proves_it_where_an_empty_scope_does_not() -> None:
    verdict = judged(access=analyst(), cloud=tenant_lists(SERVERS))
    assert stands(verdict) == (PASS, None)
    assert "uncorroborated" in verdict.subjects[0].summary
    assert verdict.remediation is None


@pytest.mark.parametrize("value", [1, -1, 2147749889])
def test_a_return_value_other_than_0_says_nothing_of_the_scope(value: int) -> None:
    for root in (None, SERVERS):
        verdict = judged(scope=uploaded(root, value=value), cloud=tenant_lists(SERVERS))
        assert stands(verdict) == (UNKNOWN, Reason.BAD_ANSWER)
        assert str(value) in verdict.summary


# One collection.


@pytest.mark.parametrize(("target", "outcome"), [("P0100010", PASS), (SERVERS, PASS), (PILOT, PASS), (KIOSKS, FAIL)])
def test_one_collection_is_uploaded_with_what_it_limits_at_any_depth(target: str, outcome: Outcome) -> None:
    verdict = judged(target, collections=NESTED, scope=uploaded("P0100010"), access=analyst())
    assert verdict.outcome is outcome


def test_outside_of_the_scope_fails_with_the_place_of_the_sites_version() -> None:
    verdict = judged(KIOSKS, collections=NESTED, scope=uploaded(SERVERS))
    assert verdict.outcome is FAIL
    assert "outside the upload scope (collection P0100021 and what it limits)" in verdict.summary
    places = {}
    for build in (9049, 9146):
        found = judged(KIOSKS, collections=NESTED, scope=uploaded(SERVERS), hierarchy=hierarchy(site(build=build)))
        assert found.remediation is not None
        places[build] = str(found.remediation.steps[0].where)
    assert "Co-management >" in places[9049]
    assert "Cloud Attach >" in places[9146]


def test_the_scope_may_be_a_collection_that_is_not_visible() -> None:
    some = site_collections(collection(SERVERS, limited="P0100099"))
    assert judged(collections=some, scope=uploaded("P0100099")).outcome is PASS


def test_outside_is_only_proven_where_the_chain_of_limits_is_visible() -> None:
    some = site_collections(collection(SERVERS, limited="P0100077"))
    verdict = judged(collections=some, scope=uploaded("P0100010"))
    assert stands(verdict) == (UNKNOWN, Reason.NOT_VISIBLE)
    assert "P0100077, which the account cannot see" in verdict.summary


def test_all_systems_ends_the_chain_visible_or_not() -> None:
    alone = Collections((collection(SERVERS),))
    assert judged(collections=alone, scope=uploaded("P0100010")).outcome is FAIL
    assert judged(ALL_SYSTEMS, scope=uploaded("P0100010")).outcome is FAIL


def test_a_collection_that_says_of_no_limit_is_a_bad_answer() -> None:
    some = site_collections(collection(SERVERS, limited=""))
    assert stands(judged(collections=some, scope=uploaded("P0100010"))) == (UNKNOWN, Reason.BAD_ANSWER)


def test_collections_that_limit_each_other_in_a_circle_are_contradicting() -> None:
    circle = site_collections(collection(SERVERS, limited=PILOT), collection(PILOT, limited=SERVERS))
    verdict = judged(collections=circle, scope=uploaded("P0100010"))
    assert stands(verdict) == (UNKNOWN, Reason.CONTRADICTING)
    assert "circle" in verdict.summary
    assert judged(collections=circle, scope=uploaded(PILOT)).outcome is PASS


IDS = [f"P01000{number:02}" for number in range(12)]


@given(st.lists(st.sampled_from([*IDS, ALL_SYSTEMS, "", "HIDDEN01"]), min_size=12, max_size=12), st.sampled_from(IDS))
def test_every_chain_of_limits_ends_and_a_pass_is_a_chain_that_leads_to_the_scope(limits: list[str], root: str) -> None:
    """Whatever circles there are. What is inside is told apart by walking, step by step."""
    rows = [collection(id_, limited=limit) for id_, limit in zip(IDS, limits, strict=True)]
    verdict = judged(*IDS, collections=site_collections(*rows), scope=uploaded(root))
    above = dict(zip(IDS, limits, strict=True))
    for one in verdict.subjects:
        walked, at = [one.id], above.get(one.id)
        while at is not None and at not in walked:
            walked.append(at)
            at = above.get(at)
        assert (one.outcome is PASS) == (root in walked)


# Tenant attach.


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"services": unread(CloudServices)}, Reason.ACCESS_DENIED),
        ({"applications": unread(CloudApplications, Reason.TIMED_OUT)}, Reason.TIMED_OUT),
        ({"services": CloudServices(()), "access": analyst()}, Reason.NOT_VISIBLE),
    ],
    ids=["not read", "applications not read", "hidden"],
)
def test_a_scope_proves_nothing_where_tenant_attach_does_not_pass(lacking: Any, reason: Reason) -> None:
    """It may be left from earlier; and losing what shows that nothing is attached must not make a pass."""
    verdict = judged(scope=uploaded(SERVERS), **lacking)
    assert stands(verdict) == (UNKNOWN, reason)
    assert "whether the hierarchy is attached is not proven" in verdict.summary
    assert judged(scope=uploaded(SERVERS), cloud=tenant_lists(SERVERS), **lacking).outcome is UNKNOWN
    assert judged(scope=uploaded(KIOSKS), **lacking).outcome is FAIL


# Which tenant's scope.


def test_the_scope_of_the_scanned_tenant_counts() -> None:
    both = UploadScope((UploadMapping(TENANT.upper(), 0, KIOSKS), UploadMapping("another", 0, SERVERS)))
    assert judged(scope=both).outcome is FAIL
    assert judged(KIOSKS, scope=both).outcome is PASS


def test_two_scopes_are_contradicting_where_the_tenant_is_not_known() -> None:
    both = UploadScope((UploadMapping(TENANT, 0, KIOSKS), UploadMapping("another", 0, SERVERS)))
    assert stands(judged(scope=both, **NO_TENANT)) == (UNKNOWN, Reason.CONTRADICTING)


def test_no_scope_of_the_tenant_is_not_visible() -> None:
    for scope in (UploadScope(()), uploaded(SERVERS, tenant="another")):
        assert stands(judged(scope=scope, cloud=tenant_lists(SERVERS))) == (UNKNOWN, Reason.NOT_VISIBLE)


# Both halves.


def test_both_halves_corroborate_each_other() -> None:
    verdict = judged(scope=uploaded(SERVERS), cloud=tenant_lists(SERVERS))
    assert stands(verdict) == (PASS, None)
    assert "uncorroborated" not in verdict.subjects[0].summary


def test_a_collection_that_is_listed_and_outside_of_the_scope_is_contradicting() -> None:
    verdict = judged(scope=uploaded(KIOSKS), cloud=tenant_lists(SERVERS))
    assert stands(verdict) == (UNKNOWN, Reason.CONTRADICTING)
    assert "read again after 30 minutes" in verdict.summary
    assert "outside the upload scope" in verdict.summary
    assert "its list holds it" in verdict.summary


def test_lacking_in_the_list_says_nothing() -> None:
    inside = judged(scope=uploaded(SERVERS), cloud=tenant_lists(PILOT))
    assert inside.outcome is PASS
    assert "lacks it, which says nothing" in inside.subjects[0].summary
    assert judged(scope=uploaded(KIOSKS), cloud=tenant_lists(PILOT)).outcome is FAIL
    assert judged(access=analyst(), cloud=tenant_lists(PILOT)).outcome is UNKNOWN


def test_a_list_of_another_hierarchy_says_nothing_of_this_site() -> None:
    theirs = tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY, name="Theirs")
    assert judged(access=analyst(), cloud=theirs).outcome is UNKNOWN
    assert judged(scope=uploaded(KIOSKS), cloud=theirs).outcome is FAIL
    ours = naming(SERVERS, hierarchy_id=OTHER_HIERARCHY)
    assert judged(access=analyst(), cloud=theirs, context=ours).outcome is PASS


def test_several_hierarchies_that_fit_are_contradicting_and_say_what_to_configure() -> None:
    both = CloudCollections(
        tenant_lists(SERVERS).collections + tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY).collections
    )
    verdict = judged(scope=uploaded(SERVERS), cloud=both)
    assert stands(verdict) == (UNKNOWN, Reason.CONTRADICTING)
    assert verdict.remediation is not None
    assert "hierarchy_id" in verdict.remediation.steps[0].text


def test_a_half_that_is_not_configured_is_named_as_absent() -> None:
    verdict = judged(scope=uploaded(SERVERS), **NO_TENANT)
    assert stands(verdict) == (PASS, None)
    assert "uncorroborated by the tenant: CloudCollections was not read: not-configured" in verdict.subjects[0].summary
    assert judged(scope=uploaded(KIOSKS), **NO_TENANT).outcome is FAIL


@pytest.mark.parametrize("fact", [UploadScope, Collections, CloudCollections])
@pytest.mark.parametrize("reason", [r for r in Reason if r is not Reason.NOT_CONFIGURED])
def test_a_half_that_is_configured_and_was_not_read_leaves_it_unknown(fact: Any, reason: Reason) -> None:
    named = {UploadScope: "scope", Collections: "collections", CloudCollections: "cloud"}[fact]
    facts: dict[str, Any] = {"scope": uploaded(SERVERS), "cloud": tenant_lists(SERVERS), named: unread(fact, reason)}
    assert stands(judged(**facts)) == (UNKNOWN, reason)


# The tenant alone.


def test_the_tenant_alone_passes_as_uncorroborated_where_the_hierarchy_is_configured() -> None:
    for name in (SERVERS, "all windows servers - edr", "*servers*"):
        context = naming(name, hierarchy_id=HIERARCHY)
        verdict = judged(cloud=tenant_lists(SERVERS, PILOT), context=context, **NO_SITE)
        assert stands(verdict) == (PASS, None)
        assert [one.id for one in verdict.subjects] == [SERVERS]
        assert "uncorroborated" in verdict.subjects[0].summary


def test_the_tenant_alone_proves_nothing_of_what_it_lacks_or_of_a_hierarchy_that_is_not_told() -> None:
    lacking = judged(cloud=tenant_lists(PILOT), context=naming(SERVERS, hierarchy_id=HIERARCHY), **NO_SITE)
    assert lacking.outcome is UNKNOWN
    assert stands(judged(cloud=tenant_lists(SERVERS), **NO_SITE)) == (UNKNOWN, Reason.NOT_CONFIGURED)
    assert judged(**NO_SITE, **NO_TENANT).reason is Reason.NOT_CONFIGURED


# Targets.


def test_no_target_is_unknown() -> None:
    assert stands(judged(context=naming())) == (UNKNOWN, Reason.NO_TARGET)


def test_each_target_has_its_own_outcome_and_the_worst_speaks() -> None:
    verdict = judged(SERVERS, KIOSKS, "No such", USERS, collections=NESTED, scope=uploaded("P0100010"))
    assert [(one.id, one.outcome) for one in verdict.subjects] == [
        (SERVERS, PASS),
        (KIOSKS, FAIL),
        ("No such", UNKNOWN),
        (USERS, FAIL),
    ]
    assert verdict.outcome is FAIL


def test_ten_thousand_collections_in_one_chain_are_judged() -> None:
    rows = [Collection(f"P{n:07}", f"C{n}", CollectionType.DEVICE, 1, f"P{n - 1:07}") for n in range(1, 10_000)]
    chain = Collections((Collection("P0000000", "C0", CollectionType.DEVICE, 1, ALL_SYSTEMS), *rows))
    names = [f"P{n:07}" for n in range(0, 10_000, 200)]
    verdict = judged(*names, collections=chain, scope=uploaded("P0005000"), cloud=tenant_lists())
    assert sum(one.outcome is PASS for one in verdict.subjects) == 25
    assert sum(one.outcome is FAIL for one in verdict.subjects) == 25


def test_a_reading_of_the_site_that_was_cut_off_is_not_quietly_left_out() -> None:
    cut: Reading[Collections] = unread(Collections, Reason.UNREACHABLE)
    context = naming(SERVERS, hierarchy_id=HIERARCHY)
    verdict = judged(collections=cut, cloud=tenant_lists(SERVERS), context=context)
    assert stands(verdict) == (UNKNOWN, Reason.UNREACHABLE)


def test_ids_are_compared_without_case() -> None:
    assert judged(SERVERS.lower(), scope=uploaded(SERVERS.lower()), cloud=tenant_lists(SERVERS)).outcome is PASS
