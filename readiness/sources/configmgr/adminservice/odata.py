"""Questions in OData, from names that are checked and literals that are escaped (reference: configmgr.md Q5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from readiness.sources.configmgr.wql import chosen, class_name, sendable
from readiness.sources.failures import GuardRefusal

ROOT = "/AdminService/wmi/"
"""Below here every WMI class of the site is served. The case matters up to release 2002."""

SITE_NAMESPACE = re.compile(r"root\\sms\\site_[A-Za-z0-9]{3}", re.IGNORECASE)
"""The one namespace that the service has: that of its own site."""


def literal(value: str | int | bool) -> str:
    """An OData literal; a quote in a string is doubled."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + sendable(value).replace("'", "''") + "'"


def rows_path(
    cls: str,
    columns: Sequence[str] | None,
    where: Mapping[str, str | int | bool] | None,
    any_of: tuple[str, Sequence[str | int]] | None,
    top: int,
    skip: int,
) -> str:
    """Path and query of one page. No columns: all that the class has, lazy ones empty."""
    condition = _condition(where, any_of)
    parts = {
        "$select": None if columns is None else ",".join(chosen(cls, columns)),
        "$filter": condition,
        "$top": str(top),
        "$skip": str(skip),
    }
    query = "&".join(f"{name}={quote(text, safe=SAFE)}" for name, text in parts.items() if text)
    return f"{ROOT}{class_name(cls)}?{query}"


def instance_path(cls: str, keys: Mapping[str, str | int]) -> str:
    """Path of one instance by its key; the name of a single key column is left out, as every client does."""
    if not keys:
        raise GuardRefusal(f"no key of {cls} was given")
    if len(keys) == 1:
        (value,) = keys.values()
        text = literal(value)
    else:
        text = ",".join(f"{class_name(name)}={literal(value)}" for name, value in keys.items())
    return f"{ROOT}{class_name(cls)}({quote(text, safe=SAFE)})"


def method_path(cls: str, method: str) -> str:
    """Path of a static method: an action import."""
    return f"{ROOT}{class_name(cls)}.{class_name(method)}"


SAFE = "'(),="
"""Signs of OData that stand in an address as they are; everything else of a literal is percent-encoded."""


def _condition(
    where: Mapping[str, str | int | bool] | None, any_of: tuple[str, Sequence[str | int]] | None
) -> str | None:
    parts = [f"{class_name(name)} eq {literal(value)}" for name, value in (where or {}).items()]
    if any_of is not None:
        name, values = class_name(any_of[0]), any_of[1]
        parts.append(f"({' or '.join(f'{name} eq {literal(value)}' for value in values)})")
    return " and ".join(parts) or None
