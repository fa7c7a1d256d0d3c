"""Ways to sign in to the tenant, through the program: certificate, device code, and who is asked for it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from readiness.sources.graph.kept import NoStoreError, encrypted_store
from tests.conftest import Estate, Program
from tests.terminal import interruptible

Serve = Callable[..., Estate]
SIGNED_IN = "user admin@contoso.com by application 3f1b7c52-9d40-4e86-a1f7-5c2e8b6d9a04"


def toml(auth: str, person: str = "") -> str:
    return f'base = "ready"\ntitle = "Ready."\n[tenant]\nauth = "{auth}"\n[tenant.person]\n{person}\n'


def reachable(report: dict[str, Any]) -> str:
    """The outcome of the check that needs the tenant's answer."""
    found: str = next(check["outcome"] for check in report["checks"] if check["id"] == "tenant-reachable")
    return found


def test_a_scan_signs_in_by_certificate(program: Program, estate: Serve) -> None:
    served = estate(toml=toml("certificate"))
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    assert reachable(ran.report) == "pass"
    assert served.secrets["READINESS_PFX_PASSWORD"] not in ran.out + ran.err
    assert ran.report["run"]["configuration"]["tenant"]["certificate"] == "readiness.pfx"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"READINESS_PFX_PASSWORD": ""}, "environment variable READINESS_PFX_PASSWORD is not set, or empty"),
        ({"READINESS_PFX_PASSWORD": "Wr0ng"}, "the password does not open the PFX file"),
    ],
)
def test_a_certificate_that_does_not_open_reads_nothing(
    variables: dict[str, str], words: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=toml("certificate"))
    ran = program("scan", "--config", str(served.config), variables={**served.secrets, **variables})
    assert ran.code == 2
    assert f"{served.config}, line 10: [tenant] certificate_password_env: {words}" in ran.err
    assert ran.err.endswith("exit 2: usage or configuration error; nothing was read\n")
    assert "Wr0ng" not in ran.err
    assert served.lab.requests == []


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ((), {}, "standard input is no terminal"),
        (("--no-input",), {}, "--no-input forbids to ask"),
        ((), {"READINESS_SCAN_NO_INPUT": "true"}, "--no-input forbids to ask"),
    ],
)
@pytest.mark.parametrize("auth", ["device-code", "interactive"])
@pytest.mark.parametrize("command", [("scan",), ("collect", "-o", "evidence.json")])
def test_nobody_is_asked_where_nobody_can_be(
    auth: str,
    command: tuple[str, ...],
    arguments: tuple[str, ...],
    variables: dict[str, str],
    words: str,
    program: Program,
    estate: Serve,
) -> None:
    """A job must not wait for a person who is not there."""
    served = estate(toml=toml(auth))
    given = (*command, "--config", str(served.config), *arguments)
    ran = program(*given, variables={**served.secrets, **variables})
    assert ran.code == 2
    assert f'line 8: [tenant] auth: "{auth}" needs a person at a terminal, and {words}' in ran.err
    assert 'a job signs in by "certificate", "client-secret", "managed-identity" or "workload-identity"' in ran.err
    assert served.lab.requests == []


def test_nobody_is_asked_to_read_the_other_half(program: Program, estate: Serve) -> None:
    served = estate(toml=toml("device-code"))
    given = ("collect", "--only", "site", "-o", "site.json", "--config", str(served.config))
    program(*given, variables=served.secrets)
    assert {exchange.server for exchange in served.lab.requests} == {"wsman"}


@pytest.mark.parametrize("auth", ["workload-identity", "managed-identity"])
def test_a_job_signs_in_without_a_secret_of_its_own(auth: str, program: Program, estate: Serve) -> None:
    served = estate(toml=toml(auth))
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    assert reachable(ran.report) == "pass"
    who = "system-assigned managed identity" if auth == "managed-identity" else "application "
    assert [one for one in ran.report["run"]["identities"] if one.startswith(who)]


