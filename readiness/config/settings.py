"""What `readiness.toml` comes to: access to the two halves, the options of a scan, and what judging needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from readiness.config.clouds import Cloud, clouds
from readiness.config.origin import Origin
from readiness.model.settings import JudgingSettings
from readiness.model.words import FailOn


class TenantAuth(StrEnum):
    """`[tenant] auth`: the ways to sign in that this version supports."""

    CLIENT_SECRET = "client-secret"  # noqa: S105 - a way to sign in, not a secret
    CERTIFICATE = "certificate"
    DEVICE_CODE = "device-code"
    INTERACTIVE = "interactive"
    MANAGED_IDENTITY = "managed-identity"
    WORKLOAD_IDENTITY = "workload-identity"

    @property
    def is_person(self) -> bool:
        """Whether a person signs in, and not the application itself."""
        return self in (TenantAuth.DEVICE_CODE, TenantAuth.INTERACTIVE)


class SiteAuth(StrEnum):
    """`[site] auth`: the ways to sign in that this version supports."""

    NEGOTIATE = "negotiate"
    KERBEROS = "kerberos"
    NTLM = "ntlm"
    CERTIFICATE = "certificate"
    BASIC = "basic"


class SiteTransport(StrEnum):
    """`[site] transport`: the ways to the SMS Provider that this version supports."""

    WINRM = "winrm"
    ADMINSERVICE = "adminservice"


class Scheme(StrEnum):
    """`[site] scheme`."""

    HTTPS = "https"
    HTTP = "http"


class Until(StrEnum):
    """`[scan] until`: what a scan waits for."""

    READY = "ready"


READING_SECONDS = 120.0
"""For the whole reading phase, unless the configuration says otherwise."""

PORTS = {Scheme.HTTPS: 5986, Scheme.HTTP: 5985}
"""The ports of WinRM."""

ADMINSERVICE_PORT = 443


def usual_port(transport: SiteTransport, scheme: Scheme) -> int:
    """Where the site listens unless the configuration says otherwise."""
    return ADMINSERVICE_PORT if transport is SiteTransport.ADMINSERVICE else PORTS[scheme]


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """`[tenant]`: access to the cloud half."""

    id: str
    """GUID or verified domain."""
    client_id: str | None = None
    """None: the machine's own managed identity; every other way to sign in has one."""
    cloud: Cloud = Cloud.PUBLIC
    auth: TenantAuth = TenantAuth.CLIENT_SECRET
    client_secret_env: str = field(default="READINESS_CLIENT_SECRET", repr=False)
    """Name of the environment variable that holds the secret. Never the secret itself."""
    certificate: Path | None = None
    """PFX, or PEM with key and certificate."""
    certificate_password_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds the password of that file. None: it needs none."""
    federated_token_file: Path | None = None
    """The token of another issuer, read anew each time it is shown. None: where AZURE_FEDERATED_TOKEN_FILE points."""
    authority: str | None = None
    """https origin of another sign-in host: no instance discovery there."""
    graph: str | None = None
    """https origin of another Graph host."""
    ca_bundle: Path | None = None

    @property
    def login_origin(self) -> str:
        """The sign-in host, as an https origin."""
        return self.authority or clouds()[self.cloud].login

    @property
    def graph_origin(self) -> str:
        """The Graph host, as an https origin."""
        return self.graph or clouds()[self.cloud].graph


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`[site]`: access to the on-premises half."""

    server: str
    """A server with the SMS Provider, of the top-level site: host name or address, IPv6 without brackets."""
    site_code: str | None = None
    """Three letters or digits, upper case. None: asked from the provider."""
    transport: SiteTransport = SiteTransport.WINRM
    auth: SiteAuth = SiteAuth.NEGOTIATE
    username: str | None = None
    """None: the current logon."""
    password_env: str = field(default="READINESS_SITE_PASSWORD", repr=False)
    """Name of the environment variable that holds the password. Never the password itself."""
    keytab: Path | None = None
    """The account's Kerberos key, in place of its password."""
    certificate: Path | None = None
    """PFX, or PEM with key and certificate, for `auth = "certificate"`."""
    certificate_password_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds the password of that file, where it has one."""
    scheme: Scheme = Scheme.HTTPS
    port: int = PORTS[Scheme.HTTPS]
    """As written, else the usual one of the transport."""
    ca_bundle: Path | None = None
    edr_flag_mask: int = 0
    """Bits of `SMS_Collection.ServicePartners` that mean "available for Defender policies". 0: not calibrated."""
    hierarchy_id: str | None = None
    """The hierarchy as Graph names it (a GUID), where several share a tenant."""


def with_transport(site: SiteSettings, transport: SiteTransport) -> SiteSettings:
    """The site over another transport; a port that was the usual one of the former becomes that of the latter."""
    usual = site.port == usual_port(site.transport, site.scheme)
    port = usual_port(transport, site.scheme) if usual else site.port
    return replace(site, transport=transport, port=port)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """`[scan]`: defaults for the options of `scan`, under the same names. Options on the command line override them."""

    check: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    collection: tuple[str, ...] = ()
    """In place of `[scope] collections`, as `--collection` is."""
    format: tuple[str, ...] = ("html", "markdown", "json")
    output: Path = Path("readiness-reports")
    """Folder of the reports. The default is relative to the working directory."""
    fail_on: FailOn | None = None
    """As `[policy] fail_on`, which `load` has already filled with it; read it there."""
    quiet: bool = False
    json: bool = False
    no_color: bool = False
    no_input: bool = False
    no_cache: bool = False
    """Whether no sign-in of a person is kept, nor a kept one used."""
    debug: bool = False
    timeout: float = READING_SECONDS
    """Seconds for the whole reading phase; with `until`, of the waiting."""
    until: Until | None = None
    """What to wait for. None: the estate is read once."""
    save_evidence: Path | None = None
    redact: bool = False
    """Whether aliases stand for names in everything that is printed and written."""
    redact_map: Path | None = None
    """Which alias is whom, read and extended: the same names get the same aliases in later runs. Private."""
    keep_targets: bool = False
    """Whether the names of the target collections stay when names are redacted."""
    against: Path | None = None
    """The report, as JSON, that was approved: say what changed since."""
    signing_key: Path | None = None
    """Ed25519 private key, PEM, that signs evidence and reports; None, as `signing_key_env`: nothing is signed."""
    signing_key_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds such a key as PEM text, in place of the file."""
    signing_key_password_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds the password of that key. None: it needs none."""
    log_file: Path | None = None
    knowledge: Path | None = None
    """Folder of tables whose rows are laid over the rule data that ships."""
    transport: SiteTransport | None = None
    """As `[site] transport`, which `load` has already changed to it; read it there."""

    @property
    def reading_seconds(self) -> float:
        """For one reading of the estate: while waiting never longer than usual."""
        return self.timeout if self.until is None else min(self.timeout, READING_SECONDS)


ATTACHING_SECONDS = 120.0
"""For all that one `attach` asks and sends, unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class AttachSettings:
    """`[attach]`: access to the ticket systems that reports are attached to. Reading the estate never uses it."""

    servicenow: str | None = None
    """https origin of the instance."""
    servicenow_table: str = "change_request"
    """The table in which records are looked for by their number."""
    servicenow_username: str | None = None
    servicenow_password_env: str = field(default="READINESS_SERVICENOW_PASSWORD", repr=False)
    """Name of the environment variable that holds the password. Never the password itself."""
    servicenow_token_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds an OAuth access token, in place of user name and password."""
    jira: str | None = None
    """https address of Jira, with its path where it has one."""
    jira_username: str | None = None
    """Jira Cloud: the account's e-mail address. None: the token is a personal access token (Data Center)."""
    jira_token_env: str = field(default="READINESS_JIRA_TOKEN", repr=False)
    """Name of the environment variable that holds the API token, or the personal access token. Never the token."""
    ca_bundle: Path | None = None
    timeout: float = ATTACHING_SECONDS
    """Seconds, for everything together."""


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """`[history]`: which runs are kept, where, and for how long."""

    enabled: bool | None = None
    """False: no run is kept. None: where the extra is there that it takes, and nothing is said where it is not."""
    path: Path | None = None
    """The file. None: in the user's data directory."""
    keep: timedelta = timedelta(days=400)
    """How long a run is kept; the last whole one stays in any case."""
    runs: int = 2000
    """How many runs are kept."""
    evidence: bool = False
    """Whether what was read is kept, too."""
    every: timedelta | None = None
    """How often a run is expected, to tell of those that are missing. None: told from the runs themselves."""


