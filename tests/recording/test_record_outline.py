"""An answer that cannot be parsed leaves its outline, and no word of it; its replay ends for the same reason."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from readiness.lab.server import Request, Response, Sending
from readiness.recording.outline import json_place, unreadable, xml_place
from tests.conftest import Estate, Program
from tests.recording.conftest import Record

Serve = Callable[..., Estate]
ANSWERS = {
    "a portal": (b"<html><title>ACME proxy</title>Jane Doe</html>", "HTML", "<a><a>a a<"),
    "cut": (b'{"value": [{"name": "ACME", "id": "12', "JSON", '"a": "a"'),
    "the same key twice": (b'{"acme": 1, "acme": 2}', "JSON", '"a": 0, "a": 0'),
    "a number that is none": (b'{"acme": NaN}', "JSON", '"a": a'),
    "another encoding": ('{"name": "Größe ACME"}'.encode("utf-16"), "other", "!"),
    "a mark before it": (b'\xef\xbb\xbf{"name": "ACME"}', "JSON", '"a": "a"'),
    "an entity": (b'<!DOCTYPE a [<!ENTITY acme "x">]><a>&acme;</a>', "XML", "<!a a"),
    "nothing of the kind": (b"ACME said 42 times: no", "text", "a a 0 a: a"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_outline_tells_the_form_and_no_word(what: str) -> None:
    data, looks, part = ANSWERS[what]
    for place in (json_place(data), xml_place(data)):
        made = unreadable(data, place)
        assert (made["bytes"], made["looks"]) == (len(data), looks)
        assert part in made["begins"]
        assert not any(word in json.dumps(made).lower() for word in ("acme", "jane", "größe", "42", "12"))


def test_an_outline_points_to_the_place() -> None:
    data = b'{"value": "' + b"x" * 500 + b'" "next": 1}'
    assert json_place(data) == ("Expecting ',' delimiter", 513)
    assert unreadable(data, json_place(data))["around"].endswith('a" "a": 0}')
    assert xml_place(b"<a>\n<b></c></a>") == ("mismatched tag", 9)


TAMPERED: dict[str, Callable[[Response], Response | Sending]] = {
    "html": lambda one: replace(one, body=b"<html>ACME</html>", headers=(("Content-Type", "text/html"),)),
    "cut": lambda one: replace(one, body=one.body[: len(one.body) // 2]),
    "doubled": lambda one: replace(one, body=one.body * 2),
    "empty": lambda one: replace(one, body=b""),
    "another encoding": lambda one: replace(one, body=b"\xff\xfe" + one.body),
    "an entity": lambda one: replace(one, body=b'<!DOCTYPE a [<!ENTITY acme "x">]><a>&acme;</a>'),
    "reset": lambda _: lambda line, _said: line.close(),
    "short": lambda _: lambda line, _said: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
}


@pytest.mark.parametrize(
    ("server", "what"),
    [
        *(("wsman", what) for what in ("cut", "another encoding", "an entity", "reset", "short")),
        *(("adminservice", what) for what in ("html", "doubled", "empty")),
        *(("graph", what) for what in ("html", "cut", "reset")),
    ],
)
def test_a_malformed_or_broken_answer_is_replayed_to_its_reason(
    server: str, what: str, program: Program, estate: Serve, record: Record
) -> None:
    """One answer of the scan, over the same sockets as all others."""
    asked = {"wsman": "SMS_ProviderLocation", "adminservice": "SMS_Identification", "graph": "/organization"}

    def tamper(request: Request, response: Response) -> Response | Sending:
        meant = asked[server].encode() in request.body + request.target.encode() and response.status == 200
        return TAMPERED[what](response) if meant and response.server == server else response

    transport = "adminservice" if server == "adminservice" else "winrm"
    served = estate("ready", transport=transport, tamper=tamper)
    half, check = ("graph", "tenant-reachable") if server == "graph" else ("site", "site-version-minimum")
    recorded = record(served, "--only", half, "--check", check, "--timeout", "20")
    evidence = json.loads(recorded.evidence.read_text(encoding="utf-8"))
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    told = {one["fact"]: one["reason"] for one in evidence["readings"]}
    again = {one["fact"]: one["reason"] for one in ran.report["readings"]}
    assert set(told.values()) != {None}
    assert {fact: again[fact] for fact in told} == told
    assert "acme" not in recorded.text.lower()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_scan_that_is_broken_off_leaves_a_recording_of_what_was_answered(
    number: signal.Signals, program: Program, estate: Serve, record: Record
) -> None:
    """Exit code 130; the recording is partial, names nobody, and is replayed as far as it goes."""
    over, answers = threading.Event(), itertools.count(1)

    def tamper(_request: Request, response: Response) -> Response:
        answered = next(answers)
        if answered == ANSWERED:
            os.kill(os.getpid(), number)
        if answered >= ANSWERED:
            over.wait(60)  # nothing more is answered until the scan is over
        return response

    try:
        recorded = record(estate("ready", tamper=tamper))
    finally:
        over.set()
    assert recorded.collected.code == 130
    assert recorded.manifest["partial"] is True
    assert 0 < len(recorded.exchanges) < ANSWERED
    assert "⟦" not in recorded.text
    assert recorded.served.lab.scenario.tenant.id not in recorded.text
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    assert ran.code == 5
    assert ran.report["decision"]["state"] == "undetermined"


ANSWERED = 12
"""Answers after which the scan is broken off: legs of sign-ins among them."""
