"""Which runs are forgotten. A pure function of what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Aged:
    """What decides about one run."""

    sequence: int
    judged: datetime
    estate: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long runs are kept."""

    keep: timedelta
    runs: int

    def forgotten(self, kept: Sequence[Aged]) -> frozenset[int]:
        """The sequences of the runs to forget.

        Age is counted back from the newest run. The newest stays, and of each estate the last whole one: without it
        nothing could be told of the next. A clock that went astray for a night makes nothing old.

        Args:
            kept: every run, the oldest first.
        """
        if len(kept) < 2:
            return frozenset()
        old = {one.sequence for one in kept if self._is_old(one, kept[-1], kept[-2])}
        many = {one.sequence for one in kept[: -self.runs]}
        return frozenset((old | many) - _needed(kept))

    def _is_old(self, one: Aged, newest: Aged, before: Aged) -> bool:
        stepped = newest.judged - before.judged > self.keep
        return not stepped and newest.judged - one.judged > self.keep


def _needed(kept: Iterable[Aged]) -> frozenset[int]:
    newest, last_whole = 0, {}
    for one in kept:
        newest = one.sequence
        if one.whole:
            last_whole[one.estate] = one.sequence
    return frozenset({newest, *last_whole.values()})
