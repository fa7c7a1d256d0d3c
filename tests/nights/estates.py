"""The estate of each night: read once from the lab, moved to the night's clock, and changed by hand as estates do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from readiness.model.facts import CloudApplications as SiteApplications
from readiness.model.facts import (
    CloudCollections,
    Collections,
    EntraApplications,
    Fact,
    PartnerState,
    TargetDevices,
    ThreatDefenseConnectors,
)
from readiness.model.reading import Evidence
from readiness.model.words import Half, Reason
from readiness.plugin import FACTS
from tests.properties.estates import holding, lost, read, with_reading

PILOT = "P0100022"
LATELY = timedelta(days=3)
"""What happened so shortly before a reading happens anew every night: heartbeats, messages, the reading itself."""
T = TypeVar("T")
Change = Callable[[Evidence], Evidence]


def as_read(scenario: str, begin: datetime, night: datetime) -> Evidence:
    """A scenario that began at a moment, as it is read on a night: what happens again and again has happened again,
    what has a date keeps it."""
    evidence = read(scenario).evidence
    moved = _moved(evidence, evidence.finished, begin - evidence.finished, night - evidence.finished)
    assert isinstance(moved, Evidence)
    return replace(moved, demo=False)


def _moved(value: Any, read_at: datetime, by: timedelta, lately: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + (lately if timedelta(hours=-1) <= read_at - value <= LATELY else by)
    if isinstance(value, tuple):
        return tuple(_moved(one, read_at, by, lately) for one in value) if _holds_more(value) else value
    if is_dataclass(value) and not isinstance(value, type) and _has_moments(type(value)):
        found = {field.name: _moved(getattr(value, field.name), read_at, by, lately) for field in fields(value)}
        return replace(value, **found)
    return value


def _holds_more(value: tuple[Any, ...]) -> bool:
    return bool(value) and (isinstance(value[0], datetime) or is_dataclass(value[0]))


@cache
def _has_moments(kind: type[Any]) -> bool:
    """Whether there may be a moment within: most of what is read are devices without one."""
    return kind.__name__ not in ("Device", "ServicePlan")


def changed(fact: type[Fact], **values: Callable[[Any], Any]) -> Change:
    """One fact with other values."""

    def change(evidence: Evidence) -> Evidence:
        reading = evidence.reading(fact)
        assert reading is not None
        assert reading.value is not None
        held: Any = reading.value
        value = replace(held, **{name: of(getattr(held, name)) for name, of in values.items()})
        made = holding(reading, value)
        assert made is not None
        return with_reading(evidence, made, reading.fact)

    return change


def without(half_or_fact: Half | type[Fact], reason: Reason) -> Change:
    """A half, or a fact, that cannot be read."""
    gone = [fact for fact in FACTS if half_or_fact in (fact, getattr(fact, "half", None))]

    def change(evidence: Evidence) -> Evidence:
        for fact in gone:
            reading = evidence.reading(fact)
            if reading is not None:
                evidence = with_reading(evidence, lost(reading, reason), reading.fact)
        return replace(evidence, partial=True)

    return change


def silent_since(moment: datetime) -> Change:
    """The connector sends nothing any more."""
    return changed(
        ThreatDefenseConnectors, connectors=lambda found: tuple(replace(one, last_heartbeat=moment) for one in found)
    )


def disconnected(evidence: Evidence) -> Evidence:
    """Somebody switched the connector off."""
    return changed(
        ThreatDefenseConnectors,
        connectors=lambda found: tuple(replace(one, partner_state=PartnerState.UNAVAILABLE) for one in found),
    )(evidence)


def unticked(evidence: Evidence) -> Evidence:
    """Somebody took the pilot's tick away."""
    evidence = changed(
        Collections,
        collections=lambda found: tuple(replace(c, service_partners=0) if c.id == PILOT else c for c in found),
    )(evidence)
    return changed(
        CloudCollections, collections=lambda found: tuple(c for c in found if c.collection_id != PILOT)
    )(evidence)  # fmt: skip


def without_pilot(evidence: Evidence) -> Evidence:
    """The pilot's collection is deleted."""
    evidence = changed(Collections, collections=lambda found: tuple(c for c in found if c.id != PILOT))(
        unticked(evidence)
    )
    return changed(
        TargetDevices,
        asked=lambda asked: tuple(id_ for id_ in asked if id_ != PILOT),
        devices=lambda found: tuple(one for one in found if PILOT not in one.collections),
    )(evidence)


def renewed(until: datetime) -> Change:
    """The secret of the attach application has a new end."""

    def change(evidence: Evidence) -> Evidence:
        evidence = changed(
            EntraApplications,
            applications=lambda found: tuple(
                replace(one, secrets=tuple(replace(secret, expires=until) for secret in one.secrets)) for one in found
            ),
        )(evidence)
        return changed(
            SiteApplications,
            applications=lambda found: tuple(replace(one, secret_expires=until) for one in found),
        )(evidence)

    return change
