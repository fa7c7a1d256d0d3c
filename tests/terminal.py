"""What programs that are tried at a terminal need."""

from __future__ import annotations

import os
import select
import signal


def interruptible() -> None:
    """Runs in the child before the program: whoever starts the tests in the background has it ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shown_within(terminal: int, seconds: float) -> str:
    """What the terminal shows next; nothing where it is closed, or stays silent for so long."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, seconds))
    if not ready:
        return ""
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # the other end is closed
        return ""
