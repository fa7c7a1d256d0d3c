"""The token by which another issuer vouches for a workload: a file that the platform keeps fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from readiness.config.origin import BadValueError
from readiness.config.rules import bad_file
from readiness.config.settings import TenantSettings
from readiness.text import printable

VARIABLE = "AZURE_FEDERATED_TOKEN_FILE"
"""Where the webhook of Kubernetes' workload identity says that the file is. Source: Azure Workload Identity."""
LARGEST_TOKEN = 64 * 1024
"""Bytes. What is beyond it is no token."""

_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
"""A signed JSON web token (RFC 7515, section 7.1). Whatever else the file may hold is never sent."""


def federated_token(settings: TenantSettings, environ: Mapping[str, str]) -> str:
    """What the file holds now.

    Raises:
        BadValueError: no file is named, or it cannot be read, or it holds no token; names the file, never its content.
    """
    path = settings.federated_token_file or _by_variable(environ)
    if path is None:
        raise BadValueError(f'missing; auth "workload-identity" needs it, or {VARIABLE} in the environment')
    problem = bad_file(path)
    if problem is not None:
        raise BadValueError(problem)
    return _read(path)


def _by_variable(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(VARIABLE, "").strip()
    return Path(named) if named else None


def _read(path: Path) -> str:
    name = printable(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_TOKEN + 1).strip()
    except OSError as error:
        raise BadValueError(f"cannot be read ({error.strerror}): {name}") from None
    if not content:
        raise BadValueError(f"is empty: {name}; what issues the token has not written it yet")
    if len(content) > LARGEST_TOKEN or not _TOKEN.fullmatch(content):
        raise BadValueError(f"holds no signed token (three parts, joined by dots): {name}")
    return content.decode("ascii")
