"""Files of ours: whole or not there, the same bytes on every system, and patient where another program holds one."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness import documents
from readiness.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


class Held:
    """A rename that fails so many times, as on Windows while a scanner holds the file."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.pauses: list[float] = []

    def replace(self, source: Path, target: Path) -> None:
        if self.left:
            self.left -= 1
            raise PermissionError(13, "Permission denied")
        source.replace(target)


def placed(held: Held, folder: Path, *, windows: bool = True) -> None:
    (folder / "new").write_bytes(b"new")
    documents.put_in_place(
        folder / "new", folder / "file", replace=held.replace, pause=held.pauses.append, held_for_a_moment=windows
    )


def test_text_is_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    """No carriage return on any system: digests are over bytes."""
    documents.write(tmp_path / "deep" / "file", "Größe\n東京\r\n")
    assert (tmp_path / "deep" / "file").read_bytes() == "Größe\n東京\r\n".encode()
    assert names(tmp_path / "deep") == ["file"]


def test_what_is_there_is_replaced_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old, and longer")
    documents.write(tmp_path / "file", "new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_private_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o644)
    documents.write_bytes(tmp_path / "file", b"secret", private=True)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("times", [1, len(documents.HELD_SECONDS)])
def test_a_file_that_is_held_for_a_moment_is_waited_for(times: int, tmp_path: Path) -> None:
    held = Held(times)
    placed(held, tmp_path)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert held.pauses == list(documents.HELD_SECONDS[:times])
    assert sum(documents.HELD_SECONDS) < 2


def test_a_file_that_stays_held_is_an_error(tmp_path: Path) -> None:
    held = Held(99)
    with pytest.raises(PermissionError):
        placed(held, tmp_path)
    assert len(held.pauses) == len(documents.HELD_SECONDS)


def test_where_nothing_is_held_for_a_moment_nothing_is_waited_for(tmp_path: Path) -> None:
    held = Held(1)
    with pytest.raises(PermissionError):
        placed(held, tmp_path, windows=False)
    assert held.pauses == []


def test_a_held_file_is_explained_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is open in another program: no traceback, and the old file is as it was."""
    (tmp_path / "file").write_bytes(b"old")

    def refuse(*_paths: Path, **_more: object) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(documents, "put_in_place", refuse)
    with pytest.raises(OutputError, match="Access is denied; another program may hold the file"):
        documents.write(tmp_path / "file", "new")
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_folder_in_the_way_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        documents.write(tmp_path / "file", "new")
    assert names(tmp_path) == ["file"]
