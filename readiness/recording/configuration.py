"""The configuration of a recorded scan, as a file that a replay loads: names aliased, nothing of signing in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from readiness.aliases import Aliases, Category, shaped
from readiness.aliases.shapes import domain, host
from readiness.aliases.table import Form
from readiness.config import Configuration
from readiness.config.writing import toml
from readiness.errors import EvidenceError
from readiness.model.facts import Collection, Collections, Fact
from readiness.model.reading import Reading
from readiness.recording.places import address
from readiness.text import one_line

_HEAD = """\
# The configuration of a recorded scan, for `readiness assess --replay`. Names are aliases; what signs in is left out.
"""
TENANT_KEYS = ("id", "client_id", "cloud", "auth", "authority", "graph")
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The application where none is named: that of the machine itself."""
SITE_KEYS = ("server", "site_code", "transport", "auth", "username", "port", "edr_flag_mask", "hierarchy_id")
PLAIN_KEYS = frozenset(
    {
        "cloud", "auth", "transport", "port", "edr_flag_mask", "operating_model", "stage", "fail_on",
        "max_evidence_age", "valid_for", "min_eligible", "window_start", "window_end", "check", "skip", "tag",
        "expires", "on",
    }
)  # fmt: skip
"""Keys whose values name nobody."""
SECTIONS = ("tenant", "site", "scope", "rollout", "policy", "change", "scan", "waiver", "attestation")
_CATEGORIES = {
    "collections": Category.COLLECTION,
    "collection": Category.COLLECTION,
    "groups": Category.GROUP,
    "administrators": Category.USER,
    "administrator": Category.USER,
    "requested_by": Category.USER,
    "approved_by": Category.USER,
    "approver": Category.USER,
    "by": Category.USER,
    "username": Category.USER,
}


def sections(configuration: Configuration) -> dict[str, Any]:
    """How the estate was reached, for the manifest: nothing that names it."""
    tenant, site = configuration.tenant, configuration.site
    return {
        "tenant": {"cloud": tenant.cloud.value, "auth": tenant.auth.value} if tenant else None,
        "site": {"transport": site.transport.value, "auth": site.auth.value, "scheme": site.scheme.value}
        if site
        else None,
    }


def aliased(aliases: Aliases, configuration: Configuration, readings: Sequence[Reading[Fact]]) -> str:
    """The file. A glob is replaced by the ids that it stood for, because an alias fits no glob."""
    judging = configuration.judging
    names = _without_globs(judging.scope.collections, readings)
    scope = replace(judging.scope, collections=names)
    tables = [
        ("[tenant]", _tenant(configuration)),
        ("[site]", _site(configuration)),
        ("[scope]", _set(scope)),
        ("[rollout]", _set(judging.rollout)),
        ("[policy]", _set(judging.policy)),
        ("[change]", _set(judging.change)),
        ("[scan]", {name: getattr(configuration.scan, name) for name in ("check", "skip", "tag")}),
        *(("[[waiver]]", _set(one)) for one in judging.waivers),
        *(("[[attestation]]", _set(one)) for one in judging.attestations),
    ]
    return _HEAD + "".join(
        _table(aliases, header, table) for header, table in tables if any(value != () for value in table.values())
    )


def _tenant(configuration: Configuration) -> dict[str, Any]:
    """A person's sign-in stays one: it changes what is asked. All others are those of an application."""
    tenant = configuration.tenant
    if tenant is None:
        return {}
    auth = "device-code" if tenant.auth.is_person else "client-secret"
    return {"client_id": NOBODY, **_set(tenant, TENANT_KEYS), "auth": auth}


def _site(configuration: Configuration) -> dict[str, Any]:
    site = configuration.site
    return {} if site is None else {**_set(site, SITE_KEYS), "auth": "negotiate"}


def _set(settings: Any, names: Sequence[str] = ()) -> dict[str, Any]:
    found = names or tuple(field.name for field in fields(settings))
    values = ((name, getattr(settings, name)) for name in found)
    return {name: value for name, value in values if value is not None and value != ()}


def _table(aliases: Aliases, header: str, table: Mapping[str, Any]) -> str:
    lines = (f"{name} = {toml(_value(aliases, header, name, value))}\n" for name, value in table.items() if value != ())
    return f"\n{header}\n{''.join(lines)}"


def _value(aliases: Aliases, header: str, name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(aliases, header, name, one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if not isinstance(value, str) or name in PLAIN_KEYS:
        return value
    return _name(aliases, header, name, value)


def _name(aliases: Aliases, header: str, name: str, value: str) -> str:
    if name in ("authority", "graph"):
        return address(aliases, value)
    if name == "server":
        return host(aliases, value)
    if name == "site_code" or (name == "site" and header == "[[waiver]]"):
        return aliases.formed(Form.SITE_CODE, value)
    if name == "check" and header.startswith("[["):
        return value
    if name == "id" and "." in value:
        return domain(aliases, value)
    return shaped(aliases, value, _CATEGORIES.get(name, Category.TEXT))


def _without_globs(names: Sequence[str], readings: Sequence[Reading[Fact]]) -> tuple[str, ...]:
    known = next((one.value.collections for one in readings if isinstance(one.value, Collections)), ())
    return tuple(dict.fromkeys(one for name in names for one in _settled(name, known)))


def _settled(name: str, known: Sequence[Collection]) -> Iterator[str]:
    if not set(name) & set("*?["):
        yield name
        return
    from readiness.model.targets import resolve_targets

    found = [target.collection.id for target in resolve_targets((name,), known) if target.collection is not None]
    yield from found or [name]


def must_be_recorded(path: Path) -> None:
    """Refuse a file that does more than a recorded configuration does: it comes from somebody else.

    Raises:
        EvidenceError: naming the file and the key.
    """
    import tomllib

    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{path}: cannot be read as TOML: {one_line(str(error))}") from error
    except RecursionError as error:
        raise EvidenceError(f"{path}: cannot be read as TOML: it is nested too deeply") from error
    for section, table in found.items():
        if section not in SECTIONS:
            raise EvidenceError(f"{path}: [{one_line(section, 40)}]: no recording holds this section")
        allowed = _ALLOWED.get(section)
        for key in table if allowed is not None and isinstance(table, dict) else ():
            if key not in (allowed or ()):
                raise EvidenceError(f"{path}: [{section}] {one_line(key, 40)}: no recording holds this key")


_ALLOWED = {"tenant": TENANT_KEYS, "site": SITE_KEYS, "scan": ("check", "skip", "tag")}
