"""What programs that are tried at a terminal need."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ERASE = "\r\x1b[2K"
"""How a program begins a line anew."""


@dataclass(frozen=True)
class Shown:
    """How a program ended that had a terminal for its standard error."""

    code: int
    out: str
    """What it said on standard output, which was a pipe."""
    err: str
    """What it sent to the terminal."""

    @property
    def drawn(self) -> list[str]:
        """Every line that was written over, as it stood."""
        return re.findall(rf"{re.escape(ERASE)}([^\r\n]+)", self.err)

    @property
    def left(self) -> list[str]:
        """The lines that the terminal shows in the end."""
        return [line.rstrip("\r").split(ERASE)[-1] for line in self.err.split("\n")]


def run_at_terminal(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], *, width: int = 80, interrupt_at: str = ""
) -> Shown:
    """Run a program whose standard error is a terminal of `width` columns; Ctrl-C once it shows `interrupt_at`."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {**os.environ, "TERM": "xterm", **variables}
    child = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=theirs, preexec_fn=interruptible
    )
    os.close(theirs)
    watchdog = threading.Timer(60, child.kill)
    watchdog.start()
    err = ""
    with child:
        while piece := shown_within(ours, 60):
            err += piece
            if interrupt_at and interrupt_at in err:
                child.send_signal(signal.SIGINT)
                interrupt_at = ""
        out, _ = child.communicate()
    watchdog.cancel()
    os.close(ours)
    return Shown(child.returncode, out.decode(), err)


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
