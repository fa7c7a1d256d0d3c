"""Entra ID and Microsoft Graph on one scripted server: says what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request

T = TypeVar("T")

TENANT = "contoso.test"
CLIENT_ID = "3f1b7c52-0000-4e86-a1f7-5c2e8b6d9a04"
SECRET = "Q~the+very/secret=value&of~tests"
TOKEN = "eyJ0eXAi.the-token-that-nobody-may-see.c2ln"
JSON = "application/json;odata.metadata=minimal;charset=utf-8"


def http_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP answer that carries a JSON document; bytes and texts are sent as they are."""
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
    reason = HTTPStatus(status).phrase
    return http_answer(f"{status} {reason}", {"Content-Type": JSON, **(headers or {})}, content)


@dataclass(frozen=True)
class Given:
    """One answer of Graph to one GET."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def member(self, name: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", **self.headers}
        return {"id": name, "status": self.status, "headers": headers, "body": self.body}


def rows(*found: Any, link: Any = None) -> Given:
    """A page, with a link to the next one where given."""
    return Given({"value": list(found), **({"@odata.nextLink": link} if link is not None else {})})


def error(status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> Given:
    inner = {"date": "2026-11-23T05:20:11", "request-id": "07b03020", "client-request-id": "63425837"}
    return Given({"error": {"code": code, "message": message, "innerError": inner}}, status, headers or {})


def refusal(number: int, error: str, words: str, status: int = 400) -> bytes:
    """How the token endpoint refuses."""
    trace = "Trace ID: 11111111-2222 Correlation ID: 66666666-7777 Timestamp: 2026-11-23 05:20:11Z"
    body = {"error": error, "error_description": f"AADSTS{number}: {words} {trace}", "error_codes": [number]}
    return http_json(body, status)


class Cloud(TcpServer):
    """Entra ID and Graph.

    Attributes:
        discovery, token, device: what the endpoints of Entra ID answer; several are given one after the other, the last
            one for ever.
        graph: answers by version and path (`/beta/things`), in the same way.
        whole: sees every request to Graph first, and may answer it whole.
        hang_up: close the connection after each answer, without a word of it.
        exchanges: the paths of each exchange with Graph, those of a batch together.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(self._converse, tls)
        self.discovery = [http_json(self.metadata())]
        self.token = [http_json({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})]
        self.device = [http_json(self.code())]
        self.hang_up = False
        self.graph: dict[str, list[Given]] = {}
        self.whole: Callable[[HttpRequest], bytes | None] = lambda _request: None
        self.exchanges: list[list[str]] = []
        self.sign_ins: list[HttpRequest] = []
        self.requests: list[HttpRequest] = []
        self._lock = threading.Lock()

    def metadata(self, **changed: Any) -> dict[str, Any]:
        """The metadata of the tenant."""
        base = f"{self.origin}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
        found = {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "issuer": f"{base}/v2.0",
        }
        return {name: value for name, value in {**found, **changed}.items() if value is not None}

    def code(self) -> dict[str, Any]:
        """A code for a person."""
        return {
            "user_code": "ABC123XYZ",
            "device_code": "the-device-code-that-nobody-may-see",
            "verification_uri": "https://login.test/device",
            "expires_in": 900,
            "interval": 1,
            "message": "Words of the host, which are not shown.",
        }

    def give(self, path: str, *answers: Given) -> None:
        self.graph[path] = list(answers)

    def _converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                with contextlib.suppress(OSError):
                    connection.sendall(self._answer(request))
                if self.hang_up:
                    return

    def _answer(self, request: HttpRequest) -> bytes:
        with self._lock:
            self.requests.append(request)
            if request.path.endswith("/openid-configuration"):
                return _next(self.discovery)
            if request.path.endswith("/devicecode"):
                return _next(self.device)
            if request.path.endswith("/oauth2/v2.0/token"):
                self.sign_ins.append(request)
                return _next(self.token)
            self.exchanges.append(asked(request))
            return self.whole(request) or self._graph(request)

    def _graph(self, request: HttpRequest) -> bytes:
        if not request.path.endswith("/$batch"):
            given = self._given(request.path)
            return http_json(given.body, given.status, given.headers)
        members = zip(json.loads(request.body)["requests"], asked(request), strict=True)
        answers = [self._given(path).member(member["id"]) for member, path in members]
        return http_json({"responses": answers[::-1]})

    def _given(self, path: str) -> Given:
        return _next(self.graph[path]) if path in self.graph else error(404, "Request_ResourceNotFound", "nothing")


def asked(request: HttpRequest) -> list[str]:
    """The paths that a request asks Graph for, each with its version."""
    if not request.path.endswith("/$batch"):
        return [request.path]
    version = request.path.removesuffix("/$batch")
    return [version + member["url"] for member in json.loads(request.body)["requests"]]


def _next(answers: list[T]) -> T:
    return answers.pop(0) if len(answers) > 1 else answers[0]
