"""A connection to the administration service as the provider uses it: made late, alone at first, patient."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from readiness.sources.configmgr.adminservice.answers import document_of
from readiness.sources.configmgr.adminservice.faults import Asked
from readiness.sources.configmgr.pool import Gate, patiently
from readiness.sources.configmgr.target import Target
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits

if TYPE_CHECKING:
    from readiness.sources.configmgr.adminservice.transport import AdminServiceTransport


class Line:
    """One connection, made at its first question: the `Channel` of a listing."""

    def __init__(self, target: Target, deadline: Deadline, limits: Limits, gate: Gate) -> None:
        self.where = f"{target.server}:{target.port}"
        self.origin = target.origin
        self._target = target
        self._deadline = deadline
        self._limits = limits
        self._gate = gate
        self._transport: AdminServiceTransport | None = None

    def get(self, path: str, asked: Asked) -> dict[str, Any]:
        """See `Channel.get`. A throttled exchange is repeated while the deadline allows it."""
        return patiently(lambda: self._ask("GET", path, None, asked), self._deadline, self._retry_after)

    def call(self, path: str, arguments: Mapping[str, str]) -> dict[str, Any]:
        """The object that is answered to a call of a getter."""
        body = json.dumps(dict(arguments)).encode()
        return patiently(lambda: self._ask("POST", path, body, "method"), self._deadline, self._retry_after)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def clock_skew_seconds(self) -> float | None:
        return self._transport.clock_skew_seconds if self._transport is not None else None

    @property
    def simulated(self) -> bool:
        return self._transport is not None and self._transport.simulated

    def _retry_after(self) -> float | None:
        return self._transport.retry_after_seconds if self._transport is not None else None

    def _ask(self, method: str, path: str, body: bytes | None, asked: Asked) -> dict[str, Any]:
        with self._gate.passing():
            return document_of(self._connected().exchange(method, path, body), self.where, asked)

    def _connected(self) -> AdminServiceTransport:
        if self._transport is None:
            from readiness.sources.configmgr.adminservice.transport import AdminServiceTransport  # loads requests

            self._transport = AdminServiceTransport(self._target, self._deadline, self._limits)
        return self._transport
