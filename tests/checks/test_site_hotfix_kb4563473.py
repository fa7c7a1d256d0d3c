"""site-hotfix-kb4563473: found by its digits, judged by its state, at every site that runs 2002."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from checks import knowledge
from checks.site.site_hotfix_kb4563473 import BUILD, CHECK, KB, judge
from checks.updates import names_kb
from readiness.plugin import (
    Hierarchy,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    SiteStatus,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    UpdatePackage,
    UpdateSiteStatus,
    Verdict,
)
from tests.checks.builders import (
    CURRENT,
    HIDDEN,
    INSTALLED,
    READY_TO_INSTALL,
    RELEASE,
    RELEASE_1910,
    RELEASE_2002,
    RELEASE_2006,
    RESTART_PENDING,
    access,
    central,
    grant,
    hierarchy,
    package,
    reading,
    secondary,
    site,
    status,
    unread,
    whole_hierarchy,
    with_site,
)

ON_2002 = hierarchy(site(build=RELEASE_2002))
ALL_2002 = whole_hierarchy(RELEASE_2002)
INSTALLED_EVERYWHERE = tuple(status(code) for code in ("C01", "P01", "P02"))
SECOND = "00000000-0000-4000-8000-00000000000b"
ROLLUP = package(4560496, guid="00000000-0000-4000-8000-000000000003")
FOUND = (RELEASE, package())
THERE = status()
LIMITED = access(grant("P0100001", "SMS00UNA"))


def judged(
    found: Hierarchy = ON_2002,
    packages: Iterable[UpdatePackage] | Reading[SiteUpdates] = FOUND,
    rows: Iterable[UpdateSiteStatus] | Reading[SiteUpdateStatuses] = (THERE,),
    seen: SiteAccess | Reading[SiteAccess] = LIMITED,
) -> Verdict:
    return judge(
        found,
        seen if isinstance(seen, Reading) else reading(seen),
        packages if isinstance(packages, Reading) else reading(SiteUpdates(tuple(packages))),
        rows if isinstance(rows, Reading) else reading(SiteUpdateStatuses(tuple(rows))),
    )


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {subject.id: subject.outcome for subject in verdict.subjects}


def test_the_numbers_are_those_of_the_rule_data() -> None:
    assert knowledge.required_update(KB).build == BUILD
    assert knowledge.release_name(BUILD) == "2002"


def test_installed_passes_and_shows_the_numbers() -> None:
    verdict = judged()
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == "KB4563473 is installed where 2002 needs it"
    assert "P01 build 8968" in verdict.observed
    assert f"({INSTALLED}) at the top-level site; P01 installed ({INSTALLED})" in verdict.observed
    assert "196612" in verdict.expected


@pytest.mark.parametrize("build", [RELEASE_2006, 9040, CURRENT, 9500])
def test_a_later_release_does_not_need_it_whatever_is_readable(build: int) -> None:
    verdict = judged(hierarchy(site(build=build)), unread(SiteUpdates), unread(SiteUpdateStatuses))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert verdict.summary == "No site runs 2002, the only release that needs the update"
    assert f"P01 build {build}" in verdict.observed


def test_an_older_release_cannot_take_it() -> None:
    verdict = judged(hierarchy(site(build=RELEASE_1910)))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert "cannot take the update" in verdict.subjects[0].summary


KNOWN_BAD = sorted(set(knowledge.update_states()) - {INSTALLED, HIDDEN})


@pytest.mark.parametrize("state", KNOWN_BAD)
def test_every_other_known_state_fails_in_words(state: int) -> None:
    verdict = judged(packages=(RELEASE, package(state=state)), rows=(status(state=state),))
    assert verdict.outcome is Outcome.FAIL
    assert f"{knowledge.update_states()[state]} ({state})" in verdict.summary


def test_a_pending_restart_fails() -> None:
    assert RESTART_PENDING in KNOWN_BAD


@pytest.mark.parametrize("state", [0, -1, 1, 196608, 4294967295, 2**40])
def test_a_state_that_no_table_knows_is_shown_raw_and_unknown(state: int) -> None:
    verdict = judged(packages=(RELEASE, package(state=state)), rows=(status(state=state),))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"a state that no table knows ({state})" in verdict.summary


def test_a_hidden_package_must_be_looked_at() -> None:
    verdict = judged(packages=(RELEASE, package(state=HIDDEN)), rows=(status(state=HIDDEN),))
    assert verdict.outcome is Outcome.MANUAL
    assert str(HIDDEN) in verdict.summary
    assert verdict.remediation is not None
    step = verdict.remediation.steps[0]
    assert step.where is not None
    assert "attest" in step.text
    assert verdict.remediation.role
    assert verdict.remediation.wait
    assert verdict.remediation.verify


@pytest.mark.parametrize("own", [(), (package(state=READY_TO_INSTALL),), (package(state=393214),)])
def test_a_later_rollup_that_is_installed_without_it_must_be_looked_at(own: tuple[UpdatePackage, ...]) -> None:
    rows = tuple(status(state=one.state) for one in own)
    verdict = judged(packages=(RELEASE, *own, ROLLUP), rows=rows)
    assert verdict.outcome is Outcome.MANUAL
    assert ROLLUP.name in verdict.summary
    assert verdict.remediation is not None


def test_a_rollup_that_says_it_supersedes_the_update_counts_as_later() -> None:
    other = replace(package(4590000, guid=SECOND), supersedes="KB4567007, KB4563473")
    assert judged(packages=(RELEASE, other), rows=()).outcome is Outcome.MANUAL
    assert judged(packages=(RELEASE, replace(other, state=READY_TO_INSTALL)), rows=()).outcome is Outcome.FAIL


def test_a_later_rollup_that_is_not_installed_changes_nothing() -> None:
    rollup = replace(ROLLUP, state=READY_TO_INSTALL)
    assert judged(packages=(RELEASE, rollup), rows=()).outcome is Outcome.FAIL
    assert judged(packages=(RELEASE, package(), rollup)).outcome is Outcome.PASS


def test_a_rollup_whose_description_speaks_of_the_update_is_not_the_update() -> None:
    rollup = replace(ROLLUP, description="Replaces KB4563473", more_info_link="https://example.com/4563473")
    rows = (status(guid=rollup.guid),)
    assert judged(packages=(RELEASE, rollup), rows=rows).outcome is Outcome.MANUAL


def test_no_row_but_other_packages_visible_fails_and_asks_for_the_service_connection_point() -> None:
    verdict = judged(packages=(RELEASE,), rows=())
    assert verdict.outcome is Outcome.FAIL
    assert "is the service connection point online?" in verdict.summary
    assert "1 update packages visible, none for KB4563473" in verdict.observed


def test_no_row_at_all_fails_only_where_the_account_is_proven_to_see_all() -> None:
    assert judged(packages=(), rows=(), seen=access()).outcome is Outcome.FAIL
    doubtful: tuple[SiteAccess | Reading[SiteAccess], ...] = (LIMITED, access(listed=False), unread(SiteAccess))
    for seen in doubtful:
        verdict = judged(packages=(), rows=(), seen=seen)
        assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
        assert "Read-only Analyst with the scope All" in verdict.summary


@pytest.mark.parametrize("reason", [Reason.ACCESS_DENIED, Reason.TIMED_OUT, Reason.STALE])
def test_packages_that_could_not_be_read_are_unknown_with_that_reason(reason: Reason) -> None:
    verdict = judged(packages=unread(SiteUpdates, reason))
    assert why(verdict) == (Outcome.UNKNOWN, reason)
    assert "SiteUpdates was not read" in verdict.summary


def test_site_states_that_could_not_be_read_are_unknown_unless_the_top_level_site_says_no() -> None:
    rows = unread(SiteUpdateStatuses, Reason.TIMED_OUT)
    assert why(judged(rows=rows)) == (Outcome.UNKNOWN, Reason.TIMED_OUT)
    waiting = (RELEASE, package(state=READY_TO_INSTALL))
    assert judged(packages=waiting, rows=rows).outcome is Outcome.FAIL


def test_a_site_that_is_not_listed_is_not_visible() -> None:
    assert why(judged(rows=())) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert why(judged(rows=(status("P02"), status()))) == (Outcome.PASS, None)


def test_installed_at_the_package_but_not_at_the_site_fails() -> None:
    verdict = judged(rows=(status(state=READY_TO_INSTALL),))
    assert verdict.outcome is Outcome.FAIL
    assert "downloaded" in verdict.summary


def test_installed_at_the_site_but_not_at_the_package_fails() -> None:
    assert judged(packages=(RELEASE, package(state=262143))).outcome is Outcome.FAIL


def test_every_primary_and_the_top_level_site_must_have_it() -> None:
    assert judged(ALL_2002, rows=INSTALLED_EVERYWHERE).outcome is Outcome.PASS
    for index, code in enumerate(("C01", "P01", "P02")):
        rows = [*INSTALLED_EVERYWHERE]
        rows[index] = status(code, READY_TO_INSTALL)
        verdict = judged(ALL_2002, rows=rows)
        assert verdict.outcome is Outcome.FAIL
        assert outcomes(verdict)[code] is Outcome.FAIL
        del rows[index]
        assert why(judged(ALL_2002, rows=rows)) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_secondary_and_deleted_sites_do_not_count() -> None:
    found = with_site(ALL_2002, "P02", status=SiteStatus.DELETED)
    verdict = judged(found, rows=INSTALLED_EVERYWHERE[:2])
    assert verdict.outcome is Outcome.PASS
    assert outcomes(verdict) == {"C01": Outcome.PASS, "P01": Outcome.PASS}


def test_in_a_mixed_hierarchy_only_the_sites_on_2002_need_it() -> None:
    found = with_site(whole_hierarchy(RELEASE_2006), "P02", build=RELEASE_2002)
    verdict = judged(found, rows=(status("P02"),))
    assert verdict.outcome is Outcome.PASS
    assert outcomes(verdict) == {
        "C01": Outcome.NOT_APPLICABLE,
        "P01": Outcome.NOT_APPLICABLE,
        "P02": Outcome.PASS,
    }
    assert judged(found, rows=(status("P02", READY_TO_INSTALL),)).outcome is Outcome.FAIL


def test_a_site_that_is_hidden_but_listed_without_the_update_leaves_it_unknown() -> None:
    rows = (status(), status("P07", READY_TO_INSTALL))
    verdict = judged(rows=rows)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert outcomes(verdict)["P07"] is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "found",
    [
        Hierarchy("P01", ()),
        hierarchy(central(build=RELEASE_2002)),
        hierarchy(site(build=RELEASE_2002, parent="C01")),
        hierarchy(central(), secondary(build=RELEASE_2002)),
    ],
)
def test_hidden_sites_leave_it_unknown_even_where_no_visible_one_needs_it(found: Hierarchy) -> None:
    assert why(judged(found, rows=INSTALLED_EVERYWHERE)) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_a_site_of_an_unknown_type_or_build_is_unknown() -> None:
    odd = ({"type": SiteType(9)}, {"status": SiteStatus(77)}, {"build": -8968}, {"build": 0}, {"build": 8969})
    for changed in odd:
        verdict = judged(with_site(ALL_2002, "P02", **changed), rows=INSTALLED_EVERYWHERE)
        assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


# The package: found by digits, and several of them.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Configuration Manager 2002 Hotfix (KB4563473)", True),
        ("Hotfix für Configuration Manager 2002 (KB 4563473)", True),
        ("更新プログラムKB4563473について", True),
        ("kb4563473", True),
        ("https://support.microsoft.com/help/4563473", True),
        ("https://support.microsoft.com/en-us/help/4563473/update-rollup", True),
        ("KB14563473", False),
        ("KB45634731", False),
        ("https://example.com/24563473", False),
        ("2d4563473f", False),
        ("KB456347", False),
        ("", False),
    ],
)
def test_the_digits_of_the_number_are_matched_as_a_whole(text: str, found: bool) -> None:
    assert names_kb(text, KB) is found


@pytest.mark.parametrize("field", ["name", "description", "more_info_link"])
def test_the_package_is_found_by_any_of_its_three_texts(field: str) -> None:
    texts: dict[str, Any] = {field: "KB4563473"}
    blank = replace(package(), name="更新", description="", more_info_link="")
    assert judged(packages=(RELEASE, blank)).outcome is Outcome.FAIL
    assert judged(packages=(RELEASE, replace(blank, **texts))).outcome is Outcome.PASS


def test_a_longer_number_is_another_update() -> None:
    longer = replace(package(), name="Hotfix (KB45634730)", description="", more_info_link="")
    assert judged(packages=(RELEASE, longer)).outcome is Outcome.FAIL


def test_of_several_packages_a_hidden_one_gives_way_to_an_installed_one() -> None:
    both = (RELEASE, package(state=HIDDEN), package(guid=SECOND))
    rows = (status(state=HIDDEN), status(guid=SECOND))
    assert judged(packages=both, rows=rows).outcome is Outcome.PASS


def test_several_packages_that_say_different_things_are_contradicting() -> None:
    both = (RELEASE, package(), package(guid=SECOND, state=262143))
    rows = (status(), status(guid=SECOND, state=262143))
    for order in (both, both[::-1]):
        verdict = judged(packages=order, rows=rows)
        assert why(verdict) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
        assert "2 packages carry KB4563473" in verdict.summary


def test_the_same_package_twice_in_different_states_is_contradicting() -> None:
    both = (RELEASE, package(), package(state=READY_TO_INSTALL))
    assert why(judged(packages=both)) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_two_rows_of_one_site_in_different_states_are_contradicting_in_whatever_order() -> None:
    rows = (status(), status(state=READY_TO_INSTALL))
    for order in (rows, rows[::-1]):
        verdict = judged(rows=order)
        assert why(verdict) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
        assert str(INSTALLED) in verdict.summary
        assert str(READY_TO_INSTALL) in verdict.summary


def test_the_same_row_twice_says_the_same() -> None:
    assert judged(rows=(status(), status())).outcome is Outcome.PASS


def test_identifiers_are_compared_without_case_but_an_empty_one_matches_nothing() -> None:
    letters = "ABCDEF00-0000-4000-8000-000000000002"
    rows = (status("p01", guid=letters.lower()),)
    assert judged(packages=(package(guid=letters),), rows=rows).outcome is Outcome.PASS
    assert why(judged(packages=(package(guid=""),), rows=(status(guid=""),))) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_the_remediation_says_where_who_how_long_and_how_to_see() -> None:
    remediation = CHECK.remediation
    assert all(step.where and step.command for step in remediation.steps)
    assert "KB4563473" in remediation.steps[0].text
    assert remediation.role == "Full Administrator, scope All"
    assert "hour" in remediation.wait
    assert "CMUpdate.log" in remediation.verify
    assert remediation.change_window
