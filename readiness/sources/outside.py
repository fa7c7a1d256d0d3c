"""What a plugin's reader may ask, and how it is run: by the calls that it declares, read only, and behind a fence.

A plugin sees neither sessions nor tokens here. It asks through `Graph` or `Provider`, the Guard lets nothing else out,
and what it gives is proven to be what its fact declares before anybody judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from readiness import documents
from readiness.errors import SourceError
from readiness.model.facts import Fact
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, Row, Value
from readiness.sources.graph import values
from readiness.sources.reader import Call, Finding, Job, Reader
from readiness.text import one_line

if TYPE_CHECKING:  # who only loads a plugin, to judge what it read, connects to nothing
    from readiness.sources.configmgr.readers.session import SiteSession
    from readiness.sources.graph.questions import Pages, Question
    from readiness.sources.graph.session import GraphSession

F = TypeVar("F", bound=Fact)
R = TypeVar("R")

ProviderRow = Row


@dataclass(frozen=True, slots=True)
class Rows(Generic[R]):
    """What was answered to one question, every row of it."""

    rows: tuple[R, ...]
    query: str
    request_id: str | None
    clock_skew_seconds: float | None
    missing: frozenset[str] = frozenset()
    """Of the site: the optional columns that its release does not have."""

    @property
    def one(self) -> R:
        """The only row.

        Raises:
            SourceError: there is none, or several: `bad-answer`.
        """
        if len(self.rows) != 1:
            raise SourceError(Reason.BAD_ANSWER, f"{len(self.rows)} rows were answered instead of one")
        return self.rows[0]

    def finding(self, value: F, rows: int | None = None) -> Finding[F]:
        """The fact that was made of them, with what proves where it came from.

        Args:
            rows: of how many rows it was made, where that is another number than was answered.
        """
        made_of = len(self.rows) if rows is None else rows
        return Finding(value, made_of, self.query, self.request_id, self.clock_skew_seconds)


class GraphRow:
    """One object of an answer of Microsoft Graph. Each accessor states the type that it wants; a value of another type
    is `bad-answer`, and never becomes a default."""

    __slots__ = ("_values",)

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._values = found

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        return values.text(self._values, name)

    def optional_text(self, name: str) -> str | None:
        return values.optional(self._values, name, str)

    def count(self, name: str) -> int:
        """A number that is not negative."""
        found = self.optional_count(name)
        return values.refuse(name, found) if found is None else found

    def optional_count(self, name: str) -> int | None:
        return values.optional_count(self._values, name)

    def flag(self, name: str) -> bool:
        found = self.optional_flag(name)
        return values.refuse(name, found) if found is None else found

    def optional_flag(self, name: str) -> bool | None:
        return values.optional(self._values, name, bool)

    def optional_moment(self, name: str) -> datetime | None:
        """A point in time, in UTC; None for null and for what never happened, but not where it is missing."""
        return values.moment(self._values, name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; none for null and where it is not there."""
        return values.texts(self._values, name)

    def objects(self, name: str) -> tuple[GraphRow, ...]:
        return tuple(GraphRow(found) for found in values.objects(self._values, name))


class Graph:
    """Microsoft Graph, as a plugin's reader may ask it: GET, of the calls that it declares."""

    def __init__(self, session: GraphSession) -> None:
        self._session = session

    def rows(self, version: str, path: str) -> Rows[GraphRow]:
        """Every row of a collection, over all its pages.

        Args:
            version: `v1.0` or `beta`.
            path: as `/deviceManagement/managedDevices?$select=id`; names in it percent-encoded.

        Raises:
            SourceError: it could not be read, with a reason of the contract; let it pass: the reading says it.
        """
        return self._got(version, path, single=False)

    def object(self, version: str, path: str) -> Rows[GraphRow]:
        """One object, as the only row.

        Raises:
            SourceError: as of `rows`.
        """
        return self._got(version, path, single=True)

    def _got(self, version: str, path: str, *, single: bool) -> Rows[GraphRow]:
        from readiness.sources.graph.questions import Question, got

        found = got(self._asked(Question(version, path, single=single)))
        rows = tuple(GraphRow(row) for row in found.rows)
        return Rows(rows, found.query, found.request_id, found.clock_skew_seconds)

    def _asked(self, question: Question) -> Pages | SourceError:
        try:
            return self._session.ask(question)[0]
        except LookupError as error:
            raise _undeclared(question.call) from error


