"""The rows of the rule data: what each table says, as types. Source and date of every row: `Row`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from readiness.plugin import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Row):
    """One release of Configuration Manager, current branch."""

    name: str
    build: int
    available: date
    end_of_support: date
    end_computed: bool = False
    """Whether the end of support is computed, as no published table gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingRelease(Row):
    """A release that exists, of which no source that was read gives the build number."""

    name: str
    end_of_support: str
    """In words, as the reference has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateState(Row):
    """A state of an in-console update."""

    number: int
    name: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredUpdate(Row):
    """An update that one build needs."""

    kb: int
    build: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterUpdate(Row):
    """A later cumulative update of a build, that probably holds the required one."""

    kb: int
    build: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """What a place of the console is called from a build on."""

    build: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Row):
    """A place of the console, and what it was called over the years."""

    name: str
    text: str
    """What names it where the build of the site is not known."""
    era: tuple[Era, ...] = ()

    @property
    def eras(self) -> Mapping[int, str]:
        """What it is called from a build on, oldest first."""
        return {era.build: era.says for era in sorted(self.era, key=lambda era: era.build)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRule(Row):
    """A cloud that a tenant can live in."""

    word: str
    """As the configuration names it."""
    name: str
    instance: str
    """`cloud_instance_name` of the discovery document."""
    graph: str
    """`msgraph_host` of the discovery document."""
    sub_scopes: tuple[str, ...] = ()
    """Values of `tenant_region_sub_scope` that it may have."""
    no_sub_scope: bool = False
    """Whether the discovery document may have none."""
    policy: Literal["supported", "not-documented", "unsupported"]
    """Whether EDR policy reaches collections there."""
    since_build: int = 0
    """The first build that attaches to this cloud; 0: every one."""
    features: tuple[str, ...] = ()
    """The features of tenant attach that are documented for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """An update that mends a defect."""

    kb: int
    why: str
    client: str | None = None
    """The client that it brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect(Row):
    """A defect of some builds."""

    name: str
    kind: Literal["policy", "attach"]
    """`policy`: devices that are not co-managed get none. `attach`: the site's connection to the cloud may fail."""
    first_build: int
    last_build: int
    words: str
    fix: tuple[Fix, ...] = ()
    client_floor: str | None = None
    """Clients below this version have the defect even where the site is mended."""

    @property
    def fixed_by(self) -> Mapping[int, str]:
        """KB numbers of the updates that mend it, and why each does."""
        return {fix.kb: fix.why for fix in self.fix}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Row):
    """A part that Microsoft published as a preview, and until when."""

    name: str
    first_build: int
    preview_until: int
    """The newest build when a document still called it a preview."""
    general_from: int
    """The newest build when a document no longer did."""
    said_preview: date
    said_general: date


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Row):
    """An operating system of devices."""

    name: str
    kind: Literal["workstation", "server"]
    version: str
    """Major and minor number, as 10.0."""
    first_build: int = 0
    """Its own lowest build number."""
    never: bool = False
    from_build: int = 0
    """The first build of the site that allows it."""
    dropped_by: int | None = None
    """The release that no longer allows it, as 2609."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Row):
    """A host that must be reached."""

    host: str
    ports: tuple[int, ...]
    by: Literal["service-connection-point", "management-point", "device"]
    use: Literal["tenant-attach", "certificate-status", "updates", "sign-in"]
    cloud: Literal["every", "public", "usgov"] = "every"
    path: str | None = None
    since_build: int = 0
    """The first build that needs it; 0: every one."""
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicencePlan(Row):
    """A service plan that a subscription may hold."""

    plan: str
    """Its name in Microsoft's lists, as WINDEFATP."""
    id: str
    """`servicePlanId`."""
    product: str
    gives: Literal["edr", "no-edr", "intune", "pim"]
    """What it gives of what the roll-out needs; `edr`: endpoint detection and response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRole(Row):
    """Who may do a step of the set-up."""

    step: str
    does: str
    """The step in words."""
    system: Literal["entra", "intune", "configmgr", "defender", "network", "active-directory"]
    role: str
    least: str | None = None
    """What is enough besides the role: a permission, a smaller role, a condition."""
    where: str
    """Where the role is activated or given."""
    from_build: int = 0
    until_build: int | None = None
    checks: tuple[str, ...] = ()
    """The checks whose remediation is this step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Row):
    """How long a service takes to notice a change."""

    name: str
    words: str
    least_minutes: int = 0
    """Before that it is not worth looking."""
    minutes: int
    """After that it should have noticed."""
    checks: tuple[str, ...] = ()
