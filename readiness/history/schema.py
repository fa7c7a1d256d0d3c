"""The tables of the history, and how an older database becomes one of today.

Times are text in UTC, so that they sort and that every database keeps their zone.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

RUNS = Table(
    "runs",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("id", String(80), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("judged", String(40), nullable=False),
    Column("started", String(40), nullable=False),
    Column("finished", String(40), nullable=False),
    Column("kept", String(40), nullable=False),
    Column("host", Text, nullable=False),
    Column("tenant", Text),
    Column("site", Text),
    Column("estate", Text, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("redacted", String(64)),
    Column("whole", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("valid_until", String(40)),
    Column("code", Integer, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("rules_version", String(80), nullable=False),
    Column("tool_version", String(80), nullable=False),
    Column("configuration_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("has_evidence", Boolean, nullable=False),
    sqlite_autoincrement=True,  # a sequence that was forgotten is never given again
)
OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("run", Integer, ForeignKey("runs.sequence"), primary_key=True, autoincrement=False),
    Column("check", String(120), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("reason", String(40)),
    Column("over", String(20), nullable=False),
)
DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("run", Integer, ForeignKey("runs.sequence"), primary_key=True, autoincrement=False),
    Column("kind", String(20), primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)
WATCHED = Table(
    "watched",
    METADATA,
    Column("place", Text, primary_key=True),
    Column("state", Text, nullable=False),
)
"""What was told last: of each series of runs, and of each job."""
NOTICES = Table(
    "notices",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("made", String(40), nullable=False),
    Column("message", Text, nullable=False),
    sqlite_autoincrement=True,
)
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("notice", Integer, ForeignKey("notices.sequence"), primary_key=True, autoincrement=False),
    Column("channel", String(120), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried", String(40)),
    Column("why", Text),
)

Upgrade = Callable[[Connection], None]
RUNS_SINCE = 1
"""The version since which the tables of runs are as they are today. An older file of at least that is read as it is;
whoever adds an upgrade that touches them raises it."""


def _runs(connection: Connection) -> None:
    METADATA.create_all(connection, [RUNS, OUTCOMES, DOCUMENTS])


def _notices(connection: Connection) -> None:
    METADATA.create_all(connection, [WATCHED, NOTICES, DELIVERIES])


UPGRADES: tuple[Upgrade, ...] = (_runs, _notices)
"""From each version of the schema to the next; the first makes the tables. Their number is the version of today. What
an upgrade does is never changed once it was published: a new one is added."""
