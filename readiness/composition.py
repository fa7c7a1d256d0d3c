"""Puts the house together: the one module that names `checks` and `reports`, and makes sources of a configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, assert_never

import readiness
from readiness.errors import ConfigurationError
from readiness.plugins.entries import Group, entries

if TYPE_CHECKING:
    from readiness.assessment import Rules
    from readiness.config import Cloud, Configuration, TenantSettings, Trust
    from readiness.evidence import Estate
    from readiness.model.check import Check
    from readiness.model.disclosure import RightUsed
    from readiness.model.facts import Fact
    from readiness.model.guide import Guide
    from readiness.model.knowledge import Knowledge
    from readiness.model.reading import Reading
    from readiness.model.report import PluginUsed, Report
    from readiness.model.ticket import Ticket, TicketFactory
    from readiness.plugins.checks import GuestChecks
    from readiness.sources.deadline import Deadline
    from readiness.sources.graph.credentials import Credential, Person
    from readiness.sources.graph.kept import Kept
    from readiness.sources.graph.source import AnyPrompt
    from readiness.sources.identity import TlsIdentity
    from readiness.sources.reader import Heard, Reader, Source
    from readiness.sources.route import Proxy, Route
    from reports.page import Page

DISTRIBUTION = "edr-readiness"
HOME = Path(readiness.__file__).resolve().parents[1]
"""Where this package lies; `checks` and `reports` lie beside it."""


def ours(name: str) -> ModuleType:
    """Our package of this name. A foreign one that hides it is found out before anything of it runs.

    Raises:
        ConfigurationError: a foreign package of the same name hides ours, or ours is missing.
    """
    if name not in sys.modules:
        spec = find_spec(name)
        if spec is None:
            raise ConfigurationError(f"the package '{name}' of {DISTRIBUTION} is missing: install it again")
        where = spec.origin or next(iter(spec.submodule_search_locations or ["an unknown place"]))
        if Path(where).resolve() != HOME / name / "__init__.py":
            raise ConfigurationError(
                f"another package named '{name}' hides the one of {DISTRIBUTION}: {where}. "
                "Run readiness from another folder, take that one out of PYTHONPATH, or use an environment of its own"
            )
    return import_module(name)


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check: ours in catalogue order, then those of plugins.

    A plugin that cannot be used is reported by name and skipped.
    """
    guests = guest_checks()
    return (*ours("checks").registered(), *(() if guests is None else guests.checks))


@cache
def guest_checks() -> GuestChecks | None:
    """The checks of plugins, loaded; None where nobody adds any."""
    if not entries(Group.CHECKS):
        return None
    from readiness.plugins.checks import guest_checks as found

    return found(ours("checks").registered())


def plugins_used() -> tuple[PluginUsed, ...]:
    """The plugins that take part in judging, and those that are skipped."""
    if not entries(Group.CHECKS) and not entries(Group.SOURCES):
        return ()
    from readiness.plugins.telling import used

    return used(guest_checks())


def all_plugins() -> tuple[PluginUsed, ...]:
    """Every plugin of every group, and what became of it. Loads them all."""
    from readiness.plugins.telling import listing
    from readiness.targets.opening import BUILT_IN

    return listing(guest_checks(), {one.name: one for one in ours("reports").FORMATS}, BUILT_IN)


def formats() -> Mapping[str, Any]:
    """The report formats, by name, in the order in which they are written; those of plugins are not loaded."""
    from readiness.plugins.formats import guest_formats

    known = {format_.name: format_ for format_ in ours("reports").FORMATS}
    return {**known, **guest_formats(known)[0]}


def terminal_format() -> ModuleType:
    """What prints a report on a terminal."""
    ours("reports")
    return import_module("reports.terminal")


def seal() -> ModuleType:
    """What seals reports for people, and takes their seals apart."""
    ours("reports")
    return import_module("reports.seal")


def terminal_page() -> type[Page]:
    """What lays out text for a terminal that is no report."""
    ours("reports")
    page: type[Page] = import_module("reports.page").Page
    return page


def wrapping() -> Callable[[str, int, int], list[str]]:
    """What breaks text into lines: of the text, the columns, and how far the lines after the first stand in."""
    ours("reports")
    wrap: Callable[[str, int, int], list[str]] = import_module("reports.wrapping").wrap
    return wrap


