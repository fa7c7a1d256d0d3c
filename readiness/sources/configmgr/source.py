"""The on-premises half as a source of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness.model.facts import Fact, SiteAccess
from readiness.model.reading import Reading
from readiness.model.words import Half
from readiness.sources.configmgr.adminservice import AdminServiceProvider
from readiness.sources.configmgr.pool import WORKERS
from readiness.sources.configmgr.readers import READERS, SiteSession
from readiness.sources.configmgr.target import Service, Target
from readiness.sources.configmgr.winrm import WinRmProvider
from readiness.sources.deadline import Deadline
from readiness.sources.identity import TlsIdentity
from readiness.sources.outside import Provider, guest_jobs
from readiness.sources.reader import Job, Reader, jobs
from readiness.sources.route import DIRECT, Route


class SiteSource:
    """The SMS Provider, over WinRM or the administration service.

    Args:
        transport: "winrm" or "adminservice".
        site_code: the site that must be the provider's; None: the one it names.
        username: `DOMAIN\\user` or `user@domain`; None: the current logon.
        keytab: the account's Kerberos key, in place of its password.
        targets: names, ids and globs of the collections of the roll-out, whose devices are read.
        route: direct; it may know of a proxy that is set and not used.
        guests: readers of plugins, which come after ours.
    """

    half = Half.SITE
    workers = WORKERS

    def __init__(
        self,
        server: str,
        *,
        transport: Service,
        site_code: str | None,
        scheme: str,
        port: int,
        auth: str,
        username: str | None,
        password: str | None,
        ca_bundle: Path | None,
        certificate: TlsIdentity | None,
        deadline: Deadline,
        keytab: Path | None = None,
        targets: Sequence[str] = (),
        route: Route = DIRECT,
        guests: Sequence[Reader[Any, Any]] = (),
    ) -> None:
        self._guests = guests
        target = Target(
            server, port, scheme, auth, username, password, ca_bundle, certificate, transport, route, keytab
        )
        if transport == "adminservice":
            self._provider: WinRmProvider | AdminServiceProvider = AdminServiceProvider(target, deadline)
        else:
            self._provider = WinRmProvider(target, deadline)
        self.identity = _identity(target)
        self._session = SiteSession(self._provider, server, site_code, username, targets)

    def close(self) -> None:
        """Close the connections that nobody reads on: nothing more is read."""
        self._provider.close()

    @property
    def simulated(self) -> bool:
        return self._provider.simulated

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        ours = jobs(READERS, self._session, facts)
        return (*ours, *guest_jobs(self._guests, lambda reader: Provider(self._session, reader.calls), facts))

    def scope(self, readings: Sequence[Reading[Fact]]) -> str | None:
        """What role-based administration lets the account see, as far as its own record tells."""
        access = next((r.value for r in readings if isinstance(r.value, SiteAccess)), None)
        if access is None:
            return None
        if not access.listed:
            return "not known: the account has no record of its own"
        return (
            "; ".join(sorted({f"{grant.role_name} on {grant.category_name}" for grant in access.grants})) or "no role"
        )


def _identity(target: Target) -> str:
    if target.certificate is not None and target.username is None:
        return target.identity
    return f"account {target.username or 'of the current logon'}"
