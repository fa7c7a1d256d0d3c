"""Places that do not answer: one that drops what is sent there, as a firewall does, and one that accepts in silence."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def dropping(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port on loopback where nobody takes a connection: the queue of its listener is full, so the rest is dropped."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A port on loopback where every connection is taken, and nobody says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield int(listener.getsockname()[1])
