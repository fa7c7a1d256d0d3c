"""Find the report whose plan is asked for, and take the plan out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import msgspec

from readiness import documents
from readiness.errors import ConfigurationError, EvidenceError
from readiness.model.report import REPORT_SCHEMA, PlanStep, PlanSummary
from readiness.model.words import DecisionState, Owner
from readiness.text import one_line, printable

MOST_SEARCHED = 200
"""Reports of a folder that are looked into for a run id, the newest first."""
_NAME = re.compile(r"readiness-.*-(?P<at>[0-9]{8}T[0-9]{6}Z)\.json")
_FAMILY, _, _OURS = REPORT_SCHEMA.rpartition("/v")
_FOR_PEOPLE = (".html", ".htm", ".md")


@dataclass(frozen=True, slots=True)
class RunOfPlan:
    """The run that the plan comes from."""

    id: str
    started: datetime
    demo: bool
    tenant: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionOfPlan:
    """What the run came to."""

    state: DecisionState
    sentence: str


@dataclass(frozen=True, slots=True)
class PlanOfReport:
    """What `readiness plan` takes out of a report."""

    run: RunOfPlan
    decision: DecisionOfPlan
    plan: tuple[PlanStep, ...]
    plan_summary: PlanSummary = field(default_factory=PlanSummary)

    @property
    def about(self) -> tuple[str, ...]:
        """Lines that say which report this is."""
        of = ", ".join(one_line(name) for name in (self.run.tenant, self.run.site) if name)
        lines = (
            f"Report {one_line(self.run.id)}{f' of {of}' if of else ''}, read {self.run.started:%Y-%m-%d %H:%M} UTC",
            one_line(self.decision.sentence),
        )
        return ("DEMO DATA: this plan is about the simulated estate, not about yours", *lines)[not self.run.demo :]


def found(run: str | None, output: Path | None, config: Path | None, environ: Mapping[str, str]) -> PlanOfReport:
    """The plan of the report that is asked for: a file, a run id, or the newest report in the folder of the reports.

    Raises:
        ConfigurationError: there is no such report; EvidenceError: the file is none of ours, or was changed.
    """
    if run is not None and (Path(run).exists() or _looks_like_a_file(run)):
        return of_file(Path(run))
    folder = output or _configured(config, environ)
    if run is not None:
        return _by_id(run, folder)
    newest = next(_newest_first(folder), None)
    if newest is None:
        raise ConfigurationError(
            f"{folder}: there is no report in this folder: scan first, name the JSON file of a report, or say with "
            "--output where the reports are"
        )
    return of_file(newest)


def _looks_like_a_file(run: str) -> bool:
    return Path(run).suffix.lower() in (".json", *_FOR_PEOPLE) or len(Path(run).parts) > 1


def _configured(config: Path | None, environ: Mapping[str, str]) -> Path:
    """The folder of the reports, as the configuration has it; without a configuration, the usual one."""
    from readiness.config import load

    return load(config, environ, connecting=False).scan.output


def of_file(path: Path) -> PlanOfReport:
    """The plan of one report, its digest proven.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
    """
    if path.suffix.lower() in _FOR_PEOPLE:
        raise EvidenceError(f"{path}: a report for people; name the JSON file of the same run")
    document = documents.read(path)
    _must_be_a_report(path, document.get("schema"))
    try:
        return msgspec.convert(document, PlanOfReport, strict=False)
    except msgspec.ValidationError as error:
        raise EvidenceError(f"{path}: not a report that this version can read: {printable(str(error))}") from error


def _must_be_a_report(path: Path, schema: object) -> None:
    if schema == REPORT_SCHEMA:
        return
    family, _, version = schema.rpartition("/v") if isinstance(schema, str) else ("", "", "")
    if family == _FAMILY and version.isdecimal() and int(version) > int(_OURS):
        raise EvidenceError(f"{path}: written by a newer version of readiness ({schema}): update, then try again")
    if isinstance(schema, str) and schema.startswith("readiness/evidence/"):
        raise EvidenceError(f"{path}: evidence, not a report: judge it first (readiness assess {path})")
    raise EvidenceError(f"{path}: not a report of this tool")


def _newest_first(folder: Path) -> Iterator[Path]:
    """The reports of a folder by the time in their names, the newest first."""
    try:
        named = [(match["at"], path.name, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be read: {error.strerror or error}") from error
    return (path for _, _, path in sorted(named, reverse=True))


def _by_id(run: str, folder: Path) -> PlanOfReport:
    """The report with this run id. A file that is none of ours is passed over: others may be."""
    ids: list[str] = []
    for number, path in enumerate(_newest_first(folder)):
        if number == MOST_SEARCHED:
            break
        try:
            plan = of_file(path)
        except EvidenceError:
            continue
        if plan.run.id == run:
            return plan
        ids.append(plan.run.id)
    near = get_close_matches(run, ids, 1)
    hint = f"; did you mean {one_line(near[0])!r}?" if near else ""
    raise ConfigurationError(f"no report in {folder} has the run id '{one_line(run)}', and there is no such file{hint}")


def only(plan: PlanOfReport, owner: str | None) -> frozenset[int] | None:
    """The numbers of the steps that this person does, or must be there at; None: of everybody.

    Raises:
        ConfigurationError: it is the name of nobody, or of several.
    """
    if owner is None:
        return None
    wanted = owner.strip().casefold()
    whole = [one for one in Owner if one.casefold() == wanted]
    named = whole or [one for one in Owner if wanted and wanted in one.casefold()]
    if len(named) != 1:
        raise ConfigurationError(f"--owner '{one_line(owner)}': name one of: {', '.join(Owner)}; a part of it will do")
    return frozenset(
        number for number, step in enumerate(plan.plan, start=1) if named[0] is step.owner or named[0] in step.present
    )
