"""No secret leaves (architecture, property 3): canaries in every secret place, and a search of everything that the
program says, writes, logs and holds, at the most verbose level of ours and of every library, for each in any form."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import trustme

from readiness import connecting, evidence
from readiness.cli.logs import hush
from readiness.config import load
from readiness.model.facts import FACTS
from readiness.sources.deadline import Deadline
from tests.conftest import Estate, Program, Ran
from tests.properties.counting import tried
from tests.properties.echoing import in_place_of_every_server
from tests.properties.estates import SCENARIOS
from tests.properties.watching import (
    CLIENT_SECRET,
    COOKIE,
    PASSWORD,
    PROXY_PASSWORD,
    SIGNING,
    SIGNING_KEY,
    WRONG,
    Watch,
    scenario,
)
from tests.servers.tcp import TcpServer

Serve = Callable[..., Estate]


def everything(program: Program, watch: Watch, served: Estate, **variables: str) -> list[Ran]:
    """Every command that reads the estate, or what was read of it; as talkative as they can be. Where something is to
    fail, those that say most of it."""
    given = {**served.secrets, **SIGNING, **variables}
    failing = bool(variables)
    config = ("--config", str(served.config), "--timeout", "30")
    said = ("--debug", "--log-file", "scan.log")
    runs = [
        program("scan", *config, *said, "--save-evidence", "kept.json", variables=given),
        program("permissions", *config[:2], "--test"),
    ]
    if not failing:
        runs.insert(1, program("collect", *config, "--debug", "-o", "evidence.json"))
        runs.insert(
            1, program("scan", *config, "--debug", "--json", "--check", "attach-app-healthy", "--format", "none")
        )
    if Path("evidence.json").exists():
        runs.append(program("assess", "evidence.json", *config[:2], *said, "--json"))
    watch.ran += runs
    return runs


@pytest.mark.parametrize(
    ("auth", "transport"),
    [
        ("client-secret", "winrm"),
        ("certificate", "adminservice"),
        ("workload-identity", "winrm"),
        ("managed-identity", "adminservice"),
    ],
)
def test_an_estate_that_answers_lets_nothing_out(
    auth: str, transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario(auth), transport=transport, tamper=watch.listening)
    runs = everything(program, watch, served)
    assert [ran.code for ran in runs[:3]] == [0, 0, 0]
    assert {"authorization", "access_token"} <= watch.was_heard()
    assert (Path("kept.json").is_file(), Path("scan.log").is_file()) == (True, True)
    assert '"ed25519"' in Path("kept.json").read_text(encoding="utf-8")
    watch.search()


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_answers_that_repeat_what_they_were_asked_let_nothing_out(
    transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    watch.listening.repeating = True
    served = estate(toml=scenario(), transport=transport, tamper=watch.listening)
    everything(program, watch, served)
    watch.search()


@pytest.mark.parametrize(
    "variables",
    [
        {"READINESS_CLIENT_SECRET": WRONG},
        {"READINESS_SITE_PASSWORD": WRONG},
        {"READINESS_SITE_PORT": "1", "READINESS_TENANT_AUTHORITY": "https://localhost:1"},
        {"READINESS_SITE_CA_BUNDLE": "other.pem", "READINESS_TENANT_CA_BUNDLE": "other.pem"},
        {"READINESS_SITE_AUTH": "basic"},
        {"READINESS_SITE_AUTH": "basic", "READINESS_SITE_PASSWORD": WRONG},
        {"READINESS_TENANT_CLIENT_SECRET_ENV": WRONG},
        {"READINESS_SITE_PASSWORD_ENV": WRONG},
        {"HTTPS_PROXY": f"http://svc:{PROXY_PASSWORD}@127.0.0.1:1"},
        {"READINESS_TENANT_ID": WRONG},
        {"SIGNING_WORD": WRONG},
        {"SIGNING_PEM": WRONG},
        {"READINESS_SCAN_SIGNING_KEY_ENV": WRONG},
        {"READINESS_SCAN_SIGNING_KEY_ENV": SIGNING_KEY},
    ],
    ids=lambda variables: " ".join(
        "a signing key" if value == SIGNING_KEY else f"{name} {value}" for name, value in variables.items()
    ),
)
def test_what_fails_lets_nothing_out(
    variables: dict[str, str], program: Program, estate: Serve, watch: Watch, tmp_path: Path
) -> None:
    """Wrong secrets, refused connections, foreign authorities, proxies; secrets where names belong."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    served = estate(toml=scenario(), tamper=watch.listening)
    given = {name: str(tmp_path / value) if value == "other.pem" else value for name, value in variables.items()}
    everything(program, watch, served, **given)
    if "READINESS_TENANT_ID" in variables:
        return  # that is no secret; it may be said
    watch.search()


def test_an_echo_in_place_of_every_server_lets_nothing_out(
    program: Program, estate: Serve, watch: Watch, echoes: TcpServer
) -> None:
    """A server that answers whatever it was sent, headers and all, in the form that was asked for."""
    served = estate(toml=scenario(), tamper=watch.listening)
    there = in_place_of_every_server(echoes, watch.folder)
    for kind in ("negotiate", "basic"):
        everything(program, watch, served, READINESS_SITE_AUTH=kind, **there)
    watch.search()


