r"""Questions in WQL, from names that are checked and literals that are escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from readiness.sources.failures import GuardRefusal

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAMESPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\\[A-Za-z_][A-Za-z0-9_]*)*")
UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry: control characters, lone surrogates."""

SECRET_COLUMNS = frozenset({"secretkey"})
"""Columns that are never asked for, and dropped where an instance brings them unasked (SMS_AAD_Application_Ex)."""


def class_name(text: str) -> str:
    """A class or column name, checked. Raises `GuardRefusal`."""
    if not NAME.fullmatch(text):
        raise GuardRefusal(f"{text!r:.80} is no name of a WMI class or column")
    return text


def resource_path(namespace: str) -> str:
    r"""`root\sms\site_P01` as a resource URI wants it: `root/sms/site_P01`. Raises `GuardRefusal`."""
    if not NAMESPACE.fullmatch(namespace):
        raise GuardRefusal(f"{namespace!r:.80} is no WMI namespace")
    return namespace.replace("\\", "/")


def sendable(text: str) -> str:
    """Text that XML can carry. Raises `GuardRefusal`."""
    if UNSENDABLE.search(text):
        raise GuardRefusal(f"{text!r:.80} holds a character that no request can carry")
    return text


def literal(value: str | int | bool) -> str:
    """A WQL literal. Strings are quoted, with backslash and quotes escaped by a backslash."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    escaped = sendable(value).replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"


def select(cls: str, columns: Sequence[str], where: Mapping[str, str | int | bool] | None = None) -> str:
    """`SELECT columns FROM cls WHERE ...`; columns are always named, `*` is refused."""
    if not columns:
        raise GuardRefusal(f"no column of {cls} was chosen")
    if secret := SECRET_COLUMNS & {column.lower() for column in columns}:
        raise GuardRefusal(f"{cls}.{min(secret)} is a secret")
    names = ", ".join(class_name(column) for column in columns)
    # Every part is checked or escaped above.
    return f"SELECT {names} FROM {class_name(cls)}{_condition(where)}"  # noqa: S608


def select_instance(cls: str, keys: Mapping[str, str | int]) -> str:
    """The question that a Get by key stands for."""
    if not keys:
        raise GuardRefusal(f"no key of {cls} was given")
    return f"SELECT * FROM {class_name(cls)}{_condition(keys)}"  # noqa: S608


def _condition(where: Mapping[str, str | int | bool] | Mapping[str, str | int] | None) -> str:
    if not where:
        return ""
    return " WHERE " + " AND ".join(f"{class_name(name)} = {literal(value)}" for name, value in where.items())
