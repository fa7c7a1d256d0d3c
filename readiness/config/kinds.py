"""How the value of one key is read: a small set of kinds, each a function from a TOML value to ours.

A kind raises `BadValueError` with what is expected. Values are shown only where they come from a closed vocabulary or
have a form of their own (durations); everything else could be a secret in the wrong place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from readiness.config.origin import BadValueError
from readiness.config.wording import did_you_mean, shown, type_in_words

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_NEARLY_DURATION = re.compile(r"([0-9]{1,6})\s*([smhd])[a-z]*", re.IGNORECASE)
LONGEST_TIMEOUT = 7 * 24 * 3600.0
"""Seconds. Beyond a week a timeout is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one key is read.

    Attributes:
        read: from the TOML value, and the folder that relative paths are relative to; None means "as if not written".
        bare: from the text of an environment variable that is no TOML value; None where TOML syntax is required.
        quotes: the signs with which a TOML value begins that may never be taken for bare text.
        toml: the types that an environment variable's TOML value may have where bare text is allowed too.
        says: what the value is, in words, for the reference.
    """

    read: Callable[[object, Path], Any]
    bare: Callable[[str], object] | None = None
    quotes: str = ""
    toml: tuple[type, ...] = ()
    says: str = ""


def text_kind(convert: Callable[[str], Any], says: str) -> Kind:
    """A key whose value is text, checked and turned by `convert`. Empty text is as if not written."""

    def read(value: object, _base: Path) -> Any:
        text = _text(value)
        return convert(text) if text else None

    return Kind(read, bare=str, quotes="\"'", toml=(str,), says=says)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"expected text in quotes, found {type_in_words(value)}")
    if not all(sign.isprintable() for sign in value):
        raise BadValueError(
            "contains a control character; a backslash inside double quotes starts an escape: "
            "write it twice, or use single quotes"
        )
    if value != value.strip():
        raise BadValueError("begins or ends with a space; remove it")
    return value


def _path(value: object, base: Path) -> Path | None:
    text = _text(value)
    return base / text if text else None


TEXT = text_kind(str, "text")
PATH = Kind(_path, bare=str, quotes="\"'", toml=(str,), says="path")


def one_of(words: type[StrEnum]) -> Kind:
    """A word of a closed vocabulary."""

    def convert(text: str) -> StrEnum:
        try:
            return words(text)
        except ValueError:
            hint = did_you_mean(text, list(words), quote='"')
            raise BadValueError(f'unknown value "{shown(text)}"; {hint}') from None

    return text_kind(convert, " or ".join(f'"{word}"' for word in words))


def _names(value: object, _base: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        hint = "" if not isinstance(value, str) else ': put it in brackets, ["..."]'
        raise BadValueError(f"expected a list of texts, found {type_in_words(value)}{hint}")
    names = tuple(_text(name) for name in value)
    if not all(names):
        raise BadValueError("holds an empty text; remove it")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise BadValueError(f'names "{shown(twice)}" twice; keep one')
    return names


def _as_list(text: str) -> object:
    return [text]


def _by_commas(text: str) -> object:
    return [part.strip() for part in text.split(",")]


NAMES = Kind(_names, bare=_as_list, quotes="[\"'", toml=(list,), says="list of texts")
COMMA_NAMES = Kind(_names, bare=_by_commas, quotes="[\"'", toml=(list,), says="list of texts")
"""As NAMES; bare text in a variable is split at commas, as the option of the same name is."""


def _flag(value: object, _base: Path) -> bool:
    if not isinstance(value, bool):
        raise BadValueError(f"expected true or false, without quotes, found {type_in_words(value)}")
    return value


FLAG = Kind(_flag, says="true or false")


def whole(lowest: int, highest: int) -> Kind:
    """A whole number in a range."""

    def read(value: object, _base: Path) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValueError(f"expected a whole number without quotes, found {type_in_words(value)}")
        if not lowest <= value <= highest:
            raise BadValueError(f"expected a whole number from {lowest} to {highest}")
        return value

    return Kind(read, says=f"whole number from {lowest} to {highest}")


def _fraction(value: object, _base: Path) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        percent = f"; write {number / 100:g} for {number:g} %" if 1 < number <= 100 else ""
        raise BadValueError(f"expected a share from 0 to 1{percent}")
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError(f"expected a number without quotes, found {type_in_words(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadValueError("expected an ordinary number, neither infinite nor nan")
    return number


FRACTION = Kind(_fraction, says="share from 0 to 1")


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        nearly = _NEARLY_DURATION.fullmatch(text)
        hint = f'did you mean "{nearly[1]}{nearly[2].lower()}"?' if nearly else 'write "90s", "45m", "24h" or "7d"'
        raise BadValueError(f'not a duration: "{shown(text)}"; {hint}')
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not length:
        raise BadValueError("expected a duration longer than nothing")
    return length


def _duration_text(value: object, _base: Path) -> timedelta:
    if not isinstance(value, str):
        raise BadValueError(f'expected a duration in quotes, such as "24h", found {type_in_words(value)}')
    return _duration(value.strip())


DURATION = Kind(_duration_text, bare=str, quotes="\"'", toml=(str,), says='length of time: "90s", "45m", "24h", "7d"')


def _seconds(value: object, _base: Path) -> float:
    seconds = _duration(value.strip()).total_seconds() if isinstance(value, str) else _number(value)
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise BadValueError(f"expected more than 0 and at most {LONGEST_TIMEOUT:.0f} seconds")
    return seconds


SECONDS = Kind(_seconds, bare=str, quotes="\"'", toml=(int, float, str), says='seconds, or a length of time as "45m"')


def _day(value: object, _base: Path) -> date:
    if isinstance(value, datetime):
        raise BadValueError(f"expected a date without a time: write {value.date().isoformat()}")
    if isinstance(value, date):
        return value
    raise BadValueError(f"expected a date such as 2026-12-31, without quotes, found {type_in_words(value)}")


def _moment(value: object, _base: Path) -> datetime:
    example = "expected a date with a time, such as 2026-12-01T20:00:00Z, without quotes"
    if not isinstance(value, datetime):
        raise BadValueError(f"{example}, found {type_in_words(value)}")
    if value.tzinfo is None:
        raise BadValueError(f"has no time zone; for UTC write Z at its end: {value.isoformat()}Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadValueError(f"{example}; this one is out of range") from None


DAY = Kind(_day, says="date")
MOMENT = Kind(_moment, says="date with time and zone")

Kinds = Mapping[str, Kind]
"""The keys of one section."""
