"""The Microsoft Graph side: resources of a scenario, read by GET and by $batch of GETs. Nothing can be changed here."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import unquote

import msgspec

from readiness.lab import graph_answers, graph_batch, graph_query
from readiness.lab.entra import Bearer
from readiness.lab.faults import Faults
from readiness.lab.graph_answers import Answer, Call, GraphError
from readiness.lab.moments import settled
from readiness.lab.scenario import Fault, Scenario
from readiness.lab.server import Request, Response

_CONTENT_TYPE = (
    "Content-Type",
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
)
_FAULTS = {429: "TooManyRequests", 503: "ServiceUnavailable", 504: "GatewayTimeout"}
_KEYED = re.compile(r"(?P<list>.+?)(?:/(?P<id>[^/]+)|\((?P<name>\w+)='(?P<value>[^']*)'\))")
_INTUNE = "devicemanagement"


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a path of `permissions.toml` needs, and how its service refuses."""

    accepts: tuple[str, ...]
    refusal: Literal["directory", "missing-scope", "nested-forbidden"]


class Graph:
    """Graph of one tenant.

    Args:
        bearer: tells to whom a token was given, while it is valid.
    """

    def __init__(
        self, scenario: Scenario, now: datetime, faults: Faults, bearer: Callable[[str], Bearer | None]
    ) -> None:
        self.origin = ""
        """Set when the port is known."""
        self._tenant = scenario.tenant
        self._bearer = bearer
        self._faults = faults
        v1 = _resources(scenario.graph.get("v1", {}), now)
        # Beta holds what v1.0 holds, and what the scenario says about beta besides.
        self._data = {"v1.0": v1, "beta": {**v1, **_resources(scenario.graph.get("beta", {}), now)}}
        self._needs = _needs()

    def __call__(self, request: Request) -> Response:
        call = Call(request.headers.get("client-request-id") or str(uuid.uuid4()))
        version, _, url = request.target.strip("/").partition("/")
        version = version.lower()
        summary = url.partition("?")[2]
        try:
            call = replace(call, person=self._authenticate(request))
            members = self._members(request, url)
            if members is None:
                answer = self.get(version, url, call)
            else:
                summary = ", ".join(f"{member.method} {member.url}" for member in members)
                answer = graph_batch.answer(members, lambda address: self.get(version, address, call), call)
        except GraphError as error:
            answer = error.answer(call)
        return _response(answer, call, summary)

    @staticmethod
    def _members(request: Request, url: str) -> list[graph_batch.Member] | None:
        """The requests in a $batch; `None` for a plain GET. Nothing else is taken."""
        if request.method == "POST" and unquote(url) == "$batch":
            return graph_batch.read(request.body)
        if request.method != "GET":
            raise GraphError(405, "MethodNotAllowed", "The lab is read only.", (("Allow", "GET"),))
        return None

    def get(self, version: str, url: str, call: Call) -> Answer:
        """Answer a GET of `url`, relative to the version."""
        try:
            return self._get(version, url, call)
        except GraphError as error:
            return error.answer(call)

    def _get(self, version: str, url: str, call: Call) -> Answer:
        raw, _, query = url.strip("/").partition("?")
        path = self._meant(version, unquote(raw).strip("/"), call)
        fault = self._faults.take("graph", path)
        if fault is not None:
            raise _fault(fault)
        self._allow(path, call)
        options = graph_query.options(query)
        content = self._find(version, path)
        context = f"{self.origin}/{version}/$metadata#{path}"
        if isinstance(content, list):
            return Answer(200, self._page(content, options, context, f"{self.origin}/{version}/{raw}"))
        names = f"({','.join(options.select)})" if options.select else ""
        entity = graph_query.selected(content, options.select)
        return Answer(200, {"@odata.context": f"{context}{names}/$entity", **entity})

    def _page(self, rows: list[Any], options: graph_query.Options, context: str, address: str) -> dict[str, Any]:
        """One page. $top makes pages smaller, not lists; what is left is behind the nextLink."""
        found = [row for row in rows if options.matches()(row)]
        size = min(options.top or self._tenant.page_size, self._tenant.page_size)
        end = options.skip + size
        page: dict[str, Any] = {"@odata.context": context}
        if options.counted:
            page["@odata.count"] = len(found)
        if end < len(found):
            page["@odata.nextLink"] = options.link(address, end)
        page["value"] = [graph_query.selected(row, options.select) for row in found[options.skip : end]]
        return page

    def _authenticate(self, request: Request) -> str | None:
        """The person who asks; None where it is the application itself."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        bearer = self._bearer(token) if scheme.lower() == "bearer" else None
        if bearer is None:
            raise graph_answers.invalid_token()
        return bearer.person

    def _meant(self, version: str, path: str, call: Call) -> str:
        """The path with `me` for the person who asks. A scenario may also state what is below `me` by that name."""
        first, _, rest = path.partition("/")
        if first.lower() != "me" or path.lower() in self._data[version]:
            return path
        return f"users/{call.person}/{rest}".rstrip("/") if call.person else path

    def _allow(self, path: str, call: Call) -> None:
        """Refuse what the application may not read, in the way the path's service refuses."""
        segments = path.lower().split("/")
        if segments[0] == "me" and call.person is None:
            words = "/me request is only valid with delegated authentication flow."
            raise GraphError(400, "BadRequest", words)
        intune = segments[0] == _INTUNE
        if intune and not self._tenant.intune:
            raise GraphError(400, "BadRequest", graph_answers.NO_SUBSCRIPTION)
        need = self._need(segments)
        if need is None or any(_granted(name, self._tenant.permissions) for name in need.accepts):
            return
        refusal = self._tenant.intune_refusal or need.refusal if intune else need.refusal
        if refusal == "directory":
            raise graph_answers.request_denied()
        if refusal == "nested-forbidden":
            raise graph_answers.nested_forbidden(path, call)
        raise graph_answers.missing_scope(path, need.accepts, call)

    def _need(self, segments: list[str]) -> Need | None:
        plain = [segment.partition("(")[0] for segment in segments]
        while plain:
            for pattern, need in self._needs.items():
                if _fits(pattern, plain):
                    return need
            plain = plain[:-1]
        return None

    def _find(self, version: str, path: str) -> Any:
        data = self._data[version]
        content = data.get(path.lower())
        if content is not None:
            return content
        found = _KEYED.fullmatch(path)
        rows = data.get(found["list"].lower()) if found else None
        if not found or not isinstance(rows, list):
            segment = path.rpartition("/")[2]
            raise GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")
        names = (found["name"],) if found["name"] else ("id", "userPrincipalName")
        wanted = (found["value"] or found["id"] or "").casefold()
        for row in rows:
            if any(str(row.get(name, "")).casefold() == wanted for name in names):
                return row
        code = "ResourceNotFound" if path.lower().startswith(_INTUNE) else "Request_ResourceNotFound"
        raise GraphError(404, code, f"Resource '{wanted}' does not exist.")