class SmtpSecurity(StrEnum):
    """`[notify] smtp_security`: how mail is protected on its way to the server. There is no way without."""

    STARTTLS = "starttls"
    TLS = "tls"


SMTP_PORTS = {SmtpSecurity.STARTTLS: 587, SmtpSecurity.TLS: 465}
"""Of message submission (RFC 6409), and of message submission over TLS (RFC 8314)."""
NOTIFYING_SECONDS = 60.0
"""For all messages of one run, unless the configuration says otherwise."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """`[notify]`: who hears of it when something changed, when that could not be told, or when the job failed."""

    webhook_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds the address of a webhook. Never the address: it is a secret."""
    teams_env: str | None = field(default=None, repr=False)
    """Name of the environment variable that holds the address of a workflow of Microsoft Teams."""
    mail_to: tuple[str, ...] = ()
    mail_from: str | None = None
    smtp: str | None = None
    """Host that takes the mail."""
    smtp_port: int | None = None
    """As written, else the usual one."""
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_username: str | None = None
    """None: the server takes mail from this machine without a sign-in."""
    smtp_password_env: str = field(default="READINESS_SMTP_PASSWORD", repr=False)
    """Name of the environment variable that holds the password. Never the password itself."""
    also: tuple[str, ...] = ()
    """Notifiers of plugins, by their names."""
    ca_bundle: Path | None = None
    timeout: float = NOTIFYING_SECONDS
    """Seconds, for everything together."""

    @property
    def tells(self) -> bool:
        """Whether anybody hears of anything."""
        return bool(self.webhook_env or self.teams_env or self.also or self.mail_to or self.mail_from or self.smtp)

    @property
    def port(self) -> int:
        """Of the server that takes the mail."""
        return self.smtp_port or SMTP_PORTS[self.smtp_security]


