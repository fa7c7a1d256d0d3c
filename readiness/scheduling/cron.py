"""Installing and removing a job of cron: its block alone, in the table of one account."""

from __future__ import annotations

from readiness.scheduling.crontab import with_block, without_block
from readiness.scheduling.job import Job, ScheduleError
from readiness.scheduling.running import Run, must, run


def plan(job: Job) -> list[str]:
    """What installing does, in words."""
    return [f"put this block into the table of {_whose(job.account)}, by {' '.join(_crontab(job.account))}"]


def install(job: Job, run: Run = run) -> list[str]:
    """Put the block into the table, in place of its former one; returns what was done.

    Raises:
        ScheduleError: it could not be; the table is as it was, since cron takes a whole one or none.
    """
    before = _table(job.account, run)
    after = with_block(before, job)
    if after == before:
        return [f"the table of {_whose(job.account)} has it already"]
    _keep(after, job.account, run)
    return [f"put the job {job.name} into the table of {_whose(job.account)}"]


def remove(name: str, account: str | None, configuration: str | None = None, run: Run = run) -> list[str]:
    """Take the block out of the table; returns what was done, and nothing where there is none.

    Args:
        configuration: whose the job must be; None: of any.

    Raises:
        ScheduleError: it could not be.
    """
    after = without_block(_table(account, run), name, configuration)
    if after is None:
        return []
    _keep(after, account, run)
    return [f"took the job {name} out of the table of {_whose(account)}"]


def _crontab(account: str | None) -> list[str]:
    return ["crontab"] if account is None else ["crontab", "-u", account]


def _whose(account: str | None) -> str:
    return "this account" if account is None else account


def _table(account: str | None, run: Run) -> str:
    done = run([*_crontab(account), "-l"])
    if done.code != 0 and "no crontab for" in done.err:
        return ""
    return must(done, "crontab -l").out.decode("utf-8", "surrogateescape")


def _keep(table: str, account: str | None, run: Run) -> None:
    try:
        must(run([*_crontab(account), "-"], given=table.encode("utf-8", "surrogateescape")), "crontab -")
    except ScheduleError as error:
        raise ScheduleError(f"{error}; the table is as it was") from error
