"""A folder as target: whole files or none, and nothing that is there is replaced."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from readiness.errors import ConfigurationError
from readiness.targets.delivery import State, delivered
from readiness.targets.folder import Folder
from tests.targets.conftest import NO_WAIT, RUN, parcel

OTHER = "20261124T205600Z-ffffffff"


def test_a_run_and_its_note_lie_there_and_again_nothing_happens(tmp_path: Path) -> None:
    place = tmp_path / "change" / "CHG1"
    assert delivered(Folder(place), parcel(), NO_WAIT).whole
    names = [f"readiness-{RUN}.html", f"readiness-{RUN}.json", f"readiness-{RUN}.note.md"]
    assert sorted(path.name for path in place.iterdir()) == names
    assert (place / names[0]).read_bytes() == b"<!doctype html>\r\n"
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    again = delivered(Folder(place), parcel(), NO_WAIT)
    assert (again.whole, again.changed) == (True, False)
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == before


def test_another_run_comes_beside_the_first(tmp_path: Path) -> None:
    delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT)
    delivered(Folder(tmp_path / "c"), parcel(run=OTHER), NO_WAIT)
    assert len(list((tmp_path / "c").iterdir())) == 6


def test_what_broke_off_is_completed(tmp_path: Path) -> None:
    delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT)
    (tmp_path / "c" / f"readiness-{RUN}.json").unlink()
    done = delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT)
    assert [part.state for part in done.parts] == [State.THERE, State.THERE, State.SENT]


def test_a_file_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    """Even one that came between the look and the writing."""
    (tmp_path / "c").mkdir()
    target = Folder(tmp_path / "c")
    mine = tmp_path / "c" / f"readiness-{RUN}.note.md"
    mine.write_text("mine", encoding="utf-8")
    done = delivered(target, parcel(), NO_WAIT)
    assert "is not replaced" in (done.error or "")
    assert [path.name for path in (tmp_path / "c").iterdir()] == [mine.name]
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    done = delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT)
    assert "No space left on device" in (done.error or "")
    assert list((tmp_path / "c").iterdir()) == []


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = delivered(Folder(tmp_path / "file" / "below"), parcel(), NO_WAIT)
    assert "cannot be written" in (done.error or "")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir(mode=0o500)
    assert "Permission denied" in (delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT).error or "")


def test_without_links_a_file_is_still_whole_and_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(_one: Path, _other: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", without)
    assert delivered(Folder(tmp_path / "c"), parcel(), NO_WAIT).whole
    assert len(list((tmp_path / "c").iterdir())) == 3
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / f"readiness-{RUN}.note.md").write_text("mine", encoding="utf-8")
    assert "is not replaced" in (delivered(Folder(tmp_path / "d"), parcel(), NO_WAIT).error or "")


@pytest.mark.parametrize("text", ["", "  ", "a\0b"])
def test_no_folder_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="names no folder"):
        Folder.named(text)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="that is a file"):
        Folder.named(str(tmp_path / "file"))
