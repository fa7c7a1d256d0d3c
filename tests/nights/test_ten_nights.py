"""Ten nights through the real command line: over sockets to an estate that changes, told to a real receiver."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.history import usual_place
from readiness.history.store import Store
from readiness.notification import sending
from tests.conftest import Estate, Program, Ran
from tests.notification.receivers import Receiver

FOLDER = "reports-of-the-night"
URL = "READINESS_WEBHOOK_URL"
NIGHTS = (
    "ready", "ready", "almost-ready", "almost-ready", "no site", "no site", "almost-ready", "ready",
    "no-defender", "no-defender",
)  # fmt: skip
"""Which estate answers. The site does not answer for two nights while something is wrong already."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(sending, "WAITS", (0.01, 0.01))
    with Receiver() as started:
        yield started


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def port_of(served: Estate) -> str:
    text = served.config.read_text(encoding="utf-8")
    return next(line for line in text.partition("[site]")[2].splitlines() if line.startswith("port"))


@pytest.fixture
def estates(estate: Callable[..., Estate]) -> dict[str, Estate]:
    """One estate as it changes: the same tenant and site, each time with something else in them."""
    served = {name: estate(name) for name in ("ready", "almost-ready", "no-defender")}
    for one in served.values():
        text = one.config.read_text(encoding="utf-8")
        one.config.write_text(f'{text}\n[notify]\nwebhook_env = "{URL}"\n', encoding="utf-8")
    return served


def told(message: dict[str, Any]) -> dict[str, str]:
    """The checks that a message speaks of, and what became of each."""
    return {one["id"]: one["difference"] for one in message["differences"] if one["what"] == "check"}


def test_each_change_arrives_once(program: Program, estates: dict[str, Estate], receiver: Receiver) -> None:
    after: list[int] = []
    good: list[float] = []
    for name in NIGHTS:
        ran = scan(program, estates, name, receiver)
        assert ran.code in (0, 3, 5), ran.err
        assert "Warning: not notified" not in ran.err
        after.append(len(receiver.messages))
        good += [last_run()] if name == "ready" else []
        assert last_success() == pytest.approx(good[-1], abs=0.001)
    assert after == [1, 1, 2, 2, 3, 3, 4, 5, 6, 6], [one["headline"] for one in receiver.messages]
    begun, worse, lost, back, better, broken = receiver.messages
    assert begun["kind"] == "begun"
    assert (worse["worse"], told(worse)["collections-enabled"]) == (True, "broken")
    assert told(lost)["site-reachable"] == "unverifiable"
    assert not {one["difference"] for one in lost["differences"]} & {"went", "came", "judged-otherwise"}
    assert (back["differences"], back["worse"]) == ([], False)
    assert "site-reachable" in {one["id"] for one in back["recovered"]}
    assert (better["worse"], told(better)["collections-enabled"]) == (False, "repaired")
    assert told(broken) == {
        "defender-connected": "broken", "defender-heartbeat": "unverifiable", "edr-policy-onboards": "unverifiable",
    }  # fmt: skip
    runs = Store(usual_place()).runs()
    assert [run.whole for run in reversed(runs)] == [name != "no site" for name in NIGHTS]


def metric(name: str) -> float:
    """Of the file that a collector finds after a night."""
    (file,) = Path(FOLDER).glob("*.prom")
    (line,) = (line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name}{{"))
    return float(line.rpartition(" ")[2])


def last_run() -> float:
    return metric("readiness_last_run_timestamp_seconds")


def last_success() -> float:
    return metric("readiness_last_success_timestamp_seconds")


def scan(program: Program, estates: dict[str, Estate], name: str, receiver: Receiver) -> Ran:
    served = estates.get(name) or estates["almost-ready"]
    config = served.config
    if name not in estates:
        config = config.with_name("silent.toml")
        text = served.config.read_text(encoding="utf-8")
        config.write_text(text.replace(port_of(served), f"port = {closed_port()}"), encoding="utf-8")
    variables = {**served.secrets, URL: f"{receiver.origin}/hook"}
    return program(
        "scan", "--config", str(config), "--quiet", "--no-input", "--format", "json,prometheus", "--output", FOLDER,
        variables=variables,
    )  # fmt: skip
