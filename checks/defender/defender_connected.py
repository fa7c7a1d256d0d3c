"""The Defender tenant is integrated with Intune: the first prerequisite of the article, for every kind of policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from readiness.plugin import (
    DEFENDER_CONNECTOR_ID,
    Basis,
    Check,
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
    ThreatDefenseConnectors,
    Verdict,
)

CHECK = Check(
    id="defender-connected",
    title="The Defender tenant is integrated with Intune",
    phase=Phase.DEFENDER,
    level=Level.BLOCKER,
    needs=Needs.TENANT,
    owner=Owner.DEFENDER_ADMIN,
    depends_on=("intune-active",),
    tags=("article",),
    why="EDR policy carries the onboarding package that Intune receives over this connection; without it no policy "
    "can be created.",
    judged=(
        f"The connector row {DEFENDER_CONNECTOR_ID} only: enabled, or available (set up, no platform toggle on), "
        "passes; unavailable, notSetUp, neverConfigured, unresponsive, error, or no such row fails; a word that no "
        "table knows is unknown. Another vendor's row never counts."
    ),
    inferred=(
        "That a connector which is set up, but has no platform switched on for compliance, is enough: the pages speak "
        "of the connection and of compliance at once, and none says that EDR policy does without the latter."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Turn the Microsoft Intune connection on; where it is on already, off and on again",
                where="Microsoft Defender portal > Settings > Endpoints > Advanced features > Microsoft Intune "
                "connection",
                id="connect-defender",
                wait_id="defender-connection",
                role_steps=("defender-connection", "defender-connector"),
            ),
        ),
        role="Security Administrator in the Defender portal; Endpoint Security Manager in Intune",
        wait="15 minutes until the connection shows",
        verify="Microsoft Intune admin center > Endpoint security > Microsoft Defender for Endpoint: connection "
        "status, and last synchronised",
        rollback="turn the Microsoft Intune connection off again at the same place",
        change_window=False,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Prerequisites for EDR policies, General",
            date(2020, 5, 22),
        ),
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

EXPECTED = "the connector of Defender for Endpoint is enabled or available"

GOOD = {
    PartnerState.ENABLED: "enabled: set up, with at least one platform switched on",
    PartnerState.AVAILABLE: (
        "available: set up, with no platform switched on for compliance (EDR policy needs none: inferred)"
    ),
}
BAD = {
    PartnerState.UNAVAILABLE: "unavailable: Defender has been disconnected from Intune",
    PartnerState.NOT_SET_UP: "not set up: the connection was never finished",
    PartnerState.NEVER_CONFIGURED: "never configured: the connection was never begun",
    PartnerState.UNRESPONSIVE: "unresponsive: Defender has been silent for longer than the tenant allows",
    PartnerState.ERROR: "in error: the connector carries an error code",
}


@CHECK.judge
def judge(connectors: ThreatDefenseConnectors) -> Verdict:
    rows = connectors.defender
    if not rows:
        others = len(connectors.connectors)
        also = f"; {others} of other partners, which do not count" if others else ""
        return _verdict(Outcome.FAIL, "Defender for Endpoint was never connected to Intune", f"no such connector{also}")
    states = {row.partner_state for row in rows}
    if len(states) > 1:
        said = ", ".join(sorted(state.value for state in states))
        return _verdict(
            Outcome.UNKNOWN, f"The connector is listed {len(rows)} times and says {said}", said, Reason.CONTRADICTING
        )
    return _judge_state(rows[0].partner_state)


def is_connected(connectors: ThreatDefenseConnectors) -> bool:
    """Whether Defender is joined, as far as its row says: also where whether it is, is another check's matter."""
    states = {row.partner_state for row in connectors.defender}
    return bool(states) and states <= set(GOOD)


def _judge_state(state: PartnerState) -> Verdict:
    observed = f"partnerState {state.value}"
    if state in GOOD:
        passed = _verdict(Outcome.PASS, f"The connector is {GOOD[state]}", observed)
        return replace(passed, basis=Basis.INFERRED) if state is PartnerState.AVAILABLE else passed
    if state in BAD:
        return _verdict(Outcome.FAIL, f"The connector is {BAD[state]}", observed)
    return _verdict(
        Outcome.UNKNOWN,
        f"The connector is in the state '{state.value}', which no table knows",
        observed,
        Reason.UNKNOWN_VALUE,
    )


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, expected=EXPECTED, observed=observed, reason=reason)
