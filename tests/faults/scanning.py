"""Scans of one half of a simulated estate, in this process and over real sockets, with one fault in each.

The functions are those of `readiness scan`: the composition makes the sources, `collect` reads, `assess` judges. Two
things are other than there. Waits between attempts are not slept, and time is ours: while an answer stalls and nothing
else moves, the clock goes on by more than an exchange may take. And only the half of the estate that the fault can
reach is read anew; the readings of the other half, whose source shares nothing with it, are those of the healthy scan
(`tests/faults/test_whole.py` reads both). A scan whose readings all equal the healthy ones is not judged: judging is a
pure function of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from readiness.assessment import needed_facts
from readiness.assessment.decision import exit_code
from readiness.cli.finish import judge
from readiness.cli.reading import judged
from readiness.config import Configuration, load
from readiness.connecting import estate
from readiness.evidence import collect, utc_now
from readiness.lab import Lab, Scenario, load_scenario
from readiness.lab.estate import Transport
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.report import Report
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from tests.faults.exchanges import SIGN_IN, Answer
from tests.faults.striking import Fault, Seam, Strike

SCAN_SECONDS = 1000.0
"""Of the deadline. No scan here takes as long: what waits for it has no end of its own."""
JUMP_SECONDS = 61.0
"""More than an exchange may take (`readiness.sources.exchange.Limits`)."""
TICK_SECONDS = 0.01
QUIET_TICKS = 12
"""So many ticks without an exchange, a reading or a wait: whoever could go on would have."""
HANG_SECONDS = 60.0
"""No scan takes as long on any machine, unless it hangs."""

Readings = Mapping[str, Reading[Fact]]


class Clock:
    """A clock that goes on by itself, and further when it is told to."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def jump(self) -> None:
        self._ahead += JUMP_SECONDS


class Impatient(Deadline):
    """A deadline whose waits between attempts are written down instead of slept."""

    def __init__(self, clock: Clock, seconds: float = SCAN_SECONDS) -> None:
        super().__init__(seconds, clock)
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        if seconds >= self.remaining:
            return False
        self.waits.append(seconds)
        return True


@dataclass(frozen=True, slots=True)
class Scan:
    """What came of one scan."""

    strike: Strike | None
    evidence: Evidence
    """Of both halves."""
    seconds: float
    report: Report | None
    """None where every reading equals the healthy one."""
    code: int
    """Exit code of the program."""

    @property
    def readings(self) -> Readings:
        return {reading.fact: reading for reading in self.evidence.readings}