def test_the_token_file_of_the_platform_is_the_default(program: Program, estate: Serve) -> None:
    """As Kubernetes' workload identity has it: users of it name no file."""
    served = estate(toml=toml("workload-identity"))
    served.rewrite('federated_token_file = "federated.token"\n', "")
    variables = {**served.secrets, "AZURE_FEDERATED_TOKEN_FILE": str(served.folder / "federated.token")}
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=variables)
    assert reachable(ran.report) == "pass"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b" \n", "is empty"), (b"p4ssw0rd", "holds no signed token"), (b"\xff.a.b", "holds no")],
)
def test_a_token_file_that_is_of_no_use_reads_nothing(
    content: bytes | None, words: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=toml("workload-identity"))
    file = served.folder / "federated.token"
    file.unlink() if content is None else file.write_bytes(content)
    ran = program("scan", "--config", str(served.config), variables=served.secrets)
    assert ran.code == 2
    assert f"[tenant] federated_token_file: {words}" in ran.err
    assert str(file) in ran.err
    assert "p4ssw0rd" not in ran.err
    assert served.lab.requests == []


def test_workload_identity_without_any_file_says_what_would_name_it(program: Program, estate: Serve) -> None:
    served = estate(toml=toml("workload-identity"))
    served.rewrite('federated_token_file = "federated.token"\n', "")
    ran = program(
        "scan", "--config", str(served.config), variables={**served.secrets, "AZURE_FEDERATED_TOKEN_FILE": ""}
    )
    assert ran.code == 2
    assert 'auth "workload-identity" needs it, or AZURE_FEDERATED_TOKEN_FILE in the environment' in ran.err


@pytest.mark.parametrize("auth", ["device-code", "interactive"])
def test_permissions_are_tested_by_the_person_who_must_be_there(auth: str, program: Program, estate: Serve) -> None:
    served = estate(toml=toml(auth))
    ran = program("permissions", "--test", "--config", str(served.config), variables=served.secrets)
    assert ran.code == 2
    assert f'"{auth}" needs a person at a terminal' in ran.err
    listed = program("permissions", "--config", str(served.config), variables=served.secrets)
    assert "delegated" in listed.out
    assert served.lab.requests == []


@dataclass(frozen=True)
class Typed:
    """How a run at a terminal ended; what the terminal showed."""

    code: int
    out: str
    shown: str


def at_a_terminal(
    served: Estate, *arguments: str, interrupt_at: bytes | None = None, variables: Mapping[str, str] | None = None
) -> Typed:
    """Scans with a terminal as input and standard error, and presses Ctrl-C once it shows some words."""
    master, slave = pty.openpty()
    given = ["scan", "--config", str(served.config), "--format", "none", *arguments]
    home = str(Path(__file__).resolve().parents[2])
    out = (served.folder / "out").open("w+b")  # a pipe would be full before anybody reads it
    child = subprocess.Popen(
        [sys.executable, "-m", "readiness", *given],
        stdin=slave,
        stdout=out,
        stderr=slave,
        env={**os.environ, **served.secrets, "PYTHONPATH": home, **(variables or {})},
        preexec_fn=interruptible,
    )
    os.close(slave)
    with child:
        watchdog = threading.Timer(60, child.kill)
        watchdog.start()
        shown = b""
        while piece := _read(master):
            shown += piece
            if interrupt_at is not None and interrupt_at in shown:
                time.sleep(0.3)
                child.send_signal(signal.SIGINT)
                interrupt_at = None
        code = child.wait()
        watchdog.cancel()
    os.close(master)
    out.close()
    return Typed(code, (served.folder / "out").read_text(encoding="utf-8"), shown.decode())


def _read(master: int) -> bytes:
    try:
        return os.read(master, 4096)
    except OSError:  # the other end is closed
        return b""


def test_a_person_signs_in_at_the_terminal(estate: Serve) -> None:
    """The prompt is on standard error: standard output stays pure JSON. The waiting is no part of the reading."""
    served = estate(toml=toml("device-code", "pending = 2"))
    ran = at_a_terminal(served, "--json", "--timeout", "2.5")
    lines = ran.shown.splitlines()
    at = lines.index(f"To sign in, open {served.lab.graph_origin}/devicelogin")
    assert lines[at + 1].startswith("and enter the code ")  # a line of its own: a narrow terminal does not break it
    assert "at most 15 min; Ctrl-C ends it" in ran.shown
    report = json.loads(ran.out)
    assert SIGNED_IN in report["run"]["identities"]
    assert reachable(report) == "pass"
    assert not [reading for reading in report["readings"] if reading["reason"] == "timed-out"]


