"""Requests that are what they say: what the read-only rules of every HTTP transport of ours begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from readiness.sources.failures import GuardRefusal

if TYPE_CHECKING:
    from requests import PreparedRequest

_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override", "x-method", "-method"})
"""Headers, and options, by which some servers let a request be another one than its method says; `_` is `-`."""
_ELSEWHERE = frozenset({"host", "transfer-encoding", "content-encoding", "upgrade", "x-original-url", "x-rewrite-url"})
"""Headers by which a request would be another one, or for another server, than our rules have read."""


def require_plain(request: PreparedRequest) -> None:
    """Refuse what another server, or the same one, could take for another request than the rules are shown.

    Raises:
        GuardRefusal: a header that changes method, host, path or encoding, a body that is not there as a whole, or one
            that is longer or shorter than it says.
    """
    headers = {_folded(name) for name in request.headers}
    options = {_folded(name) for name, _ in parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True)}
    if (headers | options) & _OVERRIDES or headers & _ELSEWHERE:
        raise GuardRefusal("a header or an option that makes a request another one than it says")
    body = request.body
    if body is not None and not isinstance(body, (bytes, str)):
        raise GuardRefusal("a body that is not there as a whole")
    length = len(body.encode() if isinstance(body, str) else body or b"")
    if request.headers.get("Content-Length", str(length)) not in (str(length), str(length).encode()):
        raise GuardRefusal("a body that is not as long as it says")


def _folded(name: str | bytes) -> str:
    text = name.decode("latin-1") if isinstance(name, bytes) else name
    return text.strip().lower().replace("_", "-")


def is_post(request: PreparedRequest) -> bool:
    """Whether it is a POST rather than a GET; neither may be anything else in disguise. Raises `GuardRefusal`."""
    if request.method not in ("GET", "POST"):
        raise GuardRefusal(f"the method {request.method}, where only reading is allowed")
    require_plain(request)
    if request.method == "GET" and request.body:
        raise GuardRefusal("a GET that carries something")
    return request.method == "POST"


def stays_below(path: str) -> bool:
    """Whether every server reads this path as it is written: nothing in it, however encoded, leads up or elsewhere."""
    for _ in range(4):
        # Some servers take what follows a ; for no part of a segment.
        segments = {segment.partition(";")[0] for segment in path.split("/")}
        if "\\" in path or not path.isprintable() or {".", ".."} & segments:
            return False
        path, before = unquote(path), path
        if path == before:
            return not path.startswith("//")
    return False
