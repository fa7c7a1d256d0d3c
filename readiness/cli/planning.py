"""What `readiness plan` says of a report, and which of its steps a person is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readiness.errors import ConfigurationError
from readiness.model.report import Report
from readiness.model.words import Owner
from readiness.report_files import LATEST, as_file, find, load
from readiness.text import one_line

OF_THE_RUN = ("id", "started", "demo", "tenant", "site")
OF_THE_DECISION = ("state", "sentence")
"""What the JSON of a plan says of the report that it is from."""


def found(run: str | None, output: Path | None, config: Path | None, environ: Mapping[str, str]) -> Report:
    """The report that is asked for: a file, a run id, or (None) the newest in the folder of the reports.

    Raises:
        ConfigurationError: there is no such report; EvidenceError: the file is none of ours, or was changed.
    """
    return told(run, output, config, environ)[0]


def told(run: str | None, output: Path | None, config: Path | None, environ: Mapping[str, str]) -> tuple[Report, Path]:
    """The report that is asked for, and the file that it is in: its own, or the history.

    Raises:
        ConfigurationError: there is no such report; EvidenceError: the file is none of ours, or was changed.
    """
    if run is None or run == LATEST or as_file(run) is not None:
        file = located(run, output, config, environ)
        return load(file), file
    from readiness.cli.keeping import place
    from readiness.cli.runs import found as found_run
    from readiness.cli.runs import opened

    configuration = opened(config, environ)
    known = found_run(run, configuration, output)
    return known.report, known.file or place(configuration)


def located(run: str | None, output: Path | None, config: Path | None, environ: Mapping[str, str]) -> Path:
    """The file of that report.

    Raises:
        ConfigurationError: there is no such report.
    """
    run = LATEST if run is None else run
    return as_file(run) or find(run, output or _configured(config, environ))


def _configured(config: Path | None, environ: Mapping[str, str]) -> Path:
    """The folder of the reports, as the configuration has it; without a configuration, the usual one."""
    from readiness.config import load as load_configuration

    return load_configuration(config, environ, connecting=False).scan.output


def about(report: Report) -> tuple[str, ...]:
    """Lines that say which report this is."""
    run = report.run
    of = ", ".join(one_line(name) for name in (run.tenant, run.site) if name)
    lines = (
        f"Report {one_line(run.id)}{f' of {of}' if of else ''}, read {run.started:%Y-%m-%d %H:%M} UTC",
        one_line(report.decision.sentence),
    )
    return ("DEMO DATA: this is about the simulated estate, not about yours", *lines)[not run.demo :]


def head(report: Report) -> dict[str, Any]:
    """The same as data."""
    return {
        "run": {name: getattr(report.run, name) for name in OF_THE_RUN},
        "decision": {name: getattr(report.decision, name) for name in OF_THE_DECISION},
    }


def only(report: Report, owner: str | None) -> frozenset[int] | None:
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
        number for number, step in enumerate(report.plan, start=1) if named[0] is step.owner or named[0] in step.present
    )
