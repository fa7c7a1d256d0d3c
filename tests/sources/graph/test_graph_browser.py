"""Sign-in of a person in the browser, by real MSAL: every end of it, and what else may knock at the receiver."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.lab.scenario import Person as Answer
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.browser import BrokerPrompt, BrowserPrompt, browse, has_broker
from readiness.sources.graph.credentials import Person
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.granted import Granted
from readiness.sources.graph.rules import person_rules
from readiness.sources.graph.signin import SignIn
from readiness.sources.guard import guarded_session
from tests.servers.browser import Browser
from tests.servers.graph import CLIENT_ID, TENANT, TOKEN, Cloud, http_json
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import scenario, source


class Asking:
    """A person who is asked to sign in, in this browser."""

    def __init__(self, origin: str, bundle: Path, tenant: str, client_id: str, seconds: float = 20) -> None:
        self.deadline = Deadline(seconds)
        self.prompts: list[BrowserPrompt | BrokerPrompt] = []
        self.origin = origin
        self._scope = f"{origin}/.default"
        entra = EntraClient(
            origin, lambda: guarded_session(origin, person_rules, self.deadline, ca_bundle=bundle), self.deadline
        )
        person = Person("interactive")
        self.sign_in = SignIn(f"{origin}/{tenant}", client_id, person, self._scope, entra)

    def granted(self, launch: Callable[[str], object]) -> Granted:
        return self.sign_in.through(
            lambda it: browse(it, self._scope, self.deadline, self.prompts.append, origin=self.origin, launch=launch)
        )

    def failure(self, launch: Callable[[str], object]) -> SourceError:
        with pytest.raises(SourceError) as caught:
            self.granted(launch)
        return caught.value


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(scenario()) as lab:
        yield lab


def bundle(lab: Lab, folder: Path) -> Path:
    path = folder / "ca.pem"
    path.write_bytes(lab.ca_pem)
    return path


def asked(lab: Lab, folder: Path, seconds: float = 20) -> Asking:
    known = lab.scenario.tenant
    return Asking(lab.graph_origin, bundle(lab, folder), known.id, known.client_id, seconds)


@contextmanager
def answered(answer: Answer, folder: Path, **tenant: Any) -> Iterator[tuple[Asking, Browser]]:
    """A lab whose person answers so, and the browser."""
    with Lab(scenario(person=answer, **tenant)) as lab:
        yield asked(lab, folder), Browser(bundle(lab, folder))


def test_a_person_who_signs_in_in_the_browser_is_known_by_name(lab: Lab, tmp_path: Path) -> None:
    lab.requests.clear()
    asking, browser = asked(lab, tmp_path), Browser(bundle(lab, tmp_path))
    granted = asking.granted(browser)
    assert granted.name == "admin@contoso.com"
    assert [one.summary for one in lab.requests] == ["discovery", "browser: answered", "authorization_code"]
    (prompt,) = asking.prompts
    assert isinstance(prompt, BrowserPrompt)
    assert [prompt.address] == browser.opened
    assert prompt.seconds == 20
    assert browser.done.wait(5)
    assert "You may close this page: the sign-in goes on" in browser.pages[0]
    assert browser.headers[0]["Content-Security-Policy"] == "default-src 'none'"
    assert granted.token not in repr(granted)


def test_what_is_asked_binds_the_answer_to_us(lab: Lab, tmp_path: Path) -> None:
    """PKCE by S256, state, nonce, the form, and a loopback address with a port of its own."""
    asking = asked(lab, tmp_path)
    asking.granted(browser := Browser(bundle(lab, tmp_path)))
    asked_for = {name: values[0] for name, values in parse_qs(urlsplit(browser.opened[0]).query).items()}
    assert asked_for["code_challenge_method"] == "S256"
    assert min(len(asked_for[name]) for name in ("state", "nonce", "code_challenge")) >= 16
    assert asked_for["response_mode"] == "form_post"
    assert asked_for["redirect_uri"].startswith("http://localhost:")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("decline", "Entra ID ended the sign-in in the browser: the person declined it"),
        ("blocked", "(AADSTS53003): Conditional Access blocks this sign-in"),
    ],
)
def test_a_sign_in_that_is_not_granted_says_why(answer: Any, words: str, tmp_path: Path) -> None:
    with answered(Answer(answer=answer), tmp_path) as (asking, browser):
        failure = asking.failure(browser)
        assert browser.done.wait(5)
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert words in str(failure)
    assert "the sign-in failed; the terminal says why" in browser.pages[0]


@pytest.mark.parametrize(
    ("tenant", "words"),
    [({"public_client": False}, "(AADSTS7000218)"), ({"consent": False}, "(AADSTS65001): nobody has consented")],
)
def test_what_the_token_endpoint_refuses_is_told(tenant: dict[str, Any], words: str, tmp_path: Path) -> None:
    with answered(Answer(), tmp_path, **tenant) as (asking, browser):
        assert words in str(asking.failure(browser))


def test_nobody_who_comes_is_waited_for_until_the_time_is_over(lab: Lab, tmp_path: Path) -> None:
    started = time.monotonic()
    failure = asked(lab, tmp_path, seconds=0.6).failure(lambda _address: False)
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "nobody signed in in the browser in time; scan again" in str(failure)
    assert time.monotonic() - started < 5


def test_a_browser_that_keeps_the_terminal_does_not_keep_us(lab: Lab, tmp_path: Path) -> None:
    """One in the terminal comes back when it is left; one that fails is as good as none."""
    browser = Browser(bundle(lab, tmp_path))

    def launch(address: str) -> bool:
        browser(address)
        time.sleep(2)
        raise OSError("no browser")

    started = time.monotonic()
    assert asked(lab, tmp_path).granted(launch).name == "admin@contoso.com"
    assert time.monotonic() - started < 2


def test_an_answer_with_another_state_is_not_ours(lab: Lab, tmp_path: Path) -> None:
    """A page of somebody else's may post to loopback, too: it is refused, and the real answer is still taken."""

    def first_others(action: str, fields: dict[str, str]) -> None:
        browser.post(action, {**fields, "state": "guessed", "code": "of-an-attacker"})
        browser.post(action, {"code": "without-a-state"})
        browser.post(action, {"state": fields["state"]})
        with suppress(requests.ConnectionError):  # it is not read to its end
            browser.post(action, b"x" * 300_000)
        browser.post(action, b"\xff\xfe=%zz&state=%f0")

    browser = Browser(bundle(lab, tmp_path), first_others)
    assert asked(lab, tmp_path).granted(browser).name == "admin@contoso.com"
    assert browser.done.wait(5)
    assert browser.statuses[-1] == 200
    assert browser.statuses[:4] == [400] * 4
    assert "attacker" not in "".join(browser.pages)


