"""What a reader of the cloud half is given."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from readiness.errors import SourceError
from readiness.model.facts import Organization
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.graph.client import GraphClient
from readiness.sources.graph.entra import EntraClient, Metadata
from readiness.sources.graph.questions import Outcome, Pages, Question, got
from readiness.sources.reader import Call, Finding, Heard, Reader
from readiness.text import one_line


class GraphSession:
    """What a reader of the cloud half is given.

    Args:
        tenant: as configured, a GUID or a domain.
        calls: what its reader declares.
        entra: the sign-in host.
        cloud: `[tenant] cloud`.
        scope: what the roll-out is about: the administrators and groups to ask for.
        delegated: whether a person signed in, and not the application itself.
        signed_in: the person who signed in, where the sign-in tells who it is.
    """

    def __init__(
        self,
        client: GraphClient,
        tenant: str,
        calls: tuple[Call, ...] = (),
        *,
        entra: EntraClient | None = None,
        cloud: str = "public",
        scope: Scope | None = None,
        delegated: bool = False,
        signed_in: str | None = None,
    ) -> None:
        self.client = client
        self.scope = scope or Scope()
        self.delegated = delegated
        self.signed_in = signed_in
        self.cloud = cloud
        self.tenant = tenant
        self.heard: list[Heard] = []
        """How every call ended so far, of all readers; a reader may do without an answer, and say nothing of it."""
        self._entra = entra
        self._calls = calls

    def of(self, reader: Reader[GraphSession, Any]) -> GraphSession:
        """The session for one reader."""
        session = copy(self)
        session._calls = reader.calls
        return session

    def metadata(self) -> Metadata:
        """What the sign-in host says of the tenant to everybody, signed in or not.

        Raises:
            SourceError: no such tenant, unreachable, or no such document.
        """
        if self._entra is None:
            raise LookupError("a session without a sign-in host")
        return self._entra.metadata(self.tenant)

    def rows(self, version: str, path: str) -> Pages:
        """Every row of a collection, to its end, by a call that the reader declares.

        Raises:
            SourceError: as `GraphClient.rows`; a missing permission is named as the reader declares it.
            LookupError: the reader does not declare this call, which is a bug; nothing was sent.
        """
        return got(self.ask(Question(version, path))[0])

    def ask(self, *questions: Question) -> list[Outcome]:
        """The answers to several questions at the same time, by calls that the reader declares. Readers that run at the
        same time share exchanges round by round: a reader is quick that asks what it can at once.

        What cannot be read is returned in its place, and raised by `got`.

        Raises:
            SourceError: the deadline passed first.
            LookupError: the reader does not declare one of these calls, which is a bug; nothing was sent.
        """
        calls = [self._declared(one.call) for one in questions]
        asked = [replace(one, rights=call.rights) for one, call in zip(questions, calls, strict=True)]
        outcomes = self.client.together(asked)
        self.heard += [
            Heard(call, outcome if isinstance(outcome, SourceError) else None)
            for call, outcome in zip(calls, outcomes, strict=True)
        ]
        return outcomes

    def _declared(self, asked: str) -> Call:
        for call in self._calls:
            if call.matches(asked):
                return call
        raise LookupError(f"a call that no reader declares: {asked}")

    def must_be_ours(self, organization: Organization) -> None:
        """The organization of the token must be the configured tenant, by its id or one of its domains."""
        if self.tenant.casefold() not in organization.names:
            found = one_line(organization.label)
            raise SourceError(
                Reason.WRONG_TARGET,
                f"the sign-in leads to {found}, which is not the tenant {self.tenant} of the configuration",
            )


def finding(value: Any, pages: Pages, rows: int | None = None) -> Finding[Any]:
    """A fact made of these pages; of so many rows, where those of the pages do not map one to one."""
    held = len(pages.rows) if rows is None else rows
    return Finding(value, held, pages.query, pages.request_id, pages.clock_skew_seconds)


def first_of(value: Any, questions: Sequence[Question], outcomes: Sequence[Outcome], rows: int) -> Finding[Any]:
    """A fact made of several answers, one of them its proof; that there is nothing of a name is an answer, too. Where
    nothing was asked, nothing proves it."""
    for outcome in outcomes:
        if isinstance(outcome, Pages):
            return finding(value, outcome, rows)
    if not questions:
        return Finding(value, rows)
    return Finding(value, rows, questions[0].query, outcomes[0].request_id)