class Provider:
    """The SMS Provider, as a plugin's reader may ask it, over either transport: rows of classes that it declares."""

    def __init__(self, session: SiteSession, calls: tuple[Call, ...]) -> None:
        self._session = session
        self._calls = calls

    def rows(
        self,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Rows[ProviderRow]:
        """All instances of a class in the namespace of the site, the named columns only.

        Args:
            cls: as `SMS_Site`.
            columns: the key among them: two pages that are alike are taken for a fault.
            where: columns that equal values, all of them.
            any_of: besides, one column that equals any of these values.
            optional: more columns, which an older site may lack: a row is then without them (`column in row`).

        Raises:
            SourceError: it could not be read, with a reason of the contract; let it pass: the reading says it.
        """
        self._must_be_declared(cls)
        return _of_provider(self._session.rows(cls, columns, where, any_of=any_of, optional=optional))

    def instance(self, cls: str, keys: Mapping[str, str | int]) -> Rows[ProviderRow]:
        """The instance with these keys, lazy columns filled; no rows where there is none. It is declared with its
        keys: `Call("SMS_Admin(AdminID)")`.

        Raises:
            SourceError: as of `rows`.
        """
        self._must_be_declared(f"{cls}({','.join(keys)})")
        return _of_provider(self._session.instance(cls, keys))

    def _must_be_declared(self, asked: str) -> None:
        if not any(call.matches(asked) for call in self._calls):
            raise _undeclared(asked)


def _of_provider(found: Answer) -> Rows[ProviderRow]:
    return Rows(tuple(found.rows), found.query, found.request_id, found.clock_skew_seconds, found.missing)


def _undeclared(asked: str) -> SourceError:
    words = f"the plugin's reader asks for {one_line(asked, 120)}, which it does not declare: nothing was sent"
    return SourceError(Reason.BAD_ANSWER, words)


def guest_jobs(
    readers: Iterable[Reader[Any, Any]], session: Callable[[Reader[Any, Any]], object], facts: frozenset[type[Fact]]
) -> tuple[Job, ...]:
    """The plugins' readers that give these facts, each with what it may ask, and fenced."""
    return tuple(
        Job(reader.fact, reader.source, _Fenced(reader, session(reader)), anonymous=False)
        for reader in readers
        if reader.fact in facts
    )


@dataclass(frozen=True, slots=True)
class _Fenced:
    """A reader that may break in any way: what comes out is a proven finding, or a `SourceError`."""

    reader: Reader[Any, Any]
    session: object

    def __call__(self) -> Finding[Fact]:
        try:
            found = self.reader.read(self.session)
        except SourceError:
            raise
        except BaseException as error:  # a third party's code; no Ctrl-C comes in a thread
            words = f"the plugin's reader broke on the answer: {type(error).__name__}"
            raise SourceError(Reason.BAD_ANSWER, one_line(words)) from error
        return _proven(found, self.reader.fact)


_CONVERTING = Lock()
"""Readers are threads, and two of them that meet a class for the first time together crash msgspec (0.22)."""


def _proven(found: object, fact: type[Fact]) -> Finding[Fact]:
    """The finding, with the fact as evidence keeps it: what can be read again is what is judged.

    Raises:
        SourceError: it is not as its class declares it.
    """
    import msgspec

    if not isinstance(found, Finding) or type(found.value) is not fact or type(found.rows) is not int:
        raise SourceError(Reason.BAD_ANSWER, f"the plugin's reader gave no finding of {fact.__name__}")
    words = f"what the plugin's reader gave is not as {fact.__name__} declares it"
    try:
        with _CONVERTING:
            kept: Fact = msgspec.convert(documents.plain(found.value), fact, strict=True)
    except Exception as error:  # its own __post_init__ runs, too
        raise SourceError(Reason.BAD_ANSWER, f"{words}: {type(error).__name__}") from error
    if not _in_utc(kept):
        raise SourceError(Reason.BAD_ANSWER, f"{words}: a point in time is not in UTC")
    return replace(found, value=kept)


def _in_utc(value: object) -> bool:
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if isinstance(value, tuple):
        return all(map(_in_utc, value))
    if is_dataclass(value) and not isinstance(value, type):
        return all(_in_utc(getattr(value, field.name)) for field in fields(value))
    return True
