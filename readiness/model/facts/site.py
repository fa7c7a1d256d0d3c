"""Facts of the on-premises half, as the SMS Provider tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenIntEnum
from readiness.model.words import Half

FULL_ADMINISTRATOR = "SMS0001R"
"""Security role id. Source: SMS_Admin server WMI class, Configuration Manager SDK reference (2020-09-11)."""
READ_ONLY_ANALYST = "SMS0002R"
"""Security role id. Source: as above."""
ALL_SCOPES = "SMS00ALL"
"""Id of the security scope All. Source: public code that grants it; the SDK reference does not list scope ids."""


class SiteType(OpenIntEnum):
    """`SMS_Site.Type`. Source: SDK reference, SMS_Site."""

    SECONDARY = 1
    PRIMARY = 2
    CENTRAL = 4


class SiteStatus(OpenIntEnum):
    """`SMS_Site.Status`. Source: SDK reference, SMS_Site."""

    ACTIVE = 1
    PENDING = 2
    FAILED = 3
    DELETED = 4
    UPGRADE = 5
    SECONDARY_DELETE_FAILED = 6
    SECONDARY_INSTALL_FAILED = 7
    SECONDARY_UPGRADE_FAILED = 8
    SECONDARY_FAILED = 9


@dataclass(frozen=True, slots=True)
class Site:
    """One site of the hierarchy. Source: `SMS_Site`."""

    code: str
    name: str
    server: str
    type: SiteType
    status: SiteStatus
    mode: int | None
    """0 on healthy sites (seen, not documented); see SDK reference for 1 to 7."""
    build: int
    """`BuildNumber`: this decides what release the site runs. In-console updates do not move it."""
    version: str
    reporting_site_code: str
    """Code of the parent site; empty at the top-level site."""
    secondary_update_status: int | None = None
    """`SecondarySiteCMUpdateStatus`: says something of secondary sites only. Source: SDK reference, SMS_Site."""

    @property
    def label(self) -> str:
        return f"{self.code} ({self.name})" if self.name else self.code


@dataclass(frozen=True, slots=True)
class SiteProvider(Fact):
    r"""The SMS Provider that answered, and for which site. Source: `root\sms`, `SMS_ProviderLocation`."""

    half: ClassVar[Half] = Half.SITE

    site_code: str
    machine: str
    namespace: str
    r"""WMI namespace of the site, as `root\sms\site_P01`."""
    machines: tuple[str, ...]
    """Every machine that the server names as a provider of this site."""

    def fits(self, rows: int) -> bool:
        """The answer may name providers of other sites too."""
        return rows >= max(1, len(self.machines))


@dataclass(frozen=True, slots=True)
class Hierarchy(Fact):
    """The sites that the account can see, and the one whose provider was read. Source: `SMS_Site`."""

    half: ClassVar[Half] = Half.SITE

    provider_site_code: str
    sites: tuple[Site, ...]

    def held(self) -> int:
        return len(self.sites)

    def site(self, code: str) -> Site | None:
        return next((site for site in self.sites if site.code.upper() == code.upper()), None)

    @property
    def provider_site(self) -> Site | None:
        return self.site(self.provider_site_code)


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A security role that an account holds, for one scope or collection. Source: `SMS_APermission`."""

    role_id: str
    role_name: str
    category_id: str
    category_name: str
    category_type: int | None
    """29 security scope, 1 collection."""

    @property
    def is_of_everything(self) -> bool:
        """Whether it is Full Administrator with the scope All."""
        return self.role_id == FULL_ADMINISTRATOR and self.category_id == ALL_SCOPES


@dataclass(frozen=True, slots=True)
class SiteAccess(Fact):
    """What the reading account may see at the site. Source: `SMS_Admin`, its own row.

    Configuration Manager hides rows without an error, so this is the proof that nothing is hidden.
    """

    half: ClassVar[Half] = Half.SITE

    account: str | None
    """The account that read, as it signed in; None where the current logon was used and has no name here."""
    visible_administrators: int
    """Rows of `SMS_Admin` that the account sees."""
    listed: bool
    """Whether the account has a row of its own; False where it holds its rights through a group."""
    grants: tuple[RoleGrant, ...]

    def held(self) -> int:
        return self.visible_administrators

    @property
    def sees_sites_and_updates(self) -> bool:
        """Proven to see every site, update package and collection: one of two built-in roles with All scopes."""
        return any(
            grant.role_id in (FULL_ADMINISTRATOR, READ_ONLY_ANALYST) and grant.category_id == ALL_SCOPES
            for grant in self.grants
        )

    @property
    def sees_everything(self) -> bool:
        """Proven to see every row of every class, those of Azure and Entra and every policy among them."""
        return any(grant.is_of_everything for grant in self.grants)


@dataclass(frozen=True, slots=True)
class UpdatePackage:
    """An in-console update. Source: `SMS_CM_UpdatePackages`."""

    guid: str
    name: str
    description: str
    more_info_link: str
    state: int
    """Number of the table `update_states`; 196612 is installed."""
    supersedes: str
    """`SupersedesNameList`, as the provider writes it."""
    full_version: str
    client_version: str
    last_updated: datetime | None


