"""One value of a file after the other is replaced by what nobody writes there, and the file sealed anew, as whoever
wants it to be believed can do: it is refused by name and place, or it is judged, and no better than before.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.errors import EvidenceError
from readiness.plugin import Evidence, Outcome
from tests.conftest import Program
from tests.evidence.bad import MOST_SECONDS, MOST_WORDS, OUT, refused
from tests.evidence.bad import untouched as untouched_folder
from tests.evidence.walking import SCENARIOS, at, cases, is_a_claim, spoiled, untouched
from tests.properties.counting import tried
from tests.properties.estates import configuration, may_pass, read, state

PLACE = re.compile(r"(?:readings\[\d+\][^ ]*|[a-z_]+(?:\[\d+\])?|\[\".*\"\])(?: \([A-Za-z]+\)(?:\.[a-z_]+)?)?: \S")
"""`readings[3].value.sites[0].type: ...`, at the beginning of what is told."""
OF_THE_WHOLE = ("its schema is ", "Object missing required field ")
"""What is told of the outermost object, which has no way to it."""


def loaded(file: Path, found: dict[str, Any]) -> Evidence | None:
    """The evidence in a file of this document, sealed anew; None where it is refused with name and place."""
    documents.write(file, documents.readable(documents.sealed(found)))
    tried("hostile files read")
    try:
        return bodies.load(file)
    except EvidenceError as error:
        said = str(error)
        assert said.startswith(f"{file}: ")
        assert said.isprintable(), ascii(said)
        words = said.removeprefix(f"{file}: ")
        assert len(words) < MOST_WORDS
        assert PLACE.match(words) or words.startswith(OF_THE_WHOLE), words
        return None


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_stands_in_one_place_is_refused_or_makes_no_pass(name: str, tmp_path: Path) -> None:
    file, wrong = tmp_path / "evidence.json", []
    for way, value in cases(name):
        started = time.thread_time()
        if value == at(untouched(name), way) or is_a_claim(at(untouched(name), way), value):
            continue
        problem = _problem(name, loaded(file, spoiled(name, way, value)))
        if problem:
            wrong.append(f"{way} {value!r:.60}: {problem}")
        assert time.thread_time() - started < MOST_SECONDS, f"too slow: {way}"
    assert not wrong, "\n".join(wrong)


def _problem(name: str, found: Evidence | None) -> str:
    if found is None:
        return ""
    outcomes, decision = read(name).weighed(found)
    tried("changed files that were judged")
    if Outcome.ERROR in outcomes.values():
        return f"a check crashed: {[id_ for id_, outcome in outcomes.items() if outcome is Outcome.ERROR]}"
    false = {id_ for id_, outcome in outcomes.items() if outcome is Outcome.PASS} - may_pass(name)
    if false:
        return f"false pass of {sorted(false)}"
    return "ready all at once" if decision != state(name) and decision == "ready" else ""


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_program_refuses_such_a_file_or_reports_on_it(name: str, program: Program, tmp_path: Path) -> None:
    """All the way, in every format; and where it is refused nothing is written."""
    config, file = tmp_path / "readiness.toml", tmp_path / "evidence.json"
    config.write_text(configuration(name), encoding="utf-8")
    now = read(name).evidence.finished.isoformat()
    options = ("--config", "readiness.toml", "--now", now, "--output", OUT, "--no-input")
    reported = 0
    for way, value in cases(name)[::12]:
        documents.write(file, documents.readable(documents.sealed(spoiled(name, way, value))))
        with untouched_folder(tmp_path):
            ran = program("assess", file.name, *options, "--format", "none", "--json")
        if ran.code == 2:
            refused(ran, file.name)
        else:
            assert ran.code in (0, 3, 5), (way, value, ran.err)
            ran = program("assess", file.name, *options, "--format", "html,markdown,json")
            assert ran.code in (0, 3, 5), (way, value, ran.err)
            reported += 1
    assert reported
