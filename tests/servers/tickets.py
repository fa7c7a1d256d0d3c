"""ServiceNow and Jira as their makers document them, on loopback: records, notes, attachments, limits, refusals."""

from __future__ import annotations

import contextlib
import email
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.policy import HTTP
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request

SYS_ID = "a" * 31 + "1"
JSON = "application/json;charset=UTF-8"
Reply = bytes
Fault = Callable[[HttpRequest], Reply | None]


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A whole answer; bytes are sent as they are, all else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    phrase = HTTPStatus(status).phrase
    return http_answer(f"{status} {phrase}", {"Content-Type": JSON, **(headers or {})}, content)


def page(text: str = "<!doctype html><title>Log in</title>", status: int = 200) -> Reply:
    """A web page where data was asked for."""
    return http_answer(f"{status} OK", {"Content-Type": "text/html;charset=UTF-8"}, text.encode())


@dataclass(frozen=True)
class Stored:
    """An attachment, as the server has it."""

    id: str
    name: str
    content: bytes = field(repr=False)
    media_type: str


class TicketServer(TcpServer):
    """What both have in common.

    Attributes:
        authorization: the only header that signs in.
        files, notes: of the one record.
        faults: asked before the server itself, in order; the first that answers a request is the answer.
        swallow: the requests to which nothing is answered, after they were carried out.
        heard: every request.
    """

    def __init__(self, authorization: str, tls: ssl.SSLContext) -> None:
        super().__init__(self._converse, tls)
        self.authorization = authorization
        self.files: list[Stored] = []
        self.notes: list[str] = []
        self.faults: list[Fault] = []
        self.swallow: Callable[[HttpRequest], bool] = lambda _request: False
        self.heard: list[HttpRequest] = []
        self._lock = threading.Lock()

    @property
    def written(self) -> list[str]:
        """What was asked that could change something."""
        return [f"{one.method} {urlsplit(one.path).path}" for one in self.heard if one.method != "GET"]

    def names(self) -> list[str]:
        return [file.name for file in self.files]

    def once(self, method: str, ending: str, answer: Reply) -> None:
        """Answer the next such request so."""
        left = [answer]
        self.faults.append(lambda request: left.pop() if left and _is(request, method, ending) else None)

    def always(self, method: str, ending: str, answer: Reply) -> None:
        """Answer all such requests so."""
        self.faults.append(lambda request: answer if _is(request, method, ending) else None)

    def lose(self, method: str, ending: str) -> None:
        """Carry out the next such request, and hang up without an answer."""
        left = [True]
        self.swallow = lambda request: _is(request, method, ending) and bool(left) and left.pop()

    def _converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                with self._lock:
                    self.heard.append(request)
                    found = next((one for fault in self.faults if (one := fault(request)) is not None), None)
                    answer = found if found is not None else self._signed_in(request)
                if found is None and self.swallow(request):
                    return
                with contextlib.suppress(OSError):
                    connection.sendall(answer)

    def _signed_in(self, request: HttpRequest) -> Reply:
        if request.headers.get("authorization") != self.authorization:
            return self.refuse()
        return self.answer(request, urlsplit(request.path).path, parse_qs(urlsplit(request.path).query))

    def refuse(self) -> Reply:
        """The sign-in is not accepted."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, path: str, query: Mapping[str, list[str]]) -> Reply:
        raise NotImplementedError


def _is(request: HttpRequest, method: str, ending: str) -> bool:
    return request.method == method and urlsplit(request.path).path.endswith(ending)


class ServiceNowServer(TicketServer):
    """One change request.

    Attributes:
        properties: the system properties that the account may read; None: it may read none of that table.
        notes_shown: whether the account may read work notes.
        keeps_notes: whether a note that is taken is kept.
        keeps_bytes: of a file that is taken, whatever the answer to it says; None: all.
    """

    number = "CHG0031337"

    def __init__(self, authorization: str, tls: ssl.SSLContext) -> None:
        super().__init__(authorization, tls)
        self.properties: dict[str, str] | None = {
            "com.glide.attachment.max_size": "1024",
            "glide.attachment.extensions": "",
        }
        self.notes_shown = True
        self.keeps_notes = True
        self.keeps_bytes: int | None = None

    def refuse(self) -> Reply:
        error = {"message": "User Not Authenticated", "detail": "Required to provide Auth information"}
        return reply({"error": error, "status": "failure"}, 401, {"WWW-Authenticate": 'BASIC realm="Service-now"'})

    def row(self) -> dict[str, Any]:
        """The record, with values of both kinds."""
        shown = "\n\n".join(f"2026-11-23 20:00:00 - Svc (Work notes)\n{note}\n" for note in reversed(self.notes))
        values = {"sys_id": SYS_ID, "number": self.number, "sys_class_name": "change_request"}
        notes = {"work_notes": {"display_value": shown, "value": ""}} if self.notes_shown else {}
        return {**{name: {"display_value": one, "value": one} for name, one in values.items()}, **notes}

    def answer(self, request: HttpRequest, path: str, query: Mapping[str, list[str]]) -> Reply:
        asked = query.get("sysparm_query", [""])[0]
        if (request.method, path) == ("GET", "/api/now/table/change_request"):
            return reply({"result": [self.row()] if asked == f"number={self.number}" else []})
        if (request.method, path) == ("GET", "/api/now/table/sys_properties"):
            return self._properties()
        if (request.method, path) == ("GET", "/api/now/attachment"):
            return reply({"result": [self._meta(file) for file in self.files]})
        if request.method == "GET" and path.endswith("/file"):
            return self._content(path.split("/")[-2])
        if (request.method, path) == ("POST", "/api/now/attachment/file"):
            return self._attach(request, query)
        if (request.method, path) == ("PATCH", f"/api/now/table/change_request/{SYS_ID}"):
            if self.keeps_notes:
                self.notes.append(json.loads(request.body)["work_notes"])
            return reply({"result": {"sys_id": SYS_ID}})
        return reply({"error": {"message": "Requested URI does not represent any resource", "detail": None}}, 400)

    def _properties(self) -> Reply:
        if self.properties is None:
            error = {"message": "User Not Authorized", "detail": "Failed API level ACL Validation"}
            return reply({"error": error, "status": "failure"}, 403)
        return reply({"result": [{"name": name, "value": value} for name, value in self.properties.items()]})

    def _meta(self, file: Stored) -> dict[str, Any]:
        return {
            "sys_id": file.id, "file_name": file.name, "size_bytes": str(len(file.content)),
            "content_type": file.media_type, "table_name": "change_request", "table_sys_id": SYS_ID,
        }  # fmt: skip

    def _content(self, sys_id: str) -> Reply:
        found = next(file for file in self.files if file.id == sys_id)
        return reply(found.content, headers={"Content-Type": found.media_type})

    def _attach(self, request: HttpRequest, query: Mapping[str, list[str]]) -> Reply:
        assert query["table_name"] == ["change_request"]
        assert query["table_sys_id"] == [SYS_ID]
        name, kind = query["file_name"][0], request.headers["content-type"]
        taken = Stored(f"{len(self.files) + 1:032x}", name, request.body, kind)
        self.files.append(replace(taken, content=taken.content[: self.keeps_bytes]))
        place = f"{self.origin}/api/now/attachment/{taken.id}/file"
        return reply({"result": self._meta(taken)}, 201, {"Location": place})


class JiraServer(TicketServer):
    """One issue.

    Attributes:
        meta: what is said of attachments.
        data_center: whether files are handed out as Data Center does it.
    """

    key = "OPS-42"

    def __init__(self, authorization: str, tls: ssl.SSLContext, base: str = "") -> None:
        super().__init__(authorization, tls)
        self.meta: dict[str, Any] = {"enabled": True, "uploadLimit": 10 * 1024 * 1024}
        self.data_center = bool(base)
        self.base = base

    def refuse(self) -> Reply:
        return page("<html>Client must be authenticated to access this resource.</html>", 401)

    def missing(self) -> Reply:
        words = "Issue does not exist or you do not have permission to see it."
        return reply({"errorMessages": [words], "errors": {}}, 404)

    def answer(self, request: HttpRequest, path: str, query: Mapping[str, list[str]]) -> Reply:
        issue = f"{self.base}/rest/api/2/issue/{self.key}"
        if (request.method, path) == ("GET", f"{self.base}/rest/api/2/attachment/meta"):
            return reply(self.meta)
        if (request.method, path) == ("GET", issue):
            return reply({"key": self.key, "fields": {"attachment": [self._meta(file) for file in self.files]}})
        if (request.method, path) == ("GET", f"{issue}/comment"):
            return self._comments(int(query["startAt"][0]), int(query["maxResults"][0]))
        if (request.method, path) == ("POST", f"{issue}/comment"):
            self.notes.append(json.loads(request.body)["body"])
            return reply({"id": "10000", "body": self.notes[-1]}, 201)
        if (request.method, path) == ("POST", f"{issue}/attachments"):
            return self._attach(request)
        found = re.fullmatch(rf"{self.base}/(?:rest/api/2/attachment/content|secure/attachment)/([0-9]+).*", path)
        if request.method == "GET" and found:
            file = next(file for file in self.files if file.id == found[1])
            return reply(file.content, headers={"Content-Type": file.media_type})
        return self.missing()

    def _meta(self, file: Stored) -> dict[str, Any]:
        rest = f"{self.origin}/rest/api/2/attachment/content/{file.id}"
        content = f"{self.origin}{self.base}/secure/attachment/{file.id}/{file.name}" if self.data_center else rest
        return {
            "id": file.id, "filename": file.name, "size": len(file.content), "mimeType": file.media_type,
            "created": f"2026-11-23T20:00:{int(file.id) - 10000:02}.000+0000", "content": content,
        }  # fmt: skip

    def _comments(self, start: int, most: int) -> Reply:
        rows = [{"id": str(number), "body": note} for number, note in enumerate(self.notes)]
        return reply({"startAt": start, "maxResults": most, "total": len(rows), "comments": rows[start : start + most]})

    def _attach(self, request: HttpRequest) -> Reply:
        if request.headers.get("x-atlassian-token") != "no-check":
            return page("XSRF check failed", 403)
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        (part,) = email.message_from_bytes(head + request.body, policy=HTTP).iter_parts()
        assert part.get_param("name", header="content-disposition") == "file"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = part.get_filename() or ""
        self.files.append(Stored(str(10001 + len(self.files)), name, content, part.get_content_type()))
        return reply([self._meta(self.files[-1])])
