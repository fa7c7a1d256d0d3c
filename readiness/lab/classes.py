"""The classes of the SMS Provider as `classes.toml` describes them, and the rows of a scenario held against them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from readiness.errors import ConfigurationError

_FILE = Path(__file__).with_name("classes.toml")
_KINDS: dict[str, type] = {"string": str, "datetime": str, "boolean": bool}


class WmiClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One class. The comment at the head of `classes.toml` says what each key means."""

    name: str
    columns: dict[str, str]
    keys: tuple[str, ...] = ()
    lazy: tuple[str, ...] = ()
    defaults: dict[str, Any] = {}
    since: dict[str, int] = {}
    namespace: Literal["site", "root"] = "site"
    embedded: bool = False

    def columns_at(self, build: int) -> tuple[str, ...]:
        return tuple(name for name in self.columns if self.since.get(name, 0) <= build)


@dataclass(frozen=True, slots=True)
class Instance:
    """A row, or an embedded object: its class, and a value for each column the class has at the site's build.

    A value is `None`, `str`, `int`, `bool`, an `Instance`, or a list of these.
    """

    cls: WmiClass
    cells: Mapping[str, object]

    @property
    def key(self) -> str:
        """Key values joined with `;`, as the AdminService names a row too."""
        return ";".join(str(self.cells[name]) for name in self.cls.keys)


@cache
def classes() -> Mapping[str, WmiClass]:
    """All classes the lab knows, by lower-case name."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name.lower(): msgspec.convert({**entry, "name": name}, WmiClass) for name, entry in content.items()}


def instance(cls: WmiClass, row: Mapping[str, Any], build: int) -> Instance:
    """`row` of a scenario as an instance of `cls`, defaults filled in; columns the build lacks are left out.

    Raises:
        ConfigurationError: a column that the class never had, or a value of another type than the column's.
    """
    for name in row:
        if name not in cls.columns and name != "__CLASS":
            raise ConfigurationError(f"{cls.name} has no column {name!r}{_hint(name, cls)}")
    cells = {name: _cell(cls, name, row, build) for name in cls.columns_at(build)}
    return Instance(cls, cells)


def _cell(cls: WmiClass, name: str, row: Mapping[str, Any], build: int) -> object:
    kind = cls.columns[name]
    value = row.get(name, cls.defaults.get(name))
    if not kind.endswith("[]"):
        return None if value is None else _value(f"{cls.name}.{name}", kind, value, build)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ConfigurationError(f"{cls.name}.{name} is an array")
    return [_value(f"{cls.name}.{name}", kind.removesuffix("[]"), item, build) for item in value]


def _value(where: str, kind: str, value: Any, build: int) -> object:
    if isinstance(value, dict):
        # An embedded object may be of a derived class, and then says so, as WMI does.
        embedded = classes().get(str(value.get("__CLASS", kind)).lower())
        if embedded is None or not embedded.embedded:
            raise ConfigurationError(f"{where}: no embedded class {value.get('__CLASS', kind)!r}")
        return instance(embedded, value, build)
    wanted = _KINDS.get(kind, int)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ConfigurationError(f"{where} is of type {kind}, not {value!r:.40}")
    return value


def _hint(name: str, cls: WmiClass) -> str:
    nearest = difflib.get_close_matches(name, cls.columns, 1)
    return f"; did you mean {nearest[0]}?" if nearest else ""
