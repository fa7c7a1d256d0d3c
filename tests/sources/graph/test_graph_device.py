"""Sign-in of a person by device code, by real MSAL: every end of it, and a sign-in host that lies."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.lab.scenario import Fault
from readiness.lab.scenario import Person as Answer
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.graph.credentials import Person
from readiness.sources.graph.device import Prompt, grant
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.granted import Granted
from readiness.sources.graph.rules import person_rules
from readiness.sources.graph.signin import SignIn
from readiness.sources.graph.source import AnyPrompt
from readiness.sources.guard import guarded_session
from tests.servers.graph import CLIENT_ID, SECRET, TENANT, TOKEN, Cloud, http_json, refusal
from tests.servers.tcp import http_answer
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import PatientDeadline, at_once, scenario, source, with_fault

PENDING = refusal(70016, "authorization_pending", "OAuth 2.0 device flow error. Authorization is pending.")
SLOWER = http_json({"error": "slow_down", "error_description": ""}, 400)
ALL = frozenset({Organization})


class Asking:
    """A person who is asked to sign in; nobody sleeps."""

    def __init__(self, origin: str, bundle: Path, *, tenant: str = TENANT, client_id: str = CLIENT_ID) -> None:
        self.deadline = PatientDeadline(1800)
        self.prompts: list[Prompt] = []
        self._scope = f"{origin}/.default"
        entra = EntraClient(
            origin,
            lambda: guarded_session(origin, person_rules, self.deadline, ca_bundle=bundle),
            self.deadline,
            jitter=lambda: 0.0,
        )
        self.sign_in = SignIn(f"{origin}/{tenant}", client_id, Person(), self._scope, entra)

    def granted(self) -> Granted:
        return self.sign_in.through(lambda it: grant(it, self._scope, self.deadline, self.prompts.append))

    def failure(self) -> SourceError:
        with pytest.raises(SourceError) as caught:
            self.granted()
        return caught.value


@contextmanager
def asked(folder: Path, answer: Answer | None = None, **tenant: Any) -> Iterator[tuple[Lab, Asking]]:
    """A lab whose person answers so, and the question."""
    with Lab(scenario(person=answer or Answer(), **tenant)) as lab:
        bundle = folder / "ca.pem"
        bundle.write_bytes(lab.ca_pem)
        known = lab.scenario.tenant
        yield lab, Asking(lab.graph_origin, bundle, tenant=known.id, client_id=known.client_id)


@pytest.fixture
def asking(cloud: Cloud, certificates: Certificates) -> Asking:
    return Asking(cloud.origin, certificates.bundle)


def test_a_person_who_signs_in_is_known_by_name(tmp_path: Path) -> None:
    with asked(tmp_path) as (lab, asking):
        granted = asking.granted()
        (prompt,) = asking.prompts
        assert prompt.address == f"{lab.graph_origin}/devicelogin"
        assert (len(prompt.code), prompt.seconds) == (9, 900)
        assert granted.name == "admin@contoso.com"
        assert asking.deadline.waits == [1, 1]
        assert [exchange.summary for exchange in lab.requests] == [
            "discovery",
            "device code",
            "refused: AADSTS70016",
            "device_code",
        ]
    assert granted.token not in repr(granted)


def test_who_asks_too_often_is_slowed_down(tmp_path: Path) -> None:
    """Each such answer adds five seconds. RFC 8628, section 3.5."""
    with asked(tmp_path, Answer(slow_down=2, pending=2)) as (_, asking):
        assert asking.granted().name == "admin@contoso.com"
    assert asking.deadline.waits == [1, 6, 11, 11, 11]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("decline", "Entra ID ended the sign-in by device code: the person declined it"),
        ("blocked", "(AADSTS53003): Conditional Access blocks this sign-in"),
    ],
)
def test_a_sign_in_that_is_not_granted_says_why(answer: Any, words: str, tmp_path: Path) -> None:
    with asked(tmp_path, Answer(answer=answer)) as (_, asking):
        failure = asking.failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert words in str(failure)


def test_a_person_may_decline_in_the_words_of_the_standard(cloud: Cloud, asking: Asking) -> None:
    """RFC 8628, section 3.5, has another code for it than Entra ID."""
    cloud.token = [PENDING, http_json({"error": "access_denied", "error_description": "End-User aborted it"}, 400)]
    assert str(asking.failure()) == "Entra ID ended the sign-in by device code: the person declined it"


def test_nobody_who_comes_is_waited_for_as_long_as_the_code_lives(tmp_path: Path) -> None:
    with asked(tmp_path, Answer(answer="ignore", code_seconds=1)) as (_, asking):
        started = time.monotonic()
        failure = asking.failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "nobody signed in before the code ended; scan again" in str(failure)
    assert time.monotonic() - started < 5


def test_a_code_that_the_host_calls_ended_has_ended(cloud: Cloud, asking: Asking) -> None:
    cloud.token = [PENDING, http_json({"error": "expired_token", "error_description": "x"}, 400)]
    assert "nobody signed in before the code ended" in str(asking.failure())


def test_a_deadline_ends_the_waiting(cloud: Cloud, asking: Asking) -> None:
    cloud.token = [PENDING]
    asking.deadline._end = time.monotonic() + 0.5
    assert "nobody signed in before the code ended" in str(asking.failure())
    assert cloud.sign_ins == []


def test_an_application_that_takes_no_person_says_so(tmp_path: Path) -> None:
    with asked(tmp_path, public_client=False) as (_, asking):
        failure = asking.failure()
    assert "(AADSTS7000218)" in str(failure)
    assert "allow public client flows" in str(failure)


def test_missing_consent_is_a_missing_permission(tmp_path: Path) -> None:
    with asked(tmp_path, consent=False) as (_, asking):
        assert asking.failure().reason is Reason.MISSING_PERMISSION


def test_a_connection_that_was_closed_between_two_questions_is_made_anew(cloud: Cloud, asking: Asking) -> None:
    """People take their time; servers close idle connections."""
    cloud.token = [PENDING, PENDING, token()]
    cloud.hang_up = True
    assert asking.granted().name == "ada@contoso.test"


def token(**changed: Any) -> bytes:
    """A token answer for a person; the claims of the id token are under `claims`."""
    now = int(time.time())
    claims = {
        "aud": CLIENT_ID,
        "iss": "https://localhost/x/v2.0",
        "iat": now,
        "exp": now + 3600,
        "tid": "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10",
        "oid": "1",
        "sub": "1",
        "preferred_username": "ada@contoso.test",
        **changed.pop("claims", {}),
    }
    body = {
        "token_type": "Bearer",
        "expires_in": 3599,
        "access_token": TOKEN,
        "refresh_token": SECRET,
        "id_token": f"{part({'alg': 'none'})}.{part(claims)}.",
        "client_info": part({"uid": "1", "utid": "2"}),
    }
    return http_json({**body, **changed})


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        7,
        ["ada@contoso.test"],
        "ada",
        "a@b\x1b[2J",
        "a b@contoso.test",
        "a@\u202econtoso.test",
        "a" * 300 + "@b",
    ],
)
def test_a_name_that_is_none_is_not_told(name: Any, cloud: Cloud, asking: Asking) -> None:
    """The sign-in counts; who it was stays unsaid."""
    cloud.token = [token(claims={"preferred_username": name})]
    assert asking.granted().name is None


@pytest.mark.parametrize("value", ["", None, 7, "a\r\nX: y", "tokén"])
def test_a_token_that_cannot_be_used_is_no_sign_in(value: Any, cloud: Cloud, asking: Asking) -> None:
    cloud.token = [token(access_token=value)]
    failure = asking.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "no token that can be used" in str(failure)


@pytest.mark.parametrize(
    "changed", [{"id_token": "not.a.token"}, {"id_token": 7}, {"client_info": "?"}, {"expires_in": "soon"}]
)
def test_an_answer_that_msal_cannot_use_is_no_crash(changed: dict[str, Any], cloud: Cloud, asking: Asking) -> None:
    cloud.token = [token(**changed)]
    assert asking.failure().reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "changed",
    [
        {"verification_uri": None},
        {"verification_uri": "http://login.test/device"},
        {"verification_uri": "https://login.test/\x1b[2J"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https://login.test@evil.test/"},
        {"user_code": None},
        {"user_code": "ABC\nDEF"},
        {"user_code": "A" * 33},
        {"user_code": ["ABCDEF"]},
        {"device_code": None},
        {"device_code": ""},
        {"expires_in": 0},
        {"expires_in": 10**9},
        {"expires_in": "soon"},
        {"interval": 0},
        {"interval": -1},
        {"interval": 10**6},
    ],
    ids=repr,
)
def test_a_code_that_cannot_be_shown_asks_nobody(changed: dict[str, Any], cloud: Cloud, asking: Asking) -> None:
    cloud.device = [http_json({**cloud.code(), **changed})]
    failure = asking.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert (asking.prompts, cloud.sign_ins) == ([], [])


@pytest.mark.parametrize(
    "endpoint", ["https://localhost:{port}/x/oauth2/v2.0/devicecode", "{origin}/x/oauth2/v2.0/authorize", "", None]
)
def test_a_code_is_asked_for_nowhere_else(endpoint: str | None, cloud: Cloud, certificates: Certificates) -> None:
    with Cloud(certificates.good) as elsewhere:
        if endpoint is not None:
            endpoint = endpoint.format(port=elsewhere.port, origin=cloud.origin)
        cloud.discovery = [http_json(cloud.metadata(device_authorization_endpoint=endpoint))]
        assert Asking(cloud.origin, certificates.bundle).failure().reason is Reason.BAD_ANSWER
        assert (len(cloud.requests), elsewhere.connections) == (1, 0)


def test_a_page_in_place_of_a_code_is_not_entras(cloud: Cloud, asking: Asking) -> None:
    cloud.device = [http_answer("200 OK", {"Content-Type": "text/html"}, b"<html>Sign in</html>")]
    assert asking.failure().reason is Reason.BAD_ANSWER


def test_a_host_that_repeats_the_device_code_is_not_quoted(cloud: Cloud, asking: Asking) -> None:
    """Whoever has it can fetch the token."""
    code = cloud.code()["device_code"]
    cloud.token = [http_json({"error": "invalid_grant", "error_description": f"the code {code} is unknown"}, 400)]
    failure = asking.failure()
    assert "repeated our secret" in str(failure)
    assert code not in str(failure)


# Through the source, as a scan does it.


def read(lab: Lab, folder: Path, person: Person, ask: Callable[[AnyPrompt], None]) -> tuple[Any, Any]:
    """The source after the sign-in, and what reading the organization comes to."""
    made = source(lab, folder, person)
    made.sign_in(ask)
    return made, at_once([job.run for job in made.jobs(ALL)])[0]


def test_a_person_reads_as_themselves(tmp_path: Path) -> None:
    """One sign-in, before the reading; the readers know who it was."""
    with Lab(scenario(person=Answer(pending=0))) as lab:
        made, found = read(lab, tmp_path, Person(), lambda _prompt: None)
        summaries = [exchange.summary for exchange in lab.requests if exchange.server == "entra"]
    assert found.rows == 1
    assert made.identity == f"user admin@contoso.com by application {lab.scenario.tenant.client_id}"
    assert made.scope(()) == "what user admin@contoso.com may see in the portal, by delegated permissions"
    assert made._session.signed_in == "admin@contoso.com"
    assert summaries == ["discovery", "device code", "device_code"]


def test_a_token_that_ends_is_renewed_without_the_person(tmp_path: Path) -> None:
    """The estate's tokens live for a moment only, so that every use renews."""
    with Lab(scenario(person=Answer(pending=0), token_seconds=60)) as lab:
        _, found = read(lab, tmp_path, Person(), lambda _prompt: None)
        summaries = [exchange.summary for exchange in lab.requests if exchange.server == "entra"]
    assert found.rows == 1
    assert "refresh_token" in summaries


