"""The targets of `readiness attach` that plugins add. One is loaded when asked for: its entry point has its name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from readiness.errors import ConfigurationError
from readiness.model.ticket import Ticket, TicketAccess, TicketFactory
from readiness.plugins.entries import Entry, Group, Skipped, UnfitError, entries, loaded, told


def guest_targets(ours: Collection[str]) -> tuple[dict[str, Entry], tuple[Skipped, ...]]:
    """The targets of plugins by name, not loaded, and those that cannot have theirs. Ours win, then the first package.

    Args:
        ours: the names of our targets.
    """
    found: dict[str, Entry] = {}
    skipped = []
    for entry in entries(Group.TARGETS):
        if entry.name in ours:
            skipped.append(Skipped(entry, "a target of this name is ours"))
        elif entry.name in found:
            skipped.append(Skipped(entry, f"{found[entry.name].label} has a target of this name already"))
        else:
            found[entry.name] = entry
    return found, tuple(skipped)


def factory(entry: Entry) -> TicketFactory:
    """What opens a record of a plugin's target.

    Raises:
        ConfigurationError: the plugin cannot be used, with why.
    """
    found = load_factory(entry)
    if isinstance(found, Skipped):
        raise ConfigurationError(found.words)

    def opened(number: str, access: TicketAccess) -> Ticket:
        try:
            ticket: Ticket = found(number, access)
        except (ConfigurationError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a third party's code may do anything
            raise ConfigurationError(f"the target {entry.name} of plugin {entry.label} broke: {told(error)}") from error
        return ticket

    return opened


def load_factory(entry: Entry) -> Any:
    """The factory that an entry point names, or why it is skipped."""
    found = loaded(entry, _callable)
    return found if isinstance(found, Skipped) else found.items[0]


def _callable(given: Any) -> tuple[Any, ...]:
    if not callable(given):
        raise UnfitError("it names nothing that can be called to open a record")
    return (given,)
