"""What a reader may ask of the SMS Provider, whatever carries the question: WS-Man or AdminService."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NoReturn, Protocol

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.text import one_line

Value = str | int | bool
"""What a column can be compared with."""


class Row:
    """One instance of a WMI class. Columns are found whatever their case; each accessor states the type it wants.

    WS-Man sends numbers as text and cannot tell an array of one from a scalar, so the reader says what it expects
    (reference: WS-Man responses). A value of another type is `bad-answer`; it never becomes a default.
    """

    __slots__ = ("_cells", "cls")

    def __init__(self, cls: str, cells: Iterable[tuple[str, object]]) -> None:
        self.cls = cls
        self._cells = {name.lower(): value for name, value in cells}

    def __contains__(self, column: str) -> bool:
        return column.lower() in self._cells

    def __eq__(self, other: object) -> bool:
        """The same class and the same cells, embedded ones too: that tells a page that came twice."""
        return isinstance(other, Row) and self.cls == other.cls and self._cells == other._cells

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Row({self.cls}, {sorted(self._cells)})"

    def text(self, column: str) -> str:
        """The text of a column that must be there; may be empty."""
        value = self.optional_text(column)
        return self._refuse(column, value) if value is None else value

    def optional_text(self, column: str) -> str | None:
        value = self._scalar(column)
        if value is None or isinstance(value, str):
            return value
        return self._refuse(column, value)

    def integer(self, column: str) -> int:
        value = self.optional_integer(column)
        return self._refuse(column, value) if value is None else value

    def optional_integer(self, column: str) -> int | None:
        value = self._scalar(column)
        return None if value is None else self._integer(column, value)

    def flag(self, column: str) -> bool:
        value = self.optional_flag(column)
        return self._refuse(column, value) if value is None else value

    def optional_flag(self, column: str) -> bool | None:
        value = self._scalar(column)
        if value is None or isinstance(value, bool):
            return value
        words = {"true": True, "false": False}
        if isinstance(value, str) and value.strip().lower() in words:
            return words[value.strip().lower()]
        return self._refuse(column, value)

    def optional_moment(self, column: str) -> datetime | None:
        """A point in time, in UTC. ISO 8601 text; without an offset it is UTC, as the provider keeps it."""
        value = self.optional_text(column)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return self._refuse(column, value)

    def texts(self, column: str) -> tuple[str, ...]:
        """An array of text; null and a missing column are an empty one, as WS-Man leaves empty arrays out."""
        return tuple(item if isinstance(item, str) else self._refuse(column, item) for item in self._items(column))

    def integers(self, column: str) -> tuple[int, ...]:
        return tuple(self._integer(column, item) for item in self._items(column))

    def objects(self, column: str) -> tuple[Row, ...]:
        """An array of embedded objects."""
        return tuple(item if isinstance(item, Row) else self._refuse(column, item) for item in self._items(column))

    def _scalar(self, column: str) -> object:
        value = self._cells.get(column.lower())
        if isinstance(value, tuple):
            return self._refuse(column, value)
        return value

    def _items(self, column: str) -> tuple[object, ...]:
        value = self._cells.get(column.lower())
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    def _integer(self, column: str, value: object) -> int:
        """A number, or a text that is one; no larger than any of WMI's (sint64, uint64)."""
        if isinstance(value, str) and value.isascii() and len(value) < 25:
            try:
                value = int(value.strip())
            except ValueError:
                return self._refuse(column, value)
        if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**64:
            return value
        return self._refuse(column, value)

    def _refuse(self, column: str, value: object) -> NoReturn:
        # An embedded object is of the class that the answer says.
        where = one_line(f"{self.cls}.{column}", 100)
        said = one_line(f"{value!r:.80}")
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered no usable value in {where}: {said}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one question, with what is needed to prove where they came from.

    Attributes:
        rows: every row, to the end of the enumeration.
        query: the question in WQL, as the provider saw it or would have seen it.
        missing: optional columns, as they were asked for, that the class does not have; known even without rows.
        request_id: the identifier of the last exchange, for the server's own logs.
        clock_skew_seconds: the server's clock minus ours, where the answer carried a date.
    """

    rows: Sequence[Row]
    query: str
    request_id: str | None = None
    clock_skew_seconds: float | None = None
    missing: frozenset[str] = frozenset()


Unknown = Literal["class", "column", "method"]


class ProviderFault(SourceError):  # noqa: N818  (the protocols' own word)
    """The provider was reached, and answered that it cannot answer. Any other `SourceError` came on the way to it.

    Attributes:
        unknown: what this release of Configuration Manager does not know, where the answer tells; its reason is then
            `unsupported-version`. WMI says "invalid query" for an unknown column: "column" is inferred from it.
    """

    unknown: Unknown | None = None

    def must_be_lasting(self) -> None:
        """Raise it again where asking at another time may be answered: that says nothing of what could be read."""
        if self.reason in (Reason.THROTTLED, Reason.TIMED_OUT):
            raise self


class Provider(Protocol):
    """An SMS Provider that can be asked. Every call raises `SourceError` with a reason of the contract.

    A column that the release does not know fails the whole question (`ProviderFault.unknown`), or is not in the rows:
    the transports differ. A reader names columns that an older site may lack as `optional`, and then neither happens.
    """

    def rows(
        self,
        namespace: str,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        r"""All instances of `cls` in `namespace` (as WMI writes it: `root\sms\site_P01`), the named columns only.

        Args:
            columns: the key among them: two pages that are alike are taken for a fault.
            where: a conjunction of equalities.
            any_of: besides, one column that equals any of these values (at least one; one question for every 50).
            optional: more columns, which an older site may lack: a row is then without them (`column in row`), and
                `Answer.missing` names them. The question may be asked several times to find out which they are.
        """
        ...

    def instance(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Answer:
        """The one instance with these keys, lazy columns filled; no rows where it does not exist."""
        ...

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        """Call a static method that only reads (`getters.GETTERS`): one row of its out-parameters and `ReturnValue`.

        A `ReturnValue` other than 0 is no error here: the reader judges it.

        Raises:
            GuardRefusal: any other method, or other arguments than it takes; nothing was sent.
        """
        ...
