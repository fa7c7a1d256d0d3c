"""Loading rule data: the tables that ship, and a folder of tables over them, with file and line of what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from readiness.config.files import parse, read
from readiness.config.lines import line_of
from readiness.config.wording import KeyPath, did_you_mean, shown
from readiness.errors import ConfigurationError
from readiness.model.knowledge import Knowledge, Table, TableSpec, laid_over
from readiness.model.rows import Placed, Problem, between, typed
from readiness.text import printable

A_TABLE = "table of rule data"


@dataclass(frozen=True, slots=True)
class _File:
    """One file of rule data, read."""

    path: Path
    text: str
    table: Table
    placed: tuple[Placed, ...]

    def says(self, at: KeyPath, words: str) -> tuple[str, int, str]:
        """A problem of the file, so that problems sort by their places."""
        section, *rest = at
        head = f"[[{section}]]" if rest and isinstance(rest[0], int) else shown(str(section))
        names = [shown(str(name)) for name in rest if not isinstance(name, int)]
        return str(self.path), line_of(self.text, at) or 1, f"{' '.join([head, *names])}: {words}"


class _Problems:
    """Everything that is wrong with the files, so that one run shows all of it."""

    def __init__(self) -> None:
        self._found: set[tuple[str, int, str]] = set()

    def add(self, file: _File, problems: Iterable[Problem]) -> None:
        for problem in problems:
            hint = f"; {did_you_mean(str(problem.at[-1]), problem.choices)}" if problem.choices else ""
            self._found.add(file.says(problem.at, problem.words + hint))

    def say(self, file: _File, at: KeyPath, words: str) -> None:
        self._found.add(file.says(at, words))

    def raise_for_any(self) -> None:
        if self._found:
            lines = (f"{printable(path)}, line {line}: {words}" for path, line, words in sorted(self._found))
            raise ConfigurationError("\n".join(lines))


def load(specs: Mapping[str, TableSpec], shipped: Path, folder: Path | None = None) -> Knowledge:
    """The rule data that judges.

    Args:
        specs: what the tables may hold, by name.
        shipped: the folder of the tables that ship.
        folder: a folder with tables of the same names, whose rows are added, or take the place of those of the same
            key (`--knowledge`).

    Raises:
        ConfigurationError: with one line per problem: file, line, and what would be valid.
    """
    problems = _Problems()
    own = {name: _file(spec, shipped / f"{name}.toml", problems) for name, spec in specs.items()}
    for name, file in own.items():
        for placed, words in between(specs[name], file.placed):
            problems.say(file, placed.at, words)
    problems.raise_for_any()
    known = Knowledge({name: file.table for name, file in own.items()})
    given = _given(specs, folder, problems) if folder is not None else {}
    for name, file in given.items():
        _agree(specs[name], own[name], file, problems)
    problems.raise_for_any()
    return laid_over(known, [file.table for file in given.values()])


def _file(spec: TableSpec, path: Path, problems: _Problems, name: str | None = None) -> _File:
    """A file of rule data; what is wrong with it goes to `problems`.

    Args:
        name: what reports call it; None for one that ships.
    """
    text = read(path, A_TABLE)
    table, placed, found = typed(spec, parse(text, path), file=name)
    file = _File(path, text, table, placed)
    problems.add(file, found)
    return file


def _given(specs: Mapping[str, TableSpec], folder: Path, problems: _Problems) -> dict[str, _File]:
    """The tables of a folder from outside, by name."""
    if not folder.is_dir():
        raise ConfigurationError(f"{_name(folder)}: no such folder; name one that holds tables of rule data")
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    if not paths:
        raise ConfigurationError(f"{_name(folder)}: holds no table of rule data, such as releases.toml")
    for path in paths:
        if path.stem not in specs:
            hint = did_you_mean(path.name, [f"{name}.toml" for name in specs])
            raise ConfigurationError(f"{_name(path)}: there is no such table of rule data; {hint}")
    return {path.stem: _file(specs[path.stem], path, problems, f"{folder.name}/{path.name}") for path in paths}


def _agree(spec: TableSpec, own: _File, given: _File, problems: _Problems) -> None:
    """The rows of a table from outside fit among themselves, and to those that ship and stay."""
    keys = {placed.entry.key for placed in given.placed}
    stay = [placed for placed in own.placed if placed.entry.key not in keys]
    for placed, words in between(spec, [*stay, *given.placed]):
        problems.say(given if placed.entry.file else own, placed.at, words)


def _name(path: Path) -> str:
    return printable(str(path))
