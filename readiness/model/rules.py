"""Rows of the rule data that the engine reads, too: what is asked of an estate, and what official pages say of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from readiness.model.knowledge import Knowledge, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one official page says."""

    says: str
    title: str
    location: str
    dated: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction(Row):
    """Official pages that say different things of one matter."""

    name: str
    about: str
    checks: tuple[str, ...]
    page: tuple[Page, ...]
    judged: str
    """What the checks do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(Row):
    """What the article of 2020 asks, and what is needed today, side by side."""

    check: str
    article: str | None = None
    today: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Row):
    """Something that breaks in practice, and how the checks stand to it."""

    id: str
    """As F01: never reused."""
    symptom: str
    cause: str
    fix: str
    standing: Literal["detected", "hinted", "unseen"]
    """`detected`: one of `checks` names cause and fix. `hinted`: one shows something of it, and says what it may be.
    `unseen`: no interface that is read shows it."""
    checks: tuple[str, ...]
    """The checks that name it; of what is unseen, the one that it belongs to."""
    look: str | None = None
    """What to look at, and where, for what the checks do not see of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSent(Row):
    """What is sent to the cloud of one kind of thing, once the hierarchy is attached to a tenant."""

    name: str
    about: str
    """Of what: of each collection, of each device..."""
    to: str
    """The service that gets it."""
    items: tuple[str, ...]
    """What of it is sent."""
    basis: Literal["documented", "inferred"]
    """`inferred` where no page that was read says so."""
    remark: str | None = None
    title: str
    """Of the page that says so, or that it is inferred from."""
    location: str


def contradictions(knowledge: Knowledge | None, check: str) -> tuple[Contradiction, ...]:
    """What official pages disagree on that concerns a check."""
    rows: tuple[Contradiction, ...] = knowledge.rows("contradictions", "contradiction") if knowledge else ()
    return tuple(row for row in rows if check in row.checks)


def requirement(knowledge: Knowledge | None, check: str) -> Requirement | None:
    """What the article asks and what is needed today, of a check; None where the table does not hold it."""
    rows: tuple[Requirement, ...] = knowledge.rows("requirements", "requirement") if knowledge else ()
    return next((row for row in rows if row.check == check), None)


def failures(knowledge: Knowledge | None, check: str | None = None) -> tuple[Failure, ...]:
    """What breaks in practice, in the order of the table; of one check, or all of it."""
    rows: tuple[Failure, ...] = knowledge.rows("failures", "failure") if knowledge else ()
    return tuple(row for row in rows if check is None or check in row.checks)


def data_sent(knowledge: Knowledge | None) -> tuple[DataSent, ...] | None:
    """What tenant attach sends to the cloud, in the order of the table; None where no rule data says."""
    return knowledge.rows("data_sent", "data") if knowledge is not None else None
