"""Moments relative to now, so that a scenario stays fresh: `now`, `now-20m`, `now+20d` (units s, m, h, d)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_RELATIVE = re.compile(r"now(?:([+-]\d{1,7})([smhd]))?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def settled(value: object, now: datetime) -> object:
    """`value` with every moment in it, at any depth, as ISO 8601 text in UTC with a Z."""
    if isinstance(value, dict):
        return {name: settled(item, now) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [settled(item, now) for item in value]
    if isinstance(value, datetime):
        return _text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    if isinstance(value, str) and (found := _RELATIVE.fullmatch(value)):
        return _text(now + _offset(found))
    return value


def _offset(found: re.Match[str]) -> timedelta:
    count, unit = found.groups()
    return timedelta(**{_UNITS[unit]: int(count)}) if unit else timedelta()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
