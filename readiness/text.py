"""Other people's text, made safe for messages: on a terminal, a control character could hide or forge what is said."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text without control characters: those are written as escapes."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def one_line(text: str, limit: int = 200) -> str:
    """Text for one line of a message: control characters and runs of white space become one space, bounded."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: limit * 4]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
