"""What the reading account is proven to see of the classes of tenant attach and of policies.

Configuration Manager hides rows without an error. Catalogue: rules for every check, 3.
"""

from __future__ import annotations

from readiness.plugin import Owner, Reading, Remediation, SiteAccess, Step


def sees_everything(access: Reading[SiteAccess]) -> bool:
    """Whether nothing is hidden from the account: Full Administrator with All scopes.

    A Read-only Analyst is not known to see the Azure and Entra classes and policies.
    """
    return access.value is not None and access.value.sees_everything


def proven(rows: int, access: Reading[SiteAccess]) -> bool:
    """Whether a row that is not visible is not there: others of its class are visible, or nothing is hidden.

    Not for collections, devices and policies, which are scoped one by one: for those pass no rows.
    """
    return rows > 0 or sees_everything(access)


SEE_EVERYTHING = Remediation(
    steps=(
        Step(
            "Let somebody who is Full Administrator with the scope All collect the site's half, and assess that file; "
            "then nobody gets a new right. No smaller role is known to see the cloud services, the Entra applications "
            "and tenants, and every configuration policy",
            command="readiness collect --only site -o site.json",
            id="collect-site-half",
        ),
        Step(
            "Or let the reading account be Full Administrator with the scope All while it is needed",
            where="Administration > Security > Administrative Users",
            command="New-CMAdministrativeUser -Name <account> -RoleName 'Full Administrator' -SecurityScopeName 'All'",
            id="grant-full-administrator",
            instead_of="collect-site-half",
        ),
    ),
    role="Full Administrator, scope All",
    verify="run the scan again: the check then has a verdict",
    rollback="where the reading account was given the role for this, take it away again",
    owner=Owner.CONFIGMGR_ADMIN,
)
"""The steps where rows of these classes may be hidden from the reading account."""
