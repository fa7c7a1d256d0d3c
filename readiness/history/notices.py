"""What was told, what is still to be told, and what became of it: beside the runs, in the same file.

A message is recorded in the transaction that records that it was told, before it is sent: whoever is killed in between
sends it with the next run, under the same key, and nothing is told twice because of it, nor forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from readiness.history.errors import DamagedError
from readiness.history.schema import DELIVERIES, NOTICES, WATCHED
from readiness.history.store import Store, moment, plain_moment
from readiness.text import printable

_BEFORE = 1
"""The version of the schema that knew of no messages."""
SENDING = timedelta(minutes=15)
"""For so long nobody else sends what a run has begun to send."""
MOST_KEPT = 500
"""Messages; older ones are forgotten once nothing of them is to be delivered."""
MOST_TRIES = 7
"""Runs in which the delivery of a message is tried, the first one included."""
OLDEST = timedelta(days=14)
"""After that a message that was not delivered is none any more."""


class DeliveryState(StrEnum):
    """What became of a message on one channel."""

    PENDING = "pending"
    SENDING = "sending"
    """By a run that is at it, or that was killed at it."""
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that one channel did not take yet."""

    notice: int
    channel: str
    key: str
    made: datetime
    message: Mapping[str, Any]
    """As plain values."""
    tries: int
    """In how many runs it was tried before."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message to be recorded, as plain values, and the channels that are to carry it."""

    key: str
    made: datetime
    message: Mapping[str, Any]
    channels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Change:
    """What was told of a place, and is told of it now."""

    place: str
    before: str | None
    """What `watched` gave."""
    after: str


@dataclass(frozen=True, slots=True)
class Notices:
    """The messages of a history.

    Every method raises `HistoryError` where the file cannot be used.
    """

    store: Store

    def watched(self, place: str) -> str | None:
        """What was last told of a place, as it was recorded; None where nothing ever was."""
        if not self.store.is_there:
            return None
        with self.store.connected() as connection:
            return _state(connection, place) if _knows(connection) else None

    def prepare(self) -> None:
        """Bring an older file up to date, where no run was kept before."""
        if self.store.is_there:
            with self.store.connected(writes=True):
                pass

    def record(self, changes: Sequence[Change], news: Recorded | None) -> bool:
        """Record what was told of places, and the message that says it.

        Returns:
            False where another run was quicker: nothing is recorded, and what it recorded is to be looked at.
        """
        with self.store.connected(writes=True) as connection:
            if any(_state(connection, one.place) != one.before for one in changes):
                return False
            for one in changes:
                connection.execute(delete(WATCHED).where(WATCHED.c.place == one.place))
                connection.execute(insert(WATCHED), {"place": one.place, "state": one.after})
            if news is not None:
                _insert(connection, news)
                _forget(connection)
        return True

    def pending(self, now: datetime) -> list[Pending]:
        """What is to be delivered, the oldest first; what another run is at is not."""
        asked = (
            select(NOTICES, DELIVERIES)
            .join(DELIVERIES, DELIVERIES.c.notice == NOTICES.c.sequence)
            .where(DELIVERIES.c.state.in_([DeliveryState.PENDING.value, DeliveryState.SENDING.value]))
            .order_by(NOTICES.c.sequence, DELIVERIES.c.channel)
        )
        if not self.store.is_there:
            return []
        with self.store.connected() as connection:
            rows = connection.execute(asked).all() if _knows(connection) else []
        try:
            return [_pending(row) for row in rows if not _is_at_it(row, now)]
        except (ValueError, TypeError) as error:
            name = printable(str(self.store.path))
            raise DamagedError(f"{name}: it is damaged: a message is not as it was written") from error

    def claim(self, one: Pending, now: datetime) -> bool:
        """Have this run deliver it; False where another one does."""
        with self.store.connected(writes=True) as connection:
            found = connection.execute(
                update(DELIVERIES)
                .where(DELIVERIES.c.notice == one.notice, DELIVERIES.c.channel == one.channel)
                .where(DELIVERIES.c.tries == one.tries, DELIVERIES.c.state != DeliveryState.DELIVERED.value)
                .values(state=DeliveryState.SENDING.value, tries=one.tries + 1, tried=plain_moment(now))
            )
        return found.rowcount == 1

    def settle(self, one: Pending, state: DeliveryState, now: datetime, why: str | None = None) -> None:
        """Record what became of a try."""
        with self.store.connected(writes=True) as connection:
            connection.execute(
                update(DELIVERIES)
                .where(DELIVERIES.c.notice == one.notice, DELIVERIES.c.channel == one.channel)
                .values(state=state.value, tried=plain_moment(now), why=why)
            )


def _knows(connection: Connection) -> bool:
    """Whether it may remember messages: a file of before there were any, that is only read, has no place for them."""
    return connection.exec_driver_sql("PRAGMA user_version").scalar() != _BEFORE


def _state(connection: Connection, place: str) -> str | None:
    found = connection.execute(select(WATCHED.c.state).where(WATCHED.c.place == place)).scalar()
    return None if found is None else str(found)


def _pending(row: Row[Any]) -> Pending:
    return Pending(row.sequence, row.channel, row.key, moment(row.made), json.loads(row.message), row.tries)


def _is_at_it(row: Row[Any], now: datetime) -> bool:
    """Whether another run is delivering it. A clock that went back says nothing of when that began."""
    if row.state != DeliveryState.SENDING.value or row.tried is None:
        return False
    return timedelta(0) <= now - moment(row.tried) < SENDING


def _insert(connection: Connection, news: Recorded) -> None:
    if connection.execute(select(NOTICES.c.sequence).where(NOTICES.c.key == news.key)).first():
        return
    message = json.dumps(news.message, ensure_ascii=False, sort_keys=True)
    row = {"key": news.key, "made": plain_moment(news.made), "message": message}
    made = connection.execute(insert(NOTICES), row).inserted_primary_key
    assert made is not None  # noqa: S101 - the table has one
    if news.channels:
        rows = [
            {"notice": made[0], "channel": name, "state": DeliveryState.PENDING.value, "tries": 0}
            for name in dict.fromkeys(news.channels)
        ]
        connection.execute(insert(DELIVERIES), rows)


def _forget(connection: Connection) -> None:
    newest = connection.execute(select(func.max(NOTICES.c.sequence))).scalar() or 0
    states = (DeliveryState.PENDING.value, DeliveryState.SENDING.value)
    waiting = select(DELIVERIES.c.notice).where(DELIVERIES.c.state.in_(states))
    old = (NOTICES.c.sequence <= newest - MOST_KEPT, NOTICES.c.sequence.not_in(waiting))
    asked = select(NOTICES.c.sequence).where(*old)
    for (sequence,) in connection.execute(asked).all():
        connection.execute(delete(DELIVERIES).where(DELIVERIES.c.notice == sequence))
        connection.execute(delete(NOTICES).where(NOTICES.c.sequence == sequence))
