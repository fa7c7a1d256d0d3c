"""Files that are no evidence, given as evidence: people are told what they are, and what to name instead."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from readiness.errors import EvidenceError
from readiness.evidence import load
from readiness.evidence.foreign import what_it_is

GOLDEN = Path(__file__).parents[1] / "reports" / "golden"
PUBLISHED = Path(__file__).parents[1] / "data" / "published"


def _refusal(path: Path) -> str:
    with pytest.raises(EvidenceError) as caught:
        load(path)
    words = str(caught.value)
    assert words.startswith(f"{path}: ")
    assert "\n" not in words
    return words


def test_a_report_is_told_from_evidence() -> None:
    words = _refusal(PUBLISHED / "article" / "ready.report.json")
    assert "it is a report, which was judged already" in words
    assert "readiness collect -o FILE" in words


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.html")) + sorted(GOLDEN.glob("*.md")), ids=lambda p: p.name)
def test_other_formats_of_a_report_are_told_from_evidence(golden: Path) -> None:
    words = _refusal(golden)
    assert ("an HTML page" if golden.suffix == ".html" else "Markdown") in words
    if not golden.name.startswith("summary"):
        assert "a report, which was judged already" in words


@pytest.mark.parametrize("held", ["recording.json", "exchanges"])
def test_a_recording_is_sent_to_replay(held: str, tmp_path: Path) -> None:
    (tmp_path / held).mkdir()
    assert f"readiness assess --replay {tmp_path}" in _refusal(tmp_path)


def test_a_folder_is_told_from_a_file(tmp_path: Path) -> None:
    assert "name the evidence files in it" in _refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("readiness.toml", b"[tenant]\nid = 1\n", "--config"),
        ("settings.txt", b'# ours\n\n[[attestation]]\ncheck = "x"\n', "--config"),
        ("page.html", b"<!DOCTYPE HTML><title>Sign in</title>", "; it is an HTML page; evidence is"),
        ("empty.json", b" \n", "it is empty"),
        ("printed.pdf", b"%PDF-1.7\n", "PDF"),
        ("packed.zip", b"PK\x03\x04....", "ZIP"),
        ("packed.json.gz", gzip.compress(b"{}", mtime=0), "gzip"),
        ("shell.json", '{"schema": 1}'.encode("utf-16"), "UTF-16"),
        ("cut.json", b'{"schema": "readiness/evid', "not a JSON document of this tool"),
        ("other.json", b'{"schema": "readiness/report/v1"}', "carries no sha256 digest"),
        ("words.txt", b"hello", "not a JSON document of this tool"),
        ("bytes.bin", bytes(range(128, 256)), "not a JSON document of this tool"),
    ],
)
def test_what_is_given_by_mistake_is_named(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert words in _refusal(path)


@pytest.mark.skipif(os.name == "nt", reason="pipes and links of POSIX")
def test_to_say_what_it_is_no_pipe_is_waited_for_and_no_link_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "page.html").write_bytes(b"<html>")
    (tmp_path / "link").symlink_to("page.html")
    assert what_it_is(tmp_path / "pipe") is None
    assert what_it_is(tmp_path / "link") is None
    assert what_it_is(tmp_path / "page.html") is not None


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in _refusal(tmp_path / "none.json")
