"""What is wrong with JSON that is refused, in words for a person, and where: line and column, and the way to the value.

Only refused files come here: it takes its time. Nothing of a value is told.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from readiness.pieces import LONE_SURROGATE
from readiness.text import one_line

DEEPEST = 100
"""Levels of lists and objects; ours have ten."""
MOST_DIGITS = 4300
"""Of a whole number; Python reads no more."""
LONGEST_PLACE = 120
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{},]|-?(?:Infinity|[0-9][0-9.eE+-]*+)|NaN', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w{,59}", re.ASCII)


def described(data: bytes, error: Exception) -> str:
    """Why these bytes were refused.

    Args:
        error: what reading them raised.
    """
    if not data.strip():
        return "line 1, column 1: it is empty"
    if data.startswith(UTF_16) or b"\x00" in data[:4]:
        return "line 1, column 1: it is UTF-16 or UTF-32, and files of this tool are UTF-8; was it saved anew?"
    if data.startswith(UTF_8_MARK):
        return "line 1, column 1: it begins with a byte order mark, and files of this tool do not; was it saved anew?"
    if isinstance(error, UnicodeDecodeError):
        line, byte = data.count(b"\n", 0, error.start) + 1, error.start - data.rfind(b"\n", 0, error.start)
        return f"line {line}, byte {byte}: this is not UTF-8"
    text = data.decode()
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {_no_json(error, text)}"
    return first_fault(text) or one_line(str(error))


def _no_json(error: json.JSONDecodeError, text: str) -> str:
    if error.msg.startswith("Unterminated string"):
        return "a text that begins here does not end, as in a file that was cut off"
    early = ", and it ends here, as a file that was cut off" if error.pos >= len(text.rstrip()) else ""
    return f"this is no JSON: {error.msg[:1].lower()}{error.msg[1:]}{early}"


def first_fault(text: str) -> str | None:
    """The first thing in JSON that files of this tool never hold, and where; None where there is none."""
    try:
        found = next(_faults(text), None)
    except ValueError:  # what follows is no JSON at all
        return None
    if found is None:
        return None
    at, place, words = found
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    where = one_line(place, LONGEST_PLACE)
    return f"line {line}, column {column}{f' ({where})' if where else ''}: {words}"


@dataclass(slots=True)
class _Holder:
    """A list or an object that was not closed yet."""

    keys: set[str] | None
    """Those of an object that were seen."""
    key: str | None = None
    """The one whose value comes, or is open."""
    index: int = 0

    def step(self) -> str:
        if self.keys is None:
            return f"[{self.index}]"
        if self.key is None:
            return ""
        return f".{self.key}" if _NAME.fullmatch(self.key) else f"[{json.dumps(self.key)}]"


@dataclass(slots=True)
class _Way:
    """The lists and objects around what is looked at, the outermost first."""

    holders: list[_Holder] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(holder.step() for holder in self.holders[:DEEPEST]).lstrip(".")


def _faults(text: str) -> Iterator[tuple[int, str, str]]:
    """Each with its offset and its way."""
    way = _Way()
    for token in _TOKEN.finditer(text):
        words = _fault(way, token[0])
        if words is not None:
            yield token.start(), str(way), words


def _fault(way: _Way, sign: str) -> str | None:
    """What is wrong with this sign, by what came before it; the way goes on with it."""
    holders = way.holders
    if sign in "{[":
        holders.append(_Holder(set() if sign == "{" else None))
        return "it is nested too deeply" if len(holders) > DEEPEST else None
    if sign in "}]":
        if holders:
            holders.pop()
    elif sign == ",":
        if holders:
            holders[-1].key, holders[-1].index = None, holders[-1].index + 1
    elif sign[0] == '"':
        return _repeated(holders[-1], sign) if holders else None
    else:
        return _no_number(sign)
    return None


def _repeated(holder: _Holder, sign: str) -> str | None:
    if holder.keys is None or holder.key is not None:
        return None  # a value
    holder.key = LONE_SURROGATE.sub("\ufffd", json.loads(sign))
    if holder.key in holder.keys:
        return "an object has the same key twice"
    holder.keys.add(holder.key)
    return None


def _no_number(sign: str) -> str | None:
    if sign in ("NaN", "Infinity", "-Infinity"):
        return f"{sign} is not a JSON number"
    if sign.lstrip("-").isdigit():
        digits = len(sign.lstrip("-"))
        return f"a number of {digits:,} digits" if digits > MOST_DIGITS else None
    return None if math.isfinite(float(sign)) else f"a number as large as {sign:.20}"
