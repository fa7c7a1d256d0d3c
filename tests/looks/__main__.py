"""Render every state, run every audit on each in every view, print a table, and fail where anything is wrong."""

# ruff: noqa: T201 - a command that prints a table

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.looks import audits, markup, pictures, visit
from tests.looks.audits import Finding
from tests.looks.browser import Browser, browser, found
from tests.looks.states import ALL
from tests.looks.views import DEEPLY, EVERY, View

AT_KEYBOARD = (View(1280, "light"), View(360, "dark"))


def main() -> int:
    """Exit code 1 where an audit found anything, 2 where what it needs is missing."""
    given = _arguments()
    chromium, node = found(), shutil.which("node")
    if chromium is None or node is None or not audits.AXE.is_file():
        print("needs Chromium, Node, and: npm ci --prefix tests/looks --ignore-scripts", file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="readiness-looks-") as temporary:
        folder = given.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        states = [name for name in ALL if not given.states or name in given.states]
        pages = [visit.rendered(folder.resolve(), name, ALL[name]()) for name in states]
        sources = markup.audit(node, [page.file for page in pages])
        print(visit.head(), flush=True)
        with browser(chromium) as running:
            findings = [(page, _audited(running, page, sources[page.file])) for page in pages]
            for file in pictures.take(running, given.pictures) if given.pictures else ():
                print(f"wrote {file}")
    for page, listed in findings:
        for finding in listed:
            print(f"{page.state}: {finding}")
    return 1 if any(listed for _, listed in findings) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.looks", description=__doc__)
    parser.add_argument("--out", type=Path, help="keep the pages in this folder")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="take the pictures of the documentation, too")
    parser.add_argument("states", nargs="*", help="only these states, by name")
    return parser.parse_args()


def _audited(running: Browser, page: visit.Rendered, known: list[Finding]) -> list[Finding]:
    listed = list(known)
    with visit.opened(running, page.file) as shown:
        listed += visit.looks(shown, DEEPLY, (), EVERY)
    for view in AT_KEYBOARD:
        listed += visit.keys(running, page.file, view)
    listed += visit.paper_and_plain(running, page.file)
    print(visit.row(page, listed), flush=True)
    return listed


if __name__ == "__main__":
    sys.exit(main())
