"""`$batch`: what is asked at the same time, and what may come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from tests.servers.graph import Cloud, Given, error, http_json, rows
from tests.servers.tcp import HttpRequest
from tests.sources.graph.conftest import Reading, at_once

ROW = {"id": "1"}


def of(outcome: Any) -> Any:
    """Rows, or the reason of an error."""
    return outcome.reason if isinstance(outcome, SourceError) else outcome


def answered(*members: Any) -> Any:
    """A server that answers every batch with these members."""

    def whole(request: HttpRequest) -> bytes | None:
        return http_json({"responses": list(members)}) if request.path.endswith("$batch") else None

    return whole


def test_readers_at_the_same_time_cost_one_exchange(cloud: Cloud, reading: Reading) -> None:
    """Answered in reverse order, as the server of these tests always does: the ids decide."""
    paths = [f"/things{n}" for n in range(4)]
    for n, path in enumerate(paths):
        cloud.give(f"/beta{path}", rows({"n": n}))
    assert reading.together(*paths) == [[{"n": n}] for n in range(4)]
    assert [sorted(exchange) for exchange in cloud.exchanges] == [[f"/beta{path}" for path in paths]]


def test_a_reader_alone_sends_a_plain_get(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things?$select=id", rows(ROW))
    found = reading.rows("/things?$select=id")
    assert (found.rows, found.query) == ((ROW,), "GET /beta/things?$select=id")
    assert [request.method for request in cloud.requests] == ["GET", "POST", "GET"]


def test_every_version_has_a_batch_of_its_own(cloud: Cloud, reading: Reading) -> None:
    for version in ("v1.0", "beta"):
        for n in range(2):
            cloud.give(f"/{version}/things{n}", rows({"from": version}))
    client = reading.client
    client.gatherer.expect(4, 4)

    def read(version: str, path: str) -> Any:
        with client.gatherer.reader():
            return reading.rows(path, version).rows[0]["from"]

    asks = [(version, f"/things{n}") for version in ("v1.0", "beta") for n in range(2)]
    outcomes = at_once([lambda ask=ask: read(*ask) for ask in asks])  # type: ignore[misc]
    assert outcomes == ["v1.0", "v1.0", "beta", "beta"]
    assert sorted(map(sorted, cloud.exchanges)) == [
        ["/beta/things0", "/beta/things1"],
        ["/v1.0/things0", "/v1.0/things1"],
    ]


def test_no_batch_holds_more_than_twenty(cloud: Cloud, reading: Reading) -> None:
    paths = [f"/things{n}" for n in range(45)]
    for path in paths:
        cloud.give(f"/beta{path}", rows(ROW))
    assert reading.together(*paths) == [[ROW]] * 45
    assert sorted(map(len, cloud.exchanges)) == [5, 20, 20]


def test_a_member_that_is_missing_fails_alone(cloud: Cloud, reading: Reading) -> None:
    cloud.whole = answered(rows(ROW).member("1"))
    failed, read = sorted(reading.together("/a", "/b"), key=lambda outcome: isinstance(outcome, list))
    assert read == [ROW]
    assert failed.reason is Reason.BAD_ANSWER
    assert "unanswered" in str(failed)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([rows(ROW).member("0"), rows(ROW).member("1"), rows(ROW).member("1")], "mixed up"),
        ([rows(ROW).member("0"), rows(ROW).member("1"), rows(ROW).member("7")], "mixed up"),
        ([rows(ROW).member("0"), rows(ROW).member("01")], "mixed up"),
        ([rows(ROW).member("0"), {**rows(ROW).member("1"), "id": 1}], "something else"),
        ([rows(ROW).member("0"), {**rows(ROW).member("1"), "status": "200"}], "something else"),
        ([rows(ROW).member("0"), {**rows(ROW).member("1"), "status": True}], "something else"),
        ([rows(ROW).member("0"), {**rows(ROW).member("1"), "headers": ["Retry-After"]}], "something else"),
        ([rows(ROW).member("0"), "1"], "something else"),
        ([rows(ROW).member("0"), None], "something else"),
    ],
)
def test_answers_that_cannot_be_told_apart_are_all_refused(
    members: list[Any], words: str, cloud: Cloud, reading: Reading
) -> None:
    """Twice, foreign or shapeless: then nobody knows which answer belongs to which question."""
    cloud.whole = answered(*members)
    for outcome in reading.together("/a", "/b"):
        assert of(outcome) is Reason.BAD_ANSWER
        assert words in str(outcome)


@pytest.mark.parametrize("body", [{}, {"responses": {}}, {"responses": None}, [], "text", {"value": []}])
def test_a_batch_answer_without_a_list_is_refused(body: Any, cloud: Cloud, reading: Reading) -> None:
    cloud.whole = lambda _request: http_json(json.dumps(body))
    assert [of(outcome) for outcome in reading.together("/a", "/b")] == [Reason.BAD_ANSWER] * 2


def test_an_error_of_the_whole_batch_is_everybodys(cloud: Cloud, reading: Reading) -> None:
    body = {"error": {"code": "BadRequest", "message": "Invalid batch payload format."}}
    cloud.whole = lambda _request: http_json(body, 400)
    for outcome in reading.together("/a", "/b"):
        assert of(outcome) is Reason.BAD_ANSWER
        assert "HTTP 400" in str(outcome)
        assert "Invalid batch payload format." in str(outcome)


def test_each_member_has_its_own_fate(cloud: Cloud, reading: Reading) -> None:
    """One is read, one is refused, one depends on what failed (424), one is no JSON: none hides the others."""
    cloud.give("/beta/good", rows(ROW))
    cloud.give("/beta/denied", error(403, "Authorization_RequestDenied", "Insufficient privileges."))
    cloud.give("/beta/depends", error(424, "FailedDependency", "Failed dependency: 1"))
    cloud.give("/beta/text", Given("PGh0bWw+"))
    good, denied, depends, text = reading.together("/good", "/denied", "/depends", "/text")
    assert good == [ROW]
    assert denied.reason is Reason.MISSING_PERMISSION
    assert (depends.reason, "HTTP 424" in str(depends)) == (Reason.BAD_ANSWER, True)
    assert text.reason is Reason.BAD_ANSWER


def test_a_member_without_a_request_id_has_that_of_the_batch(cloud: Cloud, reading: Reading) -> None:
    outer = {"request-id": "07b03020-fe32"}
    own = rows(ROW, link=None)
    members = [own.member("0"), Given(own.body, headers={"Request-Id": "mine"}).member("1")]
    cloud.whole = lambda _request: http_json({"responses": members}, headers=outer)
    reading.client.gatherer.expect(2, 2)

    def read(path: str) -> str | None:
        with reading.client.gatherer.reader():
            return reading.rows(path).request_id

    assert set(at_once([lambda: read("/a"), lambda: read("/b")])) == {"07b03020-fe32", "mine"}


@pytest.mark.parametrize("value", ["a b", "x" * 65, "<script>", "é"])
def test_a_request_id_that_is_none_is_left_out(value: str, cloud: Cloud, reading: Reading) -> None:
    """It goes into evidence and reports: other people's text must not."""
    cloud.give("/beta/things", Given({"value": []}, headers={"request-id": value}))
    assert reading.rows().request_id is None
