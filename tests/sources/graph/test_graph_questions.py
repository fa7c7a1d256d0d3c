"""What readers may ask besides lists: single objects, parts of a list, with headers, and reports by POST."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.questions import Outcome, Pages, Question, got, visible
from readiness.sources.graph.rules import ALL_WORDS, EVENTUAL
from tests.servers.graph import Cloud, Given, error, http_json, rows
from tests.servers.tcp import http_answer
from tests.sources.graph.conftest import Reading

REPORT = Question(
    "beta", "/deviceManagement/reports/getConfigurationPolicyDevicesReport", body='{"top":1}', single=True
)


def ask(reading: Reading, *questions: Question) -> list[Outcome]:
    return reading.client.together(questions)


def test_one_object(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/v1.0/things/1?$select=id", Given({"id": "1"}))
    (found,) = ask(reading, Question("v1.0", "/things/1?$select=id", single=True))
    assert isinstance(found, Pages)
    assert (found.object, found.query) == ({"id": "1"}, "GET /v1.0/things/1?$select=id")


@pytest.mark.parametrize("body", [[], None, '"text"', 7])
def test_what_is_no_object_is_no_answer(body: Any, cloud: Cloud, reading: Reading) -> None:
    cloud.give("/v1.0/things/1", Given(body))
    with pytest.raises(SourceError, match="/things/1 with no object") as caught:
        got(ask(reading, Question("v1.0", "/things/1", single=True))[0])
    assert caught.value.reason is Reason.BAD_ANSWER


def test_several_questions_cost_one_exchange_and_one_a_page(cloud: Cloud, reading: Reading) -> None:
    """One list has three pages, one has two, one thing is a single one: three exchanges in all."""
    for name, pages in (("a", 3), ("b", 2)):
        for page in range(pages):
            link = f"{cloud.origin}/beta/{name}?{page + 1}" if page + 1 < pages else None
            cloud.give(f"/beta/{name}?{page}", rows({"n": page}, link=link))
    cloud.give("/beta/c", Given({"id": "c"}))
    outcomes = ask(reading, Question("beta", "/a?0"), Question("beta", "/b?0"), Question("beta", "/c", single=True))
    assert [list(got(one).rows) for one in outcomes] == [
        [{"n": 0}, {"n": 1}, {"n": 2}],
        [{"n": 0}, {"n": 1}],
        [{"id": "c"}],
    ]
    assert list(map(len, cloud.exchanges)) == [3, 2, 1]


def test_one_that_cannot_be_read_is_told_in_its_place(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/a", error(403, "Authorization_RequestDenied", "Insufficient privileges."))
    cloud.give("/beta/b", rows())
    denied, read = ask(reading, Question("beta", "/a", rights=("Things.Read.All",)), Question("beta", "/b"))
    assert isinstance(denied, SourceError)
    assert denied.missing == ("Things.Read.All",)
    assert got(read).rows == ()


def test_enough_rows_are_enough(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/a", rows({"n": 1}, link=f"{cloud.origin}/beta/a?2"))
    assert got(ask(reading, Question("beta", "/a", most=1))[0]).rows == ({"n": 1},)
    assert cloud.exchanges == [["/beta/a"]]


def test_headers_go_with_the_question_alone_and_in_a_batch(cloud: Cloud, reading: Reading) -> None:
    """Each member has its own; the next page has those of the first."""
    cloud.give("/beta/a", rows(link=f"{cloud.origin}/beta/a?2"))
    cloud.give("/beta/a?2", rows())
    cloud.give("/beta/b", rows())
    ask(reading, Question("beta", "/a", (EVENTUAL, ALL_WORDS)), Question("beta", "/b"))
    batch, alone = cloud.requests[-2:]
    wanted = {"ConsistencyLevel": "eventual", "Prefer": "include-unknown-enum-members"}
    assert [member.get("headers") for member in json.loads(batch.body)["requests"]] == [wanted, None]
    assert {name: alone.headers[name.lower()] for name in wanted} == wanted
    assert "consistencylevel" not in batch.headers


def test_the_same_path_with_other_headers_is_another_question(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/a", rows())
    ask(reading, Question("beta", "/a"), Question("beta", "/a", (EVENTUAL,)), Question("beta", "/a"))
    assert cloud.exchanges == [["/beta/a", "/beta/a"]]


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_a_report_is_posted_alone(kind: str, cloud: Cloud, reading: Reading) -> None:
    """Intune calls its reports a stream of bytes; they are JSON all the same."""
    body = json.dumps({"TotalRowCount": 0, "Schema": [], "Values": []}).encode()
    cloud.whole = lambda request: (
        http_answer("200 OK", {"Content-Type": kind}, body) if "reports" in request.path else None
    )
    cloud.give("/beta/a", rows())
    report, listed = ask(reading, REPORT, Question("beta", "/a"))
    assert got(report).object["TotalRowCount"] == 0
    assert got(report).query == "POST /beta/deviceManagement/reports/getConfigurationPolicyDevicesReport"
    assert got(listed).rows == ()
    posted = next(request for request in cloud.requests if "reports" in request.path)
    assert (posted.method, json.loads(posted.body)) == ("POST", {"top": 1})


def test_only_a_report_may_call_itself_a_stream(cloud: Cloud, reading: Reading) -> None:
    body = json.dumps({"value": []}).encode()
    cloud.whole = lambda _request: http_answer("200 OK", {"Content-Type": "application/octet-stream"}, body)
    (outcome,) = ask(reading, Question("beta", "/a"))
    assert isinstance(outcome, SourceError)
    assert outcome.reason is Reason.BAD_ANSWER


def test_an_action_that_is_no_report_is_not_sent(cloud: Cloud, reading: Reading) -> None:
    (outcome,) = ask(reading, Question("beta", "/deviceManagement/managedDevices", body="{}", single=True))
    assert isinstance(outcome, SourceError)
    assert "refused before it was sent" in str(outcome)
    assert not cloud.exchanges


def test_a_report_that_is_put_off_is_asked_again(cloud: Cloud, reading: Reading) -> None:
    answers = [http_json({"error": {}}, 429, {"Retry-After": "3"}), http_json({"Values": []})]
    cloud.whole = lambda _request: answers.pop(0)
    assert got(ask(reading, REPORT)[0]).object == {"Values": []}
    assert reading.deadline.waits == [3.0]


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        (error(403, "Authorization_RequestDenied"), True),
        (error(403, "Forbidden"), True),
        (error(404, "Request_ResourceNotFound"), True),
        (error(400, "AadPremiumLicenseRequired"), True),
        (error(500, "InternalServerError"), False),
        (error(401, "InvalidAuthenticationToken"), False),
        (Given({"value": {}}), False),
    ],
)
def test_hidden_is_what_the_account_or_the_cloud_does_not_let_read(
    given: Given, hidden: bool, cloud: Cloud, reading: Reading
) -> None:
    """Any other failure says nothing of what could be read."""
    cloud.give("/beta/a", given)
    (outcome,) = ask(reading, Question("beta", "/a", rights=("Things.Read.All",)))
    if hidden:
        assert visible(outcome) is None
    else:
        with pytest.raises(SourceError):
            visible(outcome)
