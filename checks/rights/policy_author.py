"""Someone can write endpoint security policy: by a role of Intune, or by a directory role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from readiness.plugin import (
    ENDPOINT_SECURITY_MANAGER,
    GLOBAL_ADMINISTRATOR,
    INTUNE_ADMINISTRATOR,
    Administrator,
    Basis,
    Check,
    Context,
    DirectoryRoleHoldings,
    HoldingKind,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    PolicyRoleGrant,
    PolicyRoles,
    PrincipalKind,
    Reading,
    Reason,
    Remediation,
    Source,
    Step,
    Subject,
    Verdict,
)

ACTIVATE = Step(
    "Let the person activate the role that they are eligible for, while the policy is written",
    where="Microsoft Entra admin center > Identity Governance > Privileged Identity Management > My roles > "
    "Microsoft Entra roles > Eligible assignments > Activate",
    id="activate-policy-author",
    wait_id="role-grant",
)

CHECK = Check(
    id="policy-author",
    title="Someone can write endpoint security policy",
    phase=Phase.RIGHTS,
    level=Level.ADVISORY,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    rules=("roles:policy",),
    why="Once everything else is ready, somebody has to write the EDR policy and assign it to the collections.",
    judged=(
        "One named administrator, or anybody in the tenant where nobody is named, who holds Intune's role Endpoint "
        "Security Manager, or Intune Administrator or Global Administrator for the whole tenant, past the end of the "
        "change window: passes, inferred. Eligible by Privileged Identity Management is advisory. What a role of the "
        "tenant's own making may do is not told by names that are published, so a person must look, as where the "
        "members of a group cannot be read. Nobody fails only where assignments of Intune are visible at all. What a "
        "narrow scope of an assignment means for collections is not published, and not judged."
    ),
    inferred=(
        "The ids of Intune's built-in roles: Microsoft publishes the names, and public programs agree on the ids. "
        "That such a role is enough for collections is what the pages say of policies at large."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Assign Intune's role Endpoint Security Manager to a group that the person is a member of",
                where="Microsoft Intune admin center > Tenant administration > Roles > Endpoint Security Manager > "
                "Assignments > Assign",
                id="grant-policy-author",
                wait_id="role-grant",
            ),
            replace(
                ACTIVATE, text=f"Or {ACTIVATE.text[0].lower()}{ACTIVATE.text[1:]}", instead_of="grant-policy-author"
            ),
        ),
        role="Intune Role Administrator, or Intune Administrator; to activate a role: the person",
        wait="a few minutes; tokens are kept for about an hour",
        verify="the person opens Endpoint security > Endpoint detection and response: Create policy can be chosen",
        rollback="remove the assignment, or deactivate the role",
    ),
    sources=(
        Source(
            "Manage endpoint security policies",
            "memdocs intune/device-configuration/endpoint-security/manage-policies.md (Endpoint Security Manager, or a "
            "custom role)",
            date(2025, 12, 4),
        ),
        Source(
            "Deploy EDR policy",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md (Intune Service Administrator, or "
            "equivalent; rights on Endpoint security)",
            date(2026, 5, 18),
        ),
        Source("List unifiedRoleAssignmentMultiple", "Graph beta /roleManagement/deviceManagement/roleAssignments"),
        Source("Ids of the roles", "public programs that agree; Microsoft publishes the names (inferred)"),
    ),
)

EXPECTED = "somebody with Endpoint Security Manager, Intune Administrator or Global Administrator"
WRITES = {
    ENDPOINT_SECURITY_MANAGER: "Endpoint Security Manager",
    INTUNE_ADMINISTRATOR: "Intune Administrator",
    GLOBAL_ADMINISTRATOR: "Global Administrator",
}
"""Roles by which EDR policy can be written, by id."""
ACTIVATION = replace(CHECK.remediation, steps=(ACTIVATE,), role="the person", rollback="deactivate the role")
_ORDER = (Outcome.PASS, Outcome.MANUAL, Outcome.UNKNOWN, Outcome.FAIL)
_ACTIVE = (HoldingKind.ASSIGNED, HoldingKind.ACTIVATED)


@dataclass(frozen=True, slots=True)
class _Held:
    """One way in which somebody holds a role."""

    role_id: str
    role_name: str
    custom: bool | None
    scope: str
    kind: HoldingKind
    group: str | None
    ends: datetime | None

    @property
    def writes(self) -> bool:
        return self.role_id in WRITES and self.scope in ("", "/")

    @property
    def called(self) -> str:
        return WRITES.get(self.role_id) or self.role_name or f"the role {self.role_id}"

    @property
    def how(self) -> str:
        by = f", by group {self.group}" if self.group else ""
        return f"{self.kind.value}{by}{f', until {_moment(self.ends)}' if self.ends else ''}"


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of one person, or of the tenant; eligible is nearer than what only a person can tell."""

    outcome: Outcome
    words: str
    reason: Reason | None = None
    until: datetime | None = None
    eligible: bool = False

    @property
    def remediation(self) -> Remediation | None:
        return ACTIVATION if self.eligible else None

    @property
    def rank(self) -> float:
        return 0.5 if self.eligible else _ORDER.index(self.outcome)


