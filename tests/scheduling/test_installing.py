"""Installing and removing: all or nothing, twice the same, and never what is not ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.scheduling import cron, crontab, systemd, task, windows
from readiness.scheduling.job import ScheduleError
from readiness.scheduling.running import Done, run
from tests import needed
from tests.scheduling.jobs import Notes, job

REFUSED = Done(1, b"", "Access denied\n")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_systemd_gets_both_units_and_starts_the_timer(tmp_path: Path) -> None:
    notes = Notes()
    systemd.install(job(), str(tmp_path), notes)
    assert names(tmp_path) == ["readiness.service", "readiness.timer"]
    assert notes.calls == [
        "systemctl daemon-reload",
        "systemctl enable readiness.timer",
        "systemctl restart readiness.timer",
    ]
    assert (tmp_path / "readiness.service").stat().st_mode & 0o777 == 0o644


def test_installing_twice_is_installing_once_and_a_change_takes_its_place(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    first = (tmp_path / "readiness.timer").read_bytes()
    systemd.install(job(), str(tmp_path), Notes())
    assert (tmp_path / "readiness.timer").read_bytes() == first
    systemd.install(job(zone="UTC"), str(tmp_path), Notes())
    assert b"06:00:00 UTC" in (tmp_path / "readiness.timer").read_bytes()
    assert names(tmp_path) == ["readiness.service", "readiness.timer"]


@pytest.mark.parametrize("step", ["daemon-reload", "enable", "restart"])
def test_a_step_that_fails_leaves_no_unit(step: str, tmp_path: Path) -> None:
    notes = Notes({f"systemctl {step}": REFUSED})
    with pytest.raises(ScheduleError, match="Access denied"):
        systemd.install(job(), str(tmp_path), notes)
    assert names(tmp_path) == []
    assert notes.calls[-2:] == ["systemctl disable --now readiness.timer", "systemctl daemon-reload"]


def test_a_step_that_fails_leaves_the_former_job_as_it_was(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    notes = Notes({"systemctl enable": REFUSED})
    with pytest.raises(ScheduleError):
        systemd.install(job(zone="UTC", account="svc"), str(tmp_path), notes)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not [call for call in notes.calls if "disable" in call]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    notes = Notes()
    with pytest.raises(ScheduleError, match=r"readiness\.service: cannot be"):
        systemd.install(job(), str(tmp_path / "file"), notes)


def test_a_unit_of_somebody_else_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "readiness.timer").write_text("[Timer]\nOnCalendar=daily\n", encoding="utf-8")
    notes = Notes()
    with pytest.raises(ScheduleError, match="not ours"):
        systemd.install(job(), str(tmp_path), notes)
    with pytest.raises(ScheduleError, match="not ours"):
        systemd.remove("readiness", str(tmp_path), per_user=False, run=notes)
    assert notes.calls == []
    assert names(tmp_path) == ["readiness.timer"]


def test_the_job_of_another_configuration_is_not_replaced(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    with pytest.raises(ScheduleError, match=r"is the job of /srv/readiness/readiness\.toml.*--name"):
        systemd.install(job(configuration="/srv/b/readiness.toml"), str(tmp_path), Notes())
    systemd.install(job(name="readiness-b", configuration="/srv/b/readiness.toml"), str(tmp_path), Notes())
    assert len(names(tmp_path)) == 4


def test_units_that_were_saved_by_hand_below_their_paths_are_known(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    for path in tmp_path.iterdir():
        path.write_text(f"# {path}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    assert len(systemd.remove("readiness", str(tmp_path), per_user=False, run=Notes())) == 2


def test_removing_stops_the_timer_first_and_takes_only_ours(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    systemd.install(job(name="readiness-b"), str(tmp_path), Notes())
    notes = Notes()
    done = systemd.remove("readiness", str(tmp_path), per_user=True, run=notes)
    assert names(tmp_path) == ["readiness-b.service", "readiness-b.timer"]
    assert notes.calls == ["systemctl --user disable --now readiness.timer", "systemctl --user daemon-reload"]
    assert [line.split("/")[-1] for line in done] == ["readiness.timer", "readiness.service"]
    assert systemd.remove("readiness", str(tmp_path), per_user=True, run=notes) == []


def test_a_timer_that_cannot_be_stopped_keeps_its_units(tmp_path: Path) -> None:
    systemd.install(job(), str(tmp_path), Notes())
    with pytest.raises(ScheduleError, match="disable"):
        systemd.remove("readiness", str(tmp_path), per_user=False, run=Notes({"systemctl disable": REFUSED}))
    assert len(names(tmp_path)) == 2


NO_TABLE = Done(1, b"", "no crontab for root\n")


def test_cron_gets_the_whole_table_with_the_block_at_its_end() -> None:
    notes = Notes({"crontab -l": Done(0, b"5 4 * * * caf\xe9\n", "")})
    cron.install(job(), notes)
    assert notes.given[-1] == b"5 4 * * * caf\xe9\n" + crontab.block(job()).encode()
    assert notes.calls[-1] == "crontab -"


def test_a_table_that_cannot_be_read_is_never_written() -> None:
    notes = Notes({"crontab -l": Done(1, b"", "crontab: can't open: Permission denied")})
    with pytest.raises(ScheduleError, match="Permission denied"):
        cron.install(job(), notes)
    assert notes.calls == ["crontab -l"]


def test_the_table_of_another_account_is_asked_for_by_name() -> None:
    notes = Notes({"crontab -u svc -l": NO_TABLE})
    cron.install(job(account="svc"), notes)
    assert notes.calls == ["crontab -u svc -l", "crontab -u svc -"]


def test_a_table_that_has_the_job_already_is_left_alone() -> None:
    notes = Notes({"crontab -l": Done(0, crontab.block(job()).encode(), "")})
    cron.install(job(), notes)
    assert notes.calls == ["crontab -l"]


@pytest.fixture
def table() -> Iterator[list[str]]:
    """The real table of an account that has none of its own, by the program that keeps it; emptied afterwards."""
    needed.which("crontab", package="cron")
    if os.geteuid() != 0:
        pytest.skip("needs root: no test touches the table of whoever runs it")
    crontab_ = ["crontab", "-u", "nobody"]
    if subprocess.run([*crontab_, "-l"], capture_output=True, check=False).returncode == 0:
        pytest.skip("nobody has a table already")
    subprocess.run([*crontab_, "-"], input=b"# mine\n1 2 3 4 * true\n", check=True)
    yield crontab_
    subprocess.run([*crontab_, "-r"], capture_output=True, check=False)


@pytest.mark.real
def test_cron_itself_takes_the_job_and_gives_the_table_back_without_it(table: list[str]) -> None:
    made = job(account="nobody", folder="/srv/50% of it's", env_file="/etc/ä.env")
    for _ in range(2):
        cron.install(made)
        assert run([*table, "-l"]).out.decode() == "# mine\n1 2 3 4 * true\n" + crontab.block(made)
    assert cron.remove("readiness", "nobody") == ["took the job readiness out of the table of nobody"]
    assert run([*table, "-l"]).out == b"# mine\n1 2 3 4 * true\n"
    assert cron.remove("readiness", "nobody") == []


@pytest.mark.real
def test_without_any_table_cron_gets_one(table: list[str]) -> None:
    run([*table, "-r"])
    made = job(account="nobody")
    cron.install(made)
    assert run([*table, "-l"]).out.decode() == crontab.block(made)


@pytest.mark.real
def test_what_cron_refuses_leaves_the_table_as_it_was(table: list[str]) -> None:
    """A line that cron finds wrong: it takes the whole table or nothing of it."""
    from datetime import time

    class Late(time):
        minute = 61

    before = run([*table, "-l"]).out
    with pytest.raises(ScheduleError, match=r"bad minute.*the table is as it was"):
        cron.install(job(account="nobody", at=Late(6, 0)))
    assert run([*table, "-l"]).out == before


UNKNOWN = Done(1, b"", "ERROR: The system cannot find the file specified.")


def of_ours() -> Done:
    return Done(0, task.files(job())[0].text.encode(), "")


def test_windows_is_given_a_file_and_no_password_for_an_account_without_one() -> None:
    notes = Notes({"schtasks /Query": UNKNOWN})
    windows.install(job(account="CONTOSO\\gmsa$"), notes)
    assert notes.calls[1].startswith("schtasks /Create /TN readiness /XML ")
    assert notes.calls[1].endswith("/RU CONTOSO\\gmsa$ /RP ")
    windows.install(job(), notes)
    assert "/RU" not in notes.calls[3]
    assert "/F" not in notes.calls[3].split()


def test_a_task_of_ours_is_replaced_and_one_of_others_is_not() -> None:
    notes = Notes({"schtasks /Query": of_ours()})
    windows.install(job(), notes)
    assert notes.calls[1].endswith(" /F")
    with pytest.raises(ScheduleError, match="is the job of"):
        windows.install(job(configuration="C:\\b.toml"), notes)
    theirs = Notes({"schtasks /Query": Done(0, b"<Task><Description>x</Description></Task>", "")})
    with pytest.raises(ScheduleError, match="not ours"):
        windows.install(job(), theirs)
    with pytest.raises(ScheduleError, match="not ours"):
        windows.remove("readiness", run=theirs)
    assert len(theirs.calls) == 2


def test_a_task_is_known_by_its_mark_in_any_encoding() -> None:
    made = job(configuration="C:\\Söhne & <a>.toml")
    for encoding in ("utf-16", "utf-8"):
        notes = Notes({"schtasks /Query": Done(0, task.files(made)[0].text.encode(encoding), "")})
        windows.install(made, notes)
        assert len(notes.calls) == 2


def test_a_password_is_never_asked_for() -> None:
    notes = Notes()
    with pytest.raises(ScheduleError, match="gMSA"):
        windows.install(job(account="CONTOSO\\svc"), notes)
    assert notes.calls == []


def test_removing_a_task_says_whether_there_was_one() -> None:
    notes = Notes({"schtasks /Query": of_ours()})
    assert windows.remove("readiness", run=notes) == ["deleted the task readiness"]
    assert notes.calls[-1] == "schtasks /Delete /TN readiness /F"
    assert windows.remove("readiness", run=Notes({"schtasks /Query": UNKNOWN})) == []


def test_a_program_that_is_not_here_is_named() -> None:
    with pytest.raises(ScheduleError, match="no-such-program-of-ours"):
        run(["no-such-program-of-ours"])
