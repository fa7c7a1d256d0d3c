"""A change request, or another record, of ServiceNow.

Sources (the maker's pages, servicenow.com/docs and ServiceNow/ServiceNowDocs, releases Xanadu to Australia):

* Attachment API (`c_AttachmentAPI`): `GET /api/now/attachment`, `GET .../{sys_id}/file`, and `POST .../file` with
  `table_name`, `table_sys_id`, `file_name`, the file as body, a mandatory Content-Type; 201 with `result.size_bytes`,
  400 for missing parameters, 404 where the record does not exist or is not accessible, 500. It keeps to
  `com.glide.attachment.max_size` (megabytes, or 1024) and `glide.attachment.extensions` (by commas; empty: any).
* "Add attachments to change requests using attachment API": the same on `change_request`; role `sn_change_write`.
* Table API (`c_TableAPI`): `GET /api/now/table/{table}`, `PATCH .../{sys_id}`; values of both kinds by
  `sysparm_display_value=all`.
* KB3047115: access rules filter rows after the query, so a record that an account may not see is an empty result, 200;
  KB2971488: fields that it may not see are empty.
* "Inbound REST API rate limiting": 429 with Retry-After in seconds and the limit in words; limits are per hour.

Not confirmed by a page of the maker's, and so not relied on: which status refuses an extension or a size (whatever is
below 500 is taken for a refusal, and its words are repeated); that the display value of `work_notes` holds all earlier
notes (seen in the community; where it does not, the files of the run decide); a limit on the length of a note (ours is
far below every number seen).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from readiness.errors import ConfigurationError, TicketError, TicketRefusedError
from readiness.model.ticket import TicketFile, TicketLimits, TicketState
from readiness.targets.line import Access, Answer, Call, Line, declined
from readiness.text import one_line

NUMBER = re.compile(r"[A-Z]{2,12}[0-9]{3,15}", re.ASCII)
_ID = "[0-9a-f]{32}"
_SYS_ID = re.compile(_ID, re.ASCII)
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,79}", re.ASCII)
_BYTES = re.compile(r"[0-9]{1,15}", re.ASCII)
_CODE_TAG = re.compile(r"\[(?=/?code\])", re.IGNORECASE)
CALLS = (
    Call("GET", re.compile(r"/api/now/table/[a-z][a-z0-9_]{0,79}")),
    Call("GET", re.compile(r"/api/now/attachment")),
    Call("GET", re.compile(rf"/api/now/attachment/{_ID}/file")),
    Call("POST", re.compile(r"/api/now/attachment/file")),
    Call("PATCH", re.compile(rf"/api/now/table/[a-z][a-z0-9_]{{0,79}}/{_ID}")),
)
"""All that is ever said to ServiceNow: records are found, files listed, fetched and attached, and a note is written."""
_MAX_SIZE, _EXTENSIONS = "com.glide.attachment.max_size", "glide.attachment.extensions"
_MOST_FILES = 1000
_NOTE_LIMIT = 8000


class ServiceNow:
    """One record, found by its number.

    Args:
        table: where it is looked for.
    """

    flavour = "plain"
    note_limit = _NOTE_LIMIT

    def __init__(self, number: str, access: Access, table: str) -> None:
        self._number = number.strip().upper()
        if not number.isascii() or not NUMBER.fullmatch(self._number):  # in capitals some other letters are these
            raise ConfigurationError(
                f"--to servicenow:{one_line(number, 60)}: expected a number such as CHG0031337, letters and digits"
            )
        self._asked = table
        self._table = table
        self._sys_id = ""
        self._files: dict[str, str] = {}
        self._line = Line(access, CALLS)

    def look(self) -> TicketState:
        record = self._record()
        rows = self._attached()
        self._files = {_value(row, "file_name"): _value(row, "sys_id") for row in rows}
        sizes = {_value(row, "file_name"): _value(row, "size_bytes") for row in rows}
        return TicketState(
            f"{self._number} ({self._table})",
            tuple(self._files),
            _shown(record, "work_notes"),
            {name: int(size) for name, size in sizes.items() if _BYTES.fullmatch(size)},
        )

    def limits(self) -> TicketLimits:
        """The two properties, where the account may read them: as a rule it takes an administrator."""
        answer = self._line.read(
            "/api/now/table/sys_properties",
            {
                "sysparm_query": f"nameIN{_MAX_SIZE},{_EXTENSIONS}",
                "sysparm_fields": "name,value",
                "sysparm_limit": "10",
            },
        )
        rows = _rows(answer) if answer.good else []
        found = {str(row.get("name")): str(row.get("value") or "") for row in rows}
        unread = [name for name in (_MAX_SIZE, _EXTENSIONS) if name not in found]
        return TicketLimits(
            file_bytes=_megabytes(found.get(_MAX_SIZE, "")),
            extensions=_extensions(found.get(_EXTENSIONS, "")),
            not_asked=f"this account may not read {' and '.join(unread)}, so the answer to the files will tell"
            if unread
            else None,
        )

    def attach(self, file: TicketFile) -> None:
        answer = self._line.send(
            "POST",
            "/api/now/attachment/file",
            file.content,
            {"Content-Type": file.media_type},
            {"table_name": self._table, "table_sys_id": self._sys_id, "file_name": file.name},
        )
        if not answer.good:
            raise TicketRefusedError(declined(answer, _WHY_FILE.get(answer.status, "the file was refused")))
        made = _result(answer)
        if not isinstance(made, Mapping) or str(made.get("size_bytes", "")) not in ("", str(len(file.content))):
            raise TicketRefusedError("ServiceNow took the file, and says that it has another size: look at it there")

    def write(self, note: str) -> None:
        answer = self._line.send(
            "PATCH",
            f"/api/now/table/{self._table}/{self._sys_id}",
            json.dumps({"work_notes": without_code_tags(note)}).encode(),
            {"Content-Type": "application/json"},
            {"sysparm_fields": "sys_id"},
        )
        if not answer.good:
            raise TicketRefusedError(declined(answer, _WHY_NOTE.get(answer.status, "the work note was refused")))

    def fetch(self, name: str, most_bytes: int) -> bytes:
        answer = self._line.read(f"/api/now/attachment/{self._files[name]}/file")
        if not answer.good:
            raise TicketError(declined(answer, f"{one_line(name)} cannot be read from the record"))
        if len(answer.body) > most_bytes:
            raise TicketError(f"{one_line(name)} is larger than any report")
        return answer.body

    def close(self) -> None:
        self._line.close()

    def _record(self) -> Mapping[str, Any]:
        answer = self._line.read(
            f"/api/now/table/{self._asked}",
            {
                "sysparm_query": f"number={self._number}",
                "sysparm_fields": "sys_id,number,sys_class_name,work_notes",
                "sysparm_display_value": "all",
                "sysparm_limit": "2",
            },
        )
        if answer.status == 403:
            raise TicketError(declined(answer, f"this account may not read the table {self._asked}"))
        if not answer.good and answer.status != 404:
            raise TicketError(declined(answer, f"{self._number} could not be looked for"))
        # An instance may ignore a query that it does not understand, and give any rows: only the number itself counts.
        rows = _rows(answer) if answer.good else []
        found = [row for row in rows if _value(row, "number").upper() == self._number]
        if len(found) != 1:
            raise TicketError(self._not_one(len(found)))
        self._sys_id, kind = _value(found[0], "sys_id"), _value(found[0], "sys_class_name")
        if not _SYS_ID.fullmatch(self._sys_id):
            raise TicketError(f"{self._number}: ServiceNow names no sys_id of the record")
        self._table = kind if _TABLE.fullmatch(kind) else self._asked
        return found[0]

    def _not_one(self, count: int) -> str:
        if count:
            return f"several records in {self._asked} have the number {self._number}: attach the files by hand"
        return (
            f"there is no record {self._number} in {self._asked} that this account may see: check the number; access "
            "rules may hide the record; for another kind of record set [attach] servicenow_table"
        )

    def _attached(self) -> list[Mapping[str, Any]]:
        answer = self._line.read(
            "/api/now/attachment",
            {
                "sysparm_query": f"table_name={self._table}^table_sys_id={self._sys_id}^ORDERBYsys_created_on",
                "sysparm_limit": str(_MOST_FILES),
            },
        )
        if not answer.good:
            words = "the attachments of the record cannot be listed, so nobody can tell whether the run is there"
            raise TicketError(declined(answer, words))
        rows = _rows(answer)
        if len(rows) >= _MOST_FILES:
            raise TicketError(f"the record has {_MOST_FILES} attachments or more: attach the files by hand")
        # As with the record: rows of another one, from a query that was not understood, say nothing of this one.
        return [row for row in rows if _whole(row) and _value(row, "table_sys_id") == self._sys_id]


_WHY_FILE = {
    400: "the file was refused; its kind may not be allowed there",
    403: "this account may not attach files to the record, or files of this kind are not allowed there",
    404: "the record does not exist any more, or this account may not attach to it",
    413: "the file is larger than what is allowed there",
    415: "files of this kind are not allowed there",
}
_WHY_NOTE = {
    403: "this account may not write to the record; it may be closed, or read-only",
    404: "the record is gone, or this account may not write to it",
}


def without_code_tags(note: str) -> str:
    """A note in which no `[code]` makes HTML of what follows: journal fields render what stands between such tags."""
    return _CODE_TAG.sub("[ ", note)


def _result(answer: Answer) -> Any:
    document = answer.document
    return document.get("result") if isinstance(document, Mapping) else None


def _rows(answer: Answer) -> list[Mapping[str, Any]]:
    found = _result(answer)
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise TicketError(f"{answer.origin} answered something else than a list of records: is it ServiceNow?")
    return found


def _value(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    found = found.get("value") if isinstance(found, Mapping) else found
    return found if isinstance(found, str) else ""


def _shown(row: Mapping[str, Any], name: str) -> str | None:
    """What is shown of a field; None where an access rule hides the field: then it is left out of the row."""
    found = row.get(name)
    if isinstance(found, Mapping):
        found = found.get("display_value")
    return found if isinstance(found, str) else None


def _whole(row: Mapping[str, Any]) -> bool:
    return bool(_value(row, "file_name")) and bool(_SYS_ID.fullmatch(_value(row, "sys_id")))


def _megabytes(text: str) -> int | None:
    return int(text) * 1024 * 1024 if text.strip().isdecimal() and len(text) < 9 and int(text) else None


def _extensions(text: str) -> frozenset[str] | None:
    found = frozenset(part.strip().lstrip(".").lower() for part in text.split(",") if part.strip())
    return found or None
