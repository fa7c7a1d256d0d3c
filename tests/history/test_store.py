"""Runs in, runs out: in the order in which they were kept, each as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from readiness import documents
from readiness.assessment.wholeness import is_whole
from readiness.errors import EvidenceError
from readiness.history.errors import HistoryError
from readiness.history.notices import Notices
from readiness.history.opening import APPLICATION_ID
from readiness.history.retention import Retention
from readiness.history.runs import Kind
from readiness.history.schema import UPGRADES
from readiness.history.store import EVIDENCE, Store
from readiness.model.words import Outcome, Reason
from readiness.report_files import loaded
from tests.history.made import filled, made, report


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "history.sqlite3"


def test_what_was_kept_comes_back_as_it_was(path: Path) -> None:
    new = made(0)
    store = Store(path)
    assert store.add(new)
    (run,) = store.runs()
    assert run == replace(new.run, sequence=1)
    data = store.document(run)
    assert data is not None
    assert loaded(path, data) == report(0)
    assert store.document(run, EVIDENCE) is None
    found = {one.check: one for one in store.outcomes([run])[1]}
    assert found == {one.check: one for one in new.outcomes}
    assert {one.outcome for one in found.values()} == set(Outcome)


def test_the_same_run_is_kept_once(path: Path) -> None:
    store = Store(path)
    assert [store.add(made(0)), store.add(made(0))] == [True, False]
    assert len(store.runs()) == 1


def test_a_clock_that_went_back_changes_no_order(path: Path) -> None:
    store = Store(path)
    for night in (5, 6, 1, 2):
        store.add(made(night))
    assert [run.sequence for run in store.runs()] == [4, 3, 2, 1]
    assert [run.id for run in store.runs()] == [made(night).run.id for night in (2, 1, 6, 5)]


def test_nobody_else_may_read_it(path: Path) -> None:
    filled(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_file_says_whose_it_is_and_of_which_version(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as connection:
        told = [connection.execute(f"PRAGMA {one}").fetchone()[0] for one in ("application_id", "user_version")]
    assert told == [APPLICATION_ID, len(UPGRADES)]
    assert os.listdir(path.parent) == [path.name]


def test_where_there_is_no_file_there_are_no_runs_and_none_is_made(path: Path) -> None:
    store = Store(path)
    assert (store.runs(), store.outcomes([]), store.is_there) == ([], {}, False)
    assert not path.parent.exists()


def test_an_older_database_is_brought_up_to_date_and_keeps_its_runs(path: Path) -> None:
    old = filled(path, 3)

    def more(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE more (a INTEGER)")

    newer = Store(path, upgrades=(*UPGRADES, more))
    assert len(newer.runs()) == 3
    assert newer.add(made(3))
    assert len(newer.runs()) == 4
    with pytest.raises(HistoryError, match="a newer version of readiness wrote it"):
        old.runs()


def test_an_older_database_is_read_as_it_is(path: Path) -> None:
    first = Store(path, upgrades=UPGRADES[:1])
    for number in range(2):
        assert first.add(made(number))
    written = path.read_bytes()
    store = Store(path)
    runs = store.runs()
    assert len(runs) == len(store.outcomes(runs)) == 2
    assert store.document(runs[0]) is not None
    assert Notices(store).pending(runs[0].kept) == []
    assert Notices(store).watched("anything") is None
    assert path.read_bytes() == written


def test_an_upgrade_that_fails_leaves_the_older_database_as_it_was(path: Path) -> None:
    old = filled(path, 3)

    def breaks(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE outcomes")
        raise OSError(28, "No space left on device")

    with pytest.raises(HistoryError, match="No space left"):
        Store(path, upgrades=(*UPGRADES, breaks)).add(made(3))
    assert len(old.outcomes(old.runs())[1]) == len(made(0).outcomes)


def test_two_writers_at_once_both_keep_their_runs(path: Path) -> None:
    news = [made(night) for night in range(24)]

    def write(first: int) -> None:
        for new in news[first::2]:
            Store(path, busy_seconds=60).add(new)

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    runs = Store(path).runs()
    assert {run.id for run in runs} == {new.run.id for new in news}
    assert sorted(run.sequence for run in runs) == list(range(1, 25))


def test_forgotten_runs_are_gone_and_their_sequences_never_given_again(path: Path) -> None:
    store = filled(path, 10)
    assert store.prune(Retention(timedelta(days=3), 100)) == 6
    assert [run.sequence for run in store.runs()] == [10, 9, 8, 7]
    assert store.prune(Retention(timedelta(days=3), 2)) == 2
    store.add(made(20), Retention(timedelta(days=100), 1))
    assert [run.sequence for run in store.runs()] == [11]
    with closing(sqlite3.connect(path)) as connection:
        asked = ("SELECT DISTINCT run FROM outcomes", "SELECT DISTINCT run FROM documents")
        assert [connection.execute(one).fetchall() for one in asked] == [[(11,)], [(11,)]]


def test_a_report_that_was_changed_in_the_file_is_no_report(path: Path) -> None:
    store = filled(path, 1)
    run = store.runs()[0]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE documents SET packed = substr(packed, 1, length(packed) - 9)")
    with pytest.raises(EvidenceError, match=f"run {run.id}: damaged in the history"):
        store.document(run)


def test_a_row_that_somebody_else_wrote_is_no_history(path: Path) -> None:
    store = filled(path, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET state = 'fine'")
    with pytest.raises(HistoryError, match="a row is not as it was written"):
        store.runs()


@pytest.mark.parametrize(
    ("reason", "whole"),
    [
        (None, True),
        (Reason.TIMED_OUT, False),
        (Reason.UNREACHABLE, False),
        (Reason.SIGN_IN_FAILED, False),
        (Reason.ACCESS_DENIED, True),
        (Reason.NOT_VISIBLE, True),
    ],
)
def test_a_run_is_whole_unless_something_did_not_answer(reason: Reason | None, whole: bool) -> None:
    """A right that is missing will be missing tomorrow, too; then it is nothing new."""
    one = report(0)
    readings = tuple(replace(reading, reason=reason) for reading in one.readings)
    assert is_whole(replace(one, readings=readings)) is whole


def test_the_digest_that_is_listed_is_that_of_the_report() -> None:
    assert documents.digest(documents.report_document(report(0))) == made(0, kind=Kind.ASSESS).run.digest
