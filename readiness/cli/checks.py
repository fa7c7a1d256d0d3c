"""`readiness checks`: list the checks."""

from __future__ import annotations

import os
from typing import Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say, write_utf8


@click.command("checks", short_help=COMMANDS["checks"])
@options.as_json
def command(as_json: bool) -> int:
    """List the checks: id, title, phase, level, who owns the fix, what it reads."""
    from readiness.composition import all_checks
    from readiness.model.injection import facts

    rows: list[dict[str, Any]] = [
        {
            "id": check.id,
            "title": check.title,
            "phase": check.phase.value,
            "level": check.level.value,
            "owner": check.owner.value,
            "tags": list(check.tags),
            "reads": [fact.__name__ for fact in facts(check)],
        }
        for check in all_checks()
    ]
    if as_json:
        import json

        write_utf8(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
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
