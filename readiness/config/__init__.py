"""The configuration: `readiness.toml` and the environment over it. Contract: interfaces, section 3.

configuration = load(options.config, os.environ)
require_half(configuration)
validate_checks(configuration, {check.id: check.phase for check in checks})
password = site_password(configuration, os.environ)
"""

from __future__ import annotations

from readiness.config.certificate import ClientCertificate
from readiness.config.clouds import Cloud, CloudHosts, clouds, clouds_of
from readiness.config.federation import federated_token
from readiness.config.files import FILE_NAME
from readiness.config.loading import load, require_half
from readiness.config.redaction import redacted
from readiness.config.secret import client_certificate, client_secret, secret, site_certificate, site_password
from readiness.config.settings import (
    AttachSettings,
    Configuration,
    HistorySettings,
    JobSettings,
    NotifySettings,
    ScanSettings,
    Scheme,
    SiteAuth,
    SiteSettings,
    SiteTransport,
    SmtpSecurity,
    TenantAuth,
    TenantSettings,
    Until,
    with_transport,
)
from readiness.config.tickets import TicketSignIn, jira_sign_in, servicenow_sign_in
from readiness.config.trust import Trust, bad_bundle, trust
from readiness.config.validation import not_waivable, unknown_check, unmatched_pattern, validate_checks

__all__ = [
    "FILE_NAME",
    "AttachSettings",
    "ClientCertificate",
    "Cloud",
    "CloudHosts",
    "Configuration",
    "HistorySettings",
    "JobSettings",
    "NotifySettings",
    "ScanSettings",
    "Scheme",
    "SiteAuth",
    "SiteSettings",
    "SiteTransport",
    "SmtpSecurity",
    "TenantAuth",
    "TenantSettings",
    "TicketSignIn",
    "Trust",
    "Until",
    "bad_bundle",
    "client_certificate",
    "client_secret",
    "clouds",
    "clouds_of",
    "federated_token",
    "jira_sign_in",
    "load",
    "not_waivable",
    "redacted",
    "require_half",
    "secret",
    "servicenow_sign_in",
    "site_certificate",
    "site_password",
    "trust",
    "unknown_check",
    "unmatched_pattern",
    "validate_checks",
    "with_transport",
]
