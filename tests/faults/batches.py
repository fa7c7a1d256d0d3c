"""What goes wrong with the answer to a `$batch`: with one member of it, or with what holds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from readiness.lab.server import Response
from tests.faults.exchanges import batch_members
from tests.faults.striking import Fault, Struck

Member = dict[str, Any]


def _responses(change: Callable[[list[Member], Member], Any]) -> Callable[[Struck], Response | None]:
    """The list of answers changed; given it, and the answer that is meant."""

    def struck(met: Struck) -> Response | None:
        members = batch_members(met.request)
        if members is None or met.member is None:
            return None
        found: list[Member] = json.loads(met.response.body)["responses"]
        meant = next(one for one in found if one["id"] == members[met.member]["id"])
        return replace(met.response, body=json.dumps({"responses": change(found, meant)}).encode())

    return struck


def _with(**changed: Any) -> Callable[[Struck], Response | None]:
    return _responses(lambda found, meant: [{**one, **changed} if one is meant else one for one in found])


def _throttled(headers: dict[str, str]) -> Callable[[Struck], Response | None]:
    body = {"error": {"code": "TooManyRequests", "message": "Please retry again later."}}
    return _with(status=429, headers=headers, body=body)


def faults() -> tuple[Fault, ...]:
    """Of one member; those that break the whole say so by losing all that travelled together."""
    found = {
        "a member left out": _responses(lambda found, meant: [one for one in found if one is not meant]),
        "a member twice": _responses(lambda found, meant: [*found, meant]),
        "a member that was not asked for": _responses(lambda found, meant: [*found, {**meant, "id": "99"}]),
        "a member of another id": _with(id="99"),
        "a member whose id is a number": _with(id=0),
        "a member without id": _responses(lambda found, meant: [_less(one, meant, "id") for one in found]),
        "a member that is null": _responses(lambda found, meant: [None if one is meant else one for one in found]),
        "a member whose status is a text": _with(status="200"),
        "a member whose status is a flag": _with(status=True),
        "a member without status": _responses(lambda found, meant: [_less(one, meant, "status") for one in found]),
        "a member whose status is 0": _with(status=0),
        "a member whose status is 5,000": _with(status=5000),
        "a member whose headers are a list": _with(headers=[7]),
        "a member without body": _responses(lambda found, meant: [_less(one, meant, "body") for one in found]),
        "a member whose body is a text": _with(body="<html>Sign in to the proxy</html>"),
        "a member whose body is a list": _with(body=[]),
        "a member whose body is encoded": _with(body="eyJ2YWx1ZSI6W119"),
        "a member with 424": _with(status=424, body={"error": {"code": "FailedDependency", "message": "no"}}),
        "answers that are an object": _responses(lambda found, _meant: {one["id"]: one for one in found}),
        "answers that are null": _responses(lambda _found, _meant: None),
        "no answers": _responses(lambda _found, _meant: []),
    }
    throttled = {
        "a member put off, in seconds": {"Retry-After": "3"},
        "a member put off, in small letters": {"retry-after": "3"},
        "a member put off, no header": {},
        "a member put off until a date": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"},
    }
    return (
        *(Fault(name, wire=wire, in_batch=True) for name, wire in found.items()),
        # Asked anew it goes alone, or in another batch, where this does not strike it any more.
        *(
            Fault(name, wire=_throttled(headers), in_batch=True, heals=True, harmless=True)
            for name, headers in throttled.items()
        ),
        Fault("a member put off for ever", wire=_throttled({"Retry-After": "99999999"}), in_batch=True),
    )


def _less(one: Member, meant: Member, name: str) -> Member:
    return {key: value for key, value in one.items() if key != name} if one is meant else one
