"""The notifiers that plugins add. One is loaded where `[notify] also` names it: its entry point has its name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from readiness.errors import ConfigurationError
from readiness.model.notice import Notifier, NotifierAccess, NotifierFactory
from readiness.plugins.entries import Entry, Group, Skipped, UnfitError, entries, loaded, told


def guest_notifiers(ours: Collection[str]) -> tuple[dict[str, Entry], tuple[Skipped, ...]]:
    """The notifiers of plugins by name, not loaded, and those that cannot have theirs. Ours win, then the first one.

    Args:
        ours: the names of our channels.
    """
    found: dict[str, Entry] = {}
    skipped = []
    for entry in entries(Group.NOTIFIERS):
        if entry.name in ours:
            skipped.append(Skipped(entry, "a channel of this name is ours"))
        elif entry.name in found:
            skipped.append(Skipped(entry, f"{found[entry.name].label} has a notifier of this name already"))
        else:
            found[entry.name] = entry
    return found, tuple(skipped)


def factory(entry: Entry) -> NotifierFactory:
    """What makes a notifier of a plugin.

    Raises:
        ConfigurationError: the plugin cannot be used, with why.
    """
    found = load_factory(entry)
    if isinstance(found, Skipped):
        raise ConfigurationError(found.words)

    def made(access: NotifierAccess) -> Notifier:
        try:
            notifier: Notifier = found(access)
        except (ConfigurationError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a third party's code may do anything
            raise ConfigurationError(
                f"the notifier {entry.name} of plugin {entry.label} broke: {told(error)}"
            ) from error
        if not all(callable(getattr(notifier, name, None)) for name in ("send", "close")):
            raise ConfigurationError(f"the notifier {entry.name} of plugin {entry.label} has no send and close")
        return notifier

    return made


def load_factory(entry: Entry) -> Any:
    """The factory that an entry point names, or why it is skipped."""
    found = loaded(entry, _callable)
    return found if isinstance(found, Skipped) else found.items[0]


def _callable(given: Any) -> tuple[Any, ...]:
    if not callable(given):
        raise UnfitError("it names nothing that can be called to make a notifier")
    return (given,)
