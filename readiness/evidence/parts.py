"""What all of it needs: whether evidence is whole, in which order it is kept, what a fact of it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from readiness.model.facts import FACTS, Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half

F = TypeVar("F", bound=Fact)

HALVES = {fact.__name__: fact.half for fact in FACTS}
"""To which half of the estate a fact belongs, by its name."""


def is_partial(readings: Iterable[Reading[Fact]], halves: Sequence[Half]) -> bool:
    """Whether a reading of a configured half is missing."""
    return any(not reading.available and HALVES[reading.fact] in halves for reading in readings)


def ordered(readings: Iterable[Reading[Fact]]) -> tuple[Reading[Fact], ...]:
    """In the order of the facts, whichever was read first."""
    order = [fact.__name__ for fact in FACTS]
    return tuple(sorted(readings, key=lambda reading: order.index(reading.fact)))


def value_of(piece: Evidence, fact: type[F]) -> F | None:
    """What was read of this fact; None where it was not."""
    reading = piece.reading(fact)
    return reading.value if reading is not None and isinstance(reading.value, fact) else None
