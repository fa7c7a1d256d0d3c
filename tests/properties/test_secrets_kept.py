"""No secret leaves with what is kept or sent: recordings and their map, the sign-in of a person on their disk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from cryptography.fernet import Fernet

from tests.conftest import Estate, Program, Ran
from tests.properties.canaries import files
from tests.properties.counting import tried
from tests.properties.echoing import in_place_of_every_server
from tests.properties.watching import PROXY_PASSWORD, WRONG, Watch, scenario
from tests.servers.browser import Browser
from tests.servers.store import FileStore
from tests.servers.tcp import TcpServer

Serve = Callable[..., Estate]
TRANSPORTS = pytest.mark.parametrize("transport", ["winrm", "adminservice"])
KEY = Fernet.generate_key()
CACHE = "no-sign-in-here"
"""Where tests/conftest.py puts the cache of a person: below the folder that is searched."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    """This system encrypts what it keeps, as msal-extensions would have it do."""
    extensions = SimpleNamespace(
        build_encrypted_persistence=lambda path: FileStore(Path(path), KEY), CrossPlatLock=lambda _path: nullcontext()
    )
    monkeypatch.setitem(sys.modules, "msal_extensions", extensions)


def somebody_sits_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the streams of the test itself: those of its fixtures are others."""
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


def recorded(program: Program, watch: Watch, served: Estate, **variables: str) -> list[Ran]:
    """A recording is made, with a map, and judged; both as talkative as they can be."""
    given = {**served.secrets, **variables}
    said = ("--debug", "--log-file", "record.log")
    config = ("--config", str(served.config), "--timeout", "30")
    kept = ("-o", "recorded.json", "--record", "recording", "--record-map", "map.json")
    runs = [program("collect", *config, *said, *kept, variables=given)]
    if Path("recording").exists():
        runs.append(program("assess", "--replay", "recording", "--debug", "--log-file", "replay.log", "--json"))
    watch.ran += runs
    tried("files of recordings", len(files(Path("recording"), but=())))
    return runs


