"""What takes messages, on loopback: an HTTP server that answers as it is told, and a mail server with real TLS."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http import HTTPStatus
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request

Step = bytes | None | float
"""An answer; None: hang up without one; a number: say nothing for so many seconds."""


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http_answer(f"{status} {HTTPStatus(status).phrase}", {"Content-Type": "text/plain", **named}, body)


class Receiver(TcpServer):
    """Answers with one step after the other, the last one ever after; keeps what it heard."""

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._answer, tls)
        self.steps = list(steps) or [answer(202)]
        self.hangs_up = False
        self.heard: list[HttpRequest] = []

    @property
    def messages(self) -> list[Any]:
        return [json.loads(one.body) for one in self.heard]

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            while (request := read_request(stream)) is not None:
                self.heard.append(request)
                step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
                if step is None:
                    return
                if isinstance(step, float):
                    self.stopped.wait(step)
                    return
                connection.sendall(step)
                if self.hangs_up:
                    return


@dataclass
class MailBox:
    """Keeps the mail; refuses what it is told to."""

    user: str | None = None
    password: str = ""
    refuses: str | None = None
    """The reply to the end of a mail, in place of taking it."""
    unknown: Sequence[str] = ()
    """Recipients that it does not know."""
    envelopes: list[Envelope] = field(default_factory=list)
    tried: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            message_from_bytes(bytes(one.original_content or b""), EmailMessage, policy=default)
            for one in self.envelopes
        ]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.tried += 1
        if self.refuses is not None:
            return self.refuses
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticates(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            (self.user or "").encode(), self.password.encode(),
        )  # fmt: skip
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(box: MailBox, tls: ssl.SSLContext | None, *, implicit: bool = False) -> Iterator[int]:
    """Serves a mailbox on a port of its own.

    Args:
        tls: by which it speaks TLS; None: it knows none.
        implicit: from the first byte on.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    signs_in: Any = {"authenticator": box.authenticates, "auth_required": not implicit} if box.user is not None else {}
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        ssl_context=tls if implicit else None,
        tls_context=None if implicit else tls,
        require_starttls=tls is not None and not implicit,
        auth_require_tls=not implicit,
        **signs_in,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
