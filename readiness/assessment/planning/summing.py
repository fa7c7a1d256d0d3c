"""The plan at a glance: who must be in the call, who hands over to whom, how long waiting takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from readiness.model.report import PlanPerson, PlanStep, PlanSummary
from readiness.model.settings import Change
from readiness.model.words import Level, Owner

MINUTES_AN_HOUR, HOURS_A_DAY = 60, 24
MOST_NAMED = 5
SURE = ("", "high", "documented")
"""Confidences that need no word of doubt."""


def summary(steps: Sequence[PlanStep], change: Change, now: datetime, unforeseen: Sequence[str]) -> PlanSummary:
    """What the steps ask of people and of time."""
    chain = _longest_chain(needed(steps))
    waits = [step for step in needed(steps) if step.wait_minutes != 0]
    return PlanSummary(
        call=_call(steps),
        people=tuple(_people(steps)),
        waiting=_waiting(steps, chain) if waits else "",
        waiting_least_minutes=_least(chain) if waits else None,
        waiting_minutes=_minutes(chain) if waits else None,
        window=_window(steps, change, now),
        notes=tuple(_notes(unforeseen)),
    )


def needed(steps: Sequence[PlanStep]) -> list[PlanStep]:
    """The steps that lead to ready for certain, without those that can stand for another one."""
    return [one for one in steps if one.level is Level.BLOCKER and one.condition is None and one.instead_of is None]


def _call(steps: Sequence[PlanStep]) -> str:
    """Who must be there for what leads to ready; where nothing of that is left, who can do the rest."""
    on_the_way = needed(steps)
    of = on_the_way or [step for step in steps if step.condition is None and step.instead_of is None]
    people = [
        f"{_capital(owner)} ({', '.join(roles)})" if (roles := _roles(of, owner)) else _capital(owner)
        for owner in Owner
        if any(owner is step.owner or owner in step.present for step in of)
    ]
    head = "In the call" if on_the_way else "No call is needed, because no step is on the way to ready; the rest is for"
    return f"{head}: {', '.join(people)}" if people else ""


def _capital(owner: Owner) -> str:
    return owner[0].upper() + owner[1:]


def _roles(steps: Sequence[PlanStep], owner: Owner) -> tuple[str, ...]:
    """The roles that this person needs, each once; none where there is nothing to hold."""
    listed = (role.role for step in steps for role in step.roles if role.owner is owner)
    said = (step.role for step in steps if step.owner is owner and not step.roles)
    return tuple(dict.fromkeys(role for role in (*listed, *said) if role and not role.startswith("none")))


def _people(steps: Sequence[PlanStep]) -> Iterator[PlanPerson]:
    numbered = list(enumerate(steps, start=1))
    certain = [(number, step) for number, step in numbered if step.condition is None]
    for owner in Owner:
        own = tuple(number for number, step in certain if step.owner is owner)
        perhaps = tuple(number for number, step in numbered if step.owner is owner and step.condition is not None)
        there = tuple(number for number, step in certain if owner in step.present)
        if own or there or perhaps:
            roles = _roles([step for _, step in certain], owner)
            yield PlanPerson(owner, roles, own, perhaps, there, tuple(_hand_over(certain, owner)))


def _hand_over(certain: Sequence[tuple[int, PlanStep]], owner: Owner) -> Iterator[str]:
    for (number, step), (next_number, next_step) in pairwise(certain):
        if step.owner is owner and next_step.owner is not owner:
            yield f"after step {number} to the {next_step.owner} (step {next_number})"


def _longest_chain(of: Sequence[PlanStep]) -> list[PlanStep]:
    """Of all chains of steps that follow one another, the one whose waiting is longest."""
    chains: dict[str, list[PlanStep]] = {}
    for step in of:
        best = max((chains[id_] for id_ in step.after if id_ in chains), key=_minutes, default=[])
        chains[step.id] = [*best, step]
    return max(chains.values(), key=_minutes, default=[])


def _minutes(chain: Sequence[PlanStep]) -> int:
    return sum(step.wait_minutes or 0 for step in chain)


def _least(chain: Sequence[PlanStep]) -> int:
    return sum(step.wait_least_minutes or 0 for step in chain)


def _waiting(steps: Sequence[PlanStep], chain: Sequence[PlanStep]) -> str:
    """How long waiting takes, and how far that can be relied on."""
    numbers = {step.id: number for number, step in enumerate(steps, start=1)}
    waits = [step for step in chain if step.wait_minutes]
    open_ = [step for step in needed(steps) if step.wait_minutes is None]
    words = []
    if waits:
        named = ", ".join(f"step {numbers[step.id]}: {_between([step])}{_doubt(step)}" for step in waits)
        words.append(f"Waiting alone takes {_between(chain)} ({named}); the work itself comes on top")
    if open_:
        named = "; ".join(f"step {numbers[step.id]} ({step.wait})" for step in open_[:MOST_NAMED])
        more = f"; and {len(open_) - MOST_NAMED} more" if len(open_) > MOST_NAMED else ""
        words.append(f"Not counted, because no number is known: {named}{more}")
    return ". ".join(words)


def _between(chain: Sequence[PlanStep]) -> str:
    """From the least to the longest time."""
    least, longest = _least(chain), _minutes(chain)
    return f"about {span(longest)}" if least == longest else f"between {span(least)} and about {span(longest)}"


def _doubt(step: PlanStep) -> str:
    return "" if step.wait_confidence in SURE else f" ({step.wait_confidence})"


def span(minutes: int) -> str:
    """A time in words: `2 h 30 min`, `1 day 4 h`."""
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    days, hours = divmod(hours, HOURS_A_DAY)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (rest, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _window(steps: Sequence[PlanStep], change: Change, now: datetime) -> str:
    """Whether what must happen inside the change window fits into it, by its waiting times alone."""
    inside = [step for step in needed(steps) if step.change_window]
    if change.window_end is None or not inside:
        return ""
    if change.window_end <= now:
        return "The change window is over: the steps that need one want another"
    start = max(change.window_start or now, now)
    room = int((change.window_end - start).total_seconds() // 60)
    took = _minutes(_longest_chain(inside))
    open_ = [step for step in inside if step.wait_minutes is None]
    if took > room:
        return (
            f"The change window is too short: {span(room)}, and the steps inside it wait about {span(took)} one after "
            "another. Ask for a longer one, or for leave to begin earlier"
        )
    doubt = ", not counting the waits that have no number" if open_ else ""
    return f"The change window ({span(room)}) holds the waiting of the steps inside it (about {span(took)}{doubt})"


def _notes(unforeseen: Sequence[str]) -> Iterator[str]:
    if unforeseen:
        checks = "1 check was" if len(unforeseen) == 1 else f"{len(unforeseen)} checks were"
        yield (
            f"{checks} not judged, because what they judge was not reached: what they will ask for cannot be foreseen. "
            "Scan again after these steps; the plan then goes on"
        )
