"""How long to wait where Entra ID or Microsoft Graph say that they are busy.

Source: Graph throttling guidance: Retry-After where there is one, a growing pause with jitter where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from readiness.sources.retrying import retry_after
from readiness.text import one_line

WAIT_STATUSES = (429, 503, 504)
MAX_TRIES = 6
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""Cap of the growing pause. A pause that the server names is bounded by the deadline only."""


def pause(headers: Mapping[str, str], attempt: int, jitter: Callable[[], float]) -> float:
    """Seconds to wait after the answer with these headers (names in lower case) to the try number `attempt`, from 0.

    Args:
        jitter: gives a number from 0 to 1.
    """
    told = retry_after(headers)
    if told:
        return told
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempt)
    return longest * (0.5 + jitter() / 2)


def put_off(headers: Mapping[str, str], status: int) -> str:
    """What a person is told of it: the status, how long the server wants to be left alone, what to do."""
    asked = headers.get("retry-after")
    wish = f", Retry-After: {one_line(asked, 40)}" if asked else ""
    return f"(HTTP {status}{wish}) until its time was up: try again later, or give the scan more time with --timeout"
