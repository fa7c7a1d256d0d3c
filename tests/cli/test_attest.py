"""`readiness attest`: what a person saw, written into the configuration; nothing written that could have no effect."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness.cli.attesting import SUBJECTS
from readiness.config import load
from readiness.model.settings import Attestation
from readiness.model.words import Phase
from tests.conftest import Estate, Program
from tests.terminal import interruptible, shown_within

CONFIGURATION = """\
# ours
[scope]
collections = ["P0100021", "Pilot*"]   # the roll-out
administrators = ["admin@contoso.com"]
"""
WHOLE = ("--statement", "Cloud Sync tab: box ticked", "--by", "Jo Smith", "--yes")
TODAY = datetime.now(UTC).date()
FILE = Path("readiness.toml")


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(CONFIGURATION, encoding="utf-8")
    return tmp_path / FILE


def attested() -> tuple[Attestation, ...]:
    return load(FILE, {}, connecting=False).judging.attestations


def test_it_writes_what_it_is_told_and_changes_nothing_else(program: Program, configured: Path) -> None:
    ran = program("attest", "collections-enabled", "--collection", "P0100021", "--expires", str(TODAY), *WHOLE)
    assert (ran.code, ran.out) == (0, f"wrote {FILE.resolve()}, from line 6\n")
    assert configured.read_text(encoding="utf-8").startswith(f"{CONFIGURATION}\n[[attestation]]\n")
    statement, by = WHOLE[1], WHOLE[3]
    assert attested() == (Attestation("collections-enabled", statement, by, TODAY, TODAY, collection="P0100021"),)


def test_it_ends_after_14_days_where_nobody_says_otherwise(program: Program, configured: Path) -> None:  # noqa: ARG001
    assert program("attest", "attach-sync-working", *WHOLE).code == 0
    assert attested()[0].expires == attested()[0].on + timedelta(days=14)


def test_it_says_what_is_attested_and_where_to_look(program: Program, configured: Path) -> None:  # noqa: ARG001
    said = " ".join(program("attest", "collections-enabled", *WHOLE).err.split())
    assert "You attest of every collection of the roll-out that this holds" in said
    assert "Every collection of the roll-out is available for Defender policies" in said
    assert "Device Collections > the collection > Properties > Cloud Sync" in said
    assert "never a fail" in said
    assert 'statement = "Cloud Sync tab: box ticked"' in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["collections-enable", *WHOLE], 'did you mean "collections-enabled"?'),
        (["site-reachable", *WHOLE], "cannot be attested"),
        (["collections-enabled", *WHOLE, "--site", "P01"], "has no verdict for a site"),
        (["tenant-attached", *WHOLE, "--collection", "P0100021"], "speaks of the estate as a whole"),
        (["collections-enabled", *WHOLE, "--expires", "2020-01-01"], "is over already"),
        (["collections-enabled", *WHOLE, "--expires", "tomorrow"], "is no day"),
        (["collections-enabled", "--statement", "\x1b[2J", "--by", "x", "--yes"], "--statement: contains a control"),
        (["collections-enabled", "--statement", " ", "--by", "x", "--yes"], "--statement: begins or ends with a space"),
        (["collections-enabled", "--statement", "x", "--by", "", "--yes"], "--by: is empty"),
        (["site-version-supported", *WHOLE, "--site", "P01", "--collection", "X"], "only one of collection, site and"),
        (["collections-enabled"], "add --statement, --by, --yes"),
        (["collections-enabled", "--statement", "x", "--by", "x"], "add --yes"),
        (["collections-enabled", "--by", "x", "--yes", "--no-input"], "add --statement"),
        (["collections-enabled", *WHOLE, "--config", "none.toml"], "no such file"),
    ],
)
def test_what_could_have_no_effect_is_refused_and_nothing_written(
    arguments: Sequence[str], words: str, program: Program, configured: Path
) -> None:
    ran = program("attest", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in " ".join(ran.err.split())
    assert configured.read_text(encoding="utf-8") == CONFIGURATION
    assert list(configured.parent.glob("*.toml")) == [configured]


def test_without_a_configuration_it_says_who_writes_one(program: Program) -> None:
    ran = program("attest", "collections-enabled", *WHOLE)
    assert ran.code == 2
    assert "readiness init writes one" in ran.err


def test_a_file_that_does_not_load_is_left_as_it_is(program: Program, configured: Path) -> None:
    configured.write_text("[scop]\n", encoding="utf-8")
    ran = program("attest", "collections-enabled", *WHOLE)
    assert (ran.code, configured.read_text(encoding="utf-8")) == (2, "[scop]\n")
    assert "line 1: [scop]: unknown section" in ran.err


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["--collection", "P0100021"], ["--collection", "p0100021"]),
        ([], []),
        ([], ["--collection", "P0100021"]),
    ],
)
def test_what_is_attested_already_is_refused_with_its_line(
    first: Sequence[str], second: Sequence[str], program: Program, configured: Path
) -> None:
    assert program("attest", "collections-enabled", *first, *WHOLE).code == 0
    before = configured.read_bytes()
    ran = program("attest", "collections-enabled", *second, *WHOLE[:-1], "--yes")
    assert ran.code == 2
    assert "line 6: [[attestation]]: attests this already, until" in ran.err
    assert configured.read_bytes() == before


def test_what_another_one_does_not_say_or_no_longer_says_is_new(program: Program, configured: Path) -> None:
    old = '\n[[attestation]]\ncheck = "collections-enabled"\nstatement = "x"\nby = "y"\n'
    old += "on = 2020-01-01\nexpires = 2020-01-01\n"
    configured.write_text(CONFIGURATION + old, encoding="utf-8")
    for subject in (["--collection", "P0100021"], ["--collection", "Pilot-1"], []):
        assert program("attest", "collections-enabled", *subject, *WHOLE).code == 0
    assert len(attested()) == 4


def test_a_name_that_the_roll_out_does_not_know_is_warned_about(program: Program, configured: Path) -> None:  # noqa: ARG001
    quiet = program("attest", "collections-enabled", "--collection", "Pilot-1", *WHOLE)
    loud = program("attest", "collections-enabled", "--collection", "Pilto-1", *WHOLE)
    assert (quiet.code, loud.code) == (0, 0)
    assert "Warning" not in quiet.err
    assert 'does not name "Pilto-1" so' in loud.err


def test_a_link_leads_to_the_file_that_is_written(program: Program, tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(CONFIGURATION, encoding="utf-8")
    FILE.symlink_to("real.toml")
    assert program("attest", "collections-enabled", *WHOLE).code == 0
    assert FILE.is_symlink()
    assert "[[attestation]]" in (tmp_path / "real.toml").read_text(encoding="utf-8")


def test_byte_order_mark_and_line_ends_stay(program: Program, configured: Path) -> None:
    old = b"\xef\xbb\xbf" + CONFIGURATION.replace("\n", "\r\n").encode()
    configured.write_bytes(old)
    assert program("attest", "collections-enabled", *WHOLE).code == 0
    new = configured.read_bytes()
    assert new.startswith(old)
    assert new.count(b"\n") == new.count(b"\r\n")
    assert b"\xef\xbb\xbf" not in new[3:]


def test_an_attestation_answers_what_it_was_written_for(program: Program, estate: Callable[..., Estate]) -> None:
    """The estate on which nothing shows the tick is ready once a person says to have seen it."""
    served = estate("calibrate")
    scan = ("scan", "--config", str(served.config), "--json", "--format", "none")
    before = program(*scan, variables=served.secrets)
    assert (before.code, before.check("collections-enabled")["outcome"]) == (5, "manual")
    assert program("attest", "collections-enabled", "--config", str(served.config), *WHOLE).code == 0
    after = program(*scan, variables=served.secrets)
    assert after.code == 0
    assert after.check("collections-enabled")["attestation"]["by"] == "Jo Smith"
    assert [overlay["state"] for overlay in after.report["overlays"]] == ["applied"]


@pytest.mark.parametrize("scenario", ["almost-ready", "hierarchy", "defect-2509"])
def test_the_subjects_that_can_be_named_are_those_that_checks_speak_of(
    scenario: str, program: Program, estate: Callable[..., Estate]
) -> None:
    served = estate(scenario)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    for check in ran.report["checks"]:
        kinds = {subject["kind"] for subject in check["subjects"]}
        assert kinds <= set(SUBJECTS.get(Phase(check["phase"]), ())), check["id"]


# On a terminal.


CTRL_C = "\x03"


def lives_on(child: subprocess.Popen[bytes]) -> bool:
    """Whether it has not ended a second from now."""
    try:
        child.wait(1)
    except subprocess.TimeoutExpired:
        return True
    return False


def converse(answers: Sequence[str], *arguments: str) -> tuple[int, str]:
    """Run it on a terminal and type the answers, one at each question; returns exit code and what was shown."""
    main, side = pty.openpty()
    command = [sys.executable, "-m", "readiness", "attest", *arguments]
    with subprocess.Popen(command, stdin=side, stdout=side, stderr=side, preexec_fn=interruptible) as child:
        os.close(side)
        shown, left, end = "", list(answers), time.monotonic() + 20
        while time.monotonic() < end:
            interrupted = not left and CTRL_C in answers
            piece = shown_within(main, 1.0 if interrupted else end - time.monotonic())
            if not piece and interrupted and lives_on(child):
                child.send_signal(signal.SIGINT)  # the first came between the question and the waiting for an answer
                continue
            if not piece:
                break
            shown += piece.replace("\r\n", "\n")
            if left and shown.endswith(("\n> ", "[y/N]: ")):
                answer = left.pop(0)
                if answer == CTRL_C:
                    child.send_signal(signal.SIGINT)
                else:
                    os.write(main, answer.encode())
        if time.monotonic() >= end:
            child.kill()
        code = child.wait(10)
    os.close(main)
    return code, shown


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
def test_on_a_terminal_it_asks_for_what_is_missing_and_then_whether_to_write(configured: Path) -> None:  # noqa: ARG001
    answers = ["P0100021\n", "\n", "box ticked\n", "Jo\n", "y\n"]
    code, shown = converse(answers, "collections-enabled")
    assert code == 0, shown
    assert "is required" in shown
    (made,) = attested()
    assert (made.collection, made.statement, made.by) == ("P0100021", "box ticked", "Jo")


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
@pytest.mark.parametrize("answers", [["n\n"], ["\n"], [CTRL_C], ["\x04"]], ids=["no", "enter", "ctrl-c", "ctrl-d"])
def test_who_does_not_say_yes_writes_nothing(answers: Sequence[str], configured: Path) -> None:
    code, shown = converse(answers, "attach-sync-working", *WHOLE[:-1])
    assert code == 130, shown
    assert ("Nothing was written." in shown) is (answers[0] in ("n\n", "\n"))
    assert configured.read_text(encoding="utf-8") == CONFIGURATION
