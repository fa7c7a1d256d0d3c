"""What is news about a run: what nobody was told yet. A pure function, and around it the history that remembers.

A run is held against the last whole run of its kind that was looked at: what somebody judges again says nothing of the
night, nor the night of it. As long as nights are partial, that stays the measure: what was told of one of them is not
told of the next, and what is over is told once. A whole run is the measure of the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from readiness import documents
from readiness.assessment.differing import differ
from readiness.assessment.wholeness import is_whole
from readiness.errors import EvidenceError
from readiness.history.errors import HistoryError
from readiness.history.measuring import in_order, measure
from readiness.model.differences import RunDiff
from readiness.model.notice import Message, NoticeKind, Recovered
from readiness.model.report import Report
from readiness.notification.composing import News, message
from readiness.notification.items import (
    CUT_SHORT,
    INCOMPARABLE,
    JOB,
    Standing,
    Told,
    announced,
    endings,
    of_differences,
    of_ending,
)
from readiness.report_files import loaded

if TYPE_CHECKING:
    from readiness.history.notices import Change, Notices, Recorded
    from readiness.history.runs import KeptRun
    from readiness.history.store import Store

_TRIES = 5
"""How often we look again, where other runs record what they tell at the same time."""
FIRST = "it is the first run of its kind in the history, so there is nothing to hold it against"


@dataclass(frozen=True, slots=True)
class Watch:
    """What was told last."""

    run: int = 0
    """The sequence of the run that was looked at last."""
    measure: str | None = None
    """Id of the run that the next one is held against."""
    told: Standing = field(default_factory=dict)
    """What was told and is not over, by its key."""


@dataclass(frozen=True, slots=True)
class Tonight:
    """A run, and what it is held against."""

    report: Report
    now: datetime
    diff: RunDiff | None
    """None where there is no measure."""
    why_not: str | None = None
    """Why there is none; None: it is the first of its kind."""

    @property
    def cut_short(self) -> str | None:
        """Why the job ended before it was done; None: it was."""
        return self.report.run.stopped


def told_now(before: Watch, tonight: Tonight) -> tuple[News, Standing]:
    """What is news tonight, and all that stands then, whether it is news or not."""
    found = list(of_differences(tonight.diff.differences if tonight.diff else ()))
    ending = endings(tonight.report, tonight.now)
    stands: dict[str, Told] = {key: told for key, _, told in found}
    stands |= announced(tonight.report, before.told)
    stands |= {of_ending(one): Told(one.check, one.check, "", False) for one in ending}
    if tonight.cut_short is not None:
        stands[CUT_SHORT] = Told(JOB, JOB, "it runs to its end again", False)
    kind, why, against = _kind(before, tonight)
    if kind in (NoticeKind.IMPOSSIBLE, NoticeKind.BEGUN):
        stands[INCOMPARABLE] = Told(JOB, JOB, "runs can be compared again", True)
    news = News(
        why=why,
        kind=kind,
        against=against,
        differences=tuple(one for key, one, _ in found if key not in before.told),
        recovered=_over(before.told, stands, comparable=tonight.diff is not None and not tonight.diff.incomparable),
        ending=tuple(one for one in ending if of_ending(one) not in before.told),
        reservations=tonight.diff.reservations if tonight.diff else (),
    )
    return news, stands


def _kind(before: Watch, tonight: Tonight) -> tuple[NoticeKind, str | None, str | None]:
    """Of what kind the news is, why, and what the run is held against."""
    against = tonight.diff.before.run if tonight.diff else None
    if tonight.cut_short is not None and CUT_SHORT not in before.told:
        return NoticeKind.FAILED, tonight.cut_short, against
    if INCOMPARABLE in before.told:
        return NoticeKind.CHANGED, None, against
    if tonight.diff is None:
        kind = NoticeKind.BEGUN if tonight.why_not is None else NoticeKind.IMPOSSIBLE
        return kind, tonight.why_not or FIRST, None
    if tonight.diff.incomparable is not None:
        return NoticeKind.IMPOSSIBLE, tonight.diff.incomparable, against
    return NoticeKind.CHANGED, None, against


def _over(told: Standing, stands: Standing, *, comparable: bool) -> tuple[Recovered, ...]:
    """What was told and is not so any more. What became something else is told as that."""
    still = {(one.id, one.name) for one in stands.values()}
    return tuple(
        Recovered(one.id, one.name, one.back)
        for key, one in told.items()
        if key not in stands
        and one.back
        and key != INCOMPARABLE
        and (one.id, one.name) not in still
        and (comparable or not one.of_diff)
    )


def next_watch(before: Watch, run: int, tonight: Tonight, stands: Standing) -> Watch:
    """What the next run is held against, and what need not be told of it."""
    if tonight.diff is not None and not is_whole(tonight.report):
        return Watch(run, before.measure, stands)
    lasting = {key: one for key, one in stands.items() if not one.of_diff}
    return Watch(run, tonight.report.run.id, lasting)


def news(
    store: Store,
    report: Report,
    now: datetime,
    *,
    code: int = 0,
    channels: Sequence[str] = (),
    files: Sequence[str] = (),
    job: str | None = None,
    because: str | None = None,
) -> Message | None:
    """What is to be said of a run that is in the history, and was not said yet; recorded as told, and to be delivered.

    Args:
        code: with which the job ends.
        channels: the names of those that are to carry it.
        files: where the report lies.
        job: which job it is, so that the end of a failure is told.
        because: what happened to the history, where it is a new one.

    Raises:
        HistoryError: the history cannot be used; nothing was recorded.
    """
    from readiness.history.notices import Notices

    notices = Notices(store)
    for _ in range(_TRIES):
        runs = store.runs()
        run = next((one for one in runs if one.id == report.run.id), None)
        if run is None:
            raise HistoryError(f"run {report.run.id} is not in the history")
        told, changes = _looked(notices, run, runs, Given(report, now, job, because))
        if not changes:
            return None
        made = None if told.nothing else message(told, report, now, code, files)
        if notices.record(changes, _recorded(made, channels)):
            return made
    raise HistoryError("other runs record what they tell at the same time")


@dataclass(frozen=True, slots=True)
class Given:
    """What `news` is given of a run."""

    report: Report
    now: datetime
    job: str | None
    because: str | None


def _looked(notices: Notices, run: KeptRun, runs: Sequence[KeptRun], given: Given) -> tuple[News, list[Change]]:
    """What is news of a run, and what is to be recorded; nothing where it was looked at before."""
    from readiness.history.notices import Change

    place = json.dumps(["runs", run.kind.value, *run.series])
    was = notices.watched(place)
    before = _watch(was)
    if run.sequence <= before.run:
        return News(), []
    tonight = _tonight(notices.store, before, run, runs, given)
    told, stands = told_now(before, tonight)
    after = next_watch(before, run.sequence, tonight, stands)
    changes = [Change(place, was, _text(after))]
    if given.job is not None:
        failing = notices.watched(given.job)
        over = tuple(Recovered(one.id, one.name, one.back) for one in _watch(failing).told.values())
        if over:
            told = replace(told, recovered=(*told.recovered, *over))
            changes.append(Change(given.job, failing, _text(Watch())))
    return told, changes


def _tonight(store: Store, before: Watch, run: KeptRun, runs: Sequence[KeptRun], given: Given) -> Tonight:
    same = [one for one in runs if one.series == run.series and one.kind is run.kind]
    chosen = next((one for one in same if one.id == before.measure), None) or measure(run, same)
    if chosen is None:
        return Tonight(given.report, given.now, None, given.because)
    try:
        earlier = _opened(store, chosen)
    except EvidenceError as error:
        return Tonight(given.report, given.now, None, str(error))
    diff = differ(earlier, given.report, in_order=in_order(chosen, run))
    return Tonight(given.report, given.now, diff)


def _opened(store: Store, run: KeptRun) -> Report:
    """The report of a run.

    Raises:
        EvidenceError: it is damaged, or not there.
    """
    data = store.document(run)
    if data is None:
        raise EvidenceError(f"run {run.id}: its report is not in the history")
    return loaded(Path(f"run {run.id}"), data)


def failed(
    store: Store, job: str, made: Message, told: Told, fingerprint: str, channels: Sequence[str] = ()
) -> Message | None:
    """A message about a job that failed; None where the same was told since it last ran.

    Args:
        job: which job it is.
        told: what is told of it, and of its end.
        fingerprint: the same for the same failure.

    Raises:
        HistoryError: the history cannot be used; nothing was recorded.
    """
    from readiness.history.notices import Change, Notices

    notices = Notices(store)
    notices.prepare()
    for _ in range(_TRIES):
        was = notices.watched(job)
        known = _watch(was).told
        if fingerprint in known:
            return None
        after = Watch(told={**known, fingerprint: told})
        if notices.record([Change(job, was, _text(after))], _recorded(made, channels)):
            return made
    raise HistoryError("other runs record what they tell at the same time")


def _recorded(made: Message | None, channels: Sequence[str]) -> Recorded | None:
    from readiness.history.notices import Recorded

    return None if made is None else Recorded(made.key, made.made, documents.plain(made), channels)


def _text(watch: Watch) -> str:
    return json.dumps(documents.plain(watch), ensure_ascii=False, sort_keys=True)


def _watch(text: str | None) -> Watch:
    """What was recorded. What cannot be read is as if nothing had been told: it is told again."""
    import msgspec

    if text is None:
        return Watch()
    try:
        return msgspec.convert(json.loads(text), Watch, strict=True)
    except (ValueError, TypeError, msgspec.ValidationError):
        return Watch()
