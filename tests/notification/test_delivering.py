"""Delivery across runs: late, in order, each once, and not for ever."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from readiness import documents
from readiness.errors import NoticeError
from readiness.history import notices as notices_module
from readiness.history.notices import MOST_TRIES, OLDEST, SENDING, Notices
from readiness.history.runs import Kind, new_run
from readiness.history.schema import UPGRADES
from readiness.history.store import Store
from readiness.model.notice import Message
from readiness.notification.delivering import deliver
from readiness.notification.sending import tried
from tests.notification.nights import FAIL, PASS, Job, at, night

NOW = at(night(0, {"a": PASS}))


@dataclass
class Channel:
    """Takes messages, or fails with these words."""

    fails: str | None = None
    got: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.fails is not None:
            raise NoticeError(self.fails)
        self.got.append(message)

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(tmp_path / "history.sqlite3", channels=("one", "two"))
    made.ran(night(0, {"a": PASS}))
    return made


def delivered(job: Job, one: Channel, two: Channel, now: datetime = NOW, new: str | None = None) -> Sequence[str]:
    notices = Notices(job.store)
    return [f.channel for f in deliver(notices, {"one": one, "two": two}, now, lambda _: True, new)]


def test_each_message_goes_to_each_channel_once(job: Job) -> None:
    one, two = Channel(), Channel()
    assert delivered(job, one, two, new=job.said[0].key if job.said[0] else None) == []
    assert delivered(job, one, two) == []
    assert [m.key for m in one.got] == [m.key for m in two.got] == [m.key for m in job.said if m]
    assert one.got[0] == job.said[0]


def test_only_the_channel_that_failed_is_tried_again_in_order_and_marked_as_late(job: Job) -> None:
    one, two = Channel("down"), Channel()
    assert delivered(job, one, two) == ["one"]
    job.ran(night(1, {"a": FAIL}))
    one.fails = None
    later = NOW + timedelta(days=1)
    assert delivered(job, one, two, later, new=job.said[1].key if job.said[1] else None) == []
    assert [m.kind.value for m in one.got] == ["begun", "changed"]
    assert [m.late.tries if m.late else None for m in one.got] == [1, None]
    assert [m.kind.value for m in two.got] == ["begun", "changed"]


def test_a_channel_that_fails_is_not_tried_for_what_comes_after_it(job: Job) -> None:
    job.ran(night(1, {"a": FAIL}))
    one = Channel("down")
    assert delivered(job, one, Channel()) == ["one"]
    assert [p.tries for p in Notices(job.store).pending(NOW)] == [1, 0]


def test_after_some_runs_it_is_given_up_and_said(job: Job) -> None:
    one, two = Channel("down"), Channel()
    for _ in range(MOST_TRIES):
        assert delivered(job, one, two) == ["one"]
    (last,) = deliver(Notices(job.store), {"one": one, "two": two}, NOW, lambda _: True)
    assert (last.channel, f"{MOST_TRIES} runs could not deliver it" in last.why) == ("one", True)
    assert delivered(job, one, two) == []


@pytest.mark.parametrize(
    ("now", "channels", "why"),
    [
        (NOW + OLDEST + timedelta(days=1), {"one": Channel(), "two": Channel()}, "older than 14 days"),
        (NOW, {"two": Channel()}, "not configured any more"),
    ],
)
def test_what_is_too_old_or_has_no_channel_any_more_is_given_up(
    job: Job, now: datetime, channels: dict[str, Channel], why: str
) -> None:
    found = deliver(Notices(job.store), channels, now, lambda _: True)
    assert {one.channel for one in found} >= {"one"}
    assert all(why in one.why for one in found if one.channel == "one")
    assert deliver(Notices(job.store), channels, now, lambda _: True) == []


def test_what_another_run_is_sending_is_left_to_it_unless_it_was_killed(job: Job) -> None:
    notices = Notices(job.store)
    first = notices.pending(NOW)
    assert all(notices.claim(one, NOW) for one in first)
    assert not any(notices.claim(one, NOW) for one in first)
    assert notices.pending(NOW + timedelta(minutes=1)) == []
    for later in (NOW + SENDING, NOW - timedelta(days=1)):  # a clock that went back hides nothing
        assert [one.tries for one in notices.pending(later)] == [1, 1]


def test_a_notifier_that_breaks_is_a_channel_that_failed(job: Job) -> None:
    class Broken(Channel):
        def send(self, message: Message) -> None:
            raise ValueError(message.headline)

    message = job.said[0]
    assert message is not None
    taken, failed = tried({"broken": Broken(), "good": Channel()}, message, lambda _: True)
    assert (taken, [(one.channel, one.why) for one in failed]) == (["good"], [("broken", "it broke: ValueError")])


def test_a_history_of_before_there_were_notices_is_brought_up_to_date_and_keeps_its_runs(tmp_path: Path) -> None:
    old = Job(tmp_path / "old.sqlite3")
    digest = documents.digest(documents.report_document(night(0, {"a": PASS})))
    first = new_run(night(0, {"a": PASS}), Kind.SCAN, 0, NOW, digest=digest)
    assert Store(old.path, upgrades=UPGRADES[:1]).add(first)
    with closing(sqlite3.connect(old.path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert "notices" not in tables
    message = old.ran(night(1, {"a": FAIL}))
    assert message is not None
    assert [one.id for one in message.differences] == ["a"]  # against the run that the older version kept
    assert len(old.store.runs()) == 2


def test_old_messages_are_forgotten_unless_they_wait(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices_module, "MOST_KEPT", 2)
    delivered(job, Channel(), Channel("down"))
    for number in range(1, 6):
        job.ran(night(number, {"a": (FAIL, PASS)[number % 2]}))
        delivered(job, Channel(), Channel("down"))
    with job.store.connected() as connection:
        left = [row[0] for row in connection.exec_driver_sql("SELECT sequence FROM notices ORDER BY sequence")]
    assert left[0] == 1  # it still waits for one channel
    assert len(left) <= 6
