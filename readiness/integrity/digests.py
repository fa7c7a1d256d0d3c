"""SHA-256 over canonical JSON: of a document as a whole, and of its parts, so that a change can be placed.

The digest of the whole decides. Those of parts only say where; they are cut short, and nothing relies on them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from readiness.pieces import opened, pieces
from readiness.text import one_line

DIGEST = "digest"
"""The key of a document that its digest leaves out."""
DIGITS = 6
"""Hexadecimal digits of a part's SHA-256 that are kept."""
MOST_ITEMS = 500
"""A longer list is one part: digests of its items would make the file noticeably larger."""
_FORM = re.compile(rf"(?:[0-9a-f]{{{DIGITS}}})*")

Parts = Mapping[str, str | Mapping[str, str]]
"""By key of the document: the digests of a value's fields, one after the other in the order of the keys; of a list by
the name of each item. What has no fields has the digest of itself."""


class Hash(Protocol):
    """What is fed with bytes."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Digests:
    """What seals a document."""

    whole: str
    """SHA-256 in hexadecimal over the canonical JSON of the document without its `digest`."""
    parts: Parts


def digests(document: Mapping[str, Any]) -> Digests:
    """The digest of the document and those of its parts; everything is written as canonical JSON once.

    Args:
        document: in which there may be dataclasses, as `pieces` takes them.
    """
    whole = hashlib.sha256()
    parts: dict[str, str | dict[str, str]] = {}
    lead = b"{"
    for key in sorted(key for key in document if key != DIGEST):
        whole.update(lead + _canonical(key) + b":")
        parts[key] = _of_value(document[key], whole)
        lead = b","
    whole.update(b"}" if parts else b"{}")
    return Digests(whole.hexdigest(), parts)


def _canonical(value: Any) -> bytes:
    return b"".join(pieces(value))


def _of_value(value: Any, whole: Hash) -> str | dict[str, str]:
    if not _is_list_of_objects(value):
        return _of_fields(value, whole, 1)
    found: dict[str, str] = {}
    lead = b"["
    for name, item in zip(names(value), value, strict=True):
        whole.update(lead)
        found[name] = _of_fields(item, whole, 2)
        lead = b","
    whole.update(b"]")
    return found


def _of_fields(value: Any, whole: Hash, depth: int) -> str:
    """The digests of the fields of an object, or of any other value itself; `whole` is fed on the way."""
    named = opened(value)
    if named is None:
        return _short(pieces(value, depth=depth), whole)
    found = []
    lead = b"{"
    for key in sorted(named):
        whole.update(lead)
        found.append(_short(chain([_canonical(key) + b":"], pieces(named[key], depth=depth + 1)), whole))
        lead = b","
    whole.update(b"}" if named else b"{}")
    return "".join(found)


def _short(data: Iterable[bytes], whole: Hash) -> str:
    own = hashlib.sha256()
    for piece in data:
        own.update(piece)
        whole.update(piece)
    return own.hexdigest()[:DIGITS]


def _is_list_of_objects(value: Any) -> bool:
    of_some_length = isinstance(value, (list, tuple)) and 0 < len(value) <= MOST_ITEMS
    return of_some_length and all(opened(item) is not None for item in value)


def names(items: Sequence[Any]) -> list[str]:
    """How the items of a list are called: by id or fact where each has one of its own, else by place."""
    for key in ("id", "fact"):
        found = [(opened(item) or {}).get(key) for item in items]
        if all(isinstance(name, str) for name in found) and len(set(found)) == len(found):
            return [str(name) for name in found]
    return [str(place) for place in range(len(items))]


def carried(parts: Parts) -> dict[str, Any]:
    """The digests of parts as a file carries them: with a digest of their own, so that damage to them is seen."""
    return {"digests": parts, "value": hashlib.sha256(_canonical(parts)).hexdigest()}


def undamaged(stated: object) -> Parts | None:
    """The digests of parts that a file carries; None where they are not as anything of ours wrote them."""
    if not isinstance(stated, Mapping) or stated.keys() != {"digests", "value"}:
        return None
    parts = stated["digests"]
    return parts if _are_parts(parts) and stated == carried(parts) else None


def _are_parts(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    each = (one for part in value.values() for one in (part.values() if isinstance(part, Mapping) else [part]))
    return all(isinstance(one, str) and _FORM.fullmatch(one) for one in each)


def places(document: Mapping[str, Any], found: Parts, stated: object) -> list[str]:
    """Where a document is not what its stated digests of parts say: `checks[site-reachable].outcome`.

    Args:
        found: the digests of its parts as it is.
        stated: what it carries of them; whatever stands there.
    """
    parts = undamaged(stated)
    if parts is None:
        return ["digest.parts"]
    return [
        place
        for key in sorted(found.keys() | parts.keys())
        for place in _differences(one_line(key, 80), document.get(key), found.get(key), parts.get(key))
    ]


def _differences(
    path: str, value: Any, found: str | Mapping[str, str] | None, stated: str | Mapping[str, str] | None
) -> Iterator[str]:
    if found == stated:
        return
    if isinstance(found, str) and isinstance(stated, str):
        yield from _fields(path, value, found, stated)
    elif isinstance(found, Mapping) and isinstance(stated, Mapping):
        items = dict(zip(names(value), value, strict=True))
        for name in [*found, *(name for name in stated if name not in found)]:
            inner = f"{path}[{one_line(name, 80)}]"
            yield from _differences(inner, items.get(name), found.get(name), stated.get(name))
    elif found is None:
        yield f"{path} (taken out)"
    elif stated is None:
        yield f"{path} (added)"
    else:
        yield path


def _fields(path: str, value: Any, found: str, stated: str) -> Iterator[str]:
    """The fields that differ; the whole where fields were added or taken out."""
    if not isinstance(value, dict) or len(found) != len(stated):
        yield path
        return
    for place, key in enumerate(sorted(value)):
        at = slice(place * DIGITS, (place + 1) * DIGITS)
        if found[at] != stated[at]:
            yield f"{path}.{one_line(key, 80)}"


def listed(places: Sequence[str], most: int = 5) -> str:
    """Some of them, and how many more there are."""
    more = f" and {len(places) - most} more" if len(places) > most else ""
    return f"{', '.join(places[:most])}{more}"
