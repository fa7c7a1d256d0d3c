"""The same judged estate in every manner of showing it: wide, narrow, in colour, in ASCII, briefly, compared."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.cli import run as run_program
from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.lab import Lab, load_scenario
from tests.conftest import Estate, Program, Ran
from tests.golden_files import NOW, matches, said, stand_still

GOLDEN = Path(__file__).parents[1] / "golden"
EARLIER = Path(__file__).parents[1] / "data" / "published" / "trust" / "almost-ready.report.json"
SGR = re.compile(r"\x1b\[[0-9;]*m")
Judge = Callable[..., Ran]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an estate that was read once: `readiness.toml`, and what was read."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch, Lab(load_scenario("almost-ready"), now=NOW) as lab:
        stand_still(patch)
        lab.write(folder)
        served = Estate(lab, folder)
        evidence = read_estate(configured({"config": served.config}, {}, connecting=True), served.secrets)
        bodies.save(evidence, folder / "evidence.json")
        yield folder


@pytest.fixture
def judge(kept: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Judge it and show it: `judge("--quiet", width=140, FORCE_COLOR="1")`."""

    def shown(*options: str, width: int = 80, **variables: str) -> Ran:
        stand_still(monkeypatch, width=width)
        ran = program(*arguments(kept), *options, variables=variables)
        for name in variables:
            monkeypatch.delenv(name)
        return ran

    return shown


def arguments(kept: Path) -> list[str]:
    given = ["assess", str(kept / "evidence.json"), "--config", str(kept / "readiness.toml")]
    return [*given, "--now", NOW.isoformat(), "--format", "none"]


@pytest.mark.parametrize(
    ("manner", "options", "width", "variables"),
    [
        ("140-in-colour", (), 140, {"FORCE_COLOR": "1"}),
        ("40", (), 40, {}),
        ("200", (), 200, {}),
        ("quiet", ("--quiet",), 80, {}),
        ("against", ("--against", str(EARLIER)), 80, {}),
        ("selection", ("--check", "site-*"), 80, {}),
        ("redacted", ("--redact",), 80, {}),
    ],
)
def test_each_manner_of_showing_says_what_its_golden_file_says(
    judge: Judge, manner: str, options: tuple[str, ...], width: int, variables: dict[str, str]
) -> None:
    ran = judge(*options, width=width, **variables)
    assert matches(GOLDEN / f"almost-ready.{manner}.txt", said(ran.out, ran.err))


def test_in_ascii_signs_become_ascii_and_lines_keep_their_width(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    out, err = (io.TextIOWrapper(io.BytesIO(), "ascii", errors="strict", write_through=True) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert run_program(arguments(kept)) == 3
    shown = [stream.buffer.getvalue().decode("ascii") for stream in (out, err)]
    assert matches(GOLDEN / "almost-ready.ascii.txt", said(*shown))
    assert max(map(len, shown[0].splitlines())) <= 80


def test_colour_follows_the_option_then_no_color_then_force_color(judge: Judge) -> None:
    """Without a terminal there is none unless it is asked for, and it changes no word."""
    plain = judge()
    assert judge("--no-color", FORCE_COLOR="1") == plain
    assert judge(FORCE_COLOR="1", NO_COLOR="1") == plain
    assert judge(FORCE_COLOR="0") == plain
    coloured = judge(FORCE_COLOR="1")
    assert "\x1b[" in coloured.out
    assert SGR.sub("", coloured.out) == plain.out
    assert coloured.err == plain.err


def test_the_decision_its_reasons_and_the_next_step_are_on_the_last_screen(judge: Judge) -> None:
    """Of 50 lines at 80 columns: nobody scrolls back at two in the morning."""
    screen = " ".join(" ".join(judge().out.splitlines()[-46:]).split())  # three files and the exit line come besides
    assert "Decision × not-ready Not ready: 1 blocker failed." in screen
    assert "× fail: Every collection of the roll-out is available for Defender policies (collections-enabled)" in screen
    assert "1. In a console that is connected to the top-level site tick" in screen
    assert "by the Configuration Manager administrator (Full Administrator, scope All)" in screen
