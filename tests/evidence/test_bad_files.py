"""Files that are no evidence of ours: each is refused by name and place, soon, and nothing is written.

Each alone, and as one of two of which the other is good.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness import intake
from readiness.errors import EvidenceError
from tests.conftest import Program
from tests.evidence.bad import OUT, assess, content, refused, untouched
from tests.properties.hostile import DEEP, DIGITS

GOOD = content()
TEXT = GOOD.decode()


def changed(old: str, new: str, count: int = 1) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, count).encode("utf-8", "surrogatepass")


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\t\r\n", "it is empty"),
    "cut off in a text": (GOOD[: GOOD.index(b"Contoso") + 3], r"line \d+, column \d+: a text that begins here"),
    "cut off between": (GOOD[: GOOD.index(b'"host"')], r"line \d+, column \d+: this is no JSON: .* cut off"),
    "cut off at the end": (GOOD.rstrip()[:-1], r"line \d+, column \d+: this is no JSON: .* cut off"),
    "half of it": (GOOD[: len(GOOD) // 2], r"line \d+, column \d+: "),
    "begun in the middle": (GOOD[len(GOOD) // 2 :], r"line 1, column \d+: this is no JSON"),
    "twice": (GOOD + GOOD, r"line \d+, column 1: this is no JSON: extra data"),
    "a letter changed": (changed("Contoso", "Contosp"), "changed after it was written"),
    "a verdict changed": (changed('"demo": false', '"demo": true '), "changed after it was written"),
    "its digest changed": (changed('"value": "', '"value": "0'), "changed after it was written"),
    "its digest taken out": (re.sub(rb'"digest": \{.*?\n \},\n', b"", GOOD, flags=re.DOTALL), "carries no sha256"),
    "another digest": (changed('"sha256"', '"md5"'), "carries no sha256 digest"),
    "a key twice": (changed('"demo": ', '"demo": true,\n "demo": '), r"line 3, column 2 \(demo\): .* twice"),
    "a key twice, deep": (changed('"fact": ', '"fact": "x", "fact": '), r"\(readings\[0\]\.fact\): .* twice"),
    "a key twice by escape": (changed('"fact": ', '"f\\u0061ct": "x", "fact": '), r"\(readings\[0\]\.fact\): .* twice"),
    "keys that are one when cleaned": (b'{"\\ud800": 1, "\\udfff": 2}', r"line 1, column 15 .*: .* the same key twice"),
    "not a number": (changed('"demo": false', '"demo": NaN'), r"line 2, column 10 \(demo\): NaN is not a JSON number"),
    "infinite": (changed('"demo": false', '"demo": [-Infinity]'), r"\(demo\[0\]\): -Infinity is not a JSON number"),
    "too large": (changed('"demo": false', '"demo": -1e999'), r"\(demo\): a number as large as -1e999"),
    "many digits": (changed('"demo": false', f'"demo": {DIGITS}'), r"\(demo\): a number of 5,000 digits"),
    "many digits, below zero": (changed('"demo": false', f'"demo": -{DIGITS}'), r"\(demo\): a number of 5,000 digits"),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, r"line 1, column 101 \(.*\): it is nested too deeply"),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, r"line 1, column 501 \(.*\): it is nested too deeply"),
    "deep and not closed": (b"[" * 200_000, "it is nested too deeply"),
    "deep in its schema": (changed('"schema": ', f'"schema": {"[" * 900}{"]" * 900}, "other": '), "changed|nested"),
    "UTF-16": (TEXT.encode("utf-16"), "it is UTF-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "line 1, column 1: it is UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "it is UTF-16"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "line 1, column 1: it begins with a byte order mark"),
    "Latin-1": (changed("Contoso", "Bürö").decode().encode("latin-1"), r"line \d+, byte \d+: this is not UTF-8"),
    "a surrogate, raw": (changed("Contoso", "\ud800"), r"line \d+, byte \d+: this is not UTF-8"),
    "a surrogate, escaped": (changed("Contoso", "\\ud800"), "changed after it was written"),
    "a NUL": (GOOD.replace(b"Contoso", b"Con\x00toso", 1), r"line \d+, column \d+: this is no JSON: invalid control"),
    "NULs for its end": (GOOD[:500] + bytes(500), r"line \d+, column \d+: "),
    "bytes": (bytes(range(256)) * 40, "line 1, "),
    "a list": (b"[]", "the outermost value is no object"),
    "a text": (b'"evidence"', "the outermost value is no object"),
    "a number": (b"7", "the outermost value is no object"),
    "nothing": (b"null", "the outermost value is no object"),
    "an empty object": (b"{}", "carries no sha256 digest"),
    "of another tool": (b'{"$schema": "https://example.org/x", "resources": [{"type": "vm"}]}', "no sha256 digest"),
    "a page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "it is an HTML page"),
    "a table": (b"Name,Value\nx,1\n", "line 1, column 1: this is no JSON"),
    "a configuration": (b"[tenant]\nid = 'x'\n", "it is a configuration"),
    "JSON with comments": (b"// evidence\n" + GOOD, "line 1, column 1: this is no JSON"),
    "a comma too many": (changed('"site": ', '"site": [1,], "x": '), r"line \d+, column \d+: this is no JSON"),
    "single quotes": (b"{'schema': 1}", "line 1, column 2: this is no JSON"),
    "too many values": (b"[" + b"0," * intake.MOST_VALUES + b"0]", "more than 5,000,000 values"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("among", ["alone", "first", "last"])
def test_a_file_that_is_no_evidence_is_refused_by_name_and_place(
    name: str, among: str, program: Program, tmp_path: Path
) -> None:
    data, words = BAD[name]
    (tmp_path / "bad.json").write_bytes(data)
    (tmp_path / "good.json").write_bytes(GOOD)
    files = {"alone": ["bad.json"], "first": ["bad.json", "good.json"], "last": ["good.json", "bad.json"]}[among]
    with untouched(tmp_path):
        said = refused(assess(program, *files), "bad.json")
    assert re.search(words, said), said


def test_the_good_file_is_judged(program: Program, tmp_path: Path) -> None:
    """Else the tests here would prove nothing."""
    (tmp_path / "good.json").write_bytes(GOOD)
    assert assess(program, "good.json").code in (0, 3, 5)
    assert {path.suffix for path in (tmp_path / OUT).iterdir()} == {".html", ".md", ".json"}


# What is no file, or none that may be read.


def _link(path: Path) -> None:
    path.with_name("other.json").write_bytes(GOOD)
    path.symlink_to("other.json")


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.json")


def _endless(path: Path) -> None:
    path.symlink_to(path.name)


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)  # in the working directory: its full name may be too long


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(intake.MOST_BYTES + 1)


def _nothing(path: Path) -> None:
    assert not path.exists()


def _below_a_file(path: Path) -> None:
    path.parent.joinpath("bad.json").write_bytes(GOOD)


PLACES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link to good evidence": (_link, "it is a symbolic link, which is not followed"),
    "a link to nothing": (_dangling, "it is a symbolic link"),
    "a link to itself": (_endless, "it is a symbolic link"),
    "a folder": (_folder, "it is a folder, not a file; name the evidence files in it"),
    "a pipe that nobody writes": (_pipe, "it is a device, a pipe or a socket, not a file"),
    "a socket": (_socket, "it is a device, a pipe or a socket, not a file"),
    "a terabyte of nothing": (_sparse, "it is larger than 128 MiB"),
    "a byte too many": (_large, "it is larger than 128 MiB"),
    "nothing there": (_nothing, "cannot be read: No such file"),
}


@pytest.mark.skipif(os.name == "nt", reason="links, pipes and sockets of POSIX")
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("among", ["alone", "last"])
def test_what_is_no_file_is_refused_and_never_waited_for(
    name: str, among: str, program: Program, tmp_path: Path
) -> None:
    make, words = PLACES[name]
    make(tmp_path / "bad.json")
    (tmp_path / "good.json").write_bytes(GOOD)
    with untouched(tmp_path):
        said = refused(assess(program, *(["good.json"] if among == "last" else []), "bad.json"), "bad.json")
    assert words in said


OTHERS = {
    "redact": ("redact", "{}", "--out", "out/redacted.json", "--map", "out/map.json"),
    "assess without names": ("assess", "good.json", "{}", "--redact", "--map", "out/map.json", "--output", OUT),
    "what changed since": ("assess", "good.json", "--against", "{}", "--output", OUT, "--no-input"),
}
"""Other commands that read such files."""


@pytest.mark.skipif(os.name == "nt", reason="links, pipes and sockets of POSIX")
@pytest.mark.parametrize("name", ["a link to good evidence", "a pipe that nobody writes", "a terabyte of nothing"])
@pytest.mark.parametrize("command", OTHERS)
def test_other_commands_refuse_what_is_no_file(command: str, name: str, program: Program, tmp_path: Path) -> None:
    make, words = PLACES[name]
    make(tmp_path / "bad.json")
    (tmp_path / "good.json").write_bytes(GOOD)
    with untouched(tmp_path):
        said = refused(program(*(part.format("bad.json") for part in OTHERS[command])), "bad.json")
    assert words in said


@pytest.mark.parametrize(
    "name", ["half of it", "a letter changed", "a key twice, deep", "deep lists", "Latin-1", "a list"]
)
@pytest.mark.parametrize("command", OTHERS)
def test_other_commands_refuse_what_is_no_document(command: str, name: str, program: Program, tmp_path: Path) -> None:
    data, words = BAD[name]
    (tmp_path / "bad.json").write_bytes(data)
    (tmp_path / "good.json").write_bytes(GOOD)
    with untouched(tmp_path):
        said = refused(program(*(part.format("bad.json") for part in OTHERS[command])), "bad.json")
    assert re.search(words, said), said


@pytest.mark.skipif(os.name == "nt", reason="devices of POSIX")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/random", "/dev/tty", "/dev/null"])
def test_a_device_is_refused_and_never_read(device: str, program: Program, tmp_path: Path) -> None:
    if not Path(device).exists():
        pytest.skip(f"no {device} on this machine")
    with untouched(tmp_path):
        assert "it is a device" in refused(assess(program, device), device)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_file_that_may_not_be_read_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(GOOD)
    (tmp_path / "bad.json").chmod(0)
    if os.access(tmp_path / "bad.json", os.R_OK):
        pytest.skip("this user reads everything")
    with untouched(tmp_path):
        assert "cannot be read: Permission denied" in refused(assess(program, "bad.json"), "bad.json")


@pytest.mark.parametrize("path", ["good.json/evidence.json", f"{'n' * 300}.json"])
def test_a_name_that_no_file_has_is_refused(path: str, program: Program, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(GOOD)
    with untouched(tmp_path):
        assert "cannot be read: " in refused(assess(program, path), path)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_among_the_folders_above_is_followed(program: Program, tmp_path: Path) -> None:
    """Homes and temporary folders are reached through them on many systems."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/good.json").write_bytes(GOOD)
    (tmp_path / "linked").symlink_to("real")
    assert assess(program, "linked/good.json").code in (0, 3, 5)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_that_takes_the_place_of_a_file_after_the_look_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is opened is the one that counts, not the one that was looked at."""
    file, secret = tmp_path / "evidence.json", tmp_path / "secret"
    secret.write_bytes(b"secret")
    file.symlink_to(secret)
    looked = os.lstat

    def before(path: Path) -> os.stat_result:
        return looked(secret if path == file else path)

    monkeypatch.setattr(os, "lstat", before)
    with pytest.raises(EvidenceError, match="cannot be read"):
        intake.content(file)


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_that_takes_the_place_of_a_file_after_the_look_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, file = tmp_path / "evidence.json", tmp_path / "other"
    file.write_bytes(b"{}")
    os.mkfifo(pipe)
    looked = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: looked(file if path == pipe else path))
    with pytest.raises(EvidenceError, match="a pipe"):
        intake.content(pipe)


def test_what_is_told_of_a_file_holds_nothing_of_its_values(program: Program, tmp_path: Path) -> None:
    """Whoever names the wrong file, a key or a mailbox, does not find it in a log."""
    secret = "hunter2-hunter2"
    for number, text in enumerate((f'{{"password": "{secret}"', f'{{"a": "{secret}", "a": 1}}', secret, f"[{secret}]")):
        file = tmp_path / f"{number}.json"
        file.write_text(text, encoding="utf-8")
        assert secret not in refused(assess(program, file.name), file.name)
    sealed = json.loads(GOOD) | {"tenant": secret}
    (tmp_path / "changed.json").write_text(json.dumps(sealed), encoding="utf-8")
    assert secret not in refused(assess(program, "changed.json"), "changed.json")
