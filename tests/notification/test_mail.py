"""Mail, handed in to a real server: never without TLS, never to a server that nobody vouches for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from readiness.config import SmtpSecurity
from readiness.errors import NoticeError
from readiness.model.notice import Late, Message
from readiness.notification.mail import LONGEST_SUBJECT, Mail, Submission, letter
from readiness.notification.sending import send
from readiness.sources.deadline import Deadline
from readiness.text import one_line
from tests.notification.conftest import CERTIFICATES, OTHERS, SECRET, about
from tests.notification.receivers import MailBox, mail_server
from tests.servers.tcp import TcpServer

STARTTLS, TLS = SmtpSecurity.STARTTLS, SmtpSecurity.TLS
Serve = Callable[..., Submission]


@pytest.fixture
def serve(bundle: Path) -> Iterator[Serve]:
    """Starts a server for a mailbox, and gives the way to it."""
    with ExitStack() as stack:

        def start(
            box: MailBox, security: SmtpSecurity = STARTTLS, tls: Any = CERTIFICATES.server, **more: Any
        ) -> Submission:
            port = stack.enter_context(mail_server(box, tls, implicit=security is TLS))
            return to(port, security, bundle, **more)

        yield start


def to(port: int, security: SmtpSecurity, bundle: Path | None, seconds: float = 20.0, **more: Any) -> Submission:
    sender, recipients = "readiness@contoso.test", ("ops@contoso.test", "edr@contoso.test")
    deadline = Deadline(seconds)
    return Submission("localhost", port, security, sender, recipients, deadline, ca_bundle=bundle, **more)


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_one_mail_goes_to_all_over_tls(serve: Serve, told: Message, security: SmtpSecurity) -> None:
    box = MailBox()
    Mail(serve(box, security)).send(told)
    (mail,), (envelope,) = box.mails, box.envelopes
    assert envelope.rcpt_tos == ["ops@contoso.test", "edr@contoso.test"]
    assert (mail["From"], mail["To"]) == ("readiness@contoso.test", "ops@contoso.test, edr@contoso.test")
    assert mail["Message-ID"] == f"<{told.key}@contoso.test>"
    assert mail["Subject"] == one_line(told.headline, LONGEST_SUBJECT)
    assert abs((parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)).total_seconds()) < 600
    assert (mail["Auto-Submitted"], mail.get_content_type()) == ("auto-generated", "text/plain")
    assert mail.get_content_charset() == "utf-8"
    text = mail.get_content()
    assert text.startswith(told.headline)
    assert "  * a holds [a]: pass, then fail (blocker)\r\n" in text


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_it_signs_in_where_that_is_asked(serve: Serve, told: Message, security: SmtpSecurity) -> None:
    box = MailBox(user="svc", password=SECRET)
    Mail(serve(box, security, username="svc", password=SECRET)).send(told)
    assert len(box.mails) == 1


def test_a_wrong_password_is_shown_once_and_never_repeated(serve: Serve, told: Message) -> None:
    box = MailBox(user="svc", password="another")
    notifier = Mail(serve(box, username="svc", password=SECRET))
    with pytest.raises(NoticeError, match=r"did not accept the sign-in \(535\)") as error:
        send(notifier, told, lambda _: True)
    assert (box.tried, SECRET in str(error.value), SECRET in repr(notifier)) == (0, False, False)
    assert error.value.__suppress_context__


def test_a_password_that_smtp_does_not_carry_is_told(serve: Serve, told: Message) -> None:
    with pytest.raises(NoticeError, match="ASCII alone"):
        Mail(serve(MailBox(user="svc", password="x"), username="svc", password="pä")).send(told)


def test_a_server_without_starttls_gets_nothing(serve: Serve, told: Message) -> None:
    box = MailBox()
    with pytest.raises(NoticeError, match="offers no STARTTLS, and mail is never sent without TLS"):
        send(Mail(serve(box, tls=None)), told, lambda _: True)
    assert box.tried == 0


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_a_certificate_that_is_not_trusted_is_refused(serve: Serve, told: Message, security: SmtpSecurity) -> None:
    box = MailBox()
    with pytest.raises(NoticeError, match="no TLS that can be trusted: unable to get local issuer certificate"):
        send(Mail(serve(box, security, tls=OTHERS.server)), told, lambda _: True)
    assert box.tried == 0


@pytest.mark.parametrize("security", [STARTTLS, TLS])
def test_a_certificate_for_another_name_is_refused(serve: Serve, told: Message, security: SmtpSecurity) -> None:
    box = MailBox()
    by = replace(serve(box, security), host="ip6-localhost")
    with pytest.raises(NoticeError):
        Mail(by).send(told)
    assert box.tried == 0


def test_a_recipient_that_is_not_known_does_not_keep_the_others_from_it(
    serve: Serve, told: Message, caplog: pytest.LogCaptureFixture
) -> None:
    box = MailBox(unknown=["ops@contoso.test"])
    Mail(serve(box)).send(told)
    assert [one.rcpt_tos for one in box.envelopes] == [["edr@contoso.test"]]
    assert "does not take mail for ops@contoso.test" in caplog.text
    box.unknown = ["ops@contoso.test", "edr@contoso.test"]
    with pytest.raises(NoticeError, match=r"for any recipient \(550\)") as error:
        Mail(serve(box)).send(told)
    assert not error.value.again


@pytest.mark.parametrize(("reply", "times"), [("452 4.3.1 full", 3), ("554 5.7.1 no", 1)])
def test_what_passes_is_tried_again_and_what_does_not_is_not(
    serve: Serve, told: Message, reply: str, times: int
) -> None:
    box = MailBox(refuses=reply)
    with pytest.raises(NoticeError, match=rf"refused the mail \({reply[:3]}\)"):
        send(Mail(serve(box)), told, lambda _: True)
    assert box.tried == times


def test_nobody_listening_is_tried_again(told: Message, bundle: Path) -> None:
    with TcpServer(lambda _: None) as gone:
        port = gone.port
    pauses: list[float] = []
    with pytest.raises(NoticeError, match="cannot be reached"):
        send(Mail(to(port, STARTTLS, bundle)), told, lambda seconds: not pauses.append(seconds))  # type: ignore[func-returns-value]
    assert len(pauses) == 2


def drips(connection: Any) -> None:
    for _ in range(20):
        connection.sendall(b"2")
        time.sleep(0.05)


def says_nothing(connection: Any) -> None:
    connection.recv(1)


@pytest.mark.parametrize("talk", [drips, says_nothing])
def test_a_server_that_says_nothing_or_drips_takes_no_longer_than_all_may_take(
    told: Message, bundle: Path, talk: Callable[[Any], None]
) -> None:
    with TcpServer(talk) as server, pytest.raises(NoticeError, match="cannot be reached, or hung up"):
        Mail(to(server.port, STARTTLS, bundle, seconds=0.3)).send(told)


@pytest.mark.parametrize("name", ["Bcc: x@evil.test", "a\r\nBcc: x@evil.test\r\n\r\nb", "=?utf-8?q?x?=", "half \ud83d"])
def test_no_name_gets_into_a_header(bundle: Path, name: str) -> None:
    message = replace(about(name), headline=f"{name}: worse: 1 broken now")
    by = to(25, STARTTLS, bundle)
    mail = letter(message, by, datetime.now(UTC))
    head = bytes(mail).partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    names = {line.partition(":")[0] for line in head if not line.startswith(" ")}
    assert names == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip


def test_what_comes_late_says_so(told: Message, bundle: Path) -> None:
    late = replace(told, late=Late(datetime(2026, 11, 23, 3, 30, tzinfo=UTC), 2))
    text = letter(late, to(25, STARTTLS, bundle), datetime.now(UTC)).get_content()
    assert "This message is late: it is of 2026-11-23 03:30 UTC" in text
