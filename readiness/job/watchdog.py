"""Ends a process that hangs where nothing else ends it: on a share that is gone, in a plugin that never comes back."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from readiness.model.exit_codes import ExitCode

BEAT_SECONDS = 0.5
TELL_SECONDS = 2.0
"""How long saying why may take: what reads our standard error may hang, too."""

Overdue = Callable[[], str | None]


class Watchdog:
    """Looks every half second, from a thread of its own, whether the time is over.

    Args:
        overdue: why the process must end now, in words; None: it need not.
        end: ends it, told why.
    """

    def __init__(self, overdue: Overdue, end: Callable[[str], None] | None = None) -> None:
        self._overdue = overdue
        self._end = end or end_now
        self._over = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            why = self._overdue()
            if why is not None:
                self._end(why)
                return


def end_now(why: str, code: int = ExitCode.BUG) -> None:
    """End this process with a code, without any cleaning up that could hang as well."""
    teller = threading.Thread(target=_tell, args=(f"exit {code:d}: {why}",), daemon=True)
    teller.start()
    teller.join(TELL_SECONDS)
    os._exit(code)


def _tell(line: str) -> None:
    """Past Python's own streams: who hangs may hold their locks."""
    import logging

    with suppress(OSError, ValueError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"{line}\n".encode())
    logging.getLogger("readiness").info("%s", line)
