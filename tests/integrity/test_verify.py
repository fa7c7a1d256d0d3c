"""`readiness verify`: intact, changed and where, not ours, signed by whom."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.errors import EvidenceError
from readiness.integrity.signatures import Signature
from tests.conftest import Program
from tests.integrity.conftest import EXTENSIONS, OTHER, SIGNER, public_file, written

KINDS = tuple(EXTENSIONS)


def put(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """The files, in a folder; their names by kind."""
    for kind, data in files.items():
        (folder / f"{kind}.{EXTENSIONS[kind]}").write_bytes(data)
    return {kind: f"{kind}.{EXTENSIONS[kind]}" for kind in files}


def edited(data: bytes, *steps: Any, value: Any) -> bytes:
    """A JSON file in which one value is another, its digest left as it is."""
    document = json.loads(data)
    holder = document
    for step in steps[:-1]:
        holder = holder[step]
    assert holder[steps[-1]] != value
    holder[steps[-1]] = value
    return documents.readable(document).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unsigned_file_is_intact_and_no_more_is_claimed(
    kind: str, program: Program, unsigned: Mapping[str, bytes], tmp_path: Path
) -> None:
    ran = program("verify", put(tmp_path, unsigned)[kind])
    assert ran.code == 0
    assert "intact, not signed: that shows accidents, not forgery" in ran.out
    assert ran.err == "exit 0: 1 of 1 file intact\n"


@pytest.mark.parametrize("kind", KINDS)
def test_who_signed_is_said_by_the_key_file_of_who_verifies(
    kind: str, program: Program, signed: Mapping[str, bytes], public: Path, tmp_path: Path
) -> None:
    name = put(tmp_path, signed)[kind]
    alone, known = program("verify", name), program("verify", name, "--key", str(public))
    assert (alone.code, known.code) == (0, 0)
    assert "which was not given: nothing shows whose it is" in alone.out
    assert "intact, signed by Change board (" in known.out


@pytest.mark.parametrize("kind", KINDS)
def test_a_demanded_signature_must_be_there_and_by_that_key(
    kind: str,
    program: Program,
    signed: Mapping[str, bytes],
    unsigned: Mapping[str, bytes],
    public: Path,
    tmp_path: Path,
) -> None:
    stranger = public_file(tmp_path / "stranger.pub", OTHER)
    bare = program("verify", put(tmp_path, unsigned)[kind], "--key", str(public))
    assert (bare.code, "not signed, and --key asks for a signature" in bare.out) == (3, True)
    name = put(tmp_path, signed)[kind]
    other = program("verify", name, "--key", str(stranger))
    assert (other.code, "signed by another key than those given" in other.out) == (3, True)
    assert program("verify", name, "--key", str(stranger), "--key", str(public)).code == 0


def test_a_key_without_a_name_is_called_as_its_file(
    program: Program, signed: Mapping[str, bytes], tmp_path: Path
) -> None:
    key = public_file(tmp_path / "night-job.pub", SIGNER)
    assert "signed by night-job (" in program("verify", put(tmp_path, signed)["json"], "--key", str(key)).out


@pytest.mark.parametrize(
    ("kind", "steps", "value", "place"),
    [
        ("json", ("checks", 0, "outcome"), "nonsense", "checks[site-reachable].outcome"),
        ("json", ("decision", "sentence"), "Ready.", "decision.sentence"),
        ("json", ("run", "host"), "elsewhere", "run.host"),
        ("evidence", ("readings", 0, "identity"), "somebody", "readings[Organization].identity"),
        ("evidence", ("host",), "elsewhere", "host"),
        ("evidence", ("digest", "value"), "0" * 64, "digest.value"),
        ("evidence", ("digest", "algorithm"), "md5", "digest.algorithm"),
        ("evidence", ("digest", "more"), 1, "digest.more (added)"),
        ("evidence", ("more",), 1, "more (added)"),
        ("evidence", ("digest", "parts"), {}, "digest.parts"),
        ("evidence", ("schema",), "readiness/report/v1", "schema"),
        ("evidence", ("schema",), "readiness/evidence/v7", "schema"),
        ("json", ("schema",), None, "schema"),
    ],
    ids=str,
)
def test_of_json_it_is_said_where_it_was_changed(
    kind: str, steps: tuple[Any, ...], value: Any, place: str, program: Program, unsigned: Mapping[str, bytes]
) -> None:
    document = json.loads(unsigned[kind])
    holder = document
    for step in steps[:-1]:
        holder = holder[step]
    holder[steps[-1]] = value
    if steps[:1] == ("checks",):
        place = place.replace("site-reachable", document["checks"][0]["id"])
    if steps[:1] == ("readings",):
        place = place.replace("Organization", document["readings"][0]["fact"])
    Path("changed.json").write_bytes(documents.readable(document).encode())
    ran = program("verify", "changed.json")
    assert ran.code == 3
    assert f"changed.json: changed: {place}" in ran.out


def test_items_that_are_gone_or_new_are_named(program: Program, unsigned: Mapping[str, bytes]) -> None:
    document = json.loads(unsigned["json"])
    gone = document["checks"].pop(3)["id"]
    document["checks"].append({**document["checks"][0], "id": "invented"})
    Path("changed.json").write_bytes(documents.readable(document).encode())
    said = program("verify", "changed.json").out
    assert f"checks[{gone}] (taken out)" in said
    assert "checks[invented] (added)" in said


def test_the_same_content_in_another_form_is_told_by_its_line(program: Program, unsigned: Mapping[str, bytes]) -> None:
    Path("changed.json").write_bytes(unsigned["evidence"].replace(b'\n "host": ', b'\n  "host": '))
    ran = program("verify", "changed.json")
    line = unsigned["evidence"].split(b'\n "host": ')[0].count(b"\n") + 2
    assert (ran.code, ran.out) == (3, f"changed.json: changed: the same content in another form, line {line}\n")


@pytest.mark.parametrize("form", [{"indent": 2}, {"separators": (",", ":")}, {"indent": 1, "ensure_ascii": True}])
def test_json_that_another_program_wrote_is_not_what_the_tool_wrote(
    form: dict[str, Any], program: Program, unsigned: Mapping[str, bytes]
) -> None:
    document = json.loads(unsigned["json"])
    document["run"]["host"] = "Büro"
    del document["digest"]
    Path("other.json").write_text(json.dumps(documents.sealed(document), sort_keys=True, **form), encoding="utf-8")
    assert program("verify", "other.json").code == 3


NEVER_OURS = {
    "empty": b"",
    "text": b"Hello\n",
    "json": b'{"hello": 1}\n',
    "list": b"[1, 2]",
    "number": b"7",
    "html": b"<!doctype html><title>Other</title>",
    "binary": bytes(range(256)) * 20,
    "deep": b'{"a":' * 100_000,
    "nul": b"\x00" * 1000,
    "other digest": b'{"digest": {"algorithm": "sha512", "value": "x"}, "schema": "other/v1"}',
}


@pytest.mark.parametrize("data", NEVER_OURS.values(), ids=NEVER_OURS)
def test_other_files_are_not_called_changed(data: bytes, program: Program) -> None:
    Path("other.bin").write_bytes(data)
    ran = program("verify", "other.bin")
    assert (ran.code, ran.out.startswith("other.bin: not ours: ")) == (2, True)


def test_what_is_no_file_is_not_waited_for(program: Program, unsigned: Mapping[str, bytes], tmp_path: Path) -> None:
    name = put(tmp_path, unsigned)["json"]
    Path("link.json").symlink_to(name)
    ran = program("verify", "missing.json", ".", "link.json")
    assert ran.code == 2
    assert [line.partition(": ")[2][:9] for line in ran.out.splitlines()] == ["not ours:"] * 3


def test_a_newer_version_is_told_from_a_change(program: Program, unsigned: Mapping[str, bytes]) -> None:
    document = json.loads(unsigned["evidence"])
    document["schema"] = "readiness/evidence/v2"
    Path("new.json").write_bytes(documents.readable(documents.sealed(document)).encode())
    ran = program("verify", "new.json")
    assert (ran.code, "written by a newer version: readiness/evidence/v2" in ran.out) == (2, True)


def test_a_file_without_digests_of_parts_is_as_good_as_it_was(
    program: Program, unsigned: Mapping[str, bytes], tmp_path: Path
) -> None:
    """As files were before there were any; and as programs seal that know the contract alone."""
    for kind in ("evidence", "json"):
        document = json.loads(unsigned[kind])
        document["digest"] = {"algorithm": "sha256", "value": document["digest"]["value"]}
        (tmp_path / f"{kind}.json").write_bytes(documents.readable(document).encode())
    assert program("verify", "evidence.json", "json.json").code == 0
    assert bodies.load(tmp_path / "evidence.json").readings


def test_names_in_a_file_reach_the_terminal_as_escapes(program: Program, unsigned: Mapping[str, bytes]) -> None:
    document = json.loads(unsigned["evidence"])
    document["\x1b[2Jintact, signed by the board\r\n"] = 1
    Path("hostile.json").write_bytes(documents.readable(document).encode())
    ran = program("verify", "hostile.json")
    assert ran.code == 3
    assert len(ran.out.splitlines()) == 1
    assert "\x1b" not in ran.out
    assert ran.out.startswith("hostile.json: changed: ")


def test_of_several_files_the_worst_counts_and_each_has_its_line(
    program: Program, unsigned: Mapping[str, bytes], tmp_path: Path
) -> None:
    names = put(tmp_path, unsigned)
    Path("other.txt").write_text("no\n", encoding="utf-8")
    Path("changed.md").write_bytes(unsigned["markdown"].replace(b"EDR", b"ERD", 1))
    assert program("verify", names["html"], "other.txt").code == 2
    ran = program("verify", names["html"], "other.txt", "changed.md")
    assert (ran.code, len(ran.out.splitlines())) == (3, 3)
    assert ran.err == "exit 3: 1 of 3 files not as they should be\n"


def test_files_of_one_report_are_told_from_those_of_another(
    program: Program, unsigned: Mapping[str, bytes], tmp_path: Path
) -> None:
    names = put(tmp_path, unsigned)
    same = program("verify", names["json"], names["html"], names["markdown"])
    assert f"the same report, {json.loads(unsigned['json'])['digest']['value']}: " in same.out
    document = {key: value for key, value in json.loads(unsigned["json"]).items() if key != "digest"}
    document["run"]["host"] = "elsewhere"
    Path("json.json").write_bytes(documents.readable(documents.sealed(document)).encode())
    ran = program("verify", "json.json", names["html"])
    assert ran.code == 0
    assert len([line for line in ran.out.splitlines() if line.startswith("another report, ")]) == 2


def test_json_says_the_same_for_programs(
    program: Program, signed: Mapping[str, bytes], public: Path, tmp_path: Path
) -> None:
    names = put(tmp_path, signed)
    (tmp_path / "changed.json").write_bytes(edited(signed["json"], "run", "host", value="elsewhere"))
    ran = program("verify", names["html"], "changed.json", "--key", str(public), "--json")
    html, changed = json.loads(ran.out)["files"]
    assert ran.code == 3
    assert (html["state"], html["kind"], html["signature"]["by"]) == ("intact", "html", "Change board")
    assert html["signature"]["key"] == SIGNER.public
    assert (changed["state"], changed["where"], changed["signature"]) == ("changed", ["run.host"], None)


def test_a_signature_of_another_file_or_kind_is_none(signed: Mapping[str, bytes]) -> None:
    """It says what it signs, so that it cannot be moved."""
    report = json.loads(signed["json"])["digest"]
    made = Signature(report["signature"]["key"], report["signature"]["value"])
    assert made.signs("readiness/report/v1", report["value"])
    assert not made.signs("readiness/evidence/v1", report["value"])
    assert not made.signs("html", report["value"])
    assert not made.signs("readiness/report/v1", "0" * 64)
    assert not Signature(OTHER.public, made.value).signs("readiness/report/v1", report["value"])
    assert not Signature(made.key.upper(), made.value).signs("readiness/report/v1", report["value"])


def _resigned(data: bytes, **signature: Any) -> bytes:
    document = json.loads(data)
    document["digest"]["signature"] |= signature
    return documents.readable(document).encode()


@pytest.mark.parametrize(
    "signature", [{"value": "0" * 128}, {"key": OTHER.public}, {"algorithm": "none"}, {"value": None}, {"more": 1}]
)
def test_evidence_whose_signature_is_wrong_is_refused_by_assess(
    signature: dict[str, Any], program: Program, signed: Mapping[str, bytes]
) -> None:
    Path("evidence.json").write_bytes(_resigned(signed["evidence"], **signature))
    ran = program("assess", "evidence.json", "--format", "none")
    assert (ran.code, "the signature does not belong to it" in ran.err) == (2, True)
    assert program("verify", "evidence.json").code == 3


def test_damaged_digests_of_parts_are_refused_and_those_of_what_was_sealed_anew_are_not(
    unsigned: Mapping[str, bytes], program: Program, tmp_path: Path
) -> None:
    """Who seals by the contract need not know of parts; verify tells what was there before."""
    path = tmp_path / "evidence.json"
    path.write_bytes(edited(unsigned["evidence"], "digest", "parts", "digests", "host", value="000000"))
    with pytest.raises(EvidenceError, match="the digests of its parts are damaged"):
        bodies.load(path)
    document = json.loads(edited(unsigned["evidence"], "host", value="elsewhere"))
    document["digest"]["value"] = documents.digest(document)
    path.write_bytes(documents.readable(document).encode())
    assert bodies.load(path).host == "elsewhere"
    ran = program("verify", "evidence.json")
    assert (ran.code, ran.out) == (3, "evidence.json: changed: host\n")


def test_what_was_sealed_anew_is_not_signed_any_more(signed: Mapping[str, bytes], tmp_path: Path) -> None:
    document = json.loads(edited(signed["evidence"], "host", value="elsewhere"))
    document["digest"]["value"] = documents.digest(document)
    (tmp_path / "evidence.json").write_bytes(documents.readable(document).encode())
    with pytest.raises(EvidenceError, match="changed after it was signed"):
        bodies.load(tmp_path / "evidence.json")


def test_the_same_is_signed_the_same() -> None:
    assert written(SIGNER) == written(SIGNER)


def test_verify_loads_nothing_that_connects(signed: Mapping[str, bytes], public: Path, tmp_path: Path) -> None:
    names = put(tmp_path, signed)
    heavy = "{'msal', 'requests', 'winrm', 'pypsrp', 'spnego', 'urllib3'}"
    code = (
        "import sys; from readiness.cli import run\n"
        f"assert run(['verify', *{list(names.values())!r}, '--key', {str(public)!r}]) == 0\n"
        f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", ["junit", "prometheus", "csv", "jsonl"])
def test_a_report_for_programs_is_told_as_what_it_is_and_names_what_to_verify(program: Program, form: str) -> None:
    """It carries no seal: that is no reason to call it foreign."""
    program("scan", "--demo", "ready", "--quiet", "--format", f"json,{form}", "--output", "out")
    (file,) = (path for path in Path("out").iterdir() if path.suffix != ".json")
    (report,) = Path("out").glob("*.json")
    digest = json.loads(report.read_text(encoding="utf-8"))["digest"]["value"]
    ran = program("verify", str(file))
    assert ran.code == 2
    assert f"{file}: cannot be verified: as {form} a report has no seal" in ran.out
    assert f"whose SHA-256 it names, {digest}" in ran.out


def test_what_diff_and_history_write_says_where_its_proof_is(program: Program) -> None:
    program("scan", "--demo", "ready", "--quiet", "--format", "json", "--output", "out")
    (report,) = map(str, Path("out").glob("*.json"))
    assert program("diff", report, report, "--format", "json", "-o", "diff.json").code == 0
    Path("history.json").write_text(program("history", "--json").out, encoding="utf-8")
    said = program("verify", "diff.json", "history.json").out
    assert "diff.json: cannot be verified: what readiness diff writes carries no digest" in said
    assert "history.json: cannot be verified: what readiness history writes carries no digest" in said