@CHECK.judge
def judge(roles: Reading[PolicyRoles], holdings: Reading[DirectoryRoleHoldings], context: Context) -> Verdict:
    asked = context.settings.scope.administrators
    if not asked and holdings.value is not None:
        asked = tuple(one.asked for one in holdings.value.administrators)
    named = {name.casefold(): name for name in reversed(asked)}  # each once, as it is written first
    view = _View(roles, holdings, context.now, context.settings.change.window_end)
    if not named:
        said = view.anybody()
        observed = f"nobody is named, so everybody was looked at; {said.words}"
        return Verdict(
            said.outcome,
            said.words,
            EXPECTED,
            observed,
            Basis.INFERRED,
            said.reason,
            remediation=said.remediation,
            until=said.until,
        )
    return _any_of({name: view.person(name) for name in reversed(named.values())})


def _any_of(people: dict[str, _Said]) -> Verdict:
    """One who holds such a role is enough; else the one who is nearest to it speaks for all."""
    name, best = min(people.items(), key=lambda one: one[1].rank)
    more = f" (the other {len(people) - 1} named no nearer)" if len(people) > 1 and best.rank else ""
    subjects = tuple(
        Subject("administrator", who, who, said.outcome, f"{who}: {said.words}", reason=said.reason)
        for who, said in people.items()
    )
    return Verdict(
        best.outcome,
        f"{name}: {best.words}{more}",
        EXPECTED,
        "; ".join(subject.summary for subject in subjects),
        Basis.INFERRED,
        best.reason,
        subjects=subjects,
        remediation=best.remediation,
        any_of=True,
        until=best.until,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """What the tenant says of who holds which role, and until when it is needed."""

    roles: Reading[PolicyRoles]
    holdings: Reading[DirectoryRoleHoldings]
    now: datetime
    window_end: datetime | None

    def person(self, name: str) -> _Said:
        if self.holdings.value is None or self.roles.value is None:
            return _unread(self.roles if self.roles.value is None else self.holdings)
        found = [one for one in self.holdings.value.administrators if one.asked.casefold() == name.casefold()]
        if len(found) != 1:
            words = "was not asked for when the evidence was collected" if not found else "is listed more than once"
            return _Said(Outcome.UNKNOWN, words, Reason.CONTRADICTING if found else Reason.NOT_VISIBLE)
        if not found[0].found:
            return _Said(Outcome.UNKNOWN, "the tenant lists no such account", Reason.NOT_VISIBLE)
        if found[0].enabled is None:
            return _Said(Outcome.UNKNOWN, "whether the account is enabled could not be read", Reason.NOT_VISIBLE)
        if not found[0].enabled:
            return _Said(Outcome.FAIL, "the account is disabled")
        return self._of(found[0], self.roles.value)

    def _of(self, person: Administrator, value: PolicyRoles) -> _Said:
        held = [
            _Held(one.role_id.lower(), "", False, one.scope, one.kind, one.group_id, one.ends)
            for one in person.holdings
        ]
        held += [_held(one, group) for one, group in _reaching(value, person.id)]
        said = self._told(held)
        if said is not None:
            return said
        hidden = [group.id for group in value.groups if group.members is None and _may_write(value, group.id)]
        return self._nobody(value, "holds none of the roles", hidden)

    def anybody(self) -> _Said:
        """Somebody in the tenant: a person, or a group that has one in it."""
        value = self.roles.value
        if value is None or self.holdings.value is None:
            return _unread(self.roles if value is None else self.holdings)
        inside = {group.id.lower(): group.members for group in value.groups}
        there = [one for one in value.grants if _is_somebody(one, inside.get(one.principal_id.lower()))]
        said = self._told([_held(one, _group(one)) for one in there], there)
        if said is not None:
            return said
        hidden = [
            one.principal_id
            for one in value.grants
            if _writes(one)
            and one.principal in (PrincipalKind.GROUP, PrincipalKind.UNTOLD)
            and inside.get(one.principal_id.lower()) is None
        ]
        return self._nobody(value, "nobody holds any of the roles", hidden)

    def _told(self, held: Sequence[_Held], whose: Sequence[PolicyRoleGrant] = ()) -> _Said | None:
        """What these say together; None where they say nothing."""
        who = [f"{one.principal_name or one.principal_id} " for one in whose] or [""] * len(held)
        now = [(name, one) for name, one in zip(who, held, strict=True) if one.ends is None or one.ends > self.now]
        able = [(name, one) for name, one in now if one.writes]
        active = [(name, one) for name, one in able if one.kind in _ACTIVE]
        if lasting := [pair for pair in active if self._lasts(pair[1])]:
            name, one = max(lasting, key=lambda pair: pair[1].ends or datetime.max.replace(tzinfo=UTC))
            return _Said(Outcome.PASS, f"{name}holds {one.called} ({one.how})", until=one.ends)
        for name, one in able:
            if one.kind is HoldingKind.ELIGIBLE:
                words = f"{name}is eligible for {one.called}, and has not activated it"
                return _Said(Outcome.FAIL, words, eligible=True)
        return self._doubted(now, able, active)

    def _doubted(
        self, now: list[tuple[str, _Held]], able: list[tuple[str, _Held]], active: list[tuple[str, _Held]]
    ) -> _Said | None:
        for name, one in now:
            if one.custom is not False and not one.writes:
                words = (
                    f"{name}holds {one.called} in Intune, which may let policy be written: look whether it has the "
                    "permission Endpoint detection and response, or Endpoint security"
                )
                return _Said(Outcome.MANUAL, words)
        strange = next((pair for pair in able if not pair[1].kind.known), None)
        if strange is not None:
            words = f"{strange[0]}holds {strange[1].called} in a way that no table knows ('{strange[1].kind.value}')"
            return _Said(Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)
        for name, one in active:
            words = f"{name}holds {one.called} until {_moment(one.ends)}, before the change window ends"
            return _Said(Outcome.FAIL, f"{words} ({_moment(self.window_end)})")
        return None

    def _lasts(self, one: _Held) -> bool:
        return one.ends is None or self.window_end is None or one.ends >= self.window_end

    @staticmethod
    def _nobody(value: PolicyRoles, words: str, hidden: Sequence[str]) -> _Said:
        """Nothing is seen; what may be behind it that these readings cannot show."""
        if hidden:
            groups = ", ".join(dict.fromkeys(hidden))
            return _Said(Outcome.MANUAL, f"who is in {groups}, which holds such a role, could not be read: look there")
        if value.privileged_identity_management is None:
            return _Said(Outcome.MANUAL, f"{words}, but Privileged Identity Management could not be read: look there")
        if value.privileged_identity_management and any(_may_write(value, group.id) for group in value.groups):
            more = "membership by Privileged Identity Management for groups is not listed: look there"
            return _Said(Outcome.MANUAL, f"{words}, but groups do; {more}")
        if not any(not one.scope for one in value.grants) or not any(one.scope for one in value.grants):
            more = "no assignment of Intune, or of the directory roles, is visible at all"
            return _Said(Outcome.UNKNOWN, f"{words} as far as can be seen: {more}", Reason.NOT_VISIBLE)
        listed = ", ".join(sorted({_held(one, None).called for one in value.grants}))
        return _Said(Outcome.FAIL, f"{words} by which endpoint security policy can be written (assigned: {listed})")


def _unread(reading: Reading[PolicyRoles] | Reading[DirectoryRoleHoldings]) -> _Said:
    words = f"could not be verified: {reading.error or 'it was not read'}"
    return _Said(Outcome.UNKNOWN, words, reading.reason or Reason.BAD_ANSWER)


def _reaching(value: PolicyRoles, person: str) -> Iterator[tuple[PolicyRoleGrant, str | None]]:
    """What a person holds, and the group by which; None where directly."""
    low = person.lower()
    groups = {group.id.lower(): group.id for group in value.groups if low in _lower(group.members or ())}
    for one in value.grants:
        if one.principal_id.lower() == low:
            yield one, None
        elif one.principal_id.lower() in groups:
            yield one, groups[one.principal_id.lower()]


def _lower(ids: Iterable[str]) -> set[str]:
    return {id_.lower() for id_ in ids}


def _held(one: PolicyRoleGrant, group: str | None) -> _Held:
    return _Held(one.role_id.lower(), one.role_name, one.custom, one.scope, one.kind, group, one.ends)


def _group(one: PolicyRoleGrant) -> str | None:
    return one.principal_id if one.principal is PrincipalKind.GROUP else None


def _is_somebody(one: PolicyRoleGrant, members: tuple[str, ...] | None) -> bool:
    """An application writes no policy by hand, an empty group and a disabled account write none."""
    if one.principal is PrincipalKind.USER:
        return one.enabled is not False
    return bool(members)


def _writes(one: PolicyRoleGrant) -> bool:
    return one.role_id.lower() in WRITES or one.custom is not False


def _may_write(value: PolicyRoles, group: str) -> bool:
    return any(_writes(one) for one in value.grants if one.principal_id.lower() == group.lower())


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else "never"
