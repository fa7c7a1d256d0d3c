"""What all of it needs: whether evidence is whole, in which order it is kept, what a fact of it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from readiness.model.facts import FACTS, Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half
from readiness.plugins.sources import known_facts

F = TypeVar("F", bound=Fact)

_OURS = {fact.__name__: fact for fact in FACTS}


def fact_named(name: str) -> type[Fact] | None:
    """The fact of this name, ours or that of a plugin; None where there is none here."""
    return _OURS.get(name) or next((fact for fact in known_facts() if fact.__name__ == name), None)


def half_of(name: str) -> Half:
    """To which half of the estate a fact belongs, by its name."""
    fact = fact_named(name)
    if fact is None:
        raise LookupError(f"no such fact: {name}")
    return fact.half


def is_partial(readings: Iterable[Reading[Fact]], halves: Sequence[Half]) -> bool:
    """Whether a reading of a configured half is missing."""
    return any(not reading.available and half_of(reading.fact) in halves for reading in readings)


def ordered(readings: Iterable[Reading[Fact]]) -> tuple[Reading[Fact], ...]:
    """In the order of the facts, whichever was read first."""
    order = [fact.__name__ for fact in known_facts()]
    return tuple(sorted(readings, key=lambda reading: order.index(reading.fact)))


BETWEEN_NAMES = ", "


def joined(texts: Iterable[str | None]) -> str:
    """The names in all of these lists of names, as one list: each once, whatever its case, and in order."""
    known = sorted((name for text in texts for name in names_in(text)), reverse=True)
    return BETWEEN_NAMES.join(sorted({name.casefold(): name for name in known}.values()))


def names_in(text: str | None) -> tuple[str, ...]:
    """The names in a list of names: of merged evidence one for each who read."""
    return tuple(filter(None, (text or "").split(BETWEEN_NAMES)))


def value_of(piece: Evidence, fact: type[F]) -> F | None:
    """What was read of this fact; None where it was not."""
    reading = piece.reading(fact)
    return reading.value if reading is not None and isinstance(reading.value, fact) else None
