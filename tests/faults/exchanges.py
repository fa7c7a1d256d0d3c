"""What a scan asks, exchange by exchange, under names that concurrency, batching and retries do not change.

entra discovery                                         the metadata of the tenant
entra client_credentials                                the token
graph v1.0 GET /organization?$select=id,...             alone or as a member of a $batch: the same exchange
graph beta POST /deviceManagement/reports/getX          a report
adminservice SMS_Site?$select=SiteCode,...              rows, whatever the page
adminservice Get SMS_Admin AdminID=16777217             an instance
adminservice SMS_CoMgmtConfigs.GetTenantCollectionMapping {...}   a getter
wsman SELECT ... FROM SMS_Site, wsman Get SMS_Admin AdminID=..., wsman Pull SMS_Collection
wsman sign-in, adminservice sign-in                     the legs of NTLM, unnumbered
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from readiness.lab.server import Request, Response

SIGN_IN = "sign-in"
_PAGING = re.compile(r"[?&]\$(?:top|skip)=\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it travels alone or within a `$batch`. The body is JSON text."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def saying(self, status: int, body: bytes) -> Answer:
        """With another status and text; the headers stay."""
        return replace(self, status=status, body=body)


def batch_members(request: Request) -> list[dict[str, Any]] | None:
    """The requests in a `$batch`; None where it is none."""
    if request.method != "POST" or not request.target.lower().endswith("/$batch"):
        return None
    found: list[dict[str, Any]] = json.loads(request.body)["requests"]
    return found


def names(request: Request, response: Response) -> list[str]:
    """The exchanges that this request is: one, or the members of a batch in their order."""
    server = response.server
    if response.leg == "negotiate" or response.summary == SIGN_IN:
        return [f"{server} {SIGN_IN}"]
    if server == "graph":
        version, _, url = request.target.strip("/").partition("/")
        members = batch_members(request)
        urls = [url] if members is None else [str(member["url"]) for member in members]
        method = "GET" if members is not None else request.method
        return [f"graph {version} {method} /{unquote(one).lstrip('/')}" for one in urls]
    return [f"{server} {_PAGING.sub('', response.summary)}"]


def split(response: Response) -> dict[str, Answer]:
    """The answers in the answer to a `$batch`, by their ids."""
    found: dict[str, Answer] = {}
    for member in json.loads(response.body)["responses"]:
        headers = tuple(member.get("headers", {}).items())
        found[member["id"]] = Answer(member["status"], json.dumps(member["body"]).encode(), headers)
    return found


def joined(response: Response, answers: Sequence[tuple[str, Answer]]) -> Response:
    """The answer to a `$batch` of these answers; their bodies go in as they are, were they no JSON."""
    texts = [_member(name, answer) for name, answer in answers]
    return replace(response, body=b'{"responses":[' + b",".join(texts) + b"]}")


def _member(name: str, answer: Answer) -> bytes:
    head = json.dumps({"id": name, "status": answer.status, "headers": dict(answer.headers)})
    return head[:-1].encode() + (b',"body":' + answer.body if answer.body else b"") + b"}"


def alone(response: Response) -> Answer:
    """An answer that travels alone."""
    return Answer(response.status, response.body, response.headers)


def sent_alone(response: Response, answer: Answer) -> Response:
    """The response that carries this answer and nothing else."""
    return replace(response, status=answer.status, body=answer.body, headers=answer.headers)
