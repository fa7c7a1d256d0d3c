"""Secrets: fetched from the environment when they are needed, and never shown."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.config.addresses import shown_variable
from readiness.config.certificate import ClientCertificate, WrongPasswordError, read_certificate
from readiness.config.origin import BadValueError, Origin
from readiness.config.settings import (
    AttachSettings,
    Configuration,
    NotifySettings,
    SiteAuth,
    SiteSettings,
    TenantSettings,
)
from readiness.config.wording import KeyPath
from readiness.errors import ConfigurationError

_SECTIONS = {TenantSettings: "tenant", SiteSettings: "site", AttachSettings: "attach", NotifySettings: "notify"}


def secret(
    settings: TenantSettings | SiteSettings | AttachSettings | NotifySettings,
    key: str,
    environ: Mapping[str, str],
    *,
    origin: Origin | None = None,
) -> str:
    """The secret that an `_env` key of `settings` points to.

    Raises:
        ConfigurationError: the variable is not set or empty; names the variable and the key.
    """
    section = _SECTIONS[type(settings)]
    name: str | None = getattr(settings, key)
    value = environ.get(name, "") if name else ""
    if value.strip():
        return value
    raise ConfigurationError(not_set(name, (section, key), origin))


def client_secret(configuration: Configuration, environ: Mapping[str, str]) -> str | None:
    """The secret of the application; None where no tenant is configured.

    Raises:
        ConfigurationError: its variable is not set.
    """
    if configuration.tenant is None:
        return None
    return secret(configuration.tenant, "client_secret_env", environ, origin=configuration.origin)


def client_certificate(configuration: Configuration, environ: Mapping[str, str]) -> ClientCertificate:
    """The certificate of the application, its key opened.

    Raises:
        ConfigurationError: the variable of its password is not set, the password does not open the file, or the file
            holds no RSA key with its certificate; names file, line and key.
    """
    return _certificate(configuration.tenant, environ, configuration.origin, rsa=True)


def site_certificate(configuration: Configuration, environ: Mapping[str, str]) -> ClientCertificate | None:
    """The certificate of the site's account, its key opened; None where it does not sign in.

    Raises:
        ConfigurationError: as `client_certificate`; the key may be of any kind.
    """
    site = configuration.site
    if site is None or site.auth is not SiteAuth.CERTIFICATE:
        return None
    return _certificate(site, environ, configuration.origin, rsa=False)


def _certificate(
    settings: TenantSettings | SiteSettings | None, environ: Mapping[str, str], origin: Origin, *, rsa: bool
) -> ClientCertificate:
    section = "site" if isinstance(settings, SiteSettings) else "tenant"
    if settings is None or settings.certificate is None:
        raise ConfigurationError(f"{origin.where((section, 'certificate'))}: missing")
    password = None
    if settings.certificate_password_env is not None:
        password = secret(settings, "certificate_password_env", environ, origin=origin)
    try:
        return read_certificate(settings.certificate, password, rsa=rsa)
    except WrongPasswordError as error:
        raise ConfigurationError(f"{origin.where((section, 'certificate_password_env'))}: {error}") from None
    except BadValueError as error:
        raise ConfigurationError(f"{origin.where((section, 'certificate'))}: {error}") from None


def site_password(configuration: Configuration, environ: Mapping[str, str]) -> str | None:
    """The password for the site; None where no site is configured, or the logon, a keytab or a certificate signs in.

    Raises:
        ConfigurationError: its variable is not set.
    """
    site = configuration.site
    if site is None or site.username is None or site.keytab is not None or site.auth is SiteAuth.CERTIFICATE:
        return None
    return secret(site, "password_env", environ, origin=configuration.origin)


def not_set(name: str | None, key: KeyPath, origin: Origin | None) -> str:
    """What to say where the variable that an `_env` key names holds nothing; its name only where it looks like one."""
    place = (origin or Origin()).where(key)
    if not name:
        return f"{place}: missing; it names the environment variable that holds the secret"
    variable = shown_variable(name)
    if variable is None:
        hidden = "a name in capitals would be shown here"
        return f"{place}: the environment variable that it names is not set, or empty ({hidden})"
    return f"{place}: environment variable {variable} is not set, or empty"
