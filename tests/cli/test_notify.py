"""A job tells: once what changed, nothing when nothing did; and whatever becomes of it, the verdict stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness import evidence as bodies
from readiness.history import usual_place
from readiness.model.reading import Evidence
from readiness.notification import sending
from tests.conftest import Estate, Program, Ran
from tests.notification.receivers import MailBox, Receiver, answer, mail_server
from tests.properties.estates import read as case

URL = "READINESS_WEBHOOK_URL"
SECRET = "s3cret-that-nobody-may-see"
Night = Callable[..., Ran]
Serve = Callable[..., Receiver]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a receiver without TLS, on this machine."""
    with ExitStack() as stack:
        yield lambda *steps: stack.enter_context(Receiver(*steps))


@pytest.fixture
def night(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Judges a simulated estate as it was read, so many days later: `night("ready", 3)`; told to a webhook."""
    monkeypatch.setattr(sending, "WAITS", (0.01, 0.01))
    (tmp_path / "readiness.toml").write_text(f'[notify]\nwebhook_env = "{URL}"\n', encoding="utf-8")

    def assess(scenario: str, days: float, receiver: Receiver | None, *options: str) -> Ran:
        file = tmp_path / f"{scenario}-{days}.json"
        evidence = later(case(scenario).evidence, timedelta(days=days))
        bodies.save(evidence, file)
        now = evidence.finished.isoformat()
        url = f"{receiver.origin}/{SECRET}?sig={SECRET}" if receiver is not None else ""
        quiet = ("--format", "json", "--quiet", "--now", now)
        return program("assess", str(file), *quiet, *options, variables={URL: url})

    return assess


def later(evidence: Evidence, by: timedelta) -> Evidence:
    """The same, read later."""
    readings = tuple(replace(one, started=one.started + by) for one in evidence.readings)
    return replace(evidence, started=evidence.started + by, finished=evidence.finished + by, readings=readings)


def kinds(receiver: Receiver) -> list[str]:
    return [one["kind"] for one in receiver.messages]


def test_the_first_night_and_each_change_are_told_once(night: Night, serve: Serve) -> None:
    receiver = serve()
    for days, scenario in enumerate(["ready", "ready", "almost-ready", "almost-ready", "ready", "ready"]):
        ran = night(scenario, days / 10, receiver)
        assert SECRET not in ran.out + ran.err
    assert kinds(receiver) == ["begun", "changed", "changed"]
    worse, better = receiver.messages[1:]
    assert (worse["worse"], worse["state"], worse["exit_code"]) == (True, "undetermined", 5)
    assert worse["tasks"][0]["owner"]
    assert worse["tasks"][0]["checks"]
    assert [Path(file).suffix for file in worse["files"]] == [".json"]
    assert (better["worse"], better["state"], better["exit_code"]) == (False, "undetermined", 5)
    assert worse["key"] != better["key"]


def test_what_is_not_delivered_is_in_the_exit_line_and_comes_late(night: Night, serve: Serve) -> None:
    broken = serve(answer(500))
    night("ready", 0, broken)
    ran = night("almost-ready", 0.1, broken)
    assert ran.code == 5
    assert (
        ran.err.splitlines()[-1]
        == "exit 5: 3 blockers could not be verified; the notification was not delivered (webhook)"
    )
    assert f"Warning: not notified over webhook: localhost:{broken.port} failed (500)" in ran.err
    assert SECRET not in ran.out + ran.err
    assert SECRET.encode() not in usual_place().read_bytes()
    good = serve()
    later = night("almost-ready", 0.2, good)
    assert later.err.splitlines()[-1] == "exit 5: 3 blockers could not be verified"
    assert kinds(good) == ["begun", "changed"]
    assert [one["late"]["tries"] for one in good.messages] == [2, 0]
    assert good.messages[0]["key"] == broken.messages[0]["key"]
    night("almost-ready", 0.3, good)
    assert len(good.heard) == 2


def test_no_notify_tells_nobody_and_the_next_run_makes_up_for_it(night: Night, serve: Serve) -> None:
    receiver = serve()
    night("ready", 0, receiver)
    night("almost-ready", 0.1, receiver, "--no-notify")
    assert len(receiver.heard) == 1
    night("almost-ready", 0.2, receiver)
    assert kinds(receiver) == ["begun", "changed"]


def test_a_secret_that_is_missing_is_told_before_anything_is_read(night: Night) -> None:
    ran = night("ready", 0, None)
    assert ran.code == 2
    assert "line 2: [notify] webhook_env: environment variable READINESS_WEBHOOK_URL is not set" in ran.err
    assert not usual_place().exists()


@pytest.mark.parametrize(
    "url", [f"http://contoso.test/{SECRET}", SECRET, f"https://u:{SECRET}@contoso.test/", "ftp://x"]
)
@pytest.mark.usefixtures("night")
def test_an_address_that_is_none_is_not_shown(program: Program, url: str) -> None:
    ran = program("notify", variables={URL: url})
    assert ran.code == 2
    assert "[notify] webhook_env: the variable that it names holds" in ran.err
    assert SECRET not in ran.err


def test_a_job_that_fails_is_told_once_and_that_it_runs_again(
    program: Program, night: Night, serve: Serve, tmp_path: Path
) -> None:
    receiver = serve()
    night("ready", 0, receiver)
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    for _ in range(3):
        ran = program("assess", "bad.json")
        assert (ran.code, ran.err.splitlines()[-1]) == (2, "exit 2: usage or configuration error; nothing was read")
    assert kinds(receiver) == ["begun", "failed"]
    failed = receiver.messages[1]
    assert (failed["exit_code"], failed["run"]) == (2, None)
    assert "bad.json: not a JSON document" in failed["why"]
    night("ready", 0.1, receiver)
    assert kinds(receiver) == ["begun", "failed", "changed"]
    assert [one["id"] for one in receiver.messages[2]["recovered"]] == ["job"]


def test_a_failure_that_names_another_request_each_night_is_told_once(
    program: Program, night: Night, serve: Serve, tmp_path: Path
) -> None:
    receiver = serve()
    night("ready", 0, receiver)
    for trace in ("0e5b8fa1-9c1d-4c6e-8d1e-aabbccddeeff", "ffeeddcc-bbaa-4e1d-8e6c-d1c91af8b5e0"):
        (tmp_path / "readiness.toml").write_text(
            f'[notify]\nwebhook_env = "{URL}"\n[scan]\nagainst = "{trace}"\n', encoding="utf-8"
        )
        assert program("assess", "ready-0.json").code == 2
    assert kinds(receiver) == ["begun", "failed"]


def test_a_failure_that_nobody_could_be_told_of_is_in_the_exit_line(
    program: Program, night: Night, serve: Serve, tmp_path: Path
) -> None:
    night("ready", 0, serve(answer(404)))
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    ran = program("assess", "bad.json")
    assert ran.code == 2
    last = "exit 2: usage or configuration error; nothing was read; the notification was not delivered (webhook)"
    assert ran.err.splitlines()[-1] == last


def test_a_history_that_cannot_be_used_is_said_every_time(night: Night, serve: Serve) -> None:
    receiver = serve()
    night("ready", 0, receiver)
    with closing(sqlite3.connect(usual_place())) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        from readiness.history import opening

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "BUSY_SECONDS", 0.01)
            ran = night("almost-ready", 0.1, receiver)
    assert ran.code == 5
    assert ran.err.splitlines()[-1] == "exit 5: 3 blockers could not be verified; this run is not in the history"
    assert kinds(receiver) == ["begun", "impossible"]
    assert "another program holds it" in receiver.messages[1]["why"]
    night("almost-ready", 0.2, receiver)
    assert kinds(receiver) == ["begun", "impossible", "changed"]


def test_a_history_that_was_set_aside_is_said_once(night: Night, serve: Serve) -> None:
    receiver = serve()
    night("ready", 0, receiver)
    usual_place().write_bytes(b"no database at all, but long enough to look like one" * 40)
    night("ready", 0.1, receiver)
    night("ready", 0.2, receiver)
    assert kinds(receiver) == ["begun", "impossible"]
    assert "the history was set aside, and a new one begun" in receiver.messages[1]["why"]


def test_without_the_extra_every_run_says_that_nothing_can_be_compared(
    night: Night, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from readiness import history

    monkeypatch.setattr(history, "is_available", lambda: False)
    receiver = serve()
    for days in (0, 0.1):
        assert night("ready", days, receiver).err.splitlines()[-1] == "exit 5: 3 blockers could not be verified"
    assert kinds(receiver) == ["impossible", "impossible"]
    assert "pip install" in receiver.messages[0]["why"]


@pytest.mark.usefixtures("night")
def test_a_demo_is_told_to_nobody(program: Program, serve: Serve) -> None:
    receiver = serve()
    ran = program("scan", "--demo", "ready", "--format", "none", "--quiet", variables={URL: f"{receiver.origin}/x"})
    assert (ran.code, receiver.heard) == (0, [])


def test_a_scan_of_a_configured_estate_is_told(program: Program, estate: Callable[..., Estate], serve: Serve) -> None:
    served, receiver = estate("ready"), serve()
    text = served.config.read_text(encoding="utf-8")
    served.config.write_text(f'{text}\n[notify]\nteams_env = "{URL}"\n', encoding="utf-8")
    variables = {**served.secrets, URL: f"{receiver.origin}/workflows/{SECRET}"}
    scan = ("scan", "--config", str(served.config), "--format", "none", "--quiet")
    assert program(*scan, variables=variables).code == 0
    (message,) = receiver.messages
    card = message["attachments"][0]["content"]["body"]
    assert card[0]["inlines"][0]["text"].startswith("DEMO DATA: ")
    assert program(*scan).code == 0
    assert len(receiver.heard) == 1


def test_a_narrower_run_at_the_keyboard_tells_nobody_and_leaves_the_watch_as_it_is(
    program: Program, estate: Callable[..., Estate], serve: Serve
) -> None:
    served, receiver = estate("almost-ready"), serve()
    text = served.config.read_text(encoding="utf-8")
    served.config.write_text(f'{text}\n[notify]\nwebhook_env = "{URL}"\n', encoding="utf-8")
    variables = {**served.secrets, URL: f"{receiver.origin}/x"}
    scan = ("scan", "--config", str(served.config), "--format", "none", "--quiet")
    program(*scan, variables=variables)
    for option in (("--collection", "P0100021"), ("--check", "attach-*")):
        ran = program(*scan, *option, variables=variables)
        assert f"Nobody is told of this run: {option[0]} narrows it" in ran.err
    program(*scan, variables=variables)
    assert kinds(receiver) == ["begun"]
    program(*scan, "--tag", "article", "--no-input", variables=variables)
    assert kinds(receiver) == ["begun", "begun"]


def test_a_redacted_run_tells_no_names(program: Program, night: Night, serve: Serve, tmp_path: Path) -> None:
    receiver = serve()
    for scenario, days in (("ready", 0), ("almost-ready", 0.1)):
        night(scenario, days, receiver, "--redact", "--map", "map.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    program("assess", "bad.json", "--redact")
    assert kinds(receiver) == ["begun", "changed", "failed"]
    for one in receiver.heard:
        assert b"ontoso" not in one.body
    assert [one["redacted"] for one in receiver.messages] == [True, True, True]
    assert receiver.messages[2]["host"] is None
    assert all("/" not in file for one in receiver.messages for file in one["files"])


def test_the_test_says_who_took_it(program: Program, serve: Serve, tmp_path: Path) -> None:
    good, bad, box = serve(), serve(answer(403)), MailBox()
    with mail_server(box, None) as port:
        (tmp_path / "readiness.toml").write_text(
            f'[notify]\nwebhook_env = "{URL}"\nteams_env = "TEAMS"\nmail_to = ["a@contoso.test"]\n'
            f'mail_from = "b@contoso.test"\nsmtp = "localhost"\nsmtp_port = {port}\n',
            encoding="utf-8",
        )
        addresses: dict[str, Any] = {URL: f"{good.origin}/{SECRET}", "TEAMS": f"{bad.origin}/{SECRET}"}
        ran = program("notify", "--test", variables=addresses)
    assert ran.code == 5
    lines = ran.out.splitlines()
    assert lines[0] == "webhook: accepted"
    assert lines[1].startswith(f"teams: not accepted: localhost:{bad.port} refused it (403")
    assert "mail: not accepted" in lines[2]
    assert "offers no STARTTLS" in lines[2]
    assert ran.err.splitlines()[-1] == "exit 5: 1 of 3 channels took the message"
    assert SECRET not in ran.out + ran.err
    assert kinds(good) == ["test"]
    assert "this is a test: nothing happened" in good.messages[0]["headline"]


def test_what_was_not_delivered_is_listed(program: Program, night: Night, serve: Serve) -> None:
    night("ready", 0, serve(answer(500)))
    ran = program("notify")
    assert ran.code == 0
    assert ran.out.startswith("told over: webhook\nnot delivered over webhook: the message of ")
    assert ran.out.endswith("; tried 1 times\n")


def test_without_the_section_nobody_can_be_told(program: Program) -> None:
    ran = program("notify", "--test")
    assert (ran.code, "nobody is told of anything" in ran.err) == (2, True)
