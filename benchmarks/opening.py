"""What it takes to look at a report: the bytes of its files, and the time until a browser without a window shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Result

TYPICAL_KB = 200.0
LARGE_KB = 2000.0
FIRST_PAINT_MS = 1000.0
RUNS = 5
TARGETS = 'collections = ["Ring *"]'
EVERYTHING = 'collections = ["*"]'
PAINTED = """new Promise((done) => new PerformanceObserver((list) => {
  const painted = list.getEntriesByName("first-contentful-paint")[0];
  if (painted) done(painted.startTime);
}).observe({ type: "paint", buffered: true }))"""
LAID_OUT = "document.querySelectorAll('details').forEach((one) => { one.open = true; }), document.body.offsetHeight"


def measure() -> Iterator[Result]:
    """A typical estate, and one of 10,000 collections of which every one is a target."""
    with TemporaryDirectory() as folder:
        typical = _report("almost-ready", Path(folder) / "typical")
        yield Result("typical report, HTML", typical.stat().st_size / 1000, "KB", TYPICAL_KB)
        large = _report("large", Path(folder) / "large", everything=True)
        yield Result("10,000 targets, HTML", large.stat().st_size / 1000, "KB", LARGE_KB)
        yield from _shown(large)


def _report(scenario: str, folder: Path, *, everything: bool = False) -> Path:
    """The HTML about a simulated estate; `everything`: judged as if each of its collections were a target."""
    from readiness.cli.demo import simulated_estate

    evidence = folder / "evidence.json"
    with simulated_estate(scenario) as (config, secrets):
        settings = ("--config", str(config), "--quiet")
        _run(secrets, "scan", *settings, "--format", "none", "--save-evidence", str(evidence))
        if everything:
            text = config.read_text(encoding="utf-8")
            assert TARGETS in text, "the estate names its targets otherwise"
            config.write_text(text.replace(TARGETS, EVERYTHING), encoding="utf-8")
        _run({}, "assess", str(evidence), *settings, "--format", "html", "--output", str(folder))
    (file,) = folder.glob("*.html")
    return file


def _run(secrets: Mapping[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "readiness", *arguments]
    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, **secrets, "READINESS_HISTORY_ENABLED": "false"}
    )
    assert done.returncode in (0, 3, 5), done.stderr.decode()


def _shown(file: Path) -> Iterator[Result]:
    """The least of several runs, each in a page of its own."""
    from tests.looks.browser import BrowserError, browser, found

    what = "10,000 targets, first paint in Chromium"
    chromium = found()
    if chromium is None:
        assert os.environ.get("CI") != "true", "no Chromium on this machine, and CI is to have one"
        yield Result(what, 0, "ms", skipped="no Chromium on this machine")
        return
    painted, laid_out = [], []
    with browser(chromium) as running:
        for _ in range(RUNS):
            with running.page() as page:
                page.open(file)
                painted.append(float(page.run(PAINTED)))
                before = float(page.run("performance.now()"))
                if not page.run(LAID_OUT):
                    raise BrowserError("the page is empty")
                laid_out.append(float(page.run("performance.now()")) - before)
    yield Result(what, min(painted), "ms", FIRST_PAINT_MS)
    yield Result("10,000 targets, unfolded and laid out", min(laid_out), "ms")
