"""Administrative users: what the reading account may see, and whether somebody may change the site.

What an administrative user may do (`Permissions`) is lazy: null in every list, filled by a Get of the one record.
"""

from __future__ import annotations

from readiness.model.facts import RoleGrant, SiteAccess, SiteAdministrator, SiteAdministrators
from readiness.sources.configmgr.provider import Answer, Row
from readiness.sources.configmgr.readers.session import SiteSession, finding
from readiness.sources.reader import Finding

MOST_RECORDS = 25
"""How many records are looked into, one by one, for somebody who may change everything."""
_LIKELY = "Full Administrator"
"""A role name that says whom to look into first. Names are localised, so it decides nothing."""


def own_access(session: SiteSession) -> Finding[SiteAccess]:
    answer = _listed(session)
    account = (session.account or "").casefold()
    named = [row for row in answer.rows if account and row.text("LogonName").casefold() == account]
    own = [row for row in named if not row.flag("IsDeleted")]
    grants = _grants(session, own[0]) if own else ()
    return finding(SiteAccess(session.account, len(answer.rows), bool(own), grants), answer)


def administrators(session: SiteSession) -> Finding[SiteAdministrators]:
    """Records one by one, until somebody is found who may change everything."""
    answer = _listed(session)
    records = [row for row in answer.rows if not row.flag("IsDeleted")]
    found: list[SiteAdministrator] = []
    for row in sorted(records, key=lambda row: _LIKELY not in row.texts("RoleNames"))[:MOST_RECORDS]:
        found.append(SiteAdministrator(row.text("LogonName"), row.flag("IsGroup"), _grants(session, row)))
        if found[-1].may_change_everything:
            break
    deleted = len(answer.rows) - len(records)
    return finding(SiteAdministrators(tuple(found), len(records) - len(found), deleted), answer)


def _listed(session: SiteSession) -> Answer:
    columns = ("AdminID", "LogonName", "IsDeleted", "IsGroup", "RoleNames")
    return session.once("SMS_Admin", lambda: session.rows("SMS_Admin", columns))


def _grants(session: SiteSession, row: Row) -> tuple[RoleGrant, ...]:
    number = row.integer("AdminID")
    record = session.once(("SMS_Admin", number), lambda: session.instance("SMS_Admin", {"AdminID": number}))
    return tuple(_grant(grant) for found in record.rows for grant in found.objects("Permissions"))


def _grant(row: Row) -> RoleGrant:
    return RoleGrant(
        role_id=row.text("RoleID"),
        role_name=row.optional_text("RoleName") or "",
        category_id=row.text("CategoryID"),
        category_name=row.optional_text("CategoryName") or "",
        category_type=row.optional_integer("CategoryTypeID"),
    )
