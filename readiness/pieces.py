"""Canonical JSON in pieces: a large document is hashed and written without being held as text, or as plain values.

Contract: interfaces, section 5 (canonical JSON). The pieces of a document, joined, are its canonical form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

ROWS = 500
"""How many items of a long list are in one piece."""
OPENED = 4
"""To what depth objects are taken apart where they hold a long list: evidence, readings, reading, value."""
ALWAYS = 2
"""To what depth they are in any case."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = (dict, list, str, int, float, bool, type(None))
_SCALARS = (str, int, bool, type(None), datetime)


def pieces(value: Any, *, indented: bool = False, depth: int = 0) -> Iterator[bytes]:
    """The canonical JSON of a value, piece by piece.

    Args:
        value: a JSON document, in which there may be dataclasses, enums and times; of those, seconds are rounded to 3
            places.
        indented: by one space for each level, as files hold it: white space apart, it is the same.
        depth: of the value in its document.

    Raises:
        ValueError: there is a number that is none in it.
    """
    members = _members(value, depth, indented)
    if members is None:
        yield _whole(value, depth, indented)
        return
    inner, outer = (b"\n" + b" " * (depth + 1), b"\n" + b" " * depth) if indented else (b"", b"")
    before, after = (b"[", b"]") if isinstance(value, (list, tuple)) else (b"{", b"}")
    for name, member in members:
        yield before + inner + name
        yield from member
        before = b","
    yield outer + after


def _members(value: Any, depth: int, indented: bool) -> Iterator[tuple[bytes, Iterator[bytes]]] | None:
    """What it is taken apart into, each with its name; None where it stays in one piece."""
    if isinstance(value, (list, tuple)) and len(value) > ROWS:
        slices = (value[at : at + ROWS] for at in range(0, len(value), ROWS))
        return ((b"", iter([_rows(some, depth, indented)])) for some in slices)
    if (depth >= ALWAYS and not (depth < OPENED and _large(value))) or not value or isinstance(value, Enum):
        return None
    if isinstance(value, (list, tuple)):
        return ((b"", pieces(item, indented=indented, depth=depth + 1)) for item in value)
    named = opened(value)
    if named is None:
        return None
    colon = b": " if indented else b":"
    return ((_dumped(name) + colon, pieces(named[name], indented=indented, depth=depth + 1)) for name in sorted(named))


def _large(value: Any) -> bool:
    """Whether it is a long list, or an object that holds one."""
    if isinstance(value, (list, tuple)):
        return len(value) > ROWS
    return any(map(_large, (opened(value) or {}).values()))


def opened(value: Any) -> Mapping[str, Any] | None:
    """What an object holds, by name, of a dataclass as of a JSON object; None for what is none."""
    if isinstance(value, dict):
        return value
    if not is_dataclass(value) or isinstance(value, type):
        return None
    found = ((field.name, getattr(value, field.name)) for field in fields(value))
    return {name: round(item, 3) if isinstance(item, float) else item for name, item in found}


def _whole(value: Any, depth: int, indented: bool) -> bytes:
    return _indented(_encoded(value), depth) if indented else _encoded(value)


def _rows(rows: Sequence[Any], depth: int, indented: bool) -> bytes:
    """Some items of a list at this depth, without its brackets."""
    encoded = _encoded(rows)
    if not indented:
        return encoded[1:-1]
    begin, end = len(b"[\n ") + depth, len(b"\n]") + depth
    return _indented(encoded, depth)[begin:-end]


def _indented(encoded: bytes, depth: int) -> bytes:
    import msgspec

    return bytes(msgspec.json.format(encoded, indent=1)).replace(b"\n", b"\n" + b" " * depth)


def _encoded(value: Any) -> bytes:
    """In one piece. What comes out of JSON is of these types, and a tuple is of dataclasses."""
    if type(value) in _PLAIN:
        return _dumped(value)
    import msgspec

    if not any(can_hold(kind, float) for kind in _kinds(value)):
        try:
            return bytes(msgspec.json.encode(value, order="sorted"))
        except (UnicodeEncodeError, OverflowError):
            pass  # a lone surrogate, or a number of more than 64 bits: the other way knows them
    return _dumped(plain(value))


def _dumped(value: Any) -> bytes:
    text = _ENCODER.encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return LONE_SURROGATE.sub("\ufffd", text).encode()


def plain(value: Any) -> Any:
    """Dataclasses, enums and times as JSON values; seconds rounded to 3 places."""
    import msgspec

    return _rounded(msgspec.to_builtins(value))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: item if type(item) in _EXACT else _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _EXACT else _rounded(item) for item in value]
    return value


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=plain)
_EXACT = (str, int, bool, type(None))


def _kinds(value: Any) -> set[type]:
    return set(chain.from_iterable(map(_kinds, value))) if isinstance(value, tuple) else {type(value)}


@cache
def can_hold(kind: Any, wanted: type) -> bool:
    """Whether a value of this type may be, or have somewhere in it, one of the wanted type; True where the type does
    not tell.
    """
    if isinstance(kind, type) and issubclass(kind, (*_SCALARS, float, Enum)):
        return issubclass(kind, wanted)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind).values()
        return any(can_hold(hint, wanted) for hint in hints if get_origin(hint) is not ClassVar)
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    return not inner or isinstance(kind, TypeVar) or any(can_hold(one, wanted) for one in inner)
