"""Whom to ask and as whom: the settings of one way to the site, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from readiness.errors import ConfigurationError
from readiness.sources.configmgr.wsman import PATH
from readiness.sources.identity import TlsIdentity
from readiness.sources.route import DIRECT, Route

Auth = Literal["negotiate", "kerberos", "ntlm", "certificate", "basic"]
Service = Literal["winrm", "adminservice"]
Scheme = Literal["https", "http"]

PORTS = {"https": 5986, "http": 5985}
"""The ports of WinRM."""


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint and the account for it. Its `repr` shows no password.

    Raises:
        ConfigurationError: a combination that would give the password away, or an unknown word.
    """

    server: str
    port: int
    scheme: str
    auth: str
    username: str | None
    password: str | None = field(repr=False)
    ca_bundle: Path | None
    certificate: TlsIdentity | None = None
    service: Service = "winrm"
    route: Route = DIRECT
    """Always direct: the site is inside. It knows of the proxy that is not used, for the words of a failure."""
    keytab: Path | None = None

    def __post_init__(self) -> None:
        if self.scheme not in get_args(Scheme):
            raise ConfigurationError(f"scheme: {self.scheme!r} is not one of {', '.join(get_args(Scheme))}")
        if self.auth not in get_args(Auth):
            raise ConfigurationError(f"auth: {self.auth!r} is not one of {', '.join(get_args(Auth))}")
        if self.service == "adminservice" and (self.scheme != "https" or self.auth in ("basic", "certificate")):
            raise ConfigurationError("the administration service takes negotiate, kerberos or ntlm, over https only")
        if self.auth == "certificate" and (self.scheme != "https" or self.certificate is None):
            raise ConfigurationError("auth: certificate needs https and a certificate")
        if self.auth == "basic" and self.scheme != "https":
            raise ConfigurationError("auth: basic sends the password readably, so it is allowed over https only")
        if self.keytab is not None and (self.auth not in ("negotiate", "kerberos") or not self.username):
            raise ConfigurationError("a keytab is for kerberos or negotiate, and needs a user name")
        if self.auth == "basic" and not (self.username and self.password):
            raise ConfigurationError("auth: basic needs a user name and a password")

    @property
    def origin(self) -> str:
        host = f"[{self.server}]" if ":" in self.server else self.server
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def endpoint(self) -> str:
        return self.origin + PATH

    @property
    def identity(self) -> str:
        """As whom the server is asked."""
        if self.certificate is not None:
            return self.username or f"certificate {self.certificate.subject}"
        return self.username or "current logon"
