"""Collect readings from the sources, all at the same time and by a deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median_low

from readiness import __version__
from readiness.errors import SourceError
from readiness.evidence.parts import half_of, is_partial, ordered
from readiness.evidence.steps import Timed, between, is_step, set_right, tell
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason
from readiness.plugins.sources import known_facts, owner
from readiness.sources.deadline import Deadline
from readiness.sources.reader import Finding, Job, Source

EVERYBODY = "what everybody may see, without signing in"
"""The visible scope of a reading that needs no identity."""
GRACE_SECONDS = 1.0
"""How long collecting waits, past the deadline, for workers whose exchange is being ended."""

BEAT_SECONDS = 0.1
"""How often collecting looks whether it is to end early: signals do not end the waiting for a thread by themselves."""

Observer = Callable[[str, Reading[Fact] | None], None]
"""Told of each reading: its fact's name, and None when it starts or the reading when it ends."""
Stop = Callable[[], str | None]
"""Asked again and again: what ends the reading now, as `Evidence.stopped` has it; None: nothing does."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Where evidence is collected, as configured."""

    sources: tuple[Source, ...]
    host: str
    tenant: str | None
    site: str | None


def collect(
    estate: Estate,
    facts: frozenset[type[Fact]],
    deadline: Deadline,
    *,
    clock: Callable[[], datetime],
    observer: Observer = lambda _fact, _reading: None,
    stop: Stop = lambda: None,
) -> Evidence:
    """Read every fact at most once, all sources at the same time, and come back by the deadline with what there is; or
    at once where it is stopped: what is under way then is abandoned, and has timed out."""
    started = clock()
    collector = _Collector(clock, observer)
    threads = [thread for source in estate.sources for thread in collector.start(source, source.jobs(facts), deadline)]
    stopped = _wait(threads, time.monotonic() + deadline.remaining + GRACE_SECONDS, stop)
    read, step = collector.close(stopped)
    if stopped is not None:
        deadline.cancel()  # only now: what ends by it would blame the deadline
    started += step
    readings = _scoped(estate.sources, read)
    given = {source.half for source in estate.sources}
    configured = tuple(half for half in Half if half in given)
    readings += [_unread(fact, started) for fact in known_facts() if fact in facts and fact.half not in configured]
    moments = (started, clock(), *(reading.started for reading in readings))  # the clock may drift meanwhile
    return Evidence(
        tool_version=__version__,
        host=estate.host,
        started=min(moments),
        finished=max(moments),
        demo=any(source.simulated for source in estate.sources),
        partial=is_partial(readings, configured),
        halves=configured,
        tenant=estate.tenant,
        site=estate.site,
        readings=ordered(readings),
        stopped=stopped if collector.late else None,
    )


def _wait(threads: Sequence[threading.Thread], end: float, stop: Stop) -> str | None:
    """Wait until all of them have ended, or until the end; returns what ended the waiting before."""
    for thread in threads:
        while thread.is_alive() and (left := end - time.monotonic()) > 0:
            why = stop()
            if why is not None:
                return why
            thread.join(min(left, BEAT_SECONDS))
    return None


