"""Sign-in by device code: the lab's person answers as the scenario says, after being asked for some times."""

from __future__ import annotations

import secrets
import string
import threading
import time
from dataclasses import dataclass
from typing import Any

from readiness.lab.refusals import RefusalError
from readiness.lab.scenario import Person

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL_SECONDS = 1
PAGE = "devicelogin"
WORDS = b"Nothing to do here: the person of the simulated estate answers as its scenario says.\n"
_SIGNS = "".join(sign for sign in string.ascii_uppercase + string.digits if sign not in "AEIOU01")


@dataclass(slots=True)
class _Code:
    ends: float
    asked: int = 0


class Devices:
    """The codes that were given out, and what became of them."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()

    def begin(self, origin: str) -> dict[str, Any]:
        """A new code, as the endpoint answers it."""
        code, user_code = secrets.token_urlsafe(48), "".join(secrets.choice(_SIGNS) for _ in range(9))
        with self._lock:
            self._codes[code] = _Code(time.monotonic() + self._person.code_seconds)
        address = f"{origin}/{PAGE}"
        return {
            "user_code": user_code,
            "device_code": code,
            "verification_uri": address,
            "expires_in": self._person.code_seconds,
            "interval": INTERVAL_SECONDS,
            "message": f"To sign in, use a web browser to open the page {address} and enter the code {user_code}.",
        }

    def redeem(self, code: str) -> None:
        """Take a code that the person has answered with yes; it is good once.

        Raises:
            RefusalError: not yet, no, too late, or no such code.
        """
        with self._lock:
            known = self._codes.get(code)
            if known is None:
                raise RefusalError(None, "bad_verification_code", "The device code was not recognized.")
            if time.monotonic() > known.ends:
                raise RefusalError(None, "expired_token", "The device code has expired.")
            known.asked += 1
            self._answer(known.asked)
            del self._codes[code]

    def _answer(self, asked: int) -> None:
        person = self._person
        if asked <= person.slow_down:
            raise RefusalError(None, "slow_down", "The code is asked for too often.")
        if person.answer == "ignore" or asked <= person.slow_down + person.pending:
            words = "OAuth 2.0 device flow error. Authorization is pending."
            raise RefusalError(70016, "authorization_pending", words)
        if person.answer == "decline":
            raise RefusalError(None, "authorization_declined", "The end user denied the authorization request.")
        if person.answer == "blocked":
            raise RefusalError(53003, "access_denied", "Access has been blocked by Conditional Access policies.")
