"""Judge every check once, in the order of dependencies: inject facts, block, keep what came out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from readiness.assessment import overlays
from readiness.assessment.blocking import (
    Done,
    Judged,
    blocked,
    cut_off,
    held_back,
    hurdles,
    in_order,
    stopped,
    why_cut_off,
)
from readiness.assessment.readings import Readings, unread_halves, vouched, withheld
from readiness.model.check import Check, Context
from readiness.model.injection import facts, foreseen_from, parameters
from readiness.model.remediation import Ahead
from readiness.model.verdict import Verdict
from readiness.model.words import Half, Needs, Outcome, Reason
from readiness.tracing import traced

T = TypeVar("T")
log = logging.getLogger("readiness")


def judge_all(checks: Sequence[Check], readings: Readings, context: Context) -> dict[str, Judged]:
    """Every check judged, by id, in catalogue order."""
    done: dict[str, Judged] = {}
    context = replace(context, unreadable=_unreadable(checks, readings))
    unread = unread_halves(readings)
    for check in in_order(checks):
        by = hurdles(check, done, unread)
        if check.needs is Needs.EITHER:
            done[check.id] = _judge(check, by, _relied_on(check, done, unread, readings), context)
        else:
            done[check.id] = _judge(check, by, readings, context)
        if check.ahead is not None and done[check.id].verdict.outcome is not Outcome.PASS:
            done[check.id] = replace(done[check.id], ahead=_foreseen(check, readings, context))
    return {check.id: done[check.id] for check in checks}


def _unreadable(checks: Sequence[Check], readings: Readings) -> dict[str, tuple[str, ...]]:
    """Checks that a missing permission disables, by the names of the permissions."""
    found: dict[str, tuple[str, ...]] = {}
    for check in checks:
        lacking = [readings[f] for f in facts(check) if readings[f].reason is Reason.MISSING_PERMISSION]
        if lacking:
            named = tuple(dict.fromkeys(name for reading in lacking for name in reading.missing))
            found[check.id] = named or (lacking[0].source,)
    return found


def _relied_on(check: Check, done: Done, unread: frozenset[Half], readings: Readings) -> Readings:
    """What a check that either half can judge may use: nothing of a half whose connection did not pass."""
    for half in cut_off(check, done, unread):
        reason, words = why_cut_off(half, done)
        readings = withheld(readings, half, reason, words)
    return readings


def _judge(check: Check, by: list[Judged], readings: Readings, context: Context) -> Judged:
    if any(not stopped(judged) for judged in by):
        return blocked(check, by)
    verdict = _verdict(check, vouched(readings, facts(check)), context)
    found = held_back(check, verdict, by) if by else (verdict, {})
    if found is None:
        return blocked(check, by)
    verdict, held = found
    return Judged(
        check,
        verdict,
        overlays.lay(check, verdict, context),
        blocked_by=tuple(dict.fromkeys(root for roots in held.values() for root in roots)),
        held=held,
        blocked_by_failure=bool(held),
        lacking=_lacking(check, verdict, readings),
        missing=context.unreadable.get(check.id, ()),
    )


def _lacking(check: Check, verdict: Verdict, readings: Readings) -> Half | None:
    """The half that a missing reading belongs to, where that reading's reason is the verdict's."""
    reasons = ((fact.half, readings[fact].reason) for fact in facts(check))
    return next((half for half, reason in reasons if reason is not None and reason is verdict.reason), None)


def _verdict(check: Check, readings: Readings, context: Context) -> Verdict:
    arguments: dict[str, object] = {}
    for parameter in parameters(check):
        if parameter.fact is None:
            arguments[parameter.name] = context
            continue
        reading = readings[parameter.fact]
        if not parameter.whole and reading.reason is not None:
            return _unread(check, reading.reason, reading.error or "it was not read")
        arguments[parameter.name] = reading if parameter.whole else reading.value
    try:
        verdict: object = check(**arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # that of a plugin may try to end the program
        log.error("check %s crashed:\n%s", check.id, traced(error))  # noqa: TRY400 - frames, and no foreign words
        return _crashed(check, type(error).__name__)
    if check.plugin is not None:
        verdict = _sound(verdict, Verdict)
    return verdict if isinstance(verdict, Verdict) else _crashed(check, "its judge returned no verdict")


def _sound(given: object, kind: type[T]) -> T | None:
    """What a plugin's check gave, every field of the type that it is declared with; None where one is not."""
    import msgspec

    if not isinstance(given, kind):
        return None
    try:
        return msgspec.convert(msgspec.to_builtins(given), kind, strict=True)
    except Exception:  # whatever stands in it: that is none
        return None


def _foreseen(check: Check, readings: Readings, context: Context) -> Ahead | None:
    """What the check will ask for; None where that crashed: then nothing is foretold."""
    taken = foreseen_from(check)
    readings = vouched(readings, [one.fact for one in taken if one.fact is not None])
    arguments: dict[str, object] = {one.name: context if one.fact is None else readings[one.fact] for one in taken}
    try:
        found = check.ahead(**arguments) if check.ahead is not None else None
        return found if check.plugin is None else _sound(found, Ahead)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        log.error("check %s crashed while foreseeing:\n%s", check.id, traced(error))  # noqa: TRY400 - as below
        return None


def _crashed(check: Check, how: str) -> Verdict:
    whose = "the tool" if check.plugin is None else f"the plugin {check.plugin}"
    words = f"The check itself crashed ({how}): this is a bug of {whose}"
    return Verdict(Outcome.ERROR, words, expected=check.title, observed="not judged")


def _unread(check: Check, reason: Reason, words: str) -> Verdict:
    """The verdict where a fact that is needed could not be read."""
    return Verdict(
        Outcome.UNKNOWN,
        summary=f"Could not be verified: {words}",
        expected=check.title,
        observed=words,
        reason=reason,
    )