CRASHES: Mapping[str, tuple[str, int]] = {
    "readiness.cli.redacting.judge": ("a bug of the whole", 1),
    "checks.attach.attach_app_healthy.attach_applications": ("a check that crashes", 5),
    "readiness.sources.configmgr.readers.attach._application": ("a reader that breaks", 5),
}


@pytest.mark.parametrize("place", CRASHES)
def test_a_crash_that_carries_secrets_lets_nothing_out(
    place: str, program: Program, estate: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of the exception, of the one that led to it, and in the variables of its frames."""

    def crashes(*_arguments: object, **_named: object) -> None:
        held = f"{CLIENT_SECRET} {PASSWORD}"
        raise RuntimeError(f"\x1b]52;c;{WRONG}\x07 {held}") from ValueError(held, COOKIE)

    monkeypatch.setattr(place, crashes)
    served = estate(toml=scenario(), tamper=watch.listening)
    runs = everything(program, watch, served)
    assert runs[0].code == CRASHES[place][1]
    if runs[0].code == 1:
        (log,) = (
            set((watch.folder / "tmp").glob("readiness-crash-*.log")) - {None}
            if len(runs) == 1
            else list((watch.folder / "tmp").glob("readiness-crash-*.log"))[:1]
        )
        assert "RuntimeError" in log.read_text(encoding="utf-8")
    assert "\x1b" not in "".join(ran.err for ran in runs)
    watch.search()


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize(
    "auth", ["client-secret", "certificate", "device-code", "workload-identity", "managed-identity"]
)
def test_no_object_of_ours_shows_a_secret(
    auth: str, transport: str, estate: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `repr` of everything of ours that a scan leaves alive; and of the libraries' sessions and applications."""
    served = estate(toml=scenario(auth), transport=transport, tamper=watch.listening)
    for name, value in served.lab.platform.items():
        monkeypatch.setenv(name, value)
    hush()
    gc.freeze()  # what earlier tests left is not looked at: it grows from test to test
    configuration = load(served.config, {})
    where = connecting.estate(configuration, served.secrets, Deadline(30))
    codes: list[str] = []
    if auth == "device-code":
        connecting.sign_in(where, lambda prompt: codes.append(getattr(prompt, "code", "")))
    found = evidence.collect(where, frozenset(FACTS), Deadline(30), clock=evidence.utc_now)
    evidence.save(found, watch.folder / "kept.json")
    living = [one for one in gc.get_objects() if _ours(one)]
    gc.unfreeze()
    assert len({type(one).__name__ for one in living}) > 20
    shown = "\n".join(f"{one!r} {one!s}" for one in living)
    for code in codes:
        assert code not in (watch.folder / "kept.json").read_text(encoding="utf-8")
    assert {"authorization", "access_token"} <= watch.was_heard()
    watch.search(reprs=shown)


def _ours(one: object) -> bool:
    kind = type(one)
    module = getattr(kind, "__module__", "")
    named = isinstance(module, str) and module.startswith(("readiness.sources", "readiness.config", "readiness.model",
                                                           "readiness.evidence", "requests.", "msal."))  # fmt: skip
    return (
        named
        and kind.__repr__ is not object.__repr__
        and kind.__name__ not in ("CaseInsensitiveDict", "RequestsCookieJar")
    )


def test_init_explain_checks_and_the_lab_let_nothing_out(program: Program, watch: Watch) -> None:
    """What reads no estate must not show the environment either."""
    secrets = {"READINESS_CLIENT_SECRET": CLIENT_SECRET, "READINESS_SITE_PASSWORD": PASSWORD,
               "READINESS_NO_SUCH_KEY": WRONG, "HTTPS_PROXY": f"http://svc:{PROXY_PASSWORD}@127.0.0.1:1"}  # fmt: skip
    watch.ran += [
        program("init", "--no-input", variables=secrets),
        program("explain", "attach-app-healthy"),
        program("explain", "attach-app-healthy", "--json"),
        program("checks", "--json"),
        program("permissions", "--json"),
        program("lab", "no-such-scenario"),
        program("scan", "--no-input"),
    ]
    watch.search()


@pytest.mark.parametrize(
    ("name", "transport"), [(name, ("winrm", "adminservice")[place % 2]) for place, name in enumerate(SCENARIOS)]
)
def test_no_question_on_the_wire_names_the_secret_key_or_takes_whole_rows(
    name: str, transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    """And where the provider tells it unasked, it is gone before it is evidence."""
    served = estate(name, transport=transport, tamper=watch.listening)
    program("collect", "--config", str(served.config), "-o", "evidence.json", variables=served.secrets)
    asked = [one for one in watch.listening.questions if "SMS_AAD_Application" in one]
    tried("questions looked at", len(watch.listening.questions))
    assert [one for one in watch.listening.questions if re.search(r"\bSecretKey\b", one, re.IGNORECASE)] == []
    assert [one for one in watch.listening.questions if "SELECT *" in one.upper()] == []
    assert [one for one in asked if "SecretKeyExpiry" not in one] == []
    assert asked or name in ("not-attached", "rights-limited", "hotfix-missing")
    watch.search()
