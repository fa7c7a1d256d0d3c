"""The log never grows beyond its bounds, loses no line to whoever else writes or rotates it, and never stops a run."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.job.log import RotatedLog

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("readiness", logging.INFO, "", 0, text, None, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "job.log"


@pytest.fixture
def log(path: Path) -> Iterator[RotatedLog]:
    path.parent.mkdir()
    log = RotatedLog(path, 100, 2)
    yield log
    log.close()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_it_never_exceeds_its_bounds(log: RotatedLog, path: Path) -> None:
    for number in range(40):
        log.emit(record(f"line {number:04}"))
    assert sorted(one.name for one in path.parent.iterdir()) == ["job.log", "job.log.1", "job.log.2"]
    assert all(one.stat().st_size <= 100 for one in path.parent.iterdir())
    kept = [line for name in ("job.log.2", "job.log.1", "job.log") for line in lines(path.with_name(name))]
    assert kept == [f"line {number:04}" for number in range(40 - len(kept), 40)]


def test_its_owner_alone_reads_it(log: RotatedLog, path: Path) -> None:
    for _ in range(30):
        log.emit(record("something"))
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


def test_a_line_that_is_larger_than_all_is_kept(log: RotatedLog, path: Path) -> None:
    log.emit(record("x" * 300))
    assert lines(path) == ["x" * 300]


def test_what_renames_it_does_no_harm(log: RotatedLog, path: Path) -> None:
    log.emit(record("before"))
    path.rename(path.with_name("job.log-20261124"))
    log.emit(record("after"))
    assert (lines(path.with_name("job.log-20261124")), lines(path)) == (["before"], ["after"])


def test_what_cuts_it_does_no_harm(log: RotatedLog, path: Path) -> None:
    log.emit(record("before"))
    os.truncate(path, 0)
    log.emit(record("after"))
    assert lines(path) == ["after"]


def test_a_full_disk_loses_lines_and_says_so(log: RotatedLog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes the beginning of a line, and no more; later there is room again."""
    real, room = os.write, [4]

    def full(file: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written, room[0] = real(file, data[: room[0]]), 0
        return written

    log.emit(record("first"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        log.emit(record("second"))
        log.emit(record("third"))
    log.emit(record("fourth"))
    assert log.lost == "No space left on device"
    assert lines(path) == ["first", "seco", "fourth"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_the_device_that_is_always_full() -> None:
    log = RotatedLog(Path("/dev/full"), 100, 2)
    log.emit(record("lost"))
    log.close()
    assert log.lost == "No space left on device"


WRITES = """
import logging, sys
from pathlib import Path
from readiness.job.log import RotatedLog
log = RotatedLog(Path(sys.argv[1]), 2000, 100)
for number in range(300):
    log.emit(logging.LogRecord("", logging.INFO, "", 0, f"{sys.argv[2]} {number:04}", None, None))
assert log.lost is None
"""


def test_several_processes_lose_and_mix_nothing(path: Path) -> None:
    path.parent.mkdir()
    children = [subprocess.Popen([sys.executable, "-c", WRITES, str(path), name]) for name in "abc"]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    kept = sorted(line for one in path.parent.iterdir() for line in lines(one))
    assert kept == sorted(f"{name} {number:04}" for name in "abc" for number in range(300))
    assert len(list(path.parent.iterdir())) > 2


def test_a_pipe_that_nobody_reads_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    with pytest.raises(OSError, match="No such device"):
        RotatedLog(tmp_path / "log", 1000, 1)