class Estate:
    """A simulated estate that serves, and whose answers can be struck. Use it as a context.

    Args:
        half: the half that is read anew in each scan.
        transport: over which the site is read.
    """

    def __init__(
        self,
        half: Half | None,
        transport: Transport = "winrm",
        scenario: str | Scenario = "ready",
        *,
        change: Callable[[Configuration], Configuration] = lambda configuration: configuration,
        **manner: object,
    ) -> None:
        self.half = half
        self.transport: Transport = transport
        self.seam = Seam()
        self._scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
        self._manner = manner
        self._change = change
        self._stack = ExitStack()

    def __enter__(self) -> Estate:
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self.lab = self._stack.enter_context(Lab(self._scenario, tamper=self.seam, **self._manner))  # type: ignore[arg-type]
        self.lab.write(folder, self.transport)
        lines = (folder / "lab.env").read_text(encoding="utf-8").splitlines()
        self.secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        self.configuration = self._change(load(folder / "readiness.toml", {}))
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _listen(self) -> None:
        """Scan once as it is: for the readings, the exchanges and what was answered to each."""
        self.seam.answers = {}
        whole = self._read(None, None)
        self.healthy = Scan(None, whole, 0.0, judge(self.configuration, whole, whole.finished), 0)
        self.now = whole.finished
        self.answers: Mapping[str, Answer] = dict(sorted(self.seam.answers.items()))
        self.together = dict(self.seam.together)
        self.seam.answers = None

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The exchanges of the half that is read anew, by name; without the legs of a sign-in."""
        theirs = {Half.TENANT: ("entra", "graph"), Half.SITE: ("wsman", "adminservice")}
        servers = [server for half, names in theirs.items() if self.half in (half, None) for server in names]
        return tuple(n for n in self.answers if n.split()[0] in servers and not n.endswith(f" {SIGN_IN}"))

    def scan(self, exchange: str, fault: Fault, times: int | None = None, only: frozenset[str] | None = None) -> Scan:
        """Scan while the fault strikes this exchange, at so many attempts (None: all).

        Args:
            only: the facts to read; None: all of the half. The others' readings are the healthy ones.
        """
        strike = Strike(exchange, fault, times)
        started = time.monotonic()
        self.seam.strike = strike
        try:
            evidence = self._read(self.half, strike, only)
        finally:
            self.seam.strike = None
            strike.over.set()
        seconds = time.monotonic() - started
        assert seconds < HANG_SECONDS, f"{fault} of {exchange}: the scan took {seconds:.0f} s"
        return self._judged(strike, self._completed(evidence), seconds)

    def _judged(self, strike: Strike, evidence: Evidence, seconds: float) -> Scan:
        if all(same(one, self.healthy.readings[one.fact]) for one in evidence.readings):
            return Scan(strike, self.healthy.evidence, seconds, None, self.healthy.code)
        report = judge(self.configuration, evidence, self.now)
        code, _ = exit_code(report, self.configuration.judging.policy.fail_on)
        return Scan(strike, evidence, seconds, report, code)

    def _completed(self, evidence: Evidence) -> Evidence:
        """With the healthy readings of what was not read anew, and wherever what was read equals them."""
        new = {reading.fact: reading for reading in evidence.readings}
        old = self.healthy.evidence.readings
        kept = (new.get(one.fact, one) for one in old)
        readings = tuple(before if same(after, before) else after for before, after in zip(old, kept, strict=True))
        return replace(self.healthy.evidence, readings=readings, partial=any(not one.available for one in readings))

    def _read(self, half: Half | None, strike: Strike | None, only: frozenset[str] | None = None) -> Evidence:
        clock = Clock()
        deadline = Impatient(clock)
        where = estate(self.configuration, self.secrets, deadline)
        judging = self.configuration.judging
        needed = needed_facts(judged(judging), judging)
        facts = frozenset(f for f in needed if half in (None, f.half) and (only is None or f.__name__ in only))
        where = replace(where, sources=tuple(one for one in where.sources if half in (None, one.half)))
        ended: list[str] = []
        with self._hurrying(clock, deadline, strike, ended):
            return collect(
                where,
                facts,
                deadline,
                clock=utc_now,
                observer=lambda fact, _reading: ended.append(fact),
            )

    def _hurrying(self, clock: Clock, deadline: Impatient, strike: Strike | None, ended: list[str]) -> ExitStack:
        """Lets the clock jump whenever an answer stalls and nothing else moves."""
        stack = ExitStack()
        if strike is None or not strike.fault.stalls:
            return stack
        done = threading.Event()

        def watch() -> None:
            quiet, before = 0, (0, 0, 0)
            while not done.wait(TICK_SECONDS):
                now = (len(self.lab.requests), len(ended), len(deadline.waits))
                quiet = quiet + 1 if now == before and strike.waiting.is_set() else 0
                before = now
                if quiet >= QUIET_TICKS:
                    strike.waiting.clear()
                    clock.jump()
                    quiet = 0

        watcher = threading.Thread(target=watch, name="clock", daemon=True)
        watcher.start()
        stack.callback(watcher.join)
        stack.callback(done.set)
        return stack


def same(one: Reading[Fact], other: Reading[Fact]) -> bool:
    """Whether two readings say the same: the same value of as many rows, or both none for the same reason."""
    return (one.value, one.rows, one.reason, one.error) == (other.value, other.rows, other.reason, other.error)
