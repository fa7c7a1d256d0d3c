"""What must hold between the keys of a section. Each rule yields the key that is wrong, and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from readiness.config.settings import (
    AttachSettings,
    NotifySettings,
    ScanSettings,
    Scheme,
    SiteAuth,
    SiteSettings,
    SiteTransport,
    TenantAuth,
    TenantSettings,
    usual_port,
)
from readiness.model.settings import Attestation, Change, Waiver
from readiness.text import printable

Findings = Iterator[tuple[str, str]]


def nothing(_settings: object) -> Findings:
    """Nothing has to hold."""
    yield from ()


def nothing_needed(_values: Mapping[str, Any]) -> tuple[str, ...]:
    """No key becomes required by another one."""
    return ()


def fill_port(values: dict[str, Any]) -> None:
    """The port follows the transport and the scheme where none is written."""
    port = usual_port(values.get("transport", SiteTransport.WINRM), values.get("scheme", Scheme.HTTPS))
    values.setdefault("port", port)


def needed_by_tenant(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Only a machine has an identity of its own; every other way to sign in is that of an application."""
    return () if values.get("auth") is TenantAuth.MANAGED_IDENTITY else ("client_id",)


def tenant(settings: TenantSettings) -> Findings:
    """What a way to sign in needs is named."""
    if settings.auth is TenantAuth.CERTIFICATE and settings.certificate is None:
        yield "certificate", 'missing; auth "certificate" needs it: a PFX file, or PEM with key and certificate'


def site(settings: SiteSettings) -> Findings:
    """A password never crosses the network unprotected; each way to sign in has what it needs."""
    if settings.transport is SiteTransport.ADMINSERVICE:
        yield from _adminservice(settings)
    if settings.auth is SiteAuth.CERTIFICATE:
        yield from _certificate(settings)
    if settings.keytab is not None:
        yield from _keytab(settings)
    if settings.auth is SiteAuth.BASIC and settings.scheme is Scheme.HTTP:
        yield "scheme", '"http" with auth "basic" would send the password unprotected; use "https"'
    if settings.auth is SiteAuth.BASIC and settings.username is None:
        yield "username", 'missing; auth "basic" needs it'


def _adminservice(settings: SiteSettings) -> Findings:
    if settings.scheme is Scheme.HTTP:
        yield "scheme", '"http" does not go with transport "adminservice", which answers over https only; leave it out'
    if settings.auth in (SiteAuth.BASIC, SiteAuth.CERTIFICATE):
        yield "auth", f'transport "adminservice" does not take "{settings.auth}"; use "negotiate" or "kerberos"'


def _keytab(settings: SiteSettings) -> Findings:
    if settings.auth not in (SiteAuth.KERBEROS, SiteAuth.NEGOTIATE):
        yield "keytab", f'does not go with auth "{settings.auth}"; use "kerberos"'
    if settings.username is None:
        yield "username", "missing; keytab needs it: user@REALM"


def _certificate(settings: SiteSettings) -> Findings:
    if settings.scheme is Scheme.HTTP:
        yield "scheme", '"http" has no certificates; use "https"'
    if settings.certificate is None:
        yield "certificate", 'missing; auth "certificate" needs it'


def scan(settings: ScanSettings) -> Findings:
    """One key signs."""
    if settings.signing_key is not None and settings.signing_key_env is not None:
        yield "signing_key_env", "only one of signing_key and signing_key_env can be named"


def attach(settings: AttachSettings) -> Findings:
    """Each ticket system has one way to sign in."""
    if settings.servicenow_username is not None and settings.servicenow_token_env is not None:
        yield "servicenow_token_env", "only one of servicenow_username and servicenow_token_env can be named"
    if settings.servicenow and not (settings.servicenow_username or settings.servicenow_token_env):
        yield "servicenow_username", "missing; servicenow needs it, or servicenow_token_env"
    if settings.jira and _of_cloud(settings.jira) and settings.jira_username is None:
        yield "jira_username", "missing; Jira Cloud needs it: the e-mail address of the account that has the API token"


def notify(settings: NotifySettings) -> Findings:
    """Somebody hears of it, and mail has all that it needs."""
    mail = {"mail_to": settings.mail_to, "mail_from": settings.mail_from, "smtp": settings.smtp}
    if settings != NotifySettings() and not settings.tells:  # empty it may stand there, as 'readiness init' writes it
        yield "webhook_env", "missing; nobody would hear of anything: name webhook_env, teams_env, mail_to or also"
    for key, value in mail.items():
        if not value and any(mail.values()):
            named = next(name for name, given in mail.items() if given)
            yield key, f"missing; {named} needs it"


def _of_cloud(jira: str) -> bool:
    return jira.partition("://")[2].partition("/")[0].partition(":")[0].endswith(".atlassian.net")


def change(settings: Change) -> Findings:
    """The window ends after it starts."""
    start, end = settings.window_start, settings.window_end
    if start is not None and end is not None and end <= start:
        yield "window_end", "is not after window_start"


def waiver(settings: Waiver) -> Findings:
    """Two persons, and at most one subject."""
    if settings.requested_by.casefold() == settings.approved_by.casefold():
        yield "approved_by", "is who requested it; another person must approve a waiver"
    yield from _one_subject(settings)


def attestation(settings: Attestation) -> Findings:
    """It ends after it was made, and has at most one subject."""
    if settings.expires < settings.on:
        yield "expires", "is before the day it was made (on)"
    yield from _one_subject(settings)


def _one_subject(settings: Waiver | Attestation) -> Findings:
    written = [name for name in ("collection", "site", "administrator") if getattr(settings, name) is not None]
    if len(written) > 1:
        yield written[1], f"only one of collection, site and administrator can be named, and {written[0]} is"


def bad_file(path: Path) -> str | None:
    """What is wrong with a file that is to be read; None where it can be."""
    try:
        path.open("rb").close()
    except FileNotFoundError:
        return f"no such file: {printable(str(path))}"
    except (OSError, ValueError) as error:
        if path.is_dir():
            return f"is a folder, not a file: {printable(str(path))}"
        reason = error.strerror if isinstance(error, OSError) else "not a valid path"
        return f"cannot be read ({reason}): {printable(str(path))}"
    return None
