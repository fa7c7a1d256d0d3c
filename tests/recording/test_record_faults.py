"""What went wrong in a scan goes wrong for the same reason in its replay; nothing secret is kept of it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requests import Request

from readiness.aliases import Aliases
from readiness.recording import exchanges
from readiness.recording.exchanges import Heard
from readiness.recording.recorder import Recorder
from tests.conftest import Estate, Program
from tests.recording.conftest import Record, Recorded

Serve = Callable[..., Estate]
BASE = 'base = "ready"\ntitle = "Mine."\n'
FAULTS = {
    "graph busy": '[[fault]]\nserver = "graph"\npath = "*configurationPolicies*"\nstatus = 429\nretry_after = 3600\n',
    "graph broken": '[[fault]]\nserver = "graph"\npath = "*organization*"\nstatus = 500\n',
    "no right": '[tenant]\npermissions = ["Application.Read.All"]\n',
    "no intune": "[tenant]\nintune = false\n",
    "secret expired": "[tenant]\nclient_secret_expired = true\n",
    "no consent": "[tenant]\nconsent = false\n",
    "site denies": '[[fault]]\nserver = "wsman"\nclass = "SMS_Site"\nhresult = 0x80041003\n',
    "service denies": '[[fault]]\nserver = "adminservice"\nclass = "SMS_Site"\nstatus = 403\n',
    "entra broken": '[[fault]]\nserver = "entra"\npath = "*openid-configuration"\nstatus = 502\n',
}


def reasons(readings: list[dict[str, Any]]) -> dict[str, str | None]:
    return {one["fact"]: one["reason"] for one in readings}


def as_recorded(program: Program, recorded: Recorded) -> dict[str, str | None]:
    """The reasons of the replay, which must be those of the scan."""
    evidence = json.loads(recorded.evidence.read_text(encoding="utf-8"))
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    found = reasons(ran.report["readings"])
    assert found == {**found, **reasons(evidence["readings"])}
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_replayed_to_its_reason(fault: str, program: Program, estate: Serve, record: Record) -> None:
    transport = "adminservice" if fault == "service denies" else "winrm"
    recorded = record(estate(toml=BASE + FAULTS[fault], transport=transport))
    assert recorded.collected.code == 5
    assert {reason for reason in as_recorded(program, recorded).values() if reason} != set()


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize("trouble", ["refused", "untrusted", "password"])
def test_a_connection_that_fails_is_replayed_to_its_reason(
    trouble: str, transport: str, program: Program, estate: Serve, record: Record
) -> None:
    served = estate("ready", transport=transport)
    port = served.lab.site_port if transport == "winrm" else served.lab.adminservice_port
    if trouble == "refused":
        served.rewrite(f"port = {port}", f"port = {_closed_port()}")
    elif trouble == "untrusted":
        served.config.write_text(
            served.config.read_text(encoding="utf-8").replace('ca_bundle = "ca.pem"', ""), encoding="utf-8"
        )
    else:
        secrets = {**served.secrets, "READINESS_SITE_PASSWORD": "Wrong-password-canary-1"}
        (served.folder / "lab.env").write_text(
            "".join(f"{name}={value}\n" for name, value in secrets.items()), encoding="utf-8"
        )
    recorded = record(served)
    found = as_recorded(program, recorded)
    assert found["SiteProvider"] == ("sign-in-failed" if trouble == "password" else "unreachable")
    assert "Wrong-password-canary-1" not in recorded.text


def test_no_secret_of_the_estate_is_recorded(estate: Serve, record: Record) -> None:
    """Of an application, over http with encryption: neither as it is nor as it travels."""
    served = estate("ready", site_scheme="http")
    recorded = record(served)
    scenario = served.lab.scenario
    for secret in (scenario.tenant.client_secret, scenario.site.password, *served.secrets.values()):
        assert secret not in recorded.text
    lowered = json.dumps(recorded.exchanges).lower()
    for word in ("bearer ", '"authorization"', "cookie", "client_assertion=", "encrypted boundary"):
        assert word not in lowered
    assert {"access_token": "(not recorded)"} in [one.get("answer", {}).get("json") for one in recorded.exchanges]


def test_the_folder_is_for_the_owner_alone_and_must_be_new(estate: Serve, record: Record, program: Program) -> None:
    served = estate("ready")
    recorded = record(served)
    if os.name == "posix":
        assert recorded.folder.stat().st_mode & 0o777 == 0o700
        modes = {path.stat().st_mode & 0o777 for path in recorded.folder.rglob("*.json")}
        assert modes | {recorded.map_file.stat().st_mode & 0o777} == {0o600}
    arguments = ("collect", "--config", str(served.config), "-o", "e.json")
    again = program(*arguments, "--record", str(recorded.folder), variables=served.secrets)
    assert (again.code, "not empty" in again.err) == (2, True)
    inside = program(*arguments, "--record", "new", "--record-map", "new/map.json", variables=served.secrets)
    assert (inside.code, "lies in the folder" in inside.err) == (2, True)
    alone = program(*arguments, "--record-map", "map.json", variables=served.secrets)
    assert (alone.code, "--record-map goes with --record" in alone.err) == (2, True)


def test_recording_changes_neither_what_is_asked_nor_the_outcome(
    estate: Serve, record: Record, program: Program
) -> None:
    served = estate("ready")
    plain = program("collect", "--config", str(served.config), "-o", "e.json", variables=served.secrets)
    asked = _asked(served)
    served.lab.requests.clear()
    recorded = record(served)
    assert (recorded.collected.code, plain.code) == (0, 0)
    assert _asked(served) == asked


def _asked(served: Estate) -> list[list[str]]:
    """The questions; the order within a batch is chance."""
    answered = (one for one in served.lab.requests if one.status != 401)
    return sorted(sorted(one.summary.removeprefix("GET ").split(", GET ")) for one in answered if one.server != "entra")


# What is wrong with a recording that somebody sent.


def _changed(recorded: Recorded, name: str, change: Callable[[str], str]) -> None:
    """Change a file, and the digests that cover it, as somebody would who means harm."""
    from readiness import documents
    from readiness.recording.folder import digest_of

    path = recorded.folder / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    manifest = recorded.manifest
    manifest["files"][name] = digest_of(path)
    (recorded.folder / "recording.json").write_text(documents.readable(documents.sealed(manifest)), encoding="utf-8")


BAD = {
    "not json": lambda _: "{",
    "no object": lambda _: "[]",
    "no question": lambda _: '{"service": "graph", "answer": {"status": 200, "headers": {}}}',
    "no end": lambda _: '{"service": "graph", "question": {}}',
    "status": lambda _: '{"service": "graph", "question": {}, "answer": {"status": "x", "headers": {}}}',
    "headers": lambda _: (
        '{"service": "graph", "question": {}, "answer": {"status": 200, "headers": {"a": "b\\r\\nc"}}}'
    ),
    "xml": lambda _: '{"service": "wsman", "question": {}, "answer": {"status": 200, "headers": {}, "xml": [1]}}',
    "reason": lambda _: '{"service": "graph", "question": {}, "failure": {"reason": "x", "kind": "y", "words": "z"}}',
    "twice": lambda text: text.replace("{", '{"half": "site", "half": "site",', 1),
    "deep": lambda _: "[" * 100_000,
    "deep question": lambda text: text.replace(
        '"question": {', '"question": {"a": ' + '{"a":' * 900 + "1" + "}" * 900 + ",", 1
    ),
    "another service": lambda text: text.replace('"service": "wsman"', '"service": "ftp"'),
    "clock": lambda text: text.replace('"status": ', f'"clock_skew_seconds": {10**400}, "status": ', 1).replace(
        '"clock_skew_seconds": 0', '"other": 0'
    ),
    "members": lambda _: (
        '{"service": "graph", "question": {}, "answer": {"status": 200, "headers": {}, '
        '"json": {"responses": [{"id": "0", "status": 200, "headers": [1]}]}}}'
    ),
}


@pytest.fixture
def recorded(estate: Serve, record: Record) -> Recorded:
    return record(estate("ready"), "--check", "site-reachable", "--only", "site")


def test_a_bad_exchange_ends_the_replay_with_its_place(program: Program, recorded: Recorded) -> None:
    whole = (recorded.folder / "exchanges/0001.json").read_text(encoding="utf-8")
    for what, change in BAD.items():
        _changed(recorded, "exchanges/0001.json", lambda _, change=change: change(whole))  # type: ignore[misc]
        ran = program("assess", "--replay", str(recorded.folder), "--format", "none")
        assert ran.code == 2, what
        assert "0001.json" in ran.err, what


BAD_MANIFESTS: dict[str, tuple[str, Any]] = {
    "of no version": ("tool_version", None),
    "of a version that is no word": ("tool_version", "1\x1b[31m"),
    "of no time": ("started", None),
    "without configuration": ("files", {}),
    "of a real estate, where the answers are simulated": ("demo", False),
}


@pytest.mark.parametrize("what", BAD_MANIFESTS)
def test_a_bad_manifest_ends_the_replay_with_its_place(what: str, program: Program, recorded: Recorded) -> None:
    name, value = BAD_MANIFESTS[what]
    _sealed(recorded, {name: value})
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    assert (ran.code, "recording.json" in ran.err, ran.out) == (2, True, "")


def test_odd_readings_in_a_manifest_are_passed_over(program: Program, recorded: Recorded) -> None:
    _sealed(recorded, {"readings": [{"fact": ["x"], "reason": "denied"}, {"fact": "Organization", "reason": [1]}, 1]})
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    assert ran.report["checks"] != []


def test_an_answer_that_claims_to_be_real_does_not_make_the_estate_real(program: Program, recorded: Recorded) -> None:
    for path in sorted(recorded.folder.glob("exchanges/*.json")):
        _changed(
            recorded, f"exchanges/{path.name}", lambda text: text.replace('"simulated": true', '"simulated": false')
        )
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    assert (ran.code, "demo:" in ran.err) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="links need a right of their own on Windows")
@pytest.mark.parametrize("name", ["recording.json", "exchanges", "readiness.toml", "exchanges/0001.json"])
def test_a_link_in_a_recording_is_not_followed(name: str, program: Program, recorded: Recorded) -> None:
    elsewhere = recorded.folder.parent / "elsewhere"
    (recorded.folder / name).rename(elsewhere)
    (recorded.folder / name).symlink_to(elsewhere)
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    assert (ran.code, ran.out) == (2, "")


def _sealed(recorded: Recorded, changes: dict[str, Any]) -> None:
    """Change the manifest, and its digest with it; None takes a value away."""
    from readiness import documents

    made = {name: one for name, one in {**recorded.manifest, **changes}.items() if name != "digest" and one is not None}
    text = documents.readable(documents.sealed(made))
    (recorded.folder / "recording.json").write_text(text, encoding="utf-8")


def test_an_edited_truncated_or_missing_file_ends_the_replay(program: Program, recorded: Recorded) -> None:
    target = recorded.folder / "exchanges/0001.json"
    whole = target.read_text(encoding="utf-8")
    for text in (whole + " ", whole[: len(whole) // 2], None):
        target.unlink() if text is None else target.write_text(text, encoding="utf-8")
        ran = program("assess", "--replay", str(recorded.folder), "--format", "none")
        assert (ran.code, "0001.json" in ran.err) == (2, True)


def test_a_recording_leads_nowhere(program: Program, recorded: Recorded) -> None:
    """Neither to other files, nor by links, nor by a configuration that writes elsewhere or signs in."""
    from readiness import documents

    manifest = recorded.manifest
    for name in ("../secret.json", "/etc/passwd", "exchanges/../../x.json", "exchanges/0001.json\n"):
        changed = {**manifest, "files": {**manifest["files"], name: "0" * 64}}
        text = documents.readable(documents.sealed({key: one for key, one in changed.items() if key != "digest"}))
        (recorded.folder / "recording.json").write_text(text, encoding="utf-8")
        ran = program("assess", "--replay", str(recorded.folder), "--format", "none")
        assert (ran.code, "is no name of a file of a recording" in ran.err) == (2, True)
    (recorded.folder / "recording.json").write_text(documents.readable(manifest), encoding="utf-8")
    for more in (
        '[scan]\noutput = "/tmp/elsewhere"\n',
        '[tenant]\ncertificate = "x.pfx"\n',
        '[tenant]\nclient_secret_env = "HOME"\n',
        '[site]\npassword_env = "HOME"\n',
        '[site]\nkeytab = "/etc/krb5.keytab"\n',
        "[notify]\n",
    ):
        _changed(recorded, "readiness.toml", lambda _, more=more: more)  # type: ignore[misc]
        ran = program("assess", "--replay", str(recorded.folder), "--format", "none")
        assert (ran.code, "no recording holds this" in ran.err) == (2, True)


def test_a_folder_that_is_no_recording_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = program("assess", "--replay", "empty", "--format", "none")
    assert (ran.code, "there is no recording here" in ran.err) == (2, True)
    both = program("assess", "e.json", "--replay", "empty")
    neither = program("assess")
    assert (both.code, neither.code) == (2, 2)


def heard(body: bytes) -> Heard:
    request = Request("GET", "https://graph.test/v1.0/organization").prepare()
    headers = {"Content-Type": "application/json"}
    return Heard("graph", request, None, "2026-11-01T00:00:00.000Z", 0.1, 200, headers, body)


def test_an_answer_that_no_file_can_hold_is_lost_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one may be that is nested as deep as it can just be read: a writer that ended by it would hold up the scan."""
    monkeypatch.setattr(
        "readiness.recording.recorder.recorded",
        lambda aliases, one: {"deep": nested(100_000)} if one.body == b"{}" else exchanges.recorded(aliases, one),
    )
    recorder = Recorder(tmp_path, Aliases())
    for body in (b"{}", b'{"value": []}'):
        recorder._keep(heard(body))
    lost, kept = (json.loads(one.path.read_text(encoding="utf-8")) for one in recorder.close())
    assert lost == {"half": "tenant", "service": "graph", "lost": "RecursionError"}
    assert kept["answer"]["json"] == {"value": []}


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made
