"""`readiness init`: a commented configuration file that loads."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from readiness.config import load
from readiness.config.schema import SECTIONS
from readiness.config.writing import choices, default, template, words
from tests.conftest import Program
from tests.terminal import shown_within

KEYS = [(section, key) for section, found in SECTIONS.items() for key in found.kinds]
TENANT = "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f"


def uncommented(text: str) -> str:
    """The file with the # taken from every section and key."""
    return re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_of_the_schema_is_there_and_explained(program: Program, section: str, key: str) -> None:
    assert program("init").code == 0
    document = tomllib.loads(uncommented(Path("readiness.toml").read_text(encoding="utf-8")))
    found = document[section]
    assert key in (found[0] if isinstance(found, list) else found)
    line = next(line for line in part(section).splitlines() if line.startswith(f"# {key} = "))
    explained = words(section, key) or choices(section, key) or key in SECTIONS[section].required
    assert "  # " in line if explained else key in ("ticket", "approver", "window_start", "window_end")
    assert all(choice in part(section) for choice in choices(section, key))


def part(section: str) -> str:
    """The lines of one section."""
    text = Path("readiness.toml").read_text(encoding="utf-8")
    return re.split(r"^(?:# )?\[+", text.split(f"[{section}]")[1], flags=re.MULTILINE)[0]


def test_it_says_what_every_section_is_for() -> None:
    assert all(words(section, "") for section in SECTIONS)


def test_no_line_is_wider_than_a_page() -> None:
    assert max(len(line) for line in template({}).splitlines()) <= 120


def test_without_a_terminal_the_file_sets_nothing_and_loads(program: Program) -> None:
    ran = program("init")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("wrote readiness.toml\n")
    assert "readiness permissions --test" in ran.out
    assert ran.out.rstrip().endswith("readiness scan")
    loaded = load(Path("readiness.toml"), {}, connecting=False)
    assert not loaded.has_half
    bare = Path("bare.toml")
    bare.write_text("", encoding="utf-8")
    assert loaded.judging == load(bare, {}, connecting=False).judging
    assert loaded.scan == load(bare, {}, connecting=False).scan


def test_what_is_shown_as_default_is_the_default(program: Program) -> None:
    """Taking the # from a key that shows a default changes nothing."""
    program("init")
    document = tomllib.loads(uncommented(Path("readiness.toml").read_text(encoding="utf-8")))
    Path("site.toml").write_text('[site]\nserver = "cm01"\n', encoding="utf-8")
    plain = load(Path("site.toml"), {}, connecting=False)
    for key in ("transport", "auth", "password_env", "scheme", "port", "edr_flag_mask"):
        assert document["site"][key] == getattr(plain.site, key)
        assert document["site"][key] == default("site", key)
    assert document["policy"] == {
        "fail_on": "blocker", "max_evidence_age": "24h", "valid_for": "24h", "min_eligible": 0.95
    }  # fmt: skip


def test_the_examples_load_too(program: Program) -> None:
    """Each section with everything in it is what the loader takes, but for what excludes each other."""
    program("init")
    text = uncommented(Path("readiness.toml").read_text(encoding="utf-8"))
    one_subject = re.sub(r'^(site|administrator) = "(P01|admin@contoso.com)".*\n', "", text, flags=re.MULTILINE)
    one_key = re.sub(r"^(signing_key|servicenow_token)_env = .*\n", "", one_subject, flags=re.MULTILINE)
    Path("whole.toml").write_text(one_key, encoding="utf-8")
    loaded = load(Path("whole.toml"), {}, connecting=False)
    assert loaded.tenant is not None
    assert loaded.site is not None
    assert loaded.judging.waivers[0].check == "site-version-supported"
    assert loaded.judging.attestations[0].by == "Jo Smith"


def test_a_file_that_is_there_is_not_overwritten_without_force(program: Program) -> None:
    Path("readiness.toml").write_text("mine", encoding="utf-8")
    ran = program("init")
    assert ran.code == 2
    assert "--force" in ran.err
    assert Path("readiness.toml").read_text(encoding="utf-8") == "mine"
    assert program("init", "--force").code == 0
    assert "[tenant]" in Path("readiness.toml").read_text(encoding="utf-8")


def test_another_file_is_named_in_what_to_do_next(program: Program) -> None:
    ran = program("init", "--output", "sub/lab.toml")
    assert ran.code == 0
    assert Path("sub/lab.toml").exists()
    assert "readiness scan --config sub/lab.toml" in ran.out


@pytest.mark.parametrize("place", ["sub", "file/readiness.toml"])
def test_a_place_that_cannot_be_written_is_exit_2(program: Program, place: str) -> None:
    Path("sub").mkdir()
    Path("file").write_text("", encoding="utf-8")
    ran = program("init", "--output", place)
    assert ran.code == 2
    assert place in ran.err


