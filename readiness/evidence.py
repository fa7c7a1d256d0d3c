"""Evidence: collect readings from the sources, save and load them, merge what several people read."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from readiness import __version__, documents
from readiness.errors import EvidenceError, SourceError
from readiness.model.facts import FACTS, Fact, Hierarchy, Organization, SiteProvider
from readiness.model.reading import EVIDENCE_SCHEMA, Evidence, Reading
from readiness.model.words import Half, Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import printable
from readiness.sources.reader import Finding, Job, Source

F = TypeVar("F", bound=Fact)

GRACE_SECONDS = 1.0
"""How long collecting waits, past the deadline, for workers whose exchange is being ended."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a reading may lie outside the collection that it belongs to."""

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
    configured = tuple(source.half for source in estate.sources)
    readings += [_unread(fact, started) for fact in FACTS if fact in facts and fact.half not in configured]
    moments = (started, clock(), *(reading.started for reading in readings))  # the clock may be set back meanwhile
    return Evidence(
        tool_version=__version__,
        host=estate.host,
        started=min(moments),
        finished=max(moments),
        demo=any(source.simulated for source in estate.sources),
        partial=_partial(readings, configured),
        halves=configured,
        tenant=estate.tenant,
        site=estate.site,
        readings=_ordered(readings),
    )


def _partial(readings: Iterable[Reading[Fact]], halves: Sequence[Half]) -> bool:
    """Whether a reading of a configured half is missing."""
    return any(not reading.available and _HALVES[reading.fact] in halves for reading in readings)


_HALVES = {fact.__name__: fact.half for fact in FACTS}


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
        identity=source.identity,
        rows=found.rows,
        request_id=found.request_id,
        clock_skew_seconds=found.clock_skew_seconds,
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
        identity=source.identity,
    )


def _unread(fact: type[Fact], at: datetime) -> Reading[Fact]:
    section = {Half.SITE: "site", Half.TENANT: "tenant"}[fact.half]
    return Reading(
        fact=fact.__name__,
        started=at,
        duration_seconds=0.0,
        reason=Reason.NOT_CONFIGURED,
        error=f"the configuration has no [{section}] section, so this half of the estate was not read",
    )


def _scoped(sources: Sequence[Source], readings: list[Reading[Fact]]) -> list[Reading[Fact]]:
    """Each reading with what its reader is known to see."""
    scopes = {source.identity: source.scope(readings) for source in sources}
    return [replace(reading, scope=scopes.get(reading.identity or "")) for reading in readings]


def _ordered(readings: Iterable[Reading[Fact]]) -> tuple[Reading[Fact], ...]:
    order = [fact.__name__ for fact in FACTS]
    return tuple(sorted(readings, key=lambda reading: order.index(reading.fact)))


def merge(pieces: Sequence[Evidence]) -> Evidence:
    """One body of evidence from several: by fact, the newest reading; one that was made beats one that was not.

    Raises:
        EvidenceError: where they speak of different estates.
    """
    if len(pieces) == 1:
        return pieces[0]
    _one_estate(pieces)
    names = dict.fromkeys(reading.fact for piece in pieces for reading in piece.readings)
    readings = [_newest([r for piece in pieces for r in piece.readings if r.fact == name]) for name in names]
    halves = tuple(half for half in Half if any(half in piece.halves for piece in pieces))
    return Evidence(
        tool_version=__version__,
        host=", ".join(sorted({piece.host for piece in pieces})),
        started=min(piece.started for piece in pieces),
        finished=max(piece.finished for piece in pieces),
        demo=any(piece.demo for piece in pieces),
        partial=_partial(readings, halves),
        halves=halves,
        tenant=next((piece.tenant for piece in pieces if piece.tenant), None),
        site=next((piece.site for piece in pieces if piece.site), None),
        readings=_ordered(readings),
    )


def _newest(readings: Sequence[Reading[Fact]]) -> Reading[Fact]:
    made = [r for r in readings if r.reason is not Reason.NOT_CONFIGURED] or list(readings)
    newest = max(reading.started for reading in made)
    latest = [reading for reading in made if reading.started == newest]
    if all(reading.value == latest[0].value for reading in latest):
        return latest[0]
    words = "two readings of the same moment say different things"
    return replace(latest[0], value=None, reason=Reason.CONTRADICTING, error=words, rows=None)


