"""`readiness checks`: list the checks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say, write_utf8


@click.command("checks", short_help=COMMANDS["checks"])
@options.knowledge
@options.as_json
def command(knowledge: Path | None, as_json: bool) -> int:
    """List the checks: id, title, phase, level, who owns the fix, what it reads.

    With --knowledge the tables there are looked at, too: what is wrong with them is said, and nothing listed.
    """
    from readiness import catalogue

    if knowledge is not None:
        from readiness import composition

        composition.knowledge(knowledge)
    rows = catalogue.listed()
    if as_json:
        write_utf8(catalogue.as_json(rows))
    else:
        say(_table(rows))
    return 0


def _table(rows: list[dict[str, Any]]) -> str:
    from tabulate import tabulate

    width = max(80, _columns())
    listed = [
        [row["id"], row["title"], row["phase"], row["level"], row["owner"], "\n".join(row["reads"])] for row in rows
    ]
    flexible = max(16, (width - 60) // 3)
    return tabulate(
        listed,
        headers=["id", "the condition that holds", "phase", "level", "owner", "reads"],
        tablefmt="simple",
        maxcolwidths=[None, flexible, None, None, flexible, None],
    )


def _columns() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 120
