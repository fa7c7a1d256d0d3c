"""Where a setting came from, and the problems found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from readiness.config.wording import KeyPath, label
from readiness.errors import ConfigurationError
from readiness.text import printable


class BadValueError(ValueError):
    """A value that will not do. The text says what would, and never holds what could be a secret."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings came from: a file, and environment variables over it."""

    path: Path | None = None
    text: str = field(default="", repr=False)
    variables: Mapping[KeyPath, str] = field(default_factory=dict)
    """Keys that the environment sets, by the name of the variable."""
    spelled: Mapping[KeyPath, KeyPath] = field(default_factory=dict)
    """Keys that the file writes in another valid way: `[scan] fail-on`."""
    folder: Path = Path()
    """What relative paths from the environment are relative to."""

    def base(self, key: KeyPath) -> Path:
        """The folder that a relative path under this key is relative to."""
        if key in self.variables or self.path is None:
            return self.folder
        return self.path.parent

    def line(self, key: KeyPath) -> int | None:
        """The line of the key in the file, else of its section."""
        if key in self.variables or not self.text:
            return None
        from readiness.config.lines import line_of

        return line_of(self.text, self.spelled.get(key, key))

    def where(self, key: KeyPath) -> str:
        """File, line and key, or variable and key."""
        if key in self.variables:
            return f"environment variable {self.variables[key]}: {label(key)}"
        if self.path is None:
            return f"environment: {label(key)}"
        line = self.line(key)
        place = f"{printable(str(self.path))}, line {line}" if line else printable(str(self.path))
        return f"{place}: {label(self.spelled.get(key, key))}"


class Problems:
    """Collects what is wrong, so that one run shows all of it."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._found: dict[str, int] = {}
        self._keys: set[KeyPath] = set()

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, key: KeyPath) -> bool:
        """Whether something is known to be wrong with `key`."""
        return key in self._keys

    def add(self, key: KeyPath, words: str) -> None:
        """Note that `key` is wrong, and how to mend it."""
        self._keys.add(key)
        self._found.setdefault(f"{self.origin.where(key)}: {words}", self.origin.line(key) or 0)

    def raise_for_any(self) -> None:
        """Raise one ConfigurationError with a line per problem, in the order of the file."""
        if self._found:
            raise ConfigurationError("\n".join(sorted(self._found, key=lambda words: self._found[words])))
