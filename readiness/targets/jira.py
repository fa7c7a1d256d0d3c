"""An issue of Jira, Cloud or Data Center, over REST version 2: the one that takes wiki markup in both.

Sources (the maker's pages): "The Jira Cloud platform REST API" and "Jira Data Center platform REST API", version 2:
`GET /rest/api/2/attachment/meta` (`enabled`, `uploadLimit` in bytes), `GET /rest/api/2/issue/{key}`,
`GET` and `POST /rest/api/2/issue/{key}/comment` (`{"body": ...}`, 201), `POST /rest/api/2/issue/{key}/attachments`
(multipart, the part is called `file`, `X-Atlassian-Token: no-check`; 200, 403, 404, 413),
`GET /rest/api/2/attachment/content/{id}?redirect=false` (Cloud). Signing in: "Basic auth for REST APIs" (Cloud: e-mail
address and API token), "Using personal access tokens" (Data Center 8.14 and later: Bearer).

Not confirmed by a page of the maker's, and so not relied on: that 429 always comes with `Retry-After`; the path by
which Data Center hands out a file (the answer names it, and only the usual one is followed); in what form Cloud gives
back the markup of a comment (backslashes and line ends are not looked at when a note is searched). The 32,767
characters of a comment are the default that an administrator of Data Center can change.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from readiness.errors import ConfigurationError, TicketError, TicketRefusedError
from readiness.model.ticket import TicketFile, TicketLimits, TicketState
from readiness.sources.plain import stays_below
from readiness.targets.line import Access, Answer, Call, Line, declined
from readiness.text import one_line

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,50}-[1-9][0-9]{0,9}", re.ASCII)
_KEY = r"[A-Z][A-Z0-9_]{1,50}-[1-9][0-9]{0,9}"
CALLS = (
    Call("GET", re.compile(rf"/rest/api/2/issue/{_KEY}")),
    Call("GET", re.compile(rf"/rest/api/2/issue/{_KEY}/comment")),
    Call("GET", re.compile(r"/rest/api/2/attachment/meta")),
    Call("GET", re.compile(r"/rest/api/2/attachment/content/[0-9]{1,19}")),
    Call("GET", re.compile(r"/secure/attachment/[0-9]{1,19}/[A-Za-z0-9._-]{1,200}")),
    Call("POST", re.compile(rf"/rest/api/2/issue/{_KEY}/attachments")),
    Call("POST", re.compile(rf"/rest/api/2/issue/{_KEY}/comment")),
)
"""All that is ever said to Jira."""
_PAGE, _MOST_PAGES = 100, 50
_COMMENT_LIMIT = 32_767


class Jira:
    """One issue, found by its key."""

    flavour = "jira"
    note_limit = _COMMENT_LIMIT

    def __init__(self, key: str, access: Access) -> None:
        self._key = key.strip().upper()
        if not key.isascii() or not KEY.fullmatch(self._key):  # in capitals some other letters are two of these
            raise ConfigurationError(f"--to jira:{one_line(key, 60)}: expected the key of an issue, such as OPS-42")
        self._base = access.base
        self._line = Line(access, CALLS)
        self._files: dict[str, Mapping[str, Any]] = {}

    def look(self) -> TicketState:
        answer = self._line.read(f"/rest/api/2/issue/{self._key}", {"fields": "attachment"})
        if answer.status in (403, 404):
            words = f"there is no issue {self._key} that this account may see"
            raise TicketError(declined(answer, f"{words}: check the key; rights may hide the issue"))
        if not answer.good:
            raise TicketError(declined(answer, f"{self._key} could not be looked for"))
        issue = answer.document
        fields = issue.get("fields") if isinstance(issue, Mapping) else None
        if not isinstance(fields, Mapping) or not isinstance(issue.get("key"), str):
            raise TicketError(f"{answer.origin} answered something else than an issue: is it Jira?")
        attached = fields.get("attachment")
        if not isinstance(attached, list):
            raise TicketError("the attachments of the issue are not shown, so nobody can tell whether the run is there")
        rows = [row for row in attached if isinstance(row, Mapping) and isinstance(row.get("filename"), str)]
        self._files = {row["filename"]: row for row in sorted(rows, key=lambda row: str(row.get("created", "")))}
        sizes = {name: row.get("size") for name, row in self._files.items()}
        return TicketState(
            self._record(issue["key"]),
            tuple(self._files),
            self._comments(),
            {name: size for name, size in sizes.items() if type(size) is int},
        )

    def limits(self) -> TicketLimits:
        answer = self._line.read("/rest/api/2/attachment/meta")
        meta = answer.document if answer.good else None
        if not isinstance(meta, Mapping):
            why = "Jira does not tell its limits to this account, so the answer to the files will tell"
            return TicketLimits(not_asked=declined(answer, why))
        most = meta.get("uploadLimit")
        return TicketLimits(
            file_bytes=most if isinstance(most, int) and not isinstance(most, bool) and most >= 0 else None,
            attachments=meta.get("enabled") is not False,
        )

    def attach(self, file: TicketFile) -> None:
        body, kind = multipart(file)
        answer = self._line.send(
            "POST",
            f"/rest/api/2/issue/{self._key}/attachments",
            body,
            {"Content-Type": kind, "X-Atlassian-Token": "no-check"},
        )
        if not answer.good:
            raise TicketRefusedError(declined(answer, _WHY_FILE.get(answer.status, "the file was refused")))
        made = answer.document
        sizes = [row.get("size") for row in made if isinstance(row, Mapping)] if isinstance(made, list) else []
        if sizes not in ([len(file.content)], [None]):
            raise TicketRefusedError("Jira took the file, and says that it has another size: look at it there")

    def write(self, note: str) -> None:
        answer = self._line.send(
            "POST",
            f"/rest/api/2/issue/{self._key}/comment",
            json.dumps({"body": note}).encode(),
            {"Content-Type": "application/json"},
        )
        if not answer.good:
            raise TicketRefusedError(declined(answer, _WHY_COMMENT.get(answer.status, "the comment was refused")))

    def fetch(self, name: str, most_bytes: int) -> bytes:
        answer = self._line.read(*self._place(name))
        if not answer.good:
            raise TicketError(declined(answer, f"{one_line(name)} cannot be read from the issue"))
        if len(answer.body) > most_bytes:
            raise TicketError(f"{one_line(name)} is larger than any report")
        return answer.body

    def close(self) -> None:
        self._line.close()

    def _place(self, name: str) -> tuple[str, Mapping[str, str] | None]:
        """Where the issue says that a file is, as far as that is a place where Jira has files."""
        path = _path(self._files[name].get("content")).removeprefix(self._base)
        if not stays_below(path) or not any(call.method == "GET" and call.path.fullmatch(path) for call in CALLS[3:5]):
            raise TicketError(f"where Jira has {one_line(name)} is not a place that this tool knows")
        return path, {"redirect": "false"} if path.startswith("/rest/") else None

    def _record(self, key: str) -> str:
        return self._key if key == self._key else f"{self._key}, which is {one_line(key, 60)} now"

    def _comments(self) -> str | None:
        """All comments; None where they cannot be read."""
        found: list[str] = []
        for page in range(_MOST_PAGES):
            answer = self._line.read(
                f"/rest/api/2/issue/{self._key}/comment",
                {"startAt": str(page * _PAGE), "maxResults": str(_PAGE)},
            )
            if not answer.good:
                return None
            rows, total = _page(answer)
            found += [row["body"] for row in rows if isinstance(row.get("body"), str)]
            if not rows or page * _PAGE + len(rows) >= total:
                return "\n".join(found)
        return None


_WHY_FILE = {
    403: "this account may not attach files to the issue; it may be closed for changes",
    404: "the issue is gone, this account may not attach files to it, or attachments are switched off",
    413: "the file is larger than what is allowed there, or the issue has too many",
    415: "files of this kind are not allowed there",
}
_WHY_COMMENT = {
    400: "the comment was refused; it may be too long, or the issue closed for changes",
    403: "this account may not comment on the issue; it may be closed for changes",
    404: "the issue is gone, or this account may not comment on it",
    413: "the issue has as many comments as are allowed",
}


def _path(address: object) -> str:
    try:
        return urlsplit(address).path if isinstance(address, str) else ""
    except ValueError:  # no address at all
        return ""


def _page(answer: Answer) -> tuple[list[Mapping[str, Any]], int]:
    document = answer.document
    rows = document.get("comments") if isinstance(document, Mapping) else None
    total = document.get("total") if isinstance(document, Mapping) else None
    if not isinstance(rows, list) or not isinstance(total, int):
        raise TicketError(f"{answer.origin} answered something else than comments: is it Jira?")
    return [row for row in rows if isinstance(row, Mapping)], total


def multipart(file: TicketFile) -> tuple[bytes, str]:
    """A body with one part called `file` (RFC 7578), and its content type. The boundary is not in the file."""
    boundary = secrets.token_hex(16)
    while boundary.encode() in file.content:
        boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quote(file.name)}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    return (
        head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )
