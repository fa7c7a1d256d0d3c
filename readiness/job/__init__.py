"""A run as a job: one at a time, within a time, and stopped without losing what it has.

`lock` keeps others away, `running` knows how much time is left and who asked to stop, `watchdog` ends what hangs.
"""

from readiness.job.lock import AnotherRunError, OneAtATime
from readiness.job.running import Job, left, pause, stopped

__all__ = ["AnotherRunError", "Job", "OneAtATime", "left", "pause", "stopped"]