class _Collector:
    """The workers of one collection and what they have learned so far."""

    def __init__(self, clock: Callable[[], datetime], observer: Observer) -> None:
        self._clock = clock
        self._observer = observer
        self._lock = threading.Lock()
        self._pending: dict[type[Fact], tuple[Source, Job, datetime, float]] = {}
        self._readings: dict[type[Fact], Reading[Fact]] = {}
        self._zeros: dict[type[Fact], datetime] = {}
        """Where the zero of the monotonic clock was, by the one that can be set, when a reading began."""
        self._ended: dict[type[Fact], datetime] = {}
        """The same when it ended."""
        self._begun = self._zero()
        self._closed = False
        self.late = 0
        """How many readings were under way, or not begun, when it was closed."""

    def start(self, source: Source, jobs: Sequence[Job], deadline: Deadline) -> list[threading.Thread]:
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
            self._pending[job.fact] = (source, job, self._clock(), time.monotonic())
            self._zeros[job.fact] = self._zero()
        threads = [
            threading.Thread(target=self._work, args=(source, waiting, deadline), daemon=True)
            for _ in range(min(source.workers, len(jobs)))
        ]
        for thread in threads:
            thread.start()
        return threads

    def _work(self, source: Source, waiting: queue.SimpleQueue[Job], deadline: Deadline) -> None:
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            self._observer(job.fact.__name__, None)
            self._zeros[job.fact] = self._zero()
            self._keep(job.fact, self._read(source, job, deadline))

    def _read(self, source: Source, job: Job, deadline: Deadline) -> Reading[Fact]:
        started, from_ = self._clock(), time.monotonic()
        try:
            return _made(source, job, started, from_, _run(job, deadline))
        except SourceError as error:
            return _failed(source, job, started, time.monotonic() - from_, error)
        except Exception as error:  # a reader that breaks must not take the scan with it
            words = f"the reader broke on the answer: {type(error).__name__}"
            return _failed(source, job, started, time.monotonic() - from_, SourceError(Reason.BAD_ANSWER, words))

    def _keep(self, fact: type[Fact], reading: Reading[Fact]) -> None:
        with self._lock:
            if self._closed:
                return
            self._readings[fact] = reading
            self._ended[fact] = self._zero()
            del self._pending[fact]
        self._observer(fact.__name__, reading)

    def close(self, stopped: str | None = None) -> tuple[list[Reading[Fact]], timedelta]:
        """What was learned; what is still under way has timed out. And by how much the clock was set back meanwhile:
        the readings are told by the clock as it is now.

        Args:
            stopped: what ended the reading before its deadline.
        """
        late = SourceError(Reason.TIMED_OUT, _LATE if stopped is None else f"{_CUT}: {stopped}")
        with self._lock:
            self._closed = True
            self.late = len(self._pending)
            for source, job, started, from_ in self._pending.values():
                self._readings[job.fact] = _failed(source, job, started, time.monotonic() - from_, late)
                self._ended[job.fact] = self._zero()
            now = self._zero()
            timed = [
                Timed(reading, between(self._zeros[fact], self._ended[fact]), between(self._ended[fact], now))
                for fact, reading in self._readings.items()
            ]
        step = between(self._begun, now)
        if is_step(step):
            tell(step)
        return set_right(timed), min(step, timedelta(0)) if is_step(step) else timedelta(0)

    def _zero(self) -> datetime:
        """Where the monotonic clock had its zero, by the clock that can be set: it moves when that is done."""
        return self._clock() - timedelta(seconds=time.monotonic())


def _run(job: Job, deadline: Deadline) -> Finding[Fact]:
    if deadline.passed:
        raise SourceError(Reason.TIMED_OUT, _LATE)
    return job.run()


def _made(source: Source, job: Job, started: datetime, from_: float, found: Finding[Fact]) -> Reading[Fact]:
    return Reading(
        fact=job.fact.__name__,
        started=started,
        duration_seconds=round(time.monotonic() - from_, 3),
        value=found.value,
        source=job.source,
        query=found.query,
        identity=None if job.anonymous else source.identity,
        rows=found.rows,
        request_id=found.request_id,
        clock_skew_seconds=found.clock_skew_seconds,
        plugin=owner(job.fact),
    )


_LATE = "the deadline of the scan passed before this was read; --timeout gives it longer"
_CUT = "the run ended before this was read"


def _failed(source: Source, job: Job, started: datetime, seconds: float, error: SourceError) -> Reading[Fact]:
    return Reading(
        fact=job.fact.__name__,
        started=started,
        duration_seconds=round(max(0.0, seconds), 3),
        reason=error.reason,
        error=str(error),
        missing=error.missing,
        source=job.source,
        identity=None if job.anonymous else source.identity,
        request_id=error.request_id,
        plugin=owner(job.fact),
    )


def _unread(fact: type[Fact], at: datetime) -> Reading[Fact]:
    section = {Half.SITE: "site", Half.TENANT: "tenant"}[fact.half]
    return Reading(
        fact=fact.__name__,
        started=at,
        duration_seconds=0.0,
        reason=Reason.NOT_CONFIGURED,
        error=f"this half was not read: the configuration has no [{section}] section, or --only left it out",
        plugin=owner(fact),
    )


def _scoped(sources: Sequence[Source], readings: list[Reading[Fact]]) -> list[Reading[Fact]]:
    """Each reading with what its reader is known to see, and where its server's clock was. Of who could read nothing,
    nothing is known."""
    seeing = {half_of(one.fact) for one in readings if one.available and one.identity and one.query}
    scopes = {source.half: source.scope(readings) for source in sources if source.half in seeing}
    return [
        replace(
            reading,
            scope=scopes.get(half_of(reading.fact)) if reading.identity else EVERYBODY,
            clock_skew_seconds=_skew(reading, readings),
        )
        for reading in readings
    ]


def _skew(reading: Reading[Fact], readings: Sequence[Reading[Fact]]) -> float | None:
    """What was measured at this reading. One that failed, or needed no answer, has that of the others of its half: it
    is the same pair of clocks, a moment earlier or later."""
    if reading.clock_skew_seconds is not None:
        return reading.clock_skew_seconds
    others = [one.clock_skew_seconds for one in readings if half_of(one.fact) is half_of(reading.fact)]
    measured = [skew for skew in others if skew is not None]
    return median_low(measured) if measured else None


def utc_now() -> datetime:
    """Now, to the millisecond: what files keep."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
