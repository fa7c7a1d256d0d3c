"""Readings of plugins in evidence files: other machines have other plugins, and other versions of them.

A reading whose plugin is not here says nothing to anybody here: it is left out, and that is said. One of the same
plugin in another version, whose fact has another form here, is unavailable. Neither makes the file a damaged one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.evidence.parts import fact_named, half_of
from readiness.model.facts import Fact
from readiness.model.words import Reason
from readiness.plugins.sources import owner
from readiness.text import one_line

LONGEST = 120
"""Signs of a name in a message."""

Document = dict[str, Any]
log = logging.getLogger("readiness")


def settled(path: Path, found: Document) -> Document:
    """The document with the readings of plugins as this machine can read them; itself where it holds none."""
    kept = found.get("readings")
    if not isinstance(kept, list) or not any(map(_is_guest, kept)):
        return found
    readings = [_readable(item) if _is_guest(item) else item for item in kept if not _is_strange(path, item)]
    if readings == kept:
        return found
    return {**found, "readings": readings, "partial": _is_partial(readings, found.get("halves"))}


def _is_guest(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("plugin"), str) and isinstance(item.get("fact"), str)


def _is_strange(path: Path, item: Any) -> bool:
    """Whether it is a reading of a plugin that is not here, which is then told."""
    if not _is_guest(item):
        return False
    fact = fact_named(item["fact"])
    here = None if fact is None else owner(fact)
    if fact is not None and (here is None or _package(here) == _package(item["plugin"])):
        return False  # one of ours by name is refused further on
    name, plugin = one_line(item["fact"], LONGEST), one_line(item["plugin"], LONGEST)
    log.warning(
        "%s: the reading %s is left out: the plugin that read it (%s) is not installed here", path, name, plugin
    )
    return True


def _package(label: str) -> str:
    """The package of `acme-pack 1.2`."""
    return label.partition(" ")[0].casefold().replace("_", "-")


def _readable(item: Document) -> Document:
    """The reading, or why there is none where its fact has another form here."""
    fact = fact_named(item["fact"])
    if fact is None or item.get("value") is None or _has_form(fact, item["value"]):
        return item
    words = (
        f"it was read by {one_line(item['plugin'], LONGEST)}, whose {fact.__name__} has another form than that of "
        f"{owner(fact)}: collect again"
    )
    reason = Reason.UNSUPPORTED_VERSION.value
    return {**item, "value": None, "rows": None, "reason": reason, "error": words, "missing": []}


def _has_form(fact: type[Fact], value: Any) -> bool:
    import msgspec

    try:
        return bool(documents.plain(msgspec.convert(value, fact, strict=True)) == value)
    except Exception:  # its own __post_init__ runs, too
        return False


def _is_partial(readings: list[Any], halves: Any) -> bool:
    """Whether a reading of a configured half is missing, of a document that may be damaged."""
    configured = halves if isinstance(halves, list) else []
    return any(_misses(item, configured) for item in readings if isinstance(item, Mapping))


def _misses(item: Mapping[str, Any], halves: list[Any]) -> bool:
    fact = fact_named(str(item.get("fact")))
    return fact is not None and item.get("value") is None and half_of(fact.__name__).value in halves
