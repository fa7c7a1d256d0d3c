"""site-administrator: any Full Administrator with the scope All, and what proves that there is none."""

import pytest

from checks.rights.site_administrator import CHECK, judge
from readiness.plugin import (
    FULL_ADMINISTRATOR,
    Level,
    Outcome,
    Reading,
    Reason,
    RoleGrant,
    SiteAccess,
    SiteAdministrator,
    SiteAdministrators,
    Verdict,
)
from tests.checks.builders import access, grant, reading, unread

DEFAULT = "SMS00UNA"


def user(name: str, *grants: RoleGrant, group: bool = False) -> SiteAdministrator:
    return SiteAdministrator(name, group, grants)


def full(name: str = r"CONTOSO\alice", *, group: bool = False) -> SiteAdministrator:
    return user(name, grant(FULL_ADMINISTRATOR), group=group)


READER = user(r"CONTOSO\svc-readiness", grant())
LIMITED = user(r"CONTOSO\erin", grant(FULL_ADMINISTRATOR, DEFAULT))


def judged(
    *users: SiteAdministrator, seen: Reading[SiteAccess] | None = None, unlooked: int = 0, deleted: int = 0
) -> Verdict:
    return judge(SiteAdministrators(users, unlooked, deleted), seen or reading(access()))


def test_a_person_passes_and_is_named() -> None:
    verdict = judged(READER, full())
    assert verdict.outcome is Outcome.PASS
    assert r"CONTOSO\alice" in verdict.summary
    assert [(s.kind, s.id, s.outcome) for s in verdict.subjects] == [("administrator", r"CONTOSO\alice", Outcome.PASS)]


def test_a_group_passes_with_the_note_that_its_members_are_not_read() -> None:
    verdict = judged(READER, full(r"CONTOSO\CM Admins", group=True))
    assert verdict.outcome is Outcome.PASS
    assert "members are not read" in verdict.summary


def test_any_one_of_many_is_enough_however_many_were_not_looked_into() -> None:
    assert judged(READER, LIMITED, full(), unlooked=40).outcome is Outcome.PASS


def test_the_reading_account_itself_may_be_the_one() -> None:
    assert judged(full(READER.logon_name)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "other",
    [
        LIMITED,
        user("x", grant()),
        user("x", grant(), grant(FULL_ADMINISTRATOR, DEFAULT)),
        user("x", RoleGrant("Full Administrator", "Full Administrator", "All", "All", 29)),
    ],
    ids=repr,
)
def test_none_fails_as_an_advisory_where_others_are_visible(other: SiteAdministrator) -> None:
    """A role on one scope and another role on All are not Full Administrator on All."""
    verdict = judged(READER, other)
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


def test_records_that_were_not_looked_into_are_no_proof() -> None:
    verdict = judged(READER, LIMITED, unlooked=2)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "Of 2 administrative users" in verdict.summary


def test_a_record_without_any_role_shown_is_no_proof() -> None:
    verdict = judged(READER, LIMITED, user(r"CONTOSO\frank"))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert r"CONTOSO\frank" in verdict.summary
