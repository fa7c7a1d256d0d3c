"""Which cloud it is: by the tenant's discovery document, and by the site's row of the tenant."""

from __future__ import annotations

from dataclasses import dataclass

from checks import knowledge
from checks.attachment import Untraced, attach_applications, attached, tenant_of
from checks.either import Said
from checks.knowledge import CloudRule
from readiness.plugin import (
    CloudApplications,
    CloudServices,
    CloudTenants,
    Organization,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    Step,
    TenantCloud,
)

PUBLIC_ENVIRONMENT = 0
"""`SMS_AAD_Tenant_Ex.Environment`, seen with tenants of the public cloud. Other numbers are not documented."""

SAY_CLOUD = Remediation(
    steps=(
        Step(
            "Say in [tenant] cloud where the tenant lives: public (GCC too), usgov (GCC High), usdod or china; the "
            "application registration must be in the same cloud",
            id="say-cloud",
        ),
    ),
    role="none: this is configuration of the scan",
    verify="run the scan again: the check then has a verdict",
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the tenant's side says of its cloud."""

    rule: CloudRule | None
    said: Said
    """Why there is no rule, or what was observed."""


def of_tenant(cloud: Reading[TenantCloud], organization: Reading[Organization]) -> Discovered:
    """The cloud that the configuration names and the discovery document shows: both must be the same."""
    found = cloud.value
    if found is None or organization.value is None:
        return Discovered(None, Said.unread(cloud if found is None else organization))
    seen = _observed(found)
    flaw = _flaw(found, organization.value)
    if flaw is not None:
        reason, words = flaw
        return Discovered(None, Said(None, f"{words} ({seen})", reason))
    rule = next((rule for rule in knowledge.clouds() if _shows(found, rule)), None)
    if rule is None:
        words = "the discovery document puts together what belongs to different clouds, or is not known"
        known = found.graph_host in {rule.graph for rule in knowledge.clouds() if _of_instance(found, rule)}
        reason = Reason.UNKNOWN_VALUE if known else Reason.CONTRADICTING
        return Discovered(None, Said(None, f"{words} ({seen})", reason))
    if rule.word != found.configured:
        words = f"the configuration says {found.configured}, but the tenant lives in {rule.name} ({seen})"
        return Discovered(None, Said(None, words, Reason.CONTRADICTING, SAY_CLOUD))
    return Discovered(rule, Said(None, f"{rule.name}, as configured ({seen})"))


def _flaw(found: TenantCloud, organization: Organization) -> tuple[Reason, str] | None:
    """Why nothing can be concluded from this document."""
    if not found.cloud_instance_name or not found.graph_host or not found.tenant_id:
        return Reason.BAD_ANSWER, "the discovery document does not say in which cloud which tenant lives"
    if organization.tenant_id.casefold() != found.tenant_id.casefold():
        return Reason.CONTRADICTING, f"the discovery document is of another tenant than {organization.label}"
    if not any(_of_instance(found, rule) for rule in knowledge.clouds()):
        return Reason.UNKNOWN_VALUE, f"the cloud '{found.cloud_instance_name}' is in no table"
    return None


def _of_instance(found: TenantCloud, rule: CloudRule) -> bool:
    return (found.cloud_instance_name or "").casefold() == rule.instance


def _shows(found: TenantCloud, rule: CloudRule) -> bool:
    government = (found.region_scope or "").casefold() == "usgov"
    return (
        _of_instance(found, rule)
        and (found.graph_host or "").casefold() == rule.graph
        and (found.region_sub_scope in rule.sub_scopes if found.region_sub_scope else rule.no_sub_scope)
        and (rule.word.startswith("us") or not government)
    )


def _observed(found: TenantCloud) -> str:
    said = (
        ("cloud", found.cloud_instance_name),
        ("region", found.region_scope),
        ("sub-region", found.region_sub_scope),
        ("Graph", found.graph_host),
    )
    return ", ".join(f"{name} {value}" for name, value in said if value) or "nothing said"


def of_site(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    tenants: Reading[CloudTenants],
    access: Reading[SiteAccess],
) -> Said:
    """Whether the site is attached to a tenant of the public cloud.

    It holds nothing where the site is not attached yet, and `unknown-value` where its number is not documented.
    """
    said = attached(services, applications, access)
    if said.reason is not None:
        return said
    if not said.holds or services.value is None or applications.value is None:
        return Said(None, f"not attached to any cloud yet ({said.observed})")
    if tenants.value is None:
        return Said.unread(tenants)
    return _environment(services.value, applications.value, tenants.value, access)


def _environment(
    services: CloudServices, applications: CloudApplications, tenants: CloudTenants, access: Reading[SiteAccess]
) -> Said:
    found = attach_applications(services, applications, access)
    if isinstance(found, Untraced):
        return found.said
    numbers: set[int | None] = set()
    for application in found:
        tenant = tenant_of(application, tenants, access)
        if isinstance(tenant, Untraced):
            return tenant.said
        numbers.add(tenant.environment)
    if None in numbers:
        return Said(None, "the tenant's row does not say its environment", Reason.BAD_ANSWER)
    if numbers == {PUBLIC_ENVIRONMENT}:
        return Said(True, f"environment {PUBLIC_ENVIRONMENT}, which is seen with the public cloud")
    other = ", ".join(str(number) for number in sorted(n for n in numbers if n is not None))
    return Said(False, f"environment {other}, which is not documented; 0 is seen with the public cloud")