def _resources(content: dict[str, Any], now: datetime) -> dict[str, Any]:
    resolved = cast("dict[str, Any]", settled(content, now))
    return {path.strip("/").lower(): resource for path, resource in resolved.items()}


def _needs() -> dict[tuple[str, ...], Need]:
    text = Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8")
    table = msgspec.convert(tomllib.loads(text), dict[str, Need])
    return {tuple(part.partition("(")[0] for part in path.lower().split("/")): need for path, need in table.items()}


def _fits(pattern: tuple[str, ...], segments: list[str]) -> bool:
    return len(pattern) == len(segments) and all(
        part in ("{id}", segment) for part, segment in zip(pattern, segments, strict=True)
    )


def _granted(name: str, permissions: tuple[str, ...]) -> bool:
    return name in permissions or name.replace(".Read.", ".ReadWrite.") in permissions


def _fault(fault: Fault) -> GraphError:
    retry = (("Retry-After", str(fault.retry_after)),) if fault.retry_after is not None else ()
    return GraphError(fault.status, _FAULTS.get(fault.status, "UnknownError"), "Declared by the scenario.", retry)


def _response(answer: Answer, call: Call, summary: str) -> Response:
    headers = (
        _CONTENT_TYPE,
        ("Cache-Control", "no-cache"),
        ("OData-Version", "4.0"),
        ("request-id", call.request_id),
        ("client-request-id", call.client_request_id),
        *answer.headers,
    )
    return Response("graph", answer.status, json.dumps(answer.body).encode(), headers, summary)
