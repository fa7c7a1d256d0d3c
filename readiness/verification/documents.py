"""JSON files: by the digest that they carry, and by the very bytes that this tool writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness import documents
from readiness.integrity.digests import Digests, digests, places
from readiness.json_faults import described
from readiness.text import one_line
from readiness.verification.finding import Finding, changed, intact, not_ours
from readiness.verification.unsealed import MADE_ANEW
from readiness.versions import newer

VERSIONS = {"evidence": 1, "recording": 1, "redaction-map": 1, "report": 1}
"""The newest version of each kind of file that this tool writes."""
_SCHEMA = re.compile(r"readiness/([a-z-]{1,20})/v([0-9]{1,6})", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = {"algorithm", "value", "parts", "signature"}


def examine_document(text: str, doubt: str | None) -> Finding:
    """What a JSON file shows that seems to be one of ours.

    Args:
        doubt: what is wrong with its form already.
    """
    data = text.encode()
    try:
        document = documents.parse(data)
        if not isinstance(document, dict):
            return not_ours("the outermost value is no object")
        return _document(document, text, doubt)
    except ValueError as error:
        return changed(None, described(data, error))
    except RecursionError:
        return changed(None, "it is nested too deeply")


def _document(document: Mapping[str, Any], text: str, doubt: str | None) -> Finding:
    stated, found = document.get("digest"), digests(document)
    kind, version = _schema(document)
    if kind not in VERSIONS or not 1 <= version <= VERSIONS[kind]:
        return _of_another_schema(document, stated, kind, version)
    if not isinstance(stated, dict):
        return changed(kind, "its digest is gone")
    wrong = _contradictions(document, stated, found)
    upgrade = newer(document)
    if not wrong:
        wrong = [one for one in (doubt or _other_form(document, text),) if one is not None]
    if wrong and upgrade is not None and stated.get("value") == found.whole:
        return not_ours(upgrade, kind=kind)  # it may write what this version does not know
    if wrong:
        return changed(kind, *wrong)
    return intact(kind, found.whole if kind == "report" else None, documents.signature_of(stated.get("signature")))


def _schema(document: Mapping[str, Any]) -> tuple[str | None, int]:
    schema = document.get("schema")
    found = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    return (found[1], int(found[2])) if found else (None, 0)


def _of_another_schema(document: Mapping[str, Any], stated: object, kind: str | None, version: int) -> Finding:
    """A file of a newer version, of another program, or one of ours whose schema was changed."""
    value = stated.get("value") if isinstance(stated, dict) else None
    for known, newest in VERSIONS.items():
        for number in range(1, newest + 1):
            if value == documents.digest({**document, "schema": f"readiness/{known}/v{number}"}):
                return changed(known, "schema")
    if kind in VERSIONS and version > VERSIONS[kind]:
        return not_ours(f"written by a newer version: readiness/{kind}/v{version}; this one knows v{VERSIONS[kind]}")
    if kind is not None and kind in MADE_ANEW:
        return not_ours(MADE_ANEW[kind], kind=kind)
    if kind is not None:
        return not_ours(f"written by another version: this one knows no readiness/{kind}/v{version}")
    if isinstance(value, str) and _SHA256.fullmatch(value):
        return changed(None, "schema")
    return not_ours("it names no schema of this tool")


def _contradictions(document: Mapping[str, Any], stated: Mapping[str, Any], found: Digests) -> list[str]:
    """Where the document, its digests and its signature do not belong together."""
    wrong = places(document, found.parts, stated["parts"]) if "parts" in stated else []
    if stated.get("algorithm") != "sha256":
        wrong.append("digest.algorithm")
    if stated.get("value") != found.whole and not wrong:
        wrong.append("digest.value, or the order of a list" if "parts" in stated else "it, or its digest")
    wrong += sorted(f"digest.{one_line(key, 80)} (added)" for key in stated.keys() - _KEYS)
    if "signature" in stated and not wrong and not _signed(document, stated["signature"], found):
        wrong.append("digest.signature (it does not belong to the file)")
    return wrong


def _signed(document: Mapping[str, Any], stated: object, found: Digests) -> bool:
    return documents.signature_holds(document, stated, found.whole)


def _other_form(document: Mapping[str, Any], text: str) -> str | None:
    """What of the file is not as this tool writes such a document: white space, the order of keys, escapes."""
    written = documents.readable(document)
    if text == written:
        return None
    pairs = enumerate(zip(text.split("\n"), written.split("\n"), strict=False), 1)
    line = next((number for number, (one, other) in pairs if one != other), None)
    at = f"line {line}" if line is not None else "at its end"
    return f"the same content in another form, {at}"
