"""An administration service for tests: whatever a test makes it answer, behind the sign-in of the WinRM server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.servers.tcp import HttpRequest, http_answer
from tests.servers.winrm import Connection, WinRm

Answer = tuple[str, object]
"""Status line and content: an object becomes JSON; bytes are sent as they are, as HTML."""

Reply = Callable[[str], Answer]
"""From the target of a request, percent-decoded, to its answer."""


def rows(*found: object, **more: object) -> Answer:
    return "200 OK", {"@odata.context": "https://x/$metadata#SMS_X", "value": list(found), **more}


def error(status: str, words: str = "no", code: str = "") -> Answer:
    return status, {"error": {"code": code, "message": words}}


@dataclass
class OData(WinRm):
    """A `talk` for `TcpServer`. Without schemes it lets everybody in.

    Attributes:
        reply: makes the answers.
        requests: those that it answered, the legs of signing in left out.
    """

    reply: Reply = field(default=lambda _target: rows())
    requests: list[HttpRequest] = field(default_factory=list)

    def _answer(self, request: HttpRequest, state: Connection) -> bytes | None:
        extra: dict[str, str] = {}
        if self.schemes and not state.signed_in:
            challenge = self._sign_in(request, state, extra)
            if challenge is not None:
                return challenge
        self.requests.append(request)
        with self._counted():
            status, content = self.reply(unquote(request.path))
        state.served += 1
        kind = "text/html" if isinstance(content, bytes) else "application/json; odata.metadata=minimal"
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return http_answer(status, {"Content-Type": kind, **extra, **self.headers}, body)


def odata(reply: Reply, schemes: tuple[str, ...] = (), **more: object) -> OData:
    """The service with these answers."""
    return OData(lambda request: request, schemes=schemes, reply=reply, **more)  # type: ignore[arg-type]
