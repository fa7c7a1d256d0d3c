"""The administrator holds an Intune licence: without one the sign-in of the wizard was seen to fail, with no reason
given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from checks import knowledge
from checks.setup_work import Left, Task, Work, attach_work_left
from readiness.plugin import (
    AdministratorLicence,
    AdministratorLicences,
    Check,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collections,
    Context,
    Fact,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    ProvisioningStatus,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    Source,
    Step,
    Subject,
    UploadScope,
    Verdict,
)

CHECK = Check(
    id="administrator-licensed",
    title="The administrator holds an Intune licence",
    phase=Phase.RIGHTS,
    level=Level.ADVISORY,
    needs=Needs.TENANT,
    owner=Owner.ENTRA_ADMIN,
    rules=("licences",),
    why="The wizard that attaches the hierarchy was seen to fail with an error that names no cause where the person "
    "who signs in to it has no Intune licence.",
    judged=(
        "Only while the sign-in of the wizard is ahead: once the hierarchy is attached it does not apply. One named "
        "administrator whose licences hold an Intune plan that is provisioned is enough; nobody with one is an "
        "advisory fail, and a risk only: a tenant may allow unlicensed administration, which no interface shows. The "
        "newest page on rights lists this question for persons only: an application that is refused it leaves it "
        "unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Assign a licence with Intune Plan 1 to the person who will sign in to the wizard, or let a licensed "
                "person sign in",
                where="Microsoft 365 admin center > Users > Active users > the person > Licenses and apps",
                command="Get-MgUserLicenseDetail -UserId <person> | Select-Object -ExpandProperty ServicePlans",
                id="license-administrator",
            ),
            Step(
                "Or look whether the tenant allows unlicensed administrators",
                where="Microsoft Intune admin center > Tenant administration > Roles > Administrator Licensing",
                id="allow-unlicensed-administrators",
                instead_of="license-administrator",
            ),
        ),
        role="License Administrator, or User Administrator",
        wait="up to 30 minutes until the licence counts",
        verify="Microsoft 365 admin center > the person > Licenses and apps: Intune is ticked",
        rollback="take the licence away again once the hierarchy is attached",
    ),
    sources=(
        Source(
            "Co-management overview, licences",
            "memdocs intune/configmgr/comanage/overview.md: at least one Intune licence for the administrator",
        ),
        Source(
            "Tenant attach prerequisites", "memdocs intune/configmgr/tenant-attach/prerequisites.md", date(2022, 7, 11)
        ),
        Source("Sign-in fails without a licence", "MicrosoftDocs issues memdocs 691 and 169"),
        Source("user: list licenseDetails", "Graph v1.0 /users/{id}/licenseDetails"),
    ),
)

EXPECTED = "one named administrator with an Intune licence, while the sign-in of the wizard is ahead"
INTUNE = "intune"
_ORDER = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)


@CHECK.judge
def judge(
    licences: Reading[AdministratorLicences],
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    upload: Reading[UploadScope],
    collections: Reading[Collections],
    access: Reading[SiteAccess],
    cloud: Reading[CloudCollections],
    context: Context,
) -> Verdict:
    work = attach_work_left(services, applications, upload, collections, context, access=access, cloud=cloud)
    if work.task is not Task.ATTACH or work.left is Left.NO:
        words = "The hierarchy is attached, so nobody has to sign in to the wizard any more"
        return Verdict(Outcome.NOT_APPLICABLE, words, EXPECTED, work.words)
    if work.left is Left.UNTOLD:
        return _untold(work, (services, applications, access, cloud))
    if licences.value is None:
        words = f"Could not be verified: {licences.error or 'it was not read'}"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, work.words, reason=licences.reason or Reason.BAD_ANSWER)
    asked = context.settings.scope.administrators or tuple(one.asked for one in licences.value.administrators)
    named = {name.casefold(): name for name in reversed(asked)}  # each once, as it is written first
    if not named:
        words = "Nobody is named who will sign in to the wizard: name the person in [scope] administrators"
        return Verdict(Outcome.MANUAL, words, EXPECTED, f"{work.words}; an application signed in")
    return _any_of([_person(name, licences.value.administrators) for name in reversed(named.values())], work.words)


def _untold(work: Work, readings: Sequence[Reading[Fact]]) -> Verdict:
    """Whether the sign-in is ahead cannot be told: then neither a licence nor the want of one says anything."""
    reasons = [reading.reason for reading in readings if reading.reason is not None]
    failed = [reason for reason in reasons if reason is not Reason.NOT_CONFIGURED]
    reason = work.reason or next(iter([*failed, *reasons]), Reason.NOT_VISIBLE)
    words = f"Whether the sign-in of the wizard is still ahead cannot be told ({work.words})"
    return Verdict(Outcome.UNKNOWN, words, EXPECTED, work.words, reason=reason)


def _any_of(people: list[Subject], work: str) -> Verdict:
    """One who is licensed is enough; else the one who is nearest to it speaks for all."""
    best = min(people, key=lambda one: _ORDER.index(one.outcome))
    others = len(people) - 1
    more = f" (the other {others} named no nearer)" if others and best.outcome is not Outcome.PASS else ""
    return Verdict(
        best.outcome,
        best.summary + more,
        EXPECTED,
        f"{work}; {'; '.join(one.summary for one in people)}",
        reason=best.reason,
        subjects=tuple(people),
        any_of=True,
    )


def _person(name: str, listed: Sequence[AdministratorLicence]) -> Subject:
    found = [one for one in listed if one.asked.casefold() == name.casefold()]
    if len(found) != 1:
        words = "was not asked for when the evidence was collected" if not found else "is listed more than once"
        reason = Reason.CONTRADICTING if found else Reason.NOT_VISIBLE
        return _said(name, Outcome.UNKNOWN, words, reason)
    if not found[0].found:
        return _said(name, Outcome.UNKNOWN, "the tenant lists no such account", Reason.NOT_VISIBLE)
    known = knowledge.licence_plans()
    plans = [plan for plan in found[0].plans if (rule := known.get(plan.id.strip().lower())) and rule.gives == INTUNE]
    if any(plan.status is ProvisioningStatus.SUCCESS for plan in plans):
        return _said(name, Outcome.PASS, "holds an Intune licence")
    strange = next((plan.status.value for plan in plans if not plan.status.known), None)
    if strange is not None:
        words = f"holds an Intune plan that is provisioned as '{strange}', which no table knows"
        return _said(name, Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)
    holds = f"an Intune plan that is {plans[0].status.value} only" if plans else "no Intune licence"
    words = f"holds {holds}: the sign-in of the wizard may fail, unless the tenant allows unlicensed administrators"
    return _said(name, Outcome.FAIL, words)


def _said(name: str, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    return Subject("administrator", name, name, outcome, f"{name}: {words}", reason=reason)
