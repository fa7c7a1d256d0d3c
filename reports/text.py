"""Words for people, the same in every format: hostile characters made visible, times, durations, names."""

from __future__ import annotations

import re
from datetime import UTC, datetime

NAME_LIMIT = 120
"""Characters of a name that are shown; the JSON report holds the rest."""
PROSE_LIMIT = 1000
"""Characters of a sentence that are shown."""

# Written out rather than asked from unicodedata, so that every version of Python gives the same report: C0, C1,
# soft hyphen, fillers, zero-width, bidirectional marks, embeddings and isolates, line and paragraph separators,
# surrogates, byte order mark, interlinear annotations, musical beams, tags and supplementary variation selectors.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """`text` with every character that hides, moves or breaks other text shown as an escape, such as `\\u202e`."""
    return _HOSTILE.sub(_escape, text)


def name(text: str) -> str:
    """A name of someone else's choosing, for one line."""
    return clipped(visible(text), NAME_LIMIT)


def prose(text: str) -> str:
    """A sentence that may hold such names."""
    return clipped(visible(text), PROSE_LIMIT)


def clipped(text: str, limit: int) -> str:
    """`text`, or its beginning and the number of characters left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters)"


def named(called: str, identifier: str | None) -> str:
    """A name with its id, once where both are the same."""
    if not identifier or identifier == called:
        return name(called)
    return f"{name(called)} ({name(identifier)})"


def utc(moment: datetime) -> str:
    """Date and time in UTC, with the zone: `2026-12-01 20:00:00 UTC`."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def seconds(duration: float) -> str:
    """A duration in seconds: `12.3 s`."""
    return f"{duration:.1f} s"


def plural(number: int, one: str, many: str = "") -> str:
    """`1 device`, `1,200 devices`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(match[0], f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
