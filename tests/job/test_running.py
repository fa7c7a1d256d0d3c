"""A job knows how much time it has, and whether it was asked to stop."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time

import pytest

from readiness.job import left, pause, stopped
from readiness.job.running import STOP_SECONDS, Job, Phase, enter, left_for_reading

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def no_end(why: str) -> None:
    raise AssertionError(why)


def test_without_a_job_nothing_is_bounded() -> None:
    assert (left(), left_for_reading(), stopped()) == (math.inf, math.inf, None)


def test_reading_ends_before_the_job_does() -> None:
    clock = Clock()
    with Job(1800, monotonic=clock, end=no_end):
        assert (left(), left_for_reading()) == (1800, 1740)
        clock.now += 1739
        assert stopped() is None
        clock.now += 1
        assert stopped() == "stopped by the deadline of the job"
        assert left() == 60


def test_of_a_short_deadline_a_quarter_is_kept() -> None:
    with Job(8, monotonic=Clock(), end=no_end):
        assert left_for_reading() == 6


def test_a_signal_while_nothing_is_read_is_as_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), Job(end=no_end):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_it_reads_is_noted(how: signal.Signals) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    clock = Clock()
    try:
        with Job(monotonic=clock, end=no_end):
            enter(Phase.READING)
            signal.raise_signal(how)
            assert stopped() == f"stopped by {how.name}"
            assert left() == STOP_SECONDS
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_right_behind_says_the_same_and_a_later_one_ends_it() -> None:
    clock = Clock()
    with Job(monotonic=clock, end=no_end):
        enter(Phase.READING)
        signal.raise_signal(signal.SIGTERM)
        clock.now += 0.5
        signal.raise_signal(signal.SIGTERM)
        assert stopped() == "stopped by SIGTERM"
        clock.now += 1
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


def test_ctrl_c_stays_what_it_is() -> None:
    with Job(end=no_end):
        enter(Phase.READING)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stopped() is None


def test_after_it_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Job(5, end=no_end):
        assert signal.getsignal(signal.SIGTERM) != before
    assert (signal.getsignal(signal.SIGTERM), left()) == (before, math.inf)


def test_a_pause_ends_with_the_reading() -> None:
    with Job(end=no_end):
        enter(Phase.READING)
        signal.raise_signal(signal.SIGTERM)
        started = time.monotonic()
        pause(60)
        assert time.monotonic() - started < 5


HANGS = """
import signal, sys, time
from readiness.job import running
running.STOP_SECONDS = 0.5
with running.Job({seconds}) as job:
    running.enter(running.Phase.{phase})
    {then}
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""


@pytest.mark.parametrize(
    ("seconds", "phase", "then", "words"),
    [
        ("0.5", "WRITING", "", "the deadline of the job (0.5 seconds) passed before everything was written"),
        ("0.5", "BEGINNING", "", "the deadline of the job (0.5 seconds) passed before anything was read"),
        ("None", "WRITING", "signal.raise_signal(signal.SIGTERM)", "SIGTERM asked to stop, and 0 seconds passed"),
    ],
)
def test_what_hangs_is_ended_and_says_why(seconds: str, phase: str, then: str, words: str) -> None:
    """In a process of its own, which catches whatever is raised in it."""
    code = HANGS.format(seconds=seconds, phase=phase, then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"exit 1: {words}")


def test_what_hangs_while_people_are_told_changes_no_verdict() -> None:
    then = 'running.settle(3, "1 blocker failed")'
    code = HANGS.format(seconds="0.5", phase="WRITING", then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=20, check=False)
    assert done.returncode == 3
    why = "the deadline of the job (0.5 seconds) passed before everybody was told"
    assert done.stderr.splitlines()[-1] == f"exit 3: 1 blocker failed; {why}"


CHATTERS = """import os, threading
threading.Thread(target=lambda: os.write(2, b"x" * 10**6), daemon=True).start()
"""


def test_what_hangs_ends_though_nobody_reads_what_it_says() -> None:
    code = CHATTERS + HANGS.format(seconds="0.5", phase="WRITING", then="")
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as child:
        assert child.wait(20) == 1
