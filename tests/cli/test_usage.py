"""The command line itself: usage and configuration errors, help, the demo as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from readiness.cli import COMMANDS, cli
from readiness.cli.help import Grouped
from readiness.cli.output import broken
from readiness.composition import all_checks
from readiness.documents import digest
from tests.conftest import Estate, Program
from tests.terminal import run_at_terminal

Serve = Callable[..., Estate]


def test_scan_without_configuration_names_both_ways_to_go_on(program: Program) -> None:
    ran = program("scan")
    assert ran.code == 2
    assert "readiness.toml" in ran.err
    assert "--demo" in ran.err
    assert ran.err.strip().splitlines()[-1].startswith("exit 2: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scn",), "Did you mean 'scan'"),
        (("scan", "--demmo"), "--demo"),
        (("scan", "--demo", "--fail-on", "nothing"), "blocker"),
        (("scan", "--demo", "redy"), "'ready'"),
        (("scan", "--demo", "--config", "x.toml"), "--config"),
        (("scan", "--demo", "--format", "pdf"), "html, markdown, json"),
        (("scan", "--demo", "--check", "site-version-minimun"), "site-version-minimum"),
        (("scan", "--demo", "--skip", "*"), "no check"),
        (("scan", "--demo", "--tag", "artikel"), "article"),
        (("scan", "--config", "missing.toml"), "missing.toml"),
        (("scan", "--demo", "--format", "htlm"), "did you mean 'html'"),
        (("scan", "--demo", "--timeout", "0"), "0"),
        (("scan", "--demo", "--timeout", "inf"), "inf"),
        (("scan", "--demo", "--timeout", "1e10"), "604800"),
        (("assess", "x.json", "--check", "nope"), "--check: "),
        (("assess", "x.json", "--now", "0001-01-01T00:00:00+05:00"), "ISO 8601"),
        (("lab", "ready", "--write", "/proc/nowhere"), "/proc/nowhere"),
        (("assess",), "EVIDENCE"),
        (("assess", "missing.json"), "missing.json"),
        (("assess", "x.json", "--now", "yesterday"), "ISO 8601"),
        (("lab", "redy"), "'ready'"),
    ],
)
def test_every_usage_error_is_exit_2_and_says_what_would_be_right(
    program: Program, arguments: tuple[str, ...], words: str
) -> None:
    ran = program(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert "Traceback" not in ran.err


WAIVER = """[site]
server = "cm01"
[[waiver]]
check = "{check}"
requested_by = "a"
approved_by = "{approver}"
reason = "because"
expires = 2100-01-01
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tenant]\nid = 5\n", ("line 2", "id")),
        ('[tenant]\nidd = "contoso.com"\n', ("line 2", "idd", "id")),
        ("[tenant\n", ("line 1",)),
        ('[site]\nserver = "https://cm01"\n', ("line 2", "server")),
        ('[site]\nserver = "cm01"\nauth = "basic"\nscheme = "http"\nusername = "a"\n', ("basic", "http")),
        (WAIVER.format(check="site-version-minimun", approver="b"), ("site-version-minimun", "site-version-minimum")),
        (WAIVER.format(check="site-reachable", approver="b"), ("site-reachable", "cannot be waived")),
        (WAIVER.format(check="site-version-minimum", approver="a"), ("approved_by", "another person")),
    ],
)
def test_a_configuration_error_names_file_line_and_key(program: Program, text: str, words: tuple[str, ...]) -> None:
    Path("readiness.toml").write_text(text, encoding="utf-8")
    ran = program("scan")
    assert ran.code == 2
    for word in ("readiness.toml", *words):
        assert word in ran.err


