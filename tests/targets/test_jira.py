"""Jira, Cloud and Data Center, as its maker documents it, over real sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.errors import ConfigurationError, TicketError
from readiness.model.ticket import TicketFile
from readiness.targets.delivery import State, delivered
from readiness.targets.jira import Jira, multipart
from readiness.targets.parcel import Phase
from tests.servers.tcp import http_answer
from tests.servers.tickets import JiraServer, page, reply
from tests.targets.conftest import BASIC, CERTIFICATES, NO_WAIT, RUN, access, parcel

ISSUE, COMMENT, UPLOAD, META = "/issue/OPS-42", "/OPS-42/comment", "/OPS-42/attachments", "/attachment/meta"
SAID = {"errorMessages": ["The comment is too long."], "errors": {"comment": "32767 at most"}}


def test_a_run_is_brought_with_its_comment_and_files(jira: JiraServer, issue: Jira) -> None:
    done = delivered(issue, parcel(), NO_WAIT)
    assert done.whole
    assert [(file.name, file.content, file.media_type) for file in jira.files] == [
        (f"readiness-{RUN}.html", b"<!doctype html>\r\n", "text/html"),
        (f"readiness-{RUN}.json", b'{"schema":"x"}\n', "application/json"),
    ]
    assert f"This is run {RUN} of readiness." in jira.notes[0]
    assert jira.written[0].endswith("/rest/api/2/issue/OPS-42/comment")


def test_the_same_run_again_sends_nothing_also_among_many_comments(jira: JiraServer, issue: Jira) -> None:
    jira.notes += [f"comment {number}" for number in range(150)]
    delivered(issue, parcel(), NO_WAIT)
    jira.notes += [f"comment {number}" for number in range(150)]
    jira.files.clear()
    again = delivered(issue, parcel(), NO_WAIT)
    assert [part.state for part in again.parts] == [State.THERE, State.SENT, State.SENT]
    before = len(jira.written)
    assert not delivered(issue, parcel(), NO_WAIT).changed
    assert len(jira.written) == before


def test_a_note_that_came_back_escaped_and_wrapped_is_known_again(jira: JiraServer, issue: Jira) -> None:
    jira.notes.append(f"x\nThis is run\r\n{RUN.replace('-', chr(92) + '-')} of readiness.")
    assert delivered(issue, parcel(), NO_WAIT).parts[0].state is State.THERE
    assert len(jira.notes) == 1


def test_below_a_path_and_by_a_personal_access_token(bundle: Path) -> None:
    with JiraServer("Bearer t0ken", CERTIFICATES.server, base="/jira") as server:
        ticket = Jira("ops-42", access(f"{server.origin}/jira", bundle, authorization="Bearer t0ken"))
        assert delivered(ticket, parcel(Phase.PRE), NO_WAIT).whole
        ticket.look()
        assert ticket.fetch(f"readiness-pre-{RUN}.json", 100) == b'{"schema":"x"}\n'
        with pytest.raises(TicketError, match="larger than any report"):
            ticket.fetch(f"readiness-pre-{RUN}.json", 3)
        ticket.close()


def test_a_file_of_cloud_is_read_back(jira: JiraServer, issue: Jira) -> None:
    delivered(issue, parcel(Phase.PRE), NO_WAIT)
    issue.look()
    assert issue.fetch(f"readiness-pre-{RUN}.json", 100) == b'{"schema":"x"}\n'
    assert jira.heard[-1].path.endswith("?redirect=false")


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.test/x.json", "https://[x/secure/attachment/1/x", "https://x/secure/attachment/1/..", None, 7],
)
def test_a_file_elsewhere_is_not_fetched(jira: JiraServer, issue: Jira, place: object) -> None:
    row = {"filename": "x.json", "content": place, "size": 1}
    jira.always("GET", ISSUE, reply({"key": "OPS-42", "fields": {"attachment": [row]}}))
    issue.look()
    with pytest.raises(TicketError, match="not a place that this tool knows"):
        issue.fetch("x.json", 100)


@pytest.mark.parametrize(
    ("meta", "sent", "why"),
    [
        ({"enabled": False, "uploadLimit": 10}, 0, "attachments are switched off there"),
        ({"enabled": True, "uploadLimit": 15}, 1, "its 17 bytes are more than the 15 that are taken there"),
        ({"enabled": True, "uploadLimit": 17}, 2, ""),
        ({"enabled": True, "uploadLimit": "x"}, 2, ""),
        ({}, 2, ""),
    ],
)
def test_limits_are_asked_before_anything_is_sent(
    jira: JiraServer, issue: Jira, meta: dict[str, object], sent: int, why: str
) -> None:
    jira.meta = meta
    done = delivered(issue, parcel(), NO_WAIT)
    assert (len(jira.files), done.parts[1].why) == (sent, why)
    assert len(jira.notes) == 1


def test_limits_that_are_not_told_are_said_to_be_unknown(jira: JiraServer, issue: Jira) -> None:
    jira.always("GET", META, reply({"errorMessages": ["no"]}, 403))
    done = delivered(issue, parcel(), NO_WAIT)
    assert "does not tell its limits" in (done.limits.not_asked or "")
    assert done.whole


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            reply({"errorMessages": ["exceeds"]}, 413),
            "is allowed there, or the issue has too many (413",
        ),
        (page("no", 403), "may not attach files to the issue; it may be closed for changes (403)"),
        (reply({}, 404), "attachments are switched off (404)"),
        (reply([{"filename": "x", "size": 3}]), "another size"),
    ],
)
def test_a_file_that_is_refused_stops_only_that_file(jira: JiraServer, issue: Jira, fault: bytes, words: str) -> None:
    jira.once("POST", UPLOAD, fault)
    done = delivered(issue, parcel(), NO_WAIT)
    assert words in done.parts[1].why
    assert (done.parts[1].state, done.parts[2].state) == (State.REFUSED, State.SENT)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (reply(SAID, 400), "may be too long, or the issue closed for changes (400: The comment is too long.; 32767 at"),
        (reply({"errorMessages": []}, 403), "may not comment on the issue"),
        (reply({"errorMessages": []}, 413), "as many comments as are allowed"),
    ],
)
def test_where_the_comment_is_refused_no_file_follows(jira: JiraServer, issue: Jira, fault: bytes, words: str) -> None:
    jira.always("POST", COMMENT, fault)
    done = delivered(issue, parcel(), NO_WAIT)
    assert words in (done.error or "")
    assert jira.files == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (reply({"errorMessages": ["Issue does not exist"]}, 404), "no issue OPS-42 that this account may see"),
        (page(), "answered with a page in place of data"),
        (reply({"key": "OPS-42"}), "is it Jira?"),
        (reply({"key": "OPS-42", "fields": {}}), "nobody can tell whether the run is there"),
        (reply({}, 400), "could not be looked for (400)"),
        (http_answer("303 See Other", {"Location": "https://elsewhere.test/"}), "sends us on to elsewhere.test"),
    ],
)
def test_an_issue_that_cannot_be_read_is_told_and_nothing_is_sent(
    jira: JiraServer, issue: Jira, fault: bytes, words: str
) -> None:
    jira.always("GET", ISSUE, fault)
    with pytest.raises(TicketError) as error:
        delivered(issue, parcel(), NO_WAIT)
    assert words in str(error.value)
    assert jira.written == []


def test_an_issue_that_was_moved_is_told_by_its_new_key(jira: JiraServer, issue: Jira) -> None:
    jira.always("GET", ISSUE, reply({"key": "NEW-7", "fields": {"attachment": []}}))
    assert issue.look().record == "OPS-42, which is NEW-7 now"


def test_a_wrong_token_is_shown_once(jira: JiraServer, bundle: Path) -> None:
    wrong = Jira("OPS-42", access(jira.origin, bundle, authorization="Bearer wr0ng"))
    with pytest.raises(TicketError, match="did not accept the sign-in") as error:
        delivered(wrong, parcel(), NO_WAIT)
    assert (len(jira.heard), "wr0ng" in str(error.value)) == (1, False)
    wrong.close()


def test_an_upload_whose_answer_was_lost_is_not_sent_twice(jira: JiraServer, issue: Jira) -> None:
    jira.lose("POST", UPLOAD)
    assert delivered(issue, parcel(), NO_WAIT).whole
    assert len(jira.files) == 2


def test_a_busy_system_that_wants_an_hour_is_left_alone(jira: JiraServer, issue: Jira) -> None:
    jira.always("POST", COMMENT, reply({}, 429, {"Retry-After": "3600"}))
    done = delivered(issue, parcel(), NO_WAIT)
    assert "left alone for 3600 seconds" in (done.error or "")
    assert len(jira.written) == 1


@pytest.mark.parametrize("key", ["opß-42", "", "42", "OPS-0", "OPS-42/../x", "OPS 42", "OPS-42?x", "-42", "OPS–42"])
def test_a_key_of_another_form_is_refused_before_anything_is_asked(key: str, bundle: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected the key of an issue"):
        Jira(key, access("https://localhost:1", bundle))


def test_the_boundary_is_not_in_the_file() -> None:
    body, kind = multipart(TicketFile("a.html", b"--\r\n--x", "text/html"))
    boundary = kind.partition("boundary=")[2]
    assert body.count(boundary.encode()) == 2
    assert b"--\r\n--x\r\n" in body
    assert BASIC not in kind
