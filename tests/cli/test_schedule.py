"""`readiness schedule`: what is printed works, needs nothing that is not said, and holds no secret."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness import history
from readiness.scheduling.crontab import line_of
from tests.conftest import Estate, Program
from tests.scheduling.jobs import job

Serve = Callable[..., Estate]
PLATFORMS = ("systemd", "cron", "windows")
CONFIGURATION = """\
[tenant]
id = "contoso.onmicrosoft.com"
client_id = "00000000-0000-0000-0000-000000000000"
auth = "client-secret"

[site]
server = "cm01.contoso.com"
username = 'CONTOSO\\svc'

[scope]
collections = ["P0100021"]
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    file = tmp_path / "readiness.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    return file


def test_systemd_is_printed_as_two_units_each_under_its_path(program: Program, configured: Path) -> None:
    ran = program("schedule", "--daily", "6:00", "--for", "systemd")
    assert ran.code == 0
    paths = [line for line in ran.out.splitlines() if line.startswith("# /etc/")]
    assert paths == ["# /etc/systemd/system/readiness.service", "# /etc/systemd/system/readiness.timer"]
    assert f"--config {configured} " in ran.out


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.usefixtures("configured")
def test_the_secrets_are_named_and_never_shown_and_what_to_do_next_is_said(program: Program, platform: str) -> None:
    secrets = {"READINESS_CLIENT_SECRET": "s3cret-tenant", "READINESS_SITE_PASSWORD": "s3cret-site"}
    ran = program("schedule", "--daily", "06:00", "--for", platform, variables=secrets)
    assert "READINESS_CLIENT_SECRET, READINESS_SITE_PASSWORD" in ran.err
    assert "s3cret" not in ran.out + ran.err
    assert "Next:\n" in ran.err
    assert "--install" in ran.err


def test_a_variable_that_is_a_setting_here_is_needed_there(program: Program, configured: Path) -> None:
    configured.write_text(
        CONFIGURATION.replace('auth = "client-secret"', 'auth = "managed-identity"'), encoding="utf-8"
    )
    variables = {"READINESS_SCOPE_COLLECTIONS": "P0100022", "HTTPS_PROXY": "http://proxy.contoso.com:8080"}
    data = program("schedule", "--daily", "06:00", "--json", variables=variables).report
    assert data["variables"] == ["READINESS_SITE_PASSWORD", "READINESS_SCOPE_COLLECTIONS", "HTTPS_PROXY"]
    assert "proxy.contoso" not in json.dumps(data)


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ((), ["READINESS_CLIENT_SECRET", "READINESS_SITE_PASSWORD"]),
        (("username = ", 'keytab = "a.keytab"\nauth = "kerberos"\nusername = '), ["READINESS_CLIENT_SECRET"]),
        (("username", "#"), ["READINESS_CLIENT_SECRET"]),
        (
            ('"client-secret"', '"certificate"\ncertificate = "a.pfx"\ncertificate_password_env = "PFX_PASSWORD"'),
            ["PFX_PASSWORD", "READINESS_SITE_PASSWORD"],
        ),
        (
            ('"client-secret"', '"workload-identity"'),
            ["AZURE_FEDERATED_TOKEN_FILE", "READINESS_SITE_PASSWORD"],
        ),
        (
            ("[scope]", '[scan]\nsigning_key_env = "SIGNING_KEY"\n[scope]'),
            ["READINESS_CLIENT_SECRET", "READINESS_SITE_PASSWORD", "SIGNING_KEY"],
        ),
        (
            ("[scope]", '[notify]\nwebhook_env = "HOOK"\n[scope]'),
            ["READINESS_CLIENT_SECRET", "READINESS_SITE_PASSWORD", "HOOK"],
        ),
    ],
)
def test_only_the_variables_that_the_ways_to_sign_in_need_are_asked_for(
    program: Program, configured: Path, changes: tuple[str, str] | tuple[()], needed: list[str]
) -> None:
    configured.write_text(CONFIGURATION.replace(*changes) if changes else CONFIGURATION, encoding="utf-8")
    ran = program("schedule", "--daily", "06:00", "--json")
    assert ran.code == 0, ran.err
    assert ran.report["variables"] == needed


