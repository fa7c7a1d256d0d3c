"""What may become of the file between two nights: no run that was kept is lost, and the next one says what is wrong."""

from __future__ import annotations

import random
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from readiness.history.aside import set_aside
from readiness.history.errors import HistoryError
from readiness.history.keeping import NOT_KEPT, Kept, keep
from readiness.history.opening import APPLICATION_ID
from readiness.history.store import Store
from tests.history.made import EVERYTHING, filled, made
from tests.reports.conftest import NOW

STAMP = f"{NOW:%Y%m%dT%H%M%SZ}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


def kept(path: Path, night: int = 100, *, ours: bool = True) -> Kept:
    return keep(path, made(night), EVERYTHING, NOW, ours=ours)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20_000])


def noise(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(50_000))  # noqa: S311 - any bytes will do


def a_page_of_noise(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:12288] = random.Random(7).randbytes(4096)  # noqa: S311
    path.write_bytes(content)


def all_but_gone(path: Path) -> None:
    path.write_bytes(b"S")


def text(path: Path) -> None:
    path.write_text("dear diary\n" * 400, encoding="utf-8")


def of_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE outcomes")


def of_somebody_else(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()


@pytest.mark.parametrize(
    ("hurt", "words"),
    [
        (truncated, "damaged"),
        (noise, "damaged, or no history"),
        (a_page_of_noise, "damaged"),
        (text, "damaged, or no history"),
        (all_but_gone, "damaged, or no history"),
        (of_a_newer_version, "a newer version of readiness wrote it"),
        (without_a_table, "damaged: a table is not as it was made"),
        (of_somebody_else, "a database of another program"),
    ],
)
def test_a_file_that_will_not_do_is_set_aside_and_a_new_one_begun(path: Path, hurt: object, words: str) -> None:
    filled(path, 5)
    assert callable(hurt)
    hurt(path)
    before = path.read_bytes()
    told = kept(path)
    aside = path.with_name(f"{path.name}.set-aside-{STAMP}")
    assert told.note == "the history was set aside, and a new one begun"
    assert told.warning is not None
    assert words in told.warning
    assert str(aside) in told.warning
    assert aside.read_bytes() == before
    assert [run.id for run in Store(path).runs()] == [made(100).run.id]
    assert kept(path, 101) == Kept()


def test_an_empty_file_is_begun_anew_and_said(path: Path) -> None:
    """A file that lost what it had looks as one that never had any."""
    filled(path, 5)
    path.write_bytes(b"")
    told = kept(path)
    assert told.note == "the history was empty, and a new one begun"
    assert [run.id for run in Store(path).runs()] == [made(100).run.id]
    assert kept(path, 101) == Kept()


def test_a_second_one_in_the_same_second_is_not_written_over_the_first(path: Path) -> None:
    for number in range(3):
        path.write_bytes(b"x" * (number + 1000))
        assert kept(path).warning
        path.unlink()
    found = sorted(path.parent.glob("*.set-aside-*"))
    assert [file.name.removeprefix(f"{path.name}.set-aside-{STAMP}") for file in found] == ["", "-2", "-3"]
    assert [file.stat().st_size for file in found] == [1000, 1001, 1002]


def test_what_lies_beside_it_goes_along(path: Path) -> None:
    """A journal of the old one would be played back into the new one."""
    for end in ("", "-journal", "-wal", "-shm"):
        Path(f"{path}{end}").write_bytes(end.encode())
    place = set_aside(path, NOW)
    assert [Path(f"{place}{end}").read_bytes() for end in ("", "-journal")] == [b"", b"-journal"]
    assert len(list(path.parent.iterdir())) == 4


def test_the_database_of_another_program_at_a_place_that_was_named_stays_there(path: Path) -> None:
    filled(path, 1)
    of_somebody_else(path)
    before = path.read_bytes()
    told = kept(path, ours=False)
    assert told.note == NOT_KEPT
    assert told.warning is not None
    assert "name another file for it ([history] path)" in told.warning
    assert path.read_bytes() == before


def test_a_locked_history_loses_nothing_and_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(path, 2)
    monkeypatch.setattr("readiness.history.store.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryError, match="another program holds it"):
            store.add(made(9))
        with pytest.raises(HistoryError, match="another program holds it"):
            store.runs()
        other.execute("ROLLBACK")
    assert len(store.runs()) == 2
    assert store.add(made(9))


def test_a_full_disk_loses_nothing(path: Path) -> None:
    store = filled(path, 3)
    with closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with pytest.raises(HistoryError, match="the disk is full"):
        store_of_at_most(path, pages + 1).add(replace(made(50), evidence=bytes(100_000)))
    assert len(store.runs()) == 3
    assert all(store.document(run) for run in store.runs())
    assert store.add(made(50))


def store_of_at_most(path: Path, pages: int) -> Store:
    """A history on a disk that holds so many pages. SQLite then says what it says of a full one."""
    from sqlalchemy import Connection

    from readiness.history.schema import UPGRADES

    def bounded(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    return Store(path, upgrades=(*UPGRADES, bounded))


def test_a_folder_in_its_place_is_said(path: Path) -> None:
    path.mkdir()
    assert kept(path) == Kept(f"{NOT_KEPT}: {path}: it is no file", NOT_KEPT)


def test_a_file_that_may_not_be_written_stays_and_is_said(path: Path) -> None:
    store = filled(path, 2)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    path.chmod(stat.S_IRUSR)
    path.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        if can_write_anyway(path):
            pytest.skip("root may write everything")
        told = kept(path)
        assert told.note == NOT_KEPT
        assert told.warning is not None
        assert "it may not be written" in told.warning
        assert len(store.runs()) == 2
    finally:
        path.parent.chmod(stat.S_IRWXU)


def can_write_anyway(path: Path) -> bool:
    try:
        path.open("ab").close()
    except OSError:
        return False
    return True