@dataclass(frozen=True, slots=True)
class JobSettings:
    """`[job]`: what keeps a scheduled `scan` within bounds."""

    deadline: float | None = None
    """Seconds for the whole of it: reading, judging, writing, keeping, telling. None: `[scan] timeout`, and a quarter
    of an hour."""
    lock: Path | None = None
    """The file by which one run goes at a time. None: in the user's state directory, one for each estate."""
    log_megabytes: int = 10
    """How large the log (`[scan] log_file`) gets before another one is begun."""
    log_files: int = 5
    """How many earlier logs are kept beside it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that a run is configured by."""

    path: Path | None = None
    """The file it was read from. None: no file was found; the environment alone may still configure."""
    tenant: TenantSettings | None = None
    site: SiteSettings | None = None
    scan: ScanSettings = field(default_factory=ScanSettings)
    judging: JudgingSettings = field(default_factory=JudgingSettings)
    """`selection` is left empty: the caller fills it from `scan` and the command line."""
    warnings: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin, repr=False, compare=False)
    """Where every key was written, for messages about it."""
    attach: AttachSettings | None = None
    history: HistorySettings | None = None
    """None: no `[history]` is written, and its defaults hold."""
    notify: NotifySettings | None = None
    """None: nobody hears of anything."""
    job: JobSettings = field(default_factory=JobSettings)

    @property
    def has_half(self) -> bool:
        """Whether there is anything to read at all."""
        return self.tenant is not None or self.site is not None
