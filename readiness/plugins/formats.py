"""The report formats that plugins add. One is loaded when it is asked for: its entry point has its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from readiness.errors import ConfigurationError, OutputError
from readiness.plugins.entries import Entry, Group, Skipped, UnfitError, entries, loaded, several, told
from readiness.text import one_line

if TYPE_CHECKING:
    from readiness.model.report import Report

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_EXTENSION = re.compile(r"[a-z0-9]{1,16}(\.[a-z0-9]{1,16})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class GuestFormat:
    """A format of a plugin, not loaded."""

    entry: Entry
    taken: frozenset[str]
    """The extensions of our formats: a file of ours is never written over."""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def stable(self) -> bool:
        """Whether its file has a name without the time: not so of plugins."""
        return False

    @property
    def extension(self) -> str:
        """Of its files.

        Raises:
            ConfigurationError: the plugin cannot be used.
        """
        return str(self._loaded().extension)

    def render(self, report: Report, digest: str) -> str:
        """The text of its file.

        Raises:
            OutputError: the plugin broke on the report.
        """
        try:
            return str(self._loaded().render(report, digest))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a third party's code may do anything
            raise OutputError(f"the format {self.name} of plugin {self.entry.label} broke: {told(error)}") from error

    def _loaded(self) -> Any:
        found = load_format(self.entry, self.taken)
        if isinstance(found, Skipped):
            raise ConfigurationError(found.words)
        return found


@cache
def load_format(entry: Entry, taken: frozenset[str]) -> Any:
    """The format that an entry point gives, or why it is skipped."""
    found = loaded(entry, lambda given: _formats(given, entry, taken))
    return found if isinstance(found, Skipped) else found.items[0]


def _formats(given: Any, entry: Entry, taken: frozenset[str]) -> tuple[Any, ...]:
    from readiness.model.format import Format

    found = several(given, Format)
    if len(found) != 1:
        raise UnfitError(f"it gives {len(found)} formats; each has an entry point of its own, of the same name")
    (one,) = found
    if one.name != entry.name:
        called = one_line(str(one.name), 60)
        raise UnfitError(f"its entry point is called {entry.name}, and the format {called}: let both have one name")
    if not isinstance(one.extension, str) or not _EXTENSION.fullmatch(one.extension):
        raise UnfitError("the extension of its files is none: letters and digits, without the dot in front")
    if one.extension in taken:
        raise UnfitError(f"its files would have the extension .{one.extension}, as those of a format of ours")
    if not callable(one.renderer):
        raise UnfitError("its renderer cannot be called")
    return found


def guest_formats(ours: Mapping[str, Any]) -> tuple[Mapping[str, GuestFormat], tuple[Skipped, ...]]:
    """The formats of plugins by name, not loaded, and those that cannot have theirs. Ours win, then the first package.

    Args:
        ours: our formats, by name.
    """
    taken = frozenset(str(format_.extension) for format_ in ours.values())
    found: dict[str, GuestFormat] = {}
    skipped = []
    for entry in entries(Group.REPORTS):
        why = _unusable(entry.name, ours, found)
        if why is None:
            found[entry.name] = GuestFormat(entry, taken)
        else:
            skipped.append(Skipped(entry, why))
    return found, tuple(skipped)


def _unusable(name: str, ours: Collection[str], before: Mapping[str, GuestFormat]) -> str | None:
    if name in ours or name == "none":
        return "a format of this name is ours"
    if name in before:
        return f"{before[name].entry.label} has a format of this name already"
    if not _NAME.fullmatch(name):
        return "the name of a format is made of small letters, digits and hyphens"
    return None
