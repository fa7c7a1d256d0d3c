"""A named administrator holds Global Administrator, as long as work is left that needs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from checks.setup_work import Left, attach_work_left
from readiness.plugin import (
    GLOBAL_ADMINISTRATOR,
    Administrator,
    Basis,
    Check,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collections,
    Context,
    DirectoryRoleHoldings,
    Fact,
    HoldingKind,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    RoleHolding,
    SiteAccess,
    Source,
    Step,
    Subject,
    UploadScope,
    Verdict,
)

ACTIVATE = Step(
    "Activate Global Administrator for the time of the change, with multifactor authentication",
    where="Microsoft Entra admin center > Identity Governance > Privileged Identity Management > My roles > "
    "Microsoft Entra roles > Eligible assignments > Global Administrator > Activate",
    id="activate-role",
    wait_id="role-grant",
    directory_role=GLOBAL_ADMINISTRATOR,
)

CHECK = Check(
    id="global-administrator",
    title="A named administrator holds Global Administrator",
    phase=Phase.RIGHTS,
    level=Level.BLOCKER,
    needs=Needs.TENANT,
    owner=Owner.ENTRA_ADMIN,
    tags=("article",),
    why="The wizard that attaches the hierarchy signs in to the tenant and creates an application there, which the "
    "article asks a Global Administrator for.",
    judged=(
        "Only while tenant attach or its upload scope is still to be set up; else it does not apply, so that nobody "
        "keeps the role for an audit. One named administrator is enough: active for the whole tenant, directly, by "
        "group or activated, past the end of the change window, with an enabled account. Eligible by Privileged "
        "Identity Management is advisory. A group that may hold the role and cannot be read, membership by Privileged "
        "Identity Management for groups, and a partner's account must be looked at by a person."
    ),
    remediation=Remediation(
        steps=(
            ACTIVATE,
            Step(
                "Or let a Global Administrator sign in where the wizard asks for it: the person needs no right at the "
                "site, and need not be the one who runs the wizard",
                where="Configuration Manager console > the cloud attach wizard > Sign In",
                id="other-signs-in",
                instead_of="activate-role",
            ),
            Step(
                "Name the person in [scope] administrators",
                where="readiness.toml, section [scope]",
                id="name-administrator",
            ),
        ),
        role="Privileged Role Administrator (to assign the role), or the person (to activate it)",
        wait="a few minutes until an activated role shows",
        verify="Microsoft Entra admin center > Roles & admins > Global Administrator > Active assignments",
        rollback="deactivate the role, or remove the assignment, once the set-up is done",
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Prerequisites for EDR policies, Permissions to Azure AD",
            date(2020, 5, 22),
        ),
        Source(
            "Global Administrator in Configuration Manager",
            "memdocs intune/configmgr/includes/global-administrator-configmgr.md (Global Administrator)",
            date(2026, 2, 18),
        ),
        Source(
            "Deploy EDR policy",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md (Intune Service Administrator)",
            date(2026, 5, 18),
        ),
        Source("Role assignments", "Graph beta transitiveRoleAssignments; v1.0 role schedule instances"),
    ),
)

EXPECTED = "one named administrator with an active Global Administrator role for the whole tenant while it is needed"
DISAGREE = (
    "Official pages disagree on the role: Global Administrator (2026-02-18), Intune Service Administrator (2026-05-18)"
)
_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.MANUAL, Outcome.UNKNOWN)


@CHECK.judge
def judge(
    holdings: Reading[DirectoryRoleHoldings],
    organization: Reading[Organization],
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    upload: Reading[UploadScope],
    collections: Reading[Collections],
    access: Reading[SiteAccess],
    cloud: Reading[CloudCollections],
    context: Context,
) -> Verdict:
    left = attach_work_left(services, applications, upload, collections, context, access=access, cloud=cloud)
    if left.left is Left.NO:
        words = "Nothing is left to set up that needs the role: nobody should hold it for an audit"
        return Verdict(Outcome.NOT_APPLICABLE, words, EXPECTED, left.words)
    if holdings.value is None:
        words = f"Could not be verified: {holdings.error or 'it was not read'}"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, left.words, reason=holdings.reason or Reason.BAD_ANSWER)
    domains = organization.value.verified_domains if organization.value is not None else None
    view = _View(holdings.value, domains, context.now, context.settings.change.window_end)
    asked = context.settings.scope.administrators or tuple(one.asked for one in holdings.value.administrators)
    named = {name.casefold(): name for name in reversed(asked)}  # each once, as it is written first
    if not named:
        words = "Nobody is named who will carry out the set-up: name the person in [scope] administrators"
        return Verdict(Outcome.MANUAL, words, EXPECTED, f"{left.words}; an application signed in")
    verdict = _any_of([view.person(name) for name in reversed(named.values())], left.words)
    if left.left is Left.YES:
        return verdict
    why = left.reason or _reason((services, applications, upload, collections, cloud), context)
    return _untold(verdict, left.words, why)


def _reason(readings: Sequence[Reading[Fact]], context: Context) -> Reason:
    """Why it cannot be told whether work is left: a reading that failed first, then one that is not configured."""
    reasons = [reading.reason for reading in readings if reading.reason is not None]
    failed = [reason for reason in reasons if reason is not Reason.NOT_CONFIGURED]
    usual = Reason.NOT_VISIBLE if context.settings.scope.collections else Reason.NO_TARGET
    return next(iter([*failed, *reasons]), usual)


def _untold(verdict: Verdict, work: str, reason: Reason) -> Verdict:
    """The verdict where nothing tells whether the role is still needed.

    What was to be read and could not be leaves all open (rule 9); else a holder is a holder, and who lacks a role that
    is perhaps not needed has not failed.
    """
    unread = reason not in (Reason.NOT_CONFIGURED, Reason.NOT_VISIBLE, Reason.NO_TARGET, Reason.CONTRADICTING)
    lacking = verdict.outcome is Outcome.FAIL and verdict.level is not Level.ADVISORY
    if not unread and not lacking:
        return verdict
    words = f"{verdict.summary}; whether the role is still needed cannot be told ({work})"
    subjects = tuple(
        replace(one, outcome=Outcome.UNKNOWN, reason=reason, level=None)
        if unread or (one.outcome is Outcome.FAIL and one.level is not Level.ADVISORY)
        else one
        for one in verdict.subjects
    )
    return replace(
        verdict, outcome=Outcome.UNKNOWN, reason=reason, level=None, summary=words, subjects=subjects, until=None
    )


@dataclass(frozen=True, slots=True)
class _Person:
    """One administrator, judged."""

    subject: Subject
    until: datetime | None = None


def _any_of(people: list[_Person], work: str) -> Verdict:
    """One who holds the role is enough; else the one who is nearest to it speaks for all."""
    best = min(people, key=_rank)
    others = len(people) - 1
    more = f" (the other {others} named no nearer)" if others and best.subject.outcome is not Outcome.PASS else ""
    return Verdict(
        best.subject.outcome,
        best.subject.summary + more,
        EXPECTED,
        f"{work}; {'; '.join(one.subject.summary for one in people)}. {DISAGREE}",
        Basis.DOCUMENTED,
        best.subject.reason,
        best.subject.level,
        tuple(one.subject for one in people),
        any_of=True,
        until=best.until,
    )


def _rank(person: _Person) -> tuple[int, float]:
    """Holders first, the longest among them; then who may activate, what cannot be told, and who holds nothing."""
    subject = person.subject
    if subject.outcome is Outcome.FAIL and subject.level is not Level.ADVISORY:
        return len(_ORDER), 0.0
    ends = person.until.timestamp() if person.until is not None else float("inf")
    return _ORDER.index(subject.outcome), -ends


@dataclass(frozen=True, slots=True)
class _View:
    """What the tenant says of who holds the role, and when it is needed."""

    holdings: DirectoryRoleHoldings
    domains: tuple[str, ...] | None
    now: datetime
    window_end: datetime | None

    def person(self, name: str) -> _Person:
        found = [one for one in self.holdings.administrators if one.asked.casefold() == name.casefold()]
        if len(found) != 1:
            words = "was not asked for when the evidence was collected" if not found else "is listed more than once"
            reason = Reason.CONTRADICTING if found else Reason.NOT_VISIBLE
            return _said(name, name, Outcome.UNKNOWN, words, reason=reason)
        person = found[0]
        if not person.found:
            return self._stranger(name)
        if person.enabled is None:
            words = "whether the account is enabled could not be read"
            return _said(name, person.name, Outcome.UNKNOWN, words, reason=Reason.NOT_VISIBLE)
        if not person.enabled:
            return _said(name, person.name, Outcome.FAIL, "the account is disabled")
        return self._holder(name, person)

    def _stranger(self, name: str) -> _Person:
        if "@" not in name:
            words = "the tenant lists no such account; name the person by the sign-in name (user@domain)"
            return _said(name, name, Outcome.MANUAL if _OBJECT_ID.fullmatch(name) else Outcome.FAIL, words)
        domain = name.rpartition("@")[2].casefold()
        if self.domains is None or domain not in {one.casefold() for one in self.domains}:
            words = (
                "the tenant lists no such account, and its domain is not the tenant's: a partner's account (GDAP) is "
                "not listed here; look at the partner relationship"
            )
            return _said(name, name, Outcome.MANUAL, words)
        return _said(name, name, Outcome.FAIL, "there is no such account in the tenant")

    def _holder(self, name: str, person: Administrator) -> _Person:
        whole = [h for h in person.holdings if h.role_id.lower() == GLOBAL_ADMINISTRATOR and h.scope == "/"]
        unknown = next((h.kind for h in whole if not h.kind.known), None)
        current = [h for h in whole if h.ends is None or h.ends > self.now]
        active = [h for h in current if h.kind in (HoldingKind.ASSIGNED, HoldingKind.ACTIVATED)]
        eligible = [h for h in current if h.kind is HoldingKind.ELIGIBLE]
        if lasting := [h for h in active if self._lasts(h)]:
            return self._active(name, person, max(lasting, key=_end))
        if may := [h for h in eligible if self._lasts(h)]:
            return self._eligible(name, person, max(may, key=_end))
        if active or eligible:
            last = max([*active, *eligible], key=_end)
            words = f"the role ends {_moment(last.ends)}, before the change window does ({_moment(self.window_end)})"
            return _said(name, person.name, Outcome.FAIL, words)
        if unknown is not None:
            words = f"the role is held in a way that no table knows ('{unknown.value}')"
            return _said(name, person.name, Outcome.UNKNOWN, words, reason=Reason.UNKNOWN_VALUE)
        return self._none(name, person)

    def _lasts(self, holding: RoleHolding) -> bool:
        return holding.ends is None or self.window_end is None or holding.ends >= self.window_end

    def _active(self, name: str, person: Administrator, holding: RoleHolding) -> _Person:
        how = "activated" if holding.kind is HoldingKind.ACTIVATED else "assigned"
        by = f", by group {holding.group_id}" if holding.group_id else ""
        ends = f", until {_moment(holding.ends)}" if holding.ends else ", without an end"
        return _said(
            name, person.name, Outcome.PASS, f"holds Global Administrator ({how}{by}{ends})", until=holding.ends
        )

    @staticmethod
    def _eligible(name: str, person: Administrator, holding: RoleHolding) -> _Person:
        by = f" by group {holding.group_id}" if holding.group_id else ""
        words = f"is eligible for Global Administrator{by}, and has not activated it"
        return _said(name, person.name, Outcome.FAIL, words, level=Level.ADVISORY)

    def _none(self, name: str, person: Administrator) -> _Person:
        """Nothing is seen; what may be behind it that this reading cannot show."""
        managed = self.holdings.privileged_identity_management
        if not self.holdings.groups_read:
            words = "who holds the role by a group could not be read: look at the members of the groups that hold it"
            return _said(name, person.name, Outcome.MANUAL, words)
        if managed is None:
            words = "Privileged Identity Management could not be read: look whether the person is eligible"
            return _said(name, person.name, Outcome.MANUAL, words)
        if managed and self.holdings.groups:
            words = (
                f"does not hold the role, but {len(self.holdings.groups)} groups do or may: membership by Privileged "
                "Identity Management for groups is not listed; look there"
            )
            return _said(name, person.name, Outcome.MANUAL, words)
        return _said(name, person.name, Outcome.FAIL, "neither holds Global Administrator nor is eligible for it")


def _said(
    id_: str,
    name: str,
    outcome: Outcome,
    words: str,
    *,
    reason: Reason | None = None,
    level: Level | None = None,
    until: datetime | None = None,
) -> _Person:
    return _Person(Subject("administrator", id_, name, outcome, f"{id_}: {words}", level, reason), until)


def _end(holding: RoleHolding) -> datetime:
    return holding.ends or datetime.max.replace(tzinfo=UTC)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else "never"
