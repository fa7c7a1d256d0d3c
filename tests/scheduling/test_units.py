"""The units of systemd: systemd itself takes them, they may do little, and every path comes out as it went in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.errors import ConfigurationError
from readiness.scheduling import units
from readiness.scheduling.job import Job
from tests.scheduling.jobs import job


def analyze(folder: Path, job_: Job, *words: str) -> subprocess.CompletedProcess[str]:
    made = [folder / Path(file.path).name for file in units.files(job_, str(folder))]
    for path, file in zip(made, units.files(job_, str(folder)), strict=True):
        path.write_bytes(file.content)
    asked = made if words[0] == "verify" else made[:1]
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words, *map(str, asked)], capture_output=True, encoding="utf-8", check=False
    )


ODD = '/srv/50% of $HOME\\ "it\'s" här; a'
JOBS = {
    "plain": job(),
    "all": job(account="svc-readiness", env_file="/etc/readiness 100%.env", zone="Europe/Berlin", writes=("/srv/r r",)),
    "odd": job(
        folder=ODD, configuration=f"{ODD}/readiness.toml", command=("/opt/%h x/run", "scan", ODD, ";", "", "$$")
    ),
    "home": job(folder="/home/svc/readiness"),
    "user": job(per_user=True),
}


@pytest.mark.real
@pytest.mark.usefixtures("systemd_analyze")
@pytest.mark.parametrize("which", JOBS)
def test_systemd_finds_nothing_wrong_with_the_units(which: str, tmp_path: Path) -> None:
    program = tmp_path / "100% $x" / "run me"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    one = JOBS[which]
    done = analyze(tmp_path, job(**{**fields(one), "command": (str(program), *one.command[1:])}), "verify", "--man=no")
    assert (done.returncode, done.stderr) == (0, "")


def fields(one: Job) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


@pytest.mark.real
@pytest.mark.usefixtures("systemd_analyze")
def test_systemd_would_tell_of_a_line_that_it_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_SANDBOX", "NoNewPrivilege=yes\n")
    said = analyze(tmp_path, job(command=(sys.executable,)), "verify", "--man=no").stderr
    assert "NoNewPrivilege" in said


@pytest.mark.real
@pytest.mark.usefixtures("systemd_analyze")
@pytest.mark.parametrize("which", ["plain", "all"])
def test_systemd_grades_the_service_as_little_exposed(which: str, tmp_path: Path) -> None:
    """Ten is an ordinary service, below two it says OK; 20 is 2.0."""
    done = analyze(tmp_path, JOBS[which], "security", "--offline=true", "--threshold=20")
    assert done.returncode == 0, done.stdout[-300:]


def words_of(line: str) -> list[str]:
    """What systemd makes of a line of words, by systemd.syntax(7): quotes, backslashes, then `%%` and `$$`."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    return [re.sub(r"\\(.)", r"\1", quoted or plain).replace("%%", "%") for quoted, plain in found]


def value(text: str, key: str) -> str:
    return next(line.removeprefix(f"{key}=") for line in text.splitlines() if line.startswith(f"{key}="))


def test_every_word_of_the_command_comes_out_as_it_went_in() -> None:
    program, *rest = words_of(value(units.service(JOBS["odd"]), "ExecStart"))
    assert (program, *(word.replace("$$", "$") for word in rest)) == JOBS["odd"].command


def test_paths_on_lines_of_their_own_are_not_quoted_and_keep_percent_signs() -> None:
    text = units.service(JOBS["all"])
    assert value(text, "EnvironmentFile") == "/etc/readiness 100%%.env"
    assert value(text, "ReadWritePaths") == '"/srv/r r"'


def test_the_verdicts_of_a_scan_are_no_failure_of_the_unit_and_failures_are() -> None:
    assert value(units.service(job()), "SuccessExitStatus").split() == ["3", "4", "5", "130"]


def test_history_and_logs_lie_where_the_sandbox_lets_them() -> None:
    text = units.service(job(name="readiness-b"))
    assert value(text, "StateDirectory").split()[0] == "readiness-b"
    assert "XDG_DATA_HOME=/var/lib/readiness-b" in value(text, "Environment")
    assert "ProtectSystem=strict" in text


def test_without_an_account_one_is_made_for_the_job() -> None:
    assert "DynamicUser=yes" in units.service(job())
    assert "User=svc" in units.service(job(account="svc")).splitlines()


def test_homes_are_hidden_unless_the_job_needs_something_there() -> None:
    assert value(units.service(job()), "ProtectHome") == "yes"
    assert value(units.service(job(reads=("/home/a/venv",))), "ProtectHome") == "read-only"
    assert value(units.service(job(writes=("/var/tmp",))), "PrivateTmp") == "no"  # noqa: S108


def test_a_unit_of_a_user_asks_for_nothing_that_only_the_system_may() -> None:
    text = units.service(job(per_user=True))
    assert not re.search("^(Protect|Private|Capability|StateDirectory|User|DynamicUser)", text, re.MULTILINE)
    assert "NoNewPrivileges=yes" in text


def test_the_timer_makes_up_for_a_missed_night_on_the_clock_that_was_named() -> None:
    text = units.timer(job(zone="Europe/Berlin"))
    assert value(text, "OnCalendar") == "*-*-* 06:00:00 Europe/Berlin"
    assert value(text, "Persistent") == "true"
    assert value(units.timer(job()), "OnCalendar") == "*-*-* 06:00:00"


@pytest.mark.parametrize(
    "bad", [{"folder": "/srv/x\\"}, {"folder": "/srv/x "}, {"env_file": "/etc/*.env"}, {"account": "a b\nUser=root"}]
)
def test_what_a_unit_cannot_hold_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        units.service(job(**bad))
