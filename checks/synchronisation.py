"""Which collections are uploaded to the admin center: by the upload scope of the site, and by the tenant's list.

The scope is all devices, or one collection; collections that are limited to it, also through others, come along.
Source: configmgr tenant attach, device sync and device actions; that an empty scope means all devices is inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.attachment import Untraced
from checks.either import Said
from checks.hierarchies import SettledHierarchy, settle
from checks.targets import Advised, subject, targets
from checks.upload import Reach, by_folded_id, reach
from checks.visibility import SEE_EVERYTHING, sees_everything
from checks.wording import counted
from readiness.plugin import (
    CloudCollection,
    CloudCollections,
    Collection,
    Collections,
    CollectionType,
    Context,
    Organization,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Target,
    UploadScope,
    Verdict,
)

ALL_SYSTEMS = "sms00001"
"""The collection to which every other device collection is limited in the end; it is limited to none."""

UNKNOWN_COMPUTERS = "SMS000US"
"""All Unknown Computers: its members are placeholders without a client, which are never uploaded."""


@dataclass(frozen=True, slots=True)
class SiteScope:
    """What the site says of its upload scope."""

    words: str
    reach: Reach | None = None
    """None where it is not known."""
    inside: frozenset[str] = frozenset()
    """Where one collection is uploaded: the ids of it and of the visible ones that are limited to it, case folded."""
    silent: Said | None = None
    """Why it is not known."""

    def holds(self, collection: Collection) -> bool:
        """Whether this device collection is proven to be uploaded."""
        if self.reach is None:
            return False
        return self.reach.root is None or collection.id.casefold() in self.inside

    def says(self, collection: Collection, visible: Mapping[str, Collection]) -> Said:
        """Whether this device collection is uploaded.

        Args:
            visible: the collections of the site by id, case folded.
        """
        if self.silent is not None:
            return self.silent
        if self.holds(collection):
            return Said(True, f"it is inside the upload scope ({self.words})")
        doubt = _doubt(collection, visible)
        return doubt or Said(False, f"it is outside the upload scope ({self.words})")


def site_scope(
    scope: UploadScope,
    collections: Sequence[Collection],
    organization: Reading[Organization],
    access: Reading[SiteAccess],
    attached: Verdict,
) -> SiteScope:
    """What the site says of the upload to the tenant that was scanned.

    Args:
        organization: that tenant; where it was not read, the site may say one thing only.
        attached: the verdict of `tenant-attached`.
    """
    found = reach(scope, organization.value.tenant_id if organization.value is not None else None)
    if isinstance(found, Untraced):
        return _silent(found.said)
    if found.root is not None:
        return SiteScope(found.words, found, _below(found.root.casefold(), collections))
    if sees_everything(access) and attached.outcome is Outcome.PASS:
        return SiteScope(found.words, found)
    lacking = "tenant attach is not proven" if sees_everything(access) else "the account is not known to see it"
    words = f"the site names no collection as upload scope, which means all devices only where it is shown: {lacking}"
    return _silent(Said(None, words, remediation=SEE_EVERYTHING))


def _silent(said: Said) -> SiteScope:
    return SiteScope(said.observed, silent=said)


def _below(root: str, collections: Sequence[Collection]) -> frozenset[str]:
    """The root, and whatever is limited to it, also through others. Each collection is looked at once, so a circle
    ends."""
    limited: dict[str, list[str]] = {}
    for one in collections:
        limited.setdefault(one.limiting_id.casefold(), []).append(one.id.casefold())
    found, open_ = {root}, [root]
    while open_:
        new = [id_ for id_ in limited.get(open_.pop(), ()) if id_ not in found]
        found.update(new)
        open_ += new
    return frozenset(found)


def _doubt(collection: Collection, visible: Mapping[str, Collection]) -> Said | None:
    """Why it is not proven that a collection is limited to no part of the upload scope; None where it is proven."""
    last = collection
    for last in _limits(collection, visible):
        if last.id.casefold() == ALL_SYSTEMS or (last.built_in and not last.limiting_id):
            return None
    if last.limiting_id.casefold() == ALL_SYSTEMS:
        return None
    if last.limiting_id.casefold() in visible:
        words = f"the collections that it is limited to go in a circle at {last.id}, which cannot be"
        return Said(None, words, Reason.CONTRADICTING)
    if not last.limiting_id:
        return Said(None, f"what {last.id} is limited to is not shown", Reason.BAD_ANSWER)
    words = f"it is limited to {last.limiting_id}, which the account cannot see: where that belongs is not known"
    return Said.hidden(words)


def _limits(collection: Collection, visible: Mapping[str, Collection]) -> Iterator[Collection]:
    """The collection, what it is limited to, and so on, as far as visible; each once, so a circle ends."""
    seen: set[str] = set()
    one: Collection | None = collection
    while one is not None and one.id.casefold() not in seen:
        seen.add(one.id.casefold())
        yield one
        one = visible.get(one.limiting_id.casefold())


@dataclass(frozen=True, slots=True)
class TenantList:
    """The tenant's list of collections, as far as it is about this site."""

    said: Said
    """Why it says nothing; where it says something, how it was joined with the site."""
    rows: Mapping[str, CloudCollection]
    """By the id that the site gives the collection, case folded; empty where the list says nothing."""

    def says(self, id_: str) -> Said:
        """Whether the tenant knows this collection. It never says no: it may list the enabled ones only."""
        row = self.rows.get(id_.casefold())
        if row is not None:
            return Said(True, f"its list holds it, as {row.name}")
        if self.rows:
            return Said(
                None, f"its list of {counted(len(self.rows), 'collection')} of this site lacks it, which says nothing"
            )
        return self.said