def plan_format(name: str) -> ModuleType:
    """What shows a plan by itself: `plan_terminal`, `plan_csv`, and `steps`, which gives both their words."""
    ours("reports")
    return import_module(f"reports.{name}")


def summary(report: Report, digest: str, flavour: str, limit: int | None) -> str:
    """A report in a few lines, for a note or a comment.

    Args:
        flavour: `plain`, `jira` or `github`; any other one is plain.
        limit: of characters. Where even the shortest summary is longer, it is the beginning of the decision.
    """
    ours("reports")
    known = import_module("reports.flavours").FLAVOURS
    try:
        text: str = import_module("reports.summary").render(
            report, digest, flavour=flavour if flavour in known else "plain", limit=limit
        )
    except ValueError:
        demo = "DEMO DATA: " if report.run.demo else ""
        return f"{demo}{line_in(flavour, '{}', report.decision.sentence)}"[:limit]
    return text


def line_in(flavour: str, template: str, *others: str) -> str:
    """A line of a note: a template of ours, and for each `{}` other people's words, which stay words there."""
    ours("reports")
    known, blocks = import_module("reports.flavours").FLAVOURS, import_module("reports.blocks")
    first, *rest = template.split("{}")
    parts: list[Any] = [first] if first else []
    for other, after in zip(others, rest, strict=True):
        parts += [blocks.theirs(other), after] if after else [blocks.theirs(other)]
    line: str = known.get(flavour, known["plain"]).line(blocks.line(*parts))
    return line


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


def diff_format(name: str) -> ModuleType:
    """What shows what is different between two runs: `terminal`, `markdown`, `html`."""
    ours("reports")
    return import_module(f"reports.diff_{name}")


def history_format(name: str) -> ModuleType:
    """What shows the history: `terminal`, `csv`."""
    ours("reports")
    return import_module(f"reports.history_{name}")


def waivers() -> ModuleType:
    """What tells of waivers and attestations over time."""
    ours("reports")
    return import_module("reports.waivers")


def readers() -> Mapping[type[Fact], Reader[Any, Any]]:
    """The reader of each fact. Asking for them loads nothing that connects."""
    from readiness.sources.configmgr.readers import READERS as SITE
    from readiness.sources.graph.readers import READERS as TENANT

    found: list[Reader[Any, Any]] = [*TENANT, *SITE, *_of_guests("tenant"), *_of_guests("site")]
    return {reader.fact: reader for reader in found}


def _of_guests(half: str) -> tuple[Reader[Any, Any], ...]:
    """The readers of plugins, of one half."""
    from readiness.plugins.sources import guests

    return tuple(guest.reader for fact, guest in guests().known.items() if fact.half == half)


def knowledge(folder: Path | None = None) -> Knowledge:
    """The tables of the rule data.

    Args:
        folder: tables whose rows are laid over those that ship (`--knowledge`).

    Raises:
        ConfigurationError: naming file and line of what is wrong in them.
    """
    from readiness.knowledge import load

    specs = import_module(f"{ours('checks').__name__}.knowledge.tables").SPECS
    return load(specs, HOME / "checks" / "knowledge", folder)


def rules(folder: Path | None = None) -> Rules:
    """The rule data that judges. Rows from outside make it another version.

    Raises:
        ConfigurationError: as `knowledge`.
    """
    from readiness.assessment import Rules

    known = knowledge(folder)
    version = str(known.tables["releases"].head["version"])
    return Rules(f"{version}+{known.digest[:8]}" if known.outside else version, known.as_of, known)


def guide() -> Guide:
    """What the rule data in force tells a plan."""
    ours("checks")
    found: Guide = import_module("checks.guide").guide()
    return found


def rights_used(readings: Sequence[Reading[Fact]]) -> tuple[RightUsed, ...]:
    """The least rights that are enough for these readings, by whom, as the readers declare them."""
    from readiness.access.used import used

    return used(readings, readers())


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
        guests=_of_guests("tenant"),
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
        guests=_of_guests("site"),
    )


def _site_certificate(configuration: Configuration, environ: Mapping[str, str]) -> TlsIdentity | None:
    from readiness.config import site_certificate

    found = site_certificate(configuration, environ)
    if found is None:
        return None
    from readiness.sources.identity import TlsIdentity

    return TlsIdentity(found.subject, found.key, found.chain)
