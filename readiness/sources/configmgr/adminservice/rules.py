"""What may be sent to the administration service: reading below its WMI route, and the listed getters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from readiness import documents
from readiness.sources.configmgr.getters import require_getter
from readiness.sources.configmgr.wql import require_no_secret, require_whole
from readiness.sources.failures import GuardRefusal
from readiness.sources.plain import is_post, stays_below

if TYPE_CHECKING:
    from requests import PreparedRequest

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_KEY = r"(?:'(?:[^']|'')*'|-?[0-9]+)"
_READ = re.compile(rf"/AdminService/wmi/({_NAME})(?:\((?:{_KEY}|{_NAME}={_KEY}(?:,{_NAME}={_KEY})*)\))?")
_CALL = re.compile(rf"/AdminService/wmi/({_NAME})\.({_NAME})")
_COLUMNS = re.compile(rf"{_NAME}(?:,{_NAME})*")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_OPTIONS = frozenset({"$select", "$filter", "$top", "$skip", "$skiptoken"})


def require_reading(request: PreparedRequest) -> None:
    """The Guard's rule for the administration service: GET of classes and instances, POST of the listed getters.

    Raises:
        GuardRefusal: anything else.
    """
    parts = urlsplit(request.url or "")
    if not stays_below(parts.path):
        raise GuardRefusal("a path that leads elsewhere than it says")
    if is_post(request):
        _require_call(request, parts.path, parts.query)
        return
    read, options = _READ.fullmatch(unquote(parts.path)), parse_qsl(parts.query, keep_blank_values=True)
    names = [name for name, _ in options]
    if read is None or not set(names) <= _OPTIONS or len(set(names)) != len(names):
        raise GuardRefusal(f"GET {request.path_url[:120]}, where only rows of classes are read")
    chosen = dict(options).get("$select", "*")
    if not _COLUMNS.fullmatch(chosen):
        require_whole(read[1])
    require_no_secret(f"{chosen} {_QUOTED.sub('', dict(options).get('$filter', ''))}")


def _require_call(request: PreparedRequest, path: str, query: str) -> None:
    called = _CALL.fullmatch(path)
    if called is None or query:
        raise GuardRefusal(f"POST {request.path_url[:120]}, where only getters are called")
    require_getter(called[1], called[2], _arguments(request))


def _arguments(request: PreparedRequest) -> list[str]:
    # Parsed strictly: where a name stands twice, the server may take the other one.
    body: Any = request.body
    try:
        document = documents.parse(body)
    except (ValueError, TypeError, AttributeError) as error:
        raise GuardRefusal("a call that cannot be read") from error
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise GuardRefusal("a call with other arguments than texts")
    return list(document)
