"""Which set-up work is left, and who can do it. Catalogue, phase rights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.setup_work import (
    Left,
    Task,
    Work,
    attach_left,
    attach_work_left,
    cloud_sync_left,
    policy_left,
    secret_left,
    summed,
    upload_scope_left,
)
from readiness.model.settings import Calibration, JudgingSettings, Scope
from readiness.plugin import (
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    CollectionType,
    Context,
    EdrPolicies,
    EdrPolicy,
    PolicyKind,
    PolicyTarget,
    Reading,
    SiteAccess,
    TargetKind,
    UploadMapping,
    UploadScope,
)
from tests.checks.attach_facts import analyst, application, applications, full_administrator, listed, service, services
from tests.checks.builders import NOW, TENANT, reading, unread

ROWS = Collections(
    (
        Collection("SMS00001", "All Systems", CollectionType.DEVICE, 900, "", built_in=True),
        Collection("P0100020", "Everything for EDR", CollectionType.DEVICE, 90, "SMS00001"),
        Collection("P0100021", "All Windows Servers - EDR", CollectionType.DEVICE, 37, "P0100020", service_partners=1),
        Collection("P0100022", "Pilot", CollectionType.DEVICE, 20, "SMS00001", service_partners=2),
    )
)
ALL_DEVICES = UploadScope((UploadMapping(TENANT, 0, ""),))
ONE = UploadScope((UploadMapping(TENANT, 0, "P0100020"),))


def targeting(*names: str, mask: int = 0) -> Context:
    return Context(NOW, JudgingSettings(scope=Scope(names), calibration=Calibration(mask)))


SERVERS, PILOT = targeting("P0100021"), targeting("P0100022")


def scope_left(upload: UploadScope, context: Context, seen: Reading[SiteAccess] | None = None) -> Work:
    return upload_scope_left(reading(upload), reading(ROWS), context, access=seen or full_administrator())


def test_attach_is_done_where_the_upload_service_has_an_application() -> None:
    assert attach_left(reading(services()), reading(applications())).left is Left.NO
    assert attach_left(reading(services(service())), reading(applications())).left is Left.YES


def test_attach_cannot_be_told_where_it_was_not_read_or_may_be_hidden() -> None:
    assert attach_left(unread(CloudServices), reading(applications())).left is Left.UNTOLD
    nothing = reading(CloudServices(()))
    assert attach_left(nothing, reading(applications())).left is Left.UNTOLD
    assert attach_left(nothing, reading(applications()), analyst()).left is Left.UNTOLD
    assert attach_left(nothing, reading(applications()), full_administrator()).left is Left.YES


def test_all_devices_hold_every_target_where_nothing_is_hidden() -> None:
    assert scope_left(ALL_DEVICES, SERVERS).left is Left.NO
    assert scope_left(ALL_DEVICES, SERVERS, analyst()).left is Left.UNTOLD


def test_one_collection_holds_itself_and_what_it_limits() -> None:
    assert scope_left(ONE, SERVERS, analyst()).left is Left.NO
    found = scope_left(ONE, PILOT, analyst())
    assert found.left is Left.YES
    assert "P0100022" in found.words
    assert scope_left(ONE, targeting("P0100021", "P0100022")).left is Left.YES


@pytest.mark.parametrize(
    ("upload", "context"),
    [
        (UploadScope(()), SERVERS),
        (UploadScope((UploadMapping(TENANT, 5, None),)), SERVERS),
        (ALL_DEVICES, targeting()),
        (ALL_DEVICES, targeting("no such collection")),
    ],
    ids=["not told", "failed", "no target", "no such target"],
)
def test_a_scope_or_a_target_that_is_not_settled_cannot_be_told(upload: UploadScope, context: Context) -> None:
    assert scope_left(upload, context).left is Left.UNTOLD


def test_readings_that_are_not_there_cannot_be_told() -> None:
    assert upload_scope_left(unread(UploadScope), reading(ROWS), SERVERS).left is Left.UNTOLD
    assert upload_scope_left(reading(ONE), unread(Collections), SERVERS).left is Left.UNTOLD


def test_a_target_that_the_tenant_lists_is_uploaded() -> None:
    found = upload_scope_left(unread(UploadScope), reading(ROWS), SERVERS, cloud=reading(listed("P0100021")))
    assert found.left is Left.NO
    other = upload_scope_left(unread(UploadScope), reading(ROWS), PILOT, cloud=reading(listed("P0100021")))
    assert other.left is Left.UNTOLD


def test_the_wizard_is_ahead_while_attach_or_upload_scope_is_left() -> None:
    facts = reading(services()), reading(applications())
    done = attach_work_left(*facts, reading(ONE), reading(ROWS), SERVERS)
    assert done.left is Left.NO
    assert "upload service" in done.words
    scope = attach_work_left(*facts, reading(ONE), reading(ROWS), PILOT)
    assert (scope.left, scope.task) == (Left.YES, Task.UPLOAD_SCOPE)
    attach = attach_work_left(reading(services(service())), facts[1], reading(ONE), reading(ROWS), SERVERS)
    assert (attach.left, attach.task) == (Left.YES, Task.ATTACH)
    assert attach_work_left(unread(CloudServices), facts[1], reading(ONE), reading(ROWS), SERVERS).left is Left.UNTOLD


@pytest.mark.parametrize(
    ("days", "left"),
    [(400, Left.NO), (30, Left.NO), (29, Left.YES), (0, Left.YES), (-1, Left.YES), (None, Left.UNTOLD)],
)
def test_a_secret_is_to_be_renewed_from_30_days_before_its_end(days: int | None, left: Left) -> None:
    ends = None if days is None else NOW + timedelta(days=days)
    rows = applications(application(expires=ends))
    assert secret_left(reading(services()), reading(rows), SERVERS).left is left


def test_a_secret_that_was_not_read_cannot_be_told() -> None:
    assert secret_left(unread(CloudServices), reading(applications()), SERVERS).left is Left.UNTOLD
    assert secret_left(reading(services()), unread(CloudApplications), SERVERS).left is Left.UNTOLD
    assert secret_left(reading(services(service(99))), reading(applications()), SERVERS).left is Left.UNTOLD
    assert secret_left(reading(services(service())), reading(applications()), SERVERS).left is Left.NO


@pytest.mark.parametrize(
    ("names", "mask", "left"),
    [
        (("P0100021",), 1, Left.NO),
        (("P0100021", "P0100022"), 1, Left.YES),
        (("P0100020",), 1, Left.UNTOLD),
        (("P0100021",), 0, Left.UNTOLD),
        ((), 1, Left.UNTOLD),
    ],
    ids=["ticked", "one is not", "no column", "no mask", "no target"],
)
def test_a_tick_is_told_by_the_calibrated_mask_alone(names: tuple[str, ...], mask: int, left: Left) -> None:
    assert cloud_sync_left(reading(ROWS), targeting(*names, mask=mask)).left is left


def policy(*ids: str, kind: PolicyKind = PolicyKind.CONFIGMGR) -> EdrPolicies:
    targets = tuple(PolicyTarget(TargetKind.COLLECTION, id_) for id_ in ids)
    return EdrPolicies((EdrPolicy("p1", "EDR", kind, "windows10", ("configManager",), (), targets, ()),), 1)


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        (policy("p0100021"), Left.NO),
        (policy("guid-0"), Left.NO),
        (policy("P0100022"), Left.YES),
        (policy(), Left.YES),
        (policy("P0100021", kind=PolicyKind.INTUNE), Left.YES),
        (EdrPolicies((), 3), Left.YES),
    ],
    ids=["by the site's id", "by the tenant's id", "another", "unassigned", "of the other kind", "none"],
)
def test_a_policy_is_left_until_each_target_has_one(rows: EdrPolicies, left: Left) -> None:
    assert policy_left(reading(rows), reading(listed("P0100021")), reading(ROWS), SERVERS).left is left


def test_an_id_that_cannot_be_joined_may_stand_for_a_target() -> None:
    strangers = reading(listed("X0100001"))
    assert policy_left(reading(policy("guid-0")), strangers, reading(ROWS), SERVERS).left is Left.UNTOLD
    assert policy_left(reading(policy("P0100021")), strangers, reading(ROWS), SERVERS).left is Left.NO


def test_policies_that_were_not_read_cannot_be_told() -> None:
    assert policy_left(unread(EdrPolicies), reading(listed()), reading(ROWS), SERVERS).left is Left.UNTOLD
    assert policy_left(reading(policy()), unread(CloudCollections), reading(ROWS), SERVERS).left is Left.UNTOLD


def test_every_task_names_a_role_and_an_owner() -> None:
    works = [Work(task, Left.NO, "") for task in Task]
    assert all(work.role and work.owner for work in works)
    assert "Global Administrator" in works[0].role
    assert "Privileged Role Administrator" in Work(Task.SECRET, Left.YES, "").role


def test_work_is_left_where_any_piece_is() -> None:
    made = {left: Work(Task.ATTACH, left, "") for left in Left}
    assert summed([made[Left.NO], made[Left.UNTOLD], made[Left.YES]]) is Left.YES
    assert summed([made[Left.NO], made[Left.UNTOLD]]) is Left.UNTOLD
    assert summed([made[Left.NO]]) is Left.NO
