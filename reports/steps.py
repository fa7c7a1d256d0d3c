"""What every format says about the plan in the same words: numbers, who, when, how long, and who does what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.plugin import Level, Owner, PlanPerson, PlanStep, PlanSummary
from reports.text import name, prose

TARGETS_SHOWN = 10
MINUTES_AN_HOUR = 60
PEOPLE_HEADS = ("Person", "Role", "Steps", "Must be there at", "Hands over")
PERHAPS = "Only if needed"
"""Over the steps that are needed under a condition."""
NEEDED_FOR = {
    Level.BLOCKER: "",
    Level.ADVISORY: "not needed (advisory)",
    Level.INFO: "not needed (for information)",
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its number, in words. Hostile characters are visible; nothing is escaped for a format yet."""

    number: int
    step: PlanStep
    after: tuple[int, ...]
    instead_of: int | None
    not_enough_for: tuple[str, ...] = ()
    """Checks that need the step that this one can stand for, and that this one does not unblock."""

    @property
    def text(self) -> str:
        return prose(self.step.step)

    @property
    def owner(self) -> str:
        """Who does it, with which role."""
        said = "" if self.step.role in ("", "none") else prose(self.step.role)
        role = _roles(self.step, self.step.owner) if self.step.roles else said
        return f"{self.step.owner} ({role})" if role else str(self.step.owner)

    @property
    def present(self) -> str:
        """Who must be there, too, with which role; empty: nobody."""
        named = [(owner, _roles(self.step, owner)) for owner in self.step.present]
        return ", ".join(f"the {owner} ({role})" if role else f"the {owner}" for owner, role in named)

    @property
    def before(self) -> tuple[tuple[str, str], ...]:
        """What is to be known before it is done, as labels and values."""
        return tuple(self._before())

    @property
    def afterwards(self) -> tuple[tuple[str, str], ...]:
        """What is to be known once it is done."""
        step = self.step
        window = "needed" if step.change_window else "not needed"
        return (
            ("Wait", wait(step)),
            ("How to verify", prose(step.verify) or "not told"),
            ("Rollback", prose(step.rollback) or "not told"),
            ("Change window", window),
        )

    def _before(self) -> Iterator[tuple[str, str]]:
        step = self.step
        if step.condition:
            yield "Only", prose(step.condition)
        if self.instead_of is not None:
            yield "Instead of", self._enough(self.instead_of)
        if NEEDED_FOR[step.level]:
            yield "For ready", NEEDED_FOR[step.level]
        if step.targets:
            yield "For", targets(step)
        yield "Owner", self.owner
        if step.present:
            yield "With", self.present
        activate = [f"{role.role}: {role.where}" for role in step.roles if role.where]
        if activate:
            yield "Role from", prose("; ".join(dict.fromkeys(activate)))
        if step.holders:
            yield "Held by", prose("; ".join(step.holders))
        if self.after:
            yield "After", numbers(self.after)
        if step.where:
            yield "Where", prose(step.where)

    def _enough(self, other: int) -> str:
        """How far it goes in place of the other step."""
        if not self.not_enough_for:
            return f"step {other}: one of the two is enough"
        here, there = (", ".join(map(name, checks)) for checks in (self.step.unblocks, self.not_enough_for))
        return f"step {other}: enough for {here}, but not for {there}"


def _roles(step: PlanStep, owner: Owner) -> str:
    """The roles of one person at a step."""
    own = (role for role in step.roles if role.owner is owner)
    return prose("; ".join(f"{one.role} ({one.least})" if one.least else one.role for one in own))


def targets(step: PlanStep) -> str:
    """What a step is for, cut where that is much."""
    more = len(step.targets) - TARGETS_SHOWN
    shown = prose("; ".join(step.targets[:TARGETS_SHOWN]))
    return f"{shown}; and {more} more" if more > 0 else shown


def wait(step: PlanStep) -> str:
    """How long the service takes, in words and as far as known in minutes."""
    words = prose(step.wait) or "none"
    if not step.wait_minutes:
        return words
    sure = f", confidence: {prose(step.wait_confidence)}" if step.wait_confidence else ""
    return f"{_time(step.wait_least_minutes, step.wait_minutes)} ({words}{sure})"


def _time(least: int | None, most: int) -> str:
    """`30 minutes`, `5 to 30 minutes`, `up to 24 hours`, `15 minutes to 24 hours`."""
    if least is None or least == most:
        return _unit(most)
    if least == 0:
        return f"up to {_unit(most)}"
    same = (least % MINUTES_AN_HOUR == 0) == (most % MINUTES_AN_HOUR == 0)
    first = _unit(least).split()[0] if same else _unit(least)
    return f"{first} to {_unit(most)}"


def _unit(minutes: int) -> str:
    """In hours where they are whole, else in minutes."""
    number, unit = (minutes // MINUTES_AN_HOUR, "hour") if minutes % MINUTES_AN_HOUR == 0 else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def numbers(of: Sequence[int]) -> str:
    """`step 1`, or `steps 1, 2, 5`."""
    return f"step{'' if len(of) == 1 else 's'} {', '.join(map(str, of))}" if of else "none"


def views(plan: Sequence[PlanStep]) -> tuple[StepView, ...]:
    """Every step with its number; those that are needed for certain come first."""
    places = {step.id: number for number, step in enumerate(plan, start=1) if step.id}
    unblocks = {step.id: step.unblocks for step in plan}
    return tuple(
        StepView(
            number,
            step,
            () if step.instead_of in places else tuple(places[id_] for id_ in step.after if id_ in places),
            places.get(step.instead_of or ""),
            tuple(check for check in unblocks.get(step.instead_of or "", ()) if check not in step.unblocks),
        )
        for number, step in enumerate(plan, start=1)
    )


def certain(of: Sequence[StepView]) -> tuple[StepView, ...]:
    return tuple(view for view in of if view.step.condition is None)


def perhaps(of: Sequence[StepView]) -> tuple[StepView, ...]:
    return tuple(view for view in of if view.step.condition is not None)


def at_a_glance(summary: PlanSummary) -> tuple[str, ...]:
    """The sentences over the plan: who, how long, whether that fits, and what cannot be foreseen."""
    sentences = (summary.call, summary.waiting, summary.window, *summary.notes)
    return tuple(f"{prose(one)}." for one in sentences if one)


def person(of: PlanPerson) -> tuple[str, ...]:
    """One row of who does what, in the order of `PEOPLE_HEADS`."""
    own = [numbers(of.steps)] if of.steps else []
    own += [f"if needed: {', '.join(map(str, of.perhaps))}"] if of.perhaps else []
    return (
        str(of.owner),
        prose("; ".join(of.roles)) or "none",
        "; ".join(own) or "none",
        numbers(of.present),
        prose("; ".join(of.hands_over)) or "–",
    )
