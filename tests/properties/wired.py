"""Both halves of a simulated estate without sockets: what its services answer is changed before our parsers see it."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from types import SimpleNamespace
from typing import Any

from requests import Response as HttpResponse

from readiness.lab import load_scenario
from readiness.lab.adminservice import AdminService
from readiness.lab.entra import Bearer
from readiness.lab.faults import Faults
from readiness.lab.graph import Graph
from readiness.lab.login import Admission
from readiness.lab.scenario import Scenario
from readiness.lab.server import Connection, Request, Response
from readiness.lab.wmi import Wmi
from readiness.lab.wsman import WsMan
from readiness.model.settings import Scope
from readiness.sources.configmgr.adminservice import AdminServiceProvider
from readiness.sources.configmgr.adminservice.answers import Reply
from readiness.sources.configmgr.adminservice.listing import Pages
from readiness.sources.configmgr.enumeration import Paging
from readiness.sources.configmgr.readers import SiteSession
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.winrm import Line, WinRmProvider
from readiness.sources.deadline import Deadline
from readiness.sources.graph.client import GraphClient
from readiness.sources.graph.session import GraphSession

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
Change = Callable[[bytes], bytes]
"""What befalls the bytes of an answer."""


class Unhurried(Deadline):
    """Far away; nobody sleeps towards it."""

    def __init__(self) -> None:
        super().__init__(1_000)

    def wait(self, seconds: float) -> bool:
        return seconds < self.remaining


class OpenDoor:
    """Lets everybody in."""

    def admit(self, _request: Request) -> Admission:
        return Admission(None)


def request(method: str, path: str, body: bytes, **headers: str) -> Request:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Request(method, path, message, body, Connection(1, True))


class Nth:
    """Lets a change befall one answer of many, counted from 0; none where the number is too high."""

    def __init__(self, number: int, change: Change) -> None:
        self._number = number
        self._change = change
        self._count = itertools.count()

    def __call__(self, body: bytes) -> bytes:
        return self._change(body) if next(self._count) == self._number else body


class WsManWire:
    """What a line takes for its signed-in connection."""

    clock_skew_seconds = 0.0
    simulated = True

    def __init__(self, service: WsMan, change: Change) -> None:
        self._service = service
        self._change = change

    def send_message(self, message: bytes) -> bytes:
        return self._change(self._service(request("POST", "/wsman", message)).body)

    def close_session(self) -> None:
        """Nothing is open."""


class WiredWinRm(WinRmProvider):
    """The provider over WS-Man, its connections without sockets."""

    def __init__(self, service: WsMan, change: Change) -> None:
        self._wire = WsManWire(service, change)
        paging = Paging(max_elements=20, max_pages=50, max_rows=500)
        target = Target("cm01.contoso.com", 5986, "https", "basic", "x", "y", None)
        super().__init__(target, Unhurried(), paging=paging, workers=1)

    def _line(self) -> Line:
        line = super()._line()
        line._transport = self._wire  # type: ignore[assignment]
        return line


class AdminServiceWire:
    """What a line to the administration service takes for its signed-in connection."""

    clock_skew_seconds = 0.0
    simulated = True

    def __init__(self, service: AdminService, change: Change) -> None:
        self._service = service
        self._change = change

    def exchange(self, method: str, path: str, body: bytes | None) -> Reply:
        answer = self._service(request(method, path, body or b""))
        return Reply(answer.status, dict(answer.headers).get("Content-Type", ""), self._change(answer.body))

    def close(self) -> None:
        """Nothing is open."""


class WiredAdminService(AdminServiceProvider):
    """The provider over the administration service, its connections without sockets."""

    def __init__(self, service: AdminService, change: Change) -> None:
        target = Target("cm01.contoso.com", 443, "https", "negotiate", "x", "y", None, service="adminservice")
        super().__init__(target, Unhurried(), pages=Pages(top=20, max_pages=50, max_rows=500), workers=1)
        make, wire = self._lines._pool._make, AdminServiceWire(service, change)

        def wired() -> Any:
            line = make()
            line._transport = wire  # type: ignore[assignment]
            return line

        self._lines._pool._make = wired


class GraphWire:
    """What the client of Graph takes for its guarded session."""

    simulated = True
    guard = SimpleNamespace(clock_skew_seconds=0.0)

    def __init__(self, service: Callable[[Request], Response], change: Change) -> None:
        self._service = service
        self._change = change

    def request(self, method: str, url: str, *, headers: dict[str, str], data: bytes | None) -> HttpResponse:
        path = url.removeprefix("https://graph.test")
        given = request(method, path, data or b"", **headers)
        answer = self._service(given)
        response = HttpResponse()
        response.status_code = answer.status
        response.headers.update(dict(answer.headers))
        response._content = self._change(answer.body)
        return response

    def close(self) -> None:
        """Nothing is open."""


class Token:
    """Signed in already."""

    def token(self) -> str:
        return "the-token-of-this-test"


class Wired:
    """One scenario, and sessions on it."""

    def __init__(self, name: str) -> None:
        self.scenario: Scenario = load_scenario(name)
        self._wmi = Wmi(self.scenario, NOW)
        self._lock = threading.Lock()

    def winrm(self, change: Change) -> SiteSession:
        service = WsMan(self.scenario, self._wmi, OpenDoor(), Faults(()), encrypted=False)  # type: ignore[arg-type]
        return self._site(WiredWinRm(service, change))

    def adminservice(self, change: Change) -> SiteSession:
        service = AdminService(self.scenario, self._wmi, OpenDoor(), Faults(()))  # type: ignore[arg-type]
        return self._site(WiredAdminService(service, change))

    def _site(self, provider: WinRmProvider | AdminServiceProvider) -> SiteSession:
        return SiteSession(provider, "cm01.contoso.com", None, self.scenario.site.username, ("*",))

    def graph(self, change: Change) -> GraphSession:
        service = Graph(self.scenario, NOW, Faults(()), lambda _token: Bearer(math.inf, None))
        service.origin = "https://graph.test"
        wire: Any = GraphWire(service, change)
        client = GraphClient("https://graph.test", Token(), lambda: wire, Unhurried(), lambda: 0.0)  # type: ignore[arg-type]
        return GraphSession(client, self.scenario.tenant.domains[0], scope=Scope())
