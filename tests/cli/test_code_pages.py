"""Terminals that cannot show everything: old code pages and plain ASCII. Nothing breaks, and nothing is lost."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.cli import run as run_program
from readiness.lab import Lab, load_scenario

ENCODINGS = ("cp1252", "cp437", "ascii")
NAME = "Größe → 東京 “Server”…"
"""Of the target of the roll-out: some of it is in each code page, some in none."""


@dataclass(frozen=True)
class Printed:
    """What a run left on streams of an encoding: bytes."""

    code: int
    out: bytes
    err: bytes


Run = Callable[..., Printed]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the program on streams of this encoding, which break on what they cannot take."""

    def call(encoding: str, *arguments: str) -> Printed:
        out, err = io.BytesIO(), io.BytesIO()
        streams = [io.TextIOWrapper(raw, encoding, errors="strict", write_through=True) for raw in (out, err)]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            code = run_program(list(arguments))
        for stream in streams:
            stream.flush()
        return Printed(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("names")
    target = f'[change.wmi.SMS_Collection.P0100021]\nName = "{NAME}"\n'
    (folder / "names.toml").write_text(f'base = "almost-ready"\n{target}', encoding="utf-8")
    with Lab(load_scenario(str(folder / "names.toml"))) as lab:
        yield lab


@pytest.fixture
def config(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lab.write(tmp_path)
    for line in (tmp_path / "lab.env").read_text(encoding="utf-8").splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    return tmp_path / "readiness.toml"


def shown(printed: Printed, encoding: str) -> str:
    """What the terminal shows. Bytes that it has no sign for fail here."""
    text = printed.out.decode(encoding) + printed.err.decode(encoding)
    assert "Traceback" not in text
    assert "UnicodeEncodeError" not in text
    return text


COMMANDS: tuple[tuple[Sequence[str], int], ...] = (
    (("checks",), 0),
    (("explain", "collections-enabled"), 0),
    (("permissions",), 0),
    (("--help",), 0),
    (("scan", "--help"), 0),
    (("lab", "no-such-scénario→"), 2),
    (("expläin→",), 2),
    (("assess", "no-such-file-東京.json"), 2),
    (("init", "--no-input", "--output", "東京.toml"), 0),
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=lambda value: str(value)[:30])
def test_commands_that_read_nothing(command: Sequence[str], code: int, encoding: str, run: Run) -> None:
    printed = run(encoding, *command)
    text = shown(printed, encoding)
    assert printed.code == code, text
    assert len(text) > 60


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_scan_shows_marks_and_names_in_what_there_is(encoding: str, run: Run, config: Path) -> None:
    """Marks are signs of ASCII, names escapes; the reports are UTF-8 all the same, and JSON is JSON."""
    printed = run(encoding, "scan", "--config", str(config), "--save-evidence", "e.json", "--debug")
    text = shown(printed, encoding)
    assert printed.code == 3
    assert "x fail" in text
    assert "+ pass" in text
    assert "\\u6771\\u4eac" in text
    html, markdown, report = sorted(Path("readiness-reports").iterdir(), key=lambda file: file.suffix)
    for file in (html, markdown, report):
        content = file.read_bytes()
        assert "東京".encode() in content
        assert b"\r" not in content
    again = run(encoding, "assess", "--config", str(config), "--quiet", "--format", "none", "e.json")
    assert (again.code, shown(again, encoding) != "") == (3, True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_utf8_whatever_the_terminal_shows(encoding: str, run: Run, config: Path) -> None:
    for command in (
        ("scan", "--config", str(config), "--json", "--format", "none"),
        ("permissions", "--json"),
        ("checks", "--json"),
        ("explain", "--json", "collections-enabled"),
    ):
        printed = run(encoding, *command)
        assert json.loads(printed.out.decode("utf-8"))
        printed.err.decode(encoding)
    assert any(NAME in one["name"] for one in json.loads(run(encoding, *SCAN, str(config)).out)["collections"])


SCAN = ("scan", "--json", "--format", "none", "--config")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_bug_is_told_in_what_there_is(encoding: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the last words of the program fit: a plugin may name its errors in any script."""

    def broken(**_given: object) -> None:
        raise type("Größe東京", (RuntimeError,), {})

    monkeypatch.setattr("readiness.cli.cli.main", broken)
    printed = run(encoding, "checks", "--debug")
    assert printed.code == 1
    assert "\\u6771\\u4eac" in printed.err.decode(encoding)
