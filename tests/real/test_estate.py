"""What must hold in any estate: in a simulated one always, in a real one where the environment names it.

    REAL_ESTATE=/path/to/readiness.toml python -m pytest tests/real/test_estate.py

`REAL_ESTATE` is the path of a readiness.toml of either half or both; several, one for each way to sign in, are
separated as in PATH. The secrets are where that file says: in the variables that its `_env` keys name. Nothing is
asserted of the estate itself, only of how it is read: nothing is changed in it, no password but the right one is ever
tried, and what is found there stays in the temporary folder of the test. A file that asks for a person (device-code,
interactive) is for a terminal, and refused here.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema
import pytest
from requests import PreparedRequest, Response

from readiness.lab import Lab, load_scenario
from readiness.model.words import Reason
from readiness.schemas import shipped
from readiness.sources.guard import Guard
from tests.conftest import Program, Ran
from tests.schema.graph import judge
from tests.schema.recorded import Recorded, of_graph

VARIABLE = "REAL_ESTATE"
ENVIRONMENT = dict(os.environ)
"""As it was before the tests cleaned it."""
FILES = [Path(name).absolute() for name in ENVIRONMENT.get(VARIABLE, "").split(os.pathsep) if name]
HOW = f"names no real estate: set {VARIABLE} to the path of its readiness.toml, and the variables of its secrets"
SIMULATED = ("winrm", "adminservice")
_REAL: list[Path | None] = [*FILES] or [None]
PLACES: list[str | Path | None] = [*SIMULATED, *_REAL]

GRAPH_READS = re.compile(r"/(v1\.0|beta)/(\$batch|deviceManagement/reports/\w+)")
SIGN_IN = re.compile(r".*/oauth2/v2\.0/(token|devicecode)|.*/token|.*/device/auth")
GETTER = re.compile(r"SMS_\w+\.Get\w+")
ACTION = re.compile(r"<a:Action[^>]*>[^<]*/(Enumerate|Pull|Release|Get\w*)</a:Action>")


@dataclass(frozen=True)
class Place:
    """An estate that can be read: its file, and the variables with its secrets."""

    config: Path
    variables: Mapping[str, str]

    @property
    def sections(self) -> dict[str, Any]:
        return tomllib.loads(self.config.read_text(encoding="utf-8-sig"))

    @property
    def secrets(self) -> set[str]:
        """Every secret of the environment that the file points to, as it is and as it may be written."""
        tables = [self.sections.get(name, {}) for name in ("tenant", "site")]
        names = {str(value) for table in tables for key, value in table.items() if key.endswith("_env")}
        names |= {"READINESS_CLIENT_SECRET", "READINESS_SITE_PASSWORD"}
        plain = {self.variables[name] for name in names if self.variables.get(name)}
        return plain | {quote(word, safe="") for word in plain} | {_base64(word) for word in plain}


def _base64(word: str) -> str:
    return base64.b64encode(word.encode()).decode().rstrip("=")


@pytest.fixture(scope="module", params=PLACES, ids=lambda given: str(given or "real"))
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Simulated over each transport, then each real one."""
    if request.param is None:
        pytest.skip(f"the environment {HOW}")
    if isinstance(request.param, Path):
        yield Place(request.param, ENVIRONMENT)
        return
    folder = tmp_path_factory.mktemp("simulated")
    with Lab(load_scenario("almost-ready")) as lab:
        lab.write(folder, request.param)
        lines = (folder / "lab.env").read_text(encoding="utf-8").splitlines()
        yield Place(folder / "readiness.toml", dict(line.split("=", 1) for line in lines))


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PreparedRequest]]:
    """Every request that leaves: they go the way that they always go."""
    sent: list[PreparedRequest] = []
    send = Guard.send

    def heard(self: Guard, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        sent.append(request.copy())
        return send(self, request, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Guard, "send", heard)
        yield sent


def run(program: Program, place: Place, *arguments: str) -> Ran:
    return program(*arguments, "--config", str(place.config), "--no-input", "--debug", variables=place.variables)


def written(folder: Path) -> str:
    """All text below a folder."""
    return "\n".join(file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file())


def require_no_secret(place: Place, *texts: str) -> None:
    """Says which output holds one, and never the secret itself."""
    found = [number for number, text in enumerate(texts) if any(secret in text for secret in place.secrets)]
    assert found == [], "a secret of the environment is in these outputs"


def test_a_scan_reads_only_and_ends_in_a_valid_report(
    place: Place, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reading is whole or has a reason; no secret is in anything that was said or written."""
    evidence, log = tmp_path / "evidence.json", tmp_path / "scan.log"
    with listening(monkeypatch) as sent:
        ran = run(
            program, place, "scan", "--json", "--format", "html,markdown,json", "--output", str(tmp_path / "reports"),
            "--save-evidence", str(evidence), "--log-file", str(log),
        )  # fmt: skip
    require_no_secret(place, ran.out, ran.err, written(tmp_path))
    assert ran.code in (0, 3, 4, 5), ran.err
    assert ran.err.rstrip().splitlines()[-1].startswith(f"exit {ran.code}: ")
    for name, text in (("report-v1", ran.out), ("evidence-v1", evidence.read_text(encoding="utf-8"))):
        jsonschema.validate(json.loads(text), shipped(name))
    require_reasons(ran.report)
    require_reading_only(sent)


def require_reasons(report: Mapping[str, Any]) -> None:
    """Nothing is missing without a reason of the closed list and a sentence, and what rests on it does not pass."""
    reasons = {reason.value for reason in Reason}
    lost = {one["id"] for one in report["readings"] if one["reason"] is not None}
    assert report["readings"]
    for reading in report["readings"]:
        assert (reading["reason"] is None) == (reading["error"] is None)
        assert reading["reason"] in {None, *reasons}
        assert reading["error"] is None or len(reading["error"]) > 20
    for check in report["checks"]:
        assert check["outcome"] != "error", check["summary"]
        assert check["outcome"] != "unknown" or check["reason"] in reasons
        assert check["outcome"] != "pass" or not check["evidence"] or not lost.issuperset(check["evidence"])


def require_reading_only(sent: list[PreparedRequest]) -> None:
    """By a rule that is not the Guard's own: methods, paths and the actions of WS-Man."""
    assert sent
    for request in sent:
        path = urlsplit(request.url or "").path
        if request.method == "GET":
            continue
        assert request.method == "POST", request.method
        if path == "/wsman":
            body = request.body or b""
            text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
            sealed = "multipart/encrypted" in request.headers.get("Content-Type", "")
            assert not text or sealed or ACTION.search(text), path
        elif path.startswith("/AdminService/"):
            assert GETTER.fullmatch(path.rpartition("/")[2]), path
        else:
            assert GRAPH_READS.fullmatch(path) or SIGN_IN.fullmatch(path), path


@contextmanager
def exchanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Recorded]]:
    """Every exchange with Microsoft Graph, as it went."""
    exchanges: list[Recorded] = []
    send = Guard.send

    def heard(self: Guard, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        response = send(self, request, *given, **named)
        found = of_graph(request, response)
        exchanges.extend([found] if found else [])
        return response

    with monkeypatch.context() as patch:
        patch.setattr(Guard, "send", heard)
        yield exchanges


def test_microsoft_graph_is_as_its_openapi_has_it(
    place: Place, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked, and what is answered. Of a real estate no value is told, and what is newer there is no mistake."""
    if "tenant" not in place.sections:
        pytest.skip("this file names no tenant")
    with exchanging(monkeypatch) as exchanges:
        ran = run(program, place, "scan", "--json", "--format", "none")
    assert ran.code in (0, 3, 4, 5), ran.err
    judged = judge(exchanges, ours=place.config not in FILES)
    assert judged.seen > 0
    assert judged.problems == []


def test_permissions_are_told_one_by_one(place: Place, program: Program, tmp_path: Path) -> None:
    """Held, missing or not told, and why; and the exit code says whether all are held."""
    ran = run(program, place, "permissions", "--test", "--json")
    require_no_secret(place, ran.out, ran.err, written(tmp_path))
    rights = ran.report["rights"]
    assert rights
    assert {right["standing"] for right in rights} <= {"held", "missing", "not-told", "not-used"}
    assert all(right["words"] for right in rights if right["standing"] in ("missing", "not-told"))
    wanting = any(right["standing"] in ("missing", "not-told") for right in rights)
    assert ran.code == (5 if wanting else 0)


def test_what_was_collected_is_judged_alike_offline(place: Place, program: Program, tmp_path: Path) -> None:
    """Two halves by two persons come to the same verdicts as they do together."""
    halves = [half for half, name in (("graph", "tenant"), ("site", "site")) if name in place.sections]
    files = [str(tmp_path / f"{half}.json") for half in halves]
    for half, file in zip(halves, files, strict=True):
        ran = run(program, place, "collect", "--only", half, "-o", file)
        assert ran.code in (0, 5), ran.err
    scanned = run(program, place, "scan", "--json", "--format", "none")
    judged = run(program, place, "assess", *files, "--json", "--format", "none")
    require_no_secret(place, judged.out, judged.err, scanned.out, scanned.err, written(tmp_path))
    assert outcomes(judged) == outcomes(scanned)


def outcomes(ran: Ran) -> dict[str, tuple[str, str | None]]:
    return {check["id"]: (check["outcome"], check["reason"]) for check in ran.report["checks"]}
