"""Whether two sentences of two runs say the same, though time went by between them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LATELY = timedelta(days=3)
"""A moment that lies this shortly before the end of its own run moves along with every run: the last heartbeat, say."""
CLOCKS = timedelta(hours=1)
"""By how much it may seem to lie after that. What lies ahead (a secret's end) does not move: a new one is a change."""

_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = re.compile(rf"({_DAY})(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)?(?: ?(?:UTC|Z))?", re.ASCII)
_SPAN = re.compile(
    r"(?<![\w.])\d[\d,.]*\s?(?:ms|s|seconds?|min|minutes?|h|hours?|d|days?|weeks?|months?)(?![\w])", re.ASCII
)


def lasts(before: str, finished: datetime, after: str, finished_after: datetime) -> bool:
    """Whether nothing differs but what moves by itself with time: spans of time, and moments shortly before the end of
    the run that each of the two is of.

    A moment that stands still while time goes by is the same moment.
    """
    if before == after:
        return True
    if _without_times(before) != _without_times(after):
        return False
    moments = zip(_MOMENT.finditer(before), _MOMENT.finditer(after), strict=True)
    return all(one[0] == other[0] or _both_lately(one, finished, other, finished_after) for one, other in moments)


def _without_times(text: str) -> str:
    return _SPAN.sub("(a time)", _MOMENT.sub("(a moment)", text))


def _both_lately(one: re.Match[str], finished: datetime, other: re.Match[str], finished_after: datetime) -> bool:
    return _lately(one, finished) and _lately(other, finished_after)


def _lately(found: re.Match[str], finished: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return False
    return -CLOCKS <= finished - moment <= LATELY
