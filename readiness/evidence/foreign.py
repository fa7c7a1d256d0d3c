"""What a file is that was given as evidence and is none: people mix them up."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readiness import intake
from readiness.errors import EvidenceError

_LOOKED_AT = 4096
"""Bytes of the beginning of a file."""
_JUDGED = "evidence is what 'readiness collect -o FILE' and 'scan --save-evidence FILE' write"
_REPORT = f"it is a report, which was judged already; {_JUDGED}"
_OF_SCHEMA = {
    "readiness/report/": _REPORT,
    "readiness/recording/": "it is part of a recording; name its folder: readiness assess --replay FOLDER",
}
_RECORDING = ("recording.json", "exchanges")
"""What a finished recording holds, and one that was broken off."""
_TABLE = re.compile(r"^[ \t]*\[\[?(tenant|site|scope|rollout|policy|change|scan|waiver|attestation)\]\]?", re.MULTILINE)
_BEGINNINGS = (
    (b"%PDF", "it is a PDF file, printed from a report perhaps"),
    (b"PK\x03\x04", "it is packed (ZIP); unpack it, and name the evidence in it"),
    (b"\x1f\x8b", "it is packed (gzip); unpack it, and name the evidence in it"),
)


def of_another_kind(document: Mapping[str, Any]) -> str | None:
    """What to say of a document of ours that is no evidence; None where its schema does not tell."""
    schema = document.get("schema")
    if not isinstance(schema, str):
        return None
    return next((words for beginning, words in _OF_SCHEMA.items() if schema.startswith(beginning)), None)


def what_it_is(path: Path) -> str | None:
    """What to add where something cannot be read as a document of ours; None where it is not clear what it is.

    Nothing is opened but an ordinary file, and no link is followed.
    """
    try:
        if stat.S_ISDIR(path.lstat().st_mode):
            return _folder(path)
        beginning = intake.beginning(path, _LOOKED_AT)
    except (EvidenceError, OSError, ValueError):
        return None
    known = next((words for sign, words in _BEGINNINGS if beginning.startswith(sign)), None)
    return known or _text(path, beginning.decode("utf-8-sig", "replace"))


def _folder(path: Path) -> str:
    if any(os.path.lexists(path / name) for name in _RECORDING):
        return f"it is a recording; to judge it: readiness assess --replay {path}"
    return f"name the evidence files in it ({_JUDGED})"


def _text(path: Path, beginning: str) -> str | None:
    start = beginning.lstrip()
    if re.match(r"<(!doctype html|html)", start, re.IGNORECASE):
        return f"it is an HTML page: {_REPORT}" if "EDR readiness" in start else f"it is an HTML page; {_JUDGED}"
    if re.match(r"(\*\*DEMO|# EDR readiness|# .*EDR readiness)", start):
        return f"it is Markdown: {_REPORT}"
    if start.startswith("{"):
        return None
    if path.suffix.lower() == ".toml" or _TABLE.search(start):
        return f"it is a configuration; name it with --config {path}, and the evidence beside it"
    return None
