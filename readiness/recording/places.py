"""Addresses and questions: paths, queries, filters and WQL, with aliases for the names in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from readiness.aliases import Aliases, Category, shaped
from readiness.aliases.shapes import host
from readiness.aliases.table import Form
from readiness.plugins.entries import Group, entries
from readiness.plugins.sources import declared_segments
from readiness.recording.fields import treated

SEGMENTS = frozenset(
    {
        "v1.0", "v2.0", "beta", "$batch", "organization", "deviceManagement", "mobileThreatDefenseConnectors",
        "configManagerCollections", "configurationPolicies", "settings", "assignments", "intents", "templates",
        "deviceStateSummary", "getPolicySummary", "reports", "getConfigurationPolicyDevicesReport",
        "getConfigurationPolicyDeviceSummaryReport", "getConfigManagerDevicePolicyStatusReport", "servicePrincipals",
        "appRoleAssignedTo", "applications", "roleManagement", "directory", "roleAssignments",
        "subscribedSkus", "licenseDetails", "roleDefinitions", "transitiveMemberOf",
        "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances", "transitiveRoleAssignments", "users",
        "me", "groups", "transitiveMembers", "microsoft.graph.device", "microsoft.graph.user", "$metadata", "$entity",
        "oauth2", "token", "devicecode", "authorize", "logout", "kerberos", "discovery", "keys", "openid", "userinfo",
        ".well-known", "openid-configuration", "common", "organizations", "consumers", "oidc",
        "wsman", "AdminService", "wmi", "root", "sms", "*",
    }
)  # fmt: skip
"""Words of paths that are the same everywhere."""
_CLASS = re.compile(r"(?:SMS|CM)_[A-Za-z0-9_]{1,60}(?:\.[A-Z][A-Za-z]{1,60})?", re.ASCII)
_CALL = re.compile(r"([^()]{1,100})\((.*)\)", re.DOTALL)
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:,\s*[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_NUMBERS = re.compile(r"\d{1,9}|true|false", re.ASCII)
_SITE = re.compile(r"site_([0-9A-Za-z]{3})(?![0-9A-Za-z])", re.ASCII | re.IGNORECASE)
_SAFE_REST = re.compile(r"[A-Za-z0-9_ ,=<>()./:*-]*", re.ASCII)
_WQL_CLASS = re.compile(r"\bFROM\s+([A-Za-z_][A-Za-z0-9_]*)", re.ASCII | re.IGNORECASE)
_UNWRITABLE = re.compile(r"[^!-~⟦⟧]|%")
_PUBLIC = tuple(
    f"http://{host}/" for host in ("schemas.microsoft.com", "schemas.xmlsoap.org", "schemas.dmtf.org", "www.w3.org")
)
_OPTIONS = frozenset({"$select", "$expand", "$orderby", "$filter", "$count", "$top", "$skip", "$skiptoken", "$search"})
"""What a question may have as options; any other word there may be anything."""


def segments() -> frozenset[str]:
    """Words of paths that are the same everywhere: those that we ask for, and those that plugins declare."""
    return SEGMENTS | declared_segments() if entries(Group.SOURCES) else SEGMENTS


def class_in(wql: str) -> str:
    """The class that a WQL question is about."""
    found = _WQL_CLASS.search(wql)
    return found[1] if found else ""


def of_address(text: str) -> str:
    """What an address or a path is about: its last known word."""
    parts = [_CALL.sub(r"\1", unquote(part)) for part in _path_of(text).split("/")]
    known = [part for part in parts if part in segments() or _CLASS.fullmatch(part)]
    return known[-1].partition(".")[0] if known else ""


def _path_of(text: str) -> str:
    try:
        return urlsplit(text).path
    except ValueError:
        return ""


def address(aliases: Aliases, text: str) -> str:
    """A whole address. Names of schemas stay, but for the site in them."""
    if text.startswith(_PUBLIC):
        return schema(aliases, text)
    try:
        parts = urlsplit(text)
        server, port = parts.hostname or "", parts.port
    except ValueError:
        return aliases.name(text)
    if not server or parts.username is not None:
        return aliases.name(text)
    name = host(aliases, server)
    where = f"[{name}]" if ":" in name else name
    rest = place(aliases, f"{parts.path}?{parts.query}" if parts.query else parts.path)
    last = f"#{aliases.name(parts.fragment)}" if parts.fragment else ""
    return _written(f"{parts.scheme}://{where}{'' if port is None else f':{port}'}{rest}{last}")


def _written(text: str) -> str:
    """As addresses are written; placeholders of aliases stay."""
    return _UNWRITABLE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def schema(aliases: Aliases, uri: str) -> str:
    """The name of a schema, an action or a resource of WS-Management."""
    known = uri.startswith(_PUBLIC) and re.fullmatch(r"[A-Za-z0-9:/._*#-]{1,300}", uri)
    if not known:
        return shaped(aliases, uri)
    return _SITE.sub(lambda found: f"site_{aliases.formed(Form.SITE_CODE, found[1])}", uri)


def plain_place(target: str) -> str:
    """A path with its query, decoded: as `place` gives it where nothing is a name."""
    path, _, query = target.partition("?")
    segments = [unquote(part) for part in path.split("/")]
    options = [f"{name}={value}" for name, value in parse_qsl(query, keep_blank_values=True)]
    return "/".join(segments) + (f"?{'&'.join(options)}" if options else "")


def place(aliases: Aliases, target: str) -> str:
    """A path with its query, decoded; names in it are aliases."""
    path, _, query = target.partition("?")
    entity = of_address(path)
    segments = [segment(aliases, entity, unquote(part)) for part in path.split("/")]
    options = [_option(aliases, entity, *pair) for pair in parse_qsl(query, keep_blank_values=True)]
    return "/".join(segments) + (f"?{'&'.join(options)}" if options else "")


def segment(aliases: Aliases, entity: str, part: str) -> str:
    """One part of a path: a known word, a class, something called with arguments, or a name."""
    if part == "" or part in segments() or _CLASS.fullmatch(part):
        return part
    called = _CALL.fullmatch(part)
    if called and (called[1] in segments() or _CLASS.fullmatch(called[1])):
        return f"{called[1]}({expression(aliases, entity, called[2])})"
    found = _SITE.fullmatch(part)
    return f"site_{aliases.formed(Form.SITE_CODE, found[1])}" if found else shaped(aliases, part)


def expression(aliases: Aliases, entity: str, text: str) -> str:
    """A filter or the arguments of a call in OData: texts in quotes are names, unless their field says otherwise."""
    return _ODATA.redacted(aliases, entity, text)


def wql(aliases: Aliases, text: str) -> str:
    """A question in WQL."""
    return _WQL.redacted(aliases, class_in(text), text)


@dataclass(frozen=True, slots=True)
class _Language:
    """How texts stand in quotes: found as (field)(operator)(text)."""

    pattern: re.Pattern[str]
    open: Callable[[str], str]
    close: Callable[[str], str]

    def redacted(self, aliases: Aliases, entity: str, text: str) -> str:
        if not _SAFE_REST.fullmatch(self.pattern.sub("", text)):
            return aliases.name(text)

        def one(found: re.Match[str]) -> str:
            field, operator = found[1] or "", found[2] or ""
            said = treated(aliases, entity, field.rpartition("/")[2], self.open(found[3]))
            return f"{field}{operator}'{self.close(said)}'"

        return self.pattern.sub(one, text)


_ODATA = _Language(
    re.compile(r"(?:([A-Za-z_][A-Za-z0-9_/]*)(\s*(?:eq|ne|=)\s*))?'((?:[^']|'')*)'", re.ASCII),
    lambda text: text.replace("''", "'"),
    lambda text: text.replace("'", "''"),
)
_WQL = _Language(
    re.compile(r"(?:([A-Za-z_][A-Za-z0-9_]*)(\s*=\s*))?'((?:[^'\\]|\\.)*)'", re.ASCII | re.DOTALL),
    lambda text: re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL),
    lambda text: text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"'),
)


def _option(aliases: Aliases, entity: str, name: str, value: str) -> str:
    known = name if name in _OPTIONS else aliases.name(name)
    if name in ("$select", "$expand", "$orderby") and _NAMES.fullmatch(value):
        return f"{known}={value}"
    if name == "$filter":
        return f"{known}={expression(aliases, entity, value)}"
    if _NUMBERS.fullmatch(value):
        return f"{known}={value}"
    return f"{known}={aliases.name(value, Category.TEXT)}"
