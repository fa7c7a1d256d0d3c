"""Pages are followed to the end, and to nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.model.words import Reason
from readiness.sources.graph import questions as questions_module
from tests.servers.graph import Cloud, rows
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading


def test_all_pages_are_read_in_their_order(cloud: Cloud, reading: Reading) -> None:
    """The link is followed as it is written, whatever stands in its token."""
    second, third = "/beta/things?$skiptoken=a%27b'%2B+(1)", "/beta/things?$skiptoken=MDAwMg=="
    cloud.give("/beta/things", rows({"n": 1}, {"n": 2}, link=f"{cloud.origin}{second}"))
    cloud.give(second, rows({"n": 3}, link=f"{cloud.origin}{third}"))
    cloud.give(third, rows({"n": 4}))
    found = reading.rows()
    assert [row["n"] for row in found.rows] == [1, 2, 3, 4]
    assert found.query == "GET /beta/things"
    assert cloud.exchanges == [["/beta/things"], [second], [third]]


def test_an_empty_page_does_not_end_the_list(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", rows(link=f"{cloud.origin}/beta/things?page=2"))
    cloud.give("/beta/things?page=2", rows(link=f"{cloud.origin}/beta/things?page=3"))
    cloud.give("/beta/things?page=3", rows({"n": 1}))
    assert reading.rows().rows == ({"n": 1},)


def test_an_empty_list_is_no_row_and_no_error(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", rows())
    assert reading.rows().rows == ()


def test_the_members_of_a_batch_have_pages_too(cloud: Cloud, reading: Reading) -> None:
    """And their next pages travel together again."""
    for name in ("a", "b"):
        cloud.give(f"/beta/{name}", rows({"n": 1}, link=f"{cloud.origin}/beta/{name}?page=2"))
        cloud.give(f"/beta/{name}?page=2", rows({"n": 2}))
    assert reading.together("/a", "/b") == [[{"n": 1}, {"n": 2}]] * 2
    assert [sorted(exchange) for exchange in cloud.exchanges] == [
        ["/beta/a", "/beta/b"],
        ["/beta/a?page=2", "/beta/b?page=2"],
    ]


@pytest.mark.parametrize("back", ["/beta/things", "/beta/things?page=2"])
def test_a_link_that_leads_back_is_no_end(back: str, cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", rows({"n": 1}, link=f"{cloud.origin}/beta/things?page=2"))
    cloud.give("/beta/things?page=2", rows({"n": 2}, link=f"{cloud.origin}{back}"))
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "the pages of /things do not end" in str(failure)
    assert len(cloud.exchanges) == 2


def test_pages_without_end_are_given_up(cloud: Cloud, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions_module, "MAX_PAGES", 7)
    for n in range(20):
        cloud.give(f"/beta/things?{n}", rows(link=f"{cloud.origin}/beta/things?{n + 1}"))
    failure = reading.failure("/things?0")
    assert failure.reason is Reason.BAD_ANSWER
    assert "do not end" in str(failure)
    assert len(cloud.exchanges) == 7


ELSEWHERE: tuple[Any, ...] = (
    "https://localhost:{port}/beta/things?page=2",
    "https://evil.test/beta/things?page=2",
    "{origin}.evil.test/beta/things",
    "{origin}@evil.test/beta/things",
    "{origin}/v1.0/things?page=2",
    "{origin}/betamax/things?page=2",
    "{origin}/beta",
    "{plain}/beta/things?page=2",
    "//localhost/beta/things?page=2",
    "/beta/things?page=2",
    "things?page=2",
    "{origin}/beta/../v1.0/things",
    "{origin}/beta/%2e%2e/v1.0/things",
    "{origin}/beta/%252e%252e/v1.0/things",
    "{origin}/beta//evil.test/things",
    "{origin}/beta/a\\..\\b",
    "{origin}/beta/things?a#b",
    "{origin}/beta/things?a b",
    "{origin}/beta/things\r\nX: y",
    "{origin}/beta/thingsé",
    "",
    0,
    1,
    False,
    [],
    ["{origin}/beta/things?page=2"],
    {"href": "x"},
)
"""Links to another host, port, scheme, version, to a path above, and what is no link at all."""


def test_a_link_to_anywhere_else_is_refused_before_anything_is_sent(cloud: Cloud, certificates: Certificates) -> None:
    """The list is not whole then, and what there is of it is not used."""
    reading = Reading(cloud, certificates.bundle)
    with Cloud(certificates.good) as other:
        for link in ELSEWHERE:
            written = _written(link, cloud, other)
            cloud.give("/beta/things", rows({"n": 1}, link=written))
            before = len(cloud.exchanges)
            failure = reading.failure()
            assert failure.reason is Reason.BAD_ANSWER, written
            assert "names a next page of /things that is somewhere else" in str(failure), written
            assert (len(cloud.exchanges) - before, other.connections) == (1, 0), written


def _written(link: Any, cloud: Cloud, other: Cloud) -> Any:
    if not isinstance(link, str):
        return link
    return link.format(origin=cloud.origin, plain=cloud.origin.replace("https:", "http:"), port=other.port)


def test_a_link_that_is_null_is_an_end(cloud: Cloud, reading: Reading) -> None:
    page = rows({"n": 1})
    page.body["@odata.nextLink"] = None
    cloud.give("/beta/things", page)
    assert reading.rows().rows == ({"n": 1},)


def test_a_host_in_capitals_is_the_same_host(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", rows({"n": 1}, link=f"{cloud.origin.upper()}/beta/things?page=2"))
    cloud.give("/beta/things?page=2", rows({"n": 2}))
    assert len(reading.rows().rows) == 2


def test_a_link_in_one_member_that_leads_away_does_not_cost_the_others(cloud: Cloud, reading: Reading) -> None:
    for name in ("a", "b"):
        cloud.give(f"/beta/{name}", rows({"n": 1}, link=f"{cloud.origin}/beta/{name}?page=2"))
        cloud.give(f"/beta/{name}?page=2", rows({"n": 2}))
    cloud.give("/beta/a", rows({"n": 1}, link=f"{cloud.origin}/beta/%2e%2e/b"))
    failed, read = reading.together("/a", "/b")
    assert failed.reason is Reason.BAD_ANSWER
    assert len(read) == 2


def test_a_page_that_fails_fails_the_list(cloud: Cloud, reading: Reading) -> None:
    """Half a list is not a list: what is missing could be what matters."""
    cloud.give("/beta/things", rows({"n": 1}, link=f"{cloud.origin}/beta/things?page=2"))
    failure = reading.failure()
    assert failure.reason is Reason.UNSUPPORTED_VERSION
    assert "page=2" not in str(failure)
