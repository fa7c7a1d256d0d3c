"""Other people's text, made safe for messages: on a terminal, a control character could hide or forge what is said."""

from __future__ import annotations

import codecs

IN_ASCII = {
    "√": "+", "×": "x", "☐": "o", "⊘": "/", "☠": "!", "–": "-", "—": "-", "…": "...", "→": "->", "·": "-",
    "’": "'", "“": '"', "”": '"',
}  # fmt: skip
"""Signs of ours, and what stands for them where they cannot be shown."""

DEGRADE = "readiness-degrade"
"""Name of an error handler for encoding: signs of ours become ASCII, all else becomes an escape; nothing is lost."""


def _degraded(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    text = "".join(IN_ASCII.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii") for sign in signs)
    return text, error.end


codecs.register_error(DEGRADE, _degraded)


def printable(text: str) -> str:
    """Text without control characters: those are written as escapes."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def one_line(text: str, limit: int = 200) -> str:
    """Text for one line of a message: control characters and runs of white space become one space, bounded."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: limit * 4]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
