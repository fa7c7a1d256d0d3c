"""What every format says of the reach of a report: what was not judged, read or seen, by which rights, what is sent.

Rows of words, in the order of their heads. Hostile characters are visible; nothing is escaped for a format yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from readiness.plugin import DataSent, Half, Outcome, Reason, Report, RightUsed, Sight
from reports.text import name, plural, prose

NOT_TOLD = "An older version wrote this report: it does not tell."
UNREAD_HEADS = ("Reason", "Readings", "First answer")
UNSETTLED_HEADS = ("Reason", "Checks that could not be verified")
SIGHT_HEADS = ("Account", "Half", "Rights as told", "Sees", "Not seen")
RIGHT_HEADS = ("Right", "What it is", "Used by", "For", "Remark")
SENT_HEADS = ("Of", "Sent", "To", "Basis", "Source")
FEW_READINGS = 6
"""So many are named; of more there is a number."""
RIGHTS_CAPTION = "The least rights that are enough for what was read; what an account holds besides, no answer tells"
SENT_CAPTION = "What tenant attach sends to the cloud, as far as pages that were read say it"
TOOL_SENDS = (
    "readiness itself sends sign-in and read requests to the hosts that are configured, and nothing else: no "
    "measurements of itself, no copy of what it read. A request names what it asks for, such as a collection of the "
    "roll-out or an administrator. This report leaves the machine only when somebody sends it, or has it sent."
)
_KINDS = {
    "permission": "permission of Microsoft Graph",
    "role": "security role of Configuration Manager",
    "group": "local group of the provider machine",
}
_HALVES = {Half.SITE: "site", Half.TENANT: "tenant"}


def unread(report: Report) -> tuple[tuple[str, ...], ...]:
    """What could not be had, by reason, most frequent first; in the order of `UNREAD_HEADS`."""
    reasons = _by_reason((reading.reason, reading.id) for reading in report.readings)
    answers = {reading.reason: reading.error for reading in reversed(report.readings)}
    return tuple(
        (str(reason), ", ".join(map(name, ids)), prose(answers[reason] or "–")) for reason, ids in reasons.items()
    )


def unsettled(report: Report) -> tuple[tuple[Reason, tuple[str, ...]], ...]:
    """Ids of the checks that are unknown, by reason, most frequent first."""
    unknown = ((one.reason, one.id) for one in report.checks if one.outcome is Outcome.UNKNOWN)
    return tuple(_by_reason(unknown).items())


def _by_reason(found: Iterable[tuple[Reason | None, str]]) -> dict[Reason, tuple[str, ...]]:
    ids: dict[Reason, list[str]] = {}
    for reason, id_ in found:
        if reason is not None:
            ids.setdefault(reason, []).append(id_)
    return {reason: tuple(ids[reason]) for reason in sorted(ids, key=lambda one: -len(ids[one]))}


def sentence(report: Report) -> str:
    """How much was judged and read, in one sentence."""
    checks, deselected = len(report.checks), len(report.decision.deselected)
    missing = sum(1 for reading in report.readings if reading.reason is not None)
    judged = f"{checks:,} of {plural(checks + deselected, 'check')} judged"
    return f"{judged}; {len(report.readings) - missing:,} of {plural(len(report.readings), 'reading')} could be had"


def sights(report: Report) -> tuple[tuple[str, ...], ...]:
    """What each account is known to see; in the order of `SIGHT_HEADS`."""
    return tuple(map(_sight, report.sights or ()))


def _sight(sight: Sight) -> tuple[str, ...]:
    return (
        name(sight.identity or "nobody"),
        _HALVES[sight.half],
        prose(sight.scope or "not known"),
        str(sight.sees),
        prose(sight.unseen) or "nothing that is known of",
    )


def rights(report: Report) -> tuple[tuple[str, ...], ...]:
    """Each right that was used, by whom, for what; in the order of `RIGHT_HEADS`."""
    return tuple(map(_right, report.rights or ()))


def _right(right: RightUsed) -> tuple[str, ...]:
    refused = f"refused: {', '.join(map(name, right.refused))}" if right.refused else ""
    return (
        name(right.name),
        _KINDS.get(right.kind, right.kind),
        ", ".join(map(name, right.identities)) or "nobody",
        _readings(right.readings),
        prose("; ".join(filter(None, (refused, right.remark)))) or "–",
    )


def _readings(ids: tuple[str, ...]) -> str:
    if len(ids) > FEW_READINGS:
        return plural(len(ids), "reading")
    return ", ".join(map(name, ids))


def sent(report: Report) -> tuple[tuple[str, ...], ...]:
    """What is sent to the cloud; in the order of `SENT_HEADS`."""
    return tuple(map(_sent, report.data_sent or ()))


def _sent(row: DataSent) -> tuple[str, ...]:
    remark = f". {row.remark}" if row.remark else ""
    sure = f", confidence {row.confidence}" if row.confidence and row.confidence != row.basis else ""
    return (
        prose(row.about),
        prose(f"{', '.join(row.items)}{remark}"),
        prose(row.to),
        prose(f"{row.basis}{sure}"),
        prose(f"{row.title} ({row.location}), {row.date}"),
    )
