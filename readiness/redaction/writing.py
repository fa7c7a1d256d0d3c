"""A redacted configuration as a file, by which somebody else judges redacted evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from pathlib import PurePath
from typing import Any

from readiness.config import Configuration
from readiness.config.writing import toml
from readiness.recording.configuration import NOBODY

_HEAD = """\
# A redacted configuration: aliases stand for names. It judges the evidence that was redacted with it, by
# `readiness assess EVIDENCE --config FILE`. What signs in is left out.
"""
_SELECTION = ("check", "skip", "tag")


def written(configuration: Configuration) -> str:
    """The file. `configuration` is redacted already."""
    judging = configuration.judging
    tables = [
        ("[tenant]", _tenant(configuration)),
        ("[site]", _site(configuration)),
        ("[scope]", _set(judging.scope)),
        ("[rollout]", _set(judging.rollout)),
        ("[policy]", _set(judging.policy)),
        ("[change]", _set(judging.change)),
        ("[scan]", {name: value for name, value in _values(configuration.scan) if name in _SELECTION}),
        *(("[[waiver]]", _set(one)) for one in judging.waivers),
        *(("[[attestation]]", _set(one)) for one in judging.attestations),
    ]
    return _HEAD + "".join(_table(header, table) for header, table in tables if table)


def _tenant(configuration: Configuration) -> Mapping[str, Any]:
    """The way to sign in is one that names no file."""
    tenant = configuration.tenant
    if tenant is None:
        return {}
    auth = "device-code" if tenant.auth.is_person else "client-secret"
    return {"client_id": NOBODY, **_set(tenant), "auth": auth}


def _site(configuration: Configuration) -> Mapping[str, Any]:
    site = configuration.site
    return {} if site is None else {**_set(site), "auth": "negotiate"}


def _set(settings: Any) -> dict[str, Any]:
    return dict(_values(settings))


def _values(settings: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value is None or value == () or isinstance(value, PurePath) or field.name.endswith("_env"):
            continue
        yield field.name, value.value if isinstance(value, Enum) else value


def _table(header: str, table: Mapping[str, Any]) -> str:
    return f"\n{header}\n" + "".join(f"{name} = {toml(value)}\n" for name, value in table.items())