def test_a_sign_in_that_failed_is_told_by_every_reader(tmp_path: Path) -> None:
    """It is tried once; the other half can still be read."""
    person = Person()
    with Lab(scenario(person=Answer(answer="decline", pending=0))) as lab:
        made, failure = read(lab, tmp_path, person, lambda _prompt: None)
        assert [exchange for exchange in lab.requests if exchange.server == "graph"] == []
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "the person declined it" in str(failure)
    assert made.identity == f"application {lab.scenario.tenant.client_id}"
    assert made._session.signed_in is None
    assert made.scope(()) is None


def test_who_was_never_asked_has_not_signed_in(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        (failure,) = at_once([job.run for job in source(lab, tmp_path, Person()).jobs(ALL)])
    assert "nobody has signed in" in str(failure)


def test_a_busy_host_is_waited_for(tmp_path: Path) -> None:
    busy = Fault("entra", path="*/devicecode", status=503, retry_after=3, times=1)
    with Lab(with_fault(busy)) as lab:
        bundle = tmp_path / "ca.pem"
        bundle.write_bytes(lab.ca_pem)
        known = lab.scenario.tenant
        asking = Asking(lab.graph_origin, bundle, tenant=known.id, client_id=known.client_id)
        assert asking.granted().name == "admin@contoso.com"
    assert asking.deadline.waits == [3.0, 1, 1]


def test_keyboard_interrupt_is_not_swallowed(cloud: Cloud, asking: Asking) -> None:
    def interrupt(_prompt: Prompt) -> None:
        raise KeyboardInterrupt

    cloud.token = [PENDING]
    with pytest.raises(KeyboardInterrupt):
        asking.sign_in.through(lambda it: grant(it, f"{cloud.origin}/.default", asking.deadline, interrupt))
