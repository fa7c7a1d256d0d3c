"""Exchanges with Microsoft Graph as they went over the wire, and the requests within a batch one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests import Response as HttpResponse

from readiness.lab.server import Request, Response

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Recorded:
    """One request, and its answer."""

    method: str
    target: str
    """Path and query as sent, the version included."""
    status: int
    headers: Headers = field(default_factory=dict)
    """Of the request."""
    body: bytes = b""
    """Of the request."""
    answer: bytes = b""
    kind: str = "application/json"
    """Content type of the answer."""
    member: bool = False
    """Whether it travelled in a batch."""

    @property
    def version(self) -> str:
        return self.target.split("/")[1]


def of_graph(request: PreparedRequest, response: HttpResponse) -> Recorded | None:
    """What our own client sent, and got; None where it did not speak with Microsoft Graph."""
    parts = urlsplit(request.url or "")
    if not parts.path.startswith(("/v1.0/", "/beta/")):
        return None
    body = request.body or b""
    return Recorded(
        method=request.method or "",
        target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        status=response.status_code,
        headers=dict(request.headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
        answer=response.content,
        kind=response.headers.get("Content-Type", ""),
    )


@dataclass
class Recorder:
    """Writes down what goes through the simulated Graph; given to a lab as its `tamper`."""

    exchanges: list[Recorded] = field(default_factory=list)
    change: Callable[[bytes], bytes] = field(default=lambda body: body)
    """What becomes of an answer before it is sent, where the lab has no scenario for it."""

    def __call__(self, request: Request, response: Response) -> Response:
        if response.server == "graph":
            response = replace(response, body=self.change(response.body))
            kind = next(value for name, value in response.headers if name.lower() == "content-type")
            headers = dict(request.headers.items())
            self.exchanges.append(
                Recorded(request.method, request.target, response.status, headers, request.body, response.body, kind)
            )
        return response


def single(exchange: Recorded) -> Iterator[Recorded]:
    """The exchange, or, where it is a batch, each member of it as an exchange of its own."""
    if urlsplit(exchange.target).path != f"/{exchange.version}/$batch" or exchange.status != 200:
        yield exchange
        return
    answers = {answer["id"]: answer for answer in json.loads(exchange.answer)["responses"]}
    asked = json.loads(exchange.body)["requests"]
    assert sorted(answers) == sorted(member["id"] for member in asked), "a member of a batch without its answer"
    for member in asked:
        answer = answers[member["id"]]
        given = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        yield Recorded(
            method=member["method"],
            target=f"/{exchange.version}{member['url']}",
            status=answer["status"],
            headers=member.get("headers", {}),
            body=json.dumps(member["body"]).encode() if "body" in member else b"",
            answer=json.dumps(answer["body"]).encode(),
            kind=given.get("content-type", "application/json"),
            member=True,
        )
