"""Evidence of which every text is chosen by somebody with bad intentions, and that is sealed as if it were ours: it is
judged, and can make wrong claims. Nothing of it is executed, followed, or rendered as anything but text.

Names in an estate: `tests/properties/test_hostile_names.py`. Here the file is the way in, and all of it is theirs.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.schemas import shipped
from tests.conftest import Program, Ran
from tests.evidence.bad import OUT
from tests.evidence.walking import TIMES, untouched
from tests.properties.counting import tried
from tests.properties.estates import configuration, read
from tests.properties.hostile_names import EVERY
from tests.properties.test_hostile_names import STEERING, Page, same_page, shape

SCENARIO = "almost-ready"
PLAIN = "Nobody"
CLOSED = ("schema", "fact", "reason", "halves")
"""Keys whose texts are of a closed list: others are refused."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
KNOWN_BY = re.compile(r"(.*_)?(id|ids|code|domains|tenant|host|version|type|state|collections|configured)")
"""Keys of texts by which an estate is known again, and its parts belong together."""

PAYLOADS = (
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>',
    "<meta http-equiv=refresh content=0;url=//evil.example>", "javascript:alert(1)", "<!-- --><![CDATA[",
    "[link](https://evil.example)", "![image](https://evil.example/x.png)", "a | b\n| --- |\n# c", "```\n~~~\n---",
    "<https://evil.example> www.evil.example @everyone #1", "[x]: https://evil.example\n\n[x]",
    "=cmd|' /C calc'!A1", "@SUM(1+1)*cmd|' /C calc'!A0", "+1", "-1+1",
    "\x1b]0;title\x07\x1b[2J", "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "\x9b31m", "\rexit 0: ready",
    "line\nexit 0: ready", "invoice\u202egnp.exe", "\u2028\u2029\x85", "a\x00b",
    "{{7*7}}", "{% include '/etc/passwd' %}", "{{ ''.__class__.__mro__ }}", "${7*7}", "#{7*7}", "$(id)", "`id`", "%s%n",
    "{0.__class__}", "file:///etc/passwd", "http://127.0.0.1:1/x", "\\\\evil.example\\share", "//evil.example/x",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x", "CON", "con.txt:stream", "a/b/c",
    "~root", "-rf", "--output=/", ".", "..", "~", "x" * 5_000, "\U0001f600" * 300, "'; DROP TABLE x;--", "\ufffe\uffff",
)  # fmt: skip


def written(value: Any, text: str, known: bool, key: str = "") -> Any:
    """The document with this text for every other in it.

    Args:
        known: whether texts by which the estate is known again stay, so that all of it is judged.
    """
    if isinstance(value, dict):
        return {name: written(item, text, known, name) for name, item in value.items()}
    if isinstance(value, list):
        return [written(item, text, known, key) for item in value]
    stays = key in CLOSED or not isinstance(value, str) or MOMENT.fullmatch(value)
    return value if stays or (known and KNOWN_BY.fullmatch(key)) else text


@cache
def _failed() -> dict[str, Any]:
    """The evidence; of every half one reading failed, in words of the source."""
    found = json.loads(json.dumps(untouched(SCENARIO)))
    for reading in found["readings"]:
        if reading["fact"] in ("EdrPolicies", "ComponentStatuses"):
            reading |= {"value": None, "rows": None, "reason": "missing-permission", "error": "x", "missing": ["x"]}
    return {**found, "partial": True}


class Judged:
    """Has the program judge such evidence, all the way, in the folder of a test."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.folder = program, folder
        self.now = read(SCENARIO).evidence.finished.isoformat()
        (folder / "readiness.toml").write_text(configuration(SCENARIO), encoding="utf-8")
        (folder / "every.toml").write_text('[scope]\ncollections = ["*"]\n', encoding="utf-8")

    def __call__(self, text: str, known: bool) -> tuple[Ran, Mapping[str, str]]:
        """How the run ended, and what it wrote, by the endings of the files."""
        path = self.folder / "evidence.json"
        documents.write(path, documents.readable(documents.sealed(written(_failed(), text, known))))
        bodies.load(path)  # else what follows would prove nothing
        before = set(self.folder.rglob("*"))
        config = "readiness.toml" if known else "every.toml"
        ran = self.program("assess", path.name, "--config", config, "--now", self.now, "--output", OUT, "--no-input")
        new = set(self.folder.rglob("*")) - before - {self.folder / OUT}
        found = {file.suffix: file.read_text(encoding="utf-8") for file in new}
        assert all(file.parent == self.folder / OUT for file in new), new
        assert all(re.fullmatch(r"readiness-[A-Za-z0-9.-]+-\d{8}T\d{6}Z\.(html|md|json)", file.name) for file in new)
        for file in new:
            file.unlink()
        tried("hostile files read")
        return ran, found


@pytest.fixture
def judged(program: Program, tmp_path: Path) -> Judged:
    return Judged(program, tmp_path)


@pytest.fixture
def alone(judged: Judged, monkeypatch: pytest.MonkeyPatch) -> Judged:
    """No name is looked up, and no connection made."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was followed")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return judged


