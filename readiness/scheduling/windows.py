"""Installing and removing a job of the Task Scheduler, by `schtasks`. Untested: nobody has run it on Windows yet."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from xml.sax.saxutils import unescape

from readiness.scheduling.job import Job, ScheduleError, must_be_ours
from readiness.scheduling.running import Run, must, run
from readiness.scheduling.task import SOURCE, files, is_managed, is_service


def create(job: Job, file: str, *, again: bool = False) -> list[str]:
    """The command that registers a task. A managed account has no password that anybody could type.

    Args:
        again: it is there already, and is replaced.
    """
    words = ["schtasks", "/Create", "/TN", job.name, "/XML", file, *(["/F"] if again else [])]
    if is_managed(job.account):
        return [*words, "/RU", str(job.account), "/RP", ""]
    return words if is_service(job.account) else [*words, "/RU", str(job.account), "/RP", "*"]


def plan(job: Job) -> list[str]:
    """What installing does, in words."""
    return [f"register the task {job.name}, by schtasks /Create"]


def install(job: Job, run: Run = run) -> list[str]:
    """Register the task; returns what was done.

    Raises:
        ScheduleError: a password would be needed, the task there is not ours, or it was refused.
    """
    if not (is_managed(job.account) or is_service(job.account)):
        raise ScheduleError(
            f"the account {job.account} has a password, which is never asked for here: take a gMSA or NetworkService, "
            "or register the file with schtasks /RP *"
        )
    again = _must_be_free_or_ours(job.name, job.configuration, run)
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        file = Path(folder) / f"{job.name}.xml"
        file.write_bytes(files(job)[0].content)
        must(run(create(job, str(file), again=again)), "schtasks /Create")
    return [f"registered the task {job.name}"]


def remove(name: str, configuration: str | None = None, run: Run = run) -> list[str]:
    """Delete the task; returns what was done, and nothing where there is none.

    Args:
        configuration: whose the job must be; None: of any.

    Raises:
        ScheduleError: it is not ours, or could not be deleted.
    """
    if not _must_be_free_or_ours(name, configuration, run):
        return []
    must(run(["schtasks", "/Delete", "/TN", name, "/F"]), "schtasks /Delete")
    return [f"deleted the task {name}"]


def _must_be_free_or_ours(name: str, configuration: str | None, run: Run) -> bool:
    """Whether there is such a task; one of others is never replaced."""
    done = run(["schtasks", "/Query", "/TN", name, "/XML"])
    if done.code != 0:
        return False
    text = decoded(done.out)
    line = next((line for line in text.splitlines() if "<Description>" in line), "")
    described = unescape(re.sub(r"</?Description>", "", line))
    mark = described if f"<Source>{SOURCE}</Source>" in text else None
    must_be_ours(mark, name, configuration, f"the task {name}")
    return True


def decoded(out: bytes) -> str:
    """What `schtasks` printed: UTF-16 into a file, the code page of the console into a pipe."""
    if out[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return out.decode("utf-16", "replace")
    try:
        return out.decode("utf-8")
    except UnicodeDecodeError:
        return out.decode("oem" if os.name == "nt" else "latin-1", "replace")
