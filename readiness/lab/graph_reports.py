"""Report actions of Intune: a POST that reads, answered as a stream of bytes with a schema and rows of values.

A scenario gives the rows as a list of tables, under the path of the action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from readiness.lab.graph_answers import Answer, GraphError

ACTION = re.compile(r"deviceManagement/reports/\w+", re.IGNORECASE)
_MOST = 50
_TYPES = {int: "Int32", bool: "Boolean"}
_CONDITION = re.compile(r"\((?P<name>\w+) eq '(?P<value>(?:[^']|'')*)'\)")


class _Parameters(msgspec.Struct, frozen=True):
    select: list[str] = []
    filter: str = ""
    skip: int = 0
    top: int = _MOST


_PARAMETERS = msgspec.json.Decoder(_Parameters)  # once, before there are threads: as in `graph_batch`


def answer(rows: Sequence[Mapping[str, Any]], body: bytes) -> Answer:
    """One page of a report.

    Raises:
        GraphError: parameters that cannot be read, or a filter that the lab does not know.
    """
    try:
        asked = _PARAMETERS.decode(body)
    except msgspec.DecodeError as error:
        raise GraphError(400, "BadRequest", f"Invalid report parameters: {error}") from error
    found = [row for row in rows if _matches(row, asked.filter)]
    columns = asked.select or list(dict.fromkeys(name for row in found for name in row))
    schema = [{"Column": name, "PropertyType": _type(found, name)} for name in columns]
    page = found[asked.skip : asked.skip + asked.top]
    values = [[row.get(name) for name in columns] for row in page]
    return Answer(200, {"TotalRowCount": len(found), "Schema": schema, "Values": values, "SessionId": ""})


def _matches(row: Mapping[str, Any], text: str) -> bool:
    if not text:
        return True
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise GraphError(400, "BadRequest", f"Invalid filter clause: {text}")
    return str(row.get(found["name"], "")) == found["value"].replace("''", "'")


def _type(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    kinds = {type(row[name]) for row in rows if name in row}
    return _TYPES.get(kinds.pop(), "String") if len(kinds) == 1 else "String"
