"""The whole simulated estate: its servers, started and stopped together, and the files that let a client reach it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from readiness.lab import configuration
from readiness.lab.journal import Exchange
from readiness.lab.scenario import Scenario

if TYPE_CHECKING:
    from readiness.lab.certificates import Application, Certificates
    from readiness.lab.entra import Bearer, Entra
    from readiness.lab.federation import Federation
    from readiness.lab.login import Accept
    from readiness.lab.machine import Machine
    from readiness.lab.server import Manner, Request, Response, Service, Tamper, WebServer


Transport = Literal["winrm", "adminservice"]


class Lab:
    """A simulated estate on 127.0.0.1, on three ports: Entra ID and Graph; the site's WS-Man; its AdminService.
    On a fourth one, over plain http, the managed identity of a machine, where that signs in.

    Every answer carries the header `Readiness-Lab: <scenario>`. Moments of the scenario that are relative to now are
    settled once, at the start: two readings of one lab give the same facts.

    Args:
        latency_seconds: how long every answer takes on its way.
        site_scheme: `http` serves WS-Man unprotected, where only encrypted messages are taken.
        accept: the accepting side of every sign-in by NTLM, Negotiate or Kerberos to the site, where it is another than
            NTLM for the one account of the scenario: that of a Kerberos realm, say.
        now: the moment that the scenario's relative moments refer to; left out, the start's.
        bearer: tells to whom another authority gave a token that Graph is to take, None where it did not. Left out,
            Graph takes the tokens of this lab's Entra ID and no others.
        tamper: what goes wrong with answers on their way; left out, nothing.
        page_characters: how large an answer of WS-Man is at most; left out, as large as a server gives it by itself.

    Attributes:
        servers: while it runs: "cloud", "wsman" and "adminservice"; "machine" where its identity signs in.
        requests: every exchange that reached a handler, in the order of the answers. Safe to read at any time, and to
            clear between two measurements.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        latency_seconds: float = 0.0,
        site_scheme: Literal["https", "http"] = "https",
        accept: Accept | None = None,
        now: datetime | None = None,
        bearer: Callable[[str], Bearer | None] | None = None,
        tamper: Tamper | None = None,
        page_characters: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.site_scheme = site_scheme
        self.latency_seconds = latency_seconds
        self.requests: list[Exchange] = []
        self.servers: dict[str, WebServer] = {}
        self._tamper = tamper
        self._page_characters = page_characters
        self.graph_port = 0
        self.site_port = 0
        self.adminservice_port = 0
        self.machine_port = 0
        """Where the managed identity of the machine is told; 0 where none signs in."""
        self.ca_pem = b""
        self._entra: Entra | None = None
        self._machine: Machine | None = None
        self._application: Application | None = None
        self._making = threading.Lock()
        self.client_pem = b""
        self._accept = accept
        self._bearer = bearer
        self._given_now = now
        self._now = now or datetime.now(UTC)
        self._running: ExitStack | None = None
        self._site_services: Callable[[Scenario], tuple[Service, Service]] | None = None

    @property
    def graph_origin(self) -> str:
        """Where Entra ID and Graph are: `authority` and `graph` of a configuration."""
        return f"https://localhost:{self.graph_port}"

    @property
    def site_url(self) -> str:
        return f"{self.site_scheme}://localhost:{self.site_port}/wsman"

    @property
    def application(self) -> Application:
        """The certificate of the application, made when it is first needed."""
        with self._making:
            if self._application is None:
                from readiness.lab import certificates

                self._application = certificates.application(expired=self.scenario.tenant.certificate_expired)
            return self._application

    @property
    def adminservice_url(self) -> str:
        return f"https://localhost:{self.adminservice_port}/AdminService/wmi/"

    def start(self) -> None:
        """Serve, on ports that the system chooses. Returns once every port answers."""
        from readiness.lab import certificates
        from readiness.lab.server import Manner, truthful

        if self._running is not None:
            raise RuntimeError("the lab is running already")
        self._now = self._given_now or datetime.now(UTC)
        made = certificates.make()
        self.ca_pem, self.client_pem = made.authority_pem, made.client_pem
        tamper = self._tamper or truthful
        manner = Manner(self.scenario.name, self.requests, self.latency_seconds, itertools.count(1), tamper)
        with ExitStack() as stack:
            self._start_cloud(stack, made, manner)
            self._start_site(stack, made, manner)
            self._running = stack.pop_all()

    def stop(self) -> None:
        """Stop serving; leaves no thread, socket, file or variable behind. Stopping twice does nothing."""
        running, self._running = self._running, None
        if running is not None:
            running.close()

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def change(self, scenario: Scenario) -> None:
        """Serve another state of this estate from now on: what somebody did there meanwhile. Addresses, accounts and
        sign-ins stay as they are."""
        from readiness.lab.faults import Faults
        from readiness.lab.graph import Graph

        if self._entra is None or self._site_services is None:
            raise RuntimeError("the lab is not running")
        graph = Graph(scenario, self._now, Faults(scenario.fault), self._bearer or self._entra.bearer)
        graph.origin = self.graph_origin
        self.servers["cloud"].service = _cloud(self._entra, graph)
        self.servers["wsman"].service, self.servers["adminservice"].service = self._site_services(scenario)

    def write(self, directory: Path, transport: Transport = "winrm") -> None:
        """Write `readiness.toml`, `ca.pem` and `lab.env` (mode 0600, the secrets as NAME=value) of the running lab; and
        `readiness.pfx` (mode 0600) where the application signs in by certificate, `federated.token` (mode 0600) where
        another issuer vouches for it, `client.pem` where the site's account signs in by certificate.

        Args:
            transport: over which the file reaches the site: its one port is that of one transport.
        """
        winrm = transport == "winrm"
        way = configuration.Way(
            transport,
            self.site_scheme if winrm else "https",
            self.site_port if winrm else self.adminservice_port,
            self.client_pem if winrm and self.scenario.site.sign_in == "certificate" else None,
        )
        configuration.write(
            directory,
            self.scenario,
            graph_origin=self.graph_origin,
            way=way,
            ca_pem=self.ca_pem,
            pfx=self._pfx(),
            token=self.federation.token() if self.scenario.tenant.auth == "workload-identity" else None,
            platform=self.platform,
        )

    @property
    def federation(self) -> Federation:
        """The other issuer that the application trusts."""
        if self._entra is None:
            raise RuntimeError("the lab is not running")
        return self._entra.federation

    @property
    def platform(self) -> dict[str, str]:
        """What App Service would put into the environment; empty where no managed identity signs in."""
        if self._machine is None:
            return {}
        endpoint = f"http://127.0.0.1:{self.machine_port}/msi/token"
        return {"IDENTITY_ENDPOINT": endpoint, "IDENTITY_HEADER": self._machine.header}

    def _pfx(self) -> bytes | None:
        tenant = self.scenario.tenant
        return self.application.pfx(tenant.certificate_password) if tenant.auth == "certificate" else None

    def _start_cloud(self, stack: ExitStack, made: Certificates, manner: Manner) -> None:
        from readiness.lab.entra import Entra
        from readiness.lab.faults import Faults
        from readiness.lab.graph import Graph
        from readiness.lab.server import WebServer

        faults = Faults(self.scenario.fault)
        entra = Entra(self.scenario.tenant, faults, lambda: self.application)
        graph = Graph(self.scenario, self._now, faults, self._bearer or entra.bearer)
        server = WebServer(_cloud(entra, graph), manner, made.server)
        self.servers["cloud"] = server
        self.graph_port = server.port
        entra.origin = graph.origin = self.graph_origin
        server.start()
        stack.callback(server.stop)
        self._entra, self._machine = entra, None
        if self.scenario.tenant.auth == "managed-identity":
            self._start_machine(stack, entra, manner)

    def _start_machine(self, stack: ExitStack, entra: Entra, manner: Manner) -> None:
        from readiness.lab.machine import Machine
        from readiness.lab.server import WebServer

        self._machine = Machine(self.scenario.tenant, entra.machine)
        self._machine.origin = self.graph_origin
        server = self.servers["machine"] = WebServer(self._machine, manner, None)
        self.machine_port = server.port
        server.start()
        stack.callback(server.stop)

    def _start_site(self, stack: ExitStack, made: Certificates, manner: Manner) -> None:
        from readiness.lab.adminservice import AdminService
        from readiness.lab.faults import Faults
        from readiness.lab.login import Accounts, Door, Lock
        from readiness.lab.server import WebServer
        from readiness.lab.wmi import Wmi
        from readiness.lab.wsman import ENVELOPE_CHARACTERS, WsMan

        site, plain = self.scenario.site, self.site_scheme == "http"
        mapped = made.client_hash if site.sign_in == "certificate" else None
        accounts = Accounts(site.username, site.password)
        lock = Lock(made.end_point_hash, site.channel_binding, accept=self._accept)
        wsman_door = Door("wsman", accounts, replace(lock, client_hash=mapped))
        adminservice_door = Door("adminservice", accounts, replace(lock, basic=False, ntlm=site.ntlm))
        accounts.start()
        stack.callback(accounts.stop)
        characters = self._page_characters or ENVELOPE_CHARACTERS

        def services(scenario: Scenario) -> tuple[Service, Service]:
            wmi, faults = Wmi(scenario, self._now), Faults(scenario.fault)
            service = WsMan(scenario, wmi, wsman_door, faults, encrypted=plain, characters=characters)
            return service, AdminService(scenario, wmi, adminservice_door, faults)

        self._site_services = services
        over_wsman, over_http = services(self.scenario)
        wsman = WebServer(over_wsman, manner, None if plain else made.asking)
        adminservice = WebServer(over_http, manner, made.server)
        self.servers.update(wsman=wsman, adminservice=adminservice)
        self.site_port, self.adminservice_port = wsman.port, adminservice.port
        for server in (wsman, adminservice):
            server.start()
            stack.callback(server.stop)


def serve(
    scenario: Scenario,
    directory: Path,
    ready: Callable[[Path], None],
    stop: threading.Event,
    transport: Transport = "winrm",
) -> None:
    """Serve `scenario` until `stop` is set; `ready` is called with `directory` once its files are written."""
    with Lab(scenario) as lab:
        lab.write(directory, transport)
        ready(directory)
        # In short waits: an endless one cannot be interrupted from the keyboard on Windows.
        while not stop.wait(0.5):
            pass


def _cloud(entra: Service, graph: Service) -> Service:
    """Entra ID and Graph on one origin: Graph has its two versions, all else is Entra's."""

    def answer(request: Request) -> Response:
        version = request.target.lstrip("/").partition("/")[0].lower()
        return graph(request) if version in ("v1.0", "beta") else entra(request)

    return answer
