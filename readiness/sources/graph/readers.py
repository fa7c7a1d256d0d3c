"""Readers of the cloud half: answers of Microsoft Graph -> facts."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from readiness.errors import SourceError
from readiness.model.facts import (
    Organization,
    PartnerState,
    TenantCloud,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
)
from readiness.model.words import Reason
from readiness.sources.graph.client import GraphClient, Pages
from readiness.sources.graph.cloud import tenant_cloud
from readiness.sources.graph.entra import EntraClient, Metadata
from readiness.sources.reader import Call, Finding, Reader
from readiness.text import one_line

T = TypeVar("T")
Object = Mapping[str, Any]

NEVER_YEAR = 1
"""The year in which Graph puts what never happened: 0001-01-01T00:00:00Z."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""Edm.DateTimeOffset in JSON."""


def _organization(session: GraphSession) -> Finding[Organization]:
    found = session.rows("v1.0", "/organization?$select=id,displayName,verifiedDomains")
    if len(found.rows) != 1:
        raise SourceError(Reason.BAD_ANSWER, f"/organization gave {len(found.rows)} organizations instead of one")
    row = found.rows[0]
    domains = tuple(text(domain, "name") for domain in objects(row, "verifiedDomains"))
    organization = Organization(text(row, "id"), text(row, "displayName"), domains)
    session.must_be_ours(organization)
    return _finding(organization, found)


def _connectors(session: GraphSession) -> Finding[ThreatDefenseConnectors]:
    found = session.rows("beta", "/deviceManagement/mobileThreatDefenseConnectors")
    return _finding(ThreatDefenseConnectors(tuple(_connector(row) for row in found.rows)), found)


def _connector(row: Object) -> ThreatDefenseConnector:
    return ThreatDefenseConnector(
        id=text(row, "id"),
        partner_state=PartnerState(text(row, "partnerState")),
        last_heartbeat=moment(row, "lastHeartbeatDateTime"),
        unresponsive_after_days=optional_count(row, "partnerUnresponsivenessThresholdInDays"),
        windows_enabled=optional(row, "windowsEnabled", bool),
    )


READERS: tuple[Reader[GraphSession, Any], ...] = (
    Reader(
        Organization,
        "Graph v1.0 /organization",
        (
            "Organization.Read.All",
            "DeviceManagementServiceConfig.Read.All",
            "DeviceManagementConfiguration.Read.All",
            "Directory.Read.All",
        ),
        lambda s: _organization(s),
    ),
    Reader(TenantCloud, "Entra ID /{tenant}/v2.0/.well-known/openid-configuration", (), lambda s: tenant_cloud(s)),
    Reader(
        ThreatDefenseConnectors,
        "Graph beta /deviceManagement/mobileThreatDefenseConnectors",
        ("DeviceManagementServiceConfig.Read.All", "DeviceManagementConfiguration.Read.All"),
        lambda s: _connectors(s),
    ),
)
"""Every reader of the cloud half. Permissions: permissions reference of Graph (2026-08-07)."""


def _finding(value: Any, pages: Pages) -> Finding[Any]:
    return Finding(value, len(pages.rows), pages.query, pages.request_id, pages.clock_skew_seconds)


class GraphSession:
    """What a reader of the cloud half is given.

    Args:
        tenant: as configured, a GUID or a domain.
        calls: what its reader declares.
        entra: the sign-in host.
        cloud: `[tenant] cloud`.
    """

    def __init__(
        self,
        client: GraphClient,
        tenant: str,
        calls: tuple[Call, ...] = (),
        *,
        entra: EntraClient | None = None,
        cloud: str = "public",
    ) -> None:
        self.client = client
        self.cloud = cloud
        self.tenant = tenant
        self._entra = entra
        self._calls = calls

    def of(self, reader: Reader[GraphSession, Any]) -> GraphSession:
        """The session for one reader."""
        session = copy(self)
        session._calls = reader.calls
        return session

    def metadata(self) -> Metadata:
        """What the sign-in host says of the tenant to everybody, signed in or not.

        Raises:
            SourceError: no such tenant, unreachable, or no such document.
        """
        if self._entra is None:
            raise LookupError("a session without a sign-in host")
        return self._entra.metadata(self.tenant)

    def rows(self, version: str, path: str) -> Pages:
        """Every row of a collection, to its end, by a call that the reader declares.

        Raises:
            SourceError: as `GraphClient.rows`; a missing permission is named as the reader declares it.
            LookupError: the reader does not declare this call, which is a bug; nothing was sent.
        """
        return self.client.rows(version, path, self._rights(f"Graph {version} {path.partition('?')[0]}"))

    def _rights(self, asked: str) -> tuple[str, ...]:
        for call in self._calls:
            if call.matches(asked):
                return call.rights
        raise LookupError(f"a call that no reader declares: {asked}")

    def must_be_ours(self, organization: Organization) -> None:
        """The organization of the token must be the configured tenant, by its id or one of its domains."""
        if self.tenant.casefold() not in organization.names:
            found = one_line(organization.label)
            raise SourceError(
                Reason.WRONG_TARGET,
                f"the sign-in leads to {found}, which is not the tenant {self.tenant} of the configuration",
            )


# What a value of an answer must be; what is not is `bad-answer`, never a default.


def text(row: Object, name: str) -> str:
    value = optional(row, name, str)
    return _refuse(name, value) if value is None else value


def optional(row: Object, name: str, kind: type[T]) -> T | None:
    """A value of exactly this type; None where it is null or not there."""
    value = row.get(name)
    return value if value is None or type(value) is kind else _refuse(name, value)


def optional_count(row: Object, name: str) -> int | None:
    """A number that is not negative (Edm.Int32)."""
    value = optional(row, name, int)
    return value if value is None or 0 <= value < 2**31 else _refuse(name, value)


def objects(row: Object, name: str) -> list[Object]:
    value = row.get(name)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return _refuse(name, value)


def moment(row: Object, name: str) -> datetime | None:
    """A point in time, in UTC; None for null and for the year 0001, but not where it is missing.

    Fractions may have 7 digits, of which 6 are kept.
    """
    value = row.get(name, False)
    if value is None:
        return None
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return _refuse(name, value)
    try:
        found = datetime.fromisoformat(value)
        return None if found.year == NEVER_YEAR else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return _refuse(name, value)


def _refuse(name: str, value: object) -> NoReturn:
    said = one_line(reprlib.repr(value), 80)
    raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered no usable value in {name}: {said}")
