"""The page of the files: which there are, and the keys of those in JSON, from their schemas."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from readiness.composition import formats, machine_format, plan_format
from readiness.history.document import HISTORY_SCHEMA, History
from readiness.model.differences import DIFF_SCHEMA, RunDiff
from readiness.model.notice import NOTICE_SCHEMA, Message
from readiness.model.reading import EVIDENCE_SCHEMA, Evidence
from readiness.model.report import REPORT_SCHEMA, Report
from readiness.recording.folder import SCHEMA as RECORDING_SCHEMA
from readiness.redaction.maps import SCHEMA as MAP_SCHEMA
from readiness.reference.docstrings import of_fields
from readiness.reference.markdown import MADE, code, codes, plain, table
from readiness.schemas import shipped

_MODEL = ("readiness.model", "readiness.history")
_HEAD = """# Formats

Every file is written whole or not at all. JSON is UTF-8, with sorted keys; moments are ISO 8601 in UTC, durations
seconds, and a key is always there: `null`, in the words below None, says that there is nothing. No file holds a secret.

"""
_FILES = """## Files

"""
_NAMES = """Reports are named `readiness-<tenant or site>-<UTC yyyymmddThhmmssZ>.<extension>` in `readiness-reports/`,
or where `--output` says; that of prometheus without the time, so that each takes the place of the last. HTML and
Markdown say the same as JSON, for people, and end in a line with the digest of the JSON and their own;
`readiness verify` checks both. `--format none` writes none of them; `--json` prints the JSON.

The schemas ship with the package, in `readiness/schemas/`: `report-v1.json` and `evidence-v1.json`, in JSON Schema
2020-12; `diff-v1.json` and `history-v1.json` are those of what `diff` and `history` write for programs. What may change
while the number stays: [decision 0016](../decisions/0016-older-files.md).

"""
_DIGEST = """`digest` is SHA-256 over the canonical JSON without itself (keys sorted, separators `,` and `:`, no ASCII
escaping), with digests of the parts, which say where a file was changed, and the signature where there is one.

"""
_DIFF = """## Diff

What `readiness diff` writes as JSON, without a digest: it is made anew from two reports that have theirs.

"""
_HISTORY = """## History

What `readiness history` writes as JSON, without a digest.

"""
_ROWS = """## Rows of csv and jsonl

A row for every check, each followed by one for each of its subjects. CSV has them as columns, with `yes` and `no`,
and an apostrophe before what a spreadsheet would compute; JSON lines has them as flat keys, with `null` where there is
nothing.

"""
_FIRST_LINE = """The first line of jsonl has the `record` `run`, what every row says of the run (`time` to `decision`),
and:

"""
_NOTIFICATION = """## Notification

What a webhook is sent when something happened ([notifications](../how-to/notifications.md)), as canonical JSON: the
same message is the same bytes, but for `late`.

"""
_METRICS = """## Metrics of prometheus

All are gauges with the labels `tenant` and `site`. No collection, device or person is in a label.

