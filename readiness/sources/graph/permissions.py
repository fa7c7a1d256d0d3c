"""Permissions of Microsoft Graph as dated data: ids, consent, and the wider ones that include them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission as an application, or a person through it, is granted it."""

    id: str
    """GUID of the app role or of the delegated scope."""
    admin_consent: bool
    """Whether an administrator must consent."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission. None where the table does not know it in that form."""

    name: str
    application: Grant | None
    delegated: Grant | None
    wider: tuple[str, ...]
    """Permissions that include it for the paths that we read."""


@cache
def permissions() -> Mapping[str, Permission]:
    """Every permission of the table `permissions.toml`, by name."""
    return {name: _permission(name, row) for name, row in _table().items() if isinstance(row, dict)}


def permission(name: str) -> Permission:
    """A permission by its name; one that the table does not hold has neither id nor anything wider."""
    return permissions().get(name) or Permission(name, None, None, ())


def source() -> str:
    """Where the table is from, with its date."""
    return f"Microsoft Graph permissions reference, {_table()['as_of']}"


def _permission(name: str, row: Mapping[str, Any]) -> Permission:
    return Permission(name, _grant(row, "application"), _grant(row, "delegated"), tuple(row["wider"]))


def _grant(row: Mapping[str, Any], form: str) -> Grant | None:
    return Grant(**row[form]) if form in row else None


@cache
def _table() -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
