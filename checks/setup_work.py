"""Which set-up work is left before EDR policy reaches the targets, and which role each piece needs.

Source: catalogue, phase rights; roles: the article, and memdocs on tenant attach (2022-07-11), on the wizard of cloud
services (secret renewal from 2409 on), and on endpoint security policies (2025-12-04).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.attachment import Untraced, attach_applications, attached, label
from checks.credentials import RENEW_AHEAD
from checks.hierarchies import settle
from checks.policies import collection_targets
from checks.targets import called, has_bits
from checks.upload import Reach, by_folded_id, reach
from checks.visibility import sees_everything
from readiness.plugin import (
    CloudApplication,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    Context,
    EdrPolicies,
    Fact,
    Owner,
    PolicyKind,
    Reading,
    Reason,
    SiteAccess,
    UploadScope,
    resolve_targets,
)


class Left(StrEnum):
    """Whether work is left."""

    YES = "yes"
    NO = "no"
    UNTOLD = "cannot be told"


class Task(StrEnum):
    """A piece of the set-up."""

    ATTACH = "attach the hierarchy to the tenant"
    UPLOAD_SCOPE = "take the targets into the upload scope"
    SECRET = "renew the secret of the attach application"  # noqa: S105 - a task, not a secret
    CLOUD_SYNC = "tick Cloud Sync on the targets"
    POLICY = "create and assign the EDR policy"


ROLES = {
    Task.ATTACH: "Global Administrator (Entra ID) to sign in; Full Administrator, scope All (Configuration Manager)",
    Task.UPLOAD_SCOPE: "Full Administrator, scope All (Configuration Manager); Global Administrator where the console "
    "asks to sign in",
    Task.SECRET: "Privileged Role Administrator (Entra ID) from release 2409 on, Cloud Application Administrator "
    "before; Full Administrator (Configuration Manager)",
    Task.CLOUD_SYNC: "Full Administrator, scope All (Configuration Manager)",
    Task.POLICY: "Endpoint Security Manager (Intune)",
}
OWNERS = {
    Task.ATTACH: Owner.CONFIGMGR_ADMIN,
    Task.UPLOAD_SCOPE: Owner.CONFIGMGR_ADMIN,
    Task.SECRET: Owner.ENTRA_ADMIN,
    Task.CLOUD_SYNC: Owner.CONFIGMGR_ADMIN,
    Task.POLICY: Owner.INTUNE_ADMIN,
}


@dataclass(frozen=True, slots=True)
class Work:
    """Whether a piece of the set-up is left, and why."""

    task: Task
    left: Left
    words: str
    reason: Reason | None = None
    """Why it cannot be told, where that is not a reading that failed."""
    lacking: tuple[str, ...] = ()
    """The targets for which it is left."""
    untold: tuple[str, ...] = ()
    """The targets for which it cannot be told."""

    @property
    def role(self) -> str:
        """The role that whoever does it needs."""
        return ROLES[self.task]

    @property
    def owner(self) -> Owner:
        return OWNERS[self.task]


def attach_work_left(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    upload: Reading[UploadScope],
    collections: Reading[Collections],
    context: Context,
    *,
    access: Reading[SiteAccess] | None = None,
    cloud: Reading[CloudCollections] | None = None,
) -> Work:
    """Whether work is left that the wizard's sign-in as Global Administrator is for: attach, or the upload scope.

    Args:
        access: proves that nothing is hidden; without it, more cannot be told.
        cloud: a target that the tenant lists is uploaded, whatever else is known.
    """
    attach = attach_left(services, applications, access)
    listed = _listed(cloud, collections, context) if attach.left is Left.YES else ()
    if listed:
        words = f"{attach.words}; but the tenant lists {len(listed)} of its collections"
        return Work(Task.ATTACH, Left.UNTOLD, words, Reason.CONTRADICTING)
    if attach.left is not Left.NO:
        return attach
    scope = upload_scope_left(upload, collections, context, access=access, cloud=cloud)
    return scope if scope.left is not Left.NO else Work(Task.UPLOAD_SCOPE, Left.NO, f"{attach.words}; {scope.words}")


def attach_left(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    access: Reading[SiteAccess] | None = None,
) -> Work:
    """Whether the hierarchy is still to be attached, by what the site says of it."""
    said = attached(services, applications, access or _unproven(services))
    left = {True: Left.NO, False: Left.YES, None: Left.UNTOLD}[said.holds]
    return Work(Task.ATTACH, left, said.observed)


def upload_scope_left(
    upload: Reading[UploadScope],
    collections: Reading[Collections],
    context: Context,
    *,
    access: Reading[SiteAccess] | None = None,
    cloud: Reading[CloudCollections] | None = None,
) -> Work:
    """Whether a target is outside of what is uploaded."""
    targets = _targets(collections, context)
    if isinstance(targets, str):
        return Work(Task.UPLOAD_SCOPE, Left.UNTOLD, targets)
    listed = _listed(cloud, collections, context)
    rest = [target for target in targets if target.id.casefold() not in listed]
    if not rest:
        return Work(Task.UPLOAD_SCOPE, Left.NO, "the tenant lists every target")
    found = _reach(upload, access)
    if isinstance(found, str):
        return Work(Task.UPLOAD_SCOPE, Left.UNTOLD, found)
    by_id = by_folded_id(collections.value.collections if collections.value is not None else ())
    held = {target.id: found.holds(target.id, by_id) for target in rest}
    return _over_targets(Task.UPLOAD_SCOPE, rest, held, f"uploaded are {found.words}")


def secret_left(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    context: Context,
    *,
    access: Reading[SiteAccess] | None = None,
) -> Work:
    """Whether a secret of the attach application has ended, or ends within 30 days, by what the site says."""
    if services.value is None or applications.value is None:
        return Work(Task.SECRET, Left.UNTOLD, _why(services if services.value is None else applications))
    found = attach_applications(services.value, applications.value, access or _unproven(services))
    if isinstance(found, Untraced):
        return Work(Task.SECRET, Left.UNTOLD, found.words)
    if not found:
        return Work(Task.SECRET, Left.NO, "there is no attach application: setting it up makes a new secret")
    untold = [application for application in found if application.secret_expires is None]
    ending = [application for application in found if _ends_soon(application, context.now)]
    left = Left.YES if ending else Left.UNTOLD if untold else Left.NO
    return Work(Task.SECRET, left, "; ".join(map(_secret, found)))


def cloud_sync_left(collections: Reading[Collections], context: Context) -> Work:
    """Whether a target is not ticked, by the mask that was calibrated; without one it cannot be told here."""
    mask = context.settings.calibration.edr_flag_mask
    targets = _targets(collections, context)
    if isinstance(targets, str):
        return Work(Task.CLOUD_SYNC, Left.UNTOLD, targets)
    if not mask:
        names = tuple(called(target.name, target.id) for target in targets)
        return Work(Task.CLOUD_SYNC, Left.UNTOLD, "no mask is calibrated ([site] edr_flag_mask)", untold=names)
    ticked = {t.id: None if t.service_partners is None else has_bits(t.service_partners, mask) for t in targets}
    return _over_targets(Task.CLOUD_SYNC, targets, ticked, f"by the mask {mask}")


def policy_left(
    policies: Reading[EdrPolicies],
    cloud: Reading[CloudCollections],
    collections: Reading[Collections],
    context: Context,
) -> Work:
    """Whether a target has no EDR policy of the Configuration Manager kind assigned. By either id of the collection."""
    targets = _targets(collections, context)
    if isinstance(targets, str):
        return Work(Task.POLICY, Left.UNTOLD, targets)
    if policies.value is None or cloud.value is None:
        return Work(Task.POLICY, Left.UNTOLD, _why(policies if policies.value is None else cloud))
    rows = [policy for policy in policies.value.policies if policy.kind is PolicyKind.CONFIGMGR]
    named = {id_.casefold() for policy in rows for id_ in collection_targets(policy)}
    settled = settle(cloud.value, collections.value, context.settings.calibration.hierarchy_id)
    ours = {row.collection_id.casefold(): row.id.casefold() for row in settled.collections(cloud.value)}
    lacking = None if named and settled.id is None else False  # an id of the tenant's may stand for a target
    has = {t.id: bool(named & {t.id.casefold(), ours.get(t.id.casefold(), "")}) or lacking for t in targets}
    return _over_targets(Task.POLICY, targets, has, f"{len(rows)} EDR policies for Configuration Manager devices exist")


def summed(works: Iterable[Work]) -> Left:
    """Whether any of several pieces is left."""
    found = {work.left for work in works}
    return Left.YES if Left.YES in found else Left.UNTOLD if Left.UNTOLD in found else Left.NO


def _targets(collections: Reading[Collections], context: Context) -> Sequence[Collection] | str:
    """The targets, or why they are not settled."""
    names = context.settings.scope.collections
    if not names:
        return "no target is named"
    if collections.value is None:
        return _why(collections)
    found = resolve_targets(names, collections.value.collections)
    problem = next((target for target in found if target.collection is None or target.problem), None)
    if problem is not None:
        return f"the target {problem.named} is not settled: {problem.problem}"
    return [target.collection for target in found if target.collection is not None]


def _listed(
    cloud: Reading[CloudCollections] | None, collections: Reading[Collections], context: Context
) -> frozenset[str]:
    """Ids of the collections of this site that the tenant lists, folded."""
    if cloud is None or cloud.value is None:
        return frozenset()
    settled = settle(cloud.value, collections.value, context.settings.calibration.hierarchy_id)
    return frozenset(row.collection_id.casefold() for row in settled.collections(cloud.value))


def _reach(upload: Reading[UploadScope], access: Reading[SiteAccess] | None) -> Reach | str:
    """What is uploaded, or why that cannot be told. All devices only where nothing is hidden from the account."""
    if upload.value is None:
        return _why(upload)
    found = reach(upload.value)
    if isinstance(found, Untraced):
        return found.words
    if found.root is None and (access is None or not sees_everything(access)):
        return "no upload scope is told, and the account is not known to see it if there is one"
    return found


def _over_targets(task: Task, targets: Sequence[Collection], done: Mapping[str, bool | None], words: str) -> Work:
    names = {target.id: called(target.name, target.id) for target in targets}
    lacking = [id_ for id_, is_ in done.items() if is_ is False]
    untold = [id_ for id_, is_ in done.items() if is_ is None]
    by = (tuple(names[id_] for id_ in lacking), tuple(names[id_] for id_ in untold))
    if lacking:
        return Work(task, Left.YES, f"not so for {', '.join(lacking)}; {words}", None, *by)
    if untold:
        return Work(task, Left.UNTOLD, f"cannot be told for {', '.join(untold)}; {words}", None, *by)
    return Work(task, Left.NO, f"done for every target; {words}")


def _ends_soon(application: CloudApplication, now: datetime) -> bool:
    return application.secret_expires is not None and application.secret_expires - now < RENEW_AHEAD


def _secret(application: CloudApplication) -> str:
    ends = application.secret_expires
    when = f"ends on {ends:%Y-%m-%d}" if ends is not None else "has no end that the site tells"
    return f"the secret of {label(application)} {when}"


def _why(reading: Reading[Fact]) -> str:
    return reading.error or f"{reading.fact} was not read"


def _unproven(like: Reading[Fact]) -> Reading[SiteAccess]:
    """A reading of what the account may see that proves nothing."""
    words = "what the account may see was not asked"
    return Reading("SiteAccess", like.started, 0.0, reason=Reason.NOT_VISIBLE, error=words)
