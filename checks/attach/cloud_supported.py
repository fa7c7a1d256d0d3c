"""The cloud environment supports EDR policy for collections: not every Microsoft cloud does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from checks.clouds import Discovered, of_site, of_tenant
from checks.console import CLOUD_ATTACH, WIZARD, at
from checks.either import READ_AGAIN, Said, observed
from checks.hierarchy import doubt, flaw, present
from checks.knowledge import CloudRule
from readiness.plugin import (
    Basis,
    Check,
    CloudApplications,
    CloudServices,
    CloudTenants,
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    SiteType,
    Source,
    Step,
    TenantCloud,
    Verdict,
)

CHECK = Check(
    id="cloud-supported",
    title="The cloud environment supports EDR policy for collections",
    phase=Phase.ATTACH,
    level=Level.BLOCKER,
    needs=Needs.EITHER,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    rules=("clouds",),
    why="The article supports the public cloud only; today's documentation lists four features of tenant attach for "
    "US Government, and EDR policy is not one of them.",
    judged=(
        "The tenant: the configured cloud and the discovery document must name the same cloud, else contradicting. "
        "Public passes, GCC included; US Government fails where a central or primary site runs a build below 9058 "
        "(2107), and must be confirmed by a person at a later one; China fails; other clouds are unknown. The site: "
        "environment 0 of the attached tenant's row is seen with the public cloud (inferred); other numbers are not "
        "documented, and leave it unknown unless the tenant says that it is no public cloud. A half that is not "
        "configured, or not attached yet, leaves the other one uncorroborated."
    ),
    inferred=(
        "That environment 0 of the attached tenant's row is the public cloud: seen, not documented. One half alone is "
        "uncorroborated."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "US Government below release 2107: update every site to a release that is in support, then attach the "
                f"hierarchy with the {WIZARD} and the environment AzureUSGovernmentCloud",
                where=CLOUD_ATTACH,
                id="update-for-government",
                condition="where the cloud is US Government, and a site is below release 2107",
            ),
            Step(
                "China: devices cannot be uploaded from there; use the Intune kind of policy for enrolled devices, or "
                "the onboarding package of Configuration Manager",
                where="Assets and Compliance > Endpoint Protection > Microsoft Defender ATP Policies",
                id="other-policy-in-china",
                condition="where the cloud is China",
            ),
        ),
        role="Full Administrator, scope All, in Configuration Manager; Global Administrator in Entra ID",
        wait="none: what a cloud supports changes with Microsoft's services",
        verify="Microsoft Intune admin center > Endpoint security > Endpoint detection and response > Create policy "
        "offers the platform Windows (ConfigMgr)",
        rollback="none: a tenant stays in its cloud",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Set up Configuration Manager to support EDR policy, Task 2: AzurePublicCloud only",
            date(2020, 5, 22),
        ),
        Source(
            "Tenant attach: prerequisites",
            "memdocs intune/configmgr/tenant-attach/prerequisites.md",
            date(2022, 7, 11),
        ),
        Source("Enable cloud attach", "memdocs intune/configmgr/cloud-attach/enable.md", date(2022, 8, 15)),
        Source("OpenID Connect discovery", "tenant_region_sub_scope, cloud_instance_name, msgraph_host"),
    ),
)

CONFIRM = Remediation(
    steps=(
        Step(
            "Ask Microsoft whether EDR policy reaches Configuration Manager collections in this cloud, or see that the "
            "admin center offers it",
            where="Microsoft Intune admin center of this cloud > Endpoint security > Endpoint detection and response > "
            "Create policy: the platform Windows (ConfigMgr)",
            id="confirm-cloud",
        ),
        Step(
            "Attest what was confirmed: [[attestation]] with check = 'cloud-supported' in the configuration",
            id="attest-cloud",
        ),
    ),
    role="Endpoint Security Manager in Intune",
    verify="the platform is offered, and a policy reaches a test collection",
    owner=Owner.INTUNE_ADMIN,
)

EXPECTED = "a cloud in which EDR policy for collections is documented: public, GCC included"


@CHECK.judge
def judge(
    cloud: Reading[TenantCloud],
    organization: Reading[Organization],
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    tenants: Reading[CloudTenants],
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
) -> Verdict:
    tenant = of_tenant(cloud, organization)
    site = of_site(services, applications, tenants, access)
    verdict = _weighed(site, tenant, hierarchy)
    rules = (f"clouds:{tenant.rule.word}",) if tenant.rule is not None else ()
    return replace(verdict, observed=observed({"the site": site, "the tenant": tenant.said}), rules=rules)


def _weighed(site: Said, tenant: Discovered, hierarchy: Reading[Hierarchy]) -> Verdict:
    for said in (tenant.said, site):
        if said.reason is not None and not said.absent:
            words = f"Could not be verified: {said.observed}"
            return _verdict(Outcome.UNKNOWN, words, said.reason, remediation=said.remediation)
    if tenant.rule is None:
        return _by_site(site, tenant.said)
    if site.holds is not None and site.holds is (tenant.rule.policy != "supported"):
        return _at_odds(site, tenant.rule)
    if tenant.rule.policy == "supported":
        return _supported(site, tenant.rule)
    if tenant.rule.policy == "unsupported":
        words = f"EDR policy for collections is not offered in {tenant.rule.name}: devices cannot be uploaded"
        return _verdict(Outcome.FAIL, words, remediation=at(_only("other-policy-in-china"), hierarchy.value))
    return _government(tenant.rule, hierarchy)


def _by_site(site: Said, tenant: Said) -> Verdict:
    """The tenant's half is not configured."""
    if site.holds:
        words = f"The site is attached to the public cloud (inferred); uncorroborated: {tenant.observed}"
        return _verdict(Outcome.PASS, words, basis=Basis.INFERRED)
    if site.holds is False:
        return _verdict(Outcome.UNKNOWN, f"The site says {site.observed}", Reason.UNKNOWN_VALUE)
    words = f"Could not be verified: {tenant.observed}, and the site says: {site.observed}"
    return _verdict(Outcome.UNKNOWN, words, Reason.NOT_CONFIGURED)


