"""A reader: a function that turns answers of one source into one fact, and declares its calls and their rights."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from readiness.errors import SourceError
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.words import Half

F = TypeVar("F", bound=Fact)
S = TypeVar("S", contravariant=True)


@dataclass(frozen=True, slots=True)
class Finding(Generic[F]):
    """What a reader found: the fact, and what proves where it came from."""

    value: F
    rows: int
    query: str | None = None
    request_id: str | None = None
    clock_skew_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a reader makes, as `readiness permissions` lists it; the same over every transport.

    `name` is a template, in which `{...}` stands for what the estate decides, without a slash, and a query is left out:

        Graph v1.0 /organization                            GET; further pages are the same call
        Graph beta /deviceManagement/intents/{id}/settings  GET of something below each of several rows
        Graph beta POST /deviceManagement/reports/getX      a report action
        Entra ID /{tenant}/v2.0/x                           GET without sign-in, from the sign-in host
        SMS_Site                                            rows of a class in the namespace of the site
        root\\sms SMS_ProviderLocation                      rows of a class in another namespace
        SMS_Admin(AdminID)                                  one instance by its key, lazy columns filled
        SMS_CoMgmtConfigs.GetTenantCollectionMapping        a getter

    `rights`: any one of them is enough, the least first; left out, those of the reader. `when` says, in words, in which
    estates the call is made; empty: in every estate.
    """

    name: str
    rights: tuple[str, ...] = ()
    when: str = ""

    def matches(self, asked: str) -> bool:
        """Whether a call that was made is this one."""
        parts = re.split(r"\{[^}]*\}", self.name)
        return re.fullmatch("[^/]+".join(re.escape(part) for part in parts), asked) is not None


@dataclass(frozen=True, slots=True)
class Heard:
    """How one call ended: `failure` is None where it was answered."""

    call: Call
    failure: SourceError | None


@dataclass(frozen=True, slots=True)
class Reader(Generic[S, F]):
    """How one fact is learned from a session `S`.

    A reader declares every call that it makes: `readiness permissions` lists them before anybody grants anything, and a
    test compares them with what a scan really asked. A reader that makes one call declares it by its `source`. One that
    makes several names all of them in `calls`, with rights of their own where they differ:

        Reader(AttachApplication, "Graph v1.0 /servicePrincipals", ("Application.Read.All",), _application, calls=(
            Call("Graph v1.0 /servicePrincipals"),
            Call("Graph v1.0 /servicePrincipals/{id}/appRoleAssignments"),
            Call("Graph v1.0 /users/{id}", ("User.ReadBasic.All",), when="administrators are named"),
        ))
    """

    fact: type[F]
    source: str
    """Endpoint or class, for people: the same over every transport. In the form of `Call.name` where it is the call."""
    rights: tuple[str, ...]
    """What the reading account needs, any one of them, the least first: Graph permissions, or roles of the site. None:
    it is read without signing in."""
    read: Callable[[S], Finding[F]]
    calls: tuple[Call, ...] = ()
    """Every call; left out, the one that `source` names."""

    def __post_init__(self) -> None:
        calls = self.calls or (Call(self.source),)
        object.__setattr__(self, "calls", tuple(replace(call, rights=call.rights or self.rights) for call in calls))


class Source(Protocol):
    """One half of the estate, ready to be read. Opening it costs nothing: the first reader signs in."""

    @property
    def half(self) -> Half: ...

    @property
    def identity(self) -> str:
        """Who reads: the application, or the account as it signs in."""
        ...

    @property
    def workers(self) -> int:
        """How many readers may run at the same time."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether the simulated estate answered."""
        ...

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        """What is to be done to learn these facts."""
        ...

    def scope(self, readings: Sequence[Reading[Fact]], /) -> str | None:
        """What the identity is known to see, as the readings tell it."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A reader bound to its session."""

    fact: type[Fact]
    source: str
    run: Callable[[], Finding[Fact]]
    anonymous: bool = False
    """Whether it is read without signing in, as everybody may."""


def jobs(readers: Sequence[Reader[S, Fact]], session: S, facts: frozenset[type[Fact]]) -> tuple[Job, ...]:
    """The readers that give these facts, bound to their session."""
    return tuple(
        Job(reader.fact, reader.source, lambda reader=reader: reader.read(session), not reader.rights)  # type: ignore[misc]
        for reader in readers
        if reader.fact in facts
    )
