"""Telling people what became of a job: at its end, or when it fails. What goes wrong in it is said; no verdict changes.

Nothing is sent for a demo, without `[notify]`, with `--no-notify`, or for what somebody tries at the keyboard by
options that leave something out.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness import history
from readiness.cli.keeping import HOW_TO_GET_IT, place
from readiness.cli.output import say
from readiness.config import Configuration
from readiness.errors import OutputError, ReadinessError
from readiness.history.errors import HistoryError
from readiness.job import AnotherRunError, left
from readiness.job.running import at_the_end
from readiness.model.exit_codes import ExitCode
from readiness.sources.deadline import Deadline
from readiness.text import one_line

if TYPE_CHECKING:
    from readiness.history.keeping import Kept
    from readiness.history.store import Store
    from readiness.model.notice import Message, Notifier
    from readiness.model.report import Report
    from readiness.notification.sending import Failed

UNRECORDED = "what became of the notification could not be recorded"
BROKE = "the notification broke"
LEAVING_SECONDS = 5.0
"""Of a job's last seconds, for what comes after telling."""
_NARROWING = ("check", "skip", "tag", "collection")
_NUMBER = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+", re.IGNORECASE)
"""What is another one each night where the failure is the same: times, ports, ids of requests."""


@dataclass(slots=True)
class Telling:
    """Who is told of one job."""

    configuration: Configuration
    kind: str
    """The command: `scan` or `assess`."""
    notifiers: Mapping[str, Notifier]
    deadline: Deadline
    notes: list[str] = field(default_factory=list)
    """What went wrong, in few words, for the exit line."""

    @property
    def job(self) -> str:
        """Which job it is, to know it again."""
        path = self.configuration.path
        return json.dumps(["job", self.kind, str(path.resolve()) if path is not None else ""])

    def ran(self, report: Report, code: int, files: Sequence[Path], kept: Kept) -> Sequence[str]:
        """Tell what is news about a run; returns what the exit line says of it.

        Args:
            code: with which the job ends.
            files: the reports.
            kept: what became of the run in the history.
        """
        with self._whatever_happens():
            hides = report.run.redacted is not None
            self._ran(report, code, [file.name if hides else str(file.resolve()) for file in files], kept)
        return self.notes

    def failed(self, error: Exception) -> Sequence[str]:
        """Tell that the job failed; returns what the exit line says of that."""
        with self._whatever_happens():
            self._failed(error)
        return self.notes

    def hangs(self, why: str) -> Sequence[str]:
        """Tell that the job hangs, and is ended; as `failed`."""
        return self.failed(OutputError(why))

    def _ran(self, report: Report, code: int, files: Sequence[str], kept: Kept) -> None:
        from readiness.evidence import utc_now
        from readiness.history.keeping import NOT_KEPT
        from readiness.model.notice import NoticeKind
        from readiness.notification.composing import News, message
        from readiness.notification.watching import news

        now, why = utc_now(), kept.warning if kept.note == NOT_KEPT else None
        if why is None and not history.is_available():
            why = f"there is no history: {HOW_TO_GET_IT}"
        if why is None:
            try:
                made = news(
                    self._store,
                    report,
                    now,
                    code=code,
                    channels=tuple(self.notifiers),
                    files=files,
                    job=self.job,
                    because=kept.note if report.run.redacted is not None else kept.warning,
                )
            except HistoryError as error:
                why = str(error)
            else:
                self._deliver(made, now)
                return
        if report.run.redacted is not None:
            why = "the history cannot be used; where it lies may name somebody, so why is in the output of the job"
        self._send(message(News(why, NoticeKind.IMPOSSIBLE), report, now, code, files))

    def _failed(self, error: Exception) -> None:
        from readiness.evidence import utc_now
        from readiness.notification.items import JOB, Told
        from readiness.notification.watching import failed

        now, words = utc_now(), _words(error, redact=self.configuration.scan.redact)
        made = self._about_failure(words, _code(error), now)
        if not history.is_available():
            self._send(made)
            return
        fingerprint = f"{made.exit_code}|{type(error).__name__}|{_NUMBER.sub('#', words)}"
        told = Told(JOB, JOB, f"it runs again; it had failed: {words}")
        try:
            new = failed(self._store, self.job, made, told, fingerprint, tuple(self.notifiers))
        except HistoryError as problem:
            say(f"Warning: whether this was told before is not known: {problem}", err=True)
            self._send(made)
        else:
            self._deliver(new, now)

    def _about_failure(self, words: str, code: int, now: datetime) -> Message:
        from readiness.model.notice import Message, NoticeKind
        from readiness.notification.composing import headline, key

        by, redact = self.configuration, self.configuration.scan.redact
        made = Message(
            key=key(self.job, words, now.isoformat()),
            kind=NoticeKind.FAILED,
            headline="",
            made=now,
            host=own_name(by),
            exit_code=code,
            redacted=redact,
            tenant=by.tenant.id if by.tenant and not redact else None,
            site=by.site.server if by.site and not redact else None,
            why=words,
        )
        return replace(made, headline=headline(made))

    @property
    def _store(self) -> Store:
        from readiness.history.store import Store

        return Store(place(self.configuration))

    def _deliver(self, made: Message | None, now: datetime) -> None:
        """Deliver what the history remembers: what was just recorded, and what is left of earlier runs."""
        from readiness.history.notices import Notices
        from readiness.notification.delivering import deliver

        self._begin()
        try:
            found = deliver(
                Notices(self._store), self.notifiers, now, self.deadline.wait, made.key if made is not None else None
            )
        except HistoryError as error:
            say(f"Warning: {UNRECORDED}, and may come again: {error}", err=True)
            self.notes.append(UNRECORDED)
        else:
            self._tell(found)

    def _send(self, made: Message) -> None:
        """Send what nothing remembers."""
        from readiness.notification.sending import tried

        self._begin()
        self._tell(tried(self.notifiers, made, self.deadline.wait)[1])

    def _begin(self) -> None:
        """From now on the time counts; there may be less of it where the job has to be over."""
        wanted = self.configuration.notify.timeout if self.configuration.notify is not None else 0.0
        self.deadline.seconds = min(wanted, max(1.0, left() - LEAVING_SECONDS), left() / 2)
        self.deadline.restart()

    def _tell(self, failed: Sequence[Failed]) -> None:
        from readiness.notification.sending import told

        for one in failed:
            say(f"Warning: not notified over {one.channel}: {one.why}", err=True)
        if failed:
            self.notes.append(told(failed))

    @contextmanager
    def _whatever_happens(self) -> Iterator[None]:
        """A bug here is told, and leaves the verdict as it is."""
        try:
            yield
        except Exception as error:
            say(f"Warning: {BROKE} ({type(error).__name__})", err=True)
            self.notes.append(BROKE)


