"""`scan --until ready`: read, and read again what is not green, until the estate is ready or waiting makes no sense."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from readiness.assessment import waiting
from readiness.cli.finish import judge
from readiness.cli.live import LIVE
from readiness.cli.output import say
from readiness.cli.reading import Visits
from readiness.composition import all_checks
from readiness.config import Configuration
from readiness.errors import EvidenceError
from readiness.evidence import renewed, utc_now
from readiness.job import running
from readiness.model.facts import Fact
from readiness.model.reading import Evidence
from readiness.model.report import CheckResult, Report
from readiness.model.words import Outcome, Reason

MOST_NAMED = 3
"""Open checks that a line names."""
BEAT_SECONDS = 1.0
"""How often the countdown on a terminal changes."""
_LACKS_RIGHTS = (Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.NOT_VISIBLE)


@dataclass(frozen=True, slots=True)
class Pace:
    """The clocks, and how waiting is done; injected by tests."""

    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = running.pause


PACE = Pace()


@dataclass(slots=True)
class Watch:
    """A scan that waits."""

    configuration: Configuration
    visits: Visits
    pace: Pace
    number: int = 0
    """Of the last reading."""
    open: tuple[str, ...] = field(default=())
    """Ids of the checks that were open after it."""

    def run(self) -> Evidence:
        """The evidence of the last reading, over those before it."""
        evidence = self._read(self.visits.whole)
        started = self.pace.monotonic()
        while True:
            report = judge(self.configuration, evidence, self.pace.clock())
            left = started + self.configuration.scan.timeout - self.pace.monotonic()
            left = min(left, running.left_for_reading())
            why = self._over(report, left)
            if why is not None:
                say(f"{self._moment()}, reading {self.number}: {why}", err=True)
                return evidence if waiting.is_reached(report) else replace(evidence, stopped=running.stopped())
            seconds = min(waiting.pause(report).total_seconds(), left)
            self._tell(report, seconds, left)
            self._wait(seconds)
            evidence = self._again(report, evidence)

    def _read(self, facts: frozenset[type[Fact]]) -> Evidence:
        self.number += 1
        return self.visits.read(facts)

    def _again(self, report: Report, evidence: Evidence) -> Evidence:
        """The evidence with what is not green read again; where another estate answers, all of that one."""
        if any(reading.reason in _LACKS_RIGHTS for reading in report.readings):
            self.visits.lasting.renew()
        again = self.visits.read(waiting.facts_again(report, all_checks()))
        if again.stopped is not None:  # what was read before is whole
            return evidence
        self.number += 1
        try:
            return renewed(evidence, again)
        except EvidenceError:
            return self.visits.read(self.visits.whole)

    def _over(self, report: Report, left: float) -> str | None:
        """Why the waiting ends, in words; None while it goes on."""
        state = report.decision.state
        if waiting.is_reached(report):
            return f"{state}"
        stopped = running.stopped()
        if stopped is not None:
            return f"{state}; not waiting any longer: {stopped}"
        proxy = self.visits.lasting.refused
        if proxy is not None:
            return f"{state}; not waiting any longer: the proxy refused our password, which is not shown again"
        vain = waiting.in_vain(report, targets=self.configuration.judging.scope.collections)
        if vain is not None:
            return f"{state}; not waiting any longer: {vain}"
        if left <= 0:
            return f"{state}; the time is over: {_open_in_words(report)}; --timeout waits longer"
        return None

    def _tell(self, report: Report, seconds: float, left: float) -> None:
        now = self.pace.clock()
        still = tuple(result.id for result in waiting.open_checks(report))
        mended = [name for name in self.open if name not in still]
        green = f" Green now: {', '.join(mended)}." if mended else ""
        self.open = still
        said = f"{_utc(now)}, reading {self.number}: {report.decision.state}; {_open_in_words(report)}.{green}"
        then, until = (_utc(now + timedelta(seconds=span)) for span in (seconds, left))
        say(f"{said} Reads again at {then}, waits until {until}", err=True)

    def _wait(self, seconds: float) -> None:
        """Sleep, on a terminal with a countdown. Ctrl-C ends it."""
        if not LIVE.possible:
            self.pace.sleep(seconds)
            return
        end = self.pace.monotonic() + seconds
        try:
            while running.stopped() is None and (left := end - self.pace.monotonic()) > 0:
                waits = f"{len(self.open)} checks open" if len(self.open) != 1 else f"waiting for {self.open[0]}"
                LIVE.show(
                    f"reads again in {int(left) // 60}:{int(left) % 60:02}; {waits}; Ctrl-C stops without a report"
                )
                self.pace.sleep(min(left, BEAT_SECONDS))
        finally:
            LIVE.clear()

    def _moment(self) -> str:
        return _utc(self.pace.clock())


def watch(configuration: Configuration, environ: Mapping[str, str], *, demo: bool = False) -> Evidence:
    """Read until the estate is ready, time is over, or waiting cannot make it so; what was read last counts.

    Raises:
        ConfigurationError: as `readiness.cli.reading.read_estate`.
    """
    evidence = Watch(configuration, Visits(configuration, environ), PACE).run()
    return replace(evidence, demo=True) if demo else evidence


def _open_in_words(report: Report) -> str:
    """What is open, of whom, and how long that takes to show; without any name of the estate."""
    left = waiting.open_checks(report)
    own = [result for result in left if result.outcome is not Outcome.BLOCKED]
    named = [_named(result, report) for result in own[:MOST_NAMED]]
    more = [f"{len(own) - MOST_NAMED} more"] if len(own) > MOST_NAMED else []
    held = len(left) - len(own)
    behind = f"; {held} more {'waits' if held == 1 else 'wait'} for these" if held else ""
    return f"open: {', '.join([*named, *more]) or 'nothing'}{behind}"


def _named(result: CheckResult, report: Report) -> str:
    step = waiting.step_for(report, result.id)
    shows = _shows(step.wait_least_minutes, step.wait_minutes) if step is not None else ""
    return f"{result.id} ({result.owner}{shows})"


def _shows(least: int | None, longest: int | None) -> str:
    if not longest:
        return ""
    return f"; shows after {least}-{longest} min" if least else f"; shows within {longest} min"


def _utc(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"
