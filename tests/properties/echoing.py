"""A server that answers whatever it was sent, headers and all, in the form that was asked for."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme

from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request


@contextmanager
def echoing(folder: Path) -> Iterator[TcpServer]:
    """Such a server; the authority of its certificate is in `echo.pem` of the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "echo.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def talk(connection: Any) -> None:
        with connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                connection.sendall(echo(server, request))

    with TcpServer(talk, context) as server:
        yield server


def in_place_of_every_server(server: TcpServer, folder: Path) -> dict[str, str]:
    """The variables by which the program takes it for the whole estate."""
    return {
        "READINESS_SITE_PORT": str(server.port),
        "READINESS_SITE_CA_BUNDLE": str(folder / "echo.pem"),
        "READINESS_TENANT_AUTHORITY": server.origin,
        "READINESS_TENANT_GRAPH": server.origin,
        "READINESS_TENANT_CA_BUNDLE": str(folder / "echo.pem"),
    }


def echo(server: TcpServer, request: HttpRequest) -> bytes:
    told = f"{request.headers} {request.body.decode('latin-1')}"
    if request.path.endswith("/openid-configuration"):
        base = f"{server.origin}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
        body = json.dumps(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
                "told": told,
            }
        )
        return http_answer("200 OK", {"Content-Type": "application/json"}, body.encode())
    if request.path == "/wsman":
        fault = re.sub("[<&]", " ", told)
        body = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{fault}</s:Body></s:Envelope>'
        return http_answer("500 Error", {"Content-Type": "application/soap+xml;charset=UTF-8"}, body.encode())
    body = json.dumps({"error": "invalid_client", "error_description": f"AADSTS7000215: {told}", "error_codes": [1]})
    headers = {"Content-Type": "application/json", "request-id": request.headers.get("authorization", "none")}
    return http_answer("401 Unauthorized", {**headers, "WWW-Authenticate": "Negotiate, Basic"}, body.encode())
