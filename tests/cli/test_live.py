"""The live line: what is waited for, in words; on a terminal only, never wider than it, and gone in the end."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness.cli.live import LIVE, cut
from readiness.cli.logs import Above
from readiness.cli.progress import Progress, in_words
from readiness.model.facts import FACTS, Fact
from readiness.model.reading import Reading
from readiness.model.words import Reason
from tests.conftest import Estate, Program
from tests.terminal import run_at_terminal

Serve = Callable[..., Estate]
HOSTS = {"Organization": "graph.example", "EdrPolicies": "graph.example", "Collections": "cm01.example"}
READ: Reading[Fact] = Reading(
    "Organization", datetime(2026, 11, 23, tzinfo=UTC), 10.0, reason=Reason.TIMED_OUT, error="it took too long"
)


class Clock:
    """Time that passes only where the test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def progress() -> tuple[Progress, Clock]:
    clock = Clock()
    return Progress(HOSTS, clock), clock


def test_the_line_tells_how_many_were_read_and_what_is_read_now() -> None:
    line, _ = progress()
    assert line.line() == "0 of 3 read"
    line("Organization", None)
    line("EdrPolicies", None)
    assert line.line() == "0 of 3 read; reading organization, EDR policies"
    line("Organization", READ)
    assert line.line() == "1 of 3 read; reading EDR policies"


def test_after_10_seconds_on_one_reading_the_line_says_which_and_from_where() -> None:
    """The longest first; what is not slow is left out."""
    line, clock = progress()
    line("Collections", None)
    clock.now += 4
    line("EdrPolicies", None)
    clock.now += 5.9
    line("Organization", None)
    assert line.line().startswith("0 of 3 read; reading collections, EDR policies, organization")
    clock.now += 0.1
    assert line.line() == "waiting 10 s for collections from cm01.example; 0 of 3 read"
    clock.now += 4
    both = "collections from cm01.example, EDR policies from graph.example"
    assert line.line() == f"waiting 14 s for {both}; 0 of 3 read"


def test_facts_are_called_as_people_call_them() -> None:
    assert in_words("CoManagementPolicies") == "co-management policies"
    assert in_words("IntuneSubscription") == "Intune subscription"
    assert in_words("DNSRecords") == "dns records"
    for fact in FACTS:
        assert in_words(fact.__name__).replace(" ", "").replace("-", "").lower() == fact.__name__.lower()


def test_a_line_is_cut_where_the_terminal_ends() -> None:
    assert cut("reading", 7) == "reading"
    assert cut("reading one", 9) == "reading…"
    assert cut("reading one", 10, "...") == "reading..."
    assert cut("東京東京", 6) == "東京…"


class Terminal(io.StringIO):
    """A terminal that remembers what it was sent."""

    encoding = "ascii"

    def isatty(self) -> bool:
        return True


def test_the_line_makes_room_for_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name holds cannot steer, and where nothing is shown nothing is erased."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    LIVE.clear()
    assert terminal.getvalue() == ""
    LIVE.show("waiting for \x1b[2J")
    LIVE.clear()
    LIVE.clear()
    assert terminal.getvalue() == "\r\x1b[2Kwaiting for \\u001b[2J\r\x1b[2K"


def test_a_terminal_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Terminal):
        def write(self, text: str, /) -> int:
            raise OSError(5, text)

    monkeypatch.setattr(sys, "stderr", Gone())
    with LIVE.during("starting"):
        pass


def test_a_terminal_that_cannot_be_written_over_has_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not LIVE.possible
    monkeypatch.setenv("TERM", "xterm")
    assert LIVE.possible


def scan(served: Estate) -> list[str]:
    return [sys.executable, "-m", "readiness", "scan", "--config", str(served.config), "--format", "none"]


def test_on_a_terminal_it_is_shown_and_taken_away(tmp_path: Path, estate: Serve) -> None:
    served = estate(latency_seconds=0.1)
    shown = run_at_terminal(scan(served), tmp_path, served.secrets, width=40)
    assert shown.code == 0
    assert shown.left == ["exit 0: ready", ""]
    assert any("read; reading" in line and line.endswith("…") for line in shown.drawn)
    assert all(len(line) + len("^C") < 40 for line in shown.drawn)
    assert "\x1b" not in shown.out


def test_ctrl_c_while_reading_leaves_a_clean_line(tmp_path: Path, estate: Serve) -> None:
    served = estate(latency_seconds=0.5)
    shown = run_at_terminal(scan(served), tmp_path, served.secrets, interrupt_at="; reading")
    assert (shown.code, shown.out) == (130, "")
    assert shown.left == ["", "exit 130: interrupted", ""]  # the first is where the terminal shows ^C


def test_what_is_logged_meanwhile_stands_on_lines_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    LIVE.show("reading")
    Above(terminal).handle(logging.makeLogRecord({"msg": "a plugin is skipped"}))
    assert terminal.getvalue() == "\r\x1b[2Kreading\r\x1b[2Ka plugin is skipped\n"


def test_where_there_is_no_terminal_there_is_nothing_of_it(program: Program, estate: Serve) -> None:
    served = estate()
    for option in ("--quiet", "--json"):
        ran = program("scan", "--config", str(served.config), "--format", "none", option, variables=served.secrets)
        assert ran.err == "exit 0: ready\n"