def _at_odds(site: Said, rule: CloudRule) -> Verdict:
    """The site's number is not that of the tenant's cloud, as far as the number is known at all."""
    if site.holds:
        words = f"The tenant lives in {rule.name}, but the site is attached to the public cloud: {READ_AGAIN}"
        return _verdict(Outcome.UNKNOWN, words, Reason.CONTRADICTING)
    words = f"The tenant lives in {rule.name}, but the site says {site.observed}"
    return _verdict(Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)


def _supported(site: Said, rule: CloudRule) -> Verdict:
    words = f"EDR policy for collections is supported in {rule.name}"
    if site.holds:
        return _verdict(Outcome.PASS, words)
    return _verdict(Outcome.PASS, f"{words}; uncorroborated: {site.observed}", basis=Basis.INFERRED)


def _government(rule: CloudRule, hierarchy: Reading[Hierarchy]) -> Verdict:
    if hierarchy.value is None:
        words = f"In {rule.name} it depends on the site's build: {hierarchy.error or 'it was not read'}"
        return _verdict(Outcome.UNKNOWN, words, hierarchy.reason)
    sites = [site for site in present(hierarchy.value) if site.type is not SiteType.SECONDARY]
    doubts = ((Reason.UNKNOWN_VALUE, f"{site.label} {doubt(site)}") for site in sites if doubt(site) is not None)
    broken = flaw(hierarchy.value) or next(doubts, None)
    if broken is not None:
        return _verdict(Outcome.UNKNOWN, f"In {rule.name} it depends on the build: {broken[1]}", broken[0])
    old = [site for site in sites if site.build < rule.since_build]
    if old:
        named = ", ".join(f"{site.label} on build {site.build}" for site in old)
        words = f"{rule.name} takes sites from release 2107 (build {rule.since_build}) on: {named}"
        steps = at(_only("update-for-government"), hierarchy.value)
        return _verdict(Outcome.FAIL, words[0].upper() + words[1:], remediation=steps)
    said = (
        f"For {rule.name} four features of tenant attach are documented, and EDR policy is not one of them: "
        "confirm it with Microsoft"
    )
    return _verdict(Outcome.MANUAL, said, remediation=CONFIRM)


def _only(step_id: str) -> Remediation:
    """The step for one cloud, which is needed there for certain."""
    steps = (replace(step, condition="") for step in CHECK.remediation.steps if step.id == step_id)
    return replace(CHECK.remediation, steps=tuple(steps))


def _verdict(
    outcome: Outcome,
    summary: str,
    reason: Reason | None = None,
    *,
    basis: Basis = Basis.DOCUMENTED,
    remediation: Remediation | None = None,
) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, "", basis, reason=reason, remediation=remediation)
