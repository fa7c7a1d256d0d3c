"""Reports that were written as JSON, found and read again: to compare with, to hand out their plan, to explain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import ConfigurationError, EvidenceError
from readiness.intake import content
from readiness.model.report import REPORT_SCHEMA, Report
from readiness.text import one_line, printable
from readiness.versions import Steps, newer, of_schema

STEPS: Steps = {}
"""From each older schema of reports to the next. There is one schema so far."""
LATEST = "latest"
"""In place of the id of a run: the newest report of the folder."""
SHORTEST_ID = 8
"""Of what is given in place of the whole id of a run."""
MOST_SEARCHED = 200
"""Files of a folder that are looked into for the id of a run."""

_ENDINGS_FOR_PEOPLE = {".html", ".htm", ".md", ".markdown", ".pdf", ".txt"}
_NAME = re.compile(r"readiness-.*-(?P<at>[0-9]{8}T[0-9]{6}Z)\.json")
_FAMILY = REPORT_SCHEMA.rpartition("/v")[0] + "/v"
_ID = re.compile(rb'"id":\s?"([0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})"')


def load(path: Path) -> Report:
    """Read a report, strictly, its digest proven. What a newer version of the same schema adds is left out.

    Raises:
        EvidenceError: naming the file and the place.
    """
    return opened(path)[1]


def opened(path: Path) -> tuple[bytes, Report]:
    """What the file holds, and the report that `load` reads of exactly that.

    Raises:
        EvidenceError: as `load`.
    """
    if path.suffix.lower() in _ENDINGS_FOR_PEOPLE:
        raise EvidenceError(f"{path}: it is a report for people; name the JSON file of the same run, beside it")
    data = content(path)
    return data, loaded(path, data)


def loaded(path: Path, data: bytes) -> Report:
    """The report that a file holds, as `load` reads it.

    Raises:
        EvidenceError: naming the file and the place.
    """
    found = of_schema(path, _document(path, data), REPORT_SCHEMA, STEPS)
    body = {key: value for key, value in found.items() if key not in ("schema", "digest")}
    import msgspec

    try:
        return msgspec.convert(body, Report, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        said = newer(found) or f"not a report that this version can read: {one_line(str(error), 200)}"
        raise EvidenceError(f"{path}: {said}") from error


def _document(path: Path, data: bytes) -> dict[str, Any]:
    """What the file holds, where it says that it is a report, of whatever version."""
    found = documents.proven(path, data)
    schema = found.get("schema")
    if str(schema).startswith("readiness/evidence/"):
        raise EvidenceError(f"{path}: it is evidence, not a report: judge it first (readiness assess {path})")
    if not isinstance(schema, str) or not schema.startswith(_FAMILY):
        named = f"'{one_line(schema, 60)}'" if isinstance(schema, str) else "missing" if schema is None else "no text"
        raise EvidenceError(f"{path}: not a report of this tool: its schema is {named}")
    return found


def find(run: str, folder: Path) -> Path:
    """The file of a run.

    Args:
        run: a path of a report; `latest`; the id of a run whose report lies in the folder, or its first 8 signs or
            more.
        folder: where reports are written.

    Raises:
        ConfigurationError: there is no such file, and no report of such a run in the folder, or several.
        EvidenceError: the file of that run was changed, or is none that this version reads.
    """
    path = as_file(run)
    if path is not None:
        return path
    return newest(folder) if run == LATEST else _by_id(run, folder)


def as_file(run: str) -> Path | None:
    """The file that is named; None where that is no name of a file, so that a folder must be searched."""
    path = Path(run)
    return path if run and (_is_there(path) or len(path.parts) > 1 or path.suffix) else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):  # longer than a name may be, or with a NUL
        return False


def newest(folder: Path) -> Path:
    """The newest report of a folder, by the time in its name.

    Raises:
        ConfigurationError: there is none, or the folder cannot be read.
    """
    found = next(iter(_ours(_listed(folder))), None)
    if found is None:
        raise ConfigurationError(
            f"{folder}: there is no report in this folder: scan first, name the JSON file of a report, or say with "
            "--output where the reports are"
        )
    return found


def _by_id(run: str, folder: Path) -> Path:
    """The newest file with this run id, or with the only one that begins so.

    A file that is none of ours is passed over, others may be; where it alone would be the one, what is wrong is said.
    """
    seen: dict[Path, str] = {path: id_ for path in _searched(folder) for id_ in _ids(path)[-1:]}
    fits = {path: id_ for path, id_ in seen.items() if id_ == run}
    if not fits and len(run) >= SHORTEST_ID:
        fits = {path: id_ for path, id_ in seen.items() if id_.startswith(run)}
    sound, error = _sound(fits)
    if len(set(sound.values())) > 1:
        raise ConfigurationError(f"'{one_line(run, 80)}': several runs in {folder} begin so; give more of the id")
    if sound:
        return next(iter(sound))
    if error is not None:
        raise error
    near = get_close_matches(run[:100], seen.values(), 1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise ConfigurationError(
        f"'{one_line(run, 80)}': neither a file nor the id of a run: no report in {folder} has the run id{hint}"
    )


def _sound(fits: dict[Path, str]) -> tuple[dict[Path, str], EvidenceError | None]:
    """Those that are reports of the run that they seem to be of, and what is wrong with the first that is not."""
    sound: dict[Path, str] = {}
    wrong: EvidenceError | None = None
    for path, id_ in fits.items():
        try:
            if load(path).run.id == id_:
                sound[path] = id_
        except EvidenceError as error:
            wrong = wrong or error
    return sound, wrong


def _ids(path: Path) -> list[str]:
    """What looks like ids of runs in a file, without proof that it is a report: that takes long."""
    try:
        return [found.decode() for found in _ID.findall(content(path))]
    except EvidenceError:
        return []


def _searched(folder: Path) -> Iterator[Path]:
    """The files to look into: those named as reports are, the newest first, then other JSON files."""
    listed = _listed(folder)
    ours = _ours(listed)
    others = sorted({path for path in listed if path.suffix.lower() == ".json"} - set(ours))
    return islice((*ours, *others), MOST_SEARCHED)


def _ours(listed: list[Path]) -> list[Path]:
    """Files that are named as reports are, the newest first."""
    named = [(match["at"], path.name, path) for path in listed if (match := _NAME.fullmatch(path.name))]
    return [path for _, _, path in sorted(named, reverse=True)]


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise ConfigurationError(f"{printable(str(folder))}: cannot be read: {error.strerror or error}") from error
