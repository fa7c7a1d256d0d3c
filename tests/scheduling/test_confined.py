"""The service as systemd would run it, as far as that can be had without systemd: the command of the unit, with the
variables of the unit, in a file system of which nothing takes writing but its state folder; and no call of the kernel
that the unit forbids. That systemd itself runs the unit is not tried by any test: no test machine is booted with it.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import Estate, Program
from tests.scheduling.test_units import value, words_of

Serve = Callable[..., Estate]
STATE = "/var/lib/readiness"


def unit(program: Program, served: Estate, *options: str) -> str:
    """The service that is printed for an estate whose secrets are in a file."""
    lines = [f"{name}='{secret}'\n" for name, secret in served.secrets.items()]
    (served.folder / "job.env").write_text("".join(lines), encoding="utf-8")
    given = ("--config", str(served.config), "--env-file", str(served.folder / "job.env"), "--json")
    data = program("schedule", "--daily", "06:00", "--for", "systemd", *given, *options).report
    text: str = data["files"][0]["text"]
    return text


def variables(text: str) -> Mapping[str, str]:
    """What the unit sets: its own lines, then its file of `NAME='value'` lines."""
    lines = Path(value(text, "EnvironmentFile").replace("%%", "%")).read_text(encoding="utf-8").splitlines()
    own = words_of(value(text, "Environment"))
    return dict(pair.split("=", 1) for pair in (*own, *(shlex.split(line)[0] for line in lines)))


def confined(text: str, state: Path) -> subprocess.CompletedProcess[str]:
    (state / "left").mkdir(parents=True, exist_ok=True)
    command = [word.replace("$$", "$") for word in words_of(value(text, "ExecStart"))]
    bwrap = [
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--tmpfs",
        "/var/lib",
        "--bind",
        str(state),
        STATE,
        "--remount-ro",
        "/var/lib",
    ]
    bwrap += ["--proc", "/proc", "--dev", "/dev", "--cap-drop", "ALL", "--unshare-user", "--uid", "64000", "--clearenv"]
    bwrap += ["--chdir", value(text, "WorkingDirectory")]
    for name, given in variables(text).items():
        bwrap += ["--setenv", name, given]
    return subprocess.run(
        [*bwrap, "--", *command], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.real
@pytest.mark.usefixtures("bwrap")
def test_the_command_of_the_unit_scans_reports_and_remembers_where_it_may(
    estate: Serve, program: Program, tmp_path: Path
) -> None:
    served = estate("ready")
    before = sorted(served.folder.rglob("*"))
    text = unit(program, served)
    done = confined(text, tmp_path / "state")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "exit 0: ready"), done.stderr
    assert "Warning" not in done.stderr
    assert len(list((tmp_path / "state/reports").glob("*.html"))) == 1
    assert (tmp_path / "state/readiness/history.sqlite3").is_file()
    assert [path for path in sorted(served.folder.rglob("*")) if path not in before] == [served.folder / "job.env"]


def sets_of_calls() -> dict[str, list[str]]:
    """`systemd-analyze syscall-filter`: the sets by their names, with what they hold, other sets among it."""
    done = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], capture_output=True, check=True)
    found: dict[str, list[str]] = {}
    name = ""
    for line in done.stdout.decode().splitlines():
        if line.startswith("@"):
            name = line.strip()
            found[name] = []
        elif line.startswith(" ") and not line.strip().startswith("#"):
            found[name].append(line.strip())
    return found


def allowed(text: str) -> set[str]:
    """The calls that the filter of a unit lets through, the first line naming what may, the second what may not."""
    sets = sets_of_calls()

    def spread(names: list[str]) -> set[str]:
        each = [spread(sets[name]) if name.startswith("@") else {name} for name in names]
        return set().union(*each)

    may, may_not = [line.split("=")[1] for line in text.splitlines() if line.startswith("SystemCallFilter=")]
    return spread(may.split()) - spread(may_not.removeprefix("~").split())


@pytest.mark.real
@pytest.mark.usefixtures("strace", "systemd_analyze")
def test_a_scan_makes_no_call_that_the_service_forbids(estate: Serve, program: Program, tmp_path: Path) -> None:
    served = estate("almost-ready")
    text = unit(program, served, "--", "--output", str(tmp_path / "reports"), "--quiet")
    command = [word.replace("$$", "$") for word in words_of(value(text, "ExecStart"))]
    environment = {**variables(text), "XDG_DATA_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    trace = ["strace", "-f", "-qq", "-o", str(tmp_path / "trace")]
    done = subprocess.run([*trace, *command], env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 3, done.stderr
    calls = (tmp_path / "trace").read_text(encoding="utf-8", errors="replace")
    used = set(re.findall(r"^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[( ]", calls, re.MULTILINE))
    assert len(used) > 30
    # SQLite gives a journal to the owner of its database, where root runs it; refused, it goes on.
    assert used - allowed(text) <= {"fchown"}
    families = set(re.findall(r"socket\((AF_\w+)", calls))
    assert families <= set(value(text, "RestrictAddressFamilies").split())
