"""Answers that say 200 and are none: `bad-answer`, whatever is in them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from readiness.model.words import Reason
from tests.servers.graph import Cloud, http_json
from tests.servers.tcp import http_answer
from tests.sources.graph.conftest import Reading

BROKEN = {
    "truncated": b'{"value":[{"id":"1"},',
    "empty": b"",
    "duplicate keys": b'{"value":[],"value":[{"id":"1"}]}',
    "duplicate keys inside": b'{"value":[{"id":"1","id":"2"}]}',
    "NaN": b'{"value":[{"id":NaN}]}',
    "Infinity": b'{"value":[{"id":-Infinity}]}',
    "nesting": b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "no UTF-8": b'{"value":[{"id":"\xff"}]}',
    "UTF-16": '{"value":[]}'.encode("utf-16"),
    "a number without end": b'{"value":[{"id":' + b"9" * 10_000 + b"}]}",
    "two documents": b'{"value":[]}{"value":[]}',
    "HTML that calls itself JSON": b"<html></html>",
}


@pytest.mark.parametrize("case", BROKEN)
def test_json_that_is_broken_is_no_answer(case: str, cloud: Cloud, reading: Reading) -> None:
    cloud.whole = lambda _request: http_json(BROKEN[case])
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert str(failure) == "Microsoft Graph answered with JSON that is broken"


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/xml", "application/jsonp", "", None])
def test_what_calls_itself_something_else_is_no_answer(kind: str | None, cloud: Cloud, reading: Reading) -> None:
    """Not even where it could be read: a portal's page must never be taken for Graph's."""
    headers = {} if kind is None else {"Content-Type": kind}
    cloud.whole = lambda _request: http_answer("200 OK", headers, b'{"value":[]}')
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert str(failure) == (
        "Microsoft Graph answered with something that is no JSON: a proxy or a portal may stand in the way"
    )


NO_PAGES: tuple[Any, ...] = (
    {},
    {"value": None},
    {"value": {}},
    {"value": "rows"},
    {"value": {"value": []}},
    {"Value": []},
    {"value": ["1"]},
    {"value": [{"id": "1"}, None]},
    {"value": [[{"id": "1"}]]},
    [],
    [{"id": "1"}],
    "text",
    7,
    True,
    None,
)


def test_a_page_without_a_list_of_rows_is_no_answer(cloud: Cloud, reading: Reading) -> None:
    """Alone and in a batch. An object that has no rows is not an empty list."""
    for body in NO_PAGES:
        cloud.whole = lambda _request, body=body: http_json(json.dumps(body))  # type: ignore[misc]
        failure = reading.failure()
        assert failure.reason is Reason.BAD_ANSWER, body
        assert str(failure) == "Microsoft Graph answered /things without a list of rows"
        members = [{"id": str(n), "status": 200, "headers": {}, "body": body} for n in range(2)]
        cloud.whole = lambda _request, members=members: http_json({"responses": members})  # type: ignore[misc]
        assert [outcome.reason for outcome in reading.together("/a", "/b")] == [Reason.BAD_ANSWER] * 2, body


def test_half_a_surrogate_becomes_a_mark_of_its_loss(cloud: Cloud, reading: Reading) -> None:
    """It could not be written to any file."""
    cloud.whole = lambda _request: http_json(b'{"value":[{"name":"a\\ud800b"}]}')
    assert reading.rows().rows == ({"name": "a\ufffdb"},)


def test_a_packed_answer_is_unpacked(cloud: Cloud, reading: Reading) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    cloud.whole = lambda _request: http_answer("200 OK", headers, gzip.compress(b'{"value":[{"id":"1"}]}'))
    assert reading.rows().rows == ({"id": "1"},)
