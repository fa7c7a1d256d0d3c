"""How far a report reaches: what an account is known to see is never more than what is proven."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readiness.assessment.reach import sights
from readiness.model.disclosure import WHOLE_TENANT, Sees
from readiness.model.facts import (
    ALL_SCOPES,
    FULL_ADMINISTRATOR,
    READ_ONLY_ANALYST,
    Fact,
    Hierarchy,
    Organization,
    RoleGrant,
    SiteAccess,
    TenantCloud,
)
from readiness.model.reading import Reading
from readiness.model.words import Half, Reason

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ACCOUNT = "account CONTOSO\\reader"
APPLICATION = "application 3f1b"


def access(role: str, category: str = ALL_SCOPES) -> Reading[Fact]:
    grant = RoleGrant(role_id=role, role_name="A role", category_id=category, category_name="All", category_type=29)
    fact = SiteAccess(account="CONTOSO\\reader", visible_administrators=1, listed=True, grants=(grant,))
    return Reading("SiteAccess", NOW, 0.1, value=fact, rows=1, identity=ACCOUNT, scope="A role on All")


def refused(fact: type[Fact], identity: str | None, reason: Reason, scope: str | None = None) -> Reading[Fact]:
    return Reading(fact.__name__, NOW, 0.1, reason=reason, error="no", identity=identity, scope=scope)


@pytest.mark.parametrize(
    ("role", "category", "sees", "words"),
    [
        (FULL_ADMINISTRATOR, ALL_SCOPES, Sees.EVERYTHING, ""),
        (READ_ONLY_ANALYST, ALL_SCOPES, Sees.PART, "services of Azure"),
        (READ_ONLY_ANALYST, "SMS00UNA", Sees.NOT_KNOWN, "collections, devices"),
        ("SMS000AR", ALL_SCOPES, Sees.NOT_KNOWN, "without an error"),
    ],
)
def test_an_account_of_the_site_sees_what_its_role_and_scope_prove(
    role: str, category: str, sees: Sees, words: str
) -> None:
    (sight,) = sights({SiteAccess: access(role, category)})
    assert (sight.half, sight.identity, sight.scope) == (Half.SITE, ACCOUNT, "A role on All")
    assert sight.sees is sees
    assert words in sight.unseen
    assert bool(sight.unseen) is (sees is not Sees.EVERYTHING)


def test_another_account_of_the_site_is_not_believed_by_the_rights_of_the_first() -> None:
    other = refused(Hierarchy, "account CONTOSO\\other", Reason.TIMED_OUT)
    found = {sight.identity: sight.sees for sight in sights({SiteAccess: access(FULL_ADMINISTRATOR), Hierarchy: other})}
    assert found == {ACCOUNT: Sees.EVERYTHING, "account CONTOSO\\other": Sees.NOT_KNOWN}


def test_an_application_sees_the_whole_tenant_but_for_what_it_was_refused() -> None:
    whole = refused(Organization, APPLICATION, Reason.TIMED_OUT, WHOLE_TENANT)
    assert [(one.sees, one.unseen) for one in sights({Organization: whole})] == [(Sees.EVERYTHING, "")]
    less = refused(Organization, APPLICATION, Reason.MISSING_PERMISSION, WHOLE_TENANT)
    assert [(one.sees, one.unseen) for one in sights({Organization: less})] == [(Sees.PART, "refused: Organization")]


def test_what_a_person_sees_of_the_tenant_is_not_known() -> None:
    (sight,) = sights({Organization: refused(Organization, "ann@contoso.com", Reason.TIMED_OUT, "what ann may see")})
    assert sight.sees is Sees.NOT_KNOWN
    assert sight.unseen


def test_who_did_not_sign_in_is_no_account() -> None:
    assert sights({TenantCloud: refused(TenantCloud, None, Reason.UNREACHABLE, "what everybody may see")}) == ()
