"""From `[notify]` to the channels, with the secrets of the environment. Nothing is asked yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address

from readiness.config import Configuration, NotifySettings, Trust, bad_bundle, secret, trust
from readiness.errors import ConfigurationError, NoticeError
from readiness.model.notice import Notifier, NotifierAccess, NotifierFactory
from readiness.notification.line import Address, prepared
from readiness.notification.mail import Mail, Submission
from readiness.notification.teams import Teams
from readiness.notification.webhook import Webhook
from readiness.sources.deadline import Deadline
from readiness.sources.origin import Origin
from readiness.sources.route import DIRECT, Route
from readiness.targets.opening import must_not_be_the_estate
from readiness.text import one_line

BUILT_IN = ("webhook", "teams", "mail")
"""The channels of this program; a plugin of the same name is not used."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What opening the channels needs besides the configuration."""

    environ: Mapping[str, str]
    deadline: Deadline
    route: Callable[[str, Trust], Route]
    """The way to an origin."""
    plugins: Iterable[str]
    """The names of other notifiers."""
    plugin: Callable[[str], NotifierFactory]
    """Loads one of them."""


def opened(configuration: Configuration, by: Surroundings) -> dict[str, Notifier]:
    """The channels that the configuration names, by their names; none where it has no `[notify]`.

    Raises:
        ConfigurationError: a variable is not set, an address is none, there is no such plugin.
    """
    settings = configuration.notify
    if settings is None:
        return {}
    believed = _believed(configuration, settings, by)
    found: dict[str, Notifier] = {}
    if settings.webhook_env is not None:
        found["webhook"] = Webhook(_address(configuration, settings, "webhook_env", believed, by))
    if settings.teams_env is not None:
        found["teams"] = Teams(_address(configuration, settings, "teams_env", believed, by))
    if settings.mail_to:
        found["mail"] = Mail(_submission(configuration, settings, believed, by))
    for name in settings.also:
        found[name] = _plugin(configuration, name, believed, by)
    return found


def _believed(configuration: Configuration, settings: NotifySettings, by: Surroundings) -> Trust:
    wrong = bad_bundle(settings.ca_bundle) if settings.ca_bundle is not None else None
    if wrong is not None:
        raise ConfigurationError(f"{configuration.origin.where(('notify', 'ca_bundle'))}: {wrong}")
    return trust(settings.ca_bundle, by.environ)


def _address(
    configuration: Configuration, settings: NotifySettings, key: str, believed: Trust, by: Surroundings
) -> Address:
    """What a variable holds, as far as it is an address. Never shown: it is a secret."""
    place = configuration.origin.where(("notify", key))
    url = secret(settings, key, by.environ, origin=configuration.origin).strip()
    try:
        origin = Origin.of(prepared(url))
    except (NoticeError, ValueError):
        origin = None
    if origin is None or not url.isprintable() or " " in url:
        raise ConfigurationError(f"{place}: the variable that it names holds no address such as https://HOST/PATH")
    if origin.scheme == "http" and not _is_this_machine(origin.host):
        raise ConfigurationError(f"{place}: the variable that it names holds an address without https")
    whole = f"{origin.scheme}://{origin}"
    must_not_be_the_estate(whole, configuration, "notify")
    near = origin.scheme == "http"
    return Address(url, whole, by.deadline, believed.bundle, DIRECT if near else by.route(whole, believed))


def _is_this_machine(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _submission(
    configuration: Configuration, settings: NotifySettings, believed: Trust, by: Surroundings
) -> Submission:
    password = ""
    if settings.smtp_username is not None:
        password = secret(settings, "smtp_password_env", by.environ, origin=configuration.origin)
    return Submission(
        host=settings.smtp or "",
        port=settings.port,
        security=settings.smtp_security,
        sender=settings.mail_from or "",
        recipients=settings.mail_to,
        deadline=by.deadline,
        username=settings.smtp_username,
        password=password,
        ca_bundle=believed.bundle,
    )


def _plugin(configuration: Configuration, name: str, believed: Trust, by: Surroundings) -> Notifier:
    known = [one for one in by.plugins if one not in BUILT_IN]
    if name not in known:
        place = configuration.origin.where(("notify", "also"))
        near = get_close_matches(name, known, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        there = ", ".join(known) or "none: 'readiness plugins' lists what is installed"
        raise ConfigurationError(f"{place}: there is no notifier '{one_line(name, 40)}'; {hint}there is {there}")
    return by.plugin(name)(NotifierAccess(by.environ, by.deadline.seconds, believed.bundle))
