"""Scenarios: what a simulated estate holds. TOML that an administrator can read and write.

A file states the tenant, the site, the account that reads, and the data of both under their true names. The comments
in `scenarios/ready.toml` explain it to whoever writes one.

`base = "other"` starts from another scenario: tables are merged key by key, at any depth; everything else, lists and
arrays of tables included, is replaced whole. `[change]` and `[remove]` reach single rows of what is there then, and
`[devices]` and `[many]` stand for many rows (module `shorthand`).
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from readiness.errors import ConfigurationError
from readiness.lab.shorthand import changed, expanded

_HOME = Path(__file__).with_name("scenarios")

Table = dict[str, Any]
TenantAuth = Literal[
    "client-secret", "certificate", "device-code", "interactive", "managed-identity", "workload-identity"
]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs in where the sign-in is by device code, and what they do about it. Nobody has to open the page."""

    user: str = "admin@contoso.com"
    """User principal name."""
    answer: Literal["accept", "decline", "blocked", "ignore"] = "accept"
    """`blocked`: by Conditional Access. `ignore`: never comes."""
    pending: int = 1
    """How often the answer is asked for before it is there."""
    slow_down: int = 0
    """How often, before that, the answer is to ask less often."""
    code_seconds: int = 900


class Tenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Entra tenant, and the application registration that reads it."""

    id: str
    domains: tuple[str, ...]
    """Verified domains; signing in by any of them works, as by the id."""
    client_id: str
    client_secret: str
    client_secret_expired: bool = False
    auth: TenantAuth = "client-secret"
    """How the written configuration signs in."""
    certificate_password: str = "Lab-simulated-pfx-password-1"  # noqa: S105 - nothing but this lab knows it
    certificate_expired: bool = False
    public_client: bool = True
    """Whether persons may sign in through the application by device code."""
    person: Person = Person()
    consent: bool = True
    cloud: Literal["public", "usgov", "usdod", "china"] = "public"
    """Where the tenant lives, as its discovery document says; the written configuration names the same."""
    region_scope: str = "EU"
    region_sub_scope: str = ""
    """GCC in the public cloud, DODCON (GCC High), DOD; commercial tenants have none."""
    permissions: tuple[str, ...] = ()
    """Application permissions that were granted, by their Graph names."""
    intune: bool = True
    """Whether the tenant has an Intune subscription at all."""
    intune_refusal: Literal["missing-scope", "nested-forbidden"] | None = None
    """Shape of Intune's refusals; left out: as each path is known to answer."""
    privileged_identity_management: bool = True
    """Whether the tenant has the licence for it (Entra ID P2 or Governance)."""
    page_size: int = 100
    token_seconds: int = 3599


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The site whose SMS Provider answers, and the account that reads it."""

    code: str
    server: str
    username: str
    password: str
    channel_binding: Literal["optional", "required"] = "optional"
    """`required`: a sign-in over TLS that is not bound to our certificate is refused."""
    sign_in: Literal["password", "certificate"] = "password"
    """`certificate`: WS-Man takes nothing but the client certificate that is written beside `readiness.toml`."""
    ntlm: bool = True
    """Whether the administration service takes NTLM. From release 2509 on it does not; here, where there is no
    Kerberos, NTLM stands for it."""
    context_seconds: float = 600
    """How long an enumeration may lie idle before the provider forgets it."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that goes wrong, the first `times` times it is asked for."""

    server: Literal["entra", "graph", "wsman", "adminservice"]
    path: str = "*"
    """Graph and Entra: path without version and query, as a glob. The members of a batch count one by one."""
    cls: str = msgspec.field(name="class", default="*")
    """WS-Man and administration service: class, as a glob."""
    status: int = 429
    """HTTP status, for all but WS-Man."""
    retry_after: int | None = None
    """Seconds; left out: no Retry-After header."""
    code: int | None = None
    """WS-Man: code of a WSManFault."""
    hresult: int | None = None
    """WS-Man: HRESULT of a MSFT_WmiError (TOML writes 0x80041003 as it is). Administration service: named in a 500."""
    times: int | None = None
    """Left out: always."""


class Method(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a static method of the provider answers to these arguments. The first one that fits is taken."""

    cls: str = msgspec.field(name="class")
    name: str
    result: dict[str, str | int | bool]
    """Out-parameters, `ReturnValue` among them."""
    arguments: dict[str, str] = {}
    """Left out: whatever the arguments are."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole estate. `name` is the file's; `title` says in one sentence what is wrong with the estate."""

    name: str
    title: str
    tenant: Tenant
    site: Site
    scope: dict[str, str | list[str]] = {}
    configuration: dict[str, Any] = {}
    """What the `readiness.toml` of the lab says besides, section by section."""
    graph: dict[Literal["v1", "beta"], dict[str, Any]] = {}
    wmi: dict[str, list[Table]] = {}
    visible: dict[str, list[str]] = {}
    """Role-based access: class -> keys of the rows that the account sees. A class that is not named is seen whole."""
    method: list[Method] = []
    fault: list[Fault] = []

    def signing_in_by(self, auth: TenantAuth) -> Scenario:
        """The same estate, whose written configuration signs in to the tenant in this way."""
        return msgspec.structs.replace(self, tenant=msgspec.structs.replace(self.tenant, auth=auth))

    @property
    def build(self) -> int:
        """Build number of the site that answers: it decides which columns its classes have."""
        for row in self.wmi.get("SMS_Site", []):
            if str(row.get("SiteCode", "")).upper() == self.site.code.upper():
                return int(row["BuildNumber"])
        raise ConfigurationError(f"scenario {self.name}: wmi.SMS_Site has no row for site {self.site.code}")


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package, sorted."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.toml")))


def load_scenario(name_or_path: str) -> Scenario:
    """The scenario of that name, or in that TOML file.

    Raises:
        ConfigurationError: no such scenario (names the nearest), or a file that is not one (names what is wrong).
    """
    path = _find(name_or_path, Path())
    content = _told(path, expanded, _inherit(path, ()))
    try:
        scenario = msgspec.convert({**content, "name": path.stem}, Scenario)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not scenario.build > 0:
        raise ConfigurationError(f"{path}: the BuildNumber of site {scenario.site.code} is not a build number")
    return scenario


def _find(name: str, beside: Path) -> Path:
    if name in scenario_names():
        return _HOME / f"{name}.toml"
    path = beside / name
    if path.suffix == ".toml" and path.is_file():
        return path
    raise ConfigurationError(_unknown(name))


def _unknown(name: str) -> str:
    known = scenario_names()
    nearest = difflib.get_close_matches(name, known, 1, 0.4)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"no scenario {name!r}{hint} (there are: {', '.join(known)}; or give a .toml file)"


def _inherit(path: Path, seen: tuple[Path, ...]) -> Table:
    if path in seen:
        raise ConfigurationError(f"{path}: the scenario is its own base")
    content = _read(path)
    base = content.pop("base", None)
    if base is not None:
        content = _merged(_inherit(_find(str(base), path.parent), (*seen, path)), content)
    return _told(path, changed, content)


def _told(path: Path, step: Callable[[Table], Table], content: Table) -> Table:
    """What `step` makes of the content of a file; what is wrong is said of that file."""
    try:
        return step(content)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Table:
    merged = dict(base)
    for name, value in over.items():
        old = merged.get(name)
        merged[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged
