"""The Microsoft Graph side: resources of a scenario, read by GET, by $batch of GETs, and by the report actions of
Intune. Nothing can be changed here."""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import unquote

import msgspec

from readiness.lab import graph_answers, graph_batch, graph_query, graph_relations, graph_reports
from readiness.lab.entra import Bearer
from readiness.lab.faults import Faults
from readiness.lab.graph_answers import Answer, Call, GraphError
from readiness.lab.moments import settled
from readiness.lab.scenario import Fault, Scenario
from readiness.lab.server import Request, Response

_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_STREAM = "application/octet-stream"
_FAULTS = {429: "TooManyRequests", 503: "ServiceUnavailable", 504: "GatewayTimeout"}
_INTUNE = "devicemanagement"
_BASIC_PROFILE = "User.ReadBasic.All"
"""Alone it does not show whether an account is enabled; what the others that are accepted show is not documented."""


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
        summary, kind = url.partition("?")[2], _JSON
        try:
            call = replace(call, person=self._authenticate(request))
            members = self._members(request, url)
            if members is not None:
                summary = ", ".join(f"{member.method} {member.url}" for member in members)
                answer = graph_batch.answer(members, lambda one: self.get(version, one.url, call, one.headers), call)
            elif request.method == "POST":
                answer, kind = self._report(version, url, request.body, call), _STREAM
            else:
                answer = self.get(version, url, call, dict(request.headers.items()))
        except GraphError as error:
            answer, kind = error.answer(call), _JSON
        return _response(answer, call, summary, kind)

    @staticmethod
    def _members(request: Request, url: str) -> list[graph_batch.Member] | None:
        """The requests in a $batch; `None` for a plain GET or a report. Nothing else is taken."""
        path = unquote(url)
        if request.method == "POST" and path == "$batch":
            return graph_batch.read(request.body)
        if request.method != "GET" and not (request.method == "POST" and graph_reports.ACTION.fullmatch(path)):
            raise GraphError(405, "MethodNotAllowed", "The lab is read only.", (("Allow", "GET"),))
        return None

    def get(self, version: str, url: str, call: Call, headers: Mapping[str, str]) -> Answer:
        """Answer a GET of `url`, relative to the version."""
        try:
            return self._get(version, url, call, headers)
        except GraphError as error:
            return error.answer(call)

    def _get(self, version: str, url: str, call: Call, headers: Mapping[str, str]) -> Answer:
        raw, _, query = url.strip("/").partition("?")
        path = self._meant(version, unquote(raw).strip("/"), call)
        self._let(path, call)
        options = graph_query.options(query)
        self._ask_the_index(path, options, headers)
        data = self._data[version]
        list_, content = graph_relations.find(data, path)
        context = f"{self.origin}/{version}/$metadata#{path}"

        def shown(row: Any) -> dict[str, Any]:
            given = self._known(list_, graph_relations.shown(data, list_, row, options.expand))
            return graph_query.selected(given, (*options.select, *options.expand) if options.select else ())

        if isinstance(content, list):
            return Answer(200, self._page(content, options, context, f"{self.origin}/{version}/{raw}", shown))
        names = f"({','.join(options.select)})" if options.select else ""
        return Answer(200, {"@odata.context": f"{context}{names}/$entity", **shown(content)})

    def _report(self, version: str, url: str, body: bytes, call: Call) -> Answer:
        path = unquote(url).strip("/")
        self._let(path, call)
        return graph_reports.answer(self._data[version].get(path.lower(), []), body)

    def _let(self, path: str, call: Call) -> None:
        """Refuse what is to go wrong now, and what the application may not read."""
        fault = self._faults.take("graph", path)
        if fault is not None:
            raise _fault(fault)
        self._allow(path, call)
        if path.lower() in graph_relations.SCHEDULES and not self._tenant.privileged_identity_management:
            raise graph_answers.no_premium_licence()

    @staticmethod
    def _ask_the_index(path: str, options: graph_query.Options, headers: Mapping[str, str]) -> None:
        """Refuse what only the directory's index knows, where it is not asked for."""
        asked = {name.lower(): value.lower() for name, value in headers.items()}
        if asked.get("consistencylevel") == "eventual" and options.counted:
            return
        if path.lower() == graph_relations.TRANSITIVE:
            raise GraphError(404, "Request_ResourceNotFound", "Resource not found.")
        if "/microsoft.graph." in path.lower():
            raise GraphError(400, "Request_UnsupportedQuery", "The specified query requires ConsistencyLevel eventual.")

    def _known(self, list_: str, row: dict[str, Any]) -> dict[str, Any]:
        """What the permissions show of a person."""
        need = self._need([list_, ""]) if list_ == "users" else None
        more = () if need is None else (name for name in need.accepts if name != _BASIC_PROFILE)
        if need is None or any(_granted(name, self._tenant.permissions) for name in more):
            return row
        return {**row, "accountEnabled": None}

    def _page(
        self,
        rows: list[Any],
        options: graph_query.Options,
        context: str,
        address: str,
        shown: Callable[[Any], dict[str, Any]],
    ) -> dict[str, Any]:
        """One page. $top makes pages smaller, not lists; what is left is behind the nextLink."""
        found = [row for row in rows if options.matches()(row)]
        size = min(options.top or self._tenant.page_size, self._tenant.page_size)
        end = options.skip + size
        page: dict[str, Any] = {"@odata.context": context}
        if options.counted:
            page["@odata.count"] = len(found)
        if end < len(found):
            page["@odata.nextLink"] = options.link(address, end)
        page["value"] = [shown(row) for row in found[options.skip : end]]
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
        intune = _INTUNE in segments[:2]  # its roles are listed beside those of the directory
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


def _response(answer: Answer, call: Call, summary: str, kind: str) -> Response:
    headers = (
        ("Content-Type", kind),
        ("Cache-Control", "no-cache"),
        ("OData-Version", "4.0"),
        ("request-id", call.request_id),
        ("client-request-id", call.client_request_id),
        *answer.headers,
    )
    return Response("graph", answer.status, json.dumps(answer.body).encode(), headers, summary)
