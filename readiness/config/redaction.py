"""The configuration as a report carries it: no secrets, no paths, and a digest that says whether two are the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

from readiness.config.addresses import shown_variable
from readiness.config.settings import Configuration

_SHOWS_ONLY = (
    "quiet",
    "json",
    "no_color",
    "no_input",
    "no_cache",
    "debug",
    "log_file",
    "output",
    "save_evidence",
    "redact",
    "redact_map",
    "keep_targets",
    "against",
    "signing_key",
    "signing_key_env",
    "signing_key_password_env",
    "format",
)
"""Keys of `[scan]` that change what is shown and written, but not the result."""


def redacted(configuration: Configuration) -> dict[str, Any]:
    """Plain JSON data for `run.configuration`. Paths are given by file name only: reports travel.

    Returns:
        The sections, `file` (name of the file, or None), and `digest`: SHA-256 (hexadecimal) over the sections as
        canonical JSON. Where the file lies, how it is called and what is only shown do not change the digest.
    """
    import hashlib
    import json

    sections = {
        "tenant": _plain(configuration.tenant),
        "site": _plain(configuration.site),
        "scan": {key: value for key, value in _table(configuration.scan).items() if key not in _SHOWS_ONLY},
        **_table(configuration.judging),
    }
    canonical = json.dumps(sections, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    digest = hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
    return {**sections, "file": configuration.path.name if configuration.path else None, "digest": digest}


def _table(settings: Any) -> dict[str, Any]:
    return {field.name: _field(field.name, getattr(settings, field.name)) for field in fields(settings)}


def _field(name: str, value: object) -> Any:
    if name.endswith("_env") and isinstance(value, str):
        return shown_variable(value) or "(not shown)"
    return _plain(value)


def _plain(value: object) -> Any:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.0f}s"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _table(value)
    return value
