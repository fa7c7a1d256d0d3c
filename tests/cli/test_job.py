"""A scan as a job, as a real process: one at a time, stopped without losing what it has, and never asking anybody."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from readiness.evidence import load
from readiness.lab import Lab, load_scenario
from tests.conftest import Estate

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")

SECONDS = 30.0
"""A whole scan, on a machine that is busy."""
STOPPED = "stopped by SIGTERM"


@dataclass
class Nightly:
    """A job that reads an estate of which the site takes every connection, and never answers."""

    estate: Estate
    site: socket.socket
    environment: Mapping[str, str]
    stack: ExitStack
    place: Path
    held: list[socket.socket] = field(default_factory=list)

    def begin(self, *options: str, **how: Any) -> subprocess.Popen[str]:
        """Start it, and come back when it reads."""
        child = self.start(*options, **how)
        self.held.append(self.stack.enter_context(self.site.accept()[0]))
        return child

    def start(self, *options: str, **how: Any) -> subprocess.Popen[str]:
        given = ["scan", "--quiet", "--output", "out"] if options[0] != "collect" else []
        command = [sys.executable, "-m", "readiness", *given, *options, *self.common]
        child = subprocess.Popen(
            command,
            cwd=self.place,
            env=self.environment,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **how,
        )
        self.stack.enter_context(child)
        self.stack.callback(child.kill)
        return child

    def answering(self, *options: str) -> subprocess.Popen[str]:
        """A job of the same estate, whose site answers."""
        self.environment = {name: of for name, of in self.environment.items() if name != "READINESS_SITE_PORT"}
        return self.start(*options)

    @property
    def common(self) -> list[str]:
        return ["--config", str(self.estate.config), "--timeout", "600"]

    def report(self) -> dict[str, Any]:
        (file,) = (self.place / "out").glob("*.json")
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found


def ended(child: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and the last line on standard error."""
    _, said = child.communicate(timeout=SECONDS)
    return child.returncode, said.splitlines()[-1]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(load_scenario("ready")) as lab:
        yield lab


@pytest.fixture
def nightly(lab: Lab, tmp_path: Path) -> Iterator[Nightly]:
    lab.write(tmp_path, "winrm")
    estate = Estate(lab, tmp_path)
    with ExitStack() as stack:
        site = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        site.settimeout(SECONDS)
        variables = {**os.environ, **estate.secrets, "READINESS_SITE_PORT": str(site.getsockname()[1])}
        yield Nightly(estate, site, variables, stack, tmp_path)


def test_sigterm_writes_what_there_is_marked_partial(nightly: Nightly) -> None:
    child = nightly.begin("--format", "json,html,markdown,junit,summary,plain,jsonl,csv,prometheus")
    child.send_signal(signal.SIGTERM)
    code, why = ended(child)
    assert (code, why.endswith(f"; {STOPPED}: the report is partial")) == (5, True), why
    report = nightly.report()
    assert (report["run"]["stopped"], report["decision"]["state"]) == (STOPPED, "undetermined")
    assert report["decision"]["sentence"].endswith(f" Partial: {STOPPED}.")
    cut = [one for one in report["readings"] if one["reason"] == "timed-out"]
    assert {one["error"] for one in cut} == {f"the run ended before this was read: {STOPPED}"}
    for file in (nightly.place / "out").iterdir():
        if file.suffix not in (".csv", ".prom", ".jsonl"):
            assert STOPPED in file.read_text(encoding="utf-8"), file.name


def test_two_at_once_one_runs_and_one_says_so_and_the_next_one_runs_again(nightly: Nightly) -> None:
    first = nightly.begin("--format", "json")
    second = nightly.start("--format", "json")
    out, said = second.communicate(timeout=SECONDS)
    error, why = said.splitlines()[-2:]
    assert (second.returncode, out) == (5, "")
    assert f"another run of this estate is under way (process {first.pid} on " in error
    assert why == "exit 5: another run of this estate is under way; nothing was read"
    assert not (nightly.place / "out").exists() or not list((nightly.place / "out").iterdir())
    first.send_signal(signal.SIGTERM)
    assert ended(first)[0] == 5
    assert ended(nightly.answering("--format", "none")) == (0, "exit 0: ready")


def test_a_partial_run_is_no_measure_and_a_killed_one_is_no_obstacle(nightly: Nightly) -> None:
    """Whole, cut, killed, whole: the last is held against the first, and says what became of the third."""
    stuck = nightly.environment
    assert ended(nightly.answering("--format", "none")) == (0, "exit 0: ready")
    nightly.environment = stuck
    for how, code in ((signal.SIGHUP, 5), (signal.SIGKILL, -signal.SIGKILL)):
        child = nightly.begin("--format", "none")
        child.send_signal(how)
        assert child.wait(SECONDS) == code
    last = nightly.answering("--format", "none")
    _, said = last.communicate(timeout=SECONDS)
    assert "did not end by itself: it was killed, or the machine went down" in said
    told = subprocess.run(
        [sys.executable, "-m", "readiness", "history", "--json"],
        cwd=nightly.place, env=nightly.environment, capture_output=True, check=True,
    )  # fmt: skip
    runs = json.loads(told.stdout)["runs"]
    assert [run["whole"] for run in sorted(runs, key=lambda run: run["judged"])] == [True, False, True]
    diff = subprocess.run(
        [sys.executable, "-m", "readiness", "diff", "--json"],
        cwd=nightly.place, env=nightly.environment, capture_output=True, check=False,
    )  # fmt: skip
    assert (diff.returncode, json.loads(diff.stdout)["differences"]) == (0, [])


