"""Webhook and Teams, on real sockets: what is sent, what counts as accepted, and what is tried again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from readiness.errors import NoticeError
from readiness.model.notice import Message
from readiness.notification.composing import headline
from readiness.notification.line import Address
from readiness.notification.sending import LONGEST_WAIT_SECONDS, WAITS, send
from readiness.notification.teams import MARGIN_BYTES, MOST_BYTES, Teams, body
from readiness.notification.webhook import KEY_HEADER, Webhook
from readiness.schemas import shipped
from readiness.sources.deadline import Deadline
from tests.notification.conftest import CERTIFICATES, OTHERS, SECRET, about
from tests.notification.receivers import Receiver, Step, answer

PATH = (
    f"/workflows/{SECRET}/triggers/manual/paths/invoke?api-version=2016-06-01"
    f"&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SECRET}"
)
Serve = Callable[..., Receiver]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts receivers: `serve(answer(500), answer(200))`."""
    with ExitStack() as stack:
        yield lambda *steps, tls=CERTIFICATES.server: stack.enter_context(Receiver(*steps, tls=tls))


def at(receiver: Receiver, bundle: Path | None, seconds: float = 20.0) -> Address:
    return Address(f"{receiver.origin}{PATH}", receiver.origin, Deadline(seconds), bundle)


def waited(pauses: list[float]) -> Callable[[float], bool]:
    """Waits that are noted and take no time."""

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return True

    return wait


def test_a_webhook_gets_the_whole_message_under_its_key(serve: Serve, bundle: Path, told: Message) -> None:
    receiver = serve(answer(200))
    Webhook(at(receiver, bundle)).send(told)
    (request,) = receiver.heard
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers[KEY_HEADER.lower()] == f'"{told.key}"'
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    (found,) = receiver.messages
    Draft202012Validator(shipped("notification-v1")).validate(found)
    assert found["schema"] == "readiness/notification/v1"
    assert (found["key"], found["kind"], found["headline"]) == (told.key, "changed", told.headline)
    assert [one["id"] for one in found["differences"]] == ["a"]
    assert request.body == json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_counts_as_accepted(serve: Serve, bundle: Path, told: Message, status: int) -> None:
    for kind in (Webhook, Teams):
        receiver = serve(answer(status))
        kind(at(receiver, bundle)).send(told)
        assert len(receiver.heard) == 1


@pytest.mark.parametrize("kind", [Webhook, Teams])
def test_an_answer_that_ends_with_its_connection_counts_too(
    serve: Serve, bundle: Path, told: Message, kind: type[Webhook] | type[Teams]
) -> None:
    """So answers what speaks HTTP/1.0, as many a receiver of a few lines does: only the status counts."""
    receiver = serve(b"HTTP/1.0 200 OK\r\nServer: a few lines\r\n\r\n")
    receiver.hangs_up = True
    kind(at(receiver, bundle)).send(told)
    assert len(receiver.heard) == 1


@pytest.mark.parametrize("kind", [Webhook, Teams])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_what_is_refused_for_good_is_not_tried_again(
    serve: Serve, bundle: Path, told: Message, kind: type[Webhook] | type[Teams], status: int
) -> None:
    receiver, pauses = serve(answer(status, SECRET.encode())), list[float]()
    with pytest.raises(NoticeError, match=rf"refused it \({status}") as error:
        send(kind(at(receiver, bundle)), told, waited(pauses))
    assert (len(receiver.heard), pauses) == (1, [])
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        ((answer(500), answer(500), answer(200)), [2.0, 10.0]),
        ((answer(408), answer(202)), [2.0]),
        ((answer(429, Retry_After="7"), answer(202)), [7.0]),
        ((answer(503, Retry_After="1"), answer(202)), [2.0]),
        ((None, answer(200)), [2.0]),
    ],
    ids=["500", "408", "429", "503", "hangs up"],
)
def test_what_passes_is_tried_again_under_the_same_key(
    serve: Serve, bundle: Path, told: Message, steps: tuple[Step, ...], times: list[float]
) -> None:
    receiver, pauses = serve(*steps), list[float]()
    send(Webhook(at(receiver, bundle)), told, waited(pauses))
    assert pauses == times
    assert len({one.headers[KEY_HEADER.lower()] for one in receiver.heard}) == 1
    assert len({one.body for one in receiver.heard}) == 1


def test_three_tries_and_no_more(serve: Serve, bundle: Path, told: Message) -> None:
    receiver, pauses = serve(answer(503)), list[float]()
    with pytest.raises(NoticeError, match=r"is too busy \(503\)"):
        send(Webhook(at(receiver, bundle)), told, waited(pauses))
    assert (len(receiver.heard), pauses) == (3, list(WAITS))


def test_who_asks_for_too_long_is_left_to_the_next_run(serve: Serve, bundle: Path, told: Message) -> None:
    receiver, pauses = serve(answer(429, Retry_After=str(LONGEST_WAIT_SECONDS + 1))), list[float]()
    with pytest.raises(NoticeError, match="too busy"):
        send(Webhook(at(receiver, bundle)), told, waited(pauses))
    assert (len(receiver.heard), pauses) == (1, [])


@pytest.mark.parametrize("step", [None, answer(500), answer(502)], ids=["hangs up", "500", "502"])
def test_a_card_that_may_have_been_posted_is_not_sent_again_at_once(
    serve: Serve, bundle: Path, told: Message, step: Step
) -> None:
    receiver = serve(step, answer(202))
    with pytest.raises(NoticeError):
        send(Teams(at(receiver, bundle)), told, waited([]))
    assert len(receiver.heard) == 1


def test_a_card_that_was_surely_not_posted_is_sent_again(serve: Serve, bundle: Path, told: Message) -> None:
    receiver = serve(answer(429), answer(503), answer(202))
    send(Teams(at(receiver, bundle)), told, waited([]))
    assert len(receiver.heard) == 3


