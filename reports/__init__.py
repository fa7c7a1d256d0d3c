"""The formats of a report, each in a file of its own. This module is light: a format is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from readiness.plugin import Report

__all__ = ["FORMATS", "Format", "format_named"]


class Renderer(Protocol):
    """What the module of a format offers."""

    def render(self, report: Report, digest: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report into a file."""

    name: str
    """What the user asks for: `--format html`."""
    extension: str
    """Of the file, without the dot."""
    module: str
    """Import path of the module that renders it."""
    sealed: bool = True
    """For people: it ends in a line with digests, which `readiness verify` checks."""
    stable: bool = False
    """No time in the name of its file: that of a run takes the place of the last one's, where a collector looks."""

    def render(self, report: Report, digest: str) -> str:
        """The text of the file. `digest` is the report's SHA-256 in hexadecimal. Pure: same report, same text."""
        renderer = cast("Renderer", import_module(self.module))
        return renderer.render(report, digest)


FORMATS: tuple[Format, ...] = (
    Format("html", "html", "reports.html"),
    Format("markdown", "md", "reports.markdown"),
    Format("json", "json", "reports.json", sealed=False),
    Format("summary", "summary.md", "reports.summary"),
    Format("jira", "jira.txt", "reports.jira"),
    Format("jira-summary", "summary.jira.txt", "reports.jira_summary"),
    Format("plain", "txt", "reports.plain"),
    Format("plain-summary", "summary.txt", "reports.plain_summary"),
    Format("junit", "junit.xml", "reports.junit", sealed=False),
    Format("prometheus", "prom", "reports.prometheus", sealed=False, stable=True),
    Format("csv", "csv", "reports.csv", sealed=False),
    Format("jsonl", "jsonl", "reports.jsonl", sealed=False),
)
"""In the order in which they are written and named to the user."""


def format_named(name: str) -> Format | None:
    """The built-in format of that name."""
    return next((known for known in FORMATS if known.name == name), None)
