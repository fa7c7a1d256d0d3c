"""From what is news to a message: everything as data, and one sentence for all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from readiness.assessment.differing import sentence
from readiness.model.differences import Different
from readiness.model.notice import Ending, Message, NoticeKind, Recovered, Task
from readiness.model.report import Report
from readiness.text import one_line

MOST = 500
"""Differences in a message; more say no more to a person, and are in the report."""

LONGEST_HEADLINE = 1_000
"""Signs."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told of a run."""

    why: str | None = None
    """Why nothing can be compared, or why the run was cut short."""
    kind: NoticeKind = NoticeKind.CHANGED
    against: str | None = None
    differences: tuple[Different, ...] = ()
    recovered: tuple[Recovered, ...] = ()
    ending: tuple[Ending, ...] = ()
    reservations: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        told = self.differences or self.recovered or self.ending
        return self.kind is NoticeKind.CHANGED and not told


def message(news: News, report: Report, now: datetime, code: int, files: Sequence[str] = ()) -> Message:
    """The message about a run.

    Args:
        code: with which the job ends.
        files: where the report lies.
    """
    run, decision = report.run, report.decision
    made = Message(
        key=key(run.id, news.kind.value, *sorted(one.id for one in news.differences)),
        kind=news.kind,
        headline="",
        made=now,
        host=run.host,
        exit_code=code,
        demo=run.demo,
        redacted=run.redacted is not None,
        tenant=run.tenant,
        site=run.site,
        run=run.id,
        against=news.against,
        state=decision.state,
        decision=decision.sentence,
        valid_until=decision.valid_until,
        worse=any(one.worse for one in news.differences),
        why=news.why,
        differences=news.differences[:MOST],
        more=max(0, len(news.differences) - MOST),
        recovered=news.recovered,
        ending=news.ending,
        reservations=news.reservations,
        tasks=tuple(_tasks(report, news.differences)),
        files=tuple(files),
    )
    return replace(made, headline=headline(made, news.differences))


def headline(message: Message, differences: Sequence[Different] = ()) -> str:
    """All of it in a sentence; what it is about comes first.

    Args:
        differences: all of them.
    """
    demo = "DEMO DATA: " if message.demo else ""
    about = " and ".join(name for name in (message.tenant, message.site) if name) or "readiness"
    what = "; ".join(_what(message, differences))
    decision = f". {message.decision}" if message.decision else ""
    return one_line(f"{demo}{about}: {what}{decision}", LONGEST_HEADLINE)


def _what(message: Message, differences: Sequence[Different]) -> Iterable[str]:
    match message.kind:
        case NoticeKind.FAILED:
            yield f"the job failed: {message.why}"
        case NoticeKind.IMPOSSIBLE:
            yield f"cannot be compared: {message.why}"
        case NoticeKind.BEGUN:
            yield f"the watch begins: {message.why}"
        case NoticeKind.TEST:
            yield "this is a test: nothing happened"
    if differences:
        yield sentence(differences)
    if message.recovered:
        yield f"{len(message.recovered)} told before {'is' if len(message.recovered) == 1 else 'are'} over"
    for kind in dict.fromkeys(one.kind for one in message.ending):
        number = sum(one.kind == kind for one in message.ending)
        yield f"{number} {kind}{' ends' if number == 1 else 's end'} soon"


def _tasks(report: Report, differences: Iterable[Different]) -> Iterable[Task]:
    """The steps of the plan for what is told, and for what blocks that."""
    named: set[str] = set()
    for one in differences:
        named |= {one.id.partition("/")[0], *one.because}
    for step in report.plan:
        if named & set(step.unblocks):
            yield Task(step.owner, step.step, step.where, step.level, step.unblocks)


def key(*of: str) -> str:
    """What two messages share where they are the same one."""
    return hashlib.sha256("\0".join(of).encode("utf-8", "replace")).hexdigest()[:32]
