"""`readiness checks`: list the checks."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say, width, write_utf8
from readiness.composition import wrapping
from readiness.model.words import Phase

FITS_A_TABLE = 130
"""Columns."""
GAP = 2
"""Columns between those of a table."""


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
        say(_shown(rows))
    return 0


def _shown(rows: list[dict[str, Any]]) -> str:
    """A table where the terminal is wide enough for one; else the same in a few lines for each check."""
    room = width()
    return _table(rows, room) if room >= FITS_A_TABLE else _list(rows, room)


def _list(rows: list[dict[str, Any]], room: int) -> str:
    """By phase: id, level and owner, then what the check says and what it reads."""
    wrap = wrapping()
    ids = max(len(row["id"]) for row in rows)
    lines: list[str] = []
    for phase, of_phase in groupby(rows, key=lambda row: Phase(row["phase"])):
        lines += ["", *wrap(phase.heading, room, 2)]
        for row in of_phase:
            head = f"{row['id']:{ids}}  {row['level']:8}  {row['owner']}"
            said = (head, _title(row), f"reads {', '.join(row['reads'])}")
            for text, indent in zip(said, (2, 6, 6), strict=True):
                parts = [text] if len(text) <= room - indent else wrap(text, room - indent, 2)
                lines += [" " * indent + ("  " if number else "") + part for number, part in enumerate(parts)]
    return "\n".join(lines[1:])


def _table(rows: list[dict[str, Any]], room: int) -> str:
    from tabulate import tabulate

    listed = [
        [row["id"], _title(row), row["phase"], row["level"], row["owner"], "\n".join(row["reads"])] for row in rows
    ]
    others = ("id", "phase", "level"), max(len(fact) for row in rows for fact in row["reads"])
    taken = others[1] + sum(max(len(row[key]) for row in rows) for key in others[0]) + 5 * GAP
    flexible = (room - taken) // 2
    return tabulate(
        listed,
        headers=["id", "the condition that holds", "phase", "level", "owner", "reads"],
        tablefmt="simple",
        maxcolwidths=[None, flexible, None, None, flexible, None],
    )


def _title(row: dict[str, Any]) -> str:
    """The condition, and whose check it is where it is not ours: that is other people's text."""
    from readiness.text import printable

    return str(row["title"]) if row["plugin"] is None else f"{printable(row['title'])} (plugin {row['plugin']})"
