"""How a fault meets an exchange: the lab's seam, aimed at one exchange, or at nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from readiness.lab.server import Request, Response, Sending
from tests.faults.exchanges import Answer, alone, batch_members, joined, names, sent_alone, split

OnAnswer = Callable[[Answer], Answer | None]
"""Changes one answer, alone or in a batch. None: there is nothing to change in this one."""
OnWire = Callable[["Struck"], Response | Sending | None]
"""Changes the response as a whole, or how it is sent. None: there is nothing to change in this one."""


SHORTEST_TOKEN = 16
"""A shorter one is of a fault, and no secret."""


PAGE = "$skiptoken="
"""What tells the links to further pages that faults make up."""


class Reach(Enum):
    """What may be lost besides the readings that rest on the exchange."""

    EXCHANGE = "exchange"
    HALF = "half"
    """The whole half of the estate: the sign-in was refused, or the host went away."""


@dataclass(frozen=True, slots=True)
class Struck:
    """The exchange on the wire that a fault meets."""

    request: Request
    response: Response
    names: tuple[str, ...]
    target: str
    """Which of `names` is meant."""
    run: Strike
    """For faults that wait: `run.stalled()` and `run.over`."""

    @property
    def member(self) -> int | None:
        """The position of the target in a batch."""
        return self.names.index(self.target) if batch_members(self.request) is not None else None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one exchange.

    Attributes:
        answer: changes the answer itself, of a member of a batch that member's.
        wire: changes the HTTP response that carries it, for all members of a batch; one of the two is given.
        whole: the answer is no JSON any more: of a batch, none of its members is.
        heals: the client asks again, so one that strikes once is healed: the reading is whole then.
        lasting_at: servers at which it does not heal.
        pages: it strikes the further pages of the exchange too.
        refusal: it says that this cannot be read here. A reader may do without, where `rules.PARTLY` says so.
        plausible: the answer that comes of it may be true: it may be believed, and no pass may come of that.
        harmless: the answer may be taken for what it says all the same. No other one may: what says the truth in a way
            in which it cannot be known to, is not believed.
        in_batch: it is of a `$batch` alone, and of one member of it.
        stalls: it ends when the client's time is up only.
    """

    name: str
    answer: OnAnswer | None = None
    wire: OnWire | None = None
    reach: Reach = Reach.EXCHANGE
    whole: bool = False
    heals: bool = False
    lasting_at: tuple[str, ...] = ()
    pages: bool = False
    refusal: bool = False
    plausible: bool = False
    harmless: bool = False
    in_batch: bool = False
    stalls: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass
class Strike:
    """One fault, aimed at one exchange, for one scan. What a lab's `tamper` asks while it lasts."""

    target: str
    fault: Fault
    times: int | None = None
    """How many attempts are struck; None: all."""
    met: int = 0
    """How many were."""
    passed: int = 0
    """How often the target was answered as the lab does, the fault not being applicable or used up."""
    along: frozenset[str] = frozenset()
    """The exchanges that travelled together with the target, and shared its fate on the wire."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the scan has ended."""
    waiting: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stalled(self) -> None:
        """Say that the answer will not come to an end by itself."""
        self.waiting.set()

    def __call__(self, request: Request, response: Response) -> Response | Sending:
        asked = tuple(names(request, response))
        target = next((name for name in asked if self._means(name)), None)
        if target is None:
            return response
        with self._lock:
            if self.times is not None and self.met >= self.times:
                self.passed += 1
                return response
            struck = self._strike(Struck(request, response, asked, target, self))
            if struck is None:
                self.passed += 1
                return response
            self.met += 1
            self.along |= frozenset(asked) if self.fault.wire is not None or self.fault.whole else {self.target}
            return struck

    def _means(self, name: str) -> bool:
        return name == self.target or (self.fault.pages and name.partition(PAGE)[0].rstrip("?&") == self.target)

    def _strike(self, struck: Struck) -> Response | Sending | None:
        if self.fault.wire is not None:
            return self.fault.wire(struck)
        if self.fault.answer is None:
            raise ValueError(f"a fault that does nothing: {self.fault}")
        response, place = struck.response, struck.member
        if place is None:
            changed = self.fault.answer(alone(response))
            return None if changed is None else sent_alone(response, changed)
        members = batch_members(struck.request) or []
        answers, wanted = split(response), str(members[place]["id"])
        changed = self.fault.answer(answers[wanted])
        if changed is None:
            return None
        return joined(response, [(name, changed if name == wanted else one) for name, one in answers.items()])


class Seam:
    """The `tamper` of a lab whose fault changes from scan to scan; it also listens for secrets that were sent."""

    def __init__(self) -> None:
        self.strike: Strike | None = None
        self.tokens: set[str] = set()
        self.answers: dict[str, Answer] | None = None
        """Filled, while it is a dictionary, with the answer to every exchange."""
        self.together: dict[str, tuple[str, ...]] = {}
        """The exchanges that travel with each."""

    def __call__(self, request: Request, response: Response) -> Response | Sending:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and len(token) >= SHORTEST_TOKEN:
            self.tokens.add(token)
        if self.answers is not None:
            self._remember(request, response, self.answers)
        return response if self.strike is None else self.strike(request, response)

    def _remember(self, request: Request, response: Response, answers: dict[str, Answer]) -> None:
        asked, members = names(request, response), batch_members(request)
        found = split(response) if members is not None else {}
        for place, name in enumerate(asked):
            answers[name] = alone(response) if members is None else found[str(members[place]["id"])]
            self.together[name] = tuple(asked)


def quietly(send: Sending) -> Sending:
    """A sending that does not mind when the client hangs up."""

    def sending(line: socket.socket, said: bytes) -> None:
        with suppress(OSError, ValueError):
            send(line, said)

    return sending
