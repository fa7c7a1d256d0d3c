"""Reports are found by path, by the id of their run, by the beginning of it, or as the newest; wrong files by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from readiness import documents, report_files
from readiness.errors import ConfigurationError, EvidenceError, ReadinessError

PUBLISHED = Path(__file__).with_name("data") / "published"
OLD = PUBLISHED / "article" / "ready.report.json"
RUN = json.loads(OLD.read_text(encoding="utf-8"))["run"]["id"]


def kept(folder: Path, name: str, run: str = RUN, **changes: Any) -> Path:
    """A published report under another name, of another run."""
    document = json.loads(OLD.read_text(encoding="utf-8"))
    document["run"]["id"] = run
    document.update(changes)
    path = folder / name
    path.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    return path


def named(at: str) -> str:
    return f"readiness-contoso-{at}.json"


def test_an_id_or_its_beginning_finds_a_report_of_before_whatever_its_file_is_called(tmp_path: Path) -> None:
    shutil.copy(OLD, tmp_path / "approved.json")
    for run in (RUN, RUN[:15], RUN[:8]):
        assert report_files.find(run, tmp_path) == tmp_path / "approved.json"
    with pytest.raises(ConfigurationError, match="neither a file nor the id of a run"):
        report_files.find(RUN[:7], tmp_path)


def test_a_file_named_as_ours_goes_before_others_of_the_same_run_and_the_newest_before_older_ones(
    tmp_path: Path,
) -> None:
    kept(tmp_path, "a.json")
    kept(tmp_path, named("20260101T000000Z"))
    newest = kept(tmp_path, named("20260301T000000Z"))
    assert report_files.find(RUN, tmp_path) == newest
    assert report_files.find("latest", tmp_path) == newest == report_files.newest(tmp_path)


def test_a_whole_id_is_found_though_another_begins_so_too_and_a_beginning_of_both_is_not(tmp_path: Path) -> None:
    one = kept(tmp_path, "one.json", "20260101T000000Z-0000000a")
    kept(tmp_path, "two.json", "20260101T000000Z-0000000b")
    assert report_files.find("20260101T000000Z-0000000a", tmp_path) == one
    with pytest.raises(ConfigurationError, match=r"several runs in .* begin so; give more of the id"):
        report_files.find("20260101T00", tmp_path)


def test_a_changed_copy_is_passed_over_and_named_where_there_is_no_other(tmp_path: Path) -> None:
    changed = kept(tmp_path, named("20260301T000000Z"))
    changed.write_text(changed.read_text(encoding="utf-8").replace('"ready"', '"raedy"'), encoding="utf-8")
    with pytest.raises(EvidenceError, match="changed after it was written") as caught:
        report_files.find(RUN, tmp_path)
    assert str(caught.value).startswith(str(changed))
    sound = kept(tmp_path, named("20260101T000000Z"))
    assert report_files.find(RUN, tmp_path) == sound


def test_the_nearest_id_is_told(tmp_path: Path) -> None:
    kept(tmp_path, "one.json", "20260101T000000Z-0000000a")
    with pytest.raises(ConfigurationError, match="did you mean '20260101T000000Z-0000000a'"):
        report_files.find("20260101T000000Z-0000000b", tmp_path)


def test_no_more_files_are_looked_into_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "MOST_SEARCHED", 2)
    for number in range(3):
        kept(tmp_path, named(f"2026010{number}T000000Z"), f"20260101T000000Z-0000000{number}")
    assert report_files.find("20260101T000000Z-00000001", tmp_path).name == named("20260101T000000Z")
    with pytest.raises(ConfigurationError, match="no report in"):
        report_files.find("20260101T000000Z-00000000", tmp_path)


@pytest.mark.parametrize("run", ["a" * 5000, "nul\0byte", "esc\x1b[2J\u202eape", ""])
def test_what_can_be_no_name_is_refused_in_one_plain_line(run: str, tmp_path: Path) -> None:
    with pytest.raises(ReadinessError) as caught:
        report_files.find(run, tmp_path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_folder_without_reports_says_what_to_do_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="scan first"):
        report_files.find("latest", tmp_path)
    with pytest.raises(ConfigurationError, match="nowhere: cannot be read"):
        report_files.find("latest", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "readiness/evidence/v1"}, "it is evidence, not a report: judge it first"),
        ({"schema": "readiness/report/v2"}, "newer version of readiness than this one"),
        ({"schema": "readiness/redaction-map/v1"}, "not a report of this tool: its schema is 'readiness/redaction-map"),
        ({"schema": None}, "not a report of this tool"),
        ({"plan": [{"step": 7}]}, "not a report that this version can read"),
    ],
)
def test_what_is_no_report_is_called_by_what_it_is(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=words):
        report_files.load(kept(tmp_path, "given.json", **changes))


@pytest.mark.parametrize("ending", ["html", "md", "PDF"])
def test_a_page_for_people_is_no_report_to_read(ending: str, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="name the JSON file of the same run, beside it"):
        report_files.load(tmp_path / f"readiness-contoso.{ending}")