def tenant_list(
    cloud: Reading[CloudCollections], collections: Collections | None, configured: str | None
) -> TenantList:
    """What of the tenant's list is about this site. Catalogue: rules for every check, 7 and 9."""
    if cloud.value is None:
        return TenantList(Said.unread(cloud), {})
    settled = settle(cloud.value, collections, configured)
    if settled.contradicting:
        return TenantList(Said.ambiguous(settled.words), {})
    rows = {row.collection_id.casefold(): row for row in settled.collections(cloud.value)}
    if rows:
        return TenantList(Said(None, f"{counted(len(rows), 'collection')} listed ({settled.words})"), rows)
    return TenantList(Said(None, _nothing(cloud.value, settled)), {})


def _nothing(cloud: CloudCollections, settled: SettledHierarchy) -> str:
    if not cloud.collections:
        return "it lists no collection of Configuration Manager, which says nothing"
    return f"it lists no collection of this site ({settled.words}), which says nothing"


@dataclass(frozen=True, slots=True)
class Synchronisation:
    """The targets, and what each half says of which collections are uploaded."""

    targets: tuple[Target, ...]
    visible: Mapping[str, Collection]
    """The collections of the site by id, case folded; none where the site was not read."""
    scope: SiteScope
    listed: TenantList
    attached: Verdict
    """Of `tenant-attached`."""

    def not_attached(self, target: Target, words: str) -> Advised | None:
        """What is said of a target that would pass, where it is not proven that the hierarchy is attached: a scope or
        a box may be left from earlier. None where it is proven."""
        if self.attached.outcome is Outcome.PASS:
            return None
        said = f"{words}; but whether the hierarchy is attached is not proven: {self.attached.summary}"
        reason = self.attached.reason or Reason.NOT_VISIBLE
        return subject(target, Outcome.UNKNOWN, said, reason), self.attached.remediation

    def site_says(self, collection: Collection) -> Said:
        return self.scope.says(collection, self.visible)

    def selective(self) -> Collection | None:
        """A collection with devices that is uploaded and that the tenant's list lacks: it shows that the list holds
        the enabled ones only. None where nothing shows that."""
        if not self.listed.rows:
            return None
        missing = (one for id_, one in self.visible.items() if id_ not in self.listed.rows and self.scope.holds(one))
        return next((one for one in missing if _holds_devices(one)), None)

    @property
    def observed(self) -> str:
        return f"the site: {self.scope.words}; the tenant: {self.listed.said.observed}"


def _holds_devices(collection: Collection) -> bool:
    """Whether it holds devices that can be uploaded at all."""
    return (
        collection.type is CollectionType.DEVICE
        and collection.member_count > 0
        and collection.id.upper() != UNKNOWN_COMPUTERS
    )


def synchronisation(
    collections: Reading[Collections],
    scope: Reading[UploadScope],
    cloud: Reading[CloudCollections],
    organization: Reading[Organization],
    access: Reading[SiteAccess],
    context: Context,
    attached: Verdict,
) -> Synchronisation | None:
    """What both halves say; None where neither can tell which collections are meant.

    Without the site the targets are looked for in the tenant's list.

    Args:
        attached: the verdict of `tenant-attached`.
    """
    configured = context.settings.calibration.hierarchy_id
    listed = tenant_list(cloud, collections.value, configured)
    if collections.value is None:
        absent = collections.reason is Reason.NOT_CONFIGURED
        found = _as_collections(cloud.value, configured) if absent and cloud.value is not None else None
        said = _silent(Said.unread(collections))
        return Synchronisation(targets(found, context), {}, said, listed, attached) if found is not None else None
    own = collections.value
    if scope.value is None:
        said = _silent(Said.unread(scope))
    else:
        said = site_scope(scope.value, own.collections, organization, access, attached)
    return Synchronisation(targets(own, context), by_folded_id(own.collections), said, listed, attached)


def _as_collections(cloud: CloudCollections, configured: str | None) -> Collections | None:
    """The collections of this site as the tenant lists them; None where it cannot be told which they are."""
    rows = settle(cloud, None, configured).collections(cloud)
    found = [Collection(row.collection_id, row.name, CollectionType.DEVICE, 0) for row in rows]
    return Collections(tuple(found)) if found else None
