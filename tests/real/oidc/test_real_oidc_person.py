"""A person signs in at a provider that others wrote, by its pages: by device code, or in their browser."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.browser import browse
from readiness.sources.graph.credentials import Person as Credential
from readiness.sources.graph.device import Prompt, grant
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.granted import Granted
from readiness.sources.graph.rules import person_rules
from readiness.sources.graph.signin import SignIn
from readiness.sources.guard import guarded_session
from tests.real.oidc.conftest import Joined
from tests.real.oidc.person import NAME, Person
from tests.real.oidc.provider import BY_PERSON
from tests.sources.graph.conftest import PatientDeadline
from tests.terminal import interruptible, shown_within

pytestmark = pytest.mark.real

PROMPT = re.compile(r"To sign in, open (\S+)\s+and enter the code (\S+)")
ROOT = str(Path(__file__).resolve().parents[3])
Answer = Callable[[Prompt], Any]


class Patient(PatientDeadline):
    """Does something while our side would wait."""

    def __init__(self) -> None:
        super().__init__(1800)
        self._meanwhile: dict[int, Callable[[], object]] = {}

    def after(self, waits: int, what: Callable[[], object]) -> None:
        """Have something done in the wait that follows so many."""
        self._meanwhile[waits] = what

    def wait(self, seconds: float) -> bool:
        self._meanwhile.get(len(self.waits), bool)()
        return super().wait(seconds)


class Asking:
    """Our side of the sign-in, that nobody sleeps in: how long it would have waited is written down."""

    def __init__(self, joined: Joined) -> None:
        self.deadline = Patient()
        self._scope = f"{joined.estate.lab.graph_origin}/.default"
        self._origin = origin = joined.provider.origin
        entra = EntraClient(
            origin,
            lambda: guarded_session(origin, person_rules, self.deadline, ca_bundle=joined.bundle),
            self.deadline,
        )
        self._sign_in = SignIn(f"{origin}/contoso.com", BY_PERSON, Credential(), self._scope, entra)

    def granted(self, answer: Answer) -> Granted:
        return self._sign_in.through(lambda it: grant(it, self._scope, self.deadline, answer))

    def browsed(self, launch: Callable[[str], object]) -> Granted:
        """The sign-in in a browser that `launch` is."""
        return self._sign_in.through(
            lambda it: browse(it, self._scope, Deadline(20), lambda _prompt: None, origin=self._origin, launch=launch)
        )

    def failure(self, answer: Answer) -> str:
        with pytest.raises(SourceError) as caught:
            self.granted(answer)
        assert caught.value.reason is Reason.SIGN_IN_FAILED
        return str(caught.value)


def asked(joined: Joined) -> list[str | None]:
    """How the provider answered each question for the token."""
    return [entry.get("error") for entry in joined.provider.journal() if entry.get("route") == "token"]


def test_a_person_approves_and_is_known_by_name(joined: Joined) -> None:
    """The code is approved on the provider's pages between two questions of ours; Graph proves the token."""
    asking, person, pages = Asking(joined), Person(joined.bundle), []
    granted = asking.granted(lambda prompt: pages.append(person.approve(prompt.address, prompt.code)))
    assert "Sign-in Success" in pages[0]
    assert granted.name == NAME
    bearer = joined.keyring(granted.token)
    assert bearer is not None
    assert bearer.person == NAME
    assert asked(joined) == [None]
    assert granted.token not in repr(granted)


def test_a_code_that_nobody_has_seen_to_yet_is_asked_for_again(joined: Joined) -> None:
    """The person is slow: twice the answer is that it is not done yet."""
    asking, person = Asking(joined), Person(joined.bundle)
    prompts: list[Prompt] = []
    asking.deadline.after(2, lambda: person.approve(prompts[0].address, prompts[0].code))
    assert asking.granted(prompts.append).name == NAME
    assert asked(joined) == ["authorization_pending", "authorization_pending", None]
    assert asking.deadline.waits == [1, 1, 1]


def test_without_a_word_on_how_often_the_code_is_asked_for_every_five_seconds(joined: Joined) -> None:
    """As the provider does by itself. RFC 8628, section 3.2."""
    asking, person = Asking(joined), Person(joined.bundle)
    with joined.provider.codes(interval=None):
        asking.granted(lambda prompt: person.approve(prompt.address, prompt.code))
    assert asking.deadline.waits == [5]


