"""Readers of the on-premises half: rows in, facts out; a row that is not what it must be is refused, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    CloudApplications,
    CloudServices,
    CloudTenants,
    Collection,
    Collections,
    CollectionType,
    CoManagementPolicies,
    Component,
    ComponentStatus,
    ComponentStatuses,
    Connectivity,
    ConnectivityMessage,
    ConnectivityMessages,
    Fact,
    Hierarchy,
    OnboardingPolicies,
    RoleGrant,
    Site,
    SiteAccess,
    SiteAdministrators,
    SiteIdentification,
    SiteProvider,
    SiteStatus,
    SiteSystemRole,
    SiteSystemRoles,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    TargetDevices,
    UploadScope,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers import READERS
from tests.sources.configmgr.estate import (
    ACCOUNT,
    ADMIN,
    IDENTIFICATION,
    LOCATION,
    MESSAGE,
    ROLE,
    SITE,
    TABLES,
    Cells,
    Provider,
    read,
    refused,
    session,
)

OF: dict[type[Fact], str] = {
    SiteProvider: "SMS_ProviderLocation",
    Hierarchy: "SMS_Site",
    SiteIdentification: "SMS_Identification",
    SiteAccess: "SMS_Admin",
    SiteUpdates: "SMS_CM_UpdatePackages",
    SiteUpdateStatuses: "SMS_CM_UpdatePackageSiteStatus",
    SiteSystemRoles: "SMS_SCI_SysResUse",
    ComponentStatuses: "SMS_ComponentSummarizer",
    ConnectivityMessages: "SMS_StatusMessage",
    CloudServices: "SMS_Azure_CloudService",
    CloudApplications: "SMS_AAD_Application_Ex",
    CloudTenants: "SMS_AAD_Tenant_Ex",
    CoManagementPolicies: "SMS_ConfigurationPolicy",
    Collections: "SMS_Collection",
    TargetDevices: "SMS_FullCollectionMembership",
}
"""The class that each fact is read from."""
DERIVED = {OnboardingPolicies, SiteAdministrators, UploadScope}
"""Facts that are made of the same rows as others: tried in the tests of their subject."""


def test_every_site_fact_has_a_reader_that_is_tried_here() -> None:
    assert {reader.fact for reader in READERS} == set(OF) | DERIVED
    assert all(reader.rights for reader in READERS)


def test_the_provider_names_its_site() -> None:
    found = read(SiteProvider, session(Provider()))
    assert found.value == SiteProvider("P01", "cm01.contoso.com", r"root\sms\site_P01", ("cm01.contoso.com",))
    assert (found.rows, found.request_id, found.clock_skew_seconds) == (1, "uuid:1", 0.5)


def test_the_provider_is_found_once_and_everything_else_is_asked_in_its_namespace() -> None:
    provider = Provider()
    given = session(provider)
    for fact in OF:
        read(fact, given)
    assert [asked for asked in provider.asked if " " in asked] == [r"root\sms SMS_ProviderLocation"]


def test_providers_of_other_sites_do_not_count() -> None:
    other: Cells = {**LOCATION, "SiteCode": "S01", "ProviderForLocalSite": "false"}
    second: Cells = {**LOCATION, "Machine": "cm02.contoso.com"}
    found = read(SiteProvider, session(Provider(SMS_ProviderLocation=[other, LOCATION, second])))
    assert found.value.site_code == "P01"
    assert found.value.machines == ("cm01.contoso.com", "cm02.contoso.com")
    assert found.value.fits(found.rows)


def test_a_server_of_several_sites_must_be_told_which() -> None:
    provider = Provider(SMS_ProviderLocation=[LOCATION, {**LOCATION, "SiteCode": "P02"}])
    error = refused(SiteProvider, session(provider))
    assert (error.reason, str(error)) == (
        Reason.WRONG_TARGET,
        "cm01 provides several sites (P01, P02): set site_code",
    )
    assert read(SiteProvider, session(provider, site_code="p02")).value.namespace == r"root\sms\site_P02"


def test_a_site_code_that_the_server_does_not_provide() -> None:
    error = refused(Hierarchy, session(Provider(), site_code="P09"))
    assert error.reason is Reason.WRONG_TARGET
    assert "cm01 provides site P01, not P09" in str(error)


@pytest.mark.parametrize("reason", [Reason.WRONG_TARGET, Reason.UNSUPPORTED_VERSION])
def test_a_server_without_the_class_is_no_provider(reason: Reason) -> None:
    error = refused(SiteProvider, session(Provider(SMS_ProviderLocation=SourceError(reason, "no such namespace"))))
    assert error.reason is Reason.WRONG_TARGET
    assert "is no SMS Provider (no such namespace)" in str(error)


def test_a_server_that_names_no_site_is_no_provider() -> None:
    error = refused(SiteProvider, session(Provider(SMS_ProviderLocation=[])))
    assert error.reason is Reason.WRONG_TARGET
    assert "is no SMS Provider" in str(error)


def test_why_the_provider_was_not_found_is_said_of_everything_and_asked_once() -> None:
    provider = Provider(SMS_ProviderLocation=SourceError(Reason.ACCESS_DENIED, "not allowed"))
    given = session(provider)
    assert [refused(fact, given).reason for fact in OF] == [Reason.ACCESS_DENIED] * len(OF)
    assert len(provider.asked) == 1


@pytest.mark.parametrize("code", ["", "P0", "P001", "P\u0661\u0662", "P0\\", "P 1"])
def test_what_is_no_site_code_never_becomes_a_namespace(code: str) -> None:
    provider = Provider(SMS_ProviderLocation=[{**LOCATION, "SiteCode": code}])
    assert refused(Hierarchy, session(provider)).reason is Reason.BAD_ANSWER
    assert len(provider.asked) == 1


def test_a_hostile_site_code_stays_one_line_of_text() -> None:
    provider = Provider(SMS_ProviderLocation=[{**LOCATION, "SiteCode": "\x9b2J\n\u202e"}])
    said = str(refused(SiteProvider, session(provider, site_code="P01")))
    assert said.isprintable()


def test_sites() -> None:
    found = read(Hierarchy, session(Provider()))
    assert found.value == Hierarchy(
        "P01",
        (
            Site(
                code="P01",
                name="Contoso Primary",
                server="cm01.contoso.com",
                type=SiteType.PRIMARY,
                status=SiteStatus.ACTIVE,
                mode=0,
                build=9146,
                version="5.00.9146.1000",
                reporting_site_code="",
                secondary_update_status=2,
            ),
        ),
    )


def test_a_type_or_a_status_that_no_table_knows_stays_itself() -> None:
    (site,) = read(Hierarchy, session(Provider(SMS_Site=[{**SITE, "Type": "7", "Status": "77"}]))).value.sites
    assert (site.type.value, site.type.known) == (7, False)
    assert (site.status.value, site.status.known) == (77, False)


def test_two_sites_with_one_code_are_no_answer() -> None:
    error = refused(Hierarchy, session(Provider(SMS_Site=[SITE, {**SITE, "SiteCode": "P01", "BuildNumber": "1"}])))
    assert error.reason is Reason.BAD_ANSWER


def test_the_rights_of_the_account_are_those_of_its_own_record() -> None:
    others = [{**ADMIN, "AdminID": "1", "LogonName": "CONTOSO\\svc-readiness2"}, ADMIN]
    provider = Provider(SMS_Admin=others)
    found = read(SiteAccess, session(provider))
    grant = RoleGrant("SMS0002R", "Read-only Analyst", "SMS00ALL", "All", 29)
    assert found.value == SiteAccess(ACCOUNT, 2, listed=True, grants=(grant,))
    assert found.value.sees_sites_and_updates
    assert (provider.asked[-1], provider.wanted[-1]) == ("SMS_Admin(AdminID)", {"AdminID": 16777218})


@pytest.mark.parametrize(
    ("account", "admin"),
    [
        (ACCOUNT, {**ADMIN, "LogonName": "CONTOSO\\Readers"}),
        (ACCOUNT, {**ADMIN, "IsDeleted": "true"}),
        (None, {**ADMIN, "LogonName": ""}),
        ("", {**ADMIN, "LogonName": ""}),
    ],
    ids=["rights by a group", "record deleted", "current logon", "no name"],
)
def test_an_account_without_a_record_that_counts_has_no_proven_rights(account: str | None, admin: Cells) -> None:
    provider = Provider(SMS_Admin=[admin])
    found = read(SiteAccess, session(provider, account=account))
    assert found.value == SiteAccess(account, 1, listed=False, grants=())
    assert not found.value.sees_sites_and_updates
    assert "SMS_Admin(AdminID)" not in provider.asked


def test_a_record_without_roles_is_listed_and_grants_nothing() -> None:
    provider = Provider()
    provider.lazy["SMS_Admin"] = {"Permissions": None}
    assert read(SiteAccess, session(provider)).value == SiteAccess(ACCOUNT, 1, listed=True, grants=())


def test_updates_and_where_they_are() -> None:
    given = session(Provider())
    (package,) = read(SiteUpdates, given).value.packages
    assert (package.state, package.description, package.supersedes) == (196612, "", "")
    assert package.last_updated == datetime(2026, 11, 20, 8, tzinfo=UTC)
    (status,) = read(SiteUpdateStatuses, given).value.statuses
    assert (status.package_guid, status.site_code, status.state) == (package.guid, "P01", 196612)
    assert status.last_updated is None


def test_collections() -> None:
    found = read(Collections, session(Provider()))
    servers = Collection("P0100021", "Servers", CollectionType.DEVICE, 212, "SMS00001", False, 1)
    assert found.value.collections == (servers,)


def test_the_identification_is_that_of_the_provider_s_own_site() -> None:
    other: Cells = {**IDENTIFICATION, "ThisSiteCode": "S01", "SMSBuildNumber": "8913"}
    found = read(SiteIdentification, session(Provider(SMS_Identification=[other, IDENTIFICATION])))
    assert (found.value, found.rows) == (SiteIdentification("P01", 2603, 9146), 1)


@pytest.mark.parametrize("rows", [[], [{**IDENTIFICATION, "ThisSiteCode": "S01"}], [IDENTIFICATION, IDENTIFICATION]])
def test_an_identification_of_no_site_or_of_two_is_refused(rows: list[Cells]) -> None:
    assert refused(SiteIdentification, session(Provider(SMS_Identification=rows))).reason is Reason.BAD_ANSWER


def test_the_service_connection_point_with_its_mode() -> None:
    found = read(SiteSystemRoles, session(Provider()))
    assert found.value.roles == (SiteSystemRole("SMS Dmp Connector", "P01", "cm01.contoso.com", 0),)


@pytest.mark.parametrize(
    ("props", "mode"),
    [
        (None, None),
        (Row("SMS_EmbeddedProperty", {"PropertyName": "Version", "Value": "7"}.items()), None),
        (Row("SMS_EmbeddedProperty", {"PropertyName": "offlinemode", "Value": "1"}.items()), 1),
        (Row("SMS_EmbeddedProperty", {"PropertyName": "OfflineMode", "Value": None}.items()), None),
    ],
)
def test_a_mode_is_what_the_property_says_or_nothing(props: object, mode: int | None) -> None:
    (role,) = read(SiteSystemRoles, session(Provider(SMS_SCI_SysResUse=[{**ROLE, "Props": props}]))).value.roles
    assert role.offline_mode == mode


def test_a_mode_that_is_said_twice_is_refused() -> None:
    twice = tuple(Row("P", {"PropertyName": "OfflineMode", "Value": value}.items()) for value in ("0", "1"))
    provider = Provider(SMS_SCI_SysResUse=[{**ROLE, "Props": twice}])
    assert refused(SiteSystemRoles, session(provider)).reason is Reason.BAD_ANSWER


def test_without_a_service_connection_point_the_other_roles_show_whether_roles_are_visible() -> None:
    provider = Provider(SMS_SCI_SysResUse=[{**ROLE, "RoleName": "SMS Management Point"}])
    assert [role.name for role in read(SiteSystemRoles, session(provider)).value.roles] == ["SMS Management Point"]
    assert provider.asked.count("SMS_SCI_SysResUse") == 2


def test_the_components_that_carry_tenant_attach() -> None:
    provider = Provider()
    (component,) = read(ComponentStatuses, session(provider)).value.components
    assert component == Component(
        "SMS_SERVICE_CONNECTOR", "P01", "cm01.contoso.com", ComponentStatus.OK, "0001128000100008"
    )
    assert ("ComponentName", ("SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER")) in provider.wanted


def test_the_newest_message_of_each_connectivity_check_is_kept_and_no_other_component_counts() -> None:
    old, new = {**MESSAGE, "Time": "2026-11-01T03:00:00Z"}, MESSAGE
    other = {**MESSAGE, "Component": "SMS_DISTRIBUTION_MANAGER", "Time": "2026-11-23T07:00:00Z"}
    worse = {**MESSAGE, "MessageID": "11412", "Time": "2026-11-20T03:00:00Z"}
    for order in ([old, new, other, worse], [worse, new, old, other]):
        provider = Provider(SMS_StatusMessage=order)
        found = read(ConnectivityMessages, session(provider))
        assert (found.rows, found.value.seen) == (4, 4)
        assert set(found.value.messages) == {
            ConnectivityMessage(Connectivity.REACHED, "P01", datetime(2026, 11, 23, 3, tzinfo=UTC)),
            ConnectivityMessage(Connectivity.CRITICAL, "P01", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        }
        assert {"Component": "SMS_SERVICE_CONNECTOR"} in provider.wanted
        assert ("MessageID", (11410, 11411, 11412)) in provider.wanted


def test_a_message_without_a_time_is_not_replaced_by_one_that_has_it() -> None:
    for order in ([{**MESSAGE, "Time": None}, MESSAGE], [MESSAGE, {**MESSAGE, "Time": None}]):
        (found,) = read(ConnectivityMessages, session(Provider(SMS_StatusMessage=order))).value.messages
        assert found.time is None


NEEDED = {
    "SMS_ProviderLocation": ("Machine", "SiteCode", "ProviderForLocalSite"),
    "SMS_Site": ("SiteCode", "Type", "Status", "BuildNumber", "ReportingSiteCode"),
    "SMS_Identification": ("ThisSiteCode",),
    "SMS_Admin": ("AdminID", "LogonName", "IsDeleted"),
    "SMS_CM_UpdatePackages": ("PackageGuid", "State"),
    "SMS_CM_UpdatePackageSiteStatus": ("PackageGuid", "SiteCode", "State"),
    "SMS_Collection": ("CollectionID", "Name", "CollectionType", "MemberCount"),
    "SMS_SCI_SysResUse": ("RoleName", "SiteCode"),
    "SMS_ComponentSummarizer": ("ComponentName", "SiteCode", "Status"),
    "SMS_StatusMessage": ("Component", "MessageID", "SiteCode"),
    "SMS_Azure_CloudService": ("ID", "ServiceType"),
    "SMS_AAD_Application_Ex": ("ID", "ClientID", "TenantID"),
    "SMS_AAD_Tenant_Ex": ("ID", "TenantID"),
    "SMS_ConfigurationPolicy": ("CI_ID", "IsAssigned"),
    "SMS_FullCollectionMembership": ("ResourceID", "CollectionID"),
}
"""Columns without which a row says nothing; every other one may be null."""
FACT_OF = {cls: fact for fact, cls in OF.items()}
EVERY_NEEDED = [(cls, column) for cls, columns in NEEDED.items() for column in columns]
UNTRIED = {
    "NamespacePath", "ItemName", "RoleNames", "Props", "AssociatedAADWebApplications", "CategoryInstance_UniqueIDs",
    "IsGroup",
}  # fmt: skip
"""Not read, only a help, or no scalar: tried by name."""
EVERY_COLUMN = [(cls, column) for cls in FACT_OF for cells in TABLES[cls] for column in cells if column not in UNTRIED]


@pytest.mark.parametrize(("cls", "column"), EVERY_NEEDED)
def test_a_row_without_what_it_must_say_is_refused(cls: str, column: str) -> None:
    (cells,) = TABLES[cls]
    for changed in ({**cells, column: None}, {name: value for name, value in cells.items() if name != column}):
        assert refused(FACT_OF[cls], session(Provider(**{cls: [changed]}))).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(("cls", "column"), [pair for pair in EVERY_COLUMN if pair not in EVERY_NEEDED])
def test_any_other_column_may_be_null(cls: str, column: str) -> None:
    (cells,) = TABLES[cls]
    assert read(FACT_OF[cls], session(Provider(**{cls: [{**cells, column: None}]}))).rows == 1


@pytest.mark.parametrize(("cls", "column"), EVERY_COLUMN)
def test_a_value_of_another_kind_is_refused(cls: str, column: str) -> None:
    (cells,) = TABLES[cls]
    for value in (("1", "2"), Row("Nested", ())):
        error = refused(FACT_OF[cls], session(Provider(**{cls: [{**cells, column: value}]})))
        assert error.reason is Reason.BAD_ANSWER
        assert f"{cls}.{column}" in str(error)


@pytest.mark.parametrize(
    ("cls", "column"),
    [
        ("SMS_Site", "BuildNumber"),
        ("SMS_Site", "Type"),
        ("SMS_Site", "Status"),
        ("SMS_Site", "Mode"),
        ("SMS_CM_UpdatePackages", "State"),
        ("SMS_CM_UpdatePackageSiteStatus", "State"),
        ("SMS_Collection", "MemberCount"),
        ("SMS_Collection", "CollectionType"),
    ],
)
@pytest.mark.parametrize("value", ["", "nine", "9.0", "0x9", "\u0669", "9" * 40])
def test_a_number_that_is_none_is_refused(cls: str, column: str, value: str) -> None:
    (cells,) = TABLES[cls]
    error = refused(FACT_OF[cls], session(Provider(**{cls: [{**cells, column: value}]})))
    assert error.reason is Reason.BAD_ANSWER
