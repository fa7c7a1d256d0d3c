"""The door of a proxy that wants a password: whose is wrong shows it once, because accounts lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from readiness.errors import SourceError


class Door:
    """Lets the first connection that shows the password go alone, and none after a refusal.

    One for all connections of a scan through the same proxy, whichever host they lead to.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._refusal: SourceError | None = None

    @contextmanager
    def passing(self, wait: Callable[[], float]) -> Iterator[None]:
        """Connect, alone until one connection stands.

        Args:
            wait: how long the next wait for our turn may last; raises when there is no time left.

        Raises:
            SourceError: the proxy refused the password before; nothing was sent.
        """
        self._check()
        if self._open:
            yield
            return
        while not self._lock.acquire(timeout=wait()):
            pass
        try:
            self._check()
            yield
            self._open = True
        finally:
            self._lock.release()

    @property
    def closed(self) -> bool:
        """Whether the proxy refused the password."""
        return self._refusal is not None

    def close(self, refusal: SourceError) -> None:
        """The proxy does not take the password: it is not shown again."""
        self._refusal = refusal

    def _check(self) -> None:
        if self._refusal is not None:
            raise SourceError(self._refusal.reason, str(self._refusal))
