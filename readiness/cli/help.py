"""`--help` of a command with many options: in groups, by what they are about; and examples, where they help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

FEW = 12
"""Up to so many options need no groups."""
LONGEST_EXAMPLE = 56
"""Columns."""
_GROUPS = {
    "What is read": ("config", "demo", "test", "only", "replay", "transport", "timeout", "until"),
    "What is judged": ("check", "skip", "tag", "collection", "knowledge", "now", "fail_on", "against"),
    "What is printed": ("quiet", "as_json", "no_color"),
    "What is written": ("out", "formats", "output", "save_evidence", "sign", "record", "record_map"),
    "Names": ("redact", "redact_map", "keep_targets"),
}
_OTHERS = "Other options"

Examples = Sequence[tuple[str, str]]
"""Command lines, and what each is for."""


class Grouped(click.Command):
    """A command whose help is told so."""

    def __init__(self, *given: Any, examples: Examples = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {one.name: record for one in self.get_params(ctx) if (record := one.get_help_record(ctx)) is not None}
        if len(records) <= FEW:
            super().format_options(ctx, formatter)
            return
        for heading, names in _GROUPS.items():
            _section(formatter, heading, [records.pop(name) for name in names if name in records])
        _section(formatter, _OTHERS, list(records.values()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        _section(formatter, "Examples", self.examples, widest=LONGEST_EXAMPLE)


def _section(formatter: click.HelpFormatter, heading: str, rows: Examples, *, widest: int = 30) -> None:
    """A list under a heading; what is explained takes at most `widest` columns of the line."""
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows, col_max=widest)