def test_teams_may_say_with_200_that_the_card_was_not_posted(serve: Serve, bundle: Path, told: Message) -> None:
    words = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413"
    with pytest.raises(NoticeError, match="was not posted"):
        Teams(at(serve(answer(200, words)), bundle)).send(told)


def test_a_server_that_says_nothing_or_drips_takes_no_longer_than_all_may_take(
    serve: Serve, bundle: Path, told: Message
) -> None:
    for step in (5.0, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1"):
        with pytest.raises(NoticeError, match=r"the time for all messages was over.*\[notify\] timeout"):
            send(Webhook(at(serve(step), bundle, seconds=0.3)), told, waited([]))


def test_no_redirect_is_followed(serve: Serve, bundle: Path, told: Message) -> None:
    other = serve(answer(200))
    receiver = serve(answer(307, Location=f"{other.origin}/{SECRET}"))
    with pytest.raises(NoticeError, match="was not followed") as error:
        send(Webhook(at(receiver, bundle)), told, waited([]))
    assert (len(receiver.heard), other.heard) == (1, [])
    assert SECRET not in str(error.value)


def test_a_certificate_that_is_not_trusted_is_refused(serve: Serve, bundle: Path, told: Message) -> None:
    receiver = serve(answer(200), tls=OTHERS.server)
    with pytest.raises(NoticeError, match="certificate"):
        Webhook(at(receiver, bundle)).send(told)
    assert receiver.heard == []


def test_without_tls_only_this_machine_is_told(serve: Serve, told: Message) -> None:
    receiver = serve(answer(200), tls=None)
    Webhook(at(receiver, None)).send(told)
    assert len(receiver.heard) == 1


@pytest.mark.parametrize("step", [answer(404, SECRET.encode()), answer(500), None, b"no http at all\r\n\r\n", 1.0])
def test_the_address_is_in_nothing_that_is_said(
    serve: Serve, bundle: Path, told: Message, caplog: pytest.LogCaptureFixture, step: Step
) -> None:
    caplog.set_level(logging.DEBUG, "readiness")
    notifier = Webhook(at(serve(step), bundle, seconds=0.5))
    with pytest.raises(NoticeError) as error:
        send(notifier, told, waited([]))
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None
    for said in (str(error.value), repr(error.value), repr(notifier), repr(at(serve(step), None)), caplog.text):
        assert SECRET not in said


# The card.


def card(message: Message) -> Any:
    found = json.loads(body(message))
    assert (found["type"], [one["contentType"] for one in found["attachments"]]) == (
        "message", ["application/vnd.microsoft.card.adaptive"],
    )  # fmt: skip
    return found["attachments"][0]["content"]


def texts(message: Message) -> list[str]:
    return [one["inlines"][0]["text"] for one in card(message)["body"]]


def test_a_card_says_what_happened_what_is_worst_first(told: Message) -> None:
    lines = texts(told)
    assert lines[0] == told.headline
    assert "• a holds [a]: pass, then fail (blocker)" in lines
    assert lines.index("Broken now") < lines.index("Told before, and over") < lines.index("The run")


@pytest.mark.parametrize("name", ["x", '“quoted” \\ " name ' * 5, "漢字" * 40, "\U0001f600" * 60])
def test_a_card_of_any_size_stays_within_the_limit_and_says_what_it_leaves_out(name: str) -> None:
    message = about(name, 500)
    content = body(message)
    assert len(json.dumps(content.decode("ascii"))) <= MOST_BYTES - MARGIN_BYTES
    lines = texts(message)
    assert [line for line in lines if not line.startswith(("•", "…"))][1:] == [
        "Broken now", "Told before, and over", "The run",
    ]  # fmt: skip
    shown = sum(f"[{name}" in line for line in lines)
    assert 5 < shown < 500
    assert f"… and {500 - shown} more, in the report" in lines
    assert any(line.startswith("• Run 2") for line in lines)


@pytest.mark.parametrize("name", ["x" * 500, "漢字" * 250, "\U0001f600" * 500])
def test_a_card_stays_within_the_limit_whatever_the_run_is_called(name: str) -> None:
    long = replace(about(number=500), headline=name * 2, decision=name, host=name, files=(name,) * 13)
    content = body(long)
    assert len(json.dumps(content.decode("ascii"))) <= MOST_BYTES - MARGIN_BYTES
    assert sum(line.startswith("• Report: ") for line in texts(long)) == 13


def test_no_name_forges_a_line_of_the_headline() -> None:
    evil = "Contoso\u202e\r\nBroken now\u2066\n  * forged"
    made = headline(replace(about(), tenant=evil))
    assert made.startswith("Contoso Broken now * forged and ")
    assert made.isprintable()


def test_no_text_of_a_card_is_markup_a_link_or_a_function() -> None:
    for name in (
        "[click](https://evil.test)",
        "www.evil.test",
        "{{DATE(2017-02-14T06:00:00Z)}}",
        "${x}",
        "a@evil.test",
    ):
        found = texts(about(name))
        assert not any(link in line for line in found for link in ("://", "www.", "{{", "${", "@evil.")), found
    blocks = card(about("**bold**"))["body"]
    assert {one["type"] for one in blocks} == {"RichTextBlock"}
    assert {inline["type"] for one in blocks for inline in one["inlines"]} == {"TextRun"}


def test_a_name_with_half_a_sign_goes_through(serve: Serve, bundle: Path) -> None:
    broken = about("half \ud83d sign")
    receiver = serve(answer(202))
    Webhook(at(receiver, bundle)).send(broken)
    Teams(at(receiver, bundle)).send(broken)
    assert len(receiver.messages) == 2
