"""How old the rules are that judged, and what of them somebody laid over those that ship."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import TYPE_CHECKING

from readiness.model.report import RulesUsed

if TYPE_CHECKING:
    from readiness.assessment import Rules

LAST_MONTHS = 6
"""Rules that are older are warned about."""


def used(rules: Rules, now: datetime) -> RulesUsed:
    """What a report says of its rules. Their age is told by the report's clock."""
    known, today = rules.knowledge, now.date()
    old = _later(rules.dated, LAST_MONTHS) < today
    words = (
        f"The rules that judged are of {rules.dated}, more than {LAST_MONTHS} months old: what Microsoft published "
        "since then is not in them. Update the tool, or lay newer rows over them with --knowledge"
    )
    return RulesUsed(
        digest=known.digest if known is not None else None,
        age_days=max(0, (today - rules.dated).days),
        warning=words if old else None,
        outside=known.outside if known is not None else (),
    )


def _later(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, last))
