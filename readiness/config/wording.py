"""How messages about the configuration speak: keys, values, and the nearest valid word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from readiness.text import printable

KeyPath = tuple[str | int, ...]
"""`("tenant", "id")`, `("waiver", 0, "check")`: the place of a value in the parsed file."""

_LONGEST_SHOWN = 60


def label(key: KeyPath) -> str:
    """`[tenant] id`, `[[waiver]] check`: the key as a person finds it in the file."""
    section, *rest = key
    many = bool(rest) and isinstance(rest[0], int)
    head = f"[[{section}]]" if many else f"[{shown(str(section))}]"
    names = [shown(str(name)) for name in rest if not isinstance(name, int)]
    return " ".join([head, *names])


def variable_of(section: str, key: str) -> str:
    """The environment variable of a key."""
    return f"READINESS_{section}_{key}".upper()


def shown(text: str) -> str:
    """Other people's text, safe to print, and not endless."""
    safe = printable(text)
    return safe if len(safe) <= _LONGEST_SHOWN else safe[: _LONGEST_SHOWN - 3] + "..."


def type_in_words(value: object) -> str:
    """The TOML type of a value, as messages call it. Never the value: it may be a secret in the wrong place."""
    words: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a number"),
        (str, "text"),
        (datetime, "a date with a time"),
        (date, "a date"),
        (time, "a time without a date"),
        (list, "a list"),
        (dict, "a section"),
    )
    return next((word for kind, word in words if isinstance(value, kind)), type(value).__name__)


def nearest(word: str, choices: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The choice that was probably meant, whatever its case."""
    from difflib import get_close_matches

    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower().strip(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, choices: Iterable[str], *, quote: str = "") -> str:
    """`; did you mean X?`, or all choices where none is near."""
    known = list(choices)
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {quote}{near}{quote}?"
    return "valid are " + ", ".join(f"{quote}{choice}{quote}" for choice in known)
