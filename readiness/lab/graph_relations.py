"""What hangs together in the simulated tenant: items of lists, what lies below them, who is a member of what.

A scenario writes what lies below an item into the item itself, under its navigation property: the assignments of a
policy, the members of a group. Graph shows it below the item, and in the item where $expand asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from readiness.lab.graph_answers import GraphError

Row = Mapping[str, Any]
Data = Mapping[str, Any]
"""Resources of one version by path, in lower case."""

_ROLES = "rolemanagement/directory"
ASSIGNMENTS = f"{_ROLES}/roleassignments"
TRANSITIVE = f"{_ROLES}/transitiveroleassignments"
SCHEDULES = (f"{_ROLES}/roleassignmentscheduleinstances", f"{_ROLES}/roleeligibilityscheduleinstances")

_BELOW: Mapping[str, frozenset[str]] = {
    "devicemanagement/configurationpolicies": frozenset({"assignments", "settings"}),
    "devicemanagement/intents": frozenset({"assignments", "deviceStateSummary", "settings"}),
    "groups": frozenset({"members", "transitiveMembers"}),
    "users": frozenset({"licenseDetails"}),
    "serviceprincipals": frozenset({"appRoleAssignedTo", "appRoleAssignments"}),
}
"""Navigation properties by list."""
_NULLS: Mapping[str, tuple[str, ...]] = {
    SCHEDULES[0]: ("startDateTime", "endDateTime", "appScopeId"),
    SCHEDULES[1]: ("startDateTime", "endDateTime", "appScopeId"),
    "devicemanagement/configurationpolicies": ("creationSource", "description"),
}
"""Properties that every row has, null where the scenario gives none: TOML cannot write null."""
_KINDS = {"users": "user", "groups": "group", "serviceprincipals": "servicePrincipal"}
"""Lists of principals, and the type of each."""

_KEYED = re.compile(
    r"(?P<list>.+?)(?:/(?P<id>[^/()]+)|\((?P<name>\w+)='(?P<value>(?:[^']|'')*)'\)|\('(?P<key>(?:[^']|'')*)'\))"
)
_BELOW_ITEM = re.compile(r"(?P<item>.+)/(?P<name>\w+)(?:/microsoft\.graph\.(?P<type>\w+))?")
SHOWN = "~principalId"
"""The principal of an assignment that is listed for one of its members."""


def find(data: Data, path: str) -> tuple[str, Any]:
    """The list (in lower case) that a path is about, and what it shows: rows, or one object.

    Raises:
        GraphError: there is no such segment, or no such item.
    """
    if path.lower() == TRANSITIVE:
        return TRANSITIVE, list(_transitive(data))
    content = data.get(path.lower())
    if content is not None:
        return path.lower(), content
    found = _KEYED.fullmatch(path)
    if found and isinstance(data.get(found["list"].lower()), list):
        return found["list"].lower(), _item(data, path, found)
    return "", _below(data, path)


def shown(data: Data, list_: str, row: Row, expand: Iterable[str]) -> dict[str, Any]:
    """A row as Graph gives it: without what lies below it, but for what is expanded."""
    wanted = set(expand)
    hidden = _BELOW.get(list_, frozenset()) - wanted
    given = {name: value for name, value in row.items() if name not in hidden and name != SHOWN}
    for name in wanted & _BELOW.get(list_, frozenset()):
        given.setdefault(name, [])
    if SHOWN in row:
        given["principalId"] = row[SHOWN]
    if "principal" in wanted:
        given["principal"] = _principal(data, str(given.get("principalId")))
    return {**dict.fromkeys(_NULLS.get(list_, ())), **given}


def _item(data: Data, path: str, found: re.Match[str]) -> Row:
    names = (found["name"],) if found["name"] else ("id", "userPrincipalName")
    wanted = (found["value"] or found["key"] or found["id"] or "").replace("''", "'").casefold()
    for row in data[found["list"].lower()]:
        if any(str(row.get(name, "")).casefold() == wanted for name in names):
            return {name: value for name, value in row.items() if name != found["name"] or name == "appId"}
    code = "ResourceNotFound" if path.lower().startswith("devicemanagement") else "Request_ResourceNotFound"
    raise GraphError(404, code, f"Resource '{wanted}' does not exist.")


def _below(data: Data, path: str) -> Any:
    found = _BELOW_ITEM.fullmatch(path)
    keyed = _KEYED.fullmatch(found["item"]) if found else None
    list_ = keyed["list"].lower() if keyed else ""
    name = next((one for one in _BELOW.get(list_, ()) if found and one.lower() == found["name"].lower()), None)
    if found is None or keyed is None or name is None or not isinstance(data.get(list_), list):
        segment = path.rpartition("/")[2]
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")
    item = _item(data, found["item"], keyed)
    content = _navigated(data, name, item)
    if found["type"]:
        return [row for row in content if row.get("@odata.type") == f"#microsoft.graph.{found['type']}"]
    return content


def _navigated(data: Data, name: str, item: Row) -> Any:
    if name == "transitiveMembers":
        return list(_members(data, item, frozenset()))
    if name == "appRoleAssignments":
        held = (row for one in data.get("serviceprincipals", []) for row in one.get("appRoleAssignedTo", []))
        return [row for row in held if row.get("principalId") == item.get("id")]
    return item.get(name, [])


def _members(data: Data, group: Row, seen: frozenset[str]) -> Iterator[Row]:
    """Members of a group and of the groups in it. A group that is its own member ends the way."""
    for member in group.get("members", []):
        yield member
        inner = next((one for one in data.get("groups", []) if one["id"] == member["id"]), None)
        if inner is not None and inner["id"] not in seen:
            yield from _members(data, inner, seen | {inner["id"]})


def _transitive(data: Data) -> Iterator[Row]:
    """Every assignment for its principal, and for each member of a principal that is a group."""
    groups = {group["id"]: group for group in data.get("groups", [])}
    for row in data.get(ASSIGNMENTS, []):
        yield row
        group = groups.get(row["principalId"])
        for member in _members(data, group, frozenset()) if group else ():
            yield {**row, "principalId": member["id"], SHOWN: row["principalId"]}


def _principal(data: Data, id_: str) -> dict[str, Any] | None:
    for list_, kind in _KINDS.items():
        for row in data.get(list_, []):
            if row["id"] == id_:
                return {"@odata.type": f"#microsoft.graph.{kind}", **shown(data, list_, row, ())}
    return None
