"""Answers of Microsoft Graph, taken apart strictly: what is not exactly an answer is `bad-answer`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from readiness import documents
from readiness.errors import SourceError
from readiness.model.words import Reason

if TYPE_CHECKING:
    from requests import Response

JSON = "application/json"
STREAM = "application/octet-stream"
"""How the report actions of Intune name the JSON that they answer."""
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one GET, alone or as a member of a batch. Header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request_id(self) -> str | None:
        """What Microsoft's support asks for."""
        return request_id(self.headers, "request-id")


def request_id(headers: Mapping[str, str], name: str) -> str | None:
    """The id of a request, from a header of this name; None where it is not in the form of one."""
    value = headers.get(name, "")
    return value if _REQUEST_ID.fullmatch(value) else None


def reply(response: Response, kinds: Sequence[str] = (JSON,)) -> Reply:
    """An answer as a whole; without body where an error carries no JSON.

    Args:
        kinds: the content types that stand for JSON here.

    Raises:
        SourceError: it says that all is well, and is no document.
    """
    return Reply(response.status_code, document(response, "Microsoft Graph", kinds), lowered(response.headers))


def document(response: Response, who: str, kinds: Sequence[str] = (JSON,)) -> Any:
    """The JSON document of an answer; None for an error answer that carries none.

    Raises:
        SourceError: it says that all is well, and is no document.
    """
    found, words = None, f"{who} answered with something that is no JSON: a proxy or a portal may stand in the way"
    if response.headers.get("Content-Type", "").split(";")[0].strip().lower() in kinds:
        words = f"{who} answered with JSON that is broken"
        try:
            return documents.parse(response.content)
        except ValueError:
            found = None
    if response.status_code == 200:
        raise SourceError(Reason.BAD_ANSWER, words)
    return found


def lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def members(batch: Reply, expected: int) -> list[Reply | SourceError]:
    """The answers of a `$batch`, in the order of the questions, whose ids are their numbers. One may be missing.

    Raises:
        SourceError: an answer that is none, that answers what was not asked, or what is answered already: after that
            no answer can be trusted to belong to its question.
    """
    answers = batch.body.get("responses") if isinstance(batch.body, dict) else None
    if not isinstance(answers, list):
        raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered a $batch without a list of answers")
    open_ = {str(number) for number in range(expected)}
    found: dict[str, Reply] = {}
    for answer in answers:
        name, member = _member(answer, batch.headers)
        if name not in open_:
            raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph mixed up the answers of a $batch")
        open_.remove(name)
        found[name] = member
    return [found.get(str(number)) or _unanswered() for number in range(expected)]


def _member(answer: Any, outer: Mapping[str, str]) -> tuple[str, Reply]:
    fields = answer if isinstance(answer, dict) else {}
    name, status, headers = fields.get("id"), fields.get("status"), fields.get("headers") or {}
    if not isinstance(name, str) or type(status) is not int or not isinstance(headers, dict):
        raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered a part of a $batch with something else")
    inherited = {key: outer[key] for key in ("request-id", "date") if key in outer}
    return name, Reply(status, fields.get("body"), {**inherited, **lowered(headers)})


def _unanswered() -> SourceError:
    return SourceError(Reason.BAD_ANSWER, "Microsoft Graph left a part of a $batch unanswered")


def rows(body: Any, path: str) -> list[Mapping[str, Any]]:
    """The rows of one page.

    Raises:
        SourceError: it is no page.
    """
    found = body.get("value") if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered {path} without a list of rows")
    return found


def single(body: Any, path: str) -> Mapping[str, Any]:
    """The one object of an answer.

    Raises:
        SourceError: it is none.
    """
    if not isinstance(body, dict):
        raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered {path} with no object")
    return body
