"""A reader: a function that turns answers of one source into one fact, and declares the rights it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.words import Half

F = TypeVar("F", bound=Fact)
S = TypeVar("S", contravariant=True)


@dataclass(frozen=True, slots=True)
class Finding(Generic[F]):
    """What a reader found: the fact, and what proves where it came from."""

    value: F
    rows: int
    query: str | None = None
    request_id: str | None = None
    clock_skew_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Reader(Generic[S, F]):
    """How one fact is learned from a session `S`."""

    fact: type[F]
    source: str
    """Endpoint or class, for people: the same over every transport."""
    rights: tuple[str, ...]
    """The least rights that the reading account needs: Graph permissions, or security roles of the site."""
    read: Callable[[S], Finding[F]]


class Source(Protocol):
    """One half of the estate, ready to be read. Opening it costs nothing: the first reader signs in."""

    @property
    def half(self) -> Half: ...

    @property
    def identity(self) -> str:
        """Who reads: the application, or the account as it signs in."""
        ...

    @property
    def workers(self) -> int:
        """How many readers may run at the same time."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether the simulated estate answered."""
        ...

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        """What is to be done to learn these facts."""
        ...

    def scope(self, readings: Sequence[Reading[Fact]], /) -> str | None:
        """What the identity is known to see, as the readings tell it."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A reader bound to its session."""

    fact: type[Fact]
    source: str
    run: Callable[[], Finding[Fact]]


def jobs(readers: Sequence[Reader[S, Fact]], session: S, facts: frozenset[type[Fact]]) -> tuple[Job, ...]:
    """The readers that give these facts, bound to their session."""
    return tuple(
        Job(reader.fact, reader.source, lambda reader=reader: reader.read(session))  # type: ignore[misc]
        for reader in readers
        if reader.fact in facts
    )
