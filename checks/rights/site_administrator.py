"""Someone can change the site's configuration: updates, the wizard and the ticks need a Full Administrator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from checks.wording import counted
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
        f"An administrative user, a person or a group, with the role {FULL_ADMINISTRATOR} (Full Administrator) for the "
        f"scope {ALL_SCOPES} (All): any one passes. None fails only where what every visible one may do was read, and "
        "others than the reading account itself are visible; else it is unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Make the person who will carry out the set-up a Full Administrator with the scope All; the tab Cloud "
                "Sync is not usable without access to the collection All Systems",
                where="Administration > Security > Administrative Users",
                command="New-CMAdministrativeUser -Name <account> -RoleName 'Full Administrator' "
                "-SecurityScopeName 'All'",
                id="grant-site-administrator",
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

EXPECTED = "an administrative user with the role Full Administrator and the scope All"


@CHECK.judge
def judge(administrators: SiteAdministrators, access: Reading[SiteAccess]) -> Verdict:
    users = administrators.administrators
    full = tuple(user for user in users if user.may_change_everything)
    looked = f"{counted(len(users), 'administrative user')} looked into"
    observed = f"{looked}, {administrators.unread} more visible: {_named(full)}"
    if full:
        subjects = tuple(Subject("administrator", u.logon_name, u.logon_name, Outcome.PASS, _who(u)) for u in full)
        groups = " (a group: its members are not read)" if all(user.is_group for user in full) else ""
        words = f"Full Administrator with the scope All: {_named(full)}{groups}"
        return Verdict(Outcome.PASS, words, expected=EXPECTED, observed=observed, subjects=subjects, any_of=True)
    doubt = _doubt(administrators, access)
    if doubt is not None:
        return Verdict(Outcome.UNKNOWN, doubt, expected=EXPECTED, observed=observed, reason=Reason.NOT_VISIBLE)
    words = f"None of the {len(users)} administrative users is Full Administrator with the scope All"
    return Verdict(Outcome.FAIL, words, expected=EXPECTED, observed=observed)


def _doubt(administrators: SiteAdministrators, access: Reading[SiteAccess]) -> str | None:
    """Why one who was not found may still be there."""
    users = administrators.administrators
    if administrators.unread:
        return f"Of {administrators.unread} administrative users it was not read what they may do"
    own = 1 if access.value is None or access.value.listed else 0
    if len({user.logon_name.casefold() for user in users}) <= own:
        return "The account sees no administrative user but itself, so whether there is a Full Administrator is hidden"
    silent = [user.logon_name for user in users if not user.grants]
    return f"What {', '.join(silent)} may do is not shown to the account" if silent else None


def _named(users: Sequence[SiteAdministrator]) -> str:
    return ", ".join(user.logon_name for user in users) or "none is Full Administrator with the scope All"


def _who(user: SiteAdministrator) -> str:
    kind = "the group" if user.is_group else "the user"
    return f"{kind} {user.logon_name} is Full Administrator with the scope All"
