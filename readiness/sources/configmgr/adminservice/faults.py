"""What the administration service says when it does not answer.

The form of its errors (`error.code`, `.message`, `.innererror`) is known from clients only; an HRESULT of WMI, where
the text holds one, says more than the status. English sentences are shown, never matched.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.causes import NOT_ADMIN
from readiness.sources.configmgr.faults import MEANINGS, UNKNOWN, Meaning
from readiness.sources.configmgr.provider import ProviderFault, Unknown
from readiness.text import one_line

Asked = Literal["rows", "instance", "method"]

_SCHEMA = MEANINGS[0x80041017]
_STATUSES: dict[int, Meaning] = {
    400: _SCHEMA,
    403: Meaning(NOT_ADMIN.reason, NOT_ADMIN.told("")),
    404: _SCHEMA,
    408: MEANINGS[0x80041069],
    429: MEANINGS[0x8004106C],
    503: MEANINGS[0x8004106C],
    504: MEANINGS[0x80041069],
}
_UNKNOWN: dict[tuple[int, Asked], Unknown] = {
    (400, "rows"): "column",
    (404, "rows"): "class",
    (404, "method"): "method",
}
_HRESULT = re.compile(r"\b0x8[0-9a-fA-F]{7}\b")


class ServiceFault(ProviderFault):
    """An answer that is an error.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, document: Any, where: str, asked: Asked) -> None:
        error = document.get("error") if isinstance(document, dict) else None
        code = _hresult(error)
        bad = Meaning(Reason.BAD_ANSWER, "the service could not answer")
        meaning = MEANINGS.get(code) or _STATUSES.get(status, bad)
        self.status = status
        self.unknown = UNKNOWN.get(code) or _UNKNOWN.get((status, asked))
        said = _words(error)
        number = f", 0x{code:08X}" if code else ""
        super().__init__(
            meaning.reason, f"{where}: {meaning.words}; status {status}{number}{': ' if said else ''}{said}"
        )


def failure(status: int, document: Any, where: str, asked: Asked) -> SourceError:
    """What a status other than success means; without an error document it may not be the service that speaks."""
    speaks = isinstance(document, dict) and isinstance(document.get("error"), dict)
    if speaks or status in (403, 408, 429, 500, 503, 504):
        return ServiceFault(status, document, where, asked)
    return no_service(status, where)


def no_service(status: int, where: str) -> SourceError:
    """Something answers there, but not the administration service."""
    return SourceError(
        Reason.WRONG_TARGET,
        f"{where} has no administration service (status {status}): check server and port; it runs where the SMS "
        'Provider does, or use transport = "winrm"',
    )


def _hresult(error: Any) -> int:
    """The last number of WMI or Windows in an error that we know; 0 where there is none."""
    found = [int(text, 16) for text in _HRESULT.findall(json.dumps(error))] if error else []
    return next((code for code in reversed(found) if code in MEANINGS), 0)


def _words(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    return one_line(message, 300) if isinstance(message, str) else ""
