"""The plan as CSV, for a spreadsheet: a row per step, nothing that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from reports.spreadsheet import cell
from reports.steps import StepView

HEADS = (
    "step", "id", "level", "owner", "role", "with", "what", "for", "only", "instead_of", "after", "where", "command",
    "unblocks", "wait", "wait_least_minutes", "wait_minutes", "verify", "rollback", "change_window", "role_from",
    "held_by",
)  # fmt: skip


def render(of: Sequence[StepView]) -> str:
    """The rows, with a head; lines end as RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for view in of:
        writer.writerow([cell(value) for value in _row(view)])
    return out.getvalue()


def _row(view: StepView) -> tuple[object, ...]:
    step = view.step
    return (
        view.number,
        step.id,
        step.level,
        step.owner,
        step.role,
        "; ".join(step.present),
        step.step,
        "; ".join(step.targets),
        step.condition,
        view.instead_of,
        ", ".join(map(str, view.after)),
        step.where,
        step.command,
        ", ".join(step.unblocks),
        step.wait,
        step.wait_least_minutes,
        step.wait_minutes,
        step.verify,
        step.rollback,
        "yes" if step.change_window else "no",
        "; ".join(f"{role.role}: {role.where}" for role in step.roles if role.where),
        "; ".join(step.holders),
    )
