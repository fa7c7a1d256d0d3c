"""Defender and Intune exchanged data lately: the connection is not only set up, it lives."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from readiness.plugin import (
    Ahead,
    Check,
    Context,
    Level,
    Needs,
    Outcome,
    Owner,
    PartnerState,
    Phase,
    Reason,
    Remediation,
    Source,
    Step,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
    Verdict,
)

CHECK = Check(
    id="defender-heartbeat",
    title="Defender and Intune exchanged data lately",
    phase=Phase.DEFENDER,
    level=Level.BLOCKER,
    needs=Needs.TENANT,
    owner=Owner.DEFENDER_ADMIN,
    depends_on=("defender-connected",),
    why="The onboarding package reaches new policies over this connection; one that is set up and silent gives none, "
    "or an old one.",
    judged=(
        "lastHeartbeatDateTime of the connector of Defender for Endpoint: up to 24 hours old passes; older is an "
        "advisory fail; older than partnerUnresponsivenessThresholdInDays (0 or none: 7 days) while the state says "
        "enabled is contradicting. Never exchanged (year 0001): unknown where the state is available, because the two "
        "may just have been joined, contradicting where it is enabled. In the future: up to 24 hours passes and names "
        "the difference of the clocks, more is no answer to rely on. Rows that differ, or a state that says that "
        "nothing is exchanged beside a fresh time, are contradicting."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look when the connection was last synchronised",
                where="Microsoft Intune admin center > Endpoint security > Microsoft Defender for Endpoint",
                id="look-at-defender",
            ),
            Step(
                "Turn the Microsoft Intune connection off and on again",
                where="Microsoft Defender portal > Settings > Endpoints > Advanced features > Microsoft Intune "
                "connection",
                id="connect-defender-again",
                wait_id="defender-connection",
                role_steps=("defender-connection", "defender-connector"),
            ),
        ),
        role="Security Administrator in the Defender portal; Endpoint Security Manager in Intune",
        wait="15 minutes until the connection shows; the two synchronise at least every 24 hours",
        verify="Microsoft Intune admin center > Endpoint security > Microsoft Defender for Endpoint: last synchronised "
        "is of today",
        rollback="none is needed: the connection is as it was",
    ),
    sources=(
        Source(
            "Configure Microsoft Defender for Endpoint with Intune",
            "memdocs intune/device-security/microsoft-defender/configure-integration.md",
            date(2026, 3, 25),
        ),
        Source(
            "mobileThreatDefenseConnector",
            "Graph beta /deviceManagement/mobileThreatDefenseConnectors",
            date(2026, 10, 1),
        ),
    ),
)

FRESH = timedelta(hours=24)
"""The services synchronise at least so often. Source: configure-integration.md."""
UNRESPONSIVE_AFTER_DAYS = 7
"""What counts where the tenant says 0 or nothing. Source: catalogue."""
SILENT = (
    PartnerState.UNAVAILABLE,
    PartnerState.NOT_SET_UP,
    PartnerState.NEVER_CONFIGURED,
    PartnerState.UNRESPONSIVE,
)
"""States that say that no data is exchanged."""

EXPECTED = "a heartbeat that is at most 24 hours old"

JOINED = Remediation(
    steps=(
        Step(
            "Wait until the two have exchanged data for the first time, then scan again",
            where="Microsoft Intune admin center > Endpoint security > Microsoft Defender for Endpoint",
            id="wait-for-defender",
            wait_id="defender-exchange",
        ),
    ),
    role="Endpoint Security Manager in Intune",
    wait="15 minutes until the connection shows; up to 24 hours until the first exchange",
    verify="last synchronised holds a time",
)


@CHECK.foresee
def ahead() -> Ahead:
    """The first exchange takes its time; what mends a connection is not needed before that."""
    return Ahead(certain=JOINED, possible=CHECK.remediation)


@CHECK.judge
def judge(connectors: ThreatDefenseConnectors, context: Context) -> Verdict:
    rows = connectors.defender
    if not rows:
        return _verdict(Outcome.FAIL, "Defender and Intune never exchanged data: there is no connector", "no connector")
    said = {(row.partner_state, row.last_heartbeat, row.unresponsive_after_days) for row in rows}
    if len(said) > 1:
        observed = "; ".join(sorted(map(_observed, rows)))
        return _verdict(
            Outcome.UNKNOWN, f"The connector is listed {len(rows)} times, differently", observed, Reason.CONTRADICTING
        )
    row = rows[0]
    if row.unresponsive_after_days is not None and row.unresponsive_after_days < 0:
        words = f"The tenant says that the connector is unresponsive after {row.unresponsive_after_days} days"
        return _verdict(Outcome.UNKNOWN, words, _observed(row), Reason.BAD_ANSWER)
    return _never(row) if row.last_heartbeat is None else _last(row, row.last_heartbeat, context.now)


def _never(row: ThreatDefenseConnector) -> Verdict:
    """No exchange at all."""
    state, observed = row.partner_state, _observed(row)
    if state is PartnerState.ENABLED:
        words = "The connector is enabled, but Defender and Intune never exchanged data"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.CONTRADICTING)
    if state is PartnerState.AVAILABLE:
        words = "Defender and Intune have not exchanged data yet: they may just have been joined"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, observed, reason=Reason.STALE, remediation=JOINED)
    if not state.known:
        words = f"Defender and Intune never exchanged data, in the state '{state.value}', which no table knows"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.UNKNOWN_VALUE)
    return _verdict(Outcome.FAIL, f"Defender and Intune never exchanged data; the state is {state.value}", observed)


def _last(row: ThreatDefenseConnector, heartbeat: datetime, now: datetime) -> Verdict:
    """An exchange at some time."""
    age, state, observed = now - heartbeat, row.partner_state, _observed(row)
    if age < -FRESH:
        words = f"The last exchange lies {_span(-age)} in the future: that time cannot be relied on"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.BAD_ANSWER)
    if age > FRESH:
        return _old(row, age)
    if state in SILENT:
        words = f"Defender and Intune exchanged data {_ago(age)}, but the connector is {state.value}"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.CONTRADICTING)
    return _verdict(Outcome.PASS, f"Defender and Intune exchanged data {_ago(age)}", observed)


def _old(row: ThreatDefenseConnector, age: timedelta) -> Verdict:
    days = row.unresponsive_after_days or UNRESPONSIVE_AFTER_DAYS
    said = f"Defender and Intune exchanged data {_span(age)} ago"
    if row.partner_state is PartnerState.ENABLED and age / timedelta(days=1) > days:
        words = f"{said}: after {days} days the connector should be unresponsive, but it says enabled"
        return _verdict(Outcome.UNKNOWN, words, _observed(row), Reason.CONTRADICTING)
    words = f"{said}; they should at least every 24 hours"
    return _verdict(Outcome.FAIL, words, _observed(row), level=Level.ADVISORY)


def _ago(age: timedelta) -> str:
    """When it was; where it lies in the future, the difference of the clocks."""
    if age >= timedelta(0):
        return f"{_span(age)} ago"
    return f"lately; by their clock, which is {_span(-age)} ahead of the clock of this machine"


def _span(age: timedelta) -> str:
    """A length of time, in the unit that a person would take."""
    minutes = int(age / timedelta(minutes=1))
    for unit, size in (("days", 24 * 60), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} minutes" if minutes > 1 else "a minute"


def _observed(row: ThreatDefenseConnector) -> str:
    when = row.last_heartbeat.isoformat(timespec="seconds") if row.last_heartbeat is not None else "never"
    return f"partnerState {row.partner_state.value}, last heartbeat {when}"


def _verdict(
    outcome: Outcome, summary: str, observed: str, reason: Reason | None = None, level: Level | None = None
) -> Verdict:
    steps = CHECK.remediation if reason is Reason.CONTRADICTING else None  # waiting mends nothing here
    return Verdict(outcome, summary, EXPECTED, observed, reason=reason, level=level, remediation=steps)
