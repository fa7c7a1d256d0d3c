"""In-console updates: which package carries a KB, and in what state it is where.

Names are localised, so the digits of the KB number are what is matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks import knowledge
from readiness.plugin import Outcome, Reading, Reason, SiteAccess, SiteUpdates, SiteUpdateStatuses, UpdatePackage

_OWN_KB = re.compile(r"KB\s?(\d{6,8})(?!\d)", re.IGNORECASE)


def names_kb(text: str, kb: int) -> bool:
    """Whether a text holds this KB number, and not only as a part of a longer number or word."""
    return re.search(rf"(?<![0-9A-Za-z])(?:KB)?{kb}(?![0-9A-Za-z])", text, re.IGNORECASE) is not None


def carries(package: UpdatePackage, kb: int) -> bool:
    """Whether this is the package of the KB. One whose name has another KB number only speaks of this one."""
    if names_kb(package.name, kb):
        return True
    if _OWN_KB.search(package.name):
        return False
    return names_kb(package.more_info_link, kb) or names_kb(package.description, kb)


def installed_later(packages: Iterable[UpdatePackage], kb: int) -> UpdatePackage | None:
    """A later cumulative update that is installed: by the rule data, or because it says that it supersedes the KB."""
    later = knowledge.later_updates(knowledge.required_update(kb).build)
    for package in packages:
        known = any(carries(package, other) for other in later) or names_kb(package.supersedes, kb)
        if known and package.state == knowledge.installed_state():
            return package
    return None


def fixing(packages: Iterable[UpdatePackage], kbs: Iterable[int]) -> tuple[UpdatePackage, ...]:
    """The packages of these KBs, and those that say that they supersede one of them."""
    wanted = tuple(kbs)
    return tuple(p for p in packages if any(carries(p, kb) or names_kb(p.supersedes, kb) for kb in wanted))


def states_at(statuses: SiteUpdateStatuses, package: UpdatePackage) -> dict[str, tuple[int, ...]]:
    """The states that a package is said to be in, by site code; more than one where rows contradict each other."""
    found: dict[str, set[int]] = {}
    for row in statuses.statuses:
        if row.package_guid and row.package_guid.casefold() == package.guid.casefold():
            found.setdefault(row.site_code.upper(), set()).add(row.state)
    return {code: tuple(sorted(states)) for code, states in found.items()}


def all_visible(updates: SiteUpdates, access: Reading[SiteAccess]) -> bool:
    """Whether an update that is not visible is not there: others are visible, or the account is proven to see all."""
    return bool(updates.packages) or (access.value is not None and access.value.sees_sites_and_updates)


def came_to(state: int) -> tuple[Outcome, Reason | None]:
    """What a state says of an update that is needed: only installed will do, and a hidden one is for a person."""
    if state == knowledge.installed_state():
        return Outcome.PASS, None
    if state == knowledge.hidden_state():
        return Outcome.MANUAL, None
    return (Outcome.FAIL, None) if state in knowledge.update_states() else (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def state_words(state: int) -> str:
    """A state in words, with its number."""
    return f"{knowledge.update_states().get(state, 'a state that no table knows')} ({state})"
