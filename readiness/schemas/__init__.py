"""The JSON Schemas of the files, made from the model. `python -m readiness.schemas` writes them anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from inspect import cleandoc
from typing import Any

from readiness.history.document import HISTORY_SCHEMA, History
from readiness.model.differences import DIFF_SCHEMA, RunDiff
from readiness.model.facts import FACTS, OpenIntEnum, OpenStrEnum
from readiness.model.notice import NOTICE_SCHEMA, Message
from readiness.model.reading import EVIDENCE_SCHEMA, Evidence, Reading
from readiness.model.report import REPORT_SCHEMA, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHORT = {"type": "string", "pattern": "^([0-9a-f]{6})*$"}
DIGEST = {
    "type": "object",
    "description": "SHA-256 over the canonical JSON of the document without this key.",
    "properties": {
        "algorithm": {"const": "sha256"},
        "value": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "parts": {
            "type": "object",
            "description": "Say where a file was changed. By key of the document, and in lists by item: of each field, "
            'in the order of their keys, the first 6 digits of the SHA-256 over its canonical JSON, "key":value; of '
            "what has no fields those of itself. The value is the SHA-256 over the canonical JSON of these digests.",
            "properties": {
                "digests": {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [_SHORT, {"type": "object", "additionalProperties": _SHORT}],
                    },
                },
                "value": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
            "required": ["digests", "value"],
            "additionalProperties": False,
        },
        "signature": {
            "type": "object",
            "description": "Over the lines 'readiness signature v1', the schema of the file, and the value above.",
            "properties": {
                "algorithm": {"const": "ed25519"},
                "key": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "value": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
            },
            "required": ["algorithm", "key", "value"],
            "additionalProperties": False,
        },
    },
    "required": ["algorithm", "value"],
    "additionalProperties": False,
}


_SEALED = {"digest": DIGEST}
_WORSE = {"type": "boolean", "description": cleandoc(RunDiff.worse.__doc__ or "")}


def shipped(name: str) -> dict[str, Any]:
    """A schema as the package ships it: `evidence-v1`, `report-v1`, `diff-v1`, `history-v1`, `notification-v1`."""
    document: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return document


def built() -> dict[str, dict[str, Any]]:
    """The schemas, from the model as it is now."""
    return {
        "evidence-v1": _evidence(),
        "report-v1": _document(Report, REPORT_SCHEMA),
        "diff-v1": _document(RunDiff, DIFF_SCHEMA, {"worse": _WORSE}),
        "history-v1": _document(History, HISTORY_SCHEMA, {}),
        "notification-v1": _document(Message, NOTICE_SCHEMA, {}),
    }


def _evidence() -> dict[str, Any]:
    schema = _document(Evidence, EVIDENCE_SCHEMA)
    facts, definitions = _schemas(list(FACTS))
    for name in [name for name in schema["$defs"] if name.startswith("Reading")]:
        del schema["$defs"][name]
    _, readings = _schemas([Reading[fact] for fact in FACTS])  # type: ignore[valid-type]
    reading = next(body for name, body in readings.items() if name.startswith("Reading"))
    schema["$defs"] |= definitions | {
        "Reading": _closed({**reading, "title": "Reading", "properties": {**reading["properties"], "value": {}}})
    }
    named = [
        {"properties": {"fact": {"const": fact.__name__}, "value": {"anyOf": [body, {"type": "null"}]}}}
        for fact, body in zip(FACTS, facts, strict=True)
    ]
    item = {
        "allOf": [
            {"$ref": "#/$defs/Reading"},
            {
                "if": {"properties": {"plugin": {"type": "null"}}},
                "then": {"oneOf": named},
                "else": {"properties": _of_a_plugin()},
            },
        ]
    }
    evidence = schema["properties"]
    evidence["readings"] = {"type": "array", "items": item}
    return schema


def _of_a_plugin() -> dict[str, Any]:
    """A reading of a plugin: its fact is none of ours, and what it holds, its author says."""
    ours = {"enum": [fact.__name__ for fact in FACTS]}
    return {"fact": {"not": ours}, "value": {"type": ["object", "null"]}}


def _document(kind: type[Any], name: str, more: Mapping[str, Any] = _SEALED) -> dict[str, Any]:
    """The schema of a file: the fields of `kind`, with `schema`, and `digest` where it carries one."""
    _, definitions = _schemas([kind])
    body = definitions.pop(kind.__name__)
    body["properties"] = {"schema": {"const": name}, **body["properties"], **more}
    body["required"] = sorted(body["properties"])
    return {"$schema": DIALECT, "$id": f"urn:{name.replace('/', ':')}", **_closed(body), "$defs": definitions}


def _schemas(kinds: list[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    import msgspec

    bodies, definitions = msgspec.json.schema_components(
        kinds, schema_hook=lambda kind: {"title": kind.__name__}, ref_template="#/$defs/{name}"
    )
    return list(bodies), {name: _closed(_opened(name, body)) for name, body in definitions.items()}


def _opened(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """An enumeration of a source that may grow takes other values, too."""
    for base, kind in ((OpenIntEnum, "integer"), (OpenStrEnum, "string")):
        if name in {enum.__name__ for enum in base.__subclasses__()}:
            return {"title": name, "type": kind, "examples": body["enum"]}
    return body


def _closed(body: dict[str, Any]) -> dict[str, Any]:
    """Every key is written, and no other: an object of ours is exactly what it says."""
    if "description" in body:
        body = {**body, "description": cleandoc(body["description"])}
    if body.get("type") == "object" and "properties" in body:
        return {**body, "required": sorted(body["properties"]), "additionalProperties": False}
    return body
