"""What the evidence still says now: a reading for every fact, with those taken out whose age is not good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from readiness.evidence.clocks import by_server, disagreement
from readiness.model.facts import Fact, Organization, SiteAccess
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason
from readiness.text import one_line

Readings = Mapping[type[Fact], Reading[Fact]]

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a reading may lie ahead of the clock that judges it before its age counts as untold."""
DRIFT_TOLERANCE = timedelta(hours=1)
"""The same by the clock of the server that answered: it may have drifted by itself, which makes nothing older."""


def current(evidence: Evidence, wanted: Iterable[type[Fact]], max_age: timedelta, now: datetime) -> Readings:
    """A reading for every wanted fact: the one in the evidence if it is fresh, else why there is none."""
    found = {fact: evidence.reading(fact) for fact in wanted}
    return {
        fact: _missing(fact, evidence, reading)
        if reading is None or _denied(reading, fact, evidence)
        else _fresh(_ours(reading, evidence), max_age, now)
        for fact, reading in found.items()
    }


def unread_halves(readings: Readings) -> frozenset[Half]:
    """The halves of which nothing at all was read."""
    return frozenset(Half) - {fact.half for fact, reading in readings.items() if reading.available}


def withheld(readings: Readings, half: Half, reason: Reason, words: str) -> Readings:
    """The readings, with what was read of one half taken out."""
    return {
        fact: _without(reading, reason, words) if fact.half is half and reading.available else reading
        for fact, reading in readings.items()
    }


def vouched(readings: Readings, facts: Iterable[type[Fact]]) -> Readings:
    """The readings by which these facts are judged together. Where one of them was read by another account than that
    whose rights are known, or with other rights, these rights do not tell what was hidden from who read it."""
    access = readings.get(SiteAccess)
    if access is None or not access.available:
        return readings
    others = (readings[fact] for fact in facts if fact.half is SiteAccess.half and readings[fact].available)
    other = next((reading for reading in others if _reader(reading) != _reader(access)), None)
    if other is None:
        return readings
    words = (
        f"it is known what {_told_reader(access)} may see, but {other.fact} was read by {_told_reader(other)}: what is "
        "hidden from that one is not known; let one account read both"
    )
    return {**readings, SiteAccess: _without(access, Reason.NOT_VISIBLE, words)}


def _reader(reading: Reading[Fact]) -> tuple[str, str]:
    return (reading.identity or "").casefold(), (reading.scope or "").casefold()


def _told_reader(reading: Reading[Fact]) -> str:
    return f"{one_line(reading.identity or 'somebody')} ({one_line(reading.scope or 'rights not known')})"


def _denied(reading: Reading[Fact], fact: type[Fact], evidence: Evidence) -> bool:
    """Whether it says that its half is not configured, though that half was read: by somebody else, who left it out."""
    return reading.reason is Reason.NOT_CONFIGURED and fact.half in evidence.halves


def _missing(fact: type[Fact], evidence: Evidence, denied: Reading[Fact] | None) -> Reading[Fact]:
    """Why there is none. A half that is configured is never quietly taken for one that is not."""
    name = fact.__name__
    lacking = f"the evidence lacks the reading {name}, though that half was read"
    if fact.half not in evidence.halves:
        reason, words = Reason.NOT_CONFIGURED, f"the evidence holds no reading of {name} (the {fact.half} half)"
    elif denied is not None:
        reason, words = Reason.BAD_ANSWER, lacking
    else:
        reason = Reason.UNSUPPORTED_VERSION
        words = f"{lacking}: it is older than this check, or was collected for other checks"
    return Reading(fact=name, started=evidence.started, duration_seconds=0.0, reason=reason, error=words)


def _ours(reading: Reading[Fact], evidence: Evidence) -> Reading[Fact]:
    """An organization that goes by another name than the configured one is not the tenant that was asked about."""
    found = reading.value
    if not isinstance(found, Organization) or not evidence.tenant or evidence.tenant.casefold() in found.names:
        return reading
    words = f"the evidence was collected for tenant {evidence.tenant}, but what was read is {found.label}"
    return _without(reading, Reason.WRONG_TARGET, words)


def _fresh(reading: Reading[Fact], max_age: timedelta, now: datetime) -> Reading[Fact]:
    """Its age by either clock, that of the machine that read and that of the server: neither is known to be right."""
    if not reading.available:
        return reading
    machine, server = reading.started, by_server(reading)
    if now - min(machine, server) > max_age:
        words = f"read at {_told(reading, min(machine, server))}, longer ago than {max_age} allows"
    elif machine - now > FUTURE_TOLERANCE or server - now > DRIFT_TOLERANCE:
        words = f"dated {_told(reading, max(machine, server))}, in the future: its age cannot be told"
    else:
        return reading
    return _without(reading, Reason.STALE, words)


def _told(reading: Reading[Fact], moment: datetime) -> str:
    """A moment, and by which clock, where the two disagree."""
    whose = "" if moment == reading.started else " by the clock of the server"
    apart = disagreement((reading,))
    return f"{moment:%Y-%m-%d %H:%M} UTC{whose}{f' ({apart})' if apart else ''}"


def _without(reading: Reading[Fact], reason: Reason, words: str) -> Reading[Fact]:
    return replace(reading, value=None, reason=reason, error=words)