def test_a_connection_that_says_nothing_holds_nobody_up(lab: Lab, tmp_path: Path) -> None:
    """Browsers open connections ahead; other methods and paths are answered, and are not the answer."""
    opened: list[socket.socket] = []

    def first_idle(action: str, _fields: dict[str, str]) -> None:
        parts = urlsplit(action)
        opened.append(socket.create_connection(("127.0.0.1", parts.port or 0)))
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{action}/favicon.ico", timeout=5).status_code == 400
            assert session.options(action, timeout=5).status_code == 501

    browser = Browser(bundle(lab, tmp_path), first_idle)
    started = time.monotonic()
    assert asked(lab, tmp_path).granted(browser).name == "admin@contoso.com"
    assert time.monotonic() - started < 4
    opened[0].close()


def test_it_is_listened_on_loopback_only_and_not_longer_than_needed(lab: Lab, tmp_path: Path) -> None:
    asking = asked(lab, tmp_path)
    asking.granted(browser := Browser(bundle(lab, tmp_path)))
    port = int(parse_qs(urlsplit(browser.opened[0]).query)["redirect_uri"][0].rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_the_browser_is_sent_to_the_sign_in_host_only(cloud: Cloud, certificates: Certificates) -> None:
    cloud.discovery = [http_json(cloud.metadata(authorization_endpoint="https://evil.test/oauth2/v2.0/authorize"))]
    asking = Asking(cloud.origin, certificates.bundle, TENANT, CLIENT_ID)
    opened: list[str] = []
    failure = asking.failure(opened.append)
    assert failure.reason is Reason.BAD_ANSWER
    assert "names another place to sign in; nobody was sent there" in str(failure)
    assert (opened, asking.prompts) == ([], [])


class Answering:
    """A browser that posts these fields to the receiver, beside the state that it was given."""

    def __init__(self, **fields: str) -> None:
        self._fields = fields

    def __call__(self, address: str) -> bool:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        Browser(Path()).post(query["redirect_uri"], {"state": query["state"], **self._fields})
        return True


@pytest.mark.parametrize(
    ("error", "description", "words"),
    [
        ("invalid_request", "AADSTS500113: No reply address is registered.", "adds http://localhost at App reg"),
        ("access_denied", "", "the person declined it, or did not consent"),
        ("server_error", "", "it has a fault of its own; try again later"),
        ("interaction_required", "AADSTS50079: x", "registers it at https://aka.ms/mfasetup"),
        ("odd", "\x1b[2J\r\nevil" * 100, "refused the sign-in"),
    ],
)
def test_an_error_that_the_browser_brings_is_told_in_words(
    error: str, description: str, words: str, cloud: Cloud, certificates: Certificates
) -> None:
    asking = Asking(cloud.origin, certificates.bundle, TENANT, CLIENT_ID)
    failure = asking.failure(Answering(error=error, error_description=description))
    assert words in str(failure)
    assert str(failure).isprintable()
    assert len(str(failure)) < 600
    assert cloud.sign_ins == []


def test_neither_code_nor_token_is_told(
    cloud: Cloud, certificates: Certificates, discreet: Callable[[object], None]
) -> None:
    """A host that repeats the code is not believed; MSAL is handed no answer that it would write down."""
    cloud.token = [http_json({"error": "invalid_grant", "error_description": "the-code-of-the-browser"}, 400)]
    asking = Asking(cloud.origin, certificates.bundle, TENANT, CLIENT_ID)
    failure = asking.failure(Answering(code="the-code-of-the-browser"))
    assert failure.reason is Reason.BAD_ANSWER
    assert "the-code-of-the-browser" not in str(failure) + repr(failure)
    discreet(failure)


def test_an_identity_that_was_made_for_another_sign_in_is_refused(cloud: Cloud, certificates: Certificates) -> None:
    """The nonce is MSAL's to compare; what it raises is told as an answer that cannot be used."""
    part = "eyJub25jZSI6ICJhbm90aGVyIn0"  # {"nonce": "another"}
    answer = {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN, "id_token": f"e30.{part}."}
    cloud.token = [http_json(answer)]
    failure = Asking(cloud.origin, certificates.bundle, TENANT, CLIENT_ID).failure(Answering(code="a-good-code"))
    assert failure.reason is Reason.BAD_ANSWER
    assert TOKEN not in str(failure)


def test_a_person_reads_as_themselves(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", Browser(bundle(lab, tmp_path)))
    made = source(lab, tmp_path, Person("interactive"))
    made.sign_in(lambda _prompt: None)
    (job,) = made.jobs(frozenset({Organization}))
    assert job.run().rows == 1
    assert made.identity == f"user admin@contoso.com by application {lab.scenario.tenant.client_id}"
    assert made.scope(()) == "what user admin@contoso.com may see in the portal, by delegated permissions"


class Windows:
    """MSAL's application where the broker of Windows signs in."""

    CONSOLE_WINDOW_HANDLE = object()
    token_cache = None

    def __init__(self, **result: Any) -> None:
        self.result = result
        self.asked: list[Any] = []

    def acquire_token_interactive(self, scopes: list[str], parent_window_handle: object) -> dict[str, Any]:
        self.asked.append((scopes, parent_window_handle))
        return self.result

    def get_accounts(self) -> list[Any]:
        return [{"local_account_id": "other"}, {"local_account_id": "mine"}]


def brokered(application: Windows) -> Granted:
    prompts: list[object] = []
    found = browse(application, "s/.default", Deadline(1), prompts.append, origin="https://x", broker=True)
    assert prompts == [BrokerPrompt()]
    return found


def test_the_broker_of_windows_is_asked_with_the_window_of_the_console() -> None:
    claims = {"preferred_username": "admin@contoso.com", "oid": "mine"}
    windows = Windows(access_token=TOKEN, expires_in=3599, id_token_claims=claims)
    found = brokered(windows)
    assert (found.name, found.account) == ("admin@contoso.com", {"local_account_id": "mine"})
    assert windows.asked == [(["s/.default"], Windows.CONSOLE_WINDOW_HANDLE)]


def test_what_the_broker_refuses_is_told_in_the_same_words() -> None:
    with pytest.raises(SourceError) as caught:
        brokered(Windows(error="interaction_required", error_description="AADSTS50057: x"))
    assert "the account of the person is disabled" in str(caught.value)


def test_elsewhere_there_is_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert not has_broker()
