"""Requests that are what they say: what the read-only rules of every HTTP transport of ours begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from readiness.sources.failures import GuardRefusal

if TYPE_CHECKING:
    from requests import PreparedRequest

_OVERRIDES = ("x-http-method", "x-http-method-override", "x-method-override")
"""Headers by which some servers let a request be another one than its method says."""


def is_post(request: PreparedRequest) -> bool:
    """Whether it is a POST rather than a GET; neither may be anything else in disguise. Raises `GuardRefusal`."""
    if request.method not in ("GET", "POST"):
        raise GuardRefusal(f"the method {request.method}, where only reading is allowed")
    if any(name.lower() in _OVERRIDES for name in request.headers):
        raise GuardRefusal("a header that makes a request another one than it says")
    if request.method == "GET" and request.body:
        raise GuardRefusal("a GET that carries something")
    return request.method == "POST"


def stays_below(path: str) -> bool:
    """Whether every server reads this path as it is written: nothing in it, however encoded, leads up or elsewhere."""
    for _ in range(4):
        if "\\" in path or not path.isprintable() or {".", ".."} & set(path.split("/")):
            return False
        path, before = unquote(path), path
        if path == before:
            return not path.startswith("//")
    return False
