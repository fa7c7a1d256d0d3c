"""What readers ask Microsoft Graph for, and the way of one question through its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph import answers
from readiness.sources.graph.answers import Reply
from readiness.sources.graph.errors import graph_failure
from readiness.sources.plain import stays_below

MAX_PAGES = 2000
_PLAIN = re.compile(r"[!-~]+")
"""Characters of a link that can be followed as it is written."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is sent for one page: a GET or, where it has a body, a POST to a report action."""

    version: str
    path: str
    headers: Headers = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A collection of Microsoft Graph, an object of it, or a report."""

    version: str
    path: str
    """With the query; every name in it percent-encoded."""
    headers: Headers = ()
    body: str | None = None
    """JSON of a report action's parameters; None: a GET."""
    single: bool = False
    """One object rather than a collection."""
    most: int | None = None
    """So many rows are enough: further pages are not asked for. None: to the end."""
    rights: tuple[str, ...] = ()
    """Any one of them is enough, the least first."""

    @property
    def name(self) -> str:
        """The path as messages name it."""
        return self.path.partition("?")[0]

    @property
    def call(self) -> str:
        """The call as a reader declares it."""
        return f"Graph {self.version} {'' if self.body is None else 'POST '}{self.name}"

    @property
    def query(self) -> str:
        return f"{'GET' if self.body is None else 'POST'} /{self.version}{self.path}"


@dataclass(frozen=True, slots=True)
class Pages:
    """All rows of a collection, or the one object, and what proves where they came from."""

    rows: tuple[Mapping[str, Any], ...]
    query: str
    request_id: str | None
    """Of the last page."""
    clock_skew_seconds: float | None

    @property
    def object(self) -> Mapping[str, Any]:
        """What a question for one object was answered with."""
        return self.rows[0]


Outcome = Pages | SourceError


class Walk:
    """One question on its way from page to page.

    Args:
        origin: where Microsoft Graph is; no page lies elsewhere.
    """

    def __init__(self, question: Question, origin: str) -> None:
        self.question = question
        self.outcome: Outcome | None = None
        """None until the last page, or an error, was seen."""
        self._origin = origin
        self._next = question.path
        self._seen = {question.path}
        self._rows: list[Mapping[str, Any]] = []

    @property
    def ask(self) -> Ask:
        """The page that comes next."""
        question = self.question
        return Ask(question.version, self._next, question.headers, question.body)

    def take(self, reply: Reply | BaseException, clock_skew_seconds: float | None) -> None:
        """Go on with the answer to `ask`. Raises what is no answer and no failure of the source: a bug of ours."""
        try:
            if isinstance(reply, BaseException):
                raise reply
            link = self._page(reply)
        except SourceError as error:
            self.outcome = error
            return
        if link is None:
            self.outcome = Pages(tuple(self._rows), self.question.query, reply.request_id, clock_skew_seconds)
        else:
            self._next = link

    def _page(self, reply: Reply) -> str | None:
        """Keep what the page holds; returns the path of the next one."""
        name = self.question.name
        if reply.status != 200:
            raise graph_failure(reply.status, reply.headers, reply.body, path=name, permissions=self.question.rights)
        if self.question.single:
            self._rows.append(answers.single(reply.body, name))
            return None
        self._rows += answers.rows(reply.body, name)
        enough = self.question.most is not None and len(self._rows) >= self.question.most
        link = None if enough else self._following(reply.body.get("@odata.nextLink"))
        if link in self._seen or len(self._seen) >= MAX_PAGES:
            raise SourceError(Reason.BAD_ANSWER, f"the pages of {name} do not end")
        if link is not None:
            self._seen.add(link)
        return link

    def _following(self, link: Any) -> str | None:
        """The path of the next page. A link to another place is refused before anything is sent."""
        if link is None:
            return None
        prefix = f"{self._origin}/{self.question.version}"
        path = link[len(prefix) :] if isinstance(link, str) and _PLAIN.fullmatch(link) else ""
        same = path.startswith("/") and link[: len(prefix)].lower() == prefix.lower()
        if not same or "#" in path or not stays_below(path.split("?")[0]):
            words = f"Microsoft Graph names a next page of {self.question.name} that is somewhere else"
            raise SourceError(Reason.BAD_ANSWER, words)
        return path


def got(outcome: Outcome) -> Pages:
    """What was answered. Raises the failure, where it is one."""
    if isinstance(outcome, SourceError):
        raise outcome
    return outcome


HIDDEN = (Reason.MISSING_PERMISSION, Reason.ACCESS_DENIED, Reason.UNSUPPORTED_VERSION)
"""Why something cannot be read by this account or in this cloud, now or later."""


def visible(outcome: Outcome) -> Pages | None:
    """What was answered; None where the account or the cloud does not let it be read. Any other failure is raised: it
    says nothing of what could be read, and the next scan may."""
    if isinstance(outcome, SourceError) and outcome.reason in HIDDEN:
        return None
    return got(outcome)
