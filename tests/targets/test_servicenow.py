"""ServiceNow as its maker documents it, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from readiness.errors import ConfigurationError, TicketError
from readiness.targets.delivery import State, delivered, planned
from readiness.targets.parcel import Phase
from readiness.targets.servicenow import ServiceNow, without_code_tags
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.servers.tickets import SYS_ID, ServiceNowServer, page, reply
from tests.targets.conftest import BASIC, CERTIFICATES, NO_WAIT, RUN, SECRET, access, parcel

TABLE, FILES, UPLOAD = "/table/change_request", "/now/attachment", "/attachment/file"
PATCH = f"/change_request/{SYS_ID}"
DENIED = {"error": {"message": "Operation Failed", "detail": "ACL Exception Update Failed due to security constraints"}}


def test_a_run_is_brought_with_its_note_and_files(snow: ServiceNowServer, change: ServiceNow) -> None:
    """The note first, then each file to the letter, with its type."""
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, done.changed) == (True, True)
    assert snow.written == [
        f"PATCH /api/now/table/change_request/{SYS_ID}",
        "POST /api/now/attachment/file",
        "POST /api/now/attachment/file",
    ]
    assert [(file.name, file.content, file.media_type) for file in snow.files] == [
        (f"readiness-{RUN}.html", b"<!doctype html>\r\n", "text/html"),
        (f"readiness-{RUN}.json", b'{"schema":"x"}\n', "application/json"),
    ]
    assert f"This is run {RUN} of readiness." in snow.notes[0]
    assert snow.notes[0].startswith("Not ready.")


def test_the_same_run_again_sends_nothing(snow: ServiceNowServer, change: ServiceNow) -> None:
    delivered(change, parcel(), NO_WAIT)
    before = len(snow.written)
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, done.changed, len(snow.written)) == (True, False, before)
    assert {part.state for part in done.parts} == {State.THERE}


def test_another_run_is_brought_too(snow: ServiceNowServer, change: ServiceNow) -> None:
    delivered(change, parcel(), NO_WAIT)
    delivered(change, parcel(run="20261124T205600Z-ffffffff"), NO_WAIT)
    assert (len(snow.files), len(snow.notes)) == (4, 2)


def test_what_broke_off_is_completed_and_not_begun_anew(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("POST", UPLOAD, reply({"error": {"message": "no"}}, 403))
    first = delivered(change, parcel(), NO_WAIT)
    assert [part.state for part in first.parts] == [State.SENT, State.REFUSED, State.REFUSED]
    assert "may not attach files" in first.parts[1].why
    snow.faults.clear()
    second = delivered(change, parcel(), NO_WAIT)
    assert [part.state for part in second.parts] == [State.THERE, State.SENT, State.SENT]
    assert len(snow.notes) == 1


def test_where_notes_are_hidden_the_files_tell_that_the_run_is_there(
    snow: ServiceNowServer, change: ServiceNow
) -> None:
    snow.notes_shown = False
    assert delivered(change, parcel(), NO_WAIT).whole
    again = delivered(change, parcel(), NO_WAIT)
    assert (again.whole, again.changed, len(snow.notes)) == (True, False, 1)


def test_a_note_that_is_taken_and_dropped_is_not_called_sent(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.keeps_notes = False
    done = delivered(change, parcel(), NO_WAIT)
    assert not done.whole
    assert (done.parts[0].state, "does not see it there" in done.parts[0].why) == (State.UNKNOWN, True)


@pytest.mark.parametrize(
    ("properties", "sent", "why"),
    [
        ({"glide.attachment.extensions": "pdf, json"}, ["json"], "files that end in .html are not taken there"),
        ({"com.glide.attachment.max_size": "1"}, ["html", "json"], ""),
        ({"com.glide.attachment.max_size": "0"}, ["html", "json"], ""),
        ({"com.glide.attachment.max_size": "many"}, ["html", "json"], ""),
    ],
)
def test_limits_are_asked_before_anything_is_sent(
    snow: ServiceNowServer, change: ServiceNow, properties: dict[str, str], sent: list[str], why: str
) -> None:
    snow.properties = {"com.glide.attachment.max_size": "1024", "glide.attachment.extensions": "", **properties}
    done = delivered(change, parcel(), NO_WAIT)
    assert [name.rpartition(".")[2] for name in snow.names()] == sent
    assert next((part.why for part in done.parts if part.why), "") == why
    assert done.whole is (len(sent) == 2)
    assert done.limits.not_asked is None
    if why:
        assert f"Not attached: readiness-{RUN}.html: {why}." in snow.notes[0]


def test_a_file_that_is_too_large_by_what_was_asked_is_not_sent(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.properties = {"com.glide.attachment.max_size": "1", "glide.attachment.extensions": ""}
    done = delivered(change, parcel(html=b"x" * (1024 * 1024 + 1)), NO_WAIT)
    assert snow.names() == [f"readiness-{RUN}.json"]
    assert done.parts[1].why == "its 1,048,577 bytes are more than the 1,048,576 that are taken there"


@pytest.mark.parametrize("properties", [None, {}, {"glide.attachment.extensions": ""}])
def test_limits_that_may_not_be_read_are_told_and_the_answer_decides(
    snow: ServiceNowServer, change: ServiceNow, properties: dict[str, str] | None
) -> None:
    snow.properties = properties
    snow.once("POST", UPLOAD, reply({"error": {"message": "File too large"}}, 413))
    done = delivered(change, parcel(), NO_WAIT)
    assert "com.glide.attachment.max_size" in (done.limits.not_asked or "")
    assert "larger than what is allowed there (413: File too large)" in done.parts[1].why
    assert snow.names() == [f"readiness-{RUN}.json"]


def test_an_extension_that_is_refused_stops_only_that_file(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.once("POST", UPLOAD, reply({"error": {"message": "File type is not allowed", "detail": "html"}}, 400))
    done = delivered(change, parcel(), NO_WAIT)
    assert "kind may not be allowed there (400: File type is not allowed; html)" in done.parts[1].why
    assert snow.names() == [f"readiness-{RUN}.json"]


def test_a_closed_change_gets_neither_note_nor_files(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("PATCH", PATCH, reply(DENIED, 403))
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, snow.files, snow.notes) == (False, [], [])
    assert "may be closed, or read-only (403: Operation Failed; ACL Exception" in (done.error or "")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (reply({"result": []}), "there is no record CHG0031337"),
        (reply({"error": {"message": "No Record found"}}, 404), "there is no record CHG0031337"),
        (reply({"error": {"message": "User Not Authorized"}}, 403), "may not read the table change_request (403"),
        (page(), "answered with a page in place of data"),
        (reply({"result": "x"}), "is it ServiceNow?"),
        (reply([]), "is it ServiceNow?"),
        (reply(b"{"), "JSON that cannot be read"),
        (reply({"error": {"message": "boom"}}, 500), "failed (500: boom)"),
        (
            reply({"error": {"message": "Rate limit exceeded", "detail": "10 requests"}}, 429, {"Retry-After": "3600"}),
            "(429: Rate limit exceeded; 10 requests); it asks to be left alone for 3600 seconds",
        ),
        (http_answer("302 Found", {"Location": "https://elsewhere.test/login"}), "sends us on to elsewhere.test"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_and_nothing_is_sent(
    snow: ServiceNowServer, change: ServiceNow, fault: bytes, words: str
) -> None:
    snow.always("GET", TABLE, fault)
    with pytest.raises(TicketError) as error:
        delivered(change, parcel(), NO_WAIT)
    assert words in str(error.value)
    assert snow.written == []


def test_rows_of_other_numbers_are_not_the_record(snow: ServiceNowServer, change: ServiceNow) -> None:
    """An instance may ignore a query that it does not understand, and give any rows."""
    row = snow.row() | {"number": {"display_value": "CHG0000001", "value": "CHG0000001"}}
    snow.always("GET", TABLE, reply({"result": [row, row]}))
    with pytest.raises(TicketError, match="there is no record CHG0031337"):
        delivered(change, parcel(), NO_WAIT)


def test_a_file_of_our_name_that_is_another_is_not_called_there(snow: ServiceNowServer, change: ServiceNow) -> None:
    """An upload that broke off, or a file that somebody edited: the record does not hold this run."""
    assert delivered(change, parcel(), NO_WAIT).whole
    snow.files[1] = replace(snow.files[1], content=b'{"sche')
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, done.changed, done.parts[2].state) == (False, False, State.UNKNOWN)
    assert "with 6 bytes in place of 15" in done.parts[2].why
    assert (len(snow.files), len(snow.notes)) == (2, 1)


def test_a_file_that_arrives_short_is_not_called_sent(snow: ServiceNowServer, change: ServiceNow) -> None:
    """A system that answers "taken" and keeps less: the record is believed, not the answer."""
    snow.keeps_bytes = 9
    done = delivered(change, parcel(), NO_WAIT)
    assert [part.state for part in done.parts] == [State.SENT, State.UNKNOWN, State.UNKNOWN]
    assert "is there with 9 bytes" in done.parts[1].why


def test_files_of_other_records_are_not_on_this_one(snow: ServiceNowServer, change: ServiceNow) -> None:
    """Where an instance ignores the query, the run that hangs on another change would seem to hang on this one."""
    delivered(change, parcel(Phase.PRE), NO_WAIT)
    rows = [{"sys_id": file.id, "file_name": file.name, "table_sys_id": "b" * 32} for file in snow.files]
    snow.always("GET", "/api/now/attachment", reply({"result": rows}))
    assert change.look().files == ()


def test_two_records_of_one_number_are_left_alone(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("GET", TABLE, reply({"result": [snow.row(), snow.row()]}))
    with pytest.raises(TicketError, match="several records"):
        delivered(change, parcel(), NO_WAIT)


def test_where_attachments_cannot_be_listed_nothing_is_sent(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("GET", FILES, reply({"error": {"message": "User Not Authorized"}}, 403))
    with pytest.raises(TicketError, match="nobody can tell whether the run is there"):
        delivered(change, parcel(), NO_WAIT)
    assert snow.written == []


def test_a_wrong_password_is_shown_once(snow: ServiceNowServer, bundle: Path) -> None:
    wrong = ServiceNow(
        "CHG0031337", access(snow.origin, bundle, authorization="Basic d3Jvbmc6d3Jvbmc="), "change_request"
    )
    with pytest.raises(TicketError, match="did not accept the sign-in") as error:
        delivered(wrong, parcel(), NO_WAIT)
    assert len(snow.heard) == 1
    assert "d3Jvbmc6" not in str(error.value)
    wrong.close()


def test_a_busy_system_is_asked_again_after_the_time_it_wants(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.once("GET", TABLE, reply({}, 429, {"Retry-After": "0"}))
    snow.once("POST", UPLOAD, reply({}, 429, {"Retry-After": "7"}))
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return True

    done = delivered(change, parcel(), wait)
    assert (done.whole, waited, len(snow.files)) == (True, [7.0], 2)


def test_an_upload_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    snow: ServiceNowServer, change: ServiceNow
) -> None:
    snow.lose("POST", UPLOAD)
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, len(snow.files)) == (True, 2)


def test_a_note_whose_answer_was_lost_is_looked_for_before_it_is_written_again(
    snow: ServiceNowServer, change: ServiceNow
) -> None:
    snow.lose("PATCH", PATCH)
    assert delivered(change, parcel(), NO_WAIT).whole
    assert len(snow.notes) == 1


def test_a_note_that_may_be_there_and_cannot_be_seen_is_not_written_again(
    snow: ServiceNowServer, change: ServiceNow
) -> None:
    snow.notes_shown = False
    snow.lose("PATCH", PATCH)
    done = delivered(change, parcel(), NO_WAIT)
    assert not done.whole
    assert (len(snow.notes), snow.files) == (1, [])
    assert "look, before this is run again" in (done.error or "")
    assert (done.parts[0].state, done.unsure) == (State.UNKNOWN, True)


def test_where_the_record_cannot_be_looked_at_after_a_lost_answer_nothing_is_called_not_sent(
    snow: ServiceNowServer, change: ServiceNow
) -> None:
    """It was taken: "not sent" would have a person attach it a second time."""
    snow.lose("POST", UPLOAD)
    gone = reply({"error": {"message": "maintenance"}}, 404)
    snow.faults.append(lambda request: gone if snow.files and request.method == "GET" else None)
    done = delivered(change, parcel(), NO_WAIT)
    assert [part.state for part in done.parts] == [State.SENT, State.UNKNOWN, State.TO_SEND]
    assert len(snow.files) == 1


def test_a_server_that_fails_twice_is_left_alone(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("POST", UPLOAD, reply({"error": {"message": "boom"}}, 500))
    done = delivered(change, parcel(), NO_WAIT)
    assert (done.whole, snow.files) == (False, [])
    assert snow.written.count("POST /api/now/attachment/file") == 2
    assert "failed (500: boom)" in (done.error or "")


def test_a_drip_ends_with_the_time_for_everything(bundle: Path) -> None:
    drip = Script([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200], pause=0.05)
    with TcpServer(drip, CERTIFICATES.server) as server:
        slow = ServiceNow("CHG0031337", access(server.origin, bundle, seconds=0.6), "change_request")
        with pytest.raises(TicketError, match="time for everything was over"):
            delivered(slow, parcel(), NO_WAIT)
        slow.close()


def test_a_server_with_an_unknown_authority_hears_no_password(snow: ServiceNowServer) -> None:
    stranger = ServiceNow("CHG0031337", access(snow.origin, None), "change_request")
    with pytest.raises(TicketError, match="not trusted here: name it in ca_bundle"):
        delivered(stranger, parcel(), NO_WAIT)
    assert snow.heard == []
    stranger.close()


def test_a_plan_reads_only(snow: ServiceNowServer, change: ServiceNow) -> None:
    plan = planned(change, parcel())
    assert [part.state for part in plan.parts] == [State.TO_SEND] * 3
    assert (snow.written, snow.files) == ([], [])
    assert f"This is run {RUN}" in (plan.note or "")


def test_words_of_the_server_are_one_line_and_bounded(snow: ServiceNowServer, change: ServiceNow) -> None:
    snow.always("PATCH", PATCH, reply({"error": {"message": "\x1b[2J" + "x" * 5000, "detail": "a\nb"}}, 403))
    error = delivered(change, parcel(), NO_WAIT).error or ""
    assert "\x1b" not in error
    assert "\n" not in error
    assert len(error) <= 600


def test_a_server_that_tells_back_what_signs_in_is_not_repeated(snow: ServiceNowServer, change: ServiceNow) -> None:
    told = {"message": f"no right: {BASIC}", "detail": f"user svc, password {SECRET}"}
    snow.always("PATCH", PATCH, reply({"error": told}, 403))
    error = delivered(change, parcel(), NO_WAIT).error or ""
    assert "no right: ***; user svc, password ***" in error
    assert (SECRET in error, BASIC.split()[1] in error) == (False, False)


@pytest.mark.parametrize(
    "number", ["", "31337", "CHG1^ORnumber=CHG2", "CHG 1", "../x", "CHG0031337&x=1", "CHGé123", "taſk0031337"]
)
def test_a_number_of_another_form_is_refused_before_anything_is_asked(number: str, bundle: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected a number such as CHG0031337"):
        ServiceNow(number, access("https://localhost:1", bundle), "change_request")


def test_no_code_tag_makes_html_of_a_name() -> None:
    assert without_code_tags("a [code]<b>[/code] [CODE]") == "a [ code]<b>[ /code] [ CODE]"


def test_no_secret_is_in_what_is_shown_of_an_access(bundle: Path) -> None:
    shown = repr(access("https://localhost", bundle))
    assert SECRET not in shown
    assert BASIC not in shown
