"""What one account may see proves nothing of what was hidden from another one, whose readings were merged with it."""

from dataclasses import replace
from datetime import timedelta

from readiness.evidence import merge
from readiness.plugin import (
    FULL_ADMINISTRATOR,
    CoManagementPolicies,
    Evidence,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.assessment.fakes import among_real, fake, report, result
from tests.checks.builders import READ, access, estate, grant, other

BOSS = ("account CONTOSO\\boss", "Full Administrator on All")
HELPER = ("account CONTOSO\\helper", "Read-only Analyst on Servers")
NONE = CoManagementPolicies((), 3)


def judge(policies: CoManagementPolicies, access: Reading[SiteAccess]) -> Verdict:
    """As a check that passes where nothing is there, and nothing is hidden."""
    seen = access.value is not None and access.value.sees_everything and not policies.policies
    if seen:
        return Verdict(Outcome.PASS, "none", expected="none", observed="none")
    return Verdict(Outcome.UNKNOWN, str(access.error), expected="none", observed="?", reason=Reason.NOT_VISIBLE)


HIDDEN = fake("nothing-hidden", judge)


def read_by(who: tuple[str, str], policies: CoManagementPolicies | None, *, minutes: int = 0) -> Evidence:
    """What this account read of a healthy site, so many minutes later."""
    sees = access(grant(FULL_ADMINISTRATOR)) if who == BOSS else access()
    found = other(estate(), CoManagementPolicies=policies, SiteAccess=sees)
    at = READ + timedelta(minutes=minutes)
    made = (replace(one, identity=who[0], scope=who[1], started=at) for one in found.readings)
    return replace(found, readings=tuple(made))


def judged(*pieces: Evidence) -> tuple[Outcome, str]:
    found = report(*among_real(HIDDEN), on=merge(pieces))
    assert result(found, "site-reachable").outcome is Outcome.PASS
    one = result(found, "nothing-hidden")
    return one.outcome, one.summary


def test_who_sees_everything_and_reads_all_of_it_proves_that_nothing_is_hidden() -> None:
    assert judged(read_by(BOSS, NONE)) == (Outcome.PASS, "none")
    assert judged(read_by(HELPER, NONE), read_by(BOSS, NONE, minutes=1)) == (Outcome.PASS, "none")


def test_the_rights_of_who_read_them_later_do_not_vouch_for_what_somebody_else_read_before() -> None:
    outcome, words = judged(read_by(HELPER, NONE), read_by(BOSS, None, minutes=1))
    assert outcome is Outcome.UNKNOWN
    assert "CoManagementPolicies was read by account CONTOSO\\helper (Read-only Analyst on Servers)" in words


def test_rights_that_the_same_account_got_since_do_not_vouch_for_what_it_read_without_them() -> None:
    before = read_by((BOSS[0], HELPER[1]), NONE)
    assert judged(before, read_by(BOSS, None, minutes=1))[0] is Outcome.UNKNOWN


def test_the_letters_of_an_account_may_be_large_or_small() -> None:
    before = read_by((BOSS[0].upper(), BOSS[1]), NONE)
    assert judged(before, read_by(BOSS, None, minutes=1))[0] is Outcome.PASS