def test_a_missing_secret_names_the_variable_and_reads_nothing(program: Program, estate: Serve) -> None:
    served = estate()
    ran = program("scan", "--config", str(served.config))
    assert ran.code == 2
    assert "READINESS_CLIENT_SECRET" in ran.err or "READINESS_SITE_PASSWORD" in ran.err
    assert not served.lab.requests


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"demo": true', '"demo": false'),
        lambda text: text.replace("readiness/evidence/v1", "readiness/evidence/v2"),
        lambda text: text.replace('{\n "demo"', '{\n "demo": false,\n "demo"', 1),
        lambda _text: "[" * 100_000,
        lambda _text: "{}",
        lambda _text: "\udcff",
        lambda _text: "NaN",
    ],
    ids=["truncated", "edited", "newer", "duplicate key", "deep", "foreign", "not UTF-8", "NaN"],
)
def test_evidence_that_cannot_be_trusted_is_exit_2_with_the_file(
    program: Program, estate: Serve, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    """Nothing is judged and nothing is written."""
    served = estate()
    program("collect", "--config", str(served.config), "-o", "e.json", variables=served.secrets)
    spoilt = spoil(Path("e.json").read_text(encoding="utf-8"))
    Path("e.json").write_bytes(spoilt.encode("utf-8", "surrogateescape"))
    ran = program("assess", "e.json")
    assert ran.code == 2
    assert "e.json" in ran.err
    assert not (tmp_path / "readiness-reports").exists()


def test_collect_of_half_an_estate_is_partial_and_written(program: Program, estate: Serve) -> None:
    served = estate()
    wrong = {**served.secrets, "READINESS_CLIENT_SECRET": "wrong"}
    ran = program("collect", "--config", str(served.config), "-o", "e.json", variables=wrong)
    assert ran.code == 5
    assert "not read: Organization: sign-in-failed" in ran.err
    assert json.loads(Path("e.json").read_text("utf-8"))["partial"] is True


@pytest.mark.parametrize("options", [("--output", "taken"), ("--save-evidence", "taken/evidence.json")])
def test_a_place_that_cannot_be_written_is_found_before_anything_is_read(
    program: Program, estate: Serve, options: tuple[str, str]
) -> None:
    """A file stands where the folder should be."""
    served = estate()
    Path("taken").touch()
    ran = program("scan", "--config", str(served.config), *options, variables=served.secrets)
    assert ran.code == 2
    assert "taken" in ran.err
    assert not served.lab.requests


def test_files_are_as_readable_as_the_umask_says(program: Program, estate: Serve) -> None:
    """A report is made to be handed on."""
    served = estate()
    program("scan", "--config", str(served.config), variables=served.secrets)
    umask = os.umask(0)
    os.umask(umask)
    for file in Path("readiness-reports").iterdir():
        assert file.stat().st_mode & 0o777 == 0o666 & ~umask


def test_checks_lists_every_check_with_what_it_reads(program: Program) -> None:
    rows = json.loads(program("checks", "--json").out)
    assert [row["id"] for row in rows] == [check.id for check in all_checks()]
    assert all(row["reads"] and row["owner"] and row["title"] and row["level"] for row in rows)


@pytest.mark.parametrize("width", [40, 80, 129, 130, 200])
def test_the_list_of_the_checks_fits_the_terminal(program: Program, width: int) -> None:
    """Every line, with everything that is said of a check, in words that are not cut where there is room."""
    rows = json.loads(program("checks", "--json").out)
    said = program("checks", variables={"COLUMNS": str(width)}).out
    assert max(map(len, said.splitlines())) <= width
    assert all(f" {row['id']}" in f" {said}".replace("\n", " ") for row in rows)
    if 80 <= width < 130:
        words = " ".join(said.split())
        for row in rows:
            head = f"{row['id']} {row['level']} {row['owner']} {row['title']} reads {', '.join(row['reads'])}"
            assert head in words


def test_help_shows_every_command(program: Program) -> None:
    ran = program("--help")
    assert ran.code == 0
    assert all(name in ran.out for name in COMMANDS)
    for name in COMMANDS:
        assert program(name, "--help").code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns_and_tells_every_option_once(program: Program, name: str) -> None:
    ran = program(name, "--help", variables={"COLUMNS": "80"})
    assert max(map(len, ran.out.splitlines())) <= 80 or "workload-identity" in ran.out  # choices are one word
    with click.Context(cli) as group:
        command = cli.get_command(group, name)
    assert command is not None
    _, *sections = re.split(r"^\S.*:\n", ran.out, flags=re.MULTILINE)
    told = [option for said in sections for option in re.findall(r"^  (?:-\w, )?(--[\w-]+)", said, re.MULTILINE)]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    assert sorted(told) == sorted({one.opts[-1] for one in options} | {"--help"})


def test_examples_of_the_help_can_be_typed() -> None:
    """Each is a command line that its command takes."""
    with click.Context(cli) as group:
        explained = [one for name in COMMANDS if isinstance(one := cli.get_command(group, name), Grouped)]
    assert len(explained) > 5
    for command in explained:
        assert command.examples
        for line, _ in command.examples:
            ours, *_ = re.split(r" [|>] ", line)
            program_name, called, *given = shlex.split(ours)
            assert (program_name, called) == ("readiness", command.name)
            command.make_context(called, given)


def test_fail_on_unknown_value_of_the_file_is_an_error(program: Program) -> None:
    Path("readiness.toml").write_text('[site]\nserver = "cm01"\n[policy]\nfail_on = "sometimes"\n', encoding="utf-8")
    ran = program("scan")
    assert ran.code == 2
    assert "fail_on" in ran.err


# From here on the program is a process of its own, as people start it.


def readiness(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "readiness", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8"
    )


def test_demo_runs_the_estate_as_a_child_and_leaves_nothing_running(tmp_path: Path) -> None:
    """Whatever lies in the folder or in the environment, a demo meets the simulated estate only."""
    (tmp_path / "readiness.toml").write_text('[tenant]\nid = "broken', encoding="utf-8")
    here = {"TMPDIR": str(tmp_path), "READINESS_SITE_SERVER": "cm01.example"}  # the command line names its folder
    done = readiness("scan", "--demo", "hotfix-missing", "--json", folder=tmp_path, **here)
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert report["run"]["demo"] is True
    assert len(list((tmp_path / "readiness-reports").iterdir())) == 3
    assert not [line for line in processes() if str(tmp_path) in line]


def processes() -> list[str]:
    """`pid parent command` of every process, from /proc."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            parent = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        lines.append(f"{folder.name} {parent} {command}")
    return lines


def test_lab_serves_until_it_is_told_to_stop_and_an_ordinary_scan_reaches_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "readiness", "lab", "ready", "--write", str(tmp_path / "lab")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as lab:
        assert lab.stdout is not None
        assert lab.stdout.readline() == f"ready {tmp_path / 'lab'}\n"
        secrets = dict(
            line.split("=", 1)
            for line in (tmp_path / "lab" / "lab.env").read_text(encoding="utf-8").splitlines()
            if "=" in line
        )
        done = readiness("scan", "--config", "lab/readiness.toml", "--quiet", folder=tmp_path, **secrets)
        lab.terminate()
        assert lab.wait(10) == 0
    assert done.returncode == 0
    assert done.stdout.startswith("DEMO DATA: Ready")


@pytest.mark.parametrize("name", ["checks", "reports"])
@pytest.mark.parametrize("content", ["", "import nothing_of_that_name", "raise SystemExit(9)", "not Python ("])
def test_a_foreign_package_that_hides_ours_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    """A folder of that name in the working directory, or on PYTHONPATH, is never run, as ours or at all."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(f"print('run')\n{content}\n", encoding="utf-8")
    done = readiness("scan", "--demo", "--quiet", folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert f"another package named '{name}'" in done.stderr
    assert "run\n" not in done.stdout
    assert str(tmp_path / name) in done.stderr


def test_a_broken_plugin_is_named_and_skipped(tmp_path: Path) -> None:
    """The exit code is not affected."""
    info = tmp_path / "bad_pack-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-pack\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[readiness.checks]\nbad = bad_pack_that_is_not_there:CHECKS\n", encoding="utf-8"
    )
    done = readiness("scan", "--demo", "ready", "--quiet", folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert "plugin bad (bad-pack 1) could not be loaded" in done.stderr


def test_a_plugin_adds_a_check_by_one_file_and_one_line(tmp_path: Path) -> None:
    """What a third party's pack adds is judged and reported like any other."""
    info = tmp_path / "good_pack-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: good-pack\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[readiness.checks]\ngood = good_pack:CHECKS\n", encoding="utf-8")
    (tmp_path / "good_pack.py").write_text(
        """
from readiness.plugin import (
    Check, Hierarchy, Level, Needs, Outcome, Owner, Phase, Remediation, Step, Verdict)

CHECK = Check(
    id="acme-three-sites", title="The hierarchy has three sites", phase=Phase.SITE, level=Level.ADVISORY,
    needs=Needs.SITE, owner=Owner.CONFIGMGR_ADMIN, why="It is the custom.", judged="By counting.",
    remediation=Remediation(steps=(Step("Add sites"),), role="none"), sources=())

@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict:
    count = len(hierarchy.sites)
    return Verdict(Outcome.FAIL, f"{count} sites", expected="3 sites", observed=f"{count} sites")

CHECKS = (CHECK,)
""",
        encoding="utf-8",
    )
    done = readiness(
        "scan", "--demo", "ready", "--json", "--fail-on", "advisory", folder=tmp_path, PYTHONPATH=str(tmp_path)
    )
    assert done.returncode == 4
    added = json.loads(done.stdout)["checks"][-1]
    assert (added["id"], added["outcome"], added["observed"]) == ("acme-three-sites", "fail", "1 sites")


def test_a_bug_of_ours_is_exit_1_and_says_where_its_log_is(tmp_path: Path) -> None:
    """No traceback on the screen; the log holds frames, and not the text of the error."""
    (tmp_path / "sitecustomize.py").write_text(
        "import readiness.documents\n"
        "def broken(*_):\n    raise RuntimeError('hunter' + str(2))\n"
        "readiness.documents.report_document = broken\n",
        encoding="utf-8",
    )
    done = readiness("scan", "--demo", "ready", folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    log = Path(done.stderr.strip().splitlines()[-1].split("the log is ")[1])
    text = log.read_text(encoding="utf-8")
    log.unlink()
    assert "report_document" in text or "broken" in text
    assert "hunter2" not in text


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash with `readiness` in it."""
    program = f'readiness() {{ "{sys.executable}" -m readiness "$@"; }}; set -o pipefail; {line}'
    environment = {**os.environ, **variables}
    return subprocess.run(
        ["bash", "-c", program], cwd=folder, env=environment, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("asked", ["--help", "scan --help", "--version"])
def test_help_whose_reader_leaves_early_ends_quietly(tmp_path: Path, asked: str) -> None:
    done = shell(f"{{ sleep 0.2; readiness {asked}; }} | true; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_a_reader_that_leaves_early_costs_neither_files_nor_exit_code(tmp_path: Path) -> None:
    """`| head` is no reason to be told that all is well, or that the tool is broken."""
    done = shell("readiness scan --demo hotfix-missing | true; echo ${PIPESTATUS[0]}", tmp_path)
    assert done.stdout == b"3\n"
    assert done.stderr == b"exit 3: 2 blockers failed\n"
    assert len(list((tmp_path / "readiness-reports").iterdir())) == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_change_nothing(tmp_path: Path, closed: str) -> None:
    """A service may start the program without any of them."""
    assert shell(f"readiness scan --demo hotfix-missing --format none {closed}", tmp_path).returncode == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk, as Linux has it")
@pytest.mark.parametrize("command", ["checks", "checks --json", "--help"])
def test_a_full_disk_behind_standard_output_is_no_bug_and_no_success(tmp_path: Path, command: str) -> None:
    done = shell(f"readiness {command} >/dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "Error: standard output cannot be written: No space left on device",
        "exit 1: what was read could not be written",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk, as Linux has it")
def test_a_full_disk_behind_standard_error_changes_no_exit_code(tmp_path: Path) -> None:
    assert shell("readiness scan --no-such 2>/dev/full", tmp_path).returncode == 2


def test_messages_are_broken_between_words_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    """The terminal itself would break them inside; what is to be copied stays whole."""
    command = [sys.executable, "-m", "readiness", "scan", "--demo", "no-such-scenario-anywhere-in-this-house"]
    shown = run_at_terminal(command, tmp_path, {}, width=60)
    assert shown.code == 2
    assert len(shown.left) > 4
    assert all(len(line) <= 60 for line in shown.left)
    assert "  not-attached, ready, rights-limited, secret-expired," in shown.left
    piped = readiness("scan", "--demo", "no-such-scenario-anywhere-in-this-house", folder=tmp_path)
    assert len(piped.stderr.splitlines()) == 2
    assert " ".join(piped.stderr.split()) == " ".join(" ".join(shown.left).split())
    assert broken("https://login.example/" + "a" * 200) == ["https://login.example/" + "a" * 200]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_json_is_utf8_whatever_the_code_page_of_the_console(tmp_path: Path, encoding: str) -> None:
    scenario = tmp_path / "names.toml"
    scenario.write_text(
        """base = "ready"
[[graph.v1.organization]]
id = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
displayName = "Contoso Z\u00fcrich \u6f22\u5b57"
verifiedDomains = [{ name = "contoso.onmicrosoft.com" }]
""",
        encoding="utf-8",
    )
    done = shell("readiness scan --demo names.toml --json --format none", tmp_path, PYTHONIOENCODING=encoding)
    report = json.loads(done.stdout.decode("utf-8"))
    assert report["run"]["tenant"] == "Contoso Z\u00fcrich \u6f22\u5b57"
    assert report["digest"]["value"] == digest(report)
    shown = shell("readiness scan --demo names.toml --format none", tmp_path, PYTHONIOENCODING=encoding)
    assert shown.returncode == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    """As a pipeline says it, and a terminal that is closed: no child, no folder with the secrets of the estate."""
    command = [sys.executable, "-m", "readiness", "scan", "--demo", "--format", "none"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as child:
        end = time.monotonic() + 20
        while time.monotonic() < end and not list(tmp_path.glob("readiness-demo-*/lab.env")):
            time.sleep(0.005)
        child.send_signal(how)
        _, said = child.communicate(timeout=20)
    assert not list(tmp_path.glob("readiness-demo-*"))
    assert child.returncode in (130, 3)  # 3: it had ended by itself before it was told
    assert said.decode().strip().splitlines()[-1].startswith(f"exit {child.returncode}: ")


def test_an_interrupt_ends_with_its_exit_code_wherever_it_comes(tmp_path: Path) -> None:
    """In code that is made as it runs, as dataclasses are, `python -m` would remember it and end by a signal."""
    program = """
import readiness.cli
readiness.cli.cli.main = lambda **_: exec("raise KeyboardInterrupt")
readiness.cli.main(["checks"])
"""
    (tmp_path / "interrupted.py").write_text(program, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "interrupted"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 130
    assert done.stderr.decode().splitlines() == ["exit 130: interrupted"]


def test_sigterm_ends_as_ctrl_c_before_a_command_has_a_say(tmp_path: Path) -> None:
    """While the program still loads, and reads its configuration."""
    program = """
import signal
import readiness.cli
readiness.cli.cli.main = lambda **_: signal.raise_signal(signal.SIGTERM)
readiness.cli.main(["scan"])
"""
    (tmp_path / "stopped.py").write_text(program, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "stopped"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode().splitlines()) == (130, ["exit 130: interrupted"])


def test_what_others_wrote_cannot_steer_the_terminal(program: Program, estate: Serve) -> None:
    """C1 controls pass through XML, and some terminals obey them: no message shows one raw."""
    toml = 'base = "ready"\n[[wmi.SMS_ProviderLocation]]\nMachine = "cm01"\nSiteCode = "\\u009b2J"\n'
    served = estate(toml=toml + "ProviderForLocalSite = true\n")
    options = ("collect", "--config", str(served.config), "-o", str(served.folder / "hostile.json"), "--only", "site")
    ran = program(*options, variables=served.secrets)
    assert ran.code == 5
    assert "wrong-target" in ran.err or "bad-answer" in ran.err
    assert all(line.isprintable() for line in ran.err.split("\n"))
    ran = program("assess", str(served.folder / "no\u009b\u202esuch.json"))
    assert ran.code == 2
    assert "no\\u009b\\u202esuch.json: cannot be read" in ran.err
