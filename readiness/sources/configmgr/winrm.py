"""The SMS Provider over WinRM: WS-Man enumeration, as `Get-CimInstance -ComputerName` speaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from xml.etree.ElementTree import Element

from readiness.errors import SourceError
from readiness.sources.configmgr.answers import body_of
from readiness.sources.configmgr.columns import joined, known_columns
from readiness.sources.configmgr.enumeration import Enumeration, Paging, call_getter, get_instance
from readiness.sources.configmgr.envelopes import MAX_BODY_BYTES, Envelope, Heading
from readiness.sources.configmgr.getters import require_getter
from readiness.sources.configmgr.pool import WORKERS, Gate, Lines, patiently
from readiness.sources.configmgr.provider import Answer, Row, Value
from readiness.sources.configmgr.target import PORTS, Target
from readiness.sources.configmgr.wql import call, portions, select, select_instance
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.identity import TlsIdentity

if TYPE_CHECKING:
    from readiness.sources.configmgr.transport import WsManTransport

R = TypeVar("R")

SERVER_SHARE = 0.9
"""Of the time left for an exchange, the part that the server may use: so that its own fault still arrives."""


class WinRmProvider:
    """A `Provider` over WinRM. For any number of threads; make it with `connect`."""

    def __init__(
        self,
        target: Target,
        deadline: Deadline,
        *,
        limits: Limits | None = None,
        paging: Paging | None = None,
        workers: int = WORKERS,
    ) -> None:
        self.target = target
        self.identity = target.identity
        """As whom the server is asked: the user name, or "current logon"."""
        self._deadline = deadline
        self._limits = limits or Limits(body_bytes=MAX_BODY_BYTES)
        self._paging = paging or Paging()
        self._gate = Gate(deadline)
        self._lines = Lines(self._line, self._gate, workers, deadline)

    def __repr__(self) -> str:
        return f"WinRmProvider({self.target!r})"

    @property
    def simulated(self) -> bool:
        """Whether any answer came from the simulated estate."""
        return self._lines.simulated

    def rows(
        self,
        namespace: str,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        """See `Provider.rows`."""

        def ask(names: Sequence[str]) -> Answer:
            parts = [(any_of[0], values) for values in portions(any_of[1])] if any_of else [None]
            answers = [self._select(namespace, cls, select(cls, names, where, part)) for part in parts]
            return joined(answers, select(cls, names, where, any_of))

        return known_columns(ask, columns, optional)

    def _select(self, namespace: str, cls: str, wql: str) -> Answer:
        def read(line: Line) -> Answer:
            rows, request_id = line.patiently(lambda: self._whole(line, namespace, cls, wql))
            return Answer(rows, wql, request_id, line.clock_skew_seconds)

        return self._lines.read(read)

    def _whole(self, line: Line, namespace: str, cls: str, wql: str) -> tuple[list[Row], str]:
        enumeration = Enumeration(line, namespace, cls, wql, self._paging)
        return enumeration.read(), enumeration.request_id

    def instance(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Answer:
        """See `Provider.instance`."""
        wql = select_instance(cls, keys)

        def read(line: Line) -> Answer:
            rows, request_id = line.patiently(lambda: get_instance(line, namespace, cls, keys))
            return Answer(rows, wql, request_id, line.clock_skew_seconds)

        return self._lines.read(read)

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        """See `Provider.invoke`."""
        require_getter(cls, method, arguments)

        def read(line: Line) -> Answer:
            rows, request_id = line.patiently(lambda: call_getter(line, namespace, cls, method, arguments))
            return Answer(rows, call(cls, method, arguments), request_id, line.clock_skew_seconds)

        return self._lines.read(read)

    def close(self) -> None:
        """Close the connections."""
        self._lines.close()

    def _line(self) -> Line:
        return Line(self.target, self._deadline, self._limits, self._gate)


class Line:
    """One connection to the server, made at its first question: the `Channel` of an enumeration."""

    def __init__(self, target: Target, deadline: Deadline, limits: Limits, gate: Gate) -> None:
        self.where = f"{target.server}:{target.port}"
        self._target = target
        self._deadline = deadline
        self._limits = limits
        self._gate = gate
        self._transport: WsManTransport | None = None

    def ask(self, compose: Callable[[Heading], Envelope]) -> tuple[Envelope, Element]:
        """See `Channel.ask`."""
        seconds = SERVER_SHARE * min(self._limits.exchange_seconds, self._deadline.remaining)
        envelope = compose(Heading(self._target.endpoint, max(0.1, seconds)))
        with self._gate.passing():
            answer = self._connected().send_message(envelope.body)
            try:
                return envelope, body_of(answer, envelope, self.where)
            except SourceError as error:
                error.request_id = envelope.message_id
                raise

    def patiently(self, read: Callable[[], R]) -> R:
        """What `read` reads on this connection; anew from its beginning where the server is throttled and the deadline
        allows it: a Pull alone that is repeated would give the page after the one that was lost."""
        return patiently(read, self._deadline, self._retry_after)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close_session()

    @property
    def clock_skew_seconds(self) -> float | None:
        return self._transport.clock_skew_seconds if self._transport is not None else None

    @property
    def simulated(self) -> bool:
        return self._transport is not None and self._transport.simulated

    def _retry_after(self) -> float | None:
        return self._transport.retry_after_seconds if self._transport is not None else None

    def _connected(self) -> WsManTransport:
        if self._transport is None:
            from readiness.sources.configmgr.transport import WsManTransport  # loads winrm: only when needed

            self._transport = WsManTransport(self._target, self._deadline, self._limits)
        return self._transport


def connect(
    server: str,
    *,
    port: int | None = None,
    scheme: str = "https",
    auth: str = "negotiate",
    username: str | None = None,
    password: str | None = None,
    ca_bundle: Path | None = None,
    certificate: TlsIdentity | None = None,
    deadline: Deadline,
    limits: Limits | None = None,
    paging: Paging | None = None,
    workers: int = WORKERS,
) -> WinRmProvider:
    """A provider on `server`. Nothing is sent before the first question.

    Args:
        port: 5986 for https, 5985 for http, unless said otherwise.
        auth: negotiate, kerberos, ntlm; over https also certificate and basic.
        username: `DOMAIN\\user` or `user@domain`; None: the current logon (Windows, or a Kerberos ticket).
            With a certificate it signs nobody in: it says which account the certificate is mapped to.
        ca_bundle: the only certificate authorities to believe; None: the system's and certifi's.
        deadline: of the scan.
        limits: of each exchange, see `Limits`.
        paging: see `Paging`.

    Raises:
        ConfigurationError: a combination that would send the password readably, or an unknown word.
    """
    target = Target(server, port or PORTS.get(scheme, 0), scheme, auth, username, password, ca_bundle, certificate)
    return WinRmProvider(target, deadline, limits=limits, paging=paging, workers=workers)
