"""The estate as a whole: scenarios load, files are written, and nothing is left behind."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests

from readiness.errors import ConfigurationError
from readiness.lab import Lab, load_scenario, scenario_names, serve

from .clients import Cloud, session


def test_the_promised_scenarios_are_there() -> None:
    assert {"almost-ready", "hotfix-missing", "no-defender", "ready", "rights-limited"} <= set(scenario_names())


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_starts_and_says_what_is_wrong(name: str) -> None:
    scenario = load_scenario(name)

    assert scenario.title.endswith(".")
    with Lab(scenario) as lab:
        assert lab.graph_port != lab.site_port


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'almost-ready'"):
        load_scenario("almost-redy")


def test_a_file_builds_on_another_scenario(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'base = "ready"\ntitle = "Mine."\n[tenant]\npage_size = 2\n[[wmi.SMS_Admin]]\nAdminID = 1\n', encoding="utf-8"
    )

    scenario = load_scenario(str(path))

    assert (scenario.name, scenario.tenant.page_size) == ("mine", 2)
    assert scenario.tenant.client_id == load_scenario("ready").tenant.client_id
    assert scenario.wmi["SMS_Admin"] == [{"AdminID": 1}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('base = "mine.toml"', "its own base"),
        ("title = ", "mine.toml"),
        ('base = "ready"\n[tenant]\nclientid = "x"', "clientid"),
        ('base = "ready"\n[[wmi.SMS_Site]]\nSiteCode = "XYZ"', "no row for site P01"),
    ],
)
def test_a_file_that_is_no_scenario_says_why(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=words):
        load_scenario(str(path))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("[[wmi.SMS_Nothing]]\na = 1", "no class 'SMS_Nothing'"),
        ('[[wmi.SMS_Admin]]\nLoginName = "x"', "did you mean LogonName"),
        ('[[wmi.SMS_Admin]]\nAdminID = "x"', "SMS_Admin.AdminID is of type uint32"),
        ('[[wmi.SMS_Admin]]\nRoleNames = "x"', "SMS_Admin.RoleNames is an array"),
    ],
)
def test_rows_are_held_against_their_class(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'base = "ready"\n{row}\n', encoding="utf-8")

    with pytest.raises(ConfigurationError, match=words), Lab(load_scenario(str(path))):
        pass


def test_the_written_files_lead_an_ordinary_client_in(lab: Lab, tmp_path: Path) -> None:
    lab.write(tmp_path / "new")

    settings = tomllib.loads((tmp_path / "new" / "readiness.toml").read_text(encoding="utf-8"))
    secrets = dict(
        line.split("=", 1) for line in (tmp_path / "new" / "lab.env").read_text(encoding="utf-8").splitlines()
    )
    assert settings["tenant"]["authority"] == settings["tenant"]["graph"] == lab.graph_origin
    assert settings["site"]["port"] == lab.site_port
    assert settings["site"]["username"] == "CONTOSO\\svc-readiness"
    assert settings["scope"]["collections"] == ["P0100021", "Pilot - Workstations EDR"]
    assert secrets[settings["tenant"]["client_secret_env"]] == lab.scenario.tenant.client_secret
    assert secrets[settings["site"]["password_env"]] == lab.scenario.site.password
    assert (tmp_path / "new" / "ca.pem").read_bytes() == lab.ca_pem


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_may_read_the_secrets(lab: Lab, tmp_path: Path) -> None:
    for _ in range(2):
        lab.write(tmp_path)

    assert stat.S_IMODE((tmp_path / "lab.env").stat().st_mode) == 0o600


def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    """Open connections are cut, idle ones and half-open ones included."""
    process = psutil.Process()
    threads, files = threading.active_count(), process.num_fds() if hasattr(process, "num_fds") else 0
    lab = Lab(load_scenario("ready"))
    lab.start()
    web = session(lab, tmp_path)
    assert web.get(f"{lab.graph_origin}/v1.0/organization", timeout=10).status_code == 401
    silent = socket.create_connection(("127.0.0.1", lab.site_port))

    lab.stop()
    lab.stop()

    silent.close()
    web.close()
    assert threading.active_count() == threads
    assert (process.num_fds() if hasattr(process, "num_fds") else 0) <= files
    with pytest.raises(requests.ConnectionError), session(lab, tmp_path) as again:
        again.get(lab.graph_origin, timeout=10)


def test_a_silent_client_keeps_nobody_waiting(lab: Lab, cloud: Cloud) -> None:
    """The TLS handshake is not done while accepting."""
    with socket.create_connection(("127.0.0.1", lab.graph_port)):
        assert cloud.get("v1.0/organization").status_code == 401


def test_it_listens_on_loopback_only(lab: Lab) -> None:
    listening = {c.laddr.port: c.laddr.ip for c in psutil.Process().net_connections() if c.status == "LISTEN"}

    assert listening[lab.graph_port] == listening[lab.site_port] == "127.0.0.1"


def test_latency_is_added_to_every_answer(start: Callable[..., Lab], tmp_path: Path) -> None:
    lab = start(latency_seconds=0.05)
    with session(lab, tmp_path) as web:
        web.get(f"{lab.graph_origin}/v1.0/organization", timeout=10)

    assert lab.requests[0].ended - lab.requests[0].started >= 0.05


def test_a_lab_can_be_started_again() -> None:
    lab = Lab(load_scenario("ready"))
    for _ in range(2):
        with lab, pytest.raises(RuntimeError):
            lab.start()


def test_serve_writes_tells_and_stops(tmp_path: Path) -> None:
    stop, told = threading.Event(), list[Path]()

    def ready(directory: Path) -> None:
        assert (directory / "readiness.toml").is_file()
        told.append(directory)
        stop.set()

    began = time.monotonic()
    serve(load_scenario("ready"), tmp_path, ready, stop)

    assert told == [tmp_path]
    assert time.monotonic() - began < 5
