"""The checks at a glance: what `readiness checks` lists.

To list the checks one need not import them, nor the facts that they judge: the package ships the list of its own, and
`python -m readiness.catalogue` writes it anew. Where other modules are registered than the list names, or a plugin adds
checks, the checks themselves are asked.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from readiness.composition import all_checks, ours
from readiness.plugins.entries import Group, entries

if TYPE_CHECKING:
    from readiness.model.check import Check

NAME = "catalogue.json"

Row = dict[str, Any]


def listed() -> list[Row]:
    """A row for every check, ours in catalogue order, then those of plugins."""
    rows = shipped()
    return built() if entries(Group.CHECKS) or [row["id"] for row in rows] != _ids() else rows


def shipped() -> list[Row]:
    """The list that the package ships; empty where there is none."""
    path = files(ours("checks").__name__).joinpath(NAME)
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def built() -> list[Row]:
    """The list, of the checks as they are now."""
    return [_row(check) for check in all_checks()]


def _ids() -> list[str]:
    """The ids of our checks, by the names of their modules, which are not imported."""
    return [module.rpartition(".")[2].replace("_", "-") for module in ours("checks").MODULES]


def _row(check: Check) -> Row:
    from readiness.model.injection import facts

    return {
        "id": check.id,
        "title": check.title,
        "phase": check.phase.value,
        "level": check.level.value,
        "owner": check.owner.value,
        "tags": list(check.tags),
        "reads": [fact.__name__ for fact in facts(check)],
        "plugin": check.plugin,
    }


def as_json(rows: list[Row]) -> str:
    """Rows as the file and `--json` hold them."""
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    folder = Path(str(ours("checks").__file__)).parent
    folder.joinpath(NAME).write_text(as_json(built()), encoding="utf-8", newline="\n")
