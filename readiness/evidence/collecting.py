"""Collect readings from the sources, all at the same time and by a deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median_low

from readiness import __version__
from readiness.errors import SourceError
from readiness.evidence.parts import half_of, is_partial, ordered
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

Observer = Callable[[str, Reading[Fact] | None], None]
"""Told of each reading: its fact's name, and None when it starts or the reading when it ends."""


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
) -> Evidence:
    """Read every fact at most once, all sources at the same time, and come back by the deadline with what there is."""
    started = clock()
    collector = _Collector(clock, observer)
    threads = [thread for source in estate.sources for thread in collector.start(source, source.jobs(facts), deadline)]
    end = time.monotonic() + deadline.remaining + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    readings = _scoped(estate.sources, collector.close())
    given = {source.half for source in estate.sources}
    configured = tuple(half for half in Half if half in given)
    readings += [_unread(fact, started) for fact in known_facts() if fact in facts and fact.half not in configured]
    moments = (started, clock(), *(reading.started for reading in readings))  # the clock may be set back meanwhile
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
    )


class _Collector:
    """The workers of one collection and what they have learned so far."""

    def __init__(self, clock: Callable[[], datetime], observer: Observer) -> None:
        self._clock = clock
        self._observer = observer
        self._lock = threading.Lock()
        self._pending: dict[type[Fact], tuple[Source, Job, datetime]] = {}
        self._readings: dict[type[Fact], Reading[Fact]] = {}
        self._closed = False

    def start(self, source: Source, jobs: Sequence[Job], deadline: Deadline) -> list[threading.Thread]:
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
            self._pending[job.fact] = (source, job, self._clock())
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
            del self._pending[fact]
        self._observer(fact.__name__, reading)

    def close(self) -> list[Reading[Fact]]:
        """What was learned; what is still under way has timed out."""
        with self._lock:
            self._closed = True
            late = SourceError(Reason.TIMED_OUT, _LATE)
            for source, job, started in self._pending.values():
                waited = (self._clock() - started).total_seconds()
                self._readings[job.fact] = _failed(source, job, started, waited, late)
            return list(self._readings.values())


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
