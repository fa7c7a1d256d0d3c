"""A named administrator holds Global Administrator, as long as work is left that needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from checks.rights.global_administrator import judge
from readiness.model.settings import Change, JudgingSettings, Scope
from readiness.plugin import (
    GLOBAL_ADMINISTRATOR,
    Administrator,
    CloudCollections,
    CloudServices,
    Context,
    DirectoryRoleHoldings,
    HoldingKind,
    Level,
    Organization,
    Outcome,
    Reading,
    Reason,
    RoleHolding,
    UploadMapping,
    UploadScope,
    Verdict,
)
from tests.checks.attach_facts import applications, service, services
from tests.checks.builders import NOW, TENANT, access, collections, organization, reading, unread
from tests.checks.policy_facts import cloud as tenant_lists

ADA, BOB = "ada@contoso.com", "bob@contoso.com"
WINDOW_END = NOW + timedelta(days=8)
EVERYTHING = reading(UploadScope((UploadMapping(TENANT, 0, None),)))
NOT_ATTACHED = reading(services(service()))
ATTACHED = reading(services())
PARTS_ONLY = reading(UploadScope((UploadMapping(TENANT, 0, "P0100022"),)))


def holding(
    kind: HoldingKind = HoldingKind.ASSIGNED,
    *,
    ends: datetime | None = None,
    scope: str = "/",
    group: str | None = None,
    role: str = GLOBAL_ADMINISTRATOR,
) -> RoleHolding:
    return RoleHolding(role, scope, kind, group, ends)


def person(*holdings: RoleHolding, asked: str = ADA, enabled: bool | None = True) -> Administrator:
    return Administrator(asked, True, f"id of {asked}", asked.partition("@")[0], enabled, holdings)


def stranger(asked: str) -> Administrator:
    return Administrator(asked, found=False)


NO_LIST = CloudCollections(())


def holdings(
    *people: Administrator, groups: tuple[str, ...] = (), groups_read: bool = True, pim: bool | None = True
) -> DirectoryRoleHoldings:
    return DirectoryRoleHoldings(people, groups, groups_read, pim)


def verdict(
    found: DirectoryRoleHoldings | Reading[DirectoryRoleHoldings],
    *,
    named: tuple[str, ...] = (ADA,),
    attached: Reading[CloudServices] = NOT_ATTACHED,
    upload: Reading[UploadScope] = EVERYTHING,
    window_end: datetime | None = WINDOW_END,
    of: Reading[Organization] | None = None,
    cloud: CloudCollections = NO_LIST,
) -> Verdict:
    scope = Scope(collections=("P0100021",), administrators=named)
    context = Context(NOW, JudgingSettings(scope=scope, change=Change(window_end=window_end)))
    return judge(
        found if isinstance(found, Reading) else reading(found),
        of or reading(organization()),
        attached,
        reading(applications()),
        upload,
        reading(collections()),
        reading(access()),
        reading(cloud),
        context,
    )


LONG = WINDOW_END + timedelta(days=300)


class TestWhenTheRoleIsNeeded:
    """Only while attach or upload-scope work is left."""

    def test_nothing_left_does_not_apply_readable_or_not(self) -> None:
        sure: dict[str, Any] = {
            "attached": ATTACHED,
            "upload": reading(UploadScope((UploadMapping(TENANT, 0, "P0100021"),))),
        }
        assert verdict(holdings(person()), **sure).outcome is Outcome.NOT_APPLICABLE
        lost = unread(DirectoryRoleHoldings, Reason.MISSING_PERMISSION)
        assert verdict(lost, **sure).outcome is Outcome.NOT_APPLICABLE

    def test_an_upload_scope_that_leaves_a_target_out_needs_it(self) -> None:
        left: dict[str, Any] = {"attached": ATTACHED, "upload": PARTS_ONLY}
        assert verdict(holdings(person()), **left).outcome is Outcome.FAIL
        assert verdict(holdings(person(holding())), **left).outcome is Outcome.PASS

    @pytest.mark.parametrize("reason", [Reason.ACCESS_DENIED, Reason.TIMED_OUT, Reason.BAD_ANSWER])
    def test_what_should_have_told_and_was_not_read_leaves_it_open(self, reason: Reason) -> None:
        got = verdict(holdings(person(holding())), attached=unread(CloudServices, reason))
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, reason)
        assert "cannot be told" in got.summary

    def test_without_the_sites_half_a_holder_passes_and_a_lack_is_no_failure(self) -> None:
        alone = unread(CloudServices, Reason.NOT_CONFIGURED)
        assert verdict(holdings(person(holding())), attached=alone).outcome is Outcome.PASS
        got = verdict(holdings(person()), attached=alone)
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)
        eligible = verdict(holdings(person(holding(HoldingKind.ELIGIBLE))), attached=alone)
        assert (eligible.outcome, eligible.level) == (Outcome.FAIL, Level.ADVISORY)

    def test_a_site_that_says_not_attached_while_the_tenant_lists_it_leaves_the_need_open(self) -> None:
        """As tenant-attached is then contradicting: who lacks a role that is perhaps not needed has not failed."""
        got = verdict(holdings(person()), cloud=tenant_lists())
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
        assert verdict(holdings(person(holding())), cloud=tenant_lists()).outcome is Outcome.PASS

    def test_holdings_that_were_not_read_are_unknown(self) -> None:
        got = verdict(unread(DirectoryRoleHoldings, Reason.MISSING_PERMISSION))
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)


class TestWhoHoldsIt:
    """Active for the whole tenant, directly, by group or activated."""

    @pytest.mark.parametrize(
        "held",
        [
            holding(),
            holding(ends=LONG),
            holding(HoldingKind.ACTIVATED, ends=LONG),
            holding(group="a group"),
            holding(role=GLOBAL_ADMINISTRATOR.upper()),
        ],
    )
    def test_an_active_role_passes(self, held: RoleHolding) -> None:
        got = verdict(holdings(person(held)))
        assert got.outcome is Outcome.PASS
        assert got.until == held.ends

    def test_the_end_of_the_role_is_shown(self) -> None:
        assert f"until {LONG:%Y-%m-%d}" in verdict(holdings(person(holding(ends=LONG)))).summary

    def test_eligible_is_advisory_with_the_activation_step(self) -> None:
        got = verdict(holdings(person(holding(HoldingKind.ELIGIBLE))))
        assert (got.outcome, got.level) == (Outcome.FAIL, Level.ADVISORY)
        from checks.rights.global_administrator import CHECK

        assert CHECK.remediation.steps[0].text.startswith("Activate Global Administrator")

    @pytest.mark.parametrize("kind", [HoldingKind.ASSIGNED, HoldingKind.ACTIVATED, HoldingKind.ELIGIBLE])
    def test_an_end_before_the_change_windows_end_fails(self, kind: HoldingKind) -> None:
        got = verdict(holdings(person(holding(kind, ends=WINDOW_END - timedelta(hours=1)))))
        assert (got.outcome, got.level) == (Outcome.FAIL, None)
        assert "before the change window" in got.summary

    def test_without_a_change_window_an_end_that_is_ahead_passes(self) -> None:
        soon = holding(HoldingKind.ACTIVATED, ends=NOW + timedelta(hours=1))
        assert verdict(holdings(person(soon)), window_end=None).outcome is Outcome.PASS

    @pytest.mark.parametrize(
        "held",
        [
            holding(ends=NOW - timedelta(minutes=1)),
            holding(scope="/administrativeUnits/1"),
            holding(role="9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
        ],
    )
    def test_a_role_that_ended_or_is_smaller_or_another_fails(self, held: RoleHolding) -> None:
        got = verdict(holdings(person(held)))
        assert (got.outcome, got.level) == (Outcome.FAIL, None)

    def test_a_holding_of_a_kind_that_no_table_knows_is_unknown(self) -> None:
        assert verdict(holdings(person(holding(HoldingKind("lent"))))).reason is Reason.UNKNOWN_VALUE

    def test_a_disabled_account_fails_whatever_it_holds(self) -> None:
        assert verdict(holdings(person(holding(), enabled=False))).outcome is Outcome.FAIL
        assert verdict(holdings(person(holding(), enabled=None))).reason is Reason.NOT_VISIBLE


class TestWhatCannotBeSeen:
    """A person must look where no interface shows it."""

    def test_a_group_that_may_hold_it_unreadable_is_manual(self) -> None:
        assert verdict(holdings(person(), groups=("g",), groups_read=False)).outcome is Outcome.MANUAL
        assert verdict(holdings(person(), groups_read=False)).outcome is Outcome.MANUAL

    def test_privileged_identity_management_for_groups_is_manual(self) -> None:
        assert verdict(holdings(person(), groups=("g",))).outcome is Outcome.MANUAL

    def test_without_its_licence_a_group_hides_nothing(self) -> None:
        assert verdict(holdings(person(), groups=("g",), pim=False)).outcome is Outcome.FAIL

    def test_privileged_identity_management_that_could_not_be_read_is_manual(self) -> None:
        assert verdict(holdings(person(), pim=None)).outcome is Outcome.MANUAL

    @pytest.mark.parametrize(
        ("name", "outcome"), [("ada", Outcome.FAIL), ("6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f", Outcome.MANUAL)]
    )
    def test_a_name_without_a_domain_is_no_partners_account(self, name: str, outcome: Outcome) -> None:
        got = verdict(holdings(stranger(name)), named=(name,))
        assert got.outcome is outcome
        assert "user@domain" in got.summary
        assert "partner" not in got.summary

    def test_a_person_who_is_named_twice_in_another_case_is_one(self) -> None:
        got = verdict(holdings(stranger(ADA)), named=(ADA, ADA.upper()))
        assert [one.id for one in got.subjects] == [ADA]

    def test_a_partners_account_is_manual(self) -> None:
        got = verdict(holdings(stranger("eve@partner.example")), named=("eve@partner.example",))
        assert got.outcome is Outcome.MANUAL
        assert "GDAP" in got.summary

    def test_without_the_tenants_domains_it_cannot_be_told_whose_account_it_is(self) -> None:
        got = verdict(holdings(stranger(ADA)), of=unread(Organization, Reason.MISSING_PERMISSION))
        assert got.outcome is Outcome.MANUAL

    def test_an_account_that_does_not_exist_fails_in_a_clear_line(self) -> None:
        got = verdict(holdings(stranger(ADA)))
        assert got.outcome is Outcome.FAIL
        assert got.summary == f"{ADA}: there is no such account in the tenant"

    def test_nobody_named_and_an_application_signed_in_is_manual(self) -> None:
        got = verdict(holdings(), named=())
        assert got.outcome is Outcome.MANUAL
        assert "name the person" in got.summary

    def test_the_person_who_signed_in_is_the_default(self) -> None:
        assert verdict(holdings(person(holding())), named=()).outcome is Outcome.PASS

    def test_a_person_who_was_not_asked_for_is_unknown(self) -> None:
        assert verdict(holdings(person(holding(), asked=BOB))).reason is Reason.NOT_VISIBLE

    def test_a_person_who_is_listed_twice_is_contradicting(self) -> None:
        assert verdict(holdings(person(holding()), person())).reason is Reason.CONTRADICTING


class TestAnyOf:
    """One named administrator is enough."""

    @pytest.mark.parametrize("turned", [False, True])
    @pytest.mark.parametrize(
        ("others", "outcome", "level"),
        [
            ((holding(),), Outcome.PASS, None),
            ((holding(HoldingKind.ELIGIBLE),), Outcome.FAIL, Level.ADVISORY),
            ((), Outcome.FAIL, None),
        ],
    )
    def test_the_nearest_speaks_for_all(
        self, turned: bool, others: tuple[RoleHolding, ...], outcome: Outcome, level: Level | None
    ) -> None:
        both = (person(), person(*others, asked=BOB))
        got = verdict(holdings(*(reversed(both) if turned else both)), named=(ADA, BOB))
        assert (got.outcome, got.level) == (outcome, level)
        assert {one.id for one in got.subjects} == {ADA, BOB}

    def test_one_who_cannot_be_told_does_not_hide_one_who_holds_it(self) -> None:
        found = holdings(person(), person(holding(), asked=BOB), groups=("g",))
        assert verdict(found, named=(ADA, BOB)).outcome is Outcome.PASS

    def test_the_longest_holder_says_until_when(self) -> None:
        found = holdings(person(holding(ends=LONG)), person(holding(), asked=BOB))
        assert verdict(found, named=(ADA, BOB)).until is None

    def test_that_official_pages_disagree_is_shown(self) -> None:
        assert "Intune Service Administrator" in verdict(holdings(person(holding()))).observed


def test_a_name_in_another_case_is_the_same_person() -> None:
    found = holdings(replace(person(holding()), asked=ADA.upper()))
    assert verdict(found).outcome is Outcome.PASS
