"""Readers of the on-premises half: rows of the SMS Provider -> facts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

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
    UpdatePackage,
    UpdateSiteStatus,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, Provider, Row, Value
from readiness.sources.reader import Call, Finding, Reader
from readiness.text import one_line

ROOT = r"root\sms"
READ_ONLY_ANALYST = "Read-only Analyst, scope All"
T = TypeVar("T")
F = TypeVar("F", bound=Fact)


class SiteSession:
    """What a reader of the on-premises half is given. The provider's site is found once, by whoever asks first.

    Args:
        site_code: the site that must be the provider's, or None to take the one it names.
        account: the account as it signs in, or None for the current logon.
    """

    def __init__(self, provider: Provider, server: str, site_code: str | None, account: str | None) -> None:
        self.provider = provider
        self.account = account
        self._server = server
        self._site_code = site_code
        self._lock = threading.Lock()
        self._found: Finding[SiteProvider] | None = None
        self._failed: SourceError | None = None

    def location(self) -> Finding[SiteProvider]:
        """Which site the provider is for.

        Raises:
            SourceError: not reachable, refused, no SMS Provider, or not of the configured site.
        """
        with self._lock:
            if self._failed is not None:
                raise self._failed
            if self._found is None:
                try:
                    self._found = self._locate()
                except SourceError as error:
                    self._failed = error
                    raise
            return self._found

    def rows(
        self,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        """Rows of a class in the namespace of the site; see `Provider.rows`."""
        namespace = self.location().value.namespace
        return self.provider.rows(namespace, cls, columns, where, any_of=any_of, optional=optional)

    def instance(self, cls: str, keys: Mapping[str, str | int]) -> Answer:
        """One instance, lazy columns filled."""
        return self.provider.instance(self.location().value.namespace, cls, keys)

    def invoke(self, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        """What a method that only reads says; see `Provider.invoke`."""
        return self.provider.invoke(self.location().value.namespace, cls, method, arguments)

    def _locate(self) -> Finding[SiteProvider]:
        try:
            columns = ("Machine", "SiteCode", "NamespacePath", "ProviderForLocalSite")
            answer = self.provider.rows(ROOT, "SMS_ProviderLocation", columns, {"ProviderForLocalSite": True})
        except SourceError as error:
            if error.reason in (Reason.WRONG_TARGET, Reason.UNSUPPORTED_VERSION):
                raise self._no_provider(str(error)) from error
            raise
        local = [row for row in answer.rows if row.flag("ProviderForLocalSite")]
        codes = {row.text("SiteCode").upper() for row in local}
        code = self._choose(codes)
        machines = tuple(row.text("Machine") for row in local if row.text("SiteCode").upper() == code)
        value = SiteProvider(code, machines[0], rf"{ROOT}\site_{code}", machines)
        return _finding(value, answer)

    def _choose(self, codes: set[str]) -> str:
        if not codes:
            raise self._no_provider("it names no site that it provides")
        named = one_line(", ".join(sorted(codes)))
        if self._site_code is not None and self._site_code.upper() not in codes:
            raise SourceError(
                Reason.WRONG_TARGET,
                f"{self._server} provides site {named}, not {self._site_code}: "
                "correct [site] site_code, or leave it out",
            )
        if len(codes) > 1 and self._site_code is None:
            raise SourceError(
                Reason.WRONG_TARGET,
                f"{self._server} provides several sites ({named}): set site_code",
            )
        code = self._site_code.upper() if self._site_code else codes.pop()
        if not (len(code) == 3 and code.isalnum() and code.isascii()):
            raise SourceError(Reason.BAD_ANSWER, f"{self._server} names the site {code!r:.20}, which is no site code")
        return code

    def _no_provider(self, words: str) -> SourceError:
        return SourceError(
            Reason.WRONG_TARGET,
            f"{self._server} answers, but is no SMS Provider ({words}): name one that is in [site] server",
        )


def _location(session: SiteSession) -> Finding[SiteProvider]:
    return session.location()


_SITE_COLUMNS = (
    "SiteCode", "SiteName", "ServerName", "Type", "Status", "Mode", "BuildNumber", "Version", "ReportingSiteCode",
)  # fmt: skip


def _hierarchy(session: SiteSession) -> Finding[Hierarchy]:
    answer = session.rows("SMS_Site", _SITE_COLUMNS)
    sites = tuple(_site(row) for row in answer.rows)
    return _finding(Hierarchy(session.location().value.site_code, _each_once("SMS_Site", sites, _code)), answer)


def _code(site: Site) -> str:
    return site.code


def _site(row: Row) -> Site:
    return Site(
        code=row.text("SiteCode").upper(),
        name=row.optional_text("SiteName") or "",
        server=row.optional_text("ServerName") or "",
        type=SiteType(row.integer("Type")),
        status=SiteStatus(row.integer("Status")),
        mode=row.optional_integer("Mode"),
        build=row.integer("BuildNumber"),
        version=row.optional_text("Version") or "",
        reporting_site_code=row.text("ReportingSiteCode").strip().upper(),
    )


def _access(session: SiteSession) -> Finding[SiteAccess]:
    answer = session.rows("SMS_Admin", ("AdminID", "LogonName", "IsDeleted"))
    account = (session.account or "").casefold()
    named = [row for row in answer.rows if account and row.text("LogonName").casefold() == account]
    own = [row for row in named if not row.flag("IsDeleted")]
    grants: tuple[RoleGrant, ...] = ()
    if own:
        instance = session.instance("SMS_Admin", {"AdminID": own[0].integer("AdminID")})
        grants = tuple(_grant(row) for found in instance.rows for row in found.objects("Permissions"))
    access = SiteAccess(session.account, len(answer.rows), bool(own), grants)
    return _finding(access, answer)


def _grant(row: Row) -> RoleGrant:
    return RoleGrant(
        role_id=row.text("RoleID"),
        role_name=row.optional_text("RoleName") or "",
        category_id=row.text("CategoryID"),
        category_name=row.optional_text("CategoryName") or "",
        category_type=row.optional_integer("CategoryTypeID"),
    )


_UPDATE_COLUMNS = (
    "PackageGuid", "Name", "Description", "MoreInfoLink", "State", "SupersedesNameList", "FullVersion",
    "ClientVersion", "LastUpdateTime",
)  # fmt: skip


def _updates(session: SiteSession) -> Finding[SiteUpdates]:
    answer = session.rows("SMS_CM_UpdatePackages", _UPDATE_COLUMNS)
    return _finding(SiteUpdates(tuple(_package(row) for row in answer.rows)), answer)


def _package(row: Row) -> UpdatePackage:
    return UpdatePackage(
        guid=row.text("PackageGuid"),
        name=row.optional_text("Name") or "",
        description=row.optional_text("Description") or "",
        more_info_link=row.optional_text("MoreInfoLink") or "",
        state=row.integer("State"),
        supersedes=row.optional_text("SupersedesNameList") or "",
        full_version=row.optional_text("FullVersion") or "",
        client_version=row.optional_text("ClientVersion") or "",
        last_updated=row.optional_moment("LastUpdateTime"),
    )


def _statuses(session: SiteSession) -> Finding[SiteUpdateStatuses]:
    columns = ("PackageGuid", "SiteCode", "State", "LastUpdateTime")
    answer = session.rows("SMS_CM_UpdatePackageSiteStatus", columns)
    return _finding(SiteUpdateStatuses(tuple(_status(row) for row in answer.rows)), answer)


def _status(row: Row) -> UpdateSiteStatus:
    return UpdateSiteStatus(
        package_guid=row.text("PackageGuid"),
        site_code=row.text("SiteCode").upper(),
        state=row.integer("State"),
        last_updated=row.optional_moment("LastUpdateTime"),
    )


def _collections(session: SiteSession) -> Finding[Collections]:
    answer = session.rows("SMS_Collection", ("CollectionID", "Name", "CollectionType", "MemberCount"))
    return _finding(Collections(tuple(_collection(row) for row in answer.rows)), answer)


def _collection(row: Row) -> Collection:
    return Collection(
        id=row.text("CollectionID"),
        name=row.text("Name"),
        type=CollectionType(row.integer("CollectionType")),
        member_count=row.integer("MemberCount"),
    )


_ADMIN_CALLS = (Call("SMS_Admin"), Call("SMS_Admin(AdminID)", when="the reading account has a record of its own"))

READERS: tuple[Reader[SiteSession, Any], ...] = (
    Reader(SiteProvider, r"root\sms SMS_ProviderLocation", (READ_ONLY_ANALYST,), _location),
    Reader(SiteUpdates, "SMS_CM_UpdatePackages", (READ_ONLY_ANALYST,), _updates),
    Reader(SiteUpdateStatuses, "SMS_CM_UpdatePackageSiteStatus", (READ_ONLY_ANALYST,), _statuses),
    Reader(Collections, "SMS_Collection", (READ_ONLY_ANALYST,), _collections),
    Reader(SiteAccess, "SMS_Admin", (READ_ONLY_ANALYST,), _access, _ADMIN_CALLS),
    Reader(Hierarchy, "SMS_Site", (READ_ONLY_ANALYST,), _hierarchy),
)
"""Every reader of the on-premises half, the large answers first: they travel on connections that are still signing in
while the first one, which is signed in already, asks the two questions of `SMS_Admin` one after the other."""


def _each_once(cls: str, items: tuple[T, ...], key: Callable[[T], str]) -> tuple[T, ...]:
    """Two rows with one key are no answer to build on."""
    if len({key(item) for item in items}) != len(items):
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered {cls} with the same key twice")
    return items


def _finding(value: F, answer: Answer) -> Finding[F]:
    return Finding(value, len(answer.rows), answer.query, answer.request_id, answer.clock_skew_seconds)
