"""Being asked to stop: SIGTERM, from a service manager or a pipeline, and SIGHUP, from a terminal that is closed, do
what a block says, and no longer than it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def on_sigterm(handler: Handler = signal.default_int_handler) -> Iterator[None]:
    """Call a handler on SIGTERM within the block; without one, SIGTERM raises KeyboardInterrupt, as Ctrl-C does. The
    same with SIGHUP, unless whoever started the program has it ignored, as `nohup` does.

    Outside the main thread, where Python sets no handlers, nothing changes.
    """
    with on_signals(asking(), handler):
        yield


@contextmanager
def on_signals(numbers: Iterable[int], handler: Handler) -> Iterator[None]:
    """Call a handler on these signals within the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def asking() -> list[int]:
    """The signals by which the program is asked to stop. On Windows, which was not tried, SIGBREAK: that is Ctrl-Break,
    and what the C runtime makes of a console that closes, and of a session or a system that ends."""
    found: list[int] = [signal.SIGTERM]
    for name in ("SIGHUP", "SIGBREAK"):
        number: int | None = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            found.append(number)
    return found