def test_the_deadline_of_the_job_ends_the_reading_and_what_there_is_is_written(nightly: Nightly) -> None:
    child = nightly.begin("--format", "json", "--deadline", "8")
    code, why = ended(child)
    assert (code, why) == (5, _cut_by_deadline(nightly.report()))


def _cut_by_deadline(report: Mapping[str, Any]) -> str:
    """The exit line of such a report."""
    assert report["run"]["stopped"] == "stopped by the deadline of the job"
    open_ = report["decision"]["sentence"].split(", but ")[1].split(";")[0]
    return f"exit 5: {open_}; stopped by the deadline of the job: the report is partial"


def test_telling_that_it_failed_is_within_the_time_of_the_job_too(nightly: Nightly) -> None:
    """To a receiver that never answers, which may take a minute by its own time."""
    with nightly.estate.config.open("a", encoding="utf-8") as file:
        file.write('\n[notify]\nwebhook_env = "HOOK"\n')
    hook = f"http://127.0.0.1:{nightly.site.getsockname()[1]}/"
    nightly.environment = {**nightly.environment, "HOOK": hook}
    child = nightly.start("--format", "none", "--against", "gone.json", "--deadline", "4")
    code, why = ended(child)
    assert (code, why.partition("; the notification ")[2]) == (2, "was not delivered (webhook)"), why


class Receiver(BaseHTTPRequestHandler):
    """Takes each message."""

    taken: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen of the tests."""


def test_people_are_told_of_a_job_that_hangs_though_nobody_reads_its_output(nightly: Nightly) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    nightly.stack.enter_context(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nightly.stack.callback(server.shutdown)
    with nightly.estate.config.open("a", encoding="utf-8") as file:
        file.write('\n[notify]\nwebhook_env = "HOOK"\n')
    nightly.environment = {**nightly.environment, "HOOK": f"http://127.0.0.1:{server.server_port}/"}
    child = nightly.answering("--format", "none", "--json", "--deadline", "8")
    assert child.wait(SECONDS) == 1
    (message,) = Receiver.taken
    words = "the deadline of the job (8 seconds) passed before everything was written"
    assert (message["kind"], message["exit_code"], message["why"]) == ("failed", 1, words)
    assert child.communicate()[1].splitlines()[-1] == f"exit 1: {words}"


def test_ctrl_c_writes_nothing(nightly: Nightly) -> None:
    child = nightly.begin("--format", "json")
    child.send_signal(signal.SIGINT)
    assert ended(child) == (130, "exit 130: interrupted")
    assert list((nightly.place / "out").iterdir()) == []


def test_what_nohup_has_ignored_stops_nothing(nightly: Nightly) -> None:
    child = nightly.begin("--format", "none", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    child.send_signal(signal.SIGHUP)
    child.send_signal(signal.SIGTERM)
    assert ended(child)[1].endswith(f"{STOPPED}: the report is partial")


def test_every_line_of_the_log_tells_when_in_utc_and_of_which_run(nightly: Nightly) -> None:
    nightly.environment = {**nightly.environment, "TZ": "Asia/Kolkata"}
    child = nightly.begin("--format", "json,markdown,html", "--log-file", "job.log")
    child.send_signal(signal.SIGTERM)
    assert ended(child)[0] == 5
    run = nightly.report()["run"]
    lines = (nightly.place / "job.log").read_text(encoding="utf-8").splitlines()
    form = re.compile(rf"(\S+Z) [A-Z]+ \[{run['log']}\] readiness\S*: .*")
    moments = [datetime.fromisoformat(found[1]) for line in lines if (found := form.fullmatch(line))]
    assert len(moments) == len(lines) > 3
    assert all(abs(moment - datetime.now(UTC)) < timedelta(minutes=5) for moment in moments)
    assert any(f"run {run['id']}: Not determined" in line for line in lines)
    assert "exit 5: " in lines[-1]
    (written,) = (nightly.place / "out").glob("*.md")
    assert run["log"] in written.read_text(encoding="utf-8")


def test_a_log_on_a_full_disk_changes_no_verdict(nightly: Nightly) -> None:
    child = nightly.answering("--format", "none", "--log-file", "/dev/full")
    _, said = child.communicate(timeout=SECONDS)
    assert child.returncode == 0
    assert said.splitlines()[-2:] == ["Warning: the log is not whole: No space left on device", "exit 0: ready"]


def test_where_no_lock_can_be_it_says_so_and_reads(nightly: Nightly) -> None:
    (nightly.place / "state").write_text("no folder", encoding="utf-8")
    nightly.environment = {**nightly.environment, "XDG_STATE_HOME": str(nightly.place / "state")}
    child = nightly.answering("--format", "none")
    _, said = child.communicate(timeout=SECONDS)
    assert child.returncode == 0
    assert "Warning: another run at the same time would not be noticed: " in said


def test_evidence_that_is_collected_is_not_lost_either(nightly: Nightly) -> None:
    child = nightly.begin("collect", "-o", "evidence.json")
    child.send_signal(signal.SIGTERM)
    code, why = ended(child)
    assert (code, why.startswith("exit 5: partial: ")) == (5, True), why
    found = load(nightly.place / "evidence.json")
    assert (found.stopped, found.partial) == (STOPPED, True)
