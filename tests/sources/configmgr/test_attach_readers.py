"""Readers of tenant attach and of administrative users: what they ask for, share, and refuse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    CloudApplication,
    CloudApplications,
    CloudService,
    CloudServices,
    CloudTenant,
    CloudTenants,
    SiteAccess,
    SiteAdministrators,
    UploadMapping,
    UploadScope,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import ProviderFault, Row
from readiness.sources.configmgr.readers import READERS
from readiness.sources.configmgr.readers.access import MOST_RECORDS
from tests.sources.configmgr.estate import (
    ADMIN,
    CLOUD_TENANT,
    PERMISSION,
    SERVICE,
    TENANT,
    Cells,
    Provider,
    read,
    refused,
    session,
)

FULL = Row("SMS_APermission", {**PERMISSION, "RoleID": "SMS0001R"}.items())


def test_the_service_the_application_and_the_tenant_of_tenant_attach() -> None:
    given = session(Provider())
    assert read(CloudServices, given).value.services == (
        CloudService(16777218, "Contoso tenant attach", 5, (16777219,), "P01"),
    )
    assert read(CloudApplications, given).value.applications == (
        CloudApplication(
            16777219,
            "ConfigMgrSvc",
            "b7d1f0a2-6c3e-4f58-8a9b-0c1d2e3f4a5b",
            16777217,
            datetime(2027, 7, 1, 8, tzinfo=UTC),
        ),
    )
    assert read(CloudTenants, given).value.tenants == (CloudTenant(16777217, "Contoso", TENANT, 0),)


@pytest.mark.parametrize("value", [None, ()])
def test_a_service_without_applications(value: object) -> None:
    """WS-Man leaves an empty array out, or says that it is null."""
    provider = Provider(SMS_Azure_CloudService=[{**SERVICE, "AssociatedAADWebApplications": value}])
    assert read(CloudServices, session(provider)).value.services[0].application_ids == ()


def test_several_applications_of_one_service() -> None:
    provider = Provider(SMS_Azure_CloudService=[{**SERVICE, "AssociatedAADWebApplications": ("3", "4")}])
    assert read(CloudServices, session(provider)).value.services[0].application_ids == (3, 4)


def test_the_secret_of_an_application_is_never_asked_for() -> None:
    provider = Provider()
    given = session(provider)
    for reader in READERS:
        read(reader.fact, given)
    assert "SecretKeyExpiry" in provider.columns
    assert "secretkey" not in {column.lower() for column in provider.columns}
    assert "*" not in provider.columns
    assert not any(asked.startswith("SMS_AAD_Application_Ex(") for asked in provider.asked)


def test_the_upload_scope_of_each_tenant() -> None:
    second: Cells = {**CLOUD_TENANT, "ID": "16777220", "TenantID": "0f0f0f0f-0000-4000-8000-000000000001"}
    provider = Provider(SMS_AAD_Tenant_Ex=[CLOUD_TENANT, second])
    provider.methods["SMS_CoMgmtConfigs.GetTenantCollectionMapping"] = {
        "ReturnValue": "0",
        "CollectionSiteID": "P0100020",
    }
    found = read(UploadScope, session(provider))
    assert found.value.mappings == (
        UploadMapping(TENANT, 0, "P0100020"),
        UploadMapping("0f0f0f0f-0000-4000-8000-000000000001", 0, "P0100020"),
    )
    assert (found.rows, found.request_id) == (2, "uuid:3")
    assert {"TenantID": TENANT} in provider.wanted


def test_all_devices_are_uploaded_where_no_collection_is_named() -> None:
    assert read(UploadScope, session(Provider())).value.mappings == (UploadMapping(TENANT, 0, None),)


def test_without_a_tenant_no_scope_is_asked_for() -> None:
    provider = Provider(SMS_AAD_Tenant_Ex=[])
    assert read(UploadScope, session(provider)).value.mappings == ()
    assert provider.asked == [r"root\sms SMS_ProviderLocation", "SMS_AAD_Tenant_Ex"]


def test_a_scope_that_the_site_does_not_tell_is_not_read() -> None:
    provider = Provider()
    provider.methods["SMS_CoMgmtConfigs.GetTenantCollectionMapping"] = ProviderFault(Reason.UNSUPPORTED_VERSION, "no")
    assert refused(UploadScope, session(provider)).reason is Reason.UNSUPPORTED_VERSION


def test_an_answer_without_a_return_value_is_refused() -> None:
    provider = Provider()
    provider.methods["SMS_CoMgmtConfigs.GetTenantCollectionMapping"] = {"CollectionSiteID": None}
    assert refused(UploadScope, session(provider)).reason is Reason.BAD_ANSWER


def test_the_tenants_are_asked_for_once() -> None:
    provider = Provider()
    given = session(provider)
    for fact in (UploadScope, CloudTenants, UploadScope):
        read(fact, given)
    assert provider.asked.count("SMS_AAD_Tenant_Ex") == 1


def test_the_administrators_are_listed_once_and_each_record_is_read_once() -> None:
    provider = Provider()
    given = session(provider)
    assert read(SiteAccess, given).value.grants == read(SiteAdministrators, given).value.administrators[0].grants
    assert (provider.asked.count("SMS_Admin"), provider.asked.count("SMS_Admin(AdminID)")) == (1, 1)


def test_records_are_read_until_one_may_change_everything_and_the_likely_ones_first() -> None:
    others = [{**ADMIN, "AdminID": str(number), "RoleNames": ("Lesenadministrator",)} for number in range(1, 6)]
    likely = {**ADMIN, "AdminID": "9", "LogonName": "CONTOSO\\cm", "IsGroup": "true", "RoleNames": "Full Administrator"}
    gone = {**likely, "AdminID": "10", "IsDeleted": "true"}
    provider = Provider(SMS_Admin=[gone, *others, likely])
    provider.lazy["SMS_Admin"] = {"Permissions": FULL}
    found = read(SiteAdministrators, session(provider)).value
    (administrator,) = found.administrators
    assert (administrator.logon_name, administrator.is_group) == ("CONTOSO\\cm", True)
    assert administrator.may_change_everything
    assert (found.unread, found.deleted) == (5, 1)
    assert provider.wanted == [{"ProviderForLocalSite": True}, {"AdminID": 9}]


def test_a_name_of_a_role_proves_nothing() -> None:
    provider = Provider(SMS_Admin=[{**ADMIN, "RoleNames": "Full Administrator"}])
    found = read(SiteAdministrators, session(provider)).value
    assert (len(found.administrators), found.unread) == (1, 0)
    assert not found.administrators[0].may_change_everything


def test_all_rights_on_one_scope_and_a_role_on_all_scopes_are_not_all_rights_on_all_scopes() -> None:
    provider = Provider()
    narrow = Row("SMS_APermission", {**PERMISSION, "RoleID": "SMS0001R", "CategoryID": "SMS00UNA"}.items())
    provider.lazy["SMS_Admin"] = {"Permissions": (narrow, Row("SMS_APermission", PERMISSION.items()))}
    (administrator,) = read(SiteAdministrators, session(provider)).value.administrators
    assert not administrator.may_change_everything


def test_how_many_records_are_read_is_bounded() -> None:
    provider = Provider(SMS_Admin=[{**ADMIN, "AdminID": str(number)} for number in range(MOST_RECORDS + 7)])
    found = read(SiteAdministrators, session(provider)).value
    assert (len(found.administrators), found.unread) == (MOST_RECORDS, 7)


def test_a_list_that_failed_fails_for_all_who_need_it() -> None:
    provider = Provider(SMS_Admin=SourceError(Reason.ACCESS_DENIED, "no"))
    given = session(provider)
    assert refused(SiteAccess, given).reason is Reason.ACCESS_DENIED
    assert refused(SiteAdministrators, given).reason is Reason.ACCESS_DENIED
    assert provider.asked.count("SMS_Admin") == 1
