"""A way to write a report into a file, as a plugin adds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness.model.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report into a file."""

    name: str
    """What the user asks for: `--format tap`. The name of the entry point is the same."""
    extension: str
    """Of the file, without the dot; no other format has it."""
    renderer: Callable[[Report, str], str]
    """The text of the file, of the report and its SHA-256 in hexadecimal. Pure: same report, same text. Names in a
    report are other people's text, and hostile: escape them as the format wants it."""

    def render(self, report: Report, digest: str) -> str:
        """The text of the file.

        Raises:
            TypeError: the renderer returned no text.
        """
        text = self.renderer(report, digest)
        if not isinstance(text, str):
            raise TypeError(f"the format {self.name} gave {type(text).__name__} instead of text")
        return text
