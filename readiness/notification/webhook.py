"""A generic webhook: the whole message as JSON, of the schema `readiness/notification/v1`."""

from __future__ import annotations

from readiness import documents
from readiness.model.notice import NOTICE_SCHEMA, Message
from readiness.notification.line import Address, Line

KEY_HEADER = "Idempotency-Key"
"""Who has seen this key has seen the message. As draft-ietf-httpapi-idempotency-key-header has it."""


class Webhook:
    """Posts messages to one address. A message that may have been taken is sent again, under the same key."""

    def __init__(self, address: Address) -> None:
        self._line = Line(address, twice=True)

    def send(self, message: Message) -> None:
        self._line.post(body(message), {KEY_HEADER: f'"{message.key}"'})

    def close(self) -> None:
        self._line.close()


def body(message: Message) -> bytes:
    """The JSON: the same message gives the same bytes."""
    return documents.canonical({"schema": NOTICE_SCHEMA, **documents.plain(message)})
