"""The upload scope: which devices the site sends to the admin center, and whether a collection is among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checks.attachment import Untraced
from readiness.plugin import Collection, Reason, UploadScope


@dataclass(frozen=True, slots=True)
class Reach:
    """What is uploaded: all devices, or one collection and what it limits."""

    root: str | None
    """Id of the one collection; None: all devices."""

    @property
    def words(self) -> str:
        return "all devices" if self.root is None else f"collection {self.root} and what it limits"

    def holds(self, collection_id: str, by_id: Mapping[str, Collection]) -> bool | None:
        """Whether a collection is uploaded: it is the one, or is limited to it, at any depth.

        Args:
            by_id: the collections that the account sees, as `by_folded_id` gives them.

        Returns:
            None where a limiting collection is not visible, or collections limit each other in a circle.
        """
        if self.root is None:
            return True
        wanted, above = self.root.casefold(), collection_id.casefold()
        seen: set[str] = set()
        while above != wanted:
            row = by_id.get(above)
            if row is None or above in seen:
                return None
            seen.add(above)
            if not row.limiting_id:
                return False
            above = row.limiting_id.casefold()
        return True


def by_folded_id(collections: Iterable[Collection]) -> dict[str, Collection]:
    return {collection.id.casefold(): collection for collection in collections}


def reach(scope: UploadScope, tenant_id: str | None = None) -> Reach | Untraced:
    """What is uploaded to one tenant; where none is named, to every tenant that was asked for, if that is the same.

    That no collection is named means all devices (inferred): only where the answer says that it succeeded. Whether the
    account was allowed to see the collection is for the caller to prove.
    """
    rows = [row for row in scope.mappings if tenant_id is None or row.tenant_id.casefold() == tenant_id.casefold()]
    if not rows:
        return Untraced(Reason.NOT_VISIBLE, "the upload scope of the tenant was not told")
    failed = next((row for row in rows if row.return_value != 0), None)
    if failed is not None:
        words = f"the question for the upload scope was answered with the return value {failed.return_value}"
        return Untraced(Reason.BAD_ANSWER, words)
    roots = {(row.collection_id or "").strip() for row in rows}
    if len(roots) > 1:
        return Untraced(Reason.CONTRADICTING, f"several upload scopes are told: {', '.join(sorted(roots))}")
    return Reach(roots.pop() or None)
