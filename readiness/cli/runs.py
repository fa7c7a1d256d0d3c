"""Runs by their ids: in the history, as files, in the folder of the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from readiness import history
from readiness.cli.keeping import HOW_TO_GET_IT, place
from readiness.config import Configuration
from readiness.config import load as load_configuration
from readiness.errors import ConfigurationError, EvidenceError
from readiness.model.report import Report
from readiness.report_files import LATEST, SHORTEST_ID, as_file, find, load, loaded
from readiness.text import one_line, printable

if TYPE_CHECKING:
    from readiness.history.runs import KeptRun
    from readiness.history.store import Store

MOST_NEAR = 3
"""Ids that are named where the one given is unknown."""


@dataclass(frozen=True, slots=True)
class Found:
    """A report, and the run of the history, or the file, that it comes from."""

    report: Report
    run: KeptRun | None = None
    file: Path | None = None


def opened(config: Path | None, environ: Mapping[str, str]) -> Configuration:
    """The configuration, for commands that only look back."""
    return load_configuration(config, environ, connecting=False)


def store_of(configuration: Configuration) -> Store:
    """The history.

    Raises:
        ConfigurationError: the extra is missing.
    """
    if not history.is_available():
        raise ConfigurationError(f"there is no history: {HOW_TO_GET_IT}")
    from readiness.history.store import Store

    return Store(place(configuration))


def kept_runs(configuration: Configuration) -> list[KeptRun]:
    """Every run of the history, the newest first; none where the extra is missing."""
    return store_of(configuration).runs() if history.is_available() else []


def found(run: str, configuration: Configuration, output: Path | None = None) -> Found:
    """A report by a path, the id of a run (or its beginning), or `latest`: the last run of the history; where there is
    none, the newest report of the folder.

    Raises:
        ConfigurationError: there is none; with the nearest ids.
        EvidenceError: the file is none of ours, or was changed.
    """
    path = as_file(run)
    if path is not None:
        return Found(load(path), file=path)
    runs = kept_runs(configuration)
    fits = _fitting(run, runs)
    if len(fits) > 1:
        raise ConfigurationError(f"'{one_line(run, 80)}': several runs in the history begin so; give more of the id")
    if fits:
        return opened_run(fits[0], configuration)
    path = _in_folder(run, output or configuration.scan.output, runs)
    return Found(load(path), file=path)


def handed(run: str, configuration: Configuration, folder: Path) -> Found:
    """As `found`; but what lies in the folder of the reports goes before the history, as people see it there: `latest`
    is the newest there, and a run of both is its file, with what was written beside it.

    Raises:
        ConfigurationError, EvidenceError: as of `found`.
    """
    if run == LATEST:
        return _newest(configuration, folder)
    known = found(run, configuration, folder)
    if known.run is None:
        return known
    try:
        path = find(known.run.id, folder)
    except ConfigurationError:
        return known
    return Found(load(path), known.run, path)


def _newest(configuration: Configuration, folder: Path) -> Found:
    """The newest report of the folder; where there is none, the last run of the history."""
    try:
        path = find(LATEST, folder)
    except ConfigurationError:
        runs = kept_runs(configuration)
        if not runs:
            raise
        return opened_run(runs[0], configuration)
    return Found(load(path), file=path)


def earlier(configuration: Configuration) -> Report:
    """The report that this run is held against: `--against` names its file, or the id of a run in the history.

    Raises:
        ConfigurationError, EvidenceError: as of `found`.
    """
    return handed(str(configuration.scan.against), configuration, configuration.scan.output).report


def document(run: KeptRun, configuration: Configuration) -> bytes:
    """The JSON of the report of a run in the history, to the byte.

    Raises:
        EvidenceError: it is damaged, or not there.
    """
    data = store_of(configuration).document(run)
    if data is None:
        raise EvidenceError(f"run {run.id}: its report is not in the history")
    return data


def opened_run(run: KeptRun, configuration: Configuration) -> Found:
    """The report of a run in the history.

    Raises:
        EvidenceError: it is damaged.
    """
    return Found(loaded(Path(f"run {run.id}"), document(run, configuration)), run)


def _fitting(run: str, runs: Sequence[KeptRun]) -> list[KeptRun]:
    if run == LATEST:
        return list(runs[:1])
    whole = [one for one in runs if one.id == run]
    return whole or [one for one in runs if len(run) >= SHORTEST_ID and one.id.startswith(run)]


def _in_folder(run: str, folder: Path, runs: Sequence[KeptRun]) -> Path:
    """The file of a run that is not in the history."""
    try:
        return find(run, folder)
    except ConfigurationError as error:
        near = get_close_matches(run[:100], [one.id for one in runs], MOST_NEAR, cutoff=0.5)
        if run == LATEST or not runs or (folder.exists() and "neither a file" not in str(error)):
            raise
        hint = f"; the nearest are {', '.join(near)}" if near else "; readiness history lists them"
        raise ConfigurationError(
            f"'{one_line(run, 80)}': neither a file nor the id of a run: nothing in the history and no report in "
            f"{printable(str(folder))} has the run id{hint}"
        ) from error
