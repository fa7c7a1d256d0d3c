"""The history: runs in, runs out. Every call is one transaction, so that a run is kept whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from readiness.history.errors import DamagedError
from readiness.history.opening import BUSY_SECONDS, connected, engine, in_our_words
from readiness.history.retention import Aged, Retention
from readiness.history.runs import KeptOutcome, KeptRun, Kind, NewRun, unpacked
from readiness.history.schema import DOCUMENTS, OUTCOMES, RUNS, UPGRADES, Upgrade
from readiness.model.words import DecisionState, Level, Outcome, Reason
from readiness.text import printable

_NAMES = tuple(field.name for field in fields(KeptRun))
_MOMENTS = ("judged", "started", "finished", "kept", "valid_until")
REPORT, EVIDENCE = "report", "evidence"


@dataclass(frozen=True, slots=True)
class Store:
    """The history in one file.

    Every method raises `HistoryError` where the file cannot be used.
    """

    path: Path
    busy_seconds: float = BUSY_SECONDS
    upgrades: Sequence[Upgrade] = UPGRADES

    @property
    def is_there(self) -> bool:
        return self.path.exists()

    def add(self, new: NewRun, retention: Retention | None = None) -> bool:
        """Keep a run, and forget those whose time is over.

        Returns:
            False where a run of this id is kept already: it is the same, made of the same.
        """
        with self.connected(writes=True) as connection:
            if connection.execute(select(RUNS.c.sequence).where(RUNS.c.id == new.run.id)).first():
                return False
            _insert(connection, new)
            if retention is not None:
                _forget(connection, retention)
        return True

    def runs(self) -> list[KeptRun]:
        """Every run, the newest first: that is the one that was kept last, whatever the clock said."""
        if not self.is_there:
            return []
        with self.connected() as connection, self._as_written():
            return [_run(row) for row in connection.execute(select(RUNS).order_by(RUNS.c.sequence.desc()))]

    def outcomes(self, runs: Iterable[KeptRun], checks: Sequence[str] | None = None) -> dict[int, list[KeptOutcome]]:
        """What checks came to, by the sequence of the run.

        Args:
            checks: their ids; None: all.
        """
        wanted = {run.sequence for run in runs}
        if not wanted:
            return {}
        asked = select(OUTCOMES).where(OUTCOMES.c.run.between(min(wanted), max(wanted)))
        if checks is not None:
            asked = asked.where(OUTCOMES.c.check.in_(checks))
        found: dict[int, list[KeptOutcome]] = {sequence: [] for sequence in wanted}
        with self.connected() as connection, self._as_written():
            for row in connection.execute(asked):
                if row.run in found:
                    found[row.run].append(_outcome(row))
        return found

    def document(self, run: KeptRun, kind: str = REPORT) -> bytes | None:
        """The JSON of a run's report or evidence; None where none is kept.

        Raises:
            EvidenceError: it is damaged.
        """
        asked = select(DOCUMENTS.c.packed).where(DOCUMENTS.c.run == run.sequence, DOCUMENTS.c.kind == kind)
        with self.connected() as connection:
            packed = connection.execute(asked).scalar()
        return None if packed is None else unpacked(packed, f"run {run.id}")

    def prune(self, retention: Retention) -> int:
        """Forget the runs whose time is over, and give their space back; returns how many they were."""
        with self.connected(writes=True) as connection:
            number = _forget(connection, retention)
        with in_our_words(self.path):
            made = engine(self.path, writes=True, busy_seconds=self.busy_seconds)
            with closing(made.raw_connection()) as connection:  # outside of any transaction
                connection.cursor().execute("VACUUM")
        return number

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Rows that somebody else changed are no history."""
        try:
            yield
        except (ValueError, TypeError) as error:
            raise DamagedError(f"{printable(str(self.path))}: it is damaged: a row is not as it was written") from error

    def connected(self, *, writes: bool = False) -> AbstractContextManager[Connection]:
        """A transaction on the file."""
        return connected(self.path, writes=writes, busy_seconds=self.busy_seconds, upgrades=self.upgrades)


def _insert(connection: Connection, new: NewRun) -> None:
    row = {name: _plain(getattr(new.run, name)) for name in _NAMES if name != "sequence"}
    key = connection.execute(insert(RUNS), row).inserted_primary_key
    assert key is not None  # noqa: S101 - the table has one
    packed = ((REPORT, new.report), (EVIDENCE, new.evidence))
    bodies = [{"run": key[0], "kind": kind, "packed": body} for kind, body in packed if body is not None]
    connection.execute(insert(DOCUMENTS), bodies)
    if new.outcomes:
        connection.execute(insert(OUTCOMES), [_outcome_row(key[0], one) for one in new.outcomes])


def _outcome_row(sequence: int, one: KeptOutcome) -> dict[str, Any]:
    return {
        "run": sequence,
        "check": one.check,
        "outcome": one.outcome.value,
        "level": one.level.value,
        "reason": one.reason.value if one.reason else None,
        "over": one.over,
    }


def _forget(connection: Connection, retention: Retention) -> int:
    asked = select(RUNS.c.sequence, RUNS.c.judged, RUNS.c.estate, RUNS.c.whole).order_by(RUNS.c.sequence)
    kept = [Aged(row.sequence, moment(row.judged), row.estate, row.whole) for row in connection.execute(asked)]
    gone = retention.forgotten(kept)
    for sequence in sorted(gone):
        for table, column in ((DOCUMENTS, DOCUMENTS.c.run), (OUTCOMES, OUTCOMES.c.run), (RUNS, RUNS.c.sequence)):
            connection.execute(delete(table).where(column == sequence))
    return len(gone)


def _run(row: Row[Any]) -> KeptRun:
    found = {name: getattr(row, name) for name in _NAMES}
    found |= {name: moment(found[name]) for name in _MOMENTS if found[name] is not None}
    return KeptRun(**{**found, "kind": Kind(found["kind"]), "state": DecisionState(found["state"])})


def _outcome(row: Row[Any]) -> KeptOutcome:
    reason = Reason(row.reason) if row.reason else None
    return KeptOutcome(row.check, Outcome(row.outcome), Level(row.level), reason, row.over)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return plain_moment(value)
    return value.value if isinstance(value, (Kind, DecisionState)) else value


def plain_moment(value: datetime) -> str:
    """A moment as it is kept: text in UTC, which sorts."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """A moment that was kept."""
    return datetime.fromisoformat(text)
