"""No secret leaves with what people are told, nor on the way there: addresses, passwords, in any form, in anything that
the program says, writes, logs or keeps, at the most verbose level of ours and of every library."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.history import usual_place
from readiness.lab.certificates import make
from readiness.notification import sending
from tests.conftest import Program
from tests.notification.receivers import MailBox, Receiver, Step, answer, mail_server
from tests.properties.canaries import forms, found_in, header_forms
from tests.properties.estates import read as case

HOOK, SIGNATURE, PASSWORD = "h00k-canary-5Yw2", "s1g-canary/8+Zq4Lp", "p4ss-canary-&9vK2"
SECRETS = {
    "webhook": forms(HOOK),
    "signature": forms(SIGNATURE),
    "password": forms(PASSWORD) | header_forms("svc-readiness", PASSWORD),
}
CERTIFICATES = make()


class Everything(logging.Handler):
    """Every record of every library, as it would be written with all that it carries."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name} {record.getMessage()} {record.exc_info!r}")


@pytest.fixture
def records() -> Iterator[Everything]:
    """What `readiness` logs; other libraries' records go nowhere in the program, and are not asked for."""
    handler, log = Everything(), logging.getLogger("readiness")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler
    log.removeHandler(handler)
    log.setLevel(before)


@pytest.mark.parametrize(
    "step",
    [answer(202), answer(400, f"{HOOK} {SIGNATURE} {PASSWORD}".encode()), answer(500, HOOK.encode()), None,
     answer(302, Location=f"https://evil.test/{HOOK}"), f"HTTP/1.1 {HOOK}\r\n\r\n".encode()],
    ids=["taken", "repeats it", "fails", "hangs up", "sends on", "no http"],
)  # fmt: skip
def test_nothing_tells_an_address_or_a_password(
    step: Step, program: Program, records: Everything, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "WAITS", (0.01, 0.01))
    box = MailBox(user="svc-readiness", password="another" if step != answer(202) else PASSWORD)
    (tmp_path / "ca.pem").write_bytes(CERTIFICATES.authority_pem)
    bodies.save(case("ready").evidence, tmp_path / "evidence.json")
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver(step, tls=CERTIFICATES.server))
        port = stack.enter_context(mail_server(box, CERTIFICATES.server))
        (tmp_path / "readiness.toml").write_text(
            f'[notify]\nwebhook_env = "HOOK"\nteams_env = "TEAMS"\nmail_to = ["a@contoso.test"]\nca_bundle = "ca.pem"\n'
            f'mail_from = "b@contoso.test"\nsmtp = "localhost"\nsmtp_port = {port}\nsmtp_username = "svc-readiness"\n',
            encoding="utf-8",
        )
        variables = {
            "HOOK": f"{receiver.origin}/{HOOK}",
            "TEAMS": f"{receiver.origin}/workflows/x/invoke?sp=%2Ftriggers&sig={SIGNATURE}",
            "READINESS_SMTP_PASSWORD": PASSWORD,
        }
        said = ("--debug", "--log-file", "job.log")
        now = case("ready").evidence.finished.isoformat()
        assess = ("assess", "evidence.json", "--now", now, *said)
        ran = [program(*assess, variables=variables), program("notify", "--test", *said)]
        (tmp_path / "evidence.json").write_text("{", encoding="utf-8")
        ran.append(program(*assess))
    assert [one.code for one in ran] == ([5, 0, 2] if step == answer(202) else [5, 5, 2])
    assert receiver.heard
    places = {
        f"{n} {name}": text.encode() for n, one in enumerate(ran) for name, text in (("out", one.out), ("err", one.err))
    }
    places |= {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "ca.pem"}
    places |= {"history": usual_place().read_bytes(), "log": "\n".join(records.said).encode()}
    places |= {f"message {n}": one.body for n, one in enumerate(receiver.heard)}
    places |= {f"mail {n}": bytes(one) for n, one in enumerate(box.mails)}
    assert len(places) > 10
    assert found_in(places, SECRETS) == []
