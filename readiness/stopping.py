"""Being asked to stop: SIGTERM, from a service manager or a pipeline, does what a block says, and no longer than it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def on_sigterm(handler: Handler = signal.default_int_handler) -> Iterator[None]:
    """Call a handler on SIGTERM within the block; without one, SIGTERM raises KeyboardInterrupt, as Ctrl-C does.

    Outside the main thread, where Python sets no handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
