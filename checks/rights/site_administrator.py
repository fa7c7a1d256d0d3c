"""Someone can change the site's configuration: updates, the wizard and the ticks need a Full Administrator."""

from __future__ import annotations

from datetime import date

from readiness.plugin import (
    ALL_SCOPES,
    FULL_ADMINISTRATOR,
    Check,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    SiteAdministrator,
    SiteAdministrators,
    Source,
    Step,
    Subject,
    Verdict,
)

CHECK = Check(
    id="site-administrator",
    title="Someone can change the site's configuration",
    phase=Phase.RIGHTS,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="Installing the update, attaching the tenant and ticking collections need the role Full Administrator with "
    "the scope All; who only plans the roll-out finds out in the window otherwise.",
    judged=(
        f"An administrative user, a person or a group, with the role {FULL_ADMINISTRATOR} (Full Administrator) and the "
        f"scope {ALL_SCOPES} (All): any one passes. Which role goes with which scope is not shown for others than the "
        "reading account: where a Full Administrator has other roles and other scopes too, a person must look. None "
        "fails only where administrative users other than the reading account itself are visible; else it is unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Make the person who will carry out the set-up a Full Administrator with the scope All",
                where="Administration > Security > Administrative Users",
                command="New-CMAdministrativeUser -Name <account> -RoleName 'Full Administrator' "
                "-SecurityScopeName 'All'",
            ),
        ),
        role="Full Administrator, scope All",
        wait="none; a console that is open must be opened again",
        verify="Administration > Security > Administrative Users > the user > Properties > Security Roles, and "
        "Security Scopes",
        rollback="take the role away again once the set-up is done",
    ),
    sources=(
        Source("SMS_Admin server WMI class", "Configuration Manager SDK reference", date(2020, 9, 11)),
        Source(
            "Tenant attach prerequisites",
            "memdocs intune/configmgr/tenant-attach/prerequisites.md",
            date(2022, 7, 11),
        ),
    ),
)

MOST_NAMED = 5
EXPECTED = "an administrative user with the role Full Administrator and the scope All"

LOOK = Remediation(
    steps=(
        Step(
            "Look which scopes go with the role Full Administrator of these users",
            where="Administration > Security > Administrative Users > the user > Properties > Security Scopes",
        ),
    ),
    role="Read-only Analyst, scope All",
    verify="All instances of the objects that are related to the assigned security roles is chosen, or the role is "
    "listed with the scope All",
)


@CHECK.judge
def judge(administrators: SiteAdministrators, access: Reading[SiteAccess]) -> Verdict:
    users = administrators.administrators
    full = {user.logon_name: user for user in users if _is_full(user)}
    certain = [user for user in full.values() if _is_certain(user) or _is_reader(user, access)]
    observed = f"{len(users)} administrative users visible, {len(full)} with that role and that scope"
    if certain:
        subjects = tuple(Subject("administrator", u.logon_name, u.logon_name, Outcome.PASS, _who(u)) for u in certain)
        return Verdict(Outcome.PASS, _passed(certain), expected=EXPECTED, observed=observed, subjects=subjects)
    if full:
        words = f"{_named(list(full.values()))} may be: several roles and scopes, and not shown which go together"
        return Verdict(Outcome.MANUAL, words, expected=EXPECTED, observed=observed, remediation=LOOK)
    if _others_visible(users, access):
        words = f"None of the {len(users)} administrative users is Full Administrator with the scope All"
        return Verdict(Outcome.FAIL, words, expected=EXPECTED, observed=observed)
    words = "The account sees no administrative user but itself, so whether there is a Full Administrator is not known"
    return Verdict(Outcome.UNKNOWN, words, expected=EXPECTED, observed=observed, reason=Reason.NOT_VISIBLE)


def _is_full(user: SiteAdministrator) -> bool:
    """Whether the user holds the role, and the scope, be it by one assignment or by two."""
    roles, scopes = _folded(user.role_ids), _folded(user.scope_ids)
    return FULL_ADMINISTRATOR.casefold() in roles and ALL_SCOPES.casefold() in scopes


def _is_certain(user: SiteAdministrator) -> bool:
    """Whether role and scope can only belong together: there is no other role, or no other scope."""
    return len(_folded(user.role_ids)) == 1 or len(_folded(user.scope_ids)) == 1


def _is_reader(user: SiteAdministrator, access: Reading[SiteAccess]) -> bool:
    """Whether this is the account that reads, of which the grants are shown one by one."""
    if access.value is None or not access.value.listed:
        return False
    grants = ((grant.role_id, grant.category_id) for grant in access.value.grants)
    same = (access.value.account or "").casefold() == user.logon_name.casefold()
    return same and (FULL_ADMINISTRATOR, ALL_SCOPES) in grants


def _others_visible(users: tuple[SiteAdministrator, ...], access: Reading[SiteAccess]) -> bool:
    """Whether the account sees others than itself: only then one that is not visible is not there."""
    own = 1 if access.value is None or access.value.listed else 0
    return len({user.logon_name.casefold() for user in users}) > own


def _folded(ids: tuple[str, ...]) -> set[str]:
    return {id_.casefold() for id_ in ids}


def _passed(users: list[SiteAdministrator]) -> str:
    groups = " (groups only: their members are not read)" if all(user.is_group for user in users) else ""
    return f"Full Administrator with the scope All: {_named(users)}{groups}"


def _named(users: list[SiteAdministrator]) -> str:
    named = ", ".join(user.logon_name for user in users[:MOST_NAMED])
    more = len(users) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _who(user: SiteAdministrator) -> str:
    kind = "the group" if user.is_group else "the user"
    return f"{kind} {user.logon_name} is Full Administrator with the scope All"