_PLAIN: dict[bool, Mapping[str, str]] = {}


def plainly(judged: Judged, known: bool) -> Mapping[str, str]:
    """What is written where every text is a plain one."""
    if known not in _PLAIN:
        _PLAIN[known] = judged(PLAIN, known)[1]
    return _PLAIN[known]


CASES = PAYLOADS if TIMES == 1 else tuple(dict.fromkeys((*PAYLOADS, *filter(str.strip, EVERY))))
BOTH = [*((text, True) for text in CASES), *((text, False) for text in (CASES[::3] if TIMES == 1 else CASES))]


@pytest.mark.parametrize(("text", "known"), BOTH, ids=lambda one: ascii(one[:24]) if isinstance(one, str) else None)
def test_evidence_of_such_texts_stays_text_in_every_format(text: str, known: bool, alone: Judged) -> None:
    """Beside that of plain texts: no element, attribute, address or block more, and no other outcome."""
    ran, found = alone(text, known)
    assert ran.code in (3, 5), ran.err
    assert not STEERING.search(ran.out + ran.err)
    assert "\nexit 0" not in ran.out + ran.err
    assert found.keys() == {".html", ".md", ".json"}
    plain = plainly(alone, known)
    same_page(found[".html"], plain[".html"])
    assert Page(found[".html"]).values == Page(plain[".html"]).values, "an address that is not ours"
    assert shape(found[".md"]) == shape(plain[".md"])
    assert not STEERING.search(found[".md"])
    report = documents.parse(found[".json"].encode())
    assert outcomes(report) == outcomes(documents.parse(plain[".json"].encode()))


def outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    return {check["id"]: check["outcome"] for check in report["checks"]}


def test_such_texts_reach_every_part_of_a_report(judged: Judged) -> None:
    """Else the test above would prove little: subjects, targets, verdicts, readings, run."""
    mark = "Unmistakable"
    _, found = judged(mark, True)
    report = json.loads(found[".json"])
    for part in ("run", "collections", "checks", "readings"):
        assert mark in json.dumps(report[part]), part
    assert mark in found[".html"]
    assert mark in found[".md"]


def test_a_report_on_such_evidence_is_of_the_form_that_all_have(judged: Judged) -> None:
    _, found = judged("<script>\x1b]0;x\x07{{7*7}}\n../..", True)
    jsonschema.validate(json.loads(found[".json"]), shipped("report-v1"))


@pytest.mark.parametrize(
    "tenant", ["../../../escaped", "..", "/escaped", "C:\\escaped", "a/b", "x" * 5_000, "\x00", "東京"]
)
def test_a_tenant_of_any_name_makes_a_file_name_of_ours(tenant: str, program: Program, tmp_path: Path) -> None:
    """It is part of the name of the report's files."""
    found = {**untouched(SCENARIO), "tenant": tenant, "site": tenant}
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    documents.write(tmp_path / "evidence.json", documents.readable(documents.sealed(found)))
    before = set(tmp_path.rglob("*"))
    assert program("assess", "evidence.json", "--output", str(folder), "--quiet").code in (3, 5)
    new = set(tmp_path.rglob("*")) - before
    assert len(new) == 3
    assert all(file.parent == folder for file in new)
    assert all(re.fullmatch(r"readiness-[A-Za-z0-9.-]+\.(html|md|json)", file.name) for file in new)
    assert all(len(file.name) < 256 and ".." not in file.name for file in new)
