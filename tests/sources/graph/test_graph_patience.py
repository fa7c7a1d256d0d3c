"""Being told to wait: by a member, by the whole exchange, in every form of Retry-After, and for how long at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.model.words import Reason
from readiness.sources.graph.patience import LONGEST_PAUSE_SECONDS, MAX_TRIES, pause
from readiness.sources.retrying import retry_after
from tests.servers.graph import Cloud, Given, error, http_json, rows
from tests.servers.tcp import HttpRequest
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading

ROW = {"id": "1"}
NOW = datetime(2026, 11, 23, 5, 20, 11, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)


def busy(after: str | None = None, status: int = 429) -> Given:
    return error(status, "TooManyRequests", "Too many requests", {} if after is None else {"Retry-After": after})


@pytest.mark.parametrize("status", [429, 503, 504])
def test_who_is_told_to_wait_waits_that_long_and_asks_again(status: int, cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", busy("17", status), rows(ROW))
    assert reading.rows().rows == (ROW,)
    assert reading.deadline.waits == [17.0]


def test_a_member_that_is_put_off_is_asked_again_alone(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/busy", busy("10"), rows({"late": True}))
    cloud.give("/beta/a", rows(ROW))
    cloud.give("/beta/b", rows(ROW))
    assert reading.together("/busy", "/a", "/b") == [[{"late": True}], [ROW], [ROW]]
    assert reading.deadline.waits == [10.0]
    assert sorted(cloud.exchanges[0]) == ["/beta/a", "/beta/b", "/beta/busy"]
    assert cloud.exchanges[1:] == [["/beta/busy"]]


def test_members_that_are_put_off_are_asked_again_together_after_the_longest_wait(
    cloud: Cloud, reading: Reading
) -> None:
    cloud.give("/beta/a", busy("3"), rows(ROW))
    cloud.give("/beta/b", busy("5"), rows(ROW))
    assert reading.together("/a", "/b") == [[ROW], [ROW]]
    assert reading.deadline.waits == [5.0]
    assert list(map(len, cloud.exchanges)) == [2, 2]


def test_a_member_that_is_put_off_for_too_long_does_not_cost_the_others_their_second_try(
    cloud: Cloud, reading: Reading
) -> None:
    cloud.give("/beta/a", busy("3"), rows(ROW))
    cloud.give("/beta/b", busy("86400"))
    read, failed = reading.together("/a", "/b")
    assert read == [ROW]
    assert failed.reason is Reason.THROTTLED
    assert reading.deadline.waits == [3.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_batch_that_is_put_off_is_asked_again_whole(status: int, cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/a", rows(ROW))
    cloud.give("/beta/b", rows(ROW))
    first = [http_json(busy().body, status, {"Retry-After": "4"})]
    cloud.whole = lambda _request: first.pop() if first else None
    assert reading.together("/a", "/b") == [[ROW], [ROW]]
    assert reading.deadline.waits == [4.0]
    assert list(map(len, cloud.exchanges)) == [2, 2]


@pytest.mark.parametrize("after", ["1001", "99999999999999", "9" * 400, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_wait_beyond_the_deadline_is_throttled_at_once(after: str, cloud: Cloud, reading: Reading) -> None:
    """Nothing is gained by sleeping until the deadline."""
    cloud.give("/beta/things", busy(after))
    failure = reading.failure()
    assert failure.reason is Reason.THROTTLED
    assert "HTTP 429, Retry-After: " in str(failure)
    assert "--timeout" in str(failure)
    assert len(str(failure)) < 300
    assert (reading.deadline.waits, len(cloud.exchanges)) == ([], 1)


@pytest.mark.parametrize("after", [None, "", "-5", "soon", "0", "1e3", "17 seconds", "²", "nan", "inf", DATE])
def test_without_a_usable_wait_the_pause_grows(after: str | None, cloud: Cloud, reading: Reading) -> None:
    """None, zero, negative, garbage, a date that has passed. With no jitter at its shortest: half of 0.5, 1, 2..."""
    answer = busy(after)
    cloud.give("/beta/things", *[Given(answer.body, 429, {**answer.headers, "Date": DATE})] * 4, rows(ROW))
    assert reading.rows().rows == (ROW,)
    assert reading.deadline.waits == [0.25, 0.5, 1.0, 2.0]


def test_a_server_that_is_always_busy_is_left_alone_after_some_tries(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", busy("1"))
    assert reading.failure().reason is Reason.THROTTLED
    assert len(cloud.exchanges) == MAX_TRIES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 424, 500, 502])
def test_what_waiting_does_not_mend_is_not_asked_again(status: int, cloud: Cloud, reading: Reading) -> None:
    """Not even where the answer names a time."""
    cloud.give("/beta/things", busy("1", status))
    reading.failure()
    assert (len(cloud.exchanges), reading.deadline.waits) == (1, [])


def test_a_deadline_that_passes_while_waiting_is_kept(cloud: Cloud, certificates: Certificates) -> None:
    """The pause fits, the second answer asks for more than is left."""
    reading = Reading(cloud, certificates.bundle, seconds=30)
    cloud.give("/beta/things", busy("20"), busy("31"))
    assert reading.failure().reason is Reason.THROTTLED
    assert reading.deadline.waits == [20.0]


def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    cloud: Cloud, certificates: Certificates, tmp_path: Path
) -> None:
    """Once: a server that closes every connection is not asked for ever."""
    cloud.give("/beta/things", rows(ROW))
    dropped: list[HttpRequest] = []

    def drop(request: HttpRequest) -> bytes | None:
        dropped.append(request)
        raise ValueError(tmp_path)  # the connection's thread ends, and with it the connection

    reading = Reading(cloud, certificates.bundle)
    reading.rows()
    cloud.whole = drop
    assert reading.failure().reason is Reason.UNREACHABLE
    assert len(dropped) == 2


def test_a_date_is_read_by_the_clock_of_the_server() -> None:
    """Ours may be wrong by hours; the answer says what time it is there."""
    until = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    assert retry_after({"retry-after": until, "date": DATE}) == 40.0
    assert retry_after({"retry-after": DATE, "date": until}) == 0.0


def test_a_date_without_a_clock_is_read_by_ours() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    told = retry_after({"retry-after": until})
    assert told is not None
    assert 95 < told <= 100


@settings(deadline=None)
@given(value=st.text(), date=st.text(), attempt=st.integers(0, 50), jitter=st.floats(0, 1))
def test_whatever_a_server_says_a_pause_is_a_time(value: str, date: str, attempt: int, jitter: float) -> None:
    """Positive, and where the server does not name it, bounded."""
    headers = {"retry-after": value, "date": date}
    seconds = pause(headers, attempt, lambda: jitter)
    assert seconds > 0
    if not retry_after(headers):
        assert seconds <= LONGEST_PAUSE_SECONDS


def test_jitter_spreads_the_pause() -> None:
    assert [pause({}, 1, lambda share=share: share) for share in (0.0, 0.5, 1.0)] == [0.5, 0.75, 1.0]  # type: ignore[misc]
