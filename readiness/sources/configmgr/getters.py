"""The methods of the SMS Provider that may be called: static ones that only read, each by its exact name.

Their siblings on the same classes write (`ModifyServicePartners`, `AddTenantCollectionMapping`,
`RemoveTenantCollectionMapping`): what is not listed here is refused before it is sent, over every transport.
Reference: configmgr.md Q3 and Q4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from readiness.sources.failures import GuardRefusal

GETTERS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "SMS_CoMgmtConfigs": {"GetTenantCollectionMapping": frozenset({"TenantID"})},
    "SMS_Collection": {"GetServicePartners": frozenset({"CollectionID"})},
    "SMS_Identification": {
        "GetCurrentUser": frozenset(),
        "GetProviderVersion": frozenset(),
        "GetSiteID": frozenset(),
        "GetSiteType": frozenset(),
        "IsCurrentBranch": frozenset(),
    },
}
"""Class -> method -> the names of its arguments, all of them needed."""


def require_getter(cls: str, method: str, arguments: Collection[str]) -> None:
    """Let only a listed method through, with exactly its arguments. Raises `GuardRefusal`."""
    expected = GETTERS.get(cls, {}).get(method)
    if expected is None:
        raise GuardRefusal(f"the method {cls}.{method}"[:120] + ", which is not known to read only")
    if len(arguments) != len(expected) or set(arguments) != expected:
        raise GuardRefusal(f"{cls}.{method} without exactly its arguments: {', '.join(sorted(expected)) or 'none'}")
