"""What commands say and refuse of plugins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readiness.composition import guest_checks
from readiness.errors import ConfigurationError


def maybe_of_a_plugin() -> str:
    """To follow the message that a check is not there: the plugins that are skipped, with why. Empty without any."""
    guests = guest_checks()
    if guests is None:
        return ""
    from readiness.plugins.telling import asked_in_vain

    return asked_in_vain(guests.skipped)


def must_be_usable(formats: Sequence[Any]) -> None:
    """Refuse, before anything is read, a format whose plugin is broken, and one whose file would be that of another.

    Raises:
        ConfigurationError: naming the plugin and why.
    """
    from readiness.plugins.formats import GuestFormat

    taken = {str(one.extension): one.name for one in formats if not isinstance(one, GuestFormat)}
    for one in formats:
        if not isinstance(one, GuestFormat):
            continue
        other = taken.setdefault(one.extension, one.name)
        if other != one.name:
            raise ConfigurationError(
                f"the formats {other} and {one.name} both write files that end in .{one.extension}: ask for one of them"
            )
