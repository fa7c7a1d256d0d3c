"""The block of cron: the shell runs what was meant, and everybody else's lines stay as they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.errors import ConfigurationError
from readiness.scheduling import crontab
from readiness.scheduling.job import ScheduleError
from tests.scheduling.jobs import job

OTHERS = "MAILTO=ops@contoso.com\n\n# nightly\n5 4 * * 0 /usr/bin/backup\n"


def command_of(block: str) -> str:
    """What cron runs: the sixth field, up to a `%` that has no backslash before it; `\\%` is `%`."""
    line = next(line for line in block.splitlines() if not line.startswith("#"))
    return line.split(" ", 5)[5].replace("\\%", "%")


def test_the_line_names_minute_and_hour() -> None:
    assert crontab.block(job()).splitlines()[2].startswith("0 6 * * * cd /srv/readiness && ")


def test_the_shell_gets_every_word_and_the_variables_of_the_file(tmp_path: Path) -> None:
    """As cron runs it: sh -c, with next to no environment. Values in single quotes are taken as they are."""
    folder = tmp_path / '50% it\'s "odd" $HOME `x`'
    folder.mkdir()
    (folder / "my env").write_text("PASSWORD='a$b \"c\" %d & e'\n", encoding="utf-8")
    words = ("/usr/bin/printf", "%s|", "$PASSWORD", "a b", "100%", "é", ";", "*")
    made = job(folder=str(folder), env_file=str(folder / "my env"), command=words)
    done = subprocess.run(["sh", "-c", command_of(crontab.block(made))], capture_output=True, env={}, check=True)
    assert done.stdout.decode() == "$PASSWORD|a b|100%|é|;|*|"
    made = job(folder=str(folder), env_file=str(folder / "my env"), command=("/usr/bin/env",))
    done = subprocess.run(["sh", "-c", command_of(crontab.block(made))], capture_output=True, env={}, check=True)
    assert b'PASSWORD=a$b "c" %d & e\n' in done.stdout


def test_no_percent_sign_is_left_that_would_end_the_line() -> None:
    line = crontab.block(job(folder="/srv/50%")).splitlines()[2]
    assert line.count("%") == line.count("\\%") == 1


@given(st.text(alphabet="ab#\n\r\x0b ", max_size=30))
def test_putting_the_block_in_and_taking_it_out_leaves_the_table_as_it_was(table: str) -> None:
    """But for the line end that a last line without one is given."""
    once = crontab.with_block(table, job())
    assert crontab.with_block(once, job()) == once
    gone = crontab.without_block(once, "readiness")
    assert gone in (table, f"{table}\n")


def test_only_the_job_of_that_name_is_replaced() -> None:
    both = crontab.with_block(crontab.with_block(OTHERS, job()), job(name="readiness-b"))
    moved = crontab.with_block(both, job(command=("/new/readiness", "scan")))
    assert moved.startswith(OTHERS)
    assert "/new/readiness" in moved
    assert crontab.without_block(moved, "readiness-b") == crontab.with_block(
        OTHERS, job(command=("/new/readiness", "scan"))
    )
    assert crontab.without_block(OTHERS, "readiness") is None


def test_the_job_of_another_configuration_is_not_replaced() -> None:
    table = crontab.with_block(OTHERS, job())
    with pytest.raises(ScheduleError, match="--name"):
        crontab.with_block(table, job(configuration="/srv/other.toml"))


def test_half_a_block_is_left_to_the_person_who_made_it() -> None:
    table = crontab.with_block("", job()).replace("# END", "# end")
    with pytest.raises(ScheduleError, match="crontab -e"):
        crontab.without_block(table, "readiness")


def test_what_cron_cannot_do_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="998"):
        crontab.block(job(folder="/" + "x" * 1000))
    with pytest.raises(ConfigurationError, match="timezone"):
        crontab.block(job(zone="UTC"))
