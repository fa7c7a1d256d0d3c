"""The cloud half as a source of evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from readiness.errors import SourceError
from readiness.model.disclosure import WHOLE_TENANT
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.settings import Scope
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from readiness.sources.graph.browser import WAIT_SECONDS, BrokerPrompt, BrowserPrompt, browse
from readiness.sources.graph.client import GraphClient
from readiness.sources.graph.credentials import Credential, Person
from readiness.sources.graph.device import LONGEST_CODE_SECONDS, Prompt, grant
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.granted import Granted
from readiness.sources.graph.managed import ManagedIdentity
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.rules import entra_rules, graph_rules, person_rules
from readiness.sources.graph.session import GraphSession
from readiness.sources.graph.signin import SignIn
from readiness.sources.guard import GuardedSession, Rules, guarded_session
from readiness.sources.outside import Graph, guest_jobs
from readiness.sources.reader import Finding, Heard, Job, Reader, jobs
from readiness.sources.route import DIRECT, Route

MOST_READERS = 32

AnyPrompt = Prompt | BrowserPrompt | BrokerPrompt
"""What a person is to be shown, by the way to sign in."""


class GraphSource:
    """Microsoft Graph, signed in to by an application or by a person through one.

    Args:
        credential: how to sign in. A `Person` has to do so, by `sign_in`, before anything is read.
        login: sign-in host, as `https://login.microsoftonline.com`.
        graph: Graph host, as `https://graph.microsoft.com`.
        ca_bundle: certificate authorities for both; None: the system's.
        cloud: `[tenant] cloud`.
        scope: whom and what the roll-out is about; None: nobody is named.
        clouds: the other clouds, by the name that tenants there have of theirs, in words.
        route_to: the way to either host, a proxy included.
        guests: readers of plugins. They come after ours, and nothing of ours waits for them.
    """

    half = Half.TENANT
    workers = MOST_READERS

    def __init__(
        self,
        tenant: str,
        client_id: str,
        credential: Credential,
        *,
        login: str,
        graph: str,
        deadline: Deadline,
        ca_bundle: Path | None = None,
        cloud: str = "public",
        scope: Scope | None = None,
        clouds: Mapping[str, str] | None = None,
        route_to: Callable[[str], Route] = lambda _origin: DIRECT,
        guests: Sequence[Reader[Any, Any]] = (),
    ) -> None:
        self._login = login
        self._guests = guests

        def entra(until: Deadline, rules: Rules) -> EntraClient:
            def session() -> GuardedSession:
                return guarded_session(login, rules, until, ca_bundle=ca_bundle, route=route_to(login))

            return EntraClient(login, session, until, secrets=credential.secrets, clouds=clouds)

        def sign_in(through: EntraClient) -> SignIn:
            return SignIn(f"{login}/{tenant}", client_id, credential, self._scope, through)

        self._scope = f"{graph}/.default"
        self._client_id = client_id
        self._credential = credential
        self._entra = entra(deadline, entra_rules)
        self._aside: Callable[[Deadline], SignIn] = lambda until: sign_in(entra(until, person_rules))
        self._client = GraphClient(
            graph,
            sign_in(self._entra),
            lambda: guarded_session(graph, graph_rules, deadline, ca_bundle=ca_bundle, route=route_to(graph)),
            deadline,
        )
        delegated = isinstance(credential, Person)
        self._session = GraphSession(
            self._client, tenant, entra=self._entra, cloud=cloud, scope=scope, delegated=delegated
        )
        if self.person is not None:  # who may have signed in for an earlier reading
            self._session.signed_in = self.person.name

    @property
    def identity(self) -> str:
        """Who reads: the application, or the person through it."""
        person = self.person
        if isinstance(self._credential, ManagedIdentity):
            return self._credential.label
        if person is None or person.granted is None:
            return f"application {self._client_id}"
        return f"{person.label} by application {self._client_id}"

    @property
    def person(self) -> Person | None:
        """Who signs in; None where it is an application."""
        return self._credential if isinstance(self._credential, Person) else None

    def sign_in(self, show: Callable[[AnyPrompt], None]) -> None:
        """Let a person sign in, where one is to; their way sets the limit, not the deadline of the reading.

        Where it fails nothing is raised: every reading says why. An application signs in when it is first needed.
        """
        person = self.person
        if person is None:
            return
        until = Deadline(WAIT_SECONDS if person.way == "interactive" else LONGEST_CODE_SECONDS)
        try:
            person.granted = self._aside(until).through(lambda application: self._ask(person, application, until, show))
        except SourceError as error:
            person.failed = error
        self._session.signed_in = person.name

    def _ask(self, person: Person, application: Any, until: Deadline, show: Callable[[AnyPrompt], None]) -> Granted:
        known = person.kept.sign_in(application, self._scope) if person.kept is not None else None
        if known is not None:
            return known
        if person.way == "device-code":
            done = grant(application, self._scope, until, show)
        else:
            done = browse(application, self._scope, until, show, origin=self._login, broker=person.broker)
        if person.kept is not None:
            person.kept.keep(application, done)
        return done

    def resume(self, name: str | None) -> None:
        """Go on after the sign-in of a person that was recorded, where one is to sign in."""
        if self.person is not None:
            self.person.granted = Granted("no token", math.inf, name, None, None)
            self._session.signed_in = name

    def close(self) -> None:
        """Close the connections: nothing more is read."""
        self._client.close()
        self._entra.close()

    @property
    def simulated(self) -> bool:
        return self._client.simulated or self._entra.simulated

    @property
    def heard(self) -> tuple[Heard, ...]:
        """How every call ended so far."""
        return tuple(self._session.heard)

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        bound = tuple(job for reader in READERS for job in jobs((reader,), self._session.of(reader), facts))
        self._client.gatherer.expect(len(bound), self.workers)
        ours = tuple(replace(job, run=self._counted(job)) for job in bound)
        return (*ours, *guest_jobs(self._guests, lambda reader: Graph(self._session.of(reader)), facts))

    def _counted(self, job: Job) -> _Counted:
        return _Counted(self._client, job)

    def scope(self, _readings: Sequence[Reading[Fact]]) -> str | None:
        """An application permission covers the whole tenant; a person sees what their roles let them see. What is
        missing is named by the reading itself."""
        person = self.person
        if person is None:
            return WHOLE_TENANT
        return f"what {person.label} may see in the portal, by delegated permissions" if person.granted else None


class _Counted:
    """A job that the gatherer counts, so that it can tell when nobody is left who could still ask."""

    def __init__(self, client: GraphClient, job: Job) -> None:
        self._client = client
        self._job = job

    def __call__(self) -> Finding[Fact]:
        with self._client.gatherer.reader():
            return self._job.run()
