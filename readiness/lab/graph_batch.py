"""JSON batching: up to 20 requests in one, each with a status of its own, answered in no particular order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from readiness.lab.graph_answers import Answer, Call, GraphError

_MOST = 20


class Member(msgspec.Struct, frozen=True):
    """One request of a batch."""

    id: str
    method: str
    url: str
    headers: dict[str, str] = {}
    depends_on: list[str] = msgspec.field(name="dependsOn", default_factory=list)


class _Batch(msgspec.Struct, frozen=True):
    requests: list[Member]


_BATCH = msgspec.json.Decoder(_Batch)  # made once, before there are threads: two that make one at a time crash msgspec


def read(body: bytes) -> list[Member]:
    """The members of a batch.

    Raises:
        GraphError: no batch, more than 20 members, an id twice, a dependency that is not there.
    """
    try:
        members = _BATCH.decode(body).requests
    except msgspec.DecodeError as error:
        raise GraphError(400, "BadRequest", f"Invalid batch payload format: {error}") from error
    if len(members) > _MOST:
        words = f"Number of batch request steps exceeds the maximum value of {_MOST}."
        raise GraphError(400, "BadRequest", words)
    ids = {member.id for member in members}
    if len(ids) < len(members):
        raise GraphError(400, "BadRequest", "Request Id has to be unique in a batch.")
    if any(not ids.issuperset(member.depends_on) for member in members):
        raise GraphError(400, "BadRequest", "A dependency is not a request of the batch.")
    return members


def answer(members: list[Member], get: Callable[[Member], Answer], call: Call) -> Answer:
    """The whole answer: 200 as soon as the batch could be read, whatever became of its members."""
    answers: dict[str, Answer] = {}
    for member in members:
        answers[member.id] = _one(member, answers, get, call)
    # Last first: Graph keeps no order, so nobody may rely on one.
    responses = [_response(name, given) for name, given in reversed(answers.items())]
    return Answer(200, {"responses": responses})


def _one(member: Member, so_far: dict[str, Answer], get: Callable[[Member], Answer], call: Call) -> Answer:
    failed = [name for name in member.depends_on if name not in so_far or so_far[name].status >= 400]
    if failed:
        return GraphError(424, "FailedDependency", f"Failed dependency: {', '.join(failed)}").answer(call)
    if member.method.upper() != "GET":
        return GraphError(405, "MethodNotAllowed", "The lab is read only.").answer(call)
    return get(member)


def _response(name: str, given: Answer) -> dict[str, Any]:
    headers = {**dict(given.headers), "Content-Type": "application/json", "Cache-Control": "no-cache"}
    return {"id": name, "status": given.status, "headers": headers, "body": given.body}