@pytest.mark.parametrize(
    ("auth", "transport"),
    [
        ("client-secret", "winrm"),
        ("certificate", "adminservice"),
        ("device-code", "winrm"),
        ("workload-identity", "adminservice"),
        ("managed-identity", "winrm"),
    ],
)
def test_a_recording_and_its_replay_let_nothing_out(
    auth: str, transport: str, program: Program, estate: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody_sits_there(monkeypatch)
    toml = scenario(auth, "[tenant.person]\npending = 0\n[scope]\nadministrators = []\n")
    served = estate(toml=toml, transport=transport, tamper=watch.listening)
    runs = recorded(program, watch, served)
    assert [ran.code for ran in runs] == [0, 0], runs[0].err
    assert {"authorization", "access_token"} <= watch.was_heard()
    assert (Path("map.json").is_file(), len(list(Path("recording").rglob("*.json"))) > 20) == (True, True)
    watch.search()


def test_a_recording_of_what_travelled_encrypted_lets_nothing_out(
    program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario(), site_scheme="http", tamper=watch.listening)
    assert [ran.code for ran in recorded(program, watch, served)] == [0, 0]
    watch.search()


@TRANSPORTS
@pytest.mark.parametrize(
    "variables",
    [
        {"READINESS_CLIENT_SECRET": WRONG},
        {"READINESS_SITE_PASSWORD": WRONG},
        {"READINESS_SITE_AUTH": "basic", "READINESS_SITE_PASSWORD": WRONG},
        {"READINESS_SITE_PORT": "1", "READINESS_TENANT_AUTHORITY": "https://localhost:1"},
        {"READINESS_SITE_CA_BUNDLE": "other.pem", "READINESS_TENANT_CA_BUNDLE": "other.pem"},
        {"HTTPS_PROXY": f"http://svc:{PROXY_PASSWORD}@127.0.0.1:1"},
    ],
    ids=str,
)
def test_a_recording_of_what_fails_lets_nothing_out(
    variables: dict[str, str], transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    trustme.CA().cert_pem.write_to_path(str(watch.folder / "other.pem"))
    served = estate(toml=scenario(), transport=transport, tamper=watch.listening)
    given = {name: str(watch.folder / value) if value == "other.pem" else value for name, value in variables.items()}
    runs = recorded(program, watch, served, **given)
    assert [ran.code for ran in runs] == ([2] if "basic" in given.values() and transport != "winrm" else [5, 5])
    watch.search()


@TRANSPORTS
def test_a_recording_of_answers_that_repeat_the_question_lets_nothing_out(
    transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    watch.listening.repeating = True
    served = estate(toml=scenario(), transport=transport, tamper=watch.listening)
    assert [ran.code for ran in recorded(program, watch, served)] == [5, 5]
    watch.search()


@TRANSPORTS
@pytest.mark.parametrize("kind", ["negotiate", "basic"])
def test_a_recording_of_an_echo_lets_nothing_out(
    kind: str, transport: str, program: Program, estate: Serve, watch: Watch, echoes: TcpServer
) -> None:
    served = estate(toml=scenario(), transport=transport, tamper=watch.listening)
    there = in_place_of_every_server(echoes, watch.folder)
    runs = recorded(program, watch, served, READINESS_SITE_AUTH=kind, **there)
    assert [ran.code for ran in runs] == ([2] if (kind, transport) == ("basic", "adminservice") else [5, 5])
    watch.search()


def signed_in(program: Program, watch: Watch, served: Estate, *options: str) -> Ran:
    given = ("scan", "--config", str(served.config), "--debug", "--log-file", "scan.log", "--timeout", "30")
    ran = program(*given, "--save-evidence", "kept.json", *options, variables=served.secrets)
    watch.ran.append(ran)
    return ran


def asked(served: Estate) -> list[str]:
    """How tokens were asked for since this was last called."""
    found = [one.summary for one in served.lab.requests if one.server == "entra" and one.method == "POST"]
    served.lab.requests.clear()
    return found


@pytest.mark.parametrize("auth", ["interactive", "device-code"])
@pytest.mark.usefixtures("store")
def test_the_sign_in_of_a_person_lies_encrypted_on_their_disk(
    auth: str, program: Program, estate: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, it serves the next scan, it holds the token; and that stands nowhere in the clear."""
    somebody_sits_there(monkeypatch)
    served = estate(toml=scenario(auth, "[tenant.person]\npending = 0\n"), tamper=watch.listening)
    monkeypatch.setattr("webbrowser.open", Browser(served.folder / "ca.pem"))
    first = signed_in(program, watch, served)
    assert "refresh_token" not in asked(served), first.err
    assert first.code == 0, first.err
    (file,) = (path for path in Path(CACHE).rglob("*") if path.is_file())
    held = FileStore(file, KEY).load()
    heard = {secret for name, secret in watch.listening.heard.items() if name.startswith("refresh_token")}
    assert [secret for secret in heard if secret in held]
    signed_in(program, watch, served)
    assert asked(served) == ["refresh_token"]
    file.write_bytes(file.read_bytes()[:-7])
    broken = signed_in(program, watch, served)
    assert "could not be read" in broken.err
    watch.search()


@pytest.mark.parametrize("auth", ["interactive", "device-code"])
@pytest.mark.parametrize("why", ["not wanted", "not encrypted", "no store"])
@pytest.mark.usefixtures("store")
def test_a_sign_in_that_is_not_kept_leaves_nothing_on_the_disk(
    why: str, auth: str, program: Program, estate: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--no-cache` not even its folder."""
    if why == "not encrypted":
        monkeypatch.setattr(FileStore, "is_encrypted", False)
    elif why == "no store":
        monkeypatch.setitem(sys.modules, "msal_extensions", None)
    somebody_sits_there(monkeypatch)
    served = estate(toml=scenario(auth, "[tenant.person]\npending = 0\n"), tamper=watch.listening)
    monkeypatch.setattr("webbrowser.open", Browser(served.folder / "ca.pem"))
    for _ in range(2):
        ran = signed_in(program, watch, served, *(("--no-cache",) if why == "not wanted" else ()))
        assert ("is not kept" in ran.err) is (why != "not wanted")
        assert "refresh_token" not in asked(served)
    assert [path for path in Path(CACHE).rglob("*") if path.is_file()] == []
    assert Path(CACHE).exists() is (why != "not wanted")
    assert "access_token" in watch.was_heard()
    watch.search()
