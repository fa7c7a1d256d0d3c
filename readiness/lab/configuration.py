"""The files by which an ordinary client reaches a running lab: `readiness.toml`, `ca.pem`, `lab.env`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.lab.scenario import Scenario

CLIENT_SECRET = "READINESS_CLIENT_SECRET"  # noqa: S105 - a variable's name
PFX_PASSWORD = "READINESS_PFX_PASSWORD"  # noqa: S105
SITE_PASSWORD = "READINESS_SITE_PASSWORD"  # noqa: S105
CLIENT_CERTIFICATE = "client.pem"

PFX = "readiness.pfx"
FEDERATED_TOKEN = "federated.token"  # noqa: S105 - a file's name

Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """How the site is reached; with a client's key and certificate (PEM) where they sign in."""

    transport: str
    scheme: str
    port: int
    client_pem: bytes | None = None


def write(
    directory: Path,
    scenario: Scenario,
    *,
    graph_origin: str,
    way: Way,
    ca_pem: bytes,
    pfx: bytes | None = None,
    token: str | None = None,
    platform: Mapping[str, str] | None = None,
) -> None:
    """Write the files; `directory` is made if it is not there. The contract names the keys (interfaces, 3).

    Args:
        token: of the issuer that the application trusts, for workload identity.
        platform: variables by which a platform tells its workloads where their identity is told.
    """
    documents.write_bytes(directory / "ca.pem", ca_pem)
    documents.write_bytes(directory / "lab.env", _secrets(scenario, platform or {}).encode(), private=True)
    if pfx is not None:
        documents.write_bytes(directory / PFX, pfx, private=True)
    if token is not None:
        documents.write_bytes(directory / FEDERATED_TOKEN, token.encode(), private=True)
    if way.client_pem is not None:
        documents.write_bytes(directory / CLIENT_CERTIFICATE, way.client_pem, private=True)
    sections: dict[str, Section | list[Section]] = {
        "tenant": _tenant(scenario, graph_origin),
        "site": _site(scenario, way),
        "scope": {**scenario.scope},
    }
    for name, more in scenario.configuration.items():
        had = sections.get(name)
        sections[name] = {**had, **more} if isinstance(had, dict) and isinstance(more, dict) else more
    head = f"# Simulated estate {scenario.name!r}: {scenario.title}\n# The secrets are in lab.env.\n"
    documents.write(directory / "readiness.toml", head + _toml(sections))


_PROOF: dict[str, Section] = {
    "client-secret": {"client_secret_env": CLIENT_SECRET},
    "certificate": {"certificate": PFX, "certificate_password_env": PFX_PASSWORD},
    "device-code": {},
    "interactive": {},
    "managed-identity": {},
    "workload-identity": {"federated_token_file": FEDERATED_TOKEN},
}
"""The keys that each way to sign in needs."""


def _tenant(scenario: Scenario, origin: str) -> Section:
    own = scenario.tenant.auth == "managed-identity"  # that of the machine: it has no application
    return {
        "id": scenario.tenant.domains[0],
        "cloud": scenario.tenant.cloud,
        **({} if own else {"client_id": scenario.tenant.client_id}),
        "auth": scenario.tenant.auth,
        **_PROOF[scenario.tenant.auth],
        "authority": origin,
        "graph": origin,
        "ca_bundle": "ca.pem",
    }


def _site(scenario: Scenario, way: Way) -> Section:
    section: Section = {
        "server": "localhost",
        "port": way.port,
        "scheme": way.scheme,
        "transport": way.transport,
        "username": scenario.site.username,
    }
    if way.client_pem is not None:
        section.update({"auth": "certificate", "certificate": CLIENT_CERTIFICATE})
    else:
        section.update({"auth": "negotiate", "password_env": SITE_PASSWORD})
    return {**section, "ca_bundle": "ca.pem"} if way.scheme == "https" else section


def _secrets(scenario: Scenario, platform: Mapping[str, str]) -> str:
    tenant = scenario.tenant
    secrets = {CLIENT_SECRET: tenant.client_secret, SITE_PASSWORD: scenario.site.password}
    if tenant.auth == "certificate":
        secrets[PFX_PASSWORD] = tenant.certificate_password
    return "".join(f"{name}={value}\n" for name, value in {**secrets, **platform}.items())


def _toml(sections: dict[str, Section | list[Section]]) -> str:
    """TOML of tables, and of arrays of tables. JSON's strings, numbers and lists of strings are TOML's too."""
    return "".join(
        f"\n[[{name}]]\n{_pairs(entry)}" if isinstance(section, list) else f"\n[{name}]\n{_pairs(entry)}"
        for name, section in sections.items()
        for entry in (section if isinstance(section, list) else [section])
    )


def _pairs(section: Section) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in section.items())


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
