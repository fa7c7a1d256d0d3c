"""Sign-in of a person by device code (RFC 8628): shown a place and a code, asked for until it is done there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.entra import PENDING
from readiness.sources.graph.granted import Granted, granted

LONGEST_CODE_SECONDS = 1800
"""No code lives longer; Entra ID gives 900 seconds. Source: identity platform, device authorization grant."""
LONGEST_INTERVAL_SECONDS = 60

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9./_-]*)?")
_CODE = re.compile(r"[A-Za-z0-9-]{4,32}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person is to be shown."""

    address: str
    code: str
    seconds: int
    """How long the code is good for."""


def grant(application: Any, scope: str, deadline: Deadline, show: Callable[[Prompt], None]) -> Granted:
    """Let a person sign in; comes back when that is done, refused, or the code has ended.

    Args:
        application: MSAL's.
        scope: what for, as `https://graph.microsoft.com/.default`: the delegated permissions of the application.
        show: tells the person where to go, and the code.

    Raises:
        SourceError: refused, declined, too late, or an answer that cannot be used.
    """
    flow = application.initiate_device_flow(scopes=[scope])
    prompt = _prompt(flow)
    ends = time.monotonic() + prompt.seconds
    show(prompt)
    while True:
        if not deadline.wait(flow["interval"]) or time.monotonic() > ends:
            raise SourceError(Reason.SIGN_IN_FAILED, "nobody signed in before the code ended; scan again")
        # One question a time, at our pace: MSAL's own waiting knows no cancelling.
        result = application.acquire_token_by_device_flow({**flow, "latest_attempt_at": 0}, exit_condition=_at_once)
        if result.get("error") == "slow_down":
            flow["interval"] += 5  # RFC 8628, section 3.5
        if result.get("error") not in PENDING:
            return granted(application, result)


def _at_once(_flow: object) -> bool:
    return True


def _prompt(flow: dict[str, Any]) -> Prompt:
    """What the person is shown. It comes from the sign-in host, and is believed in form only."""
    address, code = flow.get("verification_uri"), flow.get("user_code")
    seconds, interval, device = flow["expires_in"], flow["interval"], flow.get("device_code")
    if not (isinstance(address, str) and _ADDRESS.fullmatch(address)):
        raise _unusable("no place that could be shown")
    if not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise _unusable("no code that could be shown")
    if not (0 < seconds <= LONGEST_CODE_SECONDS and 0 < interval <= LONGEST_INTERVAL_SECONDS and device):
        raise _unusable("times that cannot be kept")
    return Prompt(address, code, seconds)


def _unusable(what: str) -> SourceError:
    return SourceError(Reason.BAD_ANSWER, f"the sign-in host answered with {what}; nobody was asked to sign in")
