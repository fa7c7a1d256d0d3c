"""What may be sent to Entra ID and to Microsoft Graph: sign-in and reading, nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from readiness.sources.failures import GuardRefusal

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

_VERSION = r"/(?:v1\.0|beta)"
_READ = re.compile(rf"{_VERSION}/[^?#]+")
_BATCH = re.compile(rf"{_VERSION}/\$batch")
_REPORT = re.compile(rf"{_VERSION}/deviceManagement/reports/(\w+)")
_DISCOVERY = re.compile(r"/[^/]+(?:/v2\.0)?/\.well-known/openid-configuration")
_TOKEN = re.compile(r"/[^/]+/oauth2/v2\.0/token")
BATCH_LIMIT = 20
"""Requests in one `$batch`. Source: Graph, JSON batching."""


def graph_rules(request: PreparedRequest) -> None:
    """Let reading pass: GET, `$batch` of GETs, and POST to the named report actions.

    Raises:
        GuardRefusal: anything else.
    """
    path = _path(request)
    if request.method == "GET" and _READ.fullmatch(path):
        return
    if request.method == "POST" and _BATCH.fullmatch(path):
        _only_reads(request.body)
        return
    report = _REPORT.fullmatch(path)
    if request.method == "POST" and report and report[1] in REPORT_ACTIONS:
        return
    raise GuardRefusal(f"{request.method} {path} on Microsoft Graph, where only reading is allowed")


def entra_rules(request: PreparedRequest) -> None:
    """Let signing in pass: the tenant's metadata and its token endpoint.

    Raises:
        GuardRefusal: anything else.
    """
    path = _path(request)
    if request.method == "GET" and _DISCOVERY.fullmatch(path):
        return
    if request.method == "POST" and _TOKEN.fullmatch(path):
        return
    raise GuardRefusal(f"{request.method} {path} on Entra ID, where only signing in is allowed")


def _path(request: PreparedRequest) -> str:
    path = unquote(urlsplit(request.url or "").path)
    if ".." in path.split("/"):
        raise GuardRefusal("a path with '..' in it")
    return path


def _only_reads(body: bytes | str | Any) -> None:
    try:
        members = json.loads(body or "")["requests"]
        bad = [m for m in members if m["method"] != "GET" or m.get("body") or not _relative(m["url"])]
    except (ValueError, TypeError, KeyError) as error:
        raise GuardRefusal("a $batch that cannot be read") from error
    if bad or not 0 < len(members) <= BATCH_LIMIT:
        raise GuardRefusal("a $batch that does not consist of up to 20 GET requests")


def _relative(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc and url.startswith("/") and ".." not in unquote(parts.path).split("/")
