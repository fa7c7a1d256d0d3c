"""The accepting side of a sign-in to the site: Kerberos with the keys of the realm, or NTLM, by pyspnego."""

from __future__ import annotations

import threading
from typing import Any, Literal

import spnego
from spnego.channel_bindings import GssChannelBindings

Demand = Literal["nothing", "right", "another"]

CHANNEL_BOUND = 0x800
"""GSS_C_CHANNEL_BOUND_FLAG: the client sent a binding, and it was ours. MIT lets a client without one pass."""

BAD_BINDINGS = 4
"""GSS_S_BAD_BINDINGS, a routine error of RFC 2744."""


class Acceptor:
    """Give it to `Lab(accept=...)`.

    Args:
        demand: "right": refuse whoever is not bound to our certificate; "another": expect the binding to another
            certificate, as a server behind a TLS proxy does; over http neither is looked at.

    Attributes:
        made: every context, in the order of the sign-ins that began.
    """

    def __init__(self, demand: Demand = "nothing") -> None:
        self._demand = demand
        self._lock = threading.Lock()
        self.made: list[Context] = []

    def __call__(self, binding: bytes | None) -> Any:
        another = binding and binding[:-1] + bytes([binding[-1] ^ 1])
        expected = {"nothing": None, "right": binding, "another": another}[self._demand]
        context = Context(expected)
        with self._lock:
            self.made.append(context)
        return context

    @property
    def signed_in(self) -> list[Context]:
        """The contexts by which somebody got in."""
        return [context for context in self.made if context.complete]


class Refused(Exception):  # noqa: N818
    """A refusal of GSSAPI, with what it wants the client to be told."""

    def __init__(self, failure: Any) -> None:
        super().__init__(str(failure))
        self.base_error = failure


class Context:
    """A context of pyspnego's accept side that refuses a sign-in which is not bound as it must be."""

    def __init__(self, binding: bytes | None) -> None:
        self._demands = binding is not None
        self._inner = spnego.server(
            hostname="localhost",
            service="HTTP",
            protocol="negotiate",
            channel_bindings=GssChannelBindings(application_data=binding) if binding else None,
            options=spnego.NegotiateOptions.use_negotiate,
        )
        self.tokens = 0
        self.failure: Any = None
        """Why GSSAPI refused, with its numbers."""

    @property
    def complete(self) -> bool:
        return bool(self._inner.complete)

    @property
    def protocol(self) -> str | None:
        return self._inner.negotiated_protocol

    @property
    def principal(self) -> str | None:
        return self._inner.client_principal

    @property
    def bound(self) -> bool:
        """Whether Kerberos found the binding right; NTLM has no such mark: there pyspnego raises."""
        inner: Any = self._inner
        return bool(inner._context._context_attr & CHANNEL_BOUND)

    def step(self, token: bytes) -> bytes | None:
        self.tokens += 1
        try:
            answer = self._inner.step(token)
        except AttributeError as error:
            # GSSAPI refused and has a token for the client; pyspnego asks for the flags of what does not exist.
            inner: Any = self._inner
            self.failure = inner._context._context._last_err
            raise Refused(self.failure) from error
        if self.complete and self._demands and self.protocol == "kerberos" and not self.bound:
            raise PermissionError("not bound to the channel")
        return answer

    def wrap_winrm(self, message: bytes) -> Any:
        return self._inner.wrap_winrm(message)

    def unwrap_winrm(self, header: bytes, message: bytes) -> bytes:
        return self._inner.unwrap_winrm(header, message)
