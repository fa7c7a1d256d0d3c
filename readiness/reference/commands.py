"""The page of the commands: what click knows of them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from readiness.cli import COMMANDS, cli
from readiness.reference.markdown import MADE, anchor, code, codes, plain, table

_HEAD = """# Commands

`readiness COMMAND --help` says the same in the terminal. Options have the same meaning wherever they stand; those of
`scan` can be written under [`[scan]`](configuration.md#scan) in `readiness.toml`, too. What a command ends with: [exit
codes](exit-codes.md).

"""
_BY_OPTION = """## Options by name

Which command takes which option.

"""


def page() -> str:
    """The page."""
    listed = table(
        ("command", "does"), ((f"[`{name}`](#{anchor(f'readiness {name}')})", says) for name, says in COMMANDS.items())
    )
    parts = (_command(name, command) for name, command in commands().items())
    return f"{_HEAD}{MADE}{listed}{''.join(parts)}{_BY_OPTION}{_by_option()}".rstrip() + "\n"


def commands() -> dict[str, click.Command]:
    """Every command by its name."""
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


def options(command: click.Command) -> Iterator[click.Option]:
    """The options of a command, in the order of its help."""
    return (one for one in command.params if isinstance(one, click.Option))


def _command(name: str, command: click.Command) -> str:
    usage = " ".join(["readiness", name, *command.collect_usage_pieces(click.Context(command, info_name=name))])
    said = "\n\n".join(plain(" ".join(part.split())) for part in (command.help or "").split("\n\n"))
    rows = ((codes(one.opts), _value(one), _default(one), plain(_says(one))) for one in options(command))
    heads = ("option", "value", "default", "meaning")
    about = f"## readiness {name}\n\n```text\n{usage}\n```\n\n{said}\n\n{table(heads, rows)}"
    examples = [(code(line), plain(words)) for line, words in getattr(command, "examples", ())]
    return about + (table(("example", "for"), examples) if examples else "")


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return " or ".join(map(code, option.type.choices))
    name = option.metavar or _type(option)
    return code(name) + (", optional" if getattr(option, "_flag_needs_value", False) else "")


def _type(option: click.Option) -> str:
    if isinstance(option.type, click.Path):
        return "FILE" if not option.type.dir_okay else "FOLDER" if not option.type.file_okay else "PATH"
    return option.type.name.upper()


def _default(option: click.Option) -> str:
    """As the help says it in brackets, or as click knows it."""
    if option.required:
        return "required"
    help_ = (option.help or "").strip()
    if help_.endswith("]"):
        return help_.rpartition("[")[2].removesuffix("]")
    return code(option.default) if isinstance(option.default, str) else ""


def _says(option: click.Option) -> str:
    help_ = (option.help or "").strip()
    return help_.rpartition("[")[0].strip() if help_.endswith("]") else help_


def _by_option() -> str:
    by: dict[str, list[str]] = {}
    for name, command in commands().items():
        for option in options(command):
            by.setdefault(max(option.opts, key=len), []).append(name)
    return table(("option", "commands"), ((code(name), codes(by[name])) for name in sorted(by)))
