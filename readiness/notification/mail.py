"""Mail over SMTP, never without TLS. One message to all recipients, as plain text.

Sources: RFC 6409 (submission), RFC 8314 (TLS from the first byte on), RFC 3207 (STARTTLS), RFC 3834 (`Auto-Submitted`).
"""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from readiness.config import SmtpSecurity
from readiness.errors import NoticeError
from readiness.model.notice import Message
from readiness.notification.wording import late, sections
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Exchange, Limits
from readiness.sources.wire import DialTimeoutError, dial, tls_context
from readiness.text import one_line

_LIMITS = Limits(connect_seconds=10.0, exchange_seconds=30.0)
"""For one message, from the first look-up to the last byte."""
LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Submission:
    """Where mail is handed in, from whom, to whom."""

    host: str
    port: int
    security: SmtpSecurity
    sender: str
    recipients: tuple[str, ...]
    deadline: Deadline
    username: str | None = None
    password: str = field(default="", repr=False)
    ca_bundle: Path | None = None


class Mail:
    """Hands in one mail for each message."""

    def __init__(self, by: Submission) -> None:
        self._by = by
        self._tls = tls_context(by.ca_bundle, None)

    def send(self, message: Message) -> None:
        mail = letter(message, self._by, datetime.now(UTC))
        with self._in_our_words(), self._connected() as client:
            if self._by.username is not None:
                client.login(self._by.username, self._by.password)
            refused = client.send_message(mail, self._by.sender, self._by.recipients)
        for one in refused:
            logging.getLogger("readiness").warning("%s does not take mail for %s", self._by.host, one_line(one))

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        by = self._by
        exchange = Exchange(_LIMITS, by.deadline, by.deadline.monotonic)
        with exchange.running(), ExitStack() as stack:  # every wait ends with the exchange, every drip too
            made: socket.socket = stack.enter_context(dial(by.host, by.port))
            if by.security is SmtpSecurity.TLS:
                made = stack.enter_context(self._tls.wrap_socket(made, server_hostname=by.host))
            client = _Client(made, by.host, by.port)
            stack.callback(client.close)
            self._encrypt(client)
            yield client
            with suppress(smtplib.SMTPException, OSError):  # the mail is handed in already
                client.quit()

    def _encrypt(self, client: smtplib.SMTP) -> None:
        """Speak TLS from here on, where that was not so from the beginning."""
        by = self._by
        client.ehlo_or_helo_if_needed()
        if by.security is SmtpSecurity.STARTTLS:
            if not client.has_extn("starttls"):
                raise NoticeError(f"{by.host}:{by.port} offers no STARTTLS, and mail is never sent without TLS")
            code, _ = client.starttls(context=self._tls)
            if code != 220:
                raise NoticeError(f"{by.host}:{by.port} refused to begin TLS ({code})")
            client.ehlo()

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """What a server says is left out but for its code: it may say back what it was told."""
        where = f"{self._by.host}:{self._by.port}"
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise NoticeError(f"{where} did not accept the sign-in ({error.smtp_code})") from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
            raise NoticeError(f"{where} takes no mail for any recipient ({codes})", again=codes[:1] == "4") from None
        except smtplib.SMTPResponseException as error:
            passing = 400 <= error.smtp_code < 500
            raise NoticeError(f"{where} refused the mail ({error.smtp_code})", again=passing) from None
        except smtplib.SMTPNotSupportedError:
            raise NoticeError(
                f"{where} offers no sign-in that we know: leave smtp_username out, or ask there"
            ) from None
        except UnicodeError:
            raise NoticeError("user name or password hold signs that SMTP does not carry: ASCII alone") from None
        except ssl.SSLError as error:
            raise NoticeError(f"{where}: no TLS that can be trusted: {_untrusted(error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeError(f"{where} cannot be reached, or hung up: {_cause(error)}", again=_early(error)) from None


class _Client(smtplib.SMTP):
    """On a connection that stands already."""

    def __init__(self, made: socket.socket, host: str, port: int) -> None:
        self._made = made
        super().__init__(host, port, local_hostname=_own_name())

    def _get_socket(self, *_: Any) -> socket.socket:
        return self._made


def letter(message: Message, by: Submission, now: datetime) -> EmailMessage:
    """The mail. Nothing of the estate gets into a header but as one line of its subject."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = by.sender
    mail["To"] = ", ".join(by.recipients)
    mail["Subject"] = _clean(one_line(message.headline, LONGEST_SUBJECT))
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{message.key}@{by.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_clean(text(message)), cte="base64")
    return mail


def text(message: Message) -> str:
    """The whole of it, line by line."""
    lines = [message.headline]
    told = late(message)
    lines += ["", told] if told is not None else []
    for section in sections(message):
        lines += ["", section.heading, *(f"  * {line}" for line in section.lines)]
    return "\n".join([*lines, ""])


def _clean(words: str) -> str:
    """Half a sign that some system left in a name cannot be written."""
    return words.encode("utf-8", "replace").decode()


def _own_name() -> str:
    """How we call ourselves: without asking a name server, which may take long."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


def _untrusted(error: ssl.SSLError) -> str:
    return one_line(getattr(error, "verify_message", None) or error.reason or type(error).__name__, 100)


def _cause(error: Exception) -> str:
    return one_line(getattr(error, "strerror", None) or type(error).__name__, 100)


def _early(error: Exception) -> bool:
    """Whether the mail was surely not handed in."""
    return isinstance(error, (ConnectionRefusedError, socket.gaierror, DialTimeoutError, smtplib.SMTPConnectError))
