"""Notifiers of other packages: named in `[notify] also`, asked by name, and never in the way of a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness import evidence as bodies
from tests.conftest import Program, Ran
from tests.plugins.conftest import Install
from tests.properties.estates import read as case

PAGER = """
from pathlib import Path
from readiness.plugin import NoticeError

class Pager:
    def __init__(self, access):
        self.place = Path(access.environ["PAGER_FILE"])
    def send(self, message):
        {send}
    def close(self):
        {close}
"""
GOOD = "self.place.write_text(f'{message.kind} {message.key}', encoding='utf-8')"


def judged(program: Program, tmp_path: Path) -> Ran:
    bodies.save(case("ready").evidence, tmp_path / "evidence.json")
    (tmp_path / "readiness.toml").write_text('[notify]\nalso = ["pager"]\n', encoding="utf-8")
    now = case("ready").evidence.finished.isoformat()
    quiet = ("--format", "none", "--quiet", "--now", now)
    return program("assess", "evidence.json", *quiet, variables={"PAGER_FILE": str(tmp_path / "page.txt")})


def test_it_is_told_and_listed(program: Program, install: Install, tmp_path: Path) -> None:
    install("acme-pager", {"readiness.notifiers": {"pager": "acme_pager:Pager"}},
            {"acme_pager": PAGER.format(send=GOOD, close="pass")})  # fmt: skip
    assert "not delivered" not in judged(program, tmp_path).err
    assert (tmp_path / "page.txt").read_text(encoding="utf-8").startswith("begun ")
    listed = program("plugins").out
    assert "readiness.notifiers" in listed
    assert "acme-pager" in listed


@pytest.mark.parametrize(
    ("send", "words"),
    [
        ("raise NoticeError('the pager is off')", "the pager is off"),
        ("raise RuntimeError('a secret perhaps')", "it broke: RuntimeError"),
        ("self.place.nothing", "it broke: AttributeError"),
    ],
)
def test_what_breaks_in_it_changes_no_verdict(
    program: Program, install: Install, tmp_path: Path, send: str, words: str
) -> None:
    install("acme-pager", {"readiness.notifiers": {"pager": "acme_pager:Pager"}},
            {"acme_pager": PAGER.format(send=send, close="raise ValueError")})  # fmt: skip
    ran = judged(program, tmp_path)
    assert ran.code == 5
    assert ran.err.splitlines()[-2:-1] == [f"Warning: not notified over pager: {words}"] or words in ran.err
    assert "the notification was not delivered (pager)" in ran.err
    assert "a secret perhaps" not in ran.err


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("acme_pager:NOTHING", "could not be loaded and is skipped"),
        ("acme_pager:Lame", "has no send and close"),
        ("acme_pager:Dead", "broke: KeyError"),
    ],
)
def test_one_that_cannot_be_used_is_a_configuration_error(
    program: Program, install: Install, tmp_path: Path, entry: str, words: str
) -> None:
    more = "\nNOTHING = 5\ndef Lame(access): return object()\ndef Dead(access): raise KeyError('x')\n"
    install("acme-pager", {"readiness.notifiers": {"pager": entry}},
            {"acme_pager": PAGER.format(send=GOOD, close="pass") + more})  # fmt: skip
    ran = judged(program, tmp_path)
    assert (ran.code, words in ran.err) == (2, True)


def test_ours_cannot_be_replaced(program: Program, install: Install) -> None:
    install("acme-pager", {"readiness.notifiers": {"teams": "acme_pager:Pager"}},
            {"acme_pager": PAGER.format(send=GOOD, close="pass")})  # fmt: skip
    assert "a channel of this name is ours" in " ".join(program("plugins").out.split())
