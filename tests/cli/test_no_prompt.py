"""A job asks nobody: with a terminal that would take an answer, and none that gives one, every way to sign in ends."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from readiness.lab import Lab, load_scenario
from tests.conftest import Estate

SECONDS = 30.0
pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    with Lab(load_scenario("ready")) as lab:
        lab.write(folder, "winrm")
        yield Estate(lab, folder)


def sealed_key(folder: Path) -> Path:
    """A certificate's file whose key has a password: OpenSSL would ask for it at the terminal."""
    how = serialization.BestAvailableEncryption(b"nobody knows")
    key = rsa.generate_private_key(65537, 2048)
    path = folder / "sealed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
        + (folder / "ca.pem").read_bytes()
    )
    return path


def scan(served: Estate, how: str, *options: str, **variables: str) -> tuple[int, str]:
    """Scan with standard input closed, nothing, or a terminal on which nobody types, which is the controlling one."""
    command = [sys.executable, "-m", "readiness", "scan", "--config", str(served.config), "--format", "none", *options]
    ours, theirs = pty.openpty()
    terminal = how == "terminal"
    kept = {name: of for name, of in served.secrets.items() if name not in variables}
    with subprocess.Popen(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command] if how == "closed" else command,
        cwd=served.folder,
        env={**os.environ, **kept, **{name: of for name, of in variables.items() if of}},
        stdin=theirs if terminal else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs if terminal else subprocess.PIPE,
        start_new_session=True,
        preexec_fn=(lambda: _control(theirs)) if terminal else None,
    ) as child:
        os.close(theirs)
        try:
            _, said = child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            raise
    shown = os.read(ours, 65536).decode() if terminal else said.decode()
    os.close(ours)
    return child.returncode, shown


def _control(terminal: int) -> None:
    """What asks at the terminal of the session, past standard input, finds this one."""
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("auth", ["device-code", "interactive"])
@pytest.mark.parametrize("how", ["closed", "nothing", "terminal"])
def test_a_person_is_not_waited_for(served: Estate, how: str, auth: str) -> None:
    code, said = scan(served, how, "--no-input", READINESS_TENANT_AUTH=auth)
    assert (code, "needs a person at a terminal" in " ".join(said.split())) == (2, True), said


@pytest.mark.parametrize("how", ["closed", "terminal"])
@pytest.mark.parametrize("auth", ["negotiate", "kerberos", "ntlm", "basic"])
def test_a_password_that_is_not_set_is_not_asked_for(served: Estate, how: str, auth: str) -> None:
    code, said = scan(served, how, "--no-input", READINESS_SITE_AUTH=auth, READINESS_SITE_PASSWORD="")
    assert code in (2, 5), said
    assert f"exit {code}: " in said


@pytest.mark.parametrize("half", ["tenant", "site"])
def test_the_password_of_a_key_is_not_asked_for(served: Estate, half: str) -> None:
    given = {f"READINESS_{half}_AUTH".upper(): "certificate"}
    given[f"READINESS_{half}_CERTIFICATE".upper()] = str(sealed_key(served.folder))
    code, said = scan(served, "terminal", "--no-input", **given)
    assert code == 2, said
    assert "pass phrase" not in said
