"""The files for programs, as a scan writes them: named so that their readers find them, equal to the JSON report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Estate, Program

FORMATS = "json,junit,prometheus,csv,jsonl"


def test_metrics_take_the_place_of_the_last_and_all_else_is_kept(
    program: Program, estate: Callable[..., Estate], tmp_path: Path
) -> None:
    """A collector reads every *.prom that it finds: two of one estate would contradict each other."""
    place = estate("ready")
    out = tmp_path / "metrics"
    out.mkdir()
    last = out / "readiness-contoso.onmicrosoft.com.prom"
    last.write_text("of last night", encoding="utf-8")
    ran = program(
        "scan", "--config", str(place.config), "--format", FORMATS, "--output", str(out), variables=place.secrets
    )
    files = {file.name.split("Z.")[-1]: file for file in out.iterdir()}
    assert set(files) == {"json", "junit.xml", "csv", "jsonl", last.name}
    assert f"wrote {last}" in ran.out
    report = json.loads(files["json"].read_text(encoding="utf-8"))
    metrics = {one.name: one for one in text_string_to_metric_families(last.read_text(encoding="utf-8"))}
    (info,) = metrics["readiness_run_info"].samples
    assert (info.labels["run"], info.labels["report_sha256"]) == (report["run"]["id"], report["digest"]["value"])
    for name in ("junit.xml", "csv", "jsonl"):
        assert report["digest"]["value"] in files[name].read_text(encoding="utf-8")
    assert all(
        value not in file.read_text(encoding="utf-8") for file in files.values() for value in place.secrets.values()
    )