def is_silent(configuration: Configuration, given: Mapping[str, Any]) -> bool:
    """Whether nobody is told of a run with these options. One that looks at less than the configuration asks for is
    somebody's question, not the watch; unless it is a job's, which says `--no-input`."""
    if given["no_notify"] or not _tells(configuration):
        return True
    narrowed = [name for name in _NARROWING if given.get(name)]
    if not narrowed or configuration.scan.no_input:
        return False
    options = " and ".join(f"--{name}" for name in narrowed)
    say(f"Nobody is told of this run: {options} narrows it. A job that is to tell says --no-input.", err=True)
    return True


def _tells(configuration: Configuration) -> bool:
    return configuration.notify is not None and configuration.notify.tells


@contextmanager
def told_of(
    configuration: Configuration, environ: Mapping[str, str], kind: str, *, silent: bool
) -> Iterator[Telling | None]:
    """Who is told of the job that runs within; what it fails with is told, too, and raised on.

    Args:
        kind: the command.
        silent: nobody is told.

    Raises:
        ConfigurationError: what a channel needs is not configured.
    """
    if silent or configuration.notify is None or not configuration.notify.tells:
        yield None
        return
    from readiness.connecting import notifiers

    deadline = Deadline(configuration.notify.timeout)
    telling = Telling(configuration, kind, notifiers(configuration, environ, deadline), deadline)
    at_the_end(telling.hangs)
    try:
        yield telling
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        at_the_end(lambda _why: ())  # should telling of this hang: nobody is told of that
        for note in telling.failed(error):
            error.add_note(note)
        raise
    finally:
        for one in telling.notifiers.values():
            _close(one)


def noted(error: BaseException) -> str:
    """What the exit line says besides, of an error that was told to nobody."""
    ours = ("the notification ", UNRECORDED)
    return "".join(f"; {note}" for note in getattr(error, "__notes__", ()) if str(note).startswith(ours))


def own_name(configuration: Configuration) -> str | None:
    """This machine, where names are told."""
    return None if configuration.scan.redact else socket.gethostname()


def _close(one: Notifier) -> None:
    try:
        one.close()
    except Exception as error:  # a third party's code may do anything
        say(f"Warning: a notifier broke as it was closed ({type(error).__name__})", err=True)


def _code(error: Exception) -> int:
    """With which the program will end."""
    if isinstance(error, AnotherRunError):
        return ExitCode.UNDETERMINED
    if isinstance(error, ReadinessError) and not isinstance(error, OutputError):
        return ExitCode.USAGE
    return ExitCode.USAGE if isinstance(error, click.ClickException) else ExitCode.BUG


def _words(error: Exception, *, redact: bool) -> str:
    """Why, for people who do not see the machine. Of a bug only its kind: its text may hold anything."""
    if not isinstance(error, ReadinessError | click.ClickException):
        return f"a bug of the tool, or of the machine ({type(error).__name__})"
    if redact:
        return f"{type(error).__name__}; what it says may hold names: it is in the output of the job"
    return one_line(str(error), 600)
