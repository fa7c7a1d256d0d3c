"""Pictures for the documentation: the report as people see it, and a terminal, of one simulated estate."""

from __future__ import annotations

import base64
import html
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from readiness import documents
from tests.looks import audits, visit
from tests.looks.browser import Browser, Page
from tests.looks.states import MADE
from tests.looks.views import PRINTED, View

LARGEST = 250_000
"""Bytes: what a README loads quickly."""
SCENARIO = "almost-ready"
COLUMNS = 100
LINES = 46
"""The end of the output, as a window of this height shows it."""
SCREENS = {
    "report-light": (View(1280, "light"), 960),
    "report-dark": (View(1280, "dark"), 960),
    "report-narrow": (View(360, "light"), 900),
}
SHEET = (800, 1131)
"""A4 in pixels, as the browser's own viewer shows it."""
COLOURS = {"31": "#ff8f85", "32": "#5cc97a", "33": "#e8b85c", "34": "#82b7ff", "35": "#c7a6ff", "36": "#6fd3e0"}
WINDOW = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Terminal</title><style>
body { margin: 0; background: #14171b; color: #e4e8ec; }
pre { margin: 0; padding: 16px 20px; width: max-content; font: 14px/1.35 "DejaVu Sans Mono", monospace; }
</style></head><body><pre>%s</pre></body></html>
"""


EMPTY = 20_000
"""Bytes: the viewer is drawn anew now and then, and what it shows meanwhile is smaller."""


class PictureError(Exception):
    """A picture is too large, or the program did not show what it was asked for."""


def take(browser: Browser, folder: Path) -> Iterator[Path]:
    """All pictures, into a folder that is made."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = MADE["demo"]()
    page = visit.rendered(folder, "demo", report, documents.digest(documents.report_document(report))).file
    sheet, window = folder / "demo.pdf", folder / "terminal.html"
    try:
        with visit.opened(browser, page) as shown:
            for name, (view, height) in SCREENS.items():
                view.take(shown)
                yield _saved(folder / f"{name}.png", _picture(shown, (view.width, height)))
            PRINTED.take(shown)
            sheet.write_bytes(audits.pdf(shown, "1"))
        yield _saved(folder / "report-print.png", _printed(browser, sheet))
        window.write_text(_terminal(), encoding="utf-8")
        with visit.opened(browser, window) as shown:
            shown.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
            size = shown.run(
                "(({width, height}) => [width, height])(document.querySelector('pre').getBoundingClientRect())"
            )
            yield _saved(folder / "terminal.png", _picture(shown, size))
    finally:
        for file in (page, sheet, window):
            file.unlink(missing_ok=True)


def _picture(page: Page, size: tuple[int, int]) -> bytes:
    clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
    return base64.b64decode(page.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])


def _printed(browser: Browser, sheet: Path) -> bytes:
    """The first page in the browser's own viewer, which draws for a while after it has loaded."""
    with browser.page() as page:
        width, height = SHEET
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.call("Page.navigate", url=f"{sheet.as_uri()}#toolbar=0&navpanes=0&view=FitH")
        seen: set[bytes] = set()
        for _ in range(30):
            time.sleep(1)
            picture = _picture(page, SHEET)
            if picture in seen and len(picture) > EMPTY:
                return picture
            seen.add(picture)
    raise PictureError("the viewer of PDF files shows nothing")


def _saved(file: Path, content: bytes) -> Path:
    if len(content) > LARGEST:
        raise PictureError(f"{file.name} has {len(content):,} bytes, and may have {LARGEST:,}")
    file.write_bytes(content)
    return file


def _terminal() -> str:
    """What the program itself writes to a terminal with colours, as a page."""
    command = [sys.executable, "-m", "readiness", "scan", "--demo", SCENARIO, "--format", "none"]
    variables = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=variables, check=False, timeout=120)
    lines = [*done.stdout.splitlines(), done.stderr.strip().splitlines()[-1]]
    if "\x1b[" not in done.stdout or not lines[-1].startswith("exit "):
        raise PictureError(f"the program wrote no colours or no exit line: {done.stderr[-500:]}")
    shown = "\n".join(map(_coloured, lines[-LINES:]))
    return WINDOW % shown


def _coloured(line: str) -> str:
    """A line with its colours as elements."""
    parts = re.split(r"\x1b\[([0-9;]*)m", line)
    texts, codes = parts[::2], ["", *parts[1::2]]
    return "".join(_span(html.escape(text), code) for text, code in zip(texts, codes, strict=True) if text)


def _span(text: str, code: str) -> str:
    styles = [f"color: {COLOURS[one]}" for one in code.split(";") if one in COLOURS]
    styles += ["font-weight: bold"] if "1" in code.split(";") else []
    return f'<span style="{"; ".join(styles)}">{text}</span>' if styles else text
