"""Automatic client enrolment is off where only tenant attach is wanted: the wizard's default enrols every client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from checks.console import CLOUD_ATTACH, WIZARD, at
from checks.visibility import SEE_EVERYTHING, sees_everything
from readiness.plugin import (
    Basis,
    Check,
    CoManagementPolicies,
    CoManagementPolicy,
    Context,
    Hierarchy,
    Level,
    Needs,
    OperatingModel,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    Source,
    Step,
    Verdict,
)

PROPERTIES = f"{CLOUD_ATTACH} > CoMgmtSettingsProd > Properties > Enablement"

CHECK = Check(
    id="no-unwanted-enrolment",
    title="Automatic client enrolment is off where only tenant attach is wanted",
    phase=Phase.ATTACH,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="The article tells to untick automatic enrolment: else clients become co-managed, and with the Endpoint "
    "Protection workload in Intune they need the other kind of EDR policy.",
    judged=(
        "The enrolment rule of the co-management policies that are assigned (inferred from the policy's text; a text "
        "that cannot be read must be looked at by a person). On fails at advisory level where [scope] operating_model "
        "is tenant-attach, and is info where no model is stated; where it is co-management, enrolment is wanted and "
        "this does not apply. Off passes only where nothing is hidden from the account: policies are scoped one by one."
    ),
    inferred=(
        "The enrolment rule is read from the text of the co-management policy, whose form no page describes; public "
        "code that documents sites reads it alike."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Set automatic enrollment in Intune to None; devices that are enrolled already stay so",
                where=PROPERTIES,
                id="stop-enrolment",
            ),
            Step(
                f"In the {WIZARD}, untick automatic client enrollment",
                where=CLOUD_ATTACH,
                id="untick-enrolment",
                instead_of="stop-enrolment",
            ),
            Step(
                "Where co-management is wanted: say so, with operating_model = 'co-management' under [scope] in the "
                "configuration",
                id="say-co-management",
                instead_of="stop-enrolment",
            ),
        ),
        role="Full Administrator, scope All",
        wait="a client policy interval (60 minutes by default) until clients stop enrolling",
        verify=f"{PROPERTIES}: automatic enrollment in Intune is None",
        rollback="set it to Pilot or All again at the same place",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Set up Configuration Manager to support EDR policy, Task 2: remove the check from automatic "
            "client enrollment",
            date(2020, 5, 22),
        ),
        Source("Enable cloud attach", "memdocs intune/configmgr/cloud-attach/enable.md", date(2022, 8, 15)),
        Source("SMS_ConfigurationPolicy", "public code that documents sites: rule AutoEnroll_Name; inferred"),
    ),
)

LOOK = Remediation(
    steps=(Step("Look whether automatic enrollment in Intune is None", where=PROPERTIES, id="look-at-enrolment"),),
    role="Read-only Analyst, scope All",
    verify=f"{PROPERTIES}: automatic enrollment in Intune",
)

EXPECTED = "no assigned co-management policy enrols clients automatically"


@CHECK.judge
def judge(
    policies: CoManagementPolicies, access: Reading[SiteAccess], hierarchy: Reading[Hierarchy], context: Context
) -> Verdict:
    model = context.settings.scope.operating_model
    seen = "; ".join(map(_shown, policies.policies)) or f"no co-management policy among {policies.visible} visible ones"
    if model is OperatingModel.CO_MANAGEMENT:
        words = "Co-management is the stated operating model: automatic enrolment is wanted"
        return Verdict(Outcome.NOT_APPLICABLE, words, EXPECTED, seen)
    level = None if model is OperatingModel.TENANT_ATTACH else Level.INFO
    return _of(policies.policies, access, hierarchy.value, seen, level)


def _of(
    policies: Sequence[CoManagementPolicy],
    access: Reading[SiteAccess],
    hierarchy: Hierarchy | None,
    seen: str,
    level: Level | None,
) -> Verdict:
    assigned = [policy for policy in policies if policy.assigned]
    on = [policy.name or str(policy.id) for policy in assigned if policy.automatic_enrolment]
    if on:
        stated = "only tenant attach is wanted" if level is None else "no operating model is stated"
        words = f"{', '.join(on)} enrols clients automatically, and {stated}"
        return _verdict(Outcome.FAIL, words, seen, level, remediation=at(CHECK.remediation, hierarchy))
    unread = [policy.name or str(policy.id) for policy in assigned if policy.automatic_enrolment is None]
    if unread:
        words = f"The enrolment rule of {', '.join(unread)} could not be read: look at it"
        return _verdict(Outcome.MANUAL, words, seen, level, remediation=at(LOOK, hierarchy))
    if not sees_everything(access):
        words = "No policy that the account sees enrols clients, but it is not known to see every policy"
        return _verdict(Outcome.UNKNOWN, words, seen, level, Reason.NOT_VISIBLE, remediation=SEE_EVERYTHING)
    return _verdict(Outcome.PASS, "No co-management policy enrols clients automatically", seen, level)


def _verdict(
    outcome: Outcome,
    summary: str,
    observed: str,
    level: Level | None,
    reason: Reason | None = None,
    *,
    remediation: Remediation | None = None,
) -> Verdict:
    return Verdict(
        outcome, summary, EXPECTED, observed, Basis.INFERRED, reason=reason, level=level, remediation=remediation
    )


def _shown(policy: CoManagementPolicy) -> str:
    enrols = {True: "on", False: "off", None: "not readable"}[policy.automatic_enrolment]
    assigned = "assigned" if policy.assigned else "not assigned"
    return f"{policy.name or policy.id}: {assigned}, automatic enrolment {enrols}"
