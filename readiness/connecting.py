"""Makes what connects of a configuration: the estate, ready to be read, what lasts from one reading to the next, and
the record that a report is attached to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from readiness.errors import ConfigurationError
from readiness.plugins.sources import readers_of_guests

if TYPE_CHECKING:
    from readiness.config import Cloud, Configuration, TenantSettings, Trust
    from readiness.evidence import Estate
    from readiness.model.notice import Notifier, NotifierFactory
    from readiness.model.ticket import Ticket, TicketFactory
    from readiness.sources.deadline import Deadline
    from readiness.sources.graph.credentials import Credential, Person
    from readiness.sources.graph.kept import Kept
    from readiness.sources.graph.source import AnyPrompt
    from readiness.sources.identity import TlsIdentity
    from readiness.sources.reader import Heard, Source
    from readiness.sources.route import Proxy, Route


@dataclass(slots=True)
class Lasting:
    """What lasts from one reading of an estate to the next: who signed in, and which proxies heard us."""

    person: Person | None = None
    """A person is asked once; their sign-in is used for every reading."""
    proxies: dict[Proxy, Proxy] = field(default_factory=dict)
    """The same proxy is one, so that it hears a wrong password once."""

    def renew(self) -> None:
        """Have the next reading fetch another token for the person, without them: it shows rights granted since."""
        if self.person is not None:
            self.person.renews(None)

    @property
    def refused(self) -> Proxy | None:
        """A proxy that did not take our password: it is not shown again."""
        return next((proxy for proxy in self.proxies.values() if proxy.door.closed), None)


def estate(
    configuration: Configuration, environ: Mapping[str, str], deadline: Deadline, lasting: Lasting | None = None
) -> Estate:
    """The sources that a configuration names, ready to be read.

    Args:
        lasting: what an earlier reading of the same estate left, where there was one.

    Raises:
        ConfigurationError: a secret is missing, or a combination that would send one readably.
    """
    import socket

    from readiness.evidence import Estate

    tenant = _tenant(configuration, environ, deadline, lasting or Lasting())
    halves = (tenant, _site(configuration, environ, deadline))
    return Estate(
        tuple(source for source in halves if source is not None),
        host=socket.gethostname(),
        tenant=configuration.tenant.id if configuration.tenant else None,
        site=configuration.site.server if configuration.site else None,
    )


def sign_in(where: Estate, show: Callable[[AnyPrompt], None], lasting: Lasting | None = None) -> None:
    """Let a person sign in, where the configuration asks for one; before the reading, whose deadline does not count.

    Args:
        lasting: keeps the sign-in for later readings.
    """
    from readiness.sources.graph.source import GraphSource

    for source in where.sources:
        if isinstance(source, GraphSource):
            source.sign_in(show)
            if lasting is not None:
                lasting.person = source.person


def leave(where: Estate) -> None:
    """Close the connections to an estate that was read."""
    from readiness.sources.configmgr.source import SiteSource
    from readiness.sources.graph.source import GraphSource

    for source in where.sources:
        if isinstance(source, GraphSource | SiteSource):
            source.close()


def resume(where: Estate, name: str | None) -> None:
    """Let the person of a recorded sign-in be signed in, where the configuration asks for one."""
    from readiness.sources.graph.source import GraphSource

    for source in where.sources:
        if isinstance(source, GraphSource):
            source.resume(name)


def heard(where: Estate) -> tuple[Heard, ...]:
    """How every call to Microsoft Graph ended so far."""
    from readiness.sources.graph.source import GraphSource

    return tuple(one for source in where.sources if isinstance(source, GraphSource) for one in source.heard)


def ticket(to: str, configuration: Configuration, environ: Mapping[str, str], deadline: Deadline) -> Ticket:
    """The record that `attach --to` names. Nothing is asked yet.

    Raises:
        ConfigurationError: there is no such target, or what it needs is not configured.
    """
    from readiness.plugins.targets import factory, guest_targets
    from readiness.targets.opening import BUILT_IN, Surroundings, opened

    targets, _ = guest_targets(BUILT_IN)

    def route(origin: str, believed: Trust) -> Route:
        return _route(origin, environ, believed, {})

    def plugin(name: str) -> TicketFactory:
        return factory(targets[name])

    return opened(to, Surroundings(configuration, environ, deadline, route, tuple(targets), plugin))


def notifiers(configuration: Configuration, environ: Mapping[str, str], deadline: Deadline) -> dict[str, Notifier]:
    """The channels that `[notify]` names. Nothing is asked yet.

    Raises:
        ConfigurationError: what one of them needs is not configured.
    """
    from readiness.notification.opening import BUILT_IN, Surroundings, opened
    from readiness.plugins.notifiers import factory, guest_notifiers

    guests, _ = guest_notifiers(BUILT_IN)

    def route(origin: str, believed: Trust) -> Route:
        return _route(origin, environ, believed, {})

    def plugin(name: str) -> NotifierFactory:
        return factory(guests[name])

    return opened(configuration, Surroundings(environ, deadline, route, tuple(guests), plugin))


def _tenant(
    configuration: Configuration, environ: Mapping[str, str], deadline: Deadline, lasting: Lasting
) -> Source | None:
    tenant = configuration.tenant
    if tenant is None:
        return None
    from readiness.config import trust
    from readiness.sources.graph.source import GraphSource

    believed = trust(tenant.ca_bundle, environ)
    routes = {
        origin: _route(origin, environ, believed, lasting.proxies)
        for origin in (tenant.login_origin, tenant.graph_origin)
    }
    return GraphSource(
        tenant.id,
        tenant.client_id or "",
        lasting.person or _credential(configuration, tenant, environ, deadline),
        login=tenant.login_origin,
        graph=tenant.graph_origin,
        deadline=deadline,
        ca_bundle=believed.bundle,
        cloud=tenant.cloud.value,
        scope=configuration.judging.scope,
        clouds=_other_clouds(tenant.cloud),
        route_to=routes.__getitem__,
        guests=readers_of_guests("tenant"),
    )


def _route(origin: str, environ: Mapping[str, str], believed: Trust, known: dict[Proxy, Proxy]) -> Route:
    """The way to a host of the cloud half.

    Args:
        known: the proxies on the way to the others: the same one is one, so that it hears a wrong password once.
    """
    from readiness.sources.proxies import proxy_for
    from readiness.sources.route import Route

    found = proxy_for(origin, environ)
    proxy = None if found is None else known.setdefault(found, found)
    _tell(f"{origin}: {f'through the proxy {proxy}' if proxy else 'directly, through no proxy'}; believed: {believed}")
    return Route(proxy=proxy, trust=believed.variable)


def _site_route(origin: str, environ: Mapping[str, str], believed: Trust) -> Route:
    """The way to the site: it is inside, and reached directly, whatever proxy is set."""
    from readiness.sources.proxies import proxy_for
    from readiness.sources.route import Route

    try:
        unused = proxy_for(origin.replace("http://", "https://"), environ)
    except ConfigurationError:  # of no consequence for a proxy that is not used
        unused = None
    _tell(f"{origin}: directly; believed: {believed}")
    return Route(unused=unused, trust=believed.variable)


def _tell(words: str) -> None:
    import logging

    logging.getLogger("readiness").debug(words)


def _credential(
    configuration: Configuration, tenant: TenantSettings, environ: Mapping[str, str], deadline: Deadline
) -> Credential:
    from readiness.config import TenantAuth, client_certificate, client_secret, federated_token
    from readiness.sources.graph import browser, credentials, managed

    match tenant.auth:
        case TenantAuth.CLIENT_SECRET:
            return credentials.Secret(client_secret(configuration, environ) or "")
        case TenantAuth.CERTIFICATE:
            found = client_certificate(configuration, environ)
            return credentials.Certificate(found.key, found.pem, found.not_before, found.not_after)
        case TenantAuth.WORKLOAD_IDENTITY:
            return credentials.Federated(lambda: federated_token(tenant, environ))
        case TenantAuth.MANAGED_IDENTITY:
            return managed.ManagedIdentity(tenant.client_id, deadline)
        case TenantAuth.DEVICE_CODE:
            return credentials.Person(kept=_kept(configuration, tenant))
        case TenantAuth.INTERACTIVE:
            # The broker knows the clouds of Microsoft, and no other sign-in host.
            by_windows = tenant.authority is None and browser.has_broker()
            return credentials.Person("interactive", by_windows, _kept(configuration, tenant))
    assert_never(tenant.auth)


def _kept(configuration: Configuration, tenant: TenantSettings) -> Kept | None:
    """Where the sign-in of a person is kept for their next scan. Nothing is opened yet."""
    if configuration.scan.no_cache:
        return None
    import platformdirs

    from readiness.sources.graph.kept import Kept, place

    folder = platformdirs.user_cache_path("readiness", appauthor=False)
    return Kept(place(folder, tenant.login_origin, tenant.id, tenant.client_id or ""))


def _other_clouds(own: Cloud) -> Mapping[str, str]:
    """What to write for `[tenant] cloud`, by the name that tenants of each other cloud have of theirs; where clouds
    share a name, by that name and their sub scope, too: `microsoftonline.us/DOD`."""
    from readiness.config import clouds, clouds_of

    others = {hosts.instance for hosts in clouds().values()} - {clouds()[own].instance}
    scoped = {f"{it.instance}/{it.sub_scope}": f'"{cloud}"' for cloud, it in clouds().items() if it.sub_scope}
    scoped.pop(f"{clouds()[own].instance}/{clouds()[own].sub_scope}", None)
    return {name: " or ".join(f'"{cloud}"' for cloud in clouds_of(name)) for name in others} | scoped


def _site(configuration: Configuration, environ: Mapping[str, str], deadline: Deadline) -> Source | None:
    from readiness.config import site_password, trust

    site = configuration.site
    if site is None:
        return None
    from readiness.sources.configmgr.source import SiteSource

    believed = trust(site.ca_bundle, environ)
    host = f"[{site.server}]" if ":" in site.server else site.server
    return SiteSource(
        site.server,
        transport=site.transport.value,
        site_code=site.site_code,
        scheme=site.scheme.value,
        port=site.port,
        auth=site.auth.value,
        username=site.username,
        password=site_password(configuration, environ),
        ca_bundle=believed.bundle,
        certificate=_site_certificate(configuration, environ),
        deadline=deadline,
        keytab=site.keytab,
        targets=configuration.judging.scope.collections,
        route=_site_route(f"{site.scheme.value}://{host}:{site.port}", environ, believed),
        guests=readers_of_guests("site"),
    )


def _site_certificate(configuration: Configuration, environ: Mapping[str, str]) -> TlsIdentity | None:
    from readiness.config import site_certificate

    found = site_certificate(configuration, environ)
    if found is None:
        return None
    from readiness.sources.identity import TlsIdentity

    return TlsIdentity(found.subject, found.key, found.chain)
