"""Answers of the administration service, taken apart strictly: what is not exactly an answer is `bad-answer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness import documents
from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.adminservice.faults import Asked, failure, no_service
from readiness.sources.configmgr.answers import MAX_DEPTH, MOST_WORDS
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.wql import SECRET_COLUMNS
from readiness.text import one_line

SUCCESS = {200, 201}
"""Calls, and some reads, succeed with 201 (reference: configmgr.md Q5, methods)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as it came."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and where the service says that the next one is."""

    rows: list[Mapping[str, Any]]
    link: str | None


def document_of(reply: Reply, where: str, asked: Asked) -> dict[str, Any]:
    """The object in an answer.

    Raises:
        ServiceFault: the answer is an error.
        SourceError: it is no answer of the service.
    """
    is_json = reply.content_type.partition(";")[0].strip().lower() == "application/json"
    document = _parsed(reply.body) if is_json else None
    if reply.status not in SUCCESS:
        raise failure(reply.status, document, where, asked)
    if not is_json:
        raise no_service(reply.status, where)
    if not isinstance(document, dict) or "error" in document:
        raise bad(where, "an answer that is no object")
    return document


def page_of(document: Mapping[str, Any], where: str, cls: str) -> Page:
    """The page in the answer to a question for rows."""
    found, link = document.get("value"), document.get("@odata.nextLink")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise bad(where, f"no list of rows of {cls}")
    if link is not None and not isinstance(link, str):
        raise bad(where, f"a next page of {cls} that is no address")
    return Page(found, link)


def instance_of(document: Mapping[str, Any], where: str, cls: str) -> list[Row]:
    """The instance in the answer to a keyed GET: in a list of one, or bare; none where the list is empty."""
    found = page_of(document, where, cls).rows if "value" in document else [document]
    if len(found) > 1:
        raise bad(where, f"more than one {cls} for one key")
    return list(rows_of(found, where, cls))


def output_of(document: Mapping[str, Any], where: str, cls: str) -> Row:
    """The out-parameters in the answer to a call: flat, or wrapped in `value` as rows are."""
    inner = document.get("value") if {name for name in document if "@" not in name} == {"value"} else document
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if not isinstance(inner, dict):
        raise bad(where, f"an answer to a call of {cls} without out-parameters")
    (row,) = rows_of([inner], where, cls)
    return row


def rows_of(found: list[Mapping[str, Any]], where: str, cls: str) -> Iterator[Row]:
    """The rows. One that holds no column at all is none."""
    for fields in found:
        row = _row(cls, fields, where)
        if row is None:
            raise bad(where, f"a row of {cls} without any column")
        yield row


def bad(where: str, what: str) -> SourceError:
    # What is bad may be named by the answer itself.
    return SourceError(Reason.BAD_ANSWER, one_line(f"{where} gave {what}", MOST_WORDS))


def _parsed(body: bytes) -> Any:
    try:
        return documents.parse(body)
    except ValueError:
        return None


def _row(cls: str, fields: Mapping[str, Any], where: str, depth: int = 0) -> Row | None:
    """What is not a column is left out: annotations (`@odata...`) and what WMI says of the instance (`__...`)."""
    if depth > MAX_DEPTH:
        raise bad(where, f"a {cls} nested deeper than any real one")
    cells: dict[str, object] = {}
    for name, value in fields.items():
        column = name.lower()
        if "@" in name or name.startswith("__") or column in SECRET_COLUMNS:
            continue
        if column in cells:
            raise bad(where, f"a {cls} with a column twice")
        cells[column] = _value(name, value, where, depth)
    return Row(cls, cells.items()) if cells else None


def _value(name: str, value: object, where: str, depth: int) -> object:
    if isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise bad(where, f"a list of lists in {name}")
        return tuple(_value(name, item, where, depth) for item in value)
    if isinstance(value, dict):
        stated = value.get("@odata.type")
        cls = stated.rpartition(".")[2].lstrip("#") if isinstance(stated, str) else name
        return _row(cls, value, where, depth + 1) or Row(cls, ())
    return value