def converse(answers: Mapping[str, Sequence[str]], *, leave_at: str = "") -> tuple[int, str]:
    """Exit code and what is shown of `readiness init` on a terminal.

    Args:
        answers: what a person types at each key, one after the other; at other keys Enter alone.
        leave_at: the key at which the person presses Ctrl-D. (A Ctrl-C just before the program waits would be lost.)
    """
    main, other = pty.openpty()
    command = [sys.executable, "-m", "readiness", "init"]
    left = {key: list(given) for key, given in answers.items()}
    shown = ""
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=other, start_new_session=True) as child:
        os.close(other)
        while piece := until_asked(main):
            shown += piece
            key = re.findall(r"^(\[\w+\] \w+)[: ]", piece, flags=re.MULTILINE)
            if not key:
                break
            given = left.get(key[-1])
            typed = "\x04" if key[-1] == leave_at else f"{given.pop(0) if given else ''}\n"
            os.write(main, typed.encode())
        try:
            code = child.wait(20)
        finally:
            child.kill()
    os.close(main)
    assert not any(left.values()), f"never asked: {left}\n{shown}"
    return code, shown


def until_asked(terminal: int) -> str:
    """What is shown until the next question, or until the end."""
    shown, end = "", time.monotonic() + 20
    while time.monotonic() < end and not shown.endswith("\n> "):
        piece = shown_within(terminal, end - time.monotonic())
        if not piece:
            break
        shown += piece.replace("\r\n", "\n")
    return shown


def test_on_a_terminal_it_asks_for_what_a_scan_needs() -> None:
    answers = {
        "[tenant] id": ["contoso", "contoso.onmicrosoft.com"],
        "[tenant] client_id": ["", "{nonsense}", TENANT.upper()],
        "[site] server": ["https://cm01.contoso.com", "cm01.contoso.com"],
        "[site] username": ["CONTOSO\\svc-readiness"],
        "[site] password_env": ["hunter2", "READINESS_SITE_PASSWORD"],
        "[scope] collections": ["P0100021, Pilot - Workstations EDR"],
        "[scope] administrators": ["admin@contoso.com"],
        "[rollout] stage": ["later", "running"],
    }
    code, shown = converse(answers)
    assert code == 0, shown
    text = Path("readiness.toml").read_text(encoding="utf-8")
    loaded = load(Path("readiness.toml"), {}, connecting=False)
    assert loaded.tenant is not None
    assert (loaded.tenant.id, loaded.tenant.client_id) == ("contoso.onmicrosoft.com", TENANT)
    assert loaded.site is not None
    assert (loaded.site.server, loaded.site.username) == ("cm01.contoso.com", "CONTOSO\\svc-readiness")
    assert loaded.judging.scope.collections == ("P0100021", "Pilot - Workstations EDR")
    assert loaded.judging.scope.administrators == ("admin@contoso.com",)
    assert loaded.judging.rollout.stage == "running"
    assert "hunter2" not in text
    for words_ in ("verified domain", "without braces", 'did you mean "cm01.contoso.com"?', "never the secret itself"):
        assert words_ in " ".join(shown.split())
    assert "READINESS_SITE_PASSWORD" in shown.split("Next:")[1]


def test_who_signs_in_by_certificate_must_name_it() -> None:
    """The file is needed; whether it has a password is not known."""
    answers = {
        "[tenant] id": ["contoso.com"],
        "[tenant] client_id": [TENANT],
        "[tenant] auth": ["certificate"],
        "[tenant] certificate": ["", "app.pfx"],
    }
    code, shown = converse(answers)
    assert code == 0, shown
    loaded = load(Path("readiness.toml"), {}, connecting=False)
    assert loaded.tenant is not None
    assert (loaded.tenant.certificate, loaded.tenant.certificate_password_env) == (Path("app.pfx").resolve(), None)


def test_a_half_that_is_left_out_is_asked_no_further() -> None:
    code, shown = converse({"[site] server": ["cm01.contoso.com"]})
    assert code == 0
    assert "[tenant] client_id" not in shown
    loaded = load(Path("readiness.toml"), {}, connecting=False)
    assert loaded.tenant is None
    assert loaded.site is not None
    assert loaded.site.username is None


def test_who_leaves_writes_nothing(tmp_path: Path) -> None:
    code, shown = converse({"[tenant] id": ["contoso.com"]}, leave_at="[tenant] client_id")
    assert code == 130
    assert shown.rstrip().endswith("exit 130: interrupted")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("auth", ["managed-identity", "workload-identity", "interactive"])
def test_every_way_to_sign_in_can_be_asked_for(auth: str) -> None:
    """Only a machine has no client id; a token file may be left to the platform."""
    given = {} if auth == "managed-identity" else {"[tenant] client_id": [TENANT]}
    code, _ = converse({"[tenant] id": ["contoso.com"], "[tenant] auth": [auth], **given})
    assert code == 0
    tenant = load(Path("readiness.toml"), {}, connecting=False).tenant
    assert tenant is not None
    assert (tenant.auth.value, tenant.client_id) == (auth, next(iter(given.values()), [None])[0])
