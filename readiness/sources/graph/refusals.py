"""How Entra ID refuses a sign-in, as dated data: `refusals.toml` beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.text import one_line

_NUMBER = re.compile(r"AADSTS(\d{4,7})\b", re.ASCII)

_DEVICE: Mapping[str, str] = {
    "access_denied": "the person declined it",
    "authorization_declined": "the person declined it",
    "expired_token": "nobody signed in before the code ended; scan again",
}
"""Ends of a sign-in by device code, where no number says more. Source: identity platform, device authorization grant;
RFC 8628, section 3.5."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one number means."""

    reason: Reason
    words: str
    documented: bool
    """Whether Microsoft says so; else public reports do."""


@cache
def refusals() -> Mapping[int, Refusal]:
    """Every refusal of the table, by AADSTS number. Read when the first sign-in is refused."""
    import tomllib

    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        number: Refusal(Reason(row["reason"]), row["words"], known == "documented")
        for row in table["refusal"]
        for known in ("documented", "reported")
        for number in row.get(known, ())
    }


def sign_in_failure(error: str, description: str) -> SourceError:
    """A refused sign-in. `error` and `description` are the OAuth fields of the answer."""
    said = one_line(description.split("Trace ID:")[0], 300) or one_line(error, 100)
    number = _NUMBER.search(description)
    known = refusals().get(int(number[1])) if number else None
    if number and known is not None:
        own = "" if known.documented else f" (Entra ID's own words: {one_line(said, 200)})"
        words = f"Entra ID refused the sign-in (AADSTS{number[1]}): {known.words}{own}"
        return SourceError(known.reason, words)
    if error in _DEVICE:
        return SourceError(Reason.SIGN_IN_FAILED, f"Entra ID ended the sign-in by device code: {_DEVICE[error]}")
    return SourceError(Reason.SIGN_IN_FAILED, f"Entra ID refused the sign-in: {said}")