"""


def page() -> str:
    """The page."""
    report, evidence = shipped("report-v1"), shipped("evidence-v1")
    readings = evidence["properties"]["readings"]["items"]["allOf"][1]
    facts = [kind["properties"]["fact"]["const"] for kind in readings["then"]["oneOf"]]
    diff, history = shipped("diff-v1"), shipped("history-v1")
    message = shipped("notification-v1")
    parts = {**evidence["$defs"], **report["$defs"], **diff["$defs"], **history["$defs"], **message["$defs"]}
    written = [
        _HEAD, MADE, _FILES, _files(), _NAMES,
        "## Report\n\n", _object(Report, report), _DIGEST,
        "## Evidence\n\n", _object(Evidence, evidence),
        "`value` of a reading is one of these facts, under its name; of a reading with a `plugin`, what that says:\n\n",
        table(("fact", "is"), ((_link(name), plain(_about(parts[name]))) for name in facts)),
        _DIFF, _object(RunDiff, diff),
        _HISTORY, _object(History, history),
        _NOTIFICATION, _object(Message, message),
        "## Parts of them\n\n",
        *(_part(name, parts[name]) for name in sorted(parts)),
        "## Plan as CSV\n\n", "`readiness plan --csv` writes a row per step, with the columns ",
        codes(plan_format("plan_csv").HEADS), ".\n\n",
        _ROWS, _meanings("key", machine_format("rows").MEANINGS),
        _FIRST_LINE, _meanings("key", machine_format("jsonl").RUN_MEANINGS),
        _METRICS, _meanings("metric", machine_format("prometheus").ABOUT).rstrip(), "\n",
    ]  # fmt: skip
    return "".join(written)


def _files() -> str:
    written = [
        (
            f"report, {name}",
            code(f".{known.extension}"),
            code(REPORT_SCHEMA) if name == "json" else "",
            "`scan`, `assess`",
        )
        for name, known in formats().items()
    ]
    others = [
        ("evidence", "`.json`", code(EVIDENCE_SCHEMA), "`collect`, `redact`, `--save-evidence`"),
        ("recording", "a folder", code(RECORDING_SCHEMA), "`collect --record`"),
        ("map of aliases, private", "`.json`", code(MAP_SCHEMA), "`--map`, `collect --record-map`"),
        ("diff", "`.json`", code(DIFF_SCHEMA), "`diff --json`, `diff --format json`"),
        ("history", "`.json`", code(HISTORY_SCHEMA), "`history --json`, on stdout"),
        ("message", "JSON", code(NOTICE_SCHEMA), "`[notify] webhook_env`, as the body of a POST"),
        ("plan", "`.csv`, `.json`", "", "`plan --csv`, `plan --json`, on stdout"),
        ("signing key, private and public", "`.pem`, `.pub`", "", "`keygen`"),
        ("configuration", "`.toml`", "", "`init`, `attest`, `redact --write-config`"),
    ]
    return table(("file", "extension", "schema", "written by"), [*written, *others])


def _meanings(head: str, of: Mapping[str, str]) -> str:
    return table((head, "meaning"), ((code(key), meaning) for key, meaning in of.items()))


def _part(name: str, body: Mapping[str, Any]) -> str:
    if "properties" in body:
        about = plain(_about(body))
        return f"### {name}\n\n{about}\n\n{_object(_kind(name, body), body)}"
    words = body.get("enum", body.get("examples", []))
    other = " Other values may come: they are kept, and never good news." if "examples" in body else ""
    about = f"{plain(_about(body))}\n\n" if _about(body) else ""
    return f"### {name}\n\n{about}One of {codes(words)}.{other}\n\n"


def _object(kind: type[Any], body: Mapping[str, Any]) -> str:
    texts = of_fields(kind)
    order = [field.name for field in fields(kind)]
    keys = sorted(body["properties"], key=["schema", *order, "worse", "digest"].index)
    written = {field.name: str(field.type) for field in fields(kind)}
    rows = (
        (code(key), _of(key, written, body["properties"][key]), plain(texts.get(key) or _said(body["properties"][key])))
        for key in keys
    )
    return table(("key", "type", "meaning"), rows)


def _of(key: str, written: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """The type of a key; a moment is text in the schema, and so is a list of readings without its items."""
    if key == "readings" and "items" in body and "allOf" in body["items"]:
        return f"list of {_link('Reading')}"
    said = _type(body)
    return said.replace("string", "moment") if re.match(r"datetime\b", written.get(key, "")) else said


def _type(body: Mapping[str, Any]) -> str:
    if "$ref" in body:
        return _link(body["$ref"].rpartition("/")[2])
    if "anyOf" in body:
        return " or ".join(_type(one) for one in body["anyOf"])
    if "const" in body:
        return code(body["const"])
    if body.get("type") == "array":
        return f"list of {_type(body['items'])}" if "items" in body else "list"
    named = {"date-time": "moment"}.get(body.get("format", ""), body.get("format"))
    return str(named or body.get("type", "any"))


def _said(body: Mapping[str, Any]) -> str:
    return _about(body) if body.get("type") == "boolean" else ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _about(body: Mapping[str, Any]) -> str:
    said: str = body.get("description", "")
    return " ".join(said.split("\n\n")[0].split())


def _kind(name: str, body: Mapping[str, Any]) -> type[Any]:
    """The class of the model that the schema was made from: of this name, and with these fields."""
    for module_name, module in list(sys.modules.items()):
        kind = getattr(module, name, None) if module_name.startswith(_MODEL) else None
        if (
            kind is not None
            and is_dataclass(kind)
            and {field.name for field in fields(kind)} == set(body["properties"])
        ):
            return cast("type[Any]", kind)
    raise LookupError(f"no class of the model is {name}")
