"""The cloud half as a source of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.settings import Scope
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from readiness.sources.graph.client import GraphClient
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.rules import entra_rules, graph_rules
from readiness.sources.graph.session import GraphSession
from readiness.sources.graph.signin import SignIn
from readiness.sources.guard import guarded_session
from readiness.sources.reader import Finding, Job, jobs

MOST_READERS = 32


class GraphSource:
    """Microsoft Graph, signed in to with a client secret.

    Args:
        login: sign-in host, as `https://login.microsoftonline.com`.
        graph: Graph host, as `https://graph.microsoft.com`.
        ca_bundle: certificate authorities for both; None: the system's.
        cloud: `[tenant] cloud`.
        scope: whom and what the roll-out is about; None: nobody is named.
    """

    half = Half.TENANT
    workers = MOST_READERS

    def __init__(
        self,
        tenant: str,
        client_id: str,
        secret: str,
        *,
        login: str,
        graph: str,
        deadline: Deadline,
        ca_bundle: Path | None = None,
        cloud: str = "public",
        scope: Scope | None = None,
    ) -> None:
        self.identity = f"application {client_id}"
        self._entra = EntraClient(
            login, lambda: guarded_session(login, entra_rules, deadline, ca_bundle=ca_bundle), secret, deadline
        )
        sign_in = SignIn(f"{login}/{tenant}", client_id, secret, f"{graph}/.default", lambda: self._entra)
        self._client = GraphClient(
            graph, sign_in, lambda: guarded_session(graph, graph_rules, deadline, ca_bundle=ca_bundle), deadline
        )
        self._session = GraphSession(self._client, tenant, entra=self._entra, cloud=cloud, scope=scope)

    @property
    def simulated(self) -> bool:
        return self._client.simulated or self._entra.simulated

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        bound = tuple(job for reader in READERS for job in jobs((reader,), self._session.of(reader), facts))
        self._client.gatherer.expect(len(bound), self.workers)
        return tuple(Job(job.fact, job.source, self._counted(job)) for job in bound)

    def _counted(self, job: Job) -> _Counted:
        return _Counted(self._client, job)

    def scope(self, _readings: Sequence[Reading[Fact]]) -> str | None:
        """An application permission covers the whole tenant; what is missing is named by the reading itself."""
        return "the whole tenant, by application permissions"


class _Counted:
    """A job that the gatherer counts, so that it can tell when nobody is left who could still ask."""

    def __init__(self, client: GraphClient, job: Job) -> None:
        self._client = client
        self._job = job

    def __call__(self) -> Finding[Fact]:
        with self._client.gatherer.reader():
            return self._job.run()
