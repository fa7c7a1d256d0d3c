"""No secret leaves where what stands between us and the tenant fails: a proxy, the platform that vouches for a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from readiness.lab.server import Request, Response
from tests.conftest import Estate, Program
from tests.properties.test_secrets import everything
from tests.properties.watching import PROXY_PASSWORD, WRONG, Listening, Watch, scenario
from tests.servers.proxy import ConnectProxy
from tests.servers.tcp import HttpRequest, TcpServer, http_answer

Serve = Callable[..., Estate]


class Repeating(ConnectProxy):
    """Refuses to connect, in words that repeat what it was sent; in the line of the status, too."""

    def _refusal(self, request: HttpRequest) -> bytes:
        told = str(request.headers)
        headers = {"Content-Type": "text/html", "Proxy-Authenticate": f'Basic realm="{told}"', "Via": told}
        return http_answer(f"407 {told}", headers, f"<html>{told}</html>".encode())


PROXIES: dict[str, Callable[[], TcpServer]] = {
    "wrong password": lambda: ConnectProxy(account="svc:right"),
    "other ways to sign in": lambda: ConnectProxy(account="svc:right", offers=("Negotiate", "NTLM")),
    "forbids": lambda: ConnectProxy(answer=http_answer("403 Forbidden", {}, b"<html>no")),
    "broken": lambda: ConnectProxy(answer=http_answer("502 Bad Gateway", {}, b"")),
    "closes": lambda: ConnectProxy(answer=b""),
    "no HTTP": lambda: ConnectProxy(answer=b"SSH-2.0-OpenSSH_9.6\r\n"),
    "repeats": Repeating,
}


@pytest.mark.parametrize("spelling", [str, lambda password: "".join(f"%{ord(it):02x}" for it in password)])
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_fails_is_told_no_secret_that_comes_out(
    proxy: str, spelling: Callable[[str], str], program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario(), tamper=watch.listening)
    password = spelling(PROXY_PASSWORD)
    with PROXIES[proxy]() as server:
        address = f"http://svc:{password}@127.0.0.1:{server.port}"
        runs = everything(program, watch, served, HTTPS_PROXY=address)
        assert isinstance(server, ConnectProxy)
        assert [one for one in server.journal.asked if "proxy-authorization" in one.headers]
    assert runs[0].code == 5
    assert "(HTTPS_PROXY)" in runs[0].err + runs[0].out
    assert not [ran for ran in runs if address in ran.out + ran.err or password in ran.out + ran.err]
    watch.search()


@pytest.mark.parametrize(
    "address",
    [
        f"svc:{PROXY_PASSWORD}@127.0.0.1:1",
        f"https://svc:{PROXY_PASSWORD}@127.0.0.1:1",
        f"socks5://svc:{PROXY_PASSWORD}@127.0.0.1:1",
        f"http://svc:{PROXY_PASSWORD}@[::1:99999",
        f"http://svc:{PROXY_PASSWORD}@127.0.0.1:port",
        f"http://svc:{PROXY_PASSWORD}",
        f"http://{PROXY_PASSWORD}@127.0.0.1:1/{PROXY_PASSWORD}?{PROXY_PASSWORD}#{PROXY_PASSWORD}",
        f"http://svc:{quote('@/:')}{PROXY_PASSWORD}@127.0.0.1:1",
        f"http://svc:@/:{PROXY_PASSWORD}@127.0.0.1:1",
        f"http:/svc:{PROXY_PASSWORD}@127.0.0.1:1",
        f" {PROXY_PASSWORD} ",
    ],
)
def test_a_proxy_that_is_miswritten_is_named_without_its_password(
    address: str, program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario(), tamper=watch.listening)
    runs = everything(program, watch, served, HTTPS_PROXY=address)
    assert runs[0].code in (2, 5)
    watch.search()


@dataclass
class Telling(Listening):
    """The place of a managed identity says in every answer what it was asked, headers and all.

    Attributes:
        status: of those answers.
        slash: how it writes a slash: JSON lets either pass.
    """

    status: int = 400
    slash: str = "/"

    def __call__(self, request: Request, response: Response) -> Response:
        answer = super().__call__(request, response)
        if not request.target.startswith("/msi/token"):
            return answer
        said = {"statusCode": self.status, "message": str(request.headers), "error_description": str(request.headers)}
        body = json.dumps(said).replace("/", self.slash).encode()
        return Response("entra", self.status, body, response.headers, response.summary)


@pytest.mark.parametrize(
    ("slash", "status"),
    [*((slash, status) for slash in ("/", "\\/", "\\u002f") for status in (200, 400, 401)), ("\\/", 429)],
)
def test_a_platform_that_repeats_the_header_of_a_managed_identity_lets_nothing_out(
    slash: str, status: int, program: Program, estate: Serve, watch: Watch
) -> None:
    watch.listening = Telling(status=status, slash=slash)
    served = estate(toml=scenario("managed-identity"), tamper=watch.listening)
    runs = everything(program, watch, served, IDENTITY_HEADER=WRONG)
    assert runs[0].code == 5
    assert "identity-header" in watch.was_heard()
    watch.search()


@pytest.mark.parametrize(
    "variables",
    [
        {"IDENTITY_HEADER": WRONG},
        {"IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token"},
        {"IDENTITY_ENDPOINT": f"http://svc:{WRONG}@10.0.0.4/msi/token"},
        {"IDENTITY_ENDPOINT": f"http://127.0.0.1:1/msi/token?secret={WRONG}"},
        {"IDENTITY_HEADER": f"{WRONG}\n{WRONG}"},
        {"IDENTITY_HEADER": f"{WRONG}\u20ac"},
    ],
    ids=str,
)
def test_a_managed_identity_that_is_refused_lets_nothing_out(
    variables: dict[str, str], program: Program, estate: Serve, watch: Watch
) -> None:
    served = estate(toml=scenario("managed-identity"), tamper=watch.listening)
    runs = everything(program, watch, served, **variables)
    assert runs[0].code in (2, 5)
    watch.search()


@pytest.mark.parametrize("content", [f"a.{WRONG}.c", WRONG, f"{WRONG}\n{WRONG}", f"a.{WRONG}.\u20ac", f"a.b.c {WRONG}"])
@pytest.mark.parametrize("repeating", [False, True])
def test_a_federated_token_that_is_refused_lets_nothing_out(
    repeating: bool, content: str, program: Program, estate: Serve, watch: Watch
) -> None:
    watch.listening.repeating = repeating
    served = estate(toml=scenario("workload-identity"), tamper=watch.listening)
    (served.folder / "federated.token").write_text(content, encoding="utf-8")
    runs = everything(program, watch, served, READINESS_NOTHING="fails")
    assert runs[0].code in (2, 5)
    watch.search()
