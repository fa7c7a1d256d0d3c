"""A step of the plan in words: role and where it is activated, condition, waiting time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from readiness.assessment.planning.ordering import Placed
from readiness.assessment.readings import Readings
from readiness.model.facts import GLOBAL_ADMINISTRATOR, Administrator, DirectoryRoleHoldings, HoldingKind, RoleHolding
from readiness.model.guide import Guide, RolePlace
from readiness.model.remediation import Remediation, Step
from readiness.model.report import PlanRole, PlanStep
from readiness.model.settings import Change
from readiness.model.words import Owner

MOST_TITLES = 3
ROLE_NAMES = {GLOBAL_ADMINISTRATOR: "Global Administrator"}
"""Names of directory roles by their role definition ids."""


def worded(
    placed: Placed, guide: Guide, build: int | None, readings: Readings, change: Change, now: datetime
) -> PlanStep:
    """The step as reports show it."""
    merged = placed.merged
    step, remediation = merged.first.step, merged.first.remediation
    places = _places(step, guide, build)
    wait = guide.waits.get(step.wait_id or "")
    return PlanStep(
        id=merged.id,
        step=step.text,
        level=placed.level,
        owner=merged.first.owner,
        present=_present(step, merged.first.owner, places),
        role=_role(step, remediation, places),
        roles=tuple(PlanRole(one.owner, one.role, one.least, one.where) for one in places),
        holders=tuple(_holders(step, readings, change, now)),
        unblocks=merged.unblocks,
        targets=merged.targets if merged.certain else (),
        condition=_condition(placed),
        instead_of=placed.instead_of,
        after=placed.after,
        where=step.where,
        command=step.command,
        wait=step.wait or (wait.words if wait is not None else remediation.wait),
        wait_least_minutes=wait.least_minutes if wait is not None else _no_minutes(step.wait or remediation.wait),
        wait_minutes=wait.minutes if wait is not None else _no_minutes(step.wait or remediation.wait),
        wait_confidence=wait.confidence if wait is not None else "",
        verify=step.verify or remediation.verify,
        rollback=step.rollback or remediation.rollback,
        change_window=remediation.change_window if step.change_window is None else step.change_window,
    )


def _no_minutes(words: str) -> int | None:
    """No waiting where the words say so: they begin with "none"."""
    return 0 if words == "" or words.startswith("none") else None


def _places(step: Step, guide: Guide, build: int | None) -> tuple[RolePlace, ...]:
    return tuple(place for name in step.role_steps for place in guide.roles.get(name, ()) if place.holds_at(build))


def _role(step: Step, remediation: Remediation, places: tuple[RolePlace, ...]) -> str:
    if places:
        return "; ".join(dict.fromkeys(f"{one.role} ({one.least})" if one.least else one.role for one in places))
    return step.role or remediation.role


def _present(step: Step, owner: Owner, places: tuple[RolePlace, ...]) -> tuple[Owner, ...]:
    """Whoever holds a role that the step needs, and is not its owner."""
    others = (*step.present, *(one.owner for one in places))
    return tuple(dict.fromkeys(other for other in others if other is not owner))


def _condition(placed: Placed) -> str | None:
    merged, want = placed.merged, placed.merged.first
    if merged.certain:
        return None
    titles = [f"'{title}'" for title in merged.titles[:MOST_TITLES]]
    more = len(merged.titles) - len(titles)
    named = " or ".join(titles) + (f" (or {more} more)" if more else "")
    still = f"if this does not pass once the steps before it are done: {named}"
    if want.step.condition:
        return f"{want.step.condition}, {still}" if want.again else want.step.condition
    return still


def _holders(step: Step, readings: Readings, change: Change, now: datetime) -> Iterator[str]:
    """Who of the named administrators holds the role, how, and until when."""
    holdings = readings[DirectoryRoleHoldings].value if DirectoryRoleHoldings in readings else None
    if step.directory_role is None or not isinstance(holdings, DirectoryRoleHoldings):
        return
    for person in holdings.administrators:
        yield _holder(person, step.directory_role, change, now)


def _holder(person: Administrator, role: str, change: Change, now: datetime) -> str:
    held = [one for one in person.holdings if one.role_id.lower() == role and (one.ends is None or one.ends > now)]
    active = [one for one in held if one.kind in (HoldingKind.ASSIGNED, HoldingKind.ACTIVATED)]
    eligible = [one for one in held if one.kind is HoldingKind.ELIGIBLE]
    called = ROLE_NAMES.get(role, f"the role {role}")
    if active:
        return f"{person.asked} holds {called} {_until(_last(active), change)}"
    if eligible:
        words = f"{person.asked} is eligible for {called} {_until(_last(eligible), change)}"
        return f"{words}, and must activate it first"
    return f"{person.asked} is not seen to hold {called}"


def _last(held: list[RoleHolding]) -> RoleHolding:
    return max(held, key=lambda one: (one.ends is None, one.ends.timestamp() if one.ends is not None else 0.0))


def _until(holding: RoleHolding, change: Change) -> str:
    if holding.ends is None:
        return "without an end that is known"
    words = f"until {holding.ends:%Y-%m-%d %H:%M} UTC"
    end = change.window_end
    if end is None:
        return words
    if holding.ends < end:
        return f"{words}, before the change window ends ({end:%Y-%m-%d %H:%M} UTC): have it extended"
    return f"{words}, past the end of the change window"