@pytest.mark.parametrize("platform", PLATFORMS)
def test_json_holds_the_files_the_command_and_the_variables(program: Program, configured: Path, platform: str) -> None:
    data = program("schedule", "--daily", "06:00", "--for", platform, "--json", "--", "--tag", "article").report
    assert data["platform"] == platform
    assert data["configuration"] == str(configured)
    assert data["command"][1:5] == ["scan", "--no-input", "--config", str(configured)]
    assert [word for word in data["command"] if word in ("--tag", "article")] == ["--tag", "article"]
    assert len(data["files"]) == (2 if platform == "systemd" else 1)
    assert all(file["text"] for file in data["files"])


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.usefixtures("configured")
def test_the_files_are_written_where_they_are_wanted(program: Program, tmp_path: Path, platform: str) -> None:
    ran = program("schedule", "--daily", "06:00", "--for", platform, "--output", "out")
    names = {"systemd": ["readiness.service", "readiness.timer"], "cron": ["readiness.crontab"]}
    assert sorted(os.listdir(tmp_path / "out")) == names.get(platform, ["readiness.xml"])
    assert ran.out == ""


def test_the_name_of_a_job_is_that_of_its_configuration(program: Program, configured: Path) -> None:
    configured.rename(configured.with_name("Contoso Süd.toml"))
    data = program("schedule", "--daily", "06:00", "--json", "--config", "Contoso Süd.toml").report
    assert data["name"] == "readiness-Contoso-S-d"
    data = program("schedule", "--daily", "06:00", "--json", "--config", "Contoso Süd.toml", "--name", "b").report
    assert data["name"] == "readiness-b"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "cron"], "--daily 06:00"),
        (["--daily", "25:00"], "--daily 25:00"),
        (["--daily", "6"], "06:00 or 23:30"),
        (["--daily", "06:00", "--name", "a/b"], "--name a/b"),
        (["--daily", "06:00", "--timezone", "Mars/Base"], "no such time zone"),
        (["--daily", "06:00", "--for", "cron", "--timezone", "UTC"], "cron knows only"),
        (["--daily", "06:00", "--for", "cron", "--user"], "--user is for systemd"),
        (["--daily", "06:00", "--account", "a\nUser=root"], "line breaks"),
        (["--daily", "06:00", "--", "--no-such-option"], "--no-such-option"),
        (["--daily", "06:00", "--", "--demo"], "a demo needs no job"),
        (["--daily", "06:00", "--", "--config", "x.toml"], "before --"),
        (["--daily", "06:00", "--", "--check", "no-such"], "--check"),
        (["--daily", "06:00", "--", "--output", "a\nb"], "line breaks"),
        (["--daily", "06:00", "--install", "--remove"], "choose one"),
        (["--daily", "06:00", "--dry-run"], "--dry-run goes with"),
        (["--daily", "06:00", "--install", "--output", "x"], "leave --install"),
        (["--daily", "06:00", "--for", "systemd", "--user", "--account", "a"], "as that user"),
    ],
)
@pytest.mark.usefixtures("configured")
def test_what_cannot_be_is_a_usage_error(program: Program, options: list[str], said: str) -> None:
    ran = program("schedule", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_configuration_that_needs_a_person_is_refused_with_what_to_use_instead(
    program: Program, configured: Path
) -> None:
    configured.write_text(CONFIGURATION.replace('"client-secret"', '"device-code"'), encoding="utf-8")
    ran = program("schedule", "--daily", "06:00")
    assert (ran.code, ran.out) == (2, "")
    assert "managed-identity" in ran.err


def test_without_a_configuration_there_is_no_job(program: Program) -> None:
    assert program("schedule", "--daily", "06:00").code == 2
    ran = program("schedule", "--daily", "06:00", variables={"READINESS_SITE_SERVER": "cm01.contoso.com"})
    assert ran.code == 2
    assert "needs a configuration file" in ran.err


@pytest.mark.usefixtures("configured")
def test_what_to_type_next_is_whole_and_does_what_it_says(program: Program, path: Path) -> None:
    """Typed as it stands, by a shell that knows no virtual environment."""
    log = recording(path, "systemctl")
    more = ("--daily", "06:00", "--name", "it", "--env-file", "a b.env", "--", "--tag", "article")
    said = program("schedule", "--for", "systemd", "--user", *more).err
    line = said.partition("Next:\n")[2].splitlines()[0].strip()
    shell = subprocess.run(["sh", "-c", line], capture_output=True, encoding="utf-8", check=False)
    assert shell.returncode == 0, shell.stderr
    service = Path(os.environ["XDG_CONFIG_HOME"], "systemd/user/readiness-it.service").read_text(encoding="utf-8")
    assert service == units_of(program, more)[0]
    assert "enable readiness-it.timer" in log.read_text(encoding="utf-8")


def units_of(program: Program, options: tuple[str, ...]) -> list[str]:
    data = program("schedule", "--for", "systemd", "--user", "--json", *options).report
    return [file["text"] for file in data["files"]]


def recording(folder: Path, name: str, answer: str = "exit 0") -> Path:
    """A program of that name on the path, which notes how it was called."""
    folder.mkdir(exist_ok=True)
    log = folder / f"{name}.log"
    (folder / name).write_text(f'#!/bin/sh\necho "$@" >>{shlex.quote(str(log))}\n{answer}\n', encoding="utf-8")
    (folder / name).chmod(0o755)
    return log


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return folder


USER = ("schedule", "--for", "systemd", "--user")


@pytest.mark.usefixtures("configured")
def test_a_job_of_a_user_is_installed_and_removed(program: Program, path: Path, tmp_path: Path) -> None:
    log = recording(path, "systemctl")
    units = tmp_path / "config/systemd/user"
    dry = program(*USER, "--daily", "06:00", "--install", "--dry-run")
    assert (dry.code, units.exists(), log.exists()) == (0, False, False)
    assert f"write {units}/readiness.service" in dry.err
    ran = program(*USER, "--daily", "06:00", "--install")
    assert ran.code == 0
    assert f"wrote {units}/readiness.timer" in ran.out
    assert sorted(os.listdir(units)) == ["readiness.service", "readiness.timer"]
    assert program(*USER, "--remove", "--dry-run").code == 0
    assert program(*USER, "--remove", "--json").report["removed"] == [
        f"removed {units}/readiness.timer",
        f"removed {units}/readiness.service",
    ]
    assert os.listdir(units) == []
    ran = program(*USER, "--remove")
    assert (ran.code, ran.out) == (0, "")
    assert "There is no job readiness" in ran.err
    assert log.read_text(encoding="utf-8").splitlines() == [
        "--user daemon-reload",
        "--user enable readiness.timer",
        "--user restart readiness.timer",
        "--user disable --now readiness.timer",
        "--user daemon-reload",
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no system with a root")
@pytest.mark.usefixtures("configured")
def test_who_is_not_root_is_told_how_to_be_or_to_do_without(
    program: Program, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = recording(path, "systemctl")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    shown = program("schedule", "--for", "systemd", "--daily", "06:00")
    assert f"  sudo {sys.executable.rpartition('/')[0]}/" in shown.err
    refused = program("schedule", "--for", "systemd", "--daily", "06:00", "--install")
    assert refused.code == 2
    assert "with --user they are yours" in refused.err
    assert not log.exists()


@pytest.mark.usefixtures("configured")
def test_where_systemd_does_not_run_nothing_is_left_and_the_exit_line_says_so(
    program: Program, path: Path, tmp_path: Path
) -> None:
    recording(path, "systemctl", "echo 'System has not been booted with systemd' >&2; exit 1")
    ran = program(*USER, "--daily", "06:00", "--install")
    assert ran.code == 5
    assert "has not been booted" in ran.err
    assert ran.err.endswith("exit 5: nothing was installed\n")
    assert os.listdir(tmp_path / "config/systemd/user") == []


@pytest.mark.usefixtures("configured")
def test_a_task_is_registered_by_the_program_of_windows(program: Program, path: Path) -> None:
    log = recording(path, "schtasks", 'test "$1" != /Query')
    ran = program("schedule", "--daily", "06:00", "--for", "windows", "--install", "--account", "CONTOSO\\gmsa$")
    assert ran.code == 0, ran.err
    query, create = log.read_text(encoding="utf-8").splitlines()
    assert query == "/Query /TN readiness /XML"
    assert create.startswith("/Create /TN readiness /XML ")
    assert create.endswith("/RU CONTOSO\\gmsa$ /RP ")


@pytest.mark.usefixtures("configured")
def test_what_is_not_on_this_machine_installs_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ran = program("schedule", "--daily", "06:00", "--for", "windows", "--install")
    assert ran.code == 2
    assert "no schtasks here" in ran.err


def test_the_line_of_cron_scans_an_estate_without_a_hand(estate: Serve, program: Program) -> None:
    """As cron runs it: `sh -c`, nothing in the environment, no terminal; the secrets come from the file."""
    served = estate("ready")
    lines = [f"{name}='{value}'" for name, value in served.secrets.items()]
    (served.folder / "job env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = program(
        *("schedule", "--daily", "06:00", "--for", "cron", "--json", "--config", str(served.config)),
        *("--env-file", str(served.folder / "job env"), "--", "--quiet", "--output", "nightly reports"),
    ).report
    line = line_of(job(command=tuple(data["command"]), folder=data["folder"], env_file=str(served.folder / "job env")))
    assert line in data["files"][0]["text"]
    environment = {"HOME": str(served.folder), "XDG_DATA_HOME": str(served.folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["sh", "-c", line.replace("\\%", "%")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "exit 0: ready"), done.stderr
    assert len(list((served.folder / "nightly reports").glob("*.html"))) == 1


def test_the_program_is_named_so_that_no_search_path_is_needed(program: Program, configured: Path) -> None:
    data = program("schedule", "--daily", "06:00", "--json").report
    assert os.path.isabs(data["command"][0])
    assert os.access(data["command"][0], os.X_OK)
    assert Path(data["command"][0]).parent == Path(sys.executable).parent
    assert data["folder"] == str(configured.parent)


def notes_of(program: Program, file: Path) -> str:
    data = program("schedule", "--daily", "06:00", "--for", "cron", "--env-file", str(file), "--json").report
    return "\n".join(data["notes"])


@pytest.mark.usefixtures("configured")
def test_the_file_of_secrets_is_looked_at_and_nothing_in_it_is_told(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "job.env"
    assert "is not there yet" in notes_of(program, file)
    file.write_text("READINESS_CLIENT_SECRET='s3cret'\nOTHER=1\n", encoding="utf-8")
    file.chmod(0o644)
    said = notes_of(program, file)
    assert "chmod 600" in said
    assert "does not set READINESS_SITE_PASSWORD" in said
    assert "s3cret" not in said
    file.write_text("READINESS_CLIENT_SECRET='s3cret'\nexport READINESS_SITE_PASSWORD='x'\n", encoding="utf-8")
    file.chmod(0o600)
    assert "job.env" not in notes_of(program, file)
    said = program("schedule", "--daily", "06:00", "--for", "cron", "--env-file", str(file)).err
    assert f"The job has from {file}: READINESS_CLIENT_SECRET, READINESS_SITE_PASSWORD.\n" in said
    assert "must be set" not in said


@pytest.mark.usefixtures("configured")
def test_the_hour_in_which_clocks_change_is_told_of(program: Program) -> None:
    def said(at: str, zone: str) -> str:
        return program("schedule", "--daily", at, "--for", "systemd", "--timezone", zone).err

    assert "clocks are changed" in said("02:30", "Europe/Berlin")
    assert "clocks are changed" not in said("03:30", "Europe/Berlin") + said("02:30", "UTC")


@pytest.mark.usefixtures("path")
def test_a_job_of_the_same_name_but_another_configuration_is_removed_by_its_name_alone(
    program: Program, configured: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording(path, "systemctl")
    assert program(*USER, "--daily", "06:00", "--install").code == 0
    other = configured.parent / "other"
    other.mkdir()
    (other / "readiness.toml").write_text(CONFIGURATION, encoding="utf-8")
    monkeypatch.chdir(other)
    refused = program(*USER, "--remove")
    assert refused.code == 5
    assert f"is the job of {configured}" in refused.err
    assert program(*USER, "--daily", "06:00", "--install").code == 5
    assert program(*USER, "--remove", "--name", "readiness").code == 0


@pytest.mark.parametrize(
    ("section", "options", "minutes"),
    [("", [], 32), ("[job]\ndeadline = '1h'\n", [], 75), ("", ["--", "--timeout", "45m", "--until", "ready"], 75)],
)
def test_nothing_ends_the_job_from_outside_before_its_own_deadline(
    program: Program, configured: Path, section: str, options: list[str], minutes: int
) -> None:
    configured.write_text(CONFIGURATION + section, encoding="utf-8")
    assert f"TimeoutStartSec={minutes}min\n" in program("schedule", "--daily", "6:00", "--for", "systemd", *options).out
    assert f"PT{minutes}M" in program("schedule", "--daily", "6:00", "--for", "windows", *options).out


def test_what_the_configuration_has_written_elsewhere_the_sandbox_lets_through(
    program: Program, configured: Path
) -> None:
    more = '[scan]\noutput = "out"\nlog_file = "logs/a.log"\n[history]\npath = "/srv/h/history.sqlite3"\n'
    configured.write_text(CONFIGURATION + more, encoding="utf-8")
    ran = program("schedule", "--daily", "6:00", "--for", "systemd")
    written = [line.split("=")[1] for line in ran.out.splitlines() if line.startswith("ReadWritePaths=")]
    assert written == [str(configured.parent / "out"), str(configured.parent / "logs"), "/srv/h"]
    assert "--output" not in ran.out
    assert "not there yet, to be made for the job's account" in ran.err


def test_a_task_keeps_a_log_since_windows_keeps_nothing_of_what_it_prints(program: Program, configured: Path) -> None:
    task = ("schedule", "--daily", "6:00", "--for", "windows", "--json")
    assert program(*task).report["command"][-2:] == ["--log-file", str(configured.with_name("readiness.log"))]
    configured.write_text(CONFIGURATION + '[scan]\nlog_file = "my.log"\n', encoding="utf-8")
    assert "--log-file" not in program(*task).report["command"]


@pytest.mark.parametrize(
    ("section", "noted"), [("", True), ("[notify]\n", True), ('[notify]\nteams_env = "T"\n', False)]
)
def test_it_is_noted_where_nobody_would_hear_of_anything(
    program: Program, configured: Path, section: str, noted: bool
) -> None:
    configured.write_text(CONFIGURATION + section, encoding="utf-8")
    ran = program("schedule", "--daily", "06:00")
    assert ran.code == 0
    assert ("nobody is told of what changes" in ran.err) is noted


def test_it_is_noted_where_nothing_would_be_kept_to_tell_changes_by(
    program: Program, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured.write_text(CONFIGURATION + '[notify]\nteams_env = "T"\n', encoding="utf-8")
    monkeypatch.setattr(history, "is_available", lambda: False)
    said = program("schedule", "--daily", "06:00").err
    assert f"nobody can tell what changes, for nothing is kept: pip install '{history.EXTRA}'" in said


@pytest.mark.skipif(os.name == "nt", reason="it is another system's there")
@pytest.mark.usefixtures("configured")
def test_what_is_printed_for_another_system_is_not_said_to_be_installed_here(program: Program) -> None:
    said = program("schedule", "--daily", "06:00", "--for", "windows").err
    assert said.partition("Next:\n")[2].startswith("  the same command on the machine that is to run it")