@dataclass(frozen=True, slots=True)
class SiteUpdates(Fact):
    """The in-console updates that the account can see. Source: `SMS_CM_UpdatePackages`."""

    half: ClassVar[Half] = Half.SITE

    packages: tuple[UpdatePackage, ...]

    def held(self) -> int:
        return len(self.packages)


@dataclass(frozen=True, slots=True)
class UpdateSiteStatus:
    """How far one update is at one site. Source: `SMS_CM_UpdatePackageSiteStatus`."""

    package_guid: str
    site_code: str
    state: int
    last_updated: datetime | None


@dataclass(frozen=True, slots=True)
class SiteUpdateStatuses(Fact):
    """How far the updates are at each site. Source: `SMS_CM_UpdatePackageSiteStatus`."""

    half: ClassVar[Half] = Half.SITE

    statuses: tuple[UpdateSiteStatus, ...]

    def held(self) -> int:
        return len(self.statuses)


@dataclass(frozen=True, slots=True)
class SiteIdentification(Fact):
    """What the provider says of its own site. Source: `SMS_Identification`, one row."""

    half: ClassVar[Half] = Half.SITE

    site_code: str
    monthly_release: int | None
    """`MonthlyReleaseVersion`, as 2603; None or 0 where the site does not say."""
    build: int | None

    def held(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class SiteSystemRole:
    """One role of one site system server. Source: `SMS_SCI_SysResUse`."""

    name: str
    """`RoleName`, as `SMS Dmp Connector` (the service connection point)."""
    site_code: str
    server: str
    offline_mode: int | None
    """Embedded property `OfflineMode`: 0 online, 1 offline; None where the role has no such property."""


SERVICE_CONNECTION_POINT = "SMS Dmp Connector"
"""`SMS_SCI_SysResUse.RoleName` of the service connection point."""


@dataclass(frozen=True, slots=True)
class SiteSystemRoles(Fact):
    """The service connection points; where none is seen, every other role that is: these show whether roles are
    visible at all. Source: `SMS_SCI_SysResUse`."""

    half: ClassVar[Half] = Half.SITE

    roles: tuple[SiteSystemRole, ...]

    def held(self) -> int:
        return len(self.roles)


class ComponentStatus(OpenIntEnum):
    """`SMS_ComponentSummarizer.Status`. Source: SDK reference, SMS_ComponentSummarizer."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class Component:
    """How one component of the site does, over one tally interval. Source: `SMS_ComponentSummarizer`."""

    name: str
    site_code: str
    machine: str
    status: ComponentStatus
    interval: str
    """`TallyInterval`: the span of time that the status sums up, as the site writes it."""


@dataclass(frozen=True, slots=True)
class ComponentStatuses(Fact):
    """The components that carry tenant attach: SMS_SERVICE_CONNECTOR and SMS_REST_PROVIDER.

    Source: `SMS_ComponentSummarizer`."""

    half: ClassVar[Half] = Half.SITE

    components: tuple[Component, ...]

    def held(self) -> int:
        return len(self.components)


class Connectivity(OpenIntEnum):
    """`SMS_StatusMessage.MessageID` of the connectivity checks of the service connection point, made since build 9040.
    Source: about the service connection point."""

    REACHED = 11410
    WARNING = 11411
    """Trouble with an endpoint that is not critical."""
    CRITICAL = 11412


@dataclass(frozen=True, slots=True)
class ConnectivityMessage:
    """What a connectivity check came to. Source: `SMS_StatusMessage`."""

    result: Connectivity
    site_code: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectivityMessages(Fact):
    """The newest message of each result and site. Source: `SMS_StatusMessage` of SMS_SERVICE_CONNECTOR."""

    half: ClassVar[Half] = Half.SITE

    messages: tuple[ConnectivityMessage, ...]
    seen: int
    """Messages of the connectivity checks that the account sees."""

    def held(self) -> int:
        return self.seen


@dataclass(frozen=True, slots=True)
class SiteAdministrator:
    """An administrative user or group of the site. Source: `SMS_Admin`, deleted records left out."""

    logon_name: str
    is_group: bool
    grants: tuple[RoleGrant, ...]
    """`Permissions`: a role holds for a scope, so the two lists `Roles` and `Categories` would not prove anything."""

    @property
    def may_change_everything(self) -> bool:
        """Whether it is Full Administrator with the scope All."""
        return any(grant.is_of_everything for grant in self.grants)


@dataclass(frozen=True, slots=True)
class SiteAdministrators(Fact):
    """The administrative users that the reading account can see. Source: `SMS_Admin`, whose `Permissions` have to be
    asked for one by one: that ends with the first who may change everything."""

    half: ClassVar[Half] = Half.SITE

    administrators: tuple[SiteAdministrator, ...]
    """Those whose permissions were read."""
    unread: int
    """Records that are visible, but whose permissions were not read."""
    deleted: int
    """Records that the source marks as deleted."""

    def held(self) -> int:
        return len(self.administrators) + self.unread + self.deleted
