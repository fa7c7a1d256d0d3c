"""No secret leaves (architecture, property 3): canaries in every secret place, and a search of everything that the
program says, writes, logs and holds, at the most verbose level of ours and of every library, for each in any form."""

from __future__ import annotations

import gc
import io
import json
import logging
import re
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import trustme

from readiness import composition, evidence
from readiness.cli.logs import hush
from readiness.config import load
from readiness.lab.server import Request, Response
from readiness.model.facts import FACTS
from readiness.sources.deadline import Deadline
from tests.conftest import Estate, Program, Ran
from tests.properties.canaries import files, forms, found_in, header_forms
from tests.properties.counting import tried
from tests.properties.estates import SCENARIOS
from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request

Serve = Callable[..., Estate]

USER = "CONTOSO\\svc-readiness"
PASSWORD = "Kan4ry-s1te+pa55/w0rd=&<x>"
CLIENT_SECRET = "Kan4ry~client/secret+value=&%<1>"
PFX_PASSWORD = "Kan4ry/pfx+password=&%"
SITE_SECRET_KEY = "Kan4ry-SecretKey-of-the-attach-application"
SECRET_TEXT = "Kan4ry-secretText-of-an-application"
COOKIE = "Kan4ry-cookie-of-a-gateway"
WRONG = "Kan4ry-wr0ng-and-st1ll+secret/=&"
PROXY_PASSWORD = "Kan4ry-pr0xy-passw0rd"
OWN_FILES = ("lab.env", "readiness.pfx", "client.pem", "federated.token", "ntlm-users", "scenario.toml")
"""What the lab writes so that a client can sign in."""
NOISY = ("urllib3", "msal", "spnego", "requests", "winrm", "pypsrp", "asyncio", "readiness", "")


def scenario(auth: str = "client-secret", more: str = "") -> str:
    """A healthy estate with canaries for secrets."""
    return f"""base = "ready"
title = "Canaries."
[tenant]
auth = "{auth}"
client_secret = "{CLIENT_SECRET}"
certificate_password = "{PFX_PASSWORD}"
[site]
password = "{PASSWORD}"
{more}"""


@dataclass
class Listening:
    """A lab's `tamper` that learns every secret on the wire, and puts more of them where nobody asked for one.

    Attributes:
        repeating: answers tell what they were asked, as a proxy or a debug page does.
    """

    repeating: bool = False
    heard: dict[str, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def __call__(self, request: Request, response: Response) -> Response:
        self._hear("authorization", request.headers.get("Authorization", "").partition(" ")[2])
        for name, values in parse_qs(request.body.decode("utf-8", "replace")).items():
            if name in ("client_secret", "client_assertion", "device_code", "refresh_token", "assertion"):
                self._hear(name, values[0])
        self.questions.append(f"{request.method} {request.target} {response.summary}")
        if self.repeating and response.server != "entra" and response.leg is None and response.status == 200:
            return replace(response, **self._repeated(request, response))
        return replace(response, body=self._with_more(response), headers=(*response.headers, *_COOKIES))

    def _hear(self, what: str, secret: str) -> None:
        if len(secret) >= 16:
            self.heard[f"{what} {len(self.heard)}"] = secret

    def _with_more(self, response: Response) -> bytes:
        body = response.body
        if response.server == "entra" and body.startswith(b"{"):
            for name, value in json.loads(body).items():
                if name in ("access_token", "refresh_token", "id_token", "device_code"):
                    self._hear(name, value)
            return body
        body = body.replace(b"<SecretKeyExpiry", f"<SecretKey>{SITE_SECRET_KEY}</SecretKey><SecretKeyExpiry".encode())
        body = re.sub(rb'"SecretKeyExpiry"', f'"SecretKey":"{SITE_SECRET_KEY}","SecretKeyExpiry"'.encode(), body)
        return re.sub(rb'"keyId"', f'"secretText":"{SECRET_TEXT}","keyId"'.encode(), body)

    def _repeated(self, request: Request, response: Response) -> dict[str, Any]:
        said = json.dumps({"error": {"code": "BadRequest", "message": f"{request.headers} {request.body!r}"}})
        kind = (("Content-Type", "application/json"), ("request-id", request.headers.get("Authorization", "")))
        if response.server == "wsman":
            text = str(request.headers).replace("&", "").replace("<", "")
            return {"status": 500, "body": f"<s:Envelope>{text}</s:Envelope>".encode(), "headers": response.headers}
        return {"status": 400, "body": said.encode(), "headers": kind}


_COOKIES = (("Set-Cookie", f"session={COOKIE}; Secure; HttpOnly"),)


@dataclass
class Watch:
    """Everything that can be searched after a run."""

    folder: Path
    log: io.StringIO
    listening: Listening = field(default_factory=Listening)
    ran: list[Ran] = field(default_factory=list)

    def secrets(self) -> dict[str, frozenset[bytes]]:
        named = {
            "client secret": CLIENT_SECRET, "password": PASSWORD, "PFX password": PFX_PASSWORD, "cookie": COOKIE,
            "SecretKey": SITE_SECRET_KEY, "secretText": SECRET_TEXT, "wrong secret": WRONG,
            "proxy password": PROXY_PASSWORD, **self.listening.heard,
        }  # fmt: skip
        found = {name: forms(secret) for name, secret in named.items()}
        return {**found, "site sign-in": header_forms(USER, PASSWORD), "wrong sign-in": header_forms(USER, WRONG)}

    def places(self) -> dict[str, bytes]:
        texts = {f"{name} of run {n}": getattr(ran, name) for n, ran in enumerate(self.ran) for name in ("out", "err")}
        said = {place: text.encode("utf-8", "surrogatepass") for place, text in texts.items()}
        return {**said, "logs": self.log.getvalue().encode(), **files(self.folder, but=OWN_FILES)}

    def search(self, **more: str) -> None:
        """Nothing secret anywhere."""
        places = {**self.places(), **{name: text.encode("utf-8", "surrogatepass") for name, text in more.items()}}
        found = found_in(places, self.secrets())
        tried("places searched for secrets", len(places))
        tried("secrets found", len(found))
        assert not found, "\n".join(found)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Every logger at its most verbose, temporary files where they are searched."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    levels = {name: logging.getLogger(name).level for name in NOISY}
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG)
    for name in ("", "readiness"):
        logging.getLogger(name).addHandler(handler)
    yield Watch(tmp_path, heard)
    for name in ("", "readiness"):
        logging.getLogger(name).removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def everything(program: Program, watch: Watch, served: Estate, **variables: str) -> list[Ran]:
    """Every command that reads the estate, or what was read of it; as talkative as they can be. Where something is to
    fail, those that say most of it."""
    given = {**served.secrets, **variables}
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


