"""The whole report in GitHub-flavoured Markdown: pure tables, no HTML, and nothing that differs between equal runs."""

from __future__ import annotations

from readiness.plugin import Report
from reports import document
from reports.flavours import GITHUB
from reports.seal import ENDS, seal


def render(report: Report, digest: str) -> str:
    """The Markdown; its last line seals it."""
    above = GITHUB.text(document.blocks(report)) + "\n\n"
    return f"{above}{seal(above, digest)}{ENDS['markdown']}"