def test_a_person_declines(joined: Joined) -> None:
    person = Person(joined.bundle)
    said = Asking(joined).failure(lambda prompt: person.decline(prompt.address, prompt.code))
    assert said == "Entra ID ended the sign-in by device code: the person declined it"
    assert asked(joined) == ["access_denied"]


def test_nobody_comes(joined: Joined) -> None:
    """The code ends by the clock of the provider, where ours would still ask."""
    asking = Asking(joined)
    with joined.provider.codes(seconds=100):
        asking.deadline.after(2, lambda: joined.provider.tell("clock", seconds=100))
        try:
            said = asking.failure(lambda _: None)
        finally:
            joined.provider.tell("clock", seconds=0)
    assert said == "Entra ID ended the sign-in by device code: nobody signed in before the code ended; scan again"
    assert asked(joined) == ["authorization_pending", "authorization_pending", "expired_token"]


def test_a_person_signs_in_in_the_browser(joined: Joined) -> None:
    """Code flow with PKCE, state and nonce; the browser posts the code back to loopback, on a port of the moment."""
    pages: Queue[str] = Queue()
    person = Person(joined.bundle)
    granted = Asking(joined).browsed(lambda address: pages.put(person.sign_in(address)))
    assert "the sign-in goes on in the terminal" in pages.get(timeout=10)
    assert granted.name == NAME
    bearer = joined.keyring(granted.token)
    assert bearer is not None
    assert bearer.person == NAME
    assert asked(joined) == [None]


def test_a_person_does_not_sign_in_in_the_browser(joined: Joined) -> None:
    pages: Queue[str] = Queue()
    person = Person(joined.bundle)
    with pytest.raises(SourceError, match="the person declined it, or did not consent") as caught:
        Asking(joined).browsed(lambda address: pages.put(person.cancel(address)))
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert "the sign-in failed; the terminal says why" in pages.get(timeout=10)  # the browser may be slower than we
    assert asked(joined) == []


def test_a_person_signs_in_through_the_program(joined: Joined) -> None:
    """At a terminal: the program shows where to go, the person goes there, and the scan reads what they may see."""
    joined.signing_in(BY_PERSON, "device-code")
    ran = at_a_terminal(joined, Person(joined.bundle).approve)
    assert ran.code == 0, ran.shown
    assert f"user {NAME} by application {BY_PERSON}" in str(ran.report["run"]["identities"])
    assert asked(joined)[-1] is None


def test_a_person_who_declines_is_told_so_by_the_program(joined: Joined) -> None:
    joined.signing_in(BY_PERSON, "device-code")
    ran = at_a_terminal(joined, Person(joined.bundle).decline)
    assert ran.code == 5, ran.shown
    (check,) = [check for check in ran.report["checks"] if check["id"] == "tenant-reachable"]
    assert (check["outcome"], check["reason"]) == ("unknown", "sign-in-failed")
    assert "the person declined it" in check["summary"]
    assert not joined.asked_graph()


@dataclass(frozen=True)
class Typed:
    """How a run at a terminal ended; what the terminal showed."""

    code: int
    out: str
    shown: str

    @property
    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        return document


def at_a_terminal(joined: Joined, answer: Callable[[str, str], str]) -> Typed:
    """Scans with a terminal as input and standard error, and answers the prompt that it shows."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "readiness", "scan", "--config", joined.config, "--json", "--format", "none"]
    environment = {**os.environ, **joined.estate.secrets, "PYTHONPATH": ROOT}
    out = joined.estate.folder / "out.json"
    with out.open("wb") as target:
        child = subprocess.Popen(
            command, stdin=slave, stdout=target, stderr=slave, env=environment, preexec_fn=interruptible
        )
    os.close(slave)
    with child:
        shown, ends = "", time.monotonic() + 60
        while piece := shown_within(master, ends - time.monotonic()):
            had, shown = PROMPT.search(shown), shown + piece
            prompt = PROMPT.search(shown)
            if prompt and not had:
                answer(prompt[1], prompt[2])
        code = child.wait(max(1, ends - time.monotonic()))
    os.close(master)
    return Typed(code, out.read_text(encoding="utf-8"), shown)
