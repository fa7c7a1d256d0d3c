"""`readiness diff`: two runs of the history, or two files; exit codes, formats, which run is the measure."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.history import usual_place
from readiness.history.measuring import measure
from readiness.history.runs import KeptRun
from readiness.history.store import Store
from readiness.model.reading import Evidence
from tests.conftest import Program, Ran
from tests.history.made import made
from tests.properties.estates import read_anew

Night = Callable[..., Ran]


@pytest.fixture(scope="module")
def estates() -> dict[str, Evidence]:
    """What was read of two estates, in this order."""
    return {name: read_anew(name).evidence for name in ("ready", "almost-ready")}


@pytest.fixture
def night(program: Program, estates: dict[str, Evidence], tmp_path: Path) -> Night:
    """Judges a simulated estate as it was read, so many hours later."""

    def assess(scenario: str, *options: str, hours: float = 0) -> Ran:
        file, evidence = tmp_path / f"{scenario}.json", estates[scenario]
        bodies.save(evidence, file)
        now = (evidence.finished + timedelta(hours=hours)).isoformat()
        return program("assess", str(file), "--now", now, "--json", *(options or ("--format", "none")))

    return assess


@pytest.fixture
def worse(night: Night) -> tuple[str, str]:
    """Two nights, the second of which is worse: the ids of the runs."""
    return tuple(night(name).report["run"]["id"] for name in ("ready", "almost-ready"))


def test_two_runs_that_say_the_same_are_no_news(program: Program, night: Night) -> None:
    night("ready")
    night("ready", hours=1)
    ran = program("diff")
    assert (ran.code, ran.err) == (0, "exit 0: nothing changed\n")
    assert "Nothing changed." in ran.out


def test_the_last_two_runs_are_compared_and_worse_is_three(program: Program, worse: tuple[str, str]) -> None:
    ran = program("diff", "--json")
    assert ran.code == 3
    assert (ran.report["before"]["run"], ran.report["after"]["run"]) == worse
    assert ran.report["worse"] is True
    found = {one["id"]: (one["difference"], one["before"], one["after"]) for one in ran.report["differences"]}
    assert found["attach-app-healthy"] == ("degraded", "pass", "fail (advisory)")


@pytest.mark.parametrize("format_", ["terminal", "markdown", "html", "json"])
def test_every_format_says_the_same(program: Program, worse: tuple[str, str], format_: str, tmp_path: Path) -> None:
    del worse
    file = tmp_path / "diff.out"
    assert program("diff", "--format", format_).code == 3
    ran = program("diff", "--format", format_, "-o", str(file))
    assert (ran.code, ran.out) == (3, "")
    said = file.read_text(encoding="utf-8")
    assert "attach-app-healthy" in said
    assert "fail (advisory)" in said
    assert ("degraded" in said.lower()) is True


@pytest.mark.parametrize("format_", ["terminal", "markdown", "html", "json"])
def test_every_format_says_from_what_else_a_difference_may_come(program: Program, night: Night, format_: str) -> None:
    """One estate; the second run asks for a collection by name."""
    night("ready")
    night("ready", "--collection", "All Windows Servers - EDR", "--format", "none", hours=1)
    ran = program("diff", "--format", format_)
    assert "broken now" not in ran.out.lower()
    assert ("another scope" if format_ != "json" else '"scope"') in ran.out


def test_runs_are_named_by_id_by_its_beginning_and_by_file(program: Program, night: Night, tmp_path: Path) -> None:
    old = night("ready", "--format", "json", "--output", str(tmp_path / "out")).report["run"]["id"]
    new = night("almost-ready").report["run"]["id"]
    (file,) = (tmp_path / "out").glob("*.json")
    for given in ((old, new), (old,), (str(file),), (str(file), new), ("--against", str(file)), (old, "latest")):
        ran = program("diff", *given, "--json")
        assert (ran.code, ran.report["before"]["run"], ran.report["after"]["run"]) == (3, old, new)
    back = program("diff", new, old)
    assert (back.code, "cannot be compared" in back.err) == (5, True)


def test_latest_is_the_last_run_of_the_history_where_the_folder_has_none(program: Program, night: Night) -> None:
    """Where it has one, that goes first: it is what people see there."""
    first = night("ready").report["run"]["id"]
    kept = night("ready", "--against", "latest", "--format", "none", hours=1)
    assert kept.report["comparison"]["run"] == first
    program("scan", "--demo", "almost-ready", "--quiet", "--format", "json")
    seen = night("ready", "--against", "latest", "--format", "none", hours=2)
    assert "simulated estate" in seen.report["comparison"]["sentence"] or seen.report["comparison"]["run"] != first
    assert program("diff", "latest", first, "--json").report["before"]["run"] == seen.report["run"]["id"]


@pytest.mark.parametrize(
    "command", [("diff",), ("explain", "collections-enabled", "--run"), ("attach", "--to", "file:x"), ("plan",)]
)
def test_wherever_a_run_is_named_an_unknown_one_gets_the_nearest(
    program: Program, worse: tuple[str, str], command: tuple[str, ...]
) -> None:
    ran = program(*command, f"{worse[0][:-1]}x")
    assert ran.code == 2
    assert worse[0] in ran.err


@pytest.mark.parametrize("what", ["damaged", "newer"])
def test_who_only_reads_moves_no_history_aside(program: Program, night: Night, what: str) -> None:
    run = night("ready").report["run"]["id"]
    place = usual_place()
    if what == "damaged":
        place.write_bytes(b"\0noise" * 3000)
    else:
        with closing(sqlite3.connect(place)) as connection:
            connection.execute("PRAGMA user_version = 99")
    was = place.read_bytes()
    for command in (("history",), ("diff",), ("plan", run), ("explain", "collections-enabled", "--run", run)):
        ran = program(*command)
        assert ran.code == 2
        assert ("damaged" if what == "damaged" else "a newer version of readiness wrote it") in ran.err
        assert "the next scan sets it aside" in ran.err
    assert place.read_bytes() == was
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_of_an_unknown_run_the_nearest_ones_are_named(program: Program, worse: tuple[str, str]) -> None:
    typed = f"{worse[0][:-1]}x"
    ran = program("diff", typed)
    assert ran.code == 2
    assert worse[0] in ran.err
    assert "has the run id; the nearest are" in ran.err


def test_without_the_extra_it_is_said_that_there_is_no_history(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that there are too few runs: more of them would change nothing."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    ran = program("diff")
    assert ran.code == 5
    assert "there is no history: it takes SQLAlchemy" in ran.err


def test_without_two_runs_there_is_nothing_to_compare(program: Program, night: Night) -> None:
    for _ in range(2):
        ran = program("diff")
        assert (ran.code, ran.err) == (5, "exit 5: there are no two runs in the history to compare\n")
        night("ready")
    assert len(Store(usual_place()).runs()) == 1  # the same evidence, judged as of the same moment, is the same run


def test_two_files_need_no_history(program: Program, night: Night, tmp_path: Path, monkeypatch: object) -> None:
    assert isinstance(monkeypatch, object)
    for name in ("ready", "almost-ready"):
        night(name, "--format", "json", "--output", str(tmp_path / name))
    usual_place().unlink()
    files = [next((tmp_path / name).glob("*.json")) for name in ("ready", "almost-ready")]
    assert program("diff", *map(str, files)).code == 3
    document = json.loads(files[0].read_text(encoding="utf-8"))
    files[0].write_text(json.dumps({**document, "plan": []}), encoding="utf-8")
    assert program("diff", *map(str, files)).code == 2


def test_a_plan_and_an_account_can_be_had_of_a_run_of_the_history(program: Program, worse: tuple[str, str]) -> None:
    ran = program("plan", worse[1], "--json")
    assert (ran.code, ran.report["run"]["id"]) == (0, worse[1])
    told = program("explain", "attach-app-healthy", "--run", worse[1][:20], "--json")
    assert (told.code, told.report["outcome"], told.report["run"]["id"]) == (0, "fail", worse[1])
    assert told.report["run"]["file"] == str(usual_place())


def runs(*of: tuple[bool, str]) -> list[KeptRun]:
    """A history, the newest first: whether each run is whole, and its estate."""
    found = [
        replace(made(number).run, sequence=number, whole=whole, estate=estate)
        for number, (whole, estate) in enumerate(of, start=1)
    ]
    return found[::-1]


@pytest.mark.parametrize(
    ("of", "sequence"),
    [
        ([(True, "a"), (True, "a")], 1),
        ([(True, "a"), (False, "a"), (True, "a")], 1),
        ([(True, "a"), (False, "a"), (False, "a")], 1),
        ([(False, "a"), (False, "a"), (True, "a")], 2),
        ([(True, "a"), (True, "b"), (True, "a")], 1),
        ([(True, "a"), (True, "b")], 1),
        ([(True, "a"), (False, "a"), (True, "b")], 1),
        ([(True, "a")], None),
    ],
)
def test_a_partial_run_never_replaces_the_last_whole_one(of: list[tuple[bool, str]], sequence: int | None) -> None:
    history = runs(*of)
    found = measure(history[0], history)
    assert (found.sequence if found else None) == sequence
