"""What signs in to a ticket system: made of the environment when it is needed, and never shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from readiness.config.secret import secret
from readiness.config.settings import AttachSettings, Configuration
from readiness.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TicketSignIn:
    """An address, and who signs in there."""

    address: str
    authorization: str = field(repr=False)
    """The value of the header `Authorization`."""
    who: str
    """By which keys of the configuration, for messages: no account, no secret."""


def servicenow_sign_in(configuration: Configuration, environ: Mapping[str, str]) -> TicketSignIn:
    """Basic with user name and password, or an OAuth access token.

    Raises:
        ConfigurationError: no instance is configured, or a variable is not set.
    """
    attach = _settings(configuration)
    if attach.servicenow is None:
        raise ConfigurationError(_missing(configuration, "servicenow", "https://contoso.service-now.com"))
    if attach.servicenow_token_env is not None:
        token = _secret(attach, "servicenow_token_env", configuration, environ)
        return TicketSignIn(attach.servicenow, f"Bearer {token}", "[attach] servicenow_token_env")
    password = _secret(attach, "servicenow_password_env", configuration, environ, any_sign=True)
    basic = _basic(attach.servicenow_username or "", password)
    return TicketSignIn(attach.servicenow, basic, "[attach] servicenow_username, servicenow_password_env")


def jira_sign_in(configuration: Configuration, environ: Mapping[str, str]) -> TicketSignIn:
    """Basic with e-mail address and API token, or a personal access token.

    Raises:
        ConfigurationError: as `servicenow_sign_in`.
    """
    attach = _settings(configuration)
    if attach.jira is None:
        raise ConfigurationError(_missing(configuration, "jira", "https://contoso.atlassian.net"))
    if attach.jira_username is None:
        token = _secret(attach, "jira_token_env", configuration, environ)
        return TicketSignIn(attach.jira, f"Bearer {token}", "[attach] jira_token_env")
    token = _secret(attach, "jira_token_env", configuration, environ, any_sign=True)
    return TicketSignIn(attach.jira, _basic(attach.jira_username, token), "[attach] jira_username, jira_token_env")


def _settings(configuration: Configuration) -> AttachSettings:
    return configuration.attach or AttachSettings()


def _missing(configuration: Configuration, key: str, like: str) -> str:
    place = configuration.origin.where(("attach", key))
    return f'{place}: missing; --to {key}:... needs the address, such as {key} = "{like}" below [attach]'


def _secret(
    attach: AttachSettings,
    key: str,
    configuration: Configuration,
    environ: Mapping[str, str],
    *,
    any_sign: bool = False,
) -> str:
    found = secret(attach, key, environ, origin=configuration.origin)
    token = found.strip()
    if not any_sign and not (token.isascii() and token.isprintable() and " " not in token):
        place = configuration.origin.where(("attach", key))
        raise ConfigurationError(f"{place}: the variable that it names holds a sign that no token has")
    return found if any_sign else token


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
