"""The rights that a report names: the least that are enough for what was read, and by whom it was read."""

from __future__ import annotations

from datetime import UTC, datetime

from readiness.access.used import used
from readiness.composition import readers
from readiness.model.disclosure import WHOLE_TENANT, RightUsed
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.words import Half, Reason

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def reading(fact: str, identity: str | None, *, source: str = "", reason: Reason = Reason.TIMED_OUT) -> Reading[Fact]:
    scope = WHOLE_TENANT if identity == "application" else None
    return Reading(fact, NOW, 0.1, reason=reason, error="no", identity=identity, scope=scope, source=source)


def found(*readings: Reading[Fact]) -> dict[str, RightUsed]:
    return {right.name: right for right in used(readings, readers())}


def test_each_right_says_by_whom_and_for_what() -> None:
    rights = found(reading("Licences", "application"), reading("Hierarchy", "account"))
    licences, role = rights["LicenseAssignment.Read.All"], rights["Read-only Analyst, scope All"]
    assert (licences.half, licences.kind, licences.identities) == (Half.TENANT, "permission", ("application",))
    assert licences.readings == ("Licences",)
    assert (role.half, role.kind, role.identities, role.readings) == (Half.SITE, "role", ("account",), ("Hierarchy",))


def test_a_right_that_was_missing_is_named_with_what_it_was_missing_for() -> None:
    rights = found(reading("Licences", "application", reason=Reason.MISSING_PERMISSION))
    assert rights["LicenseAssignment.Read.All"].refused == ("Licences",)
    assert found(reading("Licences", "application"))["LicenseAssignment.Read.All"].refused == ()


def test_the_group_that_lets_into_winrm_is_used_over_winrm_only() -> None:
    group = "Remote Management Users or Administrators"
    assert group in found(reading("SiteProvider", "account", source="root\\sms SMS_ProviderLocation"))
    assert group not in found(reading("SiteProvider", "account", source="SMS_Identification"))


def test_what_no_reader_of_ours_reads_and_what_needs_no_right_is_for_none() -> None:
    assert found(reading("Plugin", "application"), reading("TenantCloud", None)) == {}
    assert found() == {}
