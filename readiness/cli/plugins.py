"""`readiness plugins`: what other packages add, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from readiness.cli import COMMANDS, options

if TYPE_CHECKING:
    from readiness.model.report import PluginUsed


@click.command("plugins", short_help=COMMANDS["plugins"])
@options.as_json
def command(as_json: bool) -> int:
    """List the plugins: checks, readers, report formats and targets that other packages add, with package and version;
    and which of them are skipped, with why. All of them are loaded for this.
    """
    from readiness.cli.output import say, write_utf8
    from readiness.composition import all_plugins

    found = all_plugins()
    if as_json:
        import json

        from readiness.documents import plain

        write_utf8(json.dumps(plain(found), indent=1, ensure_ascii=False) + "\n")
    elif found:
        say(_table(found))
    else:
        say("No other package adds anything. See docs/plugins.md.")
    return 0


def _table(found: tuple[PluginUsed, ...]) -> str:
    from tabulate import tabulate

    from readiness.text import printable

    rows = [
        [
            one.package,
            one.version,
            one.group,
            one.name,
            "\n".join(one.adds),
            one.skipped or "",
        ]
        for one in found
    ]
    heads = ["package", "version", "group", "name", "adds", "skipped"]
    if not any(one.skipped for one in found):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return tabulate(
        [[printable(cell) if "\n" not in cell else cell for cell in row] for row in rows],
        headers=heads,
        tablefmt="simple",
        maxcolwidths=[None, None, None, None, None, 60][: len(heads)],
        disable_numparse=True,
    )
