"""Readers of the on-premises half: rows in, facts out; a row that is not what it must be is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    Collection,
    Collections,
    CollectionType,
    Fact,
    Hierarchy,
    RoleGrant,
    Site,
    SiteAccess,
    SiteProvider,
    SiteStatus,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, Row
from readiness.sources.configmgr.readers import READERS, SiteSession
from readiness.sources.reader import Finding

Cells = dict[str, object]
ACCOUNT = "CONTOSO\\svc-readiness"
LOCATION: Cells = {
    "Machine": "cm01.contoso.com",
    "SiteCode": "p01",
    "NamespacePath": r"\\cm01.contoso.com\root\sms\site_P01",
    "ProviderForLocalSite": "true",
}
SITE: Cells = {
    "SiteCode": "p01",
    "SiteName": "Contoso Primary",
    "ServerName": "cm01.contoso.com",
    "Type": "2",
    "Status": "1",
    "Mode": "0",
    "BuildNumber": "9141",
    "Version": "5.00.9141.1000",
    "ReportingSiteCode": "",
}
ADMIN: Cells = {"AdminID": "16777218", "LogonName": "contoso\\SVC-readiness", "IsDeleted": "false"}
PERMISSION: Cells = {
    "RoleID": "SMS0002R",
    "RoleName": "Read-only Analyst",
    "CategoryID": "SMS00ALL",
    "CategoryName": "All",
    "CategoryTypeID": "29",
}
PACKAGE: Cells = {
    "PackageGuid": "00000000-0000-4000-8000-000000000002",
    "Name": "Configuration Manager 2002 Hotfix (KB4563473)",
    "Description": None,
    "MoreInfoLink": "https://support.microsoft.com/help/4563473",
    "State": "196612",
    "SupersedesNameList": None,
    "FullVersion": "5.00.8968.1000",
    "ClientVersion": None,
    "LastUpdateTime": "2026-11-20T08:00:00Z",
}
STATUS: Cells = {
    "PackageGuid": "00000000-0000-4000-8000-000000000002",
    "SiteCode": "p01",
    "State": "196612",
    "LastUpdateTime": None,
}
COLLECTION: Cells = {"CollectionID": "P0100021", "Name": "Servers", "CollectionType": "2", "MemberCount": "212"}

TABLES: dict[str, list[Cells]] = {
    "SMS_ProviderLocation": [LOCATION],
    "SMS_Site": [SITE],
    "SMS_Admin": [ADMIN],
    "SMS_CM_UpdatePackages": [PACKAGE],
    "SMS_CM_UpdatePackageSiteStatus": [STATUS],
    "SMS_Collection": [COLLECTION],
}
OF = {
    SiteProvider: "SMS_ProviderLocation",
    Hierarchy: "SMS_Site",
    SiteAccess: "SMS_Admin",
    SiteUpdates: "SMS_CM_UpdatePackages",
    SiteUpdateStatuses: "SMS_CM_UpdatePackageSiteStatus",
    Collections: "SMS_Collection",
}
"""The class that each fact is read from."""


class Provider:
    """Answers from tables, with the columns that were asked for, and remembers what that was."""

    def __init__(self, **tables: list[Cells] | SourceError) -> None:
        self.tables: dict[str, list[Cells] | SourceError] = {**TABLES, **tables}
        self.permissions: list[Cells] = [PERMISSION]
        self.asked: list[tuple[str, str]] = []

    def rows(
        self,
        namespace: str,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, str | int | bool] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        self.asked.append((namespace, cls))
        assert any_of is None
        assert where in (None, {"ProviderForLocalSite": True})
        table = self.tables[cls]
        if isinstance(table, SourceError):
            raise table
        names = (*columns, *optional)
        found = [Row(cls, {name: cells[name] for name in names if name in cells}.items()) for cells in table]
        return Answer(found, f"SELECT from {cls}", "uuid:1", 0.5)

    def instance(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Answer:
        self.asked.append((namespace, f"{cls}.{keys}"))
        granted = tuple(Row("SMS_APermission", cells.items()) for cells in self.permissions)
        return Answer([Row(cls, {"Permissions": granted or None}.items())], "SELECT one", "uuid:2", 0.5)

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        raise AssertionError(f"no reader calls {cls}.{method} of {namespace} with {arguments}")


def session(provider: Provider, *, site_code: str | None = None, account: str | None = ACCOUNT) -> SiteSession:
    return SiteSession(provider, "cm01", site_code, account)


def read(fact: type[Fact], given: SiteSession) -> Finding[Any]:
    reader = next(reader for reader in READERS if reader.fact is fact)
    found: Finding[Any] = reader.read(given)
    return found


def refused(fact: type[Fact], given: SiteSession) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(fact, given)
    return caught.value


def test_every_site_fact_has_a_reader_that_is_tried_here() -> None:
    assert {reader.fact for reader in READERS} == set(OF)
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
    assert [cls for namespace, cls in provider.asked if namespace == r"root\sms"] == ["SMS_ProviderLocation"]
    assert {namespace for namespace, _ in provider.asked} == {r"root\sms", r"root\sms\site_P01"}


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
                build=9141,
                version="5.00.9141.1000",
                reporting_site_code="",
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
    assert provider.asked[-1][1] == "SMS_Admin.{'AdminID': 16777218}"


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
    assert not any("AdminID" in cls for _, cls in provider.asked)


def test_a_record_without_roles_is_listed_and_grants_nothing() -> None:
    provider = Provider()
    provider.permissions = []
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
    assert found.value.collections == (Collection("P0100021", "Servers", CollectionType.DEVICE, 212),)


NEEDED = {
    "SMS_ProviderLocation": ("Machine", "SiteCode", "ProviderForLocalSite"),
    "SMS_Site": ("SiteCode", "Type", "Status", "BuildNumber", "ReportingSiteCode"),
    "SMS_Admin": ("AdminID", "LogonName", "IsDeleted"),
    "SMS_CM_UpdatePackages": ("PackageGuid", "State"),
    "SMS_CM_UpdatePackageSiteStatus": ("PackageGuid", "SiteCode", "State"),
    "SMS_Collection": ("CollectionID", "Name", "CollectionType", "MemberCount"),
}
"""Columns without which a row says nothing; every other one may be null."""
FACT_OF = {cls: fact for fact, cls in OF.items()}
EVERY_NEEDED = [(cls, column) for cls, columns in NEEDED.items() for column in columns]
EVERY_COLUMN = [(cls, column) for cls, (cells, *_) in TABLES.items() for column in cells if column != "NamespacePath"]


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
