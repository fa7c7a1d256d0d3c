"""The administration service in front of the provider: OData over https, reading and the getters only.

Shapes: the samples of the reference, and configmgr.md Q5. What the samples do not show, the lab does not invent: there
is no `$metadata`, no `v1.0` route and no `@odata.nextLink` here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl, unquote, urlsplit

from readiness.lab import odata
from readiness.lab.classes import Instance
from readiness.lab.faults import Faults
from readiness.lab.login import Admission, Door
from readiness.lab.methods import writes
from readiness.lab.scenario import Scenario
from readiness.lab.server import Request, Response
from readiness.lab.wmi import INVALID_CLASS, INVALID_METHOD, INVALID_QUERY, NOT_FOUND, Wmi, WmiError

_ROOT = "/AdminService/wmi/"
_JSON = ("Content-Type", "application/json; odata.metadata=minimal; odata.streaming=true")
_CASE_MATTERS_UP_TO = 8968
"""The build of release 2002: later ones do not tell case apart on this route."""
_STATUSES = {INVALID_CLASS: 404, INVALID_METHOD: 404, NOT_FOUND: 404, INVALID_QUERY: 400}
_CLASS = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)
_METHOD = re.compile(r"(\w+)\.(\w+)")

Served = tuple[str, list[dict[str, object]] | dict[str, object]]
"""What an answer is about (its context), and the rows, or the out-parameters of a method."""


class ServiceError(Exception):
    """An error of the service itself, by its HTTP status."""

    def __init__(self, status: int, words: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(words)
        self.status = status
        self.headers = headers


class AdminService:
    """Answers every request of the port of the administration service."""

    def __init__(self, scenario: Scenario, wmi: Wmi, door: Door, faults: Faults) -> None:
        self._server = scenario.site.server
        self._exact = scenario.build <= _CASE_MATTERS_UP_TO
        self._wmi = wmi
        self._door = door
        self._faults = faults

    def __call__(self, request: Request) -> Response:
        admitted = self._door.admit(request)
        if isinstance(admitted, Response):
            return admitted
        parts = urlsplit(request.target)
        asked = self._below_root(unquote(parts.path))
        if asked is None:
            return Response("adminservice", 404, headers=admitted.headers, summary="no such path", leg=admitted.leg)
        serve = self._service(request.method, asked)
        if serve is None:
            return self._reply(405, _error("no such method"), admitted, f"refused: {request.method} {asked}")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        summary = self._summary(asked, options, request)
        return self._answer(lambda: serve(asked, options, request.body), admitted, summary)

    def _below_root(self, path: str) -> str | None:
        fits = path.startswith(_ROOT) if self._exact else path.lower().startswith(_ROOT.lower())
        return path[len(_ROOT) :] if fits else None

    def _service(self, method: str, asked: str) -> Callable[[str, Mapping[str, str], bytes], Served] | None:
        called = _METHOD.fullmatch(asked)
        if called is not None:
            return self._invoke if method == "POST" and not writes(called[2]) else None
        return self._read if method == "GET" else None

    def _answer(self, serve: Callable[[], Served], admitted: Admission, summary: str) -> Response:
        try:
            context, content = serve()
        except ServiceError as error:
            return self._reply(error.status, _error(str(error)), admitted, summary, error.headers)
        except WmiError as error:
            status = _STATUSES.get(error.hresult, 500)
            return self._reply(status, _error(f"{error} (0x{error.hresult:08x})"), admitted, summary)
        document: dict[str, object] = {"@odata.context": f"https://{self._server}{_ROOT}$metadata#{context}"}
        document.update(content if isinstance(content, dict) else {"value": content})
        # A call succeeds with 201, as real services answer it.
        return self._reply(201 if isinstance(content, dict) else 200, document, admitted, summary)

    def _reply(
        self,
        status: int,
        document: object,
        admitted: Admission,
        summary: str,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Response:
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return Response("adminservice", status, body, (*admitted.headers, _JSON, *headers), summary, admitted.leg)

    def _read(self, asked: str, options: Mapping[str, str], _body: bytes) -> Served:
        found = _CLASS.fullmatch(asked)
        if found is None:
            raise ServiceError(404, f"no resource {asked}")
        cls, key = found[1], found[2]
        self._fail(cls)
        if key is not None:
            return cls, [self._instance(cls, key)]
        return cls, self._list(cls, options)

    def _list(self, cls: str, options: Mapping[str, str]) -> list[dict[str, object]]:
        try:
            query = odata.query(cls, options)
            top, skip = int(options.get("$top", "1000")), int(options.get("$skip", "0"))
        except ValueError as error:
            raise ServiceError(400, str(error)) from error
        found = self._wmi.find(self._wmi.site_namespace, query)
        lazy = {name for name in found.cls.lazy if found.columns and name in found.columns}
        if lazy:
            raise ServiceError(400, f"lazy: {min(lazy)}")
        rows = found.rows[skip : skip + top]
        if found.columns is None:
            return [odata.whole(row, self._server, self._wmi.site_namespace) for row in rows]
        return [odata.chosen(row, found.columns) for row in rows]

    def _instance(self, cls: str, key: str) -> dict[str, object]:
        try:
            selectors = odata.selectors(self._wmi.keys(cls), key)
            row: Instance = self._wmi.get(self._wmi.site_namespace, cls, selectors)
        except (ValueError, KeyError) as error:
            raise ServiceError(400, f"no key of {cls}: {key}") from error
        return odata.whole(row, self._server, self._wmi.site_namespace)

    def _invoke(self, asked: str, _options: Mapping[str, str], body: bytes) -> Served:
        cls, _, method = asked.partition(".")
        self._fail(cls)
        try:
            arguments = json.loads(body or b"{}")
        except ValueError as error:
            raise ServiceError(400, str(error)) from error
        if not isinstance(arguments, dict) or not all(isinstance(value, str) for value in arguments.values()):
            raise ServiceError(400, "the arguments are no object of texts")
        return asked, dict(self._wmi.invoke(self._wmi.site_namespace, cls, method, arguments))

    def _summary(self, asked: str, options: Mapping[str, str], request: Request) -> str:
        """What was asked; of instances and calls in the words of the WS-Man service, which says the same."""
        if request.method == "POST":
            return f"{asked} {request.body.decode('utf-8', 'replace')}"
        found = _CLASS.fullmatch(asked)
        if found is not None and found[2] is not None:
            with suppress(ValueError, WmiError):
                selectors = odata.selectors(self._wmi.keys(found[1]), found[2])
                return " ".join(["Get", found[1], *(f"{name}={value}" for name, value in selectors.items())])
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"{asked}?{query}" if query else asked

    def _fail(self, cls: str) -> None:
        """Let the fault happen that the scenario declares for the class, if it does."""
        fault = self._faults.take("adminservice", cls)
        if fault is None:
            return
        if fault.hresult is not None:
            raise ServiceError(500, f"declared by the scenario (0x{fault.hresult:08x})")
        retry = (("Retry-After", str(fault.retry_after)),) if fault.retry_after is not None else ()
        raise ServiceError(fault.status, "declared by the scenario", retry)


def _error(words: str) -> dict[str, object]:
    return {"error": {"code": "", "message": words, "innererror": {"message": words, "type": "System.Exception"}}}
