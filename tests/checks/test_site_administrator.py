"""site-administrator: any Full Administrator with the scope All, and what proves that there is none."""

import pytest

from checks.rights.site_administrator import CHECK, judge
from readiness.plugin import (
    ALL_SCOPES,
    FULL_ADMINISTRATOR,
    READ_ONLY_ANALYST,
    Level,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    SiteAdministrator,
    SiteAdministrators,
    Verdict,
)
from tests.checks.builders import access, grant, reading, unread

DEFAULT = "SMS00UNA"
READER = SiteAdministrator(r"CONTOSO\svc-readiness", False, (READ_ONLY_ANALYST,), (ALL_SCOPES,))
LIMITED = SiteAdministrator(r"CONTOSO\erin", False, (FULL_ADMINISTRATOR,), (DEFAULT,))


def full(name: str = r"CONTOSO\alice", *, group: bool = False) -> SiteAdministrator:
    return SiteAdministrator(name, group, (FULL_ADMINISTRATOR,), (ALL_SCOPES,))


def judged(*users: SiteAdministrator, seen: Reading[SiteAccess] | None = None, deleted: int = 0) -> Verdict:
    return judge(SiteAdministrators(users, deleted), seen or reading(access()))


def test_a_person_passes_and_is_named() -> None:
    verdict = judged(READER, full())
    assert verdict.outcome is Outcome.PASS
    assert r"CONTOSO\alice" in verdict.summary
    assert [(s.kind, s.id, s.outcome) for s in verdict.subjects] == [("administrator", r"CONTOSO\alice", Outcome.PASS)]


def test_a_group_passes_with_the_note_that_its_members_are_not_read() -> None:
    verdict = judged(READER, full(r"CONTOSO\CM Admins", group=True))
    assert verdict.outcome is Outcome.PASS
    assert "members are not read" in verdict.summary


def test_any_one_of_many_is_enough() -> None:
    assert judged(READER, LIMITED, full()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "user",
    [
        LIMITED,
        SiteAdministrator("x", False, (READ_ONLY_ANALYST,), (ALL_SCOPES,)),
        SiteAdministrator("x", False, (), ()),
        SiteAdministrator("x", False, (FULL_ADMINISTRATOR,), ()),
        SiteAdministrator("x", False, (), (ALL_SCOPES,)),
        SiteAdministrator("x", False, ("Full Administrator",), ("All",)),
    ],
    ids=repr,
)
def test_none_fails_as_an_advisory_where_others_are_visible(user: SiteAdministrator) -> None:
    verdict = judged(READER, user)
    assert (verdict.outcome, verdict.level or CHECK.level) == (Outcome.FAIL, Level.ADVISORY)


@pytest.mark.parametrize("deleted", [0, 3])
def test_nothing_visible_is_unknown(deleted: int) -> None:
    verdict = judged(deleted=deleted)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_only_the_reading_account_visible_is_unknown() -> None:
    assert judged(READER).reason is Reason.NOT_VISIBLE
    assert judged(READER, seen=unread(SiteAccess)).reason is Reason.NOT_VISIBLE


def test_one_other_account_visible_is_proof() -> None:
    by_group = reading(access(listed=False))
    assert judged(READER, seen=by_group).outcome is Outcome.FAIL


def test_the_same_account_twice_is_no_proof() -> None:
    assert judged(READER, READER).reason is Reason.NOT_VISIBLE


def test_several_roles_and_scopes_must_be_looked_at() -> None:
    mixed = SiteAdministrator("m", False, (FULL_ADMINISTRATOR, READ_ONLY_ANALYST), (ALL_SCOPES, DEFAULT))
    verdict = judged(READER, mixed)
    assert verdict.outcome is Outcome.MANUAL
    assert verdict.remediation is not None
    assert "Security Scopes" in (verdict.remediation.steps[0].where or "")


def test_several_roles_with_one_scope_or_one_role_with_several_scopes_are_clear() -> None:
    roles = SiteAdministrator("r", False, (FULL_ADMINISTRATOR, READ_ONLY_ANALYST), (ALL_SCOPES,))
    scopes = SiteAdministrator("s", False, (FULL_ADMINISTRATOR,), (ALL_SCOPES, DEFAULT))
    assert judged(READER, roles).outcome is Outcome.PASS
    assert judged(READER, scopes).outcome is Outcome.PASS


def test_the_reading_accounts_own_grants_decide_for_it() -> None:
    own = SiteAdministrator(READER.logon_name, False, (FULL_ADMINISTRATOR, READ_ONLY_ANALYST), (ALL_SCOPES, DEFAULT))
    together = reading(access(grant(FULL_ADMINISTRATOR)))
    apart = reading(access(grant(), grant(FULL_ADMINISTRATOR, DEFAULT)))
    assert judged(own, seen=together).outcome is Outcome.PASS
    assert judged(own, seen=apart).outcome is Outcome.MANUAL
