"""`readiness init`: write a commented `readiness.toml`."""

from __future__ import annotations

from pathlib import Path

import click

from readiness.cli import COMMANDS
from readiness.cli.output import say


@click.command("init", short_help=COMMANDS["init"])
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path),
    default=Path("readiness.toml"),
    help="The file to write. [readiness.toml]",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@click.option("--no-input", is_flag=True, help="Ask nothing: write every key, commented out.")
def command(file: Path, force: bool, no_input: bool) -> int:
    """Write a commented readiness.toml: every key, what it is for, its choices and its default.

    On a terminal it asks for what a scan needs. Nothing is ever asked that is secret: the file holds the names of the
    environment variables that hold the secrets.
    """
    import sys

    from readiness.cli.asking import ask
    from readiness.config.writing import template

    _must_be_free(file, force=force)
    given = {} if no_input or not sys.stdin.isatty() else ask(file.absolute().parent)
    _write(file, template(given))
    say(f"wrote {file}")
    say("\n".join(("", *_next_steps(file, given))))
    return 0


def _must_be_free(file: Path, *, force: bool) -> None:
    """Refuse, before anything is asked, a file that is there or cannot be written."""
    import os

    from readiness.documents import must_be_writable
    from readiness.errors import ConfigurationError

    if os.path.lexists(file) and not file.is_dir() and not force:
        raise ConfigurationError(f"{file} is there already; --force overwrites it, --output writes another file")
    must_be_writable(file)


def _write(file: Path, text: str) -> None:
    """Write the file, once it is known to load."""
    import tempfile

    from readiness import documents
    from readiness.config import load

    with tempfile.TemporaryDirectory(prefix="readiness-init-") as folder:
        trial = Path(folder) / file.name
        trial.write_text(text, encoding="utf-8")
        load(trial, {}, connecting=False)
    documents.write(file, text)


def _next_steps(file: Path, given: dict[str, dict[str, object]]) -> list[str]:
    """What to do with the file."""
    steps = ["Next:"]
    if not given:
        steps.append(f"  fill in {file}: take the # from the sections and keys that you need")
    names = [value for section in given.values() for key, value in section.items() if key.endswith("_env")]
    if names:
        steps.append("  put the secrets into the environment, under these names:")
        steps += [f"    {name}" for name in names]
    option = "" if file == Path("readiness.toml") else f" --config {file}"
    steps.append(f"  readiness permissions{option}           the rights that the accounts need")
    steps.append(f"  readiness permissions{option} --test    whether they have them")
    steps.append(f"  readiness scan{option}")
    return steps