def can_keep(folder: Path) -> bool:
    """Whether this machine has an encrypted store."""
    try:
        encrypted_store(folder / "trial.bin")
    except NoStoreError:
        return False
    return True


BROWSER = """\
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from tests.servers.browser import Browser
Browser(pathlib.Path(sys.argv[2]))(sys.argv[3])
"""


@pytest.mark.parametrize("options", [(), ("--no-cache",)])
def test_a_person_signs_in_in_the_browser(options: tuple[str, ...], estate: Serve) -> None:
    """The browser of the system, as BROWSER names it; its address is shown whole, for where none opens. That the
    sign-in cannot be kept is said once, in one line, and not at all where that was not wanted."""
    served = estate(toml=toml("interactive"))
    script, home = served.folder / "browser.py", Path(__file__).resolve().parents[2]
    script.write_text(BROWSER, encoding="utf-8")
    browser = f"{sys.executable} {script} {home} {served.folder / 'ca.pem'} %s"
    ran = at_a_terminal(served, "--json", *options, variables={"BROWSER": browser})
    assert ran.shown.count("this sign-in is not kept") == (0 if options or can_keep(served.folder) else 1)
    assert f"Sign in in the browser that opens. If none does, open\r\n{served.lab.graph_origin}/" in ran.shown
    assert "at most 15 min; Ctrl-C ends it" in ran.shown
    report = json.loads(ran.out)
    assert SIGNED_IN in report["run"]["identities"]
    assert reachable(report) == "pass"


def test_ctrl_c_ends_the_waiting_for_the_browser(estate: Serve) -> None:
    served = estate(toml=toml("interactive"))
    ran = at_a_terminal(served, interrupt_at=b"Ctrl-C ends it", variables={"BROWSER": "true"})
    assert (ran.code, ran.out) == (130, "")
    assert "Traceback" not in ran.shown


def test_a_person_who_declines_leaves_the_other_half_read(estate: Serve) -> None:
    served = estate(toml=toml("device-code", 'answer = "decline"\npending = 0'))
    ran = at_a_terminal(served, "--json")
    report = json.loads(ran.out)
    assert ran.code == 5
    failed = {reading["reason"] for reading in report["readings"] if reading["reason"]}
    assert failed == {"sign-in-failed"}
    assert "the person declined it" in ran.out


def test_ctrl_c_ends_the_waiting_for_the_person(estate: Serve) -> None:
    served = estate(toml=toml("device-code", 'answer = "ignore"'))
    ran = at_a_terminal(served, interrupt_at=b"Ctrl-C ends it")
    assert (ran.code, ran.out) == (130, "")
    assert "exit 130: interrupted" in ran.shown
    assert "Traceback" not in ran.shown
    assert {exchange.server for exchange in served.lab.requests} == {"entra"}


def test_the_lab_writes_what_the_asked_sign_in_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "readiness", "lab", "ready", "--tenant-auth", "certificate", "--until-eof"]
    child = subprocess.Popen(
        [*command, "--write", str(tmp_path / "lab")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    out, _ = child.communicate(input="", timeout=60)
    assert out == f"ready {tmp_path / 'lab'}\n"
    assert 'auth = "certificate"' in (tmp_path / "lab" / "readiness.toml").read_text(encoding="utf-8")
    assert (tmp_path / "lab" / "readiness.pfx").is_file()


@pytest.mark.parametrize(
    ("tenant", "words"),
    [
        ("client_secret_expired = true", "(AADSTS7000222): the client secret has expired; create one at"),
        ("consent = false", "(AADSTS65001): nobody has consented to the application; grant admin consent at"),
    ],
)
def test_a_scan_and_the_test_of_permissions_say_the_same(
    tenant: str, words: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=f'base = "ready"\ntitle = "Refused."\n[tenant]\n{tenant}\n')
    asked = ("--config", str(served.config), "--json", "--check", "tenant-reachable")
    scanned = program("scan", *asked, "--format", "none", variables=served.secrets)
    tested = program("permissions", "--test", *asked, variables=served.secrets)
    assert words in next(one["error"] for one in scanned.report["readings"] if one["error"])
    assert [right for right in tested.report["rights"] if words in right["words"]]
