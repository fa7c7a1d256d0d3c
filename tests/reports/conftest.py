"""Reports made by hand: all outcomes, subjects, overlays, and the names that people with bad intentions choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from readiness.model.report import ChangeHeader
from readiness.model.settings import Attestation, Overlay, Waiver
from readiness.plugin import (
    Basis,
    CheckResult,
    Contradiction,
    Decision,
    DecisionState,
    Half,
    Level,
    Origin,
    Outcome,
    OutsideRow,
    OverlayState,
    Owner,
    Page,
    Phase,
    PlanPerson,
    PlanRole,
    PlanStep,
    PlanSummary,
    ReadingSummary,
    Reason,
    Remediation,
    Report,
    Requirement,
    RuleRow,
    RulesUsed,
    Run,
    Source,
    Step,
    SubjectResult,
    TargetDecision,
)

DIGEST = "0123456789abcdef" * 4
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a|b",
    "a\\|b",
    "=cmd|' /C calc'!A1",
    "invoice\u202egnp.exe",
    "zero\u200bwidth",
    "line\nbreak\r\n# heading",
    "\x1b[31mred\x1b[0m\x07",
    "N" * 10_000,
    "🚀 Büro 東京",
    "`code` *bold* _under_ ~~gone~~",
    "[link](https://evil.example) ![image](x)",
    "see https://evil.example/x, www.evil.example and mail@evil.example",
    "@everyone closes #123 GH-7 :tada: $x$",
    "# not a heading",
    "1. not a list",
    "- not a list",
    "&amp; &lt;b&gt; &#64;",
    "{{ 7*7 }} {% raw %}",
    "javascript:alert(1)",
    "` onmouseover=alert(1) ``",
    "trailing backslash \\",
)
REMEDIATION = Remediation(
    steps=(
        Step(
            "Install the update",
            "Administration > Updates and Servicing",
            "Get-CMSiteUpdate -Name 'KB4563473' | Install-CMSiteUpdate",
        ),
        Step("Wait for the service connection point"),
    ),
    role="Full Administrator",
    wait="up to 30 minutes",
    verify="CMUpdate.log on the site server says Successfully installed",
    rollback="none",
    change_window=True,
)
SOURCES = (
    Source(
        "Endpoint detection and response policy",
        "memdocs/intune/protect/endpoint-security-edr-policy.md",
        date(2026, 5, 4),
    ),
    Source("Update KB4563473", "https://learn.microsoft.com/mem/configmgr/hotfix/2002/4563473"),
)
WAIVER = Waiver(
    check="site-version-supported",
    requested_by="Ann Example",
    approved_by="Bob Example",
    reason="Upgrade is CHG0031400",
    expires=date(2026, 12, 31),
    ticket="CHG0031400",
)
ATTESTATION = Attestation(
    check="collections-enabled",
    statement="Cloud Sync tab: box ticked",
    by="Ann Example",
    on=date(2026, 11, 23),
    expires=date(2026, 12, 7),
    collection="P0100021",
)


OUTSIDE = OutsideRow("releases", "2609", "ours/releases.toml", replaces=False, source="OURS", date=date(2026, 11, 1))
RULE = RuleRow(
    table="releases",
    key="1910",
    values={"name": "1910", "build": 8913, "end_computed": False},
    source="S1",
    cited=("S1: the page of releases",),
    date=date(2024, 12, 4),
    as_of=date(2026, 5, 6),
    confidence="high",
    file="ours/releases.toml",
)
REQUIREMENT = Requirement(
    check="site-version-minimum",
    article="Your site must run Configuration Manager 2002 or later.",
    today="A supported version",
    source="S1",
    date=date(2024, 12, 4),
)
DISAGREEMENT = Contradiction(
    name="site-version",
    about="Which release EDR policy needs",
    checks=("site-version-minimum",),
    page=(
        Page(says="2002 or later", title="One page", location="memdocs one.md", dated=date(2024, 8, 19)),
        Page(says="a supported version", title="Another <page>", location="memdocs other.md"),
    ),
    judged="told apart",
    source="S1",
    date=date(2024, 12, 4),
)


def check(identifier: str, title: str, phase: Phase, outcome: Outcome, **changes: object) -> CheckResult:
    """A judged check with plain words everywhere."""
    base = CheckResult(
        id=identifier,
        title=title,
        phase=phase,
        level=Level.BLOCKER,
        declared_level=Level.BLOCKER,
        tags=("article",),
        owner=Owner.CONFIGMGR_ADMIN,
        outcome=outcome,
        reason=None,
        summary=f"The summary of {identifier}",
        expected="What the article asks for",
        observed="What was read",
        basis=Basis.DOCUMENTED,
        blocked_by=(),
        waiver=None,
        attestation=None,
        subjects=(),
        evidence=("Hierarchy", "SiteUpdates"),
        remediation=REMEDIATION,
        sources=SOURCES,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def subject(identifier: str, called: str, outcome: Outcome, **changes: object) -> SubjectResult:
    """A collection that was judged."""
    base = SubjectResult(identifier, called, "collection", outcome, Level.BLOCKER, None, "as it is", None, None)
    return replace(base, **changes)  # type: ignore[arg-type]


def _checks() -> tuple[CheckResult, ...]:
    enabled = (
        subject("P0100020", "Pilot workstations", Outcome.PASS, summary="the tick is set"),
        subject("P0100022", "All Windows Servers - EDR", Outcome.FAIL, summary="synchronised, but not enabled"),
        subject("P0100021", "Domain controllers", Outcome.MANUAL, summary="look at it", attestation=ATTESTATION),
        subject(
            "P0100023", "Kiosks", Outcome.UNKNOWN, reason=Reason.CONTRADICTING, summary="the site and Graph disagree"
        ),
    )
    return (
        check("tenant-reachable", "The tenant answers, and the account may read it", Phase.CONNECTION, Outcome.PASS),
        check(
            "site-reachable", "The SMS Provider answers, and the account may read it", Phase.CONNECTION, Outcome.PASS
        ),
        check(
            "defender-heartbeat",
            "Defender and Intune exchanged data lately",
            Phase.DEFENDER,
            Outcome.UNKNOWN,
            reason=Reason.MISSING_PERMISSION,
            summary="Could not be verified: the application lacks DeviceManagementServiceConfig.Read.All",
            observed="The application lacks DeviceManagementServiceConfig.Read.All",
            owner=Owner.ENTRA_ADMIN,
        ),
        check("defender-connected", "The Defender tenant is integrated with Intune", Phase.DEFENDER, Outcome.PASS),
        check(
            "site-version-minimum",
            "Every site runs Configuration Manager 2002 or later",
            Phase.SITE,
            Outcome.FAIL,
            origin=Origin.ARTICLE,
            requirement=REQUIREMENT,
            contradictions=(DISAGREEMENT,),
            rules=(RULE,),
        ),
        check(
            "site-hotfix-kb4563473",
            "Update KB4563473 is installed where 2002 needs it",
            Phase.SITE,
            Outcome.BLOCKED,
            blocked_by=("site-version-minimum",),
        ),
        check(
            "site-version-supported",
            "Microsoft still supports the site's version",
            Phase.SITE,
            Outcome.FAIL,
            level=Level.ADVISORY,
            declared_level=Level.ADVISORY,
            waiver=WAIVER,
        ),
        check(
            "cloud-supported",
            "The cloud environment supports EDR policy for collections",
            Phase.ATTACH,
            Outcome.NOT_APPLICABLE,
            summary="The public cloud: nothing to look at",
        ),
        check(
            "tenant-attached",
            "Tenant attach is configured and uploads to the admin center",
            Phase.ATTACH,
            Outcome.PASS,
            basis=Basis.INFERRED,
        ),
        check(
            "collections-enabled",
            "Every collection of the roll-out is available for Defender policies",
            Phase.COLLECTIONS,
            Outcome.FAIL,
            summary="All Windows Servers - EDR is synchronised, but not enabled (and 1 more)",
            observed="1 of 4 collections is enabled; ServicePartners 0 at P0100022",
            basis=Basis.INFERRED,
            subjects=enabled,
        ),
        check(
            "collections-exist",
            "Every collection of the roll-out exists and holds devices",
            Phase.COLLECTIONS,
            Outcome.ERROR,
            level=Level.ADVISORY,
            observed="ZeroDivisionError: the check itself crashed",
        ),
        check(
            "site-administrator",
            "Someone can change the site's configuration",
            Phase.RIGHTS,
            Outcome.MANUAL,
            evidence=(),
        ),
    )


PLAN = (
    PlanStep(
        step="Upgrade every site to 2002 or later",
        owner=Owner.CONFIGMGR_ADMIN,
        role="Full Administrator",
        unblocks=("site-version-minimum", "site-hotfix-kb4563473"),
        where="Administration > Updates and Servicing",
        command=None,
        wait="none",
        verify="Administration > Sites shows the build",
        rollback="none",
        change_window=True,
        id="update-sites",
    ),
    PlanStep(
        step="Tick “Make this collection available to assign Endpoint security policies”",
        owner=Owner.INTUNE_ADMIN,
        role="Endpoint Security Manager",
        unblocks=("collections-enabled",),
        where=None,
        command='Set-CMCollection -Name "All Windows Servers - EDR" | Out-Null',
        wait="15 minutes",
        verify="The collection is offered in the policy wizard",
        rollback="Untick it",
        change_window=False,
        id="cloud-sync",
        targets=("All Windows Servers - EDR (P0100022)", "Kiosks (P0100023)"),
        after=("update-sites",),
        present=(Owner.CONFIGMGR_ADMIN,),
        roles=(PlanRole(Owner.INTUNE_ADMIN, "Endpoint Security Manager", "", "Tenant administration > Roles"),),
        holders=(
            "ann@contoso.com holds Global Administrator until 2026-12-01 22:00 UTC, before the change window ends",
        ),
        wait_least_minutes=5,
        wait_minutes=15,
        wait_confidence="medium",
    ),
    PlanStep(
        step="Look at the connector",
        owner=Owner.DEFENDER_ADMIN,
        role="none",
        unblocks=("defender-heartbeat",),
        where="Defender portal",
        command=None,
        wait="none",
        verify="it is Healthy",
        rollback="none",
        change_window=False,
        id="look-at-connector",
        level=Level.ADVISORY,
        condition="if this does not pass once the steps before it are done: 'Defender is joined'",
    ),
    PlanStep(
        step="Or wait a day",
        owner=Owner.DEFENDER_ADMIN,
        role="",
        unblocks=("defender-heartbeat",),
        where=None,
        command=None,
        wait="",
        verify="",
        rollback="",
        change_window=False,
        id="wait-a-day",
        level=Level.INFO,
        condition="where nobody may look",
        instead_of="look-at-connector",
    ),
)
SUMMARY = PlanSummary(
    call="In the call: Configuration Manager administrator (Full Administrator), Intune administrator",
    people=(
        PlanPerson(
            Owner.CONFIGMGR_ADMIN,
            ("Full Administrator",),
            (1,),
            (),
            (2,),
            ("after step 1 to the Intune administrator (step 2)",),
        ),
        PlanPerson(Owner.INTUNE_ADMIN, ("Endpoint Security Manager",), (2,), (), (), ()),
        PlanPerson(Owner.DEFENDER_ADMIN, (), (), (3, 4), (), ()),
    ),
    waiting="Waiting alone takes between 5 min and about 15 min (step 2); the work itself comes on top",
    waiting_least_minutes=5,
    waiting_minutes=15,
    window="The change window is too short",
    notes=("2 checks were not judged",),
)


def _readings() -> tuple[ReadingSummary, ...]:
    site = ReadingSummary(
        id="Hierarchy",
        fact="Hierarchy",
        source="root\\SMS\\site_P01: SMS_Site",
        query="SELECT SiteCode, BuildNumber FROM SMS_Site",
        identity="CONTOSO\\svc-readiness",
        scope="Read-only Analyst, All",
        started=NOW,
        duration_seconds=0.412,
        rows=3,
        reason=None,
        error=None,
        request_id=None,
        clock_skew_seconds=None,
    )
    cloud = replace(
        site,
        id="ThreatDefenseConnectors",
        fact="ThreatDefenseConnectors",
        source="GET /beta/deviceManagement/mobileThreatDefenseConnectors",
        query=None,
        identity="readiness (11111111-2222-3333-4444-555555555555)",
        scope="Organization.Read.All",
        rows=None,
        reason=Reason.MISSING_PERMISSION,
        error="403: the application lacks DeviceManagementServiceConfig.Read.All",
        request_id="5f0c2c6e-1111-2222-3333-444455556666",
        clock_skew_seconds=-1.5,
    )
    return (site, replace(site, id="SiteUpdates", fact="SiteUpdates", rows=12), cloud)


def rich() -> Report:
    """Every outcome, both overlays, a phase without checks, two kinds of readers."""
    counts = {"pass": 4, "fail": 3, "unknown": 1, "manual": 1, "blocked": 1, "not-applicable": 1, "error": 1}
    return Report(
        run=Run(
            id="20261123T073000Z-8c1f",
            tool_version="0.1.0",
            rules_version="2026.11",
            rules_date=date(2026, 11, 20),
            host="OPS01",
            identities=("readiness (11111111-2222-3333-4444-555555555555)", "CONTOSO\\svc-readiness"),
            started=NOW,
            finished=NOW.replace(second=12),
            duration_seconds=12.345,
            configuration={},
            configuration_digest="ab" * 32,
            demo=False,
            tenant="Contoso (contoso.onmicrosoft.com)",
            site="P01 Contoso primary site",
            rules=RulesUsed(
                digest="cd" * 32, age_days=201, warning="The rules that judged are old", outside=(OUTSIDE,)
            ),
        ),
        decision=Decision(
            state=DecisionState.NOT_READY,
            sentence="Not ready: 2 blockers failed, 2 could not be verified; 1 waiver, 1 attestation",
            valid_until=datetime(2026, 11, 24, 7, 30, tzinfo=UTC),
            counts={**counts, "waived": 1, "attested": 0},
            deselected=(),
            halves={Half.SITE: DecisionState.NOT_READY, Half.TENANT: DecisionState.UNDETERMINED},
            origins={Origin.ARTICLE: DecisionState.NOT_READY, Origin.TODAY: DecisionState.UNDETERMINED},
        ),
        collections=(
            TargetDecision("P0100020", "Pilot workstations", DecisionState.READY, 120, 118, ()),
            TargetDecision(
                "P0100022",
                "All Windows Servers - EDR",
                DecisionState.NOT_READY,
                1412,
                1400,
                ("collections-enabled: not enabled",),
            ),
            TargetDecision(
                None, "Nobody knows", DecisionState.UNDETERMINED, None, None, ("no such collection is visible",)
            ),
        ),
        checks=_checks(),
        plan=PLAN,
        overlays=(
            Overlay("waiver", OverlayState.APPLIED, "site-version-supported", None, WAIVER.expires, waiver=WAIVER),
            Overlay(
                "attestation",
                OverlayState.APPLIED,
                "collections-enabled",
                "P0100021",
                ATTESTATION.expires,
                attestation=ATTESTATION,
            ),
        ),
        readings=_readings(),
        change=ChangeHeader(
            "CHG0031337", datetime(2026, 12, 1, 20, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC), "The board"
        ),
        plan_summary=SUMMARY,
    )


def poisoned(text: str) -> Report:
    """The rich report with `text` wherever a name or a sentence from outside can stand."""
    report = rich()
    bad = subject(text, text, Outcome.FAIL, summary=text)
    checks = tuple(
        replace(one, summary=text, expected=text, observed=text, subjects=(bad,), evidence=(text,))
        for one in report.checks
    )
    return replace(
        report,
        run=replace(report.run, host=text, identities=(text,), tenant=text, site=text),
        decision=replace(report.decision, sentence=text),
        collections=(TargetDecision(text, text, DecisionState.NOT_READY, 1, 1, (text,)),),
        checks=checks,
        plan=tuple(_poisoned_step(step, text) for step in report.plan),
        plan_summary=replace(
            report.plan_summary,
            call=text,
            waiting=text,
            window=text,
            notes=(text,),
            people=tuple(replace(one, roles=(text,), hands_over=(text,)) for one in report.plan_summary.people),
        ),
        overlays=tuple(replace(overlay, subject=text) for overlay in report.overlays),
        readings=tuple(replace(one, source=text, query=text, identity=text, error=text) for one in report.readings),
        change=ChangeHeader(text, None, None, text),
    )


def _poisoned_step(step: PlanStep, text: str) -> PlanStep:
    return replace(
        step,
        step=text,
        where=text,
        command=text,
        verify=text,
        role=text,
        wait=text,
        rollback=text,
        wait_confidence=text,
        condition=text if step.condition else None,
        targets=(text,),
        holders=(text,),
        roles=(PlanRole(Owner.ENTRA_ADMIN, text, text, text),),
    )


@pytest.fixture
def report() -> Report:
    return rich()


@pytest.fixture
def demo_report() -> Report:
    return replace(rich(), run=replace(rich().run, demo=True))


@pytest.fixture
def digest() -> str:
    return DIGEST


@pytest.fixture(params=HOSTILE_NAMES, ids=lambda text: ascii(text[:24]))
def hostile(request: pytest.FixtureRequest) -> str:
    """One name that must stay text."""
    return str(request.param)


@pytest.fixture
def poisoned_report(hostile: str) -> Report:
    return poisoned(hostile)


@pytest.fixture
def all_poisons() -> Report:
    """All hostile names that fit into one sentence, at once."""
    return poisoned(" ".join(text for text in HOSTILE_NAMES if len(text) < 100))