def _one_estate(pieces: Sequence[Evidence]) -> None:
    _one_tenant(pieces)
    _one_site([mark for piece in pieces if (mark := _site_mark(piece)).aliases])


def _one_tenant(pieces: Sequence[Evidence]) -> None:
    """Whatever name the tenant was configured by: a domain and an id are one where an organization proves it."""
    read = [found for piece in pieces if (found := _value(piece, Organization)) is not None]
    ids = {organization.tenant_id.casefold(): organization.label for organization in read}
    if len(ids) > 1:
        raise _different("tenant", ids.values())
    named = {piece.tenant.casefold(): piece.tenant for piece in pieces if piece.tenant}
    if len(named) > 1 and not named.keys() <= {name for organization in read for name in organization.names}:
        raise _different("tenant", named.values())


@dataclass(frozen=True, slots=True)
class _SiteMark:
    """By what the site of a piece of evidence is known again. Everything case folded."""

    label: str
    codes: frozenset[str]
    """The site's code, as the provider and the hierarchy have it."""
    server: str
    """The site server, as the hierarchy has it."""
    aliases: frozenset[str]
    """Names of its servers: the configured one, the site server, the machines of the provider."""

    def contradicts(self, other: _SiteMark) -> bool:
        """Codes are often the same in different hierarchies (P01), so the site servers count too."""
        codes = bool(self.codes and other.codes) and self.codes != other.codes
        return codes or (bool(self.server and other.server) and self.server != other.server)


def _site_mark(piece: Evidence) -> _SiteMark:
    provider, hierarchy = _value(piece, SiteProvider), _value(piece, Hierarchy)
    own = hierarchy.provider_site if hierarchy else None
    server = own.server if own else ""
    codes = [*([provider.site_code] if provider else []), *([hierarchy.provider_site_code] if hierarchy else [])]
    aliases = (piece.site or "", server, *(provider.machines if provider else ()))
    return _SiteMark(
        label=" of ".join(filter(None, [*codes[:1], server or piece.site])),
        codes=frozenset(code.casefold() for code in codes),
        server=server.casefold(),
        aliases=frozenset(name.casefold() for name in aliases if name),
    )


def _one_site(marks: Sequence[_SiteMark]) -> None:
    """No two may contradict each other, and each must share a server's name with another, and so all of them."""
    for one, other in combinations(marks, 2):
        if one.contradicts(other):
            raise _different("site", (one.label, other.label))
    left, known = list(marks[1:]), set(marks[0].aliases if marks else ())
    while joined := [mark for mark in left if mark.aliases & known]:
        known.update(*(mark.aliases for mark in joined))
        left = [mark for mark in left if mark not in joined]
    if left:
        raise _different("site", (marks[0].label, *(mark.label for mark in left)))


def _different(what: str, labels: Iterable[str]) -> EvidenceError:
    named = " and ".join(dict.fromkeys(map(printable, labels)))
    return EvidenceError(f"the evidence files speak of different estates: {what} {named}")


def must_be_of(evidence: Evidence, *, tenant: str | None, site_code: str | None) -> None:
    """Evidence is not judged by the configuration of another estate, as far as it shows of which one it is.

    Args:
        tenant: the configured tenant, an id or a domain; None where none is.
        site_code: the configured site code; None where none is.

    Raises:
        EvidenceError: the evidence provably is of another tenant or site.
    """
    found = _tenant_instead(evidence, tenant) if tenant else None
    if found is not None:
        raise _misconfigured(f"tenant {tenant}", found)
    provider, hierarchy = _value(evidence, SiteProvider), _value(evidence, Hierarchy)
    code = provider.site_code if provider else hierarchy.provider_site_code if hierarchy else None
    if site_code and code is not None and code.casefold() != site_code.casefold():
        raise _misconfigured(f"site {site_code}", f"site {code}")


def _tenant_instead(evidence: Evidence, tenant: str) -> str | None:
    """The tenant that the evidence is of, where that provably is another one. A tenant has one id, and many domains."""
    organization = _value(evidence, Organization)
    if organization is not None:
        return None if tenant.casefold() in organization.names else organization.label
    if evidence.tenant and _GUID.fullmatch(evidence.tenant) and _GUID.fullmatch(tenant):
        return None if tenant.casefold() == evidence.tenant.casefold() else f"tenant {evidence.tenant}"
    return None


