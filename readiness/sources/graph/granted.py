"""A sign-in that a person has done, whatever the way."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.refusals import sign_in_failure
from readiness.sources.graph.signin import is_token
from readiness.text import one_line

LONGEST_NAME = 256
_NAME = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class Granted:
    """A sign-in that was done. Nothing of it but the name may be told."""

    token: str = field(repr=False)
    ends: float
    """On the monotonic clock."""
    name: str | None
    account: Any = field(repr=False)
    cache: Any = field(repr=False)
    """MSAL's token cache."""

    def renewed(self, result: Any) -> Granted:
        """The same sign-in, with the token that MSAL's answer holds, where it is one."""
        token, seconds = result.get("access_token"), result.get("expires_in")
        if not is_token(token) or not isinstance(seconds, int):
            return self
        return replace(self, token=token, ends=time.monotonic() + seconds)


def granted(application: Any, result: Any) -> Granted:
    """What MSAL's application was given for a person.

    Raises:
        SourceError: refused, or no token that can be used.
    """
    found = result if isinstance(result, dict) else {}
    if isinstance(found.get("error"), str):  # the broker's refusals come as an answer; all others are raised before
        raise sign_in_failure(found["error"], str(found.get("error_description") or ""))
    if not is_token(found.get("access_token")):
        raise SourceError(Reason.BAD_ANSWER, "the sign-in host answered with no token that can be used")
    claims = found.get("id_token_claims")
    return Granted(
        token=found["access_token"],
        ends=time.monotonic() + int(found["expires_in"]),
        name=name_of(claims),
        account=_account(application, claims),
        cache=application.token_cache,
    )


def _account(application: Any, claims: Any) -> Any:
    """The account of who signed in; others may be in the cache from before."""
    accounts = application.get_accounts()
    oid = claims.get("oid") if isinstance(claims, dict) else None
    own = [account for account in accounts if oid and account.get("local_account_id") == oid]
    return next(iter(own or accounts), None)


def name_of(claims: Any) -> str | None:
    """The user principal name, where the token tells one that could be. It came straight from the sign-in host."""
    name = claims.get("preferred_username") if isinstance(claims, dict) else None
    fit = isinstance(name, str) and len(name) <= LONGEST_NAME and _NAME.fullmatch(name) and name == one_line(name, 999)
    return name if fit else None
