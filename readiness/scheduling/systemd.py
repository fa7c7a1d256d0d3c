"""Installing and removing a job of systemd: all of it, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from readiness.documents import write_bytes
from readiness.errors import OutputError
from readiness.scheduling.job import File, Job, ScheduleError, must_be_ours, whose
from readiness.scheduling.running import Run, must, run
from readiness.scheduling.units import SYSTEM_FOLDER, files
from readiness.text import printable


def unit_folder(environ: Mapping[str, str], *, per_user: bool) -> str:
    """Where units lie: the system's, or the user's own."""
    if not per_user:
        return SYSTEM_FOLDER
    base = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return f"{base}/systemd/user"


def plan(job: Job, folder: str) -> list[str]:
    """What installing does, in words."""
    control = " ".join(_control(per_user=job.per_user))
    return [
        *(f"write {file.path}" for file in files(job, folder)),
        f"{control} daemon-reload; {control} enable {job.name}.timer; {control} restart {job.name}.timer",
    ]


def install(job: Job, folder: str, run: Run = run) -> list[str]:
    """Write the units and start the timer; returns what was done.

    Raises:
        ScheduleError: something there is not ours, or a step failed: everything is as it was.
    """
    made = files(job, folder)
    for file in made:
        before = _text(Path(file.path))
        if before is not None:
            must_be_ours(_mark(before), job.name, job.configuration, file.path)
    control = _control(per_user=job.per_user)
    with _undone_if_it_fails(made, control, run):
        for file in made:
            _write(file)
        must(run([*control, "daemon-reload"]), "systemctl daemon-reload")
        must(run([*control, "enable", f"{job.name}.timer"]), "systemctl enable")
        must(run([*control, "restart", f"{job.name}.timer"]), "systemctl restart")
    return [*(f"wrote {file.path}" for file in made), f"{job.name}.timer is enabled and waits"]


def remove(name: str, folder: str, *, per_user: bool, configuration: str | None = None, run: Run = run) -> list[str]:
    """Stop the timer and take the units away; returns what was done, and nothing where there is no such job.

    Args:
        configuration: whose the job must be; None: of any.

    Raises:
        ScheduleError: they are not ours, or a step failed.
    """
    paths = [Path(folder) / f"{name}.{kind}" for kind in ("timer", "service")]
    there = [(path, text) for path in paths if (text := _text(path)) is not None]
    if not there:
        return []
    for path, text in there:
        must_be_ours(_mark(text), name, configuration, str(path))
    control = _control(per_user=per_user)
    if paths[0] in dict(there):
        must(run([*control, "disable", "--now", f"{name}.timer"]), "systemctl disable")
    for path, _ in there:
        _unlink(path)
    must(run([*control, "daemon-reload"]), "systemctl daemon-reload")
    return [f"removed {path}" for path, _ in there]


def _mark(text: str) -> str | None:
    """The line that says whose a unit is; saved by hand, it stands below the path that was printed above it."""
    return next((line for line in text.splitlines()[:2] if whose(line)), None)


def _control(*, per_user: bool) -> list[str]:
    return ["systemctl", "--user"] if per_user else ["systemctl"]


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ScheduleError(f"{printable(str(path))}: cannot be read: {error.strerror}") from error


def _write(file: File) -> None:
    path = Path(file.path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, file.content)
        path.chmod(0o644)
    except (OSError, OutputError) as error:
        raise ScheduleError(f"{path}: cannot be written: {_why(error)}") from error


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise ScheduleError(f"{path}: cannot be removed: {error.strerror}") from error


def _why(error: Exception) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else printable(str(error))


@contextmanager
def _undone_if_it_fails(made: tuple[File, ...], control: list[str], run: Run) -> Iterator[None]:
    """Put back what there was, also where somebody interrupts."""
    before = {file.path: _text(Path(file.path)) for file in made}
    try:
        yield
    except BaseException:
        timer = next(path for path in before if path.endswith(".timer"))
        if before[timer] is None:
            with suppress(ScheduleError):
                run([*control, "disable", "--now", os.path.basename(timer)])
        for path, text in before.items():
            with suppress(ScheduleError, OSError):
                Path(path).unlink(missing_ok=True) if text is None else _write(File(path, text))
        with suppress(ScheduleError):
            run([*control, "daemon-reload"])
        raise
