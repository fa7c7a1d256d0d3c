"""Being asked to stop: SIGTERM, from a service manager or a pipeline, and SIGHUP, from a terminal that is closed, do
what a block says, and no longer than it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def on_sigterm(handler: Handler = signal.default_int_handler) -> Iterator[None]:
    """Call a handler on SIGTERM within the block; without one, SIGTERM raises KeyboardInterrupt, as Ctrl-C does. The
    same with SIGHUP, unless whoever started the program has it ignored, as `nohup` does.

    Outside the main thread, where Python sets no handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _asking()}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _asking() -> list[int]:
    """The signals by which the program is asked to stop."""
    closed: int | None = getattr(signal, "SIGHUP", None)  # Windows has none
    if closed is None or signal.getsignal(closed) is signal.SIG_IGN:
        return [signal.SIGTERM]
    return [signal.SIGTERM, closed]
