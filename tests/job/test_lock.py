"""One run at a time: the system's lock decides, and the words in the file only tell who."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from readiness.job.lock import AnotherRunError, OneAtATime, usual_place

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")

HOLDS = """
import sys
from pathlib import Path
from readiness.job.lock import OneAtATime
lock = OneAtATime(Path(sys.argv[1]), "0123abcd")
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "run.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock."""
    with ExitStack() as stack:
        child = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


def test_the_second_one_is_told_who_and_since_when(path: Path, holder: subprocess.Popen[bytes]) -> None:
    with pytest.raises(AnotherRunError, match=rf"process {holder.pid} on .*, since 20\d\d-\d\d-\d\d \S+ UTC\)"):
        OneAtATime(path, "").take()


def test_who_is_killed_leaves_nothing_locked(path: Path, holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    holder.wait()
    lock = OneAtATime(path, "")
    lock.take()
    assert lock.killed is not None
    assert (lock.killed.pid, lock.killed.mark) == (holder.pid, "0123abcd")
    lock.give_back()


def test_who_ends_well_leaves_no_word(path: Path) -> None:
    for _ in range(2):
        lock = OneAtATime(path, "")
        lock.take()
        assert (lock.killed, lock.doubt) == (None, None)
        lock.give_back()
    assert path.read_bytes() == b""


def test_a_process_that_lives_and_has_the_number_of_a_dead_one_is_no_obstacle(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(
        json.dumps({"pid": os.getpid(), "host": "h", "since": "2026-01-01 00:00:00", "mark": ""}), encoding="utf-8"
    )
    lock = OneAtATime(path, "")
    lock.take()
    assert lock.killed is not None
    lock.give_back()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', "\x00" * 5000, "[" * 2000, '{"pid": 1e999}'])
def test_words_that_are_none_of_ours_are_no_obstacle(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    first, second = OneAtATime(path, ""), OneAtATime(path, "")
    first.take()
    assert first.killed is None
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnotherRunError, match="another run of this estate is under way"):
        second.take()
    first.give_back()


def test_what_others_wrote_cannot_steer_the_terminal(path: Path) -> None:
    first = OneAtATime(path, "")
    first.take()
    path.write_text(json.dumps({"pid": 1, "host": "\x1b[2Jx", "since": "\x9b2J", "mark": ""}), encoding="utf-8")
    with pytest.raises(AnotherRunError) as caught:
        OneAtATime(path, "").take()
    assert str(caught.value).isprintable()
    first.give_back()


def test_a_child_does_not_inherit_it(path: Path) -> None:
    lock = OneAtATime(path, "")
    lock.take()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        lock.give_back()
        again = OneAtATime(path, "")
        again.take()
        again.give_back()
        child.kill()


def test_a_file_that_was_taken_away_keeps_nobody_from_the_new_one(path: Path) -> None:
    first = OneAtATime(path, "")
    first.take()
    path.unlink()
    second, third = OneAtATime(path, ""), OneAtATime(path, "")
    second.take()
    with pytest.raises(AnotherRunError):
        third.take()
    second.give_back()
    first.give_back()


def test_a_symbolic_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    path.symlink_to(precious)
    lock = OneAtATime(path, "")
    lock.take()
    assert lock.doubt is not None
    assert str(path) in lock.doubt
    assert precious.read_text(encoding="utf-8") == "precious"


def test_what_is_no_file_is_told_and_does_not_hang(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    lock = OneAtATime(path, "")
    lock.take()
    assert lock.doubt is not None
    assert lock.doubt.endswith("it is no file")
    lock.give_back()


def test_where_there_is_no_place_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    lock = OneAtATime(tmp_path / "file" / "run.lock", "")
    lock.take()
    assert lock.doubt is not None


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    lock = OneAtATime(path, "")
    lock.take()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    lock.give_back()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_a_file_of_another_user_can_be_locked(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o444)
    first = OneAtATime(path, "")
    first.take()
    assert first.doubt is None
    with pytest.raises(AnotherRunError):
        OneAtATime(path, "").take()
    first.give_back()


def test_each_estate_has_its_own() -> None:
    assert usual_place("a") != usual_place("b")
    assert usual_place("a") == usual_place("a")
