"""site-known-defects: which builds, which updates mend them, and which devices are hit."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks import knowledge
from checks.site.site_known_defects import CHECK, ahead, judge
from readiness.model.settings import JudgingSettings, Scope
from readiness.plugin import (
    Collection,
    Collections,
    CollectionType,
    Context,
    Device,
    Hierarchy,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    SiteUpdates,
    SiteUpdateStatuses,
    Subject,
    TargetDevices,
    UpdatePackage,
    Verdict,
)
from tests.checks.builders import (
    HIDDEN,
    INSTALLED,
    NOW,
    READY_TO_INSTALL,
    RELEASE,
    access,
    central,
    collections,
    grant,
    hierarchy,
    package,
    reading,
    secondary,
    site,
    status,
    unread,
)

SERVERS, PILOT = "P0100021", "P0100022"
ROLLUP = "00000000-0000-4000-8000-000000000003"
NO_STATUS = SiteUpdateStatuses(())
NOTHING_SEEN = access(grant("P0100001", "SMS00UNA"))


def device(number: int, co_managed: bool | None = False, *targets: str) -> Device:
    return Device(
        id=number,
        name=f"PC{number}",
        collections=targets or (SERVERS,),
        client=True,
        active=True,
        obsolete=False,
        co_managed=co_managed,
        operating_system="Microsoft Windows NT Server 10.0",
        operating_system_build="10.0.20348.2000",
        onboarding_state=0,
    )


def devices(*co_managed: bool | None) -> TargetDevices:
    """The servers: so many devices, co-managed or not."""
    return TargetDevices((SERVERS,), tuple(device(n, one) for n, one in enumerate(co_managed)))


def holding(members: int) -> Collections:
    return Collections((Collection(SERVERS, "Servers", CollectionType.DEVICE, members),))


def judged(
    sites: Hierarchy | int,
    held: TargetDevices | Reading[TargetDevices] | None = None,
    *,
    updates: Sequence[UpdatePackage] | Reading[SiteUpdates] = (RELEASE,),
    statuses: SiteUpdateStatuses | Reading[SiteUpdateStatuses] = NO_STATUS,
    seen: Collections | Reading[Collections] | None = None,
    named: tuple[str, ...] = (SERVERS,),
    rights: SiteAccess | None = None,
) -> Verdict:
    """The verdict; by default of one collection with two devices, one of them co-managed."""
    held = held or devices(False, True)
    count = len(held.devices) if isinstance(held, TargetDevices) else 2
    seen = seen or holding(count)
    return judge(
        hierarchy(site(build=sites)) if isinstance(sites, int) else sites,
        reading(rights or access()),
        updates if isinstance(updates, Reading) else reading(SiteUpdates(tuple(updates))),
        statuses if isinstance(statuses, Reading) else reading(statuses),
        seen if isinstance(seen, Reading) else reading(seen),
        held if isinstance(held, Reading) else reading(held),
        Context(NOW, JudgingSettings(scope=Scope(collections=named))),
    )


def rollup(state: int = INSTALLED, kb: int = 37864969, *, supersedes: str = "") -> UpdatePackage:
    name = f"Configuration Manager 2509 Hotfix Rollup (KB{kb})"
    return replace(package(kb, state, guid=ROLLUP, name=name), supersedes=supersedes)


def at_sites(*states: tuple[str, int]) -> SiteUpdateStatuses:
    return SiteUpdateStatuses(tuple(status(code, state, ROLLUP) for code, state in states))


def of(verdict: Verdict, id_: str) -> Subject:
    return next(subject for subject in verdict.subjects if subject.id == id_)


@pytest.mark.parametrize("build", [9068, 9096, 9132, 9146])
def test_a_release_without_a_known_defect_passes(build: int) -> None:
    verdict = judged(build)
    assert verdict.outcome is Outcome.PASS
    assert str(knowledge.defects_as_of()) in verdict.summary


def test_a_release_newer_than_the_table_passes_and_says_so() -> None:
    verdict = judged(9300)
    assert verdict.outcome is Outcome.PASS
    assert "newer than 2603" in verdict.observed


@pytest.mark.parametrize("build", [0, 9000, 9142, 70000])
def test_a_build_that_is_no_release_is_unknown(build: int) -> None:
    verdict = judged(build)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


@pytest.mark.parametrize("build", [8913, 8968, 9012, 9058])
def test_2107_and_earlier_fail_because_microsoft_says_that_they_may(build: int) -> None:
    verdict = judged(build, devices(True), named=())
    assert verdict.outcome is Outcome.FAIL
    assert "Microsoft says that cloud attach may fail" in verdict.summary
    assert [subject.kind for subject in verdict.subjects] == ["site"]


@pytest.mark.parametrize("build", [9135, 9141])
def test_a_collection_fails_with_the_count_of_devices_that_are_not_co_managed(build: int) -> None:
    verdict = judged(build, devices(False, False, True))
    assert verdict.outcome is Outcome.FAIL
    assert "2 of 3 devices are not co-managed" in verdict.summary
    assert [(s.kind, s.id, s.devices) for s in verdict.subjects] == [("collection", SERVERS, 3)]


@pytest.mark.parametrize("build", [9135, 9141])
def test_only_co_managed_devices_are_not_hit_and_the_workload_is_to_be_looked_at(build: int) -> None:
    verdict = judged(build, devices(True, True))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert "Endpoint Protection workload" in verdict.summary
    assert verdict.remediation is not None
    assert verdict.remediation.steps[0].where == (
        "Administration > Overview > Cloud Services > Cloud Attach > CoMgmtSettingsProd > Properties > Workloads"
    )


def test_each_collection_has_its_own_outcome() -> None:
    held = TargetDevices((SERVERS, PILOT), (device(1, False, SERVERS), device(2, True, PILOT)))
    seen = Collections(
        (
            Collection(SERVERS, "Servers", CollectionType.DEVICE, 1),
            Collection(PILOT, "Pilot", CollectionType.DEVICE, 1),
        )
    )
    verdict = judged(9135, held, seen=seen, named=(SERVERS, PILOT))
    assert of(verdict, SERVERS).outcome is Outcome.FAIL
    assert of(verdict, PILOT).outcome is Outcome.NOT_APPLICABLE
    assert verdict.outcome is Outcome.FAIL


def test_a_device_in_two_collections_counts_in_both() -> None:
    held = TargetDevices((SERVERS, PILOT), (device(1, False, SERVERS, PILOT),))
    verdict = judged(9135, held, seen=collections(), named=(SERVERS, PILOT))
    assert {subject.outcome for subject in verdict.subjects} == {Outcome.FAIL}


def test_whether_a_device_is_co_managed_is_not_guessed() -> None:
    verdict = judged(9135, devices(True, None))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert judged(9135, devices(False, None)).outcome is Outcome.FAIL


def test_fewer_devices_than_the_collection_holds_are_not_all_of_them() -> None:
    verdict = judged(9135, devices(True, True), seen=holding(5))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "3 of its devices" in verdict.summary


def test_an_empty_collection_is_unknown_not_co_managed() -> None:
    verdict = judged(9135, devices())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NO_TARGET)
    assert "holds no device yet" in verdict.summary


@pytest.mark.parametrize("build", [9135, 9141])
def test_without_targets_it_is_unknown(build: int) -> None:
    verdict = judged(build, named=())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NO_TARGET)
    assert "EDR policy is not" in verdict.summary


def test_a_target_that_is_not_settled_is_unknown() -> None:
    verdict = judged(9135, named=("no such",))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    twice = Collections((*holding(2).collections, Collection("P0100099", "Servers", CollectionType.DEVICE, 1)))
    assert judged(9135, seen=twice, named=("Servers",)).reason is Reason.CONTRADICTING


def test_a_user_collection_holds_nothing_that_the_defect_hits() -> None:
    """That it is no target is what collections-exist says; here it must neither fail nor be a matter of rights."""
    users = Collections((*holding(1).collections, Collection("P0100098", "People", CollectionType.USER, 5)))
    verdict = judged(9135, devices(True), seen=users, named=(SERVERS, "People"))
    assert of(verdict, "P0100098").outcome is Outcome.NOT_APPLICABLE
    assert "no device collection" in of(verdict, "P0100098").summary


def test_a_collection_is_named_with_its_id() -> None:
    assert of(judged(9135), SERVERS).summary.startswith(f"Servers ({SERVERS}): 1 of 2 devices")


def test_collections_or_devices_that_were_not_read_are_unknown_with_that_reason() -> None:
    assert judged(9135, unread(TargetDevices, Reason.TIMED_OUT)).reason is Reason.TIMED_OUT
    verdict = judged(9135, seen=unread(Collections, Reason.ACCESS_DENIED))
    assert verdict.reason is Reason.ACCESS_DENIED
    assert [(subject.kind, subject.id) for subject in verdict.subjects] == [("collection", SERVERS)]


def test_devices_that_were_not_asked_for_are_unknown() -> None:
    verdict = judged(9135, TargetDevices((), ()), seen=holding(0))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    other = TargetDevices((PILOT,), (device(1, True, SERVERS),))
    assert judged(9135, other).reason is Reason.NOT_VISIBLE


def test_devices_and_collections_are_not_needed_where_no_build_has_the_defect() -> None:
    verdict = judged(9146, unread(TargetDevices), seen=unread(Collections), named=())
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize("kb", [36949461, 37864969, 38982839])
def test_2509_with_an_update_that_mends_it_passes(kb: int) -> None:
    verdict = judged(9141, updates=(RELEASE, rollup(kb=kb)), statuses=at_sites(("P01", INSTALLED)))
    assert verdict.outcome is Outcome.PASS
    assert f"KB{kb}" in of(verdict, "P01").summary


def test_a_later_update_that_says_that_it_supersedes_one_of_them_counts_too() -> None:
    later = rollup(kb=39999999, supersedes="Configuration Manager 2509 Hotfix Rollup (KB37864969)")
    assert judged(9141, updates=(RELEASE, later), statuses=at_sites(("P01", INSTALLED))).outcome is Outcome.PASS


def test_another_update_that_is_installed_mends_nothing() -> None:
    other = rollup(kb=39999999, supersedes="KB33333333")
    assert judged(9141, updates=(RELEASE, other), statuses=at_sites(("P01", INSTALLED))).outcome is Outcome.FAIL


def test_2503_is_mended_by_no_update() -> None:
    assert judged(9135, updates=(RELEASE, rollup()), statuses=at_sites(("P01", INSTALLED))).outcome is Outcome.FAIL


@pytest.mark.parametrize("state", [READY_TO_INSTALL, 196613, 131071])
def test_every_other_known_state_is_not_installed(state: int) -> None:
    verdict = judged(9141, updates=(RELEASE, rollup(state)), statuses=at_sites(("P01", state)))
    assert verdict.outcome is Outcome.FAIL
    assert judged(9141, updates=(RELEASE, rollup(state))).outcome is Outcome.FAIL


@pytest.mark.parametrize("state", [0, 1, 99999])
def test_a_state_that_no_table_knows_is_unknown(state: int) -> None:
    verdict = judged(9141, updates=(RELEASE, rollup(state)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    there = judged(9141, updates=(RELEASE, rollup()), statuses=at_sites(("P01", state)))
    assert there.reason is Reason.UNKNOWN_VALUE


def test_a_hidden_update_must_be_looked_at_unless_another_is_shown() -> None:
    verdict = judged(9141, updates=(RELEASE, rollup(HIDDEN)))
    assert verdict.outcome is Outcome.MANUAL
    assert verdict.remediation is not None
    assert verdict.remediation.steps[0].text.startswith("Look whether an update that holds KB36949461")
    shown = package(36949461, READY_TO_INSTALL, guid="00000000-0000-4000-8000-000000000009", name="KB36949461")
    assert judged(9141, updates=(RELEASE, rollup(HIDDEN), shown)).outcome is Outcome.FAIL


def test_one_of_several_updates_is_enough() -> None:
    older = package(36949461, READY_TO_INSTALL, guid="00000000-0000-4000-8000-000000000009", name="KB36949461")
    verdict = judged(9141, updates=(older, rollup()), statuses=at_sites(("P01", INSTALLED)))
    assert verdict.outcome is Outcome.PASS


def test_installed_at_the_top_but_not_shown_at_the_site_is_unknown() -> None:
    assert judged(9141, updates=(rollup(),)).reason is Reason.NOT_VISIBLE
    unread_there = judged(9141, updates=(rollup(),), statuses=unread(SiteUpdateStatuses, Reason.TIMED_OUT))
    assert unread_there.reason is Reason.TIMED_OUT


def test_several_states_at_one_site_are_contradicting() -> None:
    rows = at_sites(("P01", INSTALLED), ("P01", READY_TO_INSTALL))
    assert judged(9141, updates=(rollup(),), statuses=rows).reason is Reason.CONTRADICTING


def test_no_update_visible_fails_only_where_the_account_is_proven_to_see_them() -> None:
    assert judged(9141, updates=()).outcome is Outcome.FAIL
    hidden = judged(9141, updates=(), rights=NOTHING_SEEN)
    assert (hidden.outcome, hidden.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert judged(9141, updates=(RELEASE,), rights=NOTHING_SEEN).outcome is Outcome.FAIL


def test_updates_that_were_not_read_are_unknown_with_that_reason() -> None:
    assert judged(9141, updates=unread(SiteUpdates, Reason.THROTTLED)).reason is Reason.THROTTLED
    assert judged(9146, updates=unread(SiteUpdates, Reason.THROTTLED)).outcome is Outcome.PASS


def test_every_primary_site_needs_the_update() -> None:
    sites = hierarchy(central(build=9141), site("P01", build=9141, parent="C01"), site("P02", build=9141, parent="C01"))
    everywhere = at_sites(("C01", INSTALLED), ("P01", INSTALLED), ("P02", INSTALLED))
    assert judged(sites, updates=(rollup(),), statuses=everywhere).outcome is Outcome.PASS
    missing = at_sites(("C01", INSTALLED), ("P01", INSTALLED), ("P02", READY_TO_INSTALL))
    verdict = judged(sites, updates=(rollup(),), statuses=missing)
    assert verdict.outcome is Outcome.FAIL
    assert "P02 (Contoso P02) runs build 9141" in verdict.summary


def test_a_site_of_another_release_does_not_make_a_collection_pass() -> None:
    sites = hierarchy(central(), site("P01", build=9135, parent="C01"))
    verdict = judged(sites, devices(True))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert judged(sites, devices(False)).outcome is Outcome.FAIL


def test_an_old_site_fails_beside_the_collections() -> None:
    sites = hierarchy(central(), site("P01", build=9135, parent="C01"), site("P02", build=9049, parent="C01"))
    verdict = judged(sites, devices(True))
    assert of(verdict, "P02").outcome is Outcome.FAIL
    assert of(verdict, SERVERS).outcome is Outcome.NOT_APPLICABLE


def test_secondary_sites_are_not_judged() -> None:
    verdict = judged(hierarchy(site(), secondary(build=9135)))
    assert [subject.id for subject in verdict.subjects] == ["P01"]


@pytest.mark.parametrize("sites", [Hierarchy("P01", ()), hierarchy(site(parent="C01")), hierarchy(site(), site())])
def test_sites_that_are_hidden_or_do_not_fit_are_unknown(sites: Hierarchy) -> None:
    assert judged(sites).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("builds", "steps"),
    [
        ((9141,), ["install-kb37864969", "upgrade-clients"]),
        ((9135,), ["update-sites", "upgrade-clients"]),
        ((9058,), ["update-sites", "upgrade-clients"]),
        ((9141, 9135), ["install-kb37864969", "update-sites", "upgrade-clients"]),
    ],
)
def test_only_what_mends_the_defect_of_that_release_is_asked_for(builds: tuple[int, ...], steps: list[str]) -> None:
    below = [site(f"P0{number}", build=build, parent="C01") for number, build in enumerate(builds, start=1)]
    verdict = judged(hierarchy(central(), *below), devices(False))
    assert verdict.remediation is not None
    assert [step.id for step in verdict.remediation.steps] == steps
    assert all(step.condition == "" for step in verdict.remediation.steps)


@pytest.mark.parametrize(("build", "steps"), [(9141, ["install-kb37864969", "upgrade-clients"]), (9146, None)])
def test_what_may_be_asked_for_later_is_that_of_the_builds_that_were_read(build: int, steps: list[str] | None) -> None:
    possible = ahead(reading(hierarchy(site(build=build)))).possible
    assert (None if possible is None else [step.id for step in possible.steps]) == steps
    assert ahead(unread(Hierarchy)).possible == CHECK.remediation


def test_the_article_leaves_it_out() -> None:
    assert "article" not in CHECK.tags
    assert CHECK.depends_on == ("site-version-minimum",)


def test_the_table_of_defects_is_dated_and_of_known_releases() -> None:
    for defect in knowledge.defects():
        assert defect.kind in ("policy", "attach")
        assert {defect.first_build, defect.last_build} <= set(knowledge.releases())
    assert knowledge.defect_of(9141) is not None
    assert [d.client_floor for d in knowledge.defects() if d.client_floor] == ["5.00.9141.1030"]
