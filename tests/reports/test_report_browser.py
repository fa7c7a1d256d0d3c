"""The HTML in a real browser: nothing it would have to forbid, nothing to complain about, and it prints."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from readiness.plugin import Report
from reports.html import render
from tests import needed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)

pytestmark = pytest.mark.real


@pytest.fixture
def browser() -> str:
    """Path of a Chromium; a bare machine may do without, CI may not."""
    return needed.which(*NAMES, package="chromium")


def run(browser: str, folder: Path, html: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Open `html` from a file in a browser without history."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [browser, *FLAGS, profile, *options, file.as_uri()]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)


def console(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the page made the browser say."""
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line or "Content Security Policy" in line]


def test_the_console_stays_silent(browser: str, tmp_path: Path, all_poisons: Report, digest: str) -> None:
    """No violation of the policy, with no name; the style applies, so its hash is right."""
    done = run(browser, tmp_path, render(all_poisons, digest), "--dump-dom")
    assert "report sha256: " in done.stdout
    assert console(done) == []


def test_the_policy_is_watched(browser: str, tmp_path: Path, report: Report, digest: str) -> None:
    """The test above would see a violation: a style that was changed after sealing makes the browser complain."""
    spoilt = render(report, digest).replace("<style>", "<style>/* changed */")
    assert any("Content Security Policy" in line for line in console(run(browser, tmp_path, spoilt, "--dump-dom")))


def test_it_prints(browser: str, tmp_path: Path, demo_report: Report, digest: str) -> None:
    """To a PDF of several pages."""
    paper = tmp_path / "report.pdf"
    done = run(browser, tmp_path, render(demo_report, digest), "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    assert console(done) == []
    content = paper.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") > 2