def was_heard(watch: Watch) -> set[str]:
    return {name.partition(" ")[0] for name in watch.listening.heard}


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize("auth", ["client-secret", "certificate", "workload-identity"])
def test_an_estate_that_answers_lets_nothing_out(
    auth: str, transport: str, program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario(auth), transport=transport, tamper=watch.listening)
    runs = everything(program, watch, served)
    assert [ran.code for ran in runs[:3]] == [0, 0, 0]
    assert {"authorization", "access_token"} <= was_heard(watch)
    assert (Path("kept.json").is_file(), Path("scan.log").is_file()) == (True, True)
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
    ],
    ids=str,
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
    there = {
        "READINESS_SITE_PORT": str(echoes.port),
        "READINESS_SITE_CA_BUNDLE": str(watch.folder / "echo.pem"),
        "READINESS_TENANT_AUTHORITY": echoes.origin,
        "READINESS_TENANT_GRAPH": echoes.origin,
        "READINESS_TENANT_CA_BUNDLE": str(watch.folder / "echo.pem"),
    }
    for kind in ("negotiate", "basic"):
        everything(program, watch, served, READINESS_SITE_AUTH=kind, **there)
    watch.search()


@pytest.fixture
def echoes(tmp_path: Path) -> Iterator[TcpServer]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "echo.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def talk(connection: Any) -> None:
        with connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                connection.sendall(echo(server, request))

    server = TcpServer(talk, context)
    with server:
        yield server


def echo(server: TcpServer, request: HttpRequest) -> bytes:
    told = f"{request.headers} {request.body.decode('latin-1')}"
    if request.path.endswith("/openid-configuration"):
        base = f"{server.origin}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
        body = json.dumps(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
                "told": told,
            }
        )
        return http_answer("200 OK", {"Content-Type": "application/json"}, body.encode())
    if request.path == "/wsman":
        fault = re.sub("[<&]", " ", told)
        body = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{fault}</s:Body></s:Envelope>'
        return http_answer("500 Error", {"Content-Type": "application/soap+xml;charset=UTF-8"}, body.encode())
    body = json.dumps({"error": "invalid_client", "error_description": f"AADSTS7000215: {told}", "error_codes": [1]})
    headers = {"Content-Type": "application/json", "request-id": request.headers.get("authorization", "none")}
    return http_answer("401 Unauthorized", {**headers, "WWW-Authenticate": "Negotiate, Basic"}, body.encode())


CRASHES: Mapping[str, tuple[str, int]] = {
    "readiness.cli.finish.judge": ("a bug of the whole", 1),
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
@pytest.mark.parametrize("auth", ["client-secret", "certificate", "device-code", "workload-identity"])
def test_no_object_of_ours_shows_a_secret(auth: str, transport: str, estate: Serve, watch: Watch) -> None:
    """The `repr` of everything of ours that lives after a scan; and of the libraries' sessions and applications."""
    served = estate(toml=scenario(auth), transport=transport, tamper=watch.listening)
    hush()
    configuration = load(served.config, {})
    where = composition.estate(configuration, served.secrets, Deadline(30))
    codes: list[str] = []
    if auth == "device-code":
        composition.sign_in(where, lambda prompt: codes.append(getattr(prompt, "code", "")))
    found = evidence.collect(where, frozenset(FACTS), Deadline(30), clock=evidence.utc_now)
    evidence.save(found, watch.folder / "kept.json")
    living = [one for one in gc.get_objects() if _ours(one)]
    assert len({type(one).__name__ for one in living}) > 20
    shown = "\n".join(f"{one!r} {one!s}" for one in living)
    for code in codes:
        assert code not in (watch.folder / "kept.json").read_text(encoding="utf-8")
    assert {"authorization", "access_token"} <= was_heard(watch)
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


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize("name", SCENARIOS)
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
