"""A scan as a job: one of an estate at a time, and within its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.cli.logs import mark, told
from readiness.cli.output import say
from readiness.cli.telling import noted
from readiness.config import Configuration
from readiness.errors import ReadinessError
from readiness.job.lock import AnotherRunError, OneAtATime, usual_place
from readiness.job.running import Job
from readiness.model.exit_codes import ExitCode

AFTER_READING_SECONDS = 900.0
"""For judging, writing, keeping and telling, where no deadline is set."""


def seconds(configuration: Configuration) -> float | None:
    """For the whole job; None where a person signs in, who takes as long as they take."""
    if configuration.job.deadline is not None:
        return configuration.job.deadline
    tenant = configuration.tenant
    asks = tenant is not None and tenant.auth.is_person
    return None if asks else configuration.scan.timeout + AFTER_READING_SECONDS


@contextmanager
def within_its_time(configuration: Configuration) -> Iterator[None]:
    """What is done within is one job: telling people of it, too, which may hang as anything else."""
    with Job(seconds(configuration)), _told_in_the_log():
        yield


@contextmanager
def alone(configuration: Configuration, *, demo: bool) -> Iterator[None]:
    """Within, no other run reads this estate. Every simulated estate is another one: several may be read at once.

    Raises:
        AnotherRunError: another run of the same estate is under way.
    """
    if demo:
        yield
        return
    lock = OneAtATime(configuration.job.lock or usual_place(estate(configuration)), mark() or "")
    lock.take()
    try:
        _tell(lock)
        yield
    finally:
        lock.give_back()


@contextmanager
def _told_in_the_log() -> Iterator[None]:
    """Why a job ends that has no verdict: standard error is often nowhere when somebody looks."""
    try:
        yield
    except AnotherRunError:
        raise
    except KeyboardInterrupt:
        told(f"exit {ExitCode.INTERRUPTED:d}: interrupted")
        raise
    except ReadinessError as error:
        told(f"it failed: {error.diagnostics()}")
        raise
    except Exception as error:
        told(f"it failed by a bug: {type(error).__name__}")
        raise


def estate(configuration: Configuration) -> str:
    """What is read, however: the same by another way to the site."""
    tenant, site = configuration.tenant, configuration.site
    named = (tenant.graph_origin, tenant.id) if tenant else ("", "")
    return "\n".join((*named, site.server if site else "")).casefold()


def another_run(error: AnotherRunError) -> int:
    """Tell that another run is under way; returns the exit code. Nothing is known of the estate: that is not ready, and
    no mistake of whoever started this one."""
    told(f"exit {ExitCode.UNDETERMINED:d}: {error.diagnostics()}")
    say(f"Error: {error.diagnostics()}", err=True)
    why = f"another run of this estate is under way; nothing was read{noted(error)}"
    say(f"exit {ExitCode.UNDETERMINED:d}: {why}", err=True)
    return ExitCode.UNDETERMINED


def _tell(lock: OneAtATime) -> None:
    if lock.doubt is not None:
        say(f"Warning: another run at the same time would not be noticed: {lock.doubt}", err=True)
    if lock.killed is not None:
        words = (
            f"the run before this one ({lock.killed}) did not end by itself: it was killed, or the machine went down"
        )
        told(words)
        say(f"Note: {words}", err=True)
