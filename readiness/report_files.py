"""Reports that were written as JSON, read again: to compare with, to hand out their plan, to explain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import EvidenceError
from readiness.model.report import REPORT_SCHEMA, Report
from readiness.text import one_line
from readiness.versions import Steps, newer, of_schema

STEPS: Steps = {}
"""From each older schema of reports to the next. There is one schema so far."""
_ENDINGS_FOR_PEOPLE = {".html", ".htm", ".md", ".markdown", ".pdf"}


def load(path: Path) -> Report:
    """Read a report, strictly, its digest proven. What a newer version of the same schema adds is left out.

    Raises:
        EvidenceError: naming the file and the place.
    """
    if path.suffix.lower() in _ENDINGS_FOR_PEOPLE:
        raise EvidenceError(f"{path}: it is a report for people; name the JSON file of the same run, beside it")
    found = of_schema(path, _document(path), REPORT_SCHEMA, STEPS)
    body = {key: value for key, value in found.items() if key not in ("schema", "digest")}
    import msgspec

    try:
        return msgspec.convert(body, Report, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        said = newer(found) or one_line(str(error), 200)
        raise EvidenceError(f"{path}: {said}") from error


def _document(path: Path) -> dict[str, Any]:
    found = documents.read(path)
    if str(found.get("schema")).startswith("readiness/evidence/"):
        raise EvidenceError(f"{path}: it is evidence, which is not judged yet; a report is what 'assess' makes of it")
    return found


def find(run: str, folder: Path) -> Path:
    """The file of a run: a path, or the id of a run whose report lies in the folder.

    Args:
        run: a path of a report, or the id of a run, or the first 8 signs of it or more.
        folder: where reports are written.

    Raises:
        EvidenceError: there is no such file, and no report of such a run in the folder.
    """
    path = Path(run)
    if path.exists() or path.is_symlink() or len(path.parts) > 1 or path.suffix:
        return path
    found = [one for one in sorted(folder.glob("*.json")) if len(run) >= SHORTEST_ID and _id(one).startswith(run)]
    if not found:
        raise EvidenceError(f"{one_line(run, 80)}: neither a file nor the id of a run whose report lies in {folder}")
    if len({_id(one) for one in found}) > 1:
        raise EvidenceError(f"{one_line(run, 80)}: several runs in {folder} begin so; give more of the id")
    return found[-1]


SHORTEST_ID = 8
"""Of what is given in place of the id of a run."""


def _id(path: Path) -> str:
    """The id of the run that a file is the report of; empty where it is none of ours."""
    try:
        return load(path).run.id
    except EvidenceError:
        return ""
