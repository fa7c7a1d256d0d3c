"""From `--to servicenow:CHG0031337` to a record, by the configuration. Nothing is asked yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from readiness.config import (
    AttachSettings,
    Configuration,
    TicketSignIn,
    Trust,
    bad_bundle,
    jira_sign_in,
    servicenow_sign_in,
    trust,
)
from readiness.errors import ConfigurationError
from readiness.model.ticket import Ticket, TicketAccess, TicketFactory
from readiness.sources.deadline import Deadline
from readiness.sources.route import Route
from readiness.targets.folder import Folder
from readiness.targets.guest import Guest
from readiness.text import one_line

if TYPE_CHECKING:
    from readiness.targets.line import Access

BUILT_IN = ("servicenow", "jira", "file")
"""The targets of this program; a plugin of the same name is not used."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What opening a target needs besides `--to`."""

    configuration: Configuration
    environ: Mapping[str, str]
    deadline: Deadline
    route: Callable[[str, Trust], Route]
    """The way to an origin."""
    plugins: Iterable[str]
    """The names of other targets."""
    plugin: Callable[[str], TicketFactory]
    """Loads one of them."""


def parsed(to: str) -> tuple[str, str]:
    """The target and the record of `--to`.

    Raises:
        ConfigurationError: it has another form.
    """
    name, colon, number = to.partition(":")
    if not colon or not number.strip():
        raise ConfigurationError(
            f"--to '{one_line(to, 80)}': write TARGET:RECORD, such as servicenow:CHG0031337, jira:OPS-42 or file:DIR"
        )
    return name.strip().lower(), number


def opened(to: str, by: Surroundings) -> Ticket:
    """The record that `--to` names.

    Raises:
        ConfigurationError: there is no such target, or what it needs is not configured.
    """
    name, number = parsed(to)
    if name == "file":
        return Folder.named(number)
    if name == "servicenow":
        from readiness.targets.servicenow import ServiceNow

        access = _access(servicenow_sign_in(by.configuration, by.environ), by)
        return ServiceNow(number, access, _settings(by).servicenow_table)
    if name == "jira":
        from readiness.targets.jira import Jira

        return Jira(number, _access(jira_sign_in(by.configuration, by.environ), by))
    return _plugin(name, number, by)


def _plugin(name: str, number: str, by: Surroundings) -> Ticket:
    known = [one for one in by.plugins if one not in BUILT_IN]
    if name not in known:
        names = [*BUILT_IN, *known]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise ConfigurationError(f"--to: there is no target '{one_line(name, 40)}'; {hint}there are {', '.join(names)}")
    access = TicketAccess(by.environ, by.deadline.seconds, _settings(by).ca_bundle)
    return Guest(name, by.plugin(name)(number, access))


def _settings(by: Surroundings) -> AttachSettings:
    return by.configuration.attach or AttachSettings()


def _access(sign_in: TicketSignIn, by: Surroundings) -> Access:
    from readiness.targets.line import Access

    bundle = _settings(by).ca_bundle
    wrong = bad_bundle(bundle) if bundle is not None else None
    if wrong is not None:
        raise ConfigurationError(f"{by.configuration.origin.where(('attach', 'ca_bundle'))}: {wrong}")
    parts = urlsplit(sign_in.address)
    must_not_be_the_estate(sign_in.address, by.configuration, "attach")
    believed = trust(bundle, by.environ)
    route = by.route(f"{parts.scheme}://{parts.netloc}", believed)
    return Access(sign_in.address, sign_in.authorization, sign_in.who, by.deadline, believed.bundle, route)


def must_not_be_the_estate(address: str, configuration: Configuration, section: str) -> None:
    """What is read is never written to, not even by a slip in the configuration.

    Raises:
        ConfigurationError: the address, which this section names, is of the tenant or the site.
    """
    estate: list[str] = []
    if configuration.tenant is not None:
        estate += [configuration.tenant.login_origin, configuration.tenant.graph_origin]
    if configuration.site is not None:
        server = _bracketed(configuration.site.server)
        estate += [f"https://{server}:{configuration.site.port}", f"https://{server}"]  # the AdminService is at 443
    place = _place(address)
    if place in map(_place, estate):
        raise ConfigurationError(
            f"[{section}]: {one_line(place[0])} is a host of the tenant or the site, which this tool only reads"
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _place(address: str) -> tuple[str, int]:
    """Host and port, as every way of writing the same has them."""
    parts = urlsplit(address)
    return (parts.hostname or "").rstrip("."), parts.port or 443
