"""What makes a scenario short: changes of single rows, rows by the pattern, devices by the group.

The comment at the head of `scenarios/ready.toml` explains all of it to whoever writes a scenario.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from readiness.errors import ConfigurationError
from readiness.lab.classes import classes

Table = dict[str, Any]

FIRST_RESOURCE = 16_777_300
"""`ResourceID` of the first device; the others follow in the order of the groups."""
MEMBER_COMPUTERS, DOMAIN_CONTROLLERS = 515, 516
"""Well-known relative identifiers of primary groups."""
_PLACE = re.compile(r"\{n(?::([^{}]*))?\}")


class Devices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Devices that are alike, and members of the same collections."""

    collections: tuple[str, ...]
    count: int
    name: str
    """With the number of the device for `{n}`, as in `SRV-{n:04}`."""
    os: str
    build: str
    client_version: str | None = None
    client: bool = True
    active: bool = True
    obsolete: bool = False
    co_managed: bool = False
    domain_controller: bool = False
    onboarding_state: int = 0


class Many(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows from one pattern, with the numbers from `first` on for `{n}`."""

    count: int
    first: int = 1
    wmi: dict[str, Table] = {}
    graph: dict[str, dict[str, Table]] = {}
    devices: dict[str, Any] | None = None
    """A group in each collection of the pattern; its devices are numbered through."""


def changed(content: Table) -> Table:
    """The scenario with its [change] and [remove] carried out.

    Raises:
        ConfigurationError: a row that is not there.
    """
    content = copy.deepcopy(content)
    for place, rows, key, columns in _places(content, "change"):
        _row(place, rows, key)[1].update(columns)
    for place, rows, keys, _ in _places(content, "remove"):
        for key in keys if isinstance(keys, list) else [keys]:
            del rows[_row(place, rows, key)[0]]
    return content


def _places(content: Table, verb: str) -> Iterator[tuple[str, list[Table], Any, Table]]:
    """Every list that is to be changed, with the key of a row and what it says, or the keys to remove."""
    orders = content.pop(verb, {})
    for half, table in orders.items():
        lists = {"wmi": {"": table}, "graph": table}.get(half)
        if lists is None:
            raise ConfigurationError(f"[{verb}.{half}]: there is [{verb}.wmi] and [{verb}.graph.v1] or beta")
        for version, named in lists.items():
            held = content.get(half, {}).get(version, {}) if version else content.get(half, {})
            for name, rows in named.items():
                place = f"{verb}.{half}{version and '.'}{version}.{name}"
                if not isinstance(held.get(name), list):
                    raise ConfigurationError(f"[{place}]: there is no such list{_near(name, held)}")
                pairs = rows.items() if isinstance(rows, dict) else ((rows, {}),)
                yield from ((place, held[name], key, columns) for key, columns in pairs)


def _row(place: str, rows: list[Table], key: str) -> tuple[int, Table]:
    keys = {_key(place.rpartition(".")[2], row): number for number, row in enumerate(rows)}
    if key not in keys:
        raise ConfigurationError(f"[{place}]: there is no row {key!r}{_near(key, keys)}")
    return keys[key], rows[keys[key]]


def _key(name: str, row: Table) -> str:
    """As `[visible]` names it: the key columns of a class, joined; of a resource of Graph, its `id`."""
    cls = classes().get(name.lower())
    columns = cls.keys if cls is not None else ("id",)
    defaults = cls.defaults if cls is not None else {}
    return ";".join(str(row.get(column, defaults.get(column, ""))) for column in columns)


def expanded(content: Table) -> Table:
    """The scenario with the rows that [many] and [devices] stand for.

    Raises:
        ConfigurationError: a group or a pattern that cannot be.
    """
    content = copy.deepcopy(content)
    groups = [_converted(f"devices.{name}", group, Devices) for name, group in content.pop("devices", {}).items()]
    for name, entry in content.pop("many", {}).items():
        many = _converted(f"many.{name}", entry, Many)
        for number in range(many.first, many.first + many.count):
            groups += _repeated(name, many, number, content)
    _add_devices(groups, content)
    return content


def _repeated(name: str, many: Many, number: int, content: Table) -> Iterable[Devices]:
    """Add the rows of one number; gives the devices of its collections."""
    collections: list[str] = []
    for cls, pattern in many.wmi.items():
        row = _filled(f"many.{name}", pattern, number)
        content.setdefault("wmi", {}).setdefault(cls, []).append(row)
        collections += [row["CollectionID"]] if cls == "SMS_Collection" else []
    for version, resources in many.graph.items():
        for path, pattern in resources.items():
            held = content.setdefault("graph", {}).setdefault(version, {})
            held.setdefault(path, []).append(_filled(f"many.{name}", pattern, number))
    if many.devices is not None and collections:
        yield _converted(f"many.{name}.devices", {**many.devices, "collections": collections}, Devices)


def _filled(place: str, pattern: Any, number: int) -> Any:
    """The pattern with the number for every `{n}`, at any depth."""
    if isinstance(pattern, dict):
        return {name: _filled(place, value, number) for name, value in pattern.items()}
    if isinstance(pattern, list):
        return [_filled(place, value, number) for value in pattern]
    if not isinstance(pattern, str):
        return pattern
    try:
        return _PLACE.sub(lambda found: format(number, found[1] or ""), pattern)
    except ValueError as error:
        raise ConfigurationError(f"[{place}]: {pattern!r}: {error}") from error


def _add_devices(groups: Iterable[Devices], content: Table) -> None:
    wmi: Table = content.setdefault("wmi", {})
    members: dict[str, int] = {}
    named: dict[str, int] = {}
    number = FIRST_RESOURCE
    for group in groups:
        for key in group.collections:
            members[key] = members.get(key, 0) + group.count
        for _ in range(group.count):
            named[group.name] = named.get(group.name, 0) + 1
            for cls, rows in _device(group, number, _filled("devices", group.name, named[group.name])):
                wmi.setdefault(cls, []).extend(rows)
            number += 1
    for row in wmi.get("SMS_Collection", []):
        if row.get("CollectionID") in members:
            count = members[row["CollectionID"]]
            row.update({"MemberCount": count, "LocalMemberCount": count} | row)


def _device(group: Devices, number: int, name: str) -> Iterator[tuple[str, list[Table]]]:
    """One device as the classes have it that tell of devices."""
    common: Table = {"ResourceID": number, "Name": name}
    if group.client_version is not None:
        common["ClientVersion"] = group.client_version
    state: Table = {
        **common,
        "IsClient": group.client,
        "IsActive": group.active,
        "IsObsolete": group.obsolete,
        "CoManaged": group.co_managed,
        "DeviceOS": group.os,
        "DeviceOSBuild": group.build,
        "ATPOnboardingState": group.onboarding_state,
    }
    yield "SMS_FullCollectionMembership", [{**state, "CollectionID": key} for key in group.collections]
    yield "SMS_CombinedDeviceResources", [state]
    group_id = DOMAIN_CONTROLLERS if group.domain_controller else MEMBER_COMPUTERS
    flags = {"Active": int(group.active), "Client": int(group.client), "Obsolete": int(group.obsolete)}
    yield "SMS_R_System", [{**common, **flags, "PrimaryGroupID": group_id, "OperatingSystemNameandVersion": group.os}]


def _converted(place: str, entry: Mapping[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"[{place}]: {error}") from error


def _near(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(str(name), [str(one) for one in known], 1, 0.4)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
