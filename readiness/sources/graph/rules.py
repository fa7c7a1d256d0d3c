"""What may be sent to Entra ID and to Microsoft Graph: sign-in and reading, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from readiness import documents
from readiness.sources.failures import GuardRefusal
from readiness.sources.plain import is_post, stays_below

if TYPE_CHECKING:
    from requests import PreparedRequest

REPORT_ACTIONS = frozenset(
    {
        "getConfigurationPolicyDevicesReport",
        "getConfigurationPolicyDeviceSummaryReport",
        "getConfigManagerDevicePolicyStatusReport",
    }
)
"""The only actions that may be posted. Source: reference on EDR policies in Graph, status."""

BATCH_LIMIT = 20
"""Requests in one `$batch`. Source: Graph, JSON batching."""

EVENTUAL = ("ConsistencyLevel", "eventual")
"""Asks the directory's index: without it Graph knows no transitive role assignments, and no members of one type."""
ALL_WORDS = ("Prefer", "include-unknown-enum-members")
"""Asks for the words of enumerations that are newer than the version, in place of `unknownFutureValue`."""
MEMBER_HEADERS = frozenset({EVENTUAL, ALL_WORDS})
"""The only headers that a member of a `$batch` may carry."""

_VERSION = r"/(?:v1\.0|beta)"
_READ = re.compile(rf"{_VERSION}/.+")
_BATCH = re.compile(rf"{_VERSION}/\$batch")
_REPORT = re.compile(rf"{_VERSION}/deviceManagement/reports/([A-Za-z]+)")
_DISCOVERY = re.compile(r"/[^/%]+/v2\.0/\.well-known/openid-configuration")
_TOKEN = re.compile(r"/[^/%]+/oauth2/v2\.0/token")
_DEVICE = re.compile(r"/[^/%]+/oauth2/v2\.0/devicecode")


def graph_rules(request: PreparedRequest) -> None:
    """Let reading pass: GET, `$batch` of GETs, and POST to the named report actions.

    Raises:
        GuardRefusal: anything else.
    """
    path, posted = _path(request), is_post(request)
    if not posted and _READ.fullmatch(path) and not _is_batch(path):
        return
    if posted and _BATCH.fullmatch(path):
        _require_json(request)
        _only_reads(request.body)
        return
    report = _REPORT.fullmatch(path)
    if posted and report and report[1] in REPORT_ACTIONS:
        return
    raise GuardRefusal(f"{request.method} {path} on Microsoft Graph, where only reading is allowed")


def entra_rules(request: PreparedRequest) -> None:
    """Let signing in pass: the tenant's metadata and its token endpoint.

    Raises:
        GuardRefusal: anything else.
    """
    path, posted = _path(request), is_post(request)
    if not (_TOKEN if posted else _DISCOVERY).fullmatch(path):
        raise GuardRefusal(f"{request.method} {path} on Entra ID, where only signing in is allowed")


def person_rules(request: PreparedRequest) -> None:
    """Let a person sign in, too: what signing in may ask, and the endpoint that gives a code.

    Raises:
        GuardRefusal: anything else.
    """
    if not (is_post(request) and _DEVICE.fullmatch(_path(request))):
        entra_rules(request)


def is_token_path(path: str) -> bool:
    """Whether this is the path of a token endpoint, where the secret may be sent."""
    return _TOKEN.fullmatch(path) is not None


def _path(request: PreparedRequest) -> str:
    parts = urlsplit(request.url or "")
    if not stays_below(parts.path):
        raise GuardRefusal("a path that leads elsewhere than it says")
    if request.method == "POST" and parts.query:
        raise GuardRefusal("a POST with a query")
    return parts.path


def _is_batch(path: str) -> bool:
    """Whether a path leads to a `$batch`, however it is written."""
    return "$batch" in unquote(unquote(path)).lower().split("/")


def _require_json(request: PreparedRequest) -> None:
    # In another encoding the server might read other members than we do.
    kind = str(request.headers.get("Content-Type", "")).lower().replace(" ", "")
    if kind not in ("", "application/json", "application/json;charset=utf-8"):
        raise GuardRefusal("a $batch that is said not to be JSON")


def _only_reads(body: Any) -> None:
    # Parsed strictly: where a name stands twice, the server may take the other one.
    try:
        document = documents.parse(body)
    except (ValueError, TypeError, AttributeError) as error:
        raise GuardRefusal("a $batch that cannot be read") from error
    members = document.get("requests") if isinstance(document, dict) and len(document) == 1 else None
    if not isinstance(members, list) or not 0 < len(members) <= BATCH_LIMIT or not all(map(_is_read, members)):
        raise GuardRefusal(f"a $batch that does not consist of 1 to {BATCH_LIMIT} GET requests")


def _is_read(member: Any) -> bool:
    return (
        isinstance(member, Mapping)
        and set(member) - {"headers"} == {"id", "method", "url"}
        and member["method"] == "GET"
        and _is_relative(member["url"])
        and _are_harmless(member.get("headers", {}))
    )


def _are_harmless(headers: Any) -> bool:
    return isinstance(headers, Mapping) and all(
        isinstance(value, str) and (name, value) in MEMBER_HEADERS for name, value in headers.items()
    )


def _is_relative(url: Any) -> bool:
    if not isinstance(url, str) or not url.startswith("/") or not url.isprintable():
        return False
    path = url.partition("?")[0]
    return stays_below(path) and "#" not in url and not _is_batch(path)
