"""Which rights are held: by what answered, never by default."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readiness.access import Asked, Needs, Proof, Right, RightKind, Standing, prove
from readiness.errors import SourceError
from readiness.model.facts import (
    ALL_SCOPES,
    FULL_ADMINISTRATOR,
    READ_ONLY_ANALYST,
    CloudService,
    Fact,
    IntuneSubscription,
    Organization,
    RoleGrant,
    SiteAccess,
    SiteProvider,
)
from readiness.model.facts import CloudServices as Services
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason
from readiness.sources.reader import Call, Heard

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CALL = Call("Graph v1.0 /organization", ("Organization.Read.All", "Directory.Read.All"))
OTHER = Call("Graph v1.0 /users/{id}", ("User.ReadBasic.All",), "administrators are named")
ORGANIZATION = Organization("8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10", "Contoso", ("contoso.com",))
PROVIDER = SiteProvider("P01", "cm01", r"root\sms\site_P01", ("cm01",))
ANALYST = Right("Read-only Analyst, scope All", Half.SITE, RightKind.ROLE, (Asked(Call("SMS_Site"), SiteAccess, ()),))
FULL = Right(
    "Full Administrator, scope All",
    Half.SITE,
    RightKind.ROLE,
    (Asked(Call("SMS_Azure_CloudService"), Services, ()),),
    "perhaps",
)
GROUP = Right("SMS Admins", Half.SITE, RightKind.GROUP, ())


def read(value: Fact, rows: int = 1) -> Reading[Fact]:
    return Reading(type(value).__name__, NOW, 0.1, value=value, rows=rows)


def failed(fact: type[Fact], reason: Reason) -> Reading[Fact]:
    return Reading(fact.__name__, NOW, 0.1, reason=reason, error="so it was")


def evidence(*readings: Reading[Fact]) -> Evidence:
    return Evidence("1", "here", NOW, NOW, False, False, tuple(Half), "contoso.com", "cm01", readings)


def proof(right: Right, *readings: Reading[Fact], heard: tuple[Heard, ...] = ()) -> Proof:
    return prove(Needs((), (right,)), evidence(*readings), heard)[0]


def permission(*calls: Call) -> Right:
    asked = tuple(Asked(call, Organization, ("tenant-reachable",)) for call in calls)
    return Right("Organization.Read.All", Half.TENANT, RightKind.PERMISSION, asked)


def heard(call: Call, reason: Reason | None = None) -> Heard:
    return Heard(call, None if reason is None else SourceError(reason, "refused"))


@pytest.mark.parametrize(
    ("reason", "standing"),
    [
        (None, Standing.HELD),
        (Reason.MISSING_PERMISSION, Standing.MISSING),
        (Reason.UNSUPPORTED_VERSION, Standing.NOT_USED),
        *(
            (reason, Standing.NOT_TOLD)
            for reason in Reason
            if reason not in (Reason.MISSING_PERMISSION, Reason.UNSUPPORTED_VERSION)
        ),
    ],
)
def test_only_an_answer_proves_a_permission(reason: Reason | None, standing: Standing) -> None:
    found = proof(permission(CALL), read(ORGANIZATION), heard=(heard(CALL, reason),))
    assert found.standing is standing
    if standing in (Standing.MISSING, Standing.NOT_TOLD):
        assert (found.reason, found.words) == (reason, "refused")


def test_a_refusal_that_a_reader_does_without_is_found_all_the_same() -> None:
    """The reading has a value; the call was refused."""
    both = (heard(CALL), heard(OTHER, Reason.MISSING_PERMISSION))
    assert proof(permission(CALL, OTHER), read(ORGANIZATION), heard=both).standing is Standing.MISSING


def test_one_of_several_exchanges_of_a_call_is_enough_to_miss_it() -> None:
    both = (heard(CALL), heard(CALL, Reason.THROTTLED))
    assert proof(permission(CALL), read(ORGANIZATION), heard=both).standing is Standing.NOT_TOLD


def test_a_call_that_its_reader_never_came_to_proves_nothing() -> None:
    found = proof(permission(CALL, OTHER), failed(Organization, Reason.TIMED_OUT), heard=(heard(CALL),))
    assert (found.standing, found.reason) == (Standing.NOT_TOLD, Reason.TIMED_OUT)
    assert proof(permission(CALL)).standing is Standing.NOT_TOLD


def test_a_call_that_this_estate_does_not_need_says_when_it_is_made() -> None:
    found = proof(permission(OTHER), read(ORGANIZATION))
    assert found.standing is Standing.NOT_USED
    assert "administrators are named" in found.words


def access(*grants: tuple[str, str], listed: bool = True, visible: int = 3) -> Reading[Fact]:
    held = tuple(RoleGrant(role, "a role", category, "a scope", None) for role, category in grants)
    return read(SiteAccess("CONTOSO\\svc", visible, listed, held), visible)


@pytest.mark.parametrize(
    ("reading", "analyst"),
    [
        (access((READ_ONLY_ANALYST, ALL_SCOPES)), Standing.HELD),
        (access((FULL_ADMINISTRATOR, ALL_SCOPES)), Standing.HELD),
        (access((READ_ONLY_ANALYST, "SMS00UNA")), Standing.MISSING),
        (access(("SMS000XR", ALL_SCOPES)), Standing.MISSING),
        (access(), Standing.MISSING),
        (access(listed=False), Standing.NOT_TOLD),
        (access(listed=False, visible=0), Standing.NOT_TOLD),
        (failed(SiteAccess, Reason.ACCESS_DENIED), Standing.MISSING),
        (failed(SiteAccess, Reason.UNREACHABLE), Standing.NOT_TOLD),
        (failed(SiteAccess, Reason.SIGN_IN_FAILED), Standing.NOT_TOLD),
    ],
)
def test_a_role_is_proven_by_the_record_of_the_account(reading: Reading[Fact], analyst: Standing) -> None:
    """That rows were answered proves nothing: who lacks a role is shown fewer, and no error."""
    assert proof(ANALYST, reading, read(PROVIDER)).standing is analyst


@pytest.mark.parametrize(
    ("reading", "rows", "standing"),
    [
        (access((FULL_ADMINISTRATOR, ALL_SCOPES)), 0, Standing.HELD),
        (access((READ_ONLY_ANALYST, ALL_SCOPES)), 0, Standing.NOT_TOLD),
        (access((READ_ONLY_ANALYST, ALL_SCOPES)), None, Standing.NOT_TOLD),
    ],
)
def test_where_the_least_role_is_not_known_only_visible_rows_prove_another_one(
    reading: Reading[Fact], rows: int | None, standing: Standing
) -> None:
    services = failed(Services, Reason.TIMED_OUT) if rows is None else read(Services(()), rows)
    found = proof(FULL, reading, services)
    assert found.standing is standing
    assert standing is Standing.HELD or "CloudServices" in found.words


def test_a_wide_role_is_not_held_because_a_smaller_one_is_shown_rows() -> None:
    """Else an analyst would read that they are Full Administrator, and the scan would ask for just that."""
    services = Services((CloudService(1, "Contoso tenant attach", 5, (2,), "P01"),))
    found = proof(FULL, access((READ_ONLY_ANALYST, ALL_SCOPES)), read(services))
    assert found.standing is Standing.NOT_USED
    assert "holds less" in found.words


@pytest.mark.parametrize(
    ("reading", "standing"),
    [
        (read(PROVIDER), Standing.HELD),
        (failed(SiteProvider, Reason.ACCESS_DENIED), Standing.MISSING),
        (failed(SiteProvider, Reason.UNREACHABLE), Standing.NOT_TOLD),
        (failed(SiteProvider, Reason.SIGN_IN_FAILED), Standing.NOT_TOLD),
        (failed(IntuneSubscription, Reason.ACCESS_DENIED), Standing.NOT_TOLD),
    ],
)
def test_who_reads_the_provider_is_in_its_groups(reading: Reading[Fact], standing: Standing) -> None:
    assert proof(GROUP, reading).standing is standing