_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def _misconfigured(configured: str, found: str) -> EvidenceError:
    return EvidenceError(f"the configuration is for {printable(configured)}, but the evidence is of {printable(found)}")


def _value(piece: Evidence, fact: type[F]) -> F | None:
    reading = piece.reading(fact)
    return reading.value if reading is not None and isinstance(reading.value, fact) else None


def save(evidence: Evidence, path: Path) -> None:
    """Write an evidence file."""
    documents.write(path, documents.readable(documents.sealed(document(evidence))))


def document(evidence: Evidence) -> dict[str, Any]:
    """Evidence as a JSON document, without its digest."""
    return {"schema": EVIDENCE_SCHEMA, **documents.plain(evidence)}


def load(path: Path) -> Evidence:
    """Read an evidence file, strictly: what is not exactly what this tool writes is refused.

    Raises:
        EvidenceError: naming the file and the place.
    """
    found = documents.read(path)
    if found.get("schema") != EVIDENCE_SCHEMA:
        raise EvidenceError(f"{path}: its schema is {found.get('schema')!r:.60}, this version reads {EVIDENCE_SCHEMA}")
    body = {key: value for key, value in found.items() if key not in ("schema", "digest")}
    return _evidence(path, body)


def _evidence(path: Path, body: dict[str, Any]) -> Evidence:
    import msgspec

    try:
        readings = tuple(_reading(item) for item in body["readings"])
        evidence = msgspec.convert({**body, "readings": []}, Evidence, strict=True)
        evidence = replace(evidence, readings=readings)
    except KeyError as error:
        raise EvidenceError(f"{path}: unknown fact or missing key {error}") from error
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise EvidenceError(f"{path}: {error}") from error
    if documents.canonical(documents.plain(evidence)) != documents.canonical(body):
        raise EvidenceError(f"{path}: it holds keys or forms that this version does not write")
    if not _in_utc(evidence):
        raise EvidenceError(f"{path}: it holds a time that is not in UTC, which this tool does not write")
    if len({reading.fact for reading in readings}) != len(readings):
        raise EvidenceError(f"{path}: the same fact is read twice")
    doubt = _implausible(evidence)
    if doubt is not None:
        raise EvidenceError(f"{path}: {doubt}")
    return evidence


def _implausible(evidence: Evidence) -> str | None:
    """What of it no collection can have written, and where."""
    if evidence.finished < evidence.started:
        return "finished: it lies before started"
    if evidence.partial != _partial(evidence.readings, evidence.halves):
        return f"partial: it says {str(evidence.partial).lower()}, and the readings say otherwise"
    for index, reading in enumerate(evidence.readings):
        where = f"readings[{index}] ({reading.fact})"
        if reading.available and _HALVES[reading.fact] not in evidence.halves:
            return f"{where}: it was read, but halves does not list the {_HALVES[reading.fact]} half"
        if not _near(reading.started, evidence):
            return f"{where}.started: it lies outside the time from started to finished"
    return None


def _near(moment: datetime, evidence: Evidence) -> bool:
    """Whether a reading can have begun then, were the clock set right on the way."""
    early, late = (evidence.started - moment), (moment - evidence.finished)
    return max(early, late) <= CLOCK_TOLERANCE


def _reading(item: Any) -> Reading[Fact]:
    import msgspec

    fact = next((fact for fact in FACTS if fact.__name__ == item["fact"]), None)
    if fact is None:
        raise ValueError(f"no such fact: {item['fact']!r:.60}")
    reading: Reading[Fact] = msgspec.convert(item, Reading[fact], strict=True)  # type: ignore[valid-type]
    return reading


def _in_utc(value: Any) -> bool:
    """Whether every moment in it says that it is in UTC: others cannot be compared with the clock."""
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if isinstance(value, tuple):
        return all(map(_in_utc, value))
    return all(_in_utc(getattr(value, name)) for name in getattr(value, "__dataclass_fields__", ()))


def utc_now() -> datetime:
    """Now, to the millisecond: what files keep."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
