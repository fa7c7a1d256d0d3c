"""Print, install or remove a scheduled job."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import click

from readiness import history
from readiness.cli.job import seconds
from readiness.cli.output import say, write_utf8
from readiness.cli.starting import Starter, starter
from readiness.config import Configuration
from readiness.config.files import FILE_NAME, find
from readiness.errors import ConfigurationError
from readiness.scheduling import needs
from readiness.scheduling.job import Job, ScheduleError, job_name, must_be_plain, time_of_day
from readiness.scheduling.program import installed_at, program

NOT_DONE = 5
"""Exit code where a job could not be installed or removed."""
MINUTES = 15
"""Beyond the job's own deadline, by which it ends itself and leaves a report: only what hangs is ended from outside."""
CLOCKS_CHANGE = (1, 2)
"""Hours in which clocks are put forward or back somewhere."""


def schedule(given: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    """Do what the options say; returns the exit code."""
    starts = starter(given["platform"] or this_machines(), given, environ)
    try:
        if given["remove"]:
            return _remove(starts, given)
        job, configuration = made(given, environ, starts)
        if given["install"]:
            return _install(starts, job, configuration, given, environ)
    except ScheduleError as error:
        say(f"Error: {error.diagnostics()}", err=True)
        say(f"exit {NOT_DONE}: nothing was {'removed' if given['remove'] else 'installed'}", err=True)
        return NOT_DONE
    _show(starts, job, configuration, given, environ)
    return 0


def this_machines() -> str:
    """What starts jobs on this machine."""
    if os.name == "nt":
        return "windows"
    return "systemd" if Path("/run/systemd/system").is_dir() or not shutil.which("crontab") else "cron"


def made(given: Mapping[str, Any], environ: Mapping[str, str], starts: Starter) -> tuple[Job, Configuration]:
    """The job, and the configuration that it will scan by, with the options for `scan` over it.

    Raises:
        ConfigurationError: there is no file, it needs a person, or the job cannot be written down.
    """
    configuration = _configured(given, environ)
    file = configuration.path
    assert file is not None  # noqa: S101 - _configured saw to it
    file = file.absolute()
    name = job_name(given["name"], file.name)
    words = [*program(given["program"]), "scan", "--no-input", "--config", str(file), *given["scan"]]
    words += starts.options_for_scan(name, configuration, file.parent)
    job = Job(
        name=name,
        at=time_of_day(given["daily"]),
        command=tuple(words),
        folder=str(file.parent),
        configuration=str(file),
        zone=_zone(given["timezone"]),
        account=given["account"],
        env_file=None if given["env_file"] is None else str(given["env_file"].absolute()),
        minutes=MINUTES + ceil((seconds(configuration) or 0) / 60),
        reads=(*((words[0],) if given["program"] else installed_at()), *needs.reads(configuration)),
        writes=needs.writes(configuration, file.parent),
        per_user=given["per_user"],
    )
    must_be_plain((*job.command, job.folder, job.account or "", job.env_file or "", *job.reads, *job.writes))
    return job, configuration


def _configured(given: Mapping[str, Any], environ: Mapping[str, str]) -> Configuration:
    from readiness.cli.person import is_asked
    from readiness.cli.settings import configured
    from readiness.config import require_half

    scan = _scan_options(given["scan"])
    configuration = configured({**scan, "config": given["config"], "no_input": True}, environ, connecting=False)
    require_half(configuration)
    if configuration.path is None:
        raise ConfigurationError("a job needs a configuration file: it does not have the variables of this terminal")
    is_asked(configuration)
    return configuration


def _scan_options(words: tuple[str, ...]) -> dict[str, Any]:
    """What `scan` makes of the words after `--`; as the job would, it refuses what it does not know."""
    from readiness.cli.scan import command

    options = command.make_context("scan", list(words)).params
    for name, why in (("config", "name the file before --"), ("demo", "a demo needs no job")):
        if options.get(name) is not None:
            raise click.UsageError(f"--{name} after --: {why}.")
    return options


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise ConfigurationError(f"--timezone {name}: no such time zone; write it as Europe/Berlin, or UTC") from error
    return name


def _show(
    starts: Starter, job: Job, configuration: Configuration, given: Mapping[str, Any], environ: Mapping[str, str]
) -> None:
    """Print the files, or write them; then say what else is needed."""
    from readiness import documents

    files = starts.files(job)
    if given["as_json"]:
        write_utf8(documents.readable(_as_data(starts, job, configuration, environ)))
        return
    if given["output"] is not None:
        for file in files:
            path = given["output"] / Path(file.path).name
            documents.write_bytes(path, file.content)
            say(f"wrote {path}", err=True)
    else:
        write_utf8(starts.printed(job))
    for line in _said(starts, job, configuration, environ):
        say(line, err=True)
    _say_next(starts, job, given)


def _said(starts: Starter, job: Job, configuration: Configuration, environ: Mapping[str, str]) -> list[str]:
    """What the job needs, and what one should know of it."""
    variables = needs.variables(configuration, environ)
    return [
        *_of_variables(starts, job, variables),
        *(f"Note: {note}" for note in _notes(starts, job, configuration, variables)),
    ]


def _of_variables(starts: Starter, job: Job, variables: tuple[str, ...]) -> list[str]:
    if not variables:
        return []
    names = ", ".join(variables)
    if needs.sets_all(job.env_file, variables):
        return [f"The job has from {job.env_file}: {names}."]
    return [f"These must be set for the job: {names}. {starts.how_to_set(job)}"]


def _notes(starts: Starter, job: Job, configuration: Configuration, variables: tuple[str, ...]) -> list[str]:
    notes = [*configuration.warnings, *starts.notes(job), *needs.wrong_with(job.env_file, variables)]
    if job.at.hour in CLOCKS_CHANGE and (job.zone != "UTC" if job.zone else time.daylight):
        notes.append("in this hour clocks are changed in many zones: the job may be left out, or run twice, that night")
    missing = [path for path in job.writes if not Path(path).is_dir()]
    if missing and starts.is_of_this_system:
        notes.append(f"not there yet, to be made for the job's account: {', '.join(missing)}")
    if configuration.notify is None or not configuration.notify.tells:
        notes.append("nobody is told of what changes: [notify] in the configuration would")
    elif not history.is_available():
        notes.append(f"nobody can tell what changes, for nothing is kept: pip install '{history.EXTRA}'")
    return notes


def _say_next(starts: Starter, job: Job, given: Mapping[str, Any]) -> None:
    say("Next:", err=True)
    for line in starts.next_steps(job, given):
        say(f"  {line}", err=True)


def _as_data(starts: Starter, job: Job, configuration: Configuration, environ: Mapping[str, str]) -> dict[str, Any]:
    variables = needs.variables(configuration, environ)
    return {
        "name": job.name,
        "platform": starts.platform,
        "daily": f"{job.at:%H:%M}",
        "timezone": job.zone,
        "account": job.account,
        "command": list(job.command),
        "folder": job.folder,
        "configuration": job.configuration,
        "variables": list(variables),
        "files": [{"path": file.path, "encoding": file.encoding, "text": file.text} for file in starts.files(job)],
        "notes": _notes(starts, job, configuration, variables),
    }


def _install(
    starts: Starter, job: Job, configuration: Configuration, given: Mapping[str, Any], environ: Mapping[str, str]
) -> int:
    starts.must_be_here()
    starts.printed(job)  # what cannot be written down is refused before anything is said to be done
    say("This will" + (", without --dry-run:" if given["dry_run"] else ":"), err=True)
    for step in starts.plan(job):
        say(f"  {step}", err=True)
    for line in _said(starts, job, configuration, environ):
        say(line, err=True)
    done = [] if given["dry_run"] else starts.install(job)
    _tell("installed", done, job.name, given)
    if done:
        say(f"Try it now: {starts.try_it(job)}", err=True)
    return 0


def _remove(starts: Starter, given: Mapping[str, Any]) -> int:
    starts.must_be_here()
    found = find(given["config"], Path.cwd(), None)
    name = job_name(given["name"], found.name if found is not None else FILE_NAME)
    # A name that nobody gave is that of many: it means the job of the configuration that lies here.
    whose = str(found.absolute()) if found is not None and given["name"] is None else None
    if given["dry_run"]:
        say(f"This would remove the job {name}, if it is there and ours.", err=True)
        return 0
    done = starts.remove(name, whose)
    _tell("removed", done, name, given)
    if not done:
        say(f"There is no job {name}: nothing to remove.", err=True)
    return 0


def _tell(what: str, done: list[str], name: str, given: Mapping[str, Any]) -> None:
    from readiness import documents

    if given["as_json"]:
        write_utf8(documents.readable({"name": name, what: done}))
        return
    for line in done:
        say(line)
