"""What proves that a row of tenant attach that is not visible is not there. Catalogue: rules for every check, 3."""

import pytest

from checks.visibility import SEE_EVERYTHING, proven, sees_everything
from readiness.plugin import ALL_SCOPES, FULL_ADMINISTRATOR, READ_ONLY_ANALYST, Owner, SiteAccess
from tests.checks.builders import access, grant, reading, unread


def test_a_full_administrator_of_all_scopes_sees_everything() -> None:
    assert sees_everything(reading(access(grant(FULL_ADMINISTRATOR, ALL_SCOPES))))


@pytest.mark.parametrize(
    "seen",
    [
        access(grant(READ_ONLY_ANALYST, ALL_SCOPES)),
        access(grant(FULL_ADMINISTRATOR, "SMS00UNA")),
        access(grant(READ_ONLY_ANALYST, ALL_SCOPES), grant(FULL_ADMINISTRATOR, "SMS00UNA")),
        access(listed=False),
    ],
    ids=["analyst", "a smaller scope", "two halves of a right", "rights through a group"],
)
def test_nobody_else_is_known_to(seen: SiteAccess) -> None:
    assert not sees_everything(reading(seen))
    assert not proven(0, reading(seen))
    assert proven(1, reading(seen))


def test_an_account_that_could_not_be_looked_up_proves_nothing() -> None:
    assert not sees_everything(unread(SiteAccess))


def test_the_steps_name_the_right_to_grant() -> None:
    assert "Full Administrator" in SEE_EVERYTHING.steps[0].text
    assert SEE_EVERYTHING.role == "Full Administrator, scope All"
    assert SEE_EVERYTHING.owner is Owner.CONFIGMGR_ADMIN  # whoever owns the check: this right is given at the site
