"""The audits are no rubber stamps: each finds what it is there for, in a page that has just that fault."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.looks import audits, markup, visit
from tests.looks.audits import Finding
from tests.looks.browser import Browser
from tests.looks.conftest import File
from tests.looks.views import PRINTED, View
from tests.reports.conftest import DIGEST

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("tools")]

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title><meta name="viewport" content="width=device-width">
<style>body {{ background: #ffffff; color: #000000; overflow-wrap: anywhere; }} {style}</style></head>
<body><a href="#main">Skip</a><main id="main" tabindex="-1"><h1>Heading</h1>{body}</main>{end}</body></html>
"""
LIGHT = View(1280, "light")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def write(file: Path, body: str = "", *, style: str = "", end: str = "") -> Path:
    file.write_text(PAGE.format(body=body, style=style, end=end), encoding="utf-8")
    return file


def told(findings: Iterable[Finding]) -> str:
    return "\n".join(str(one) for one in findings)


def test_a_page_without_fault_has_no_finding(chromium: Browser, tools: str, page: Path) -> None:
    write(page, f"<p>Words</p><p>{DIGEST}</p>")
    with visit.opened(chromium, page) as shown:
        assert list(visit.looks(shown, [LIGHT, PRINTED], [], [View(360, "light"), View(360, "still"), PRINTED])) == []
    assert list(visit.keys(chromium, page, LIGHT)) == []
    assert list(visit.paper_and_plain(chromium, page)) == []
    assert markup.audit(tools, [page]) == {page: []}


@pytest.mark.parametrize(
    ("body", "style", "word"),
    [
        ("<h3>Too deep</h3>", "", "axe, 1280 light: heading-order"),
        ("<p class='grey'>Words</p>", ".grey { color: #999999; }", "contrast, 1280 light: color-contrast"),
        ("<p class='grey'>✓</p>", ".grey { color: #999999; }", "contrast, 1280 light: color-contrast"),
        (
            "<p class='cut'>Words without end</p>",
            ".cut { width: 3em; overflow: hidden; white-space: nowrap; }",
            "cut off",
        ),
        ("<p class='wide'>Words</p>", ".wide { width: 2000px; }", "overflow, 1280 light: the page is 20"),
        ("<p class='left'>Words</p>", ".left { margin-left: -50px; }", "outside of the page: p.left"),
        ("<p><a href='#nothing'>Words</a></p>", "", "leads nowhere: #nothing"),
        (
            "<a href='#in'>To it</a><details><summary>More</summary><p id='in'>Words</p></details>",
            "#in { display: none; }",
            "stays hidden: p#in",
        ),
        ("<p><img src='https://example.invalid/a.png' alt='Far'></p>", "", "request: https://example.invalid/a.png"),
        ("<script>console.log('words')</script>", "", "console.log: ['words']"),
    ],
)
def test_what_is_seen_at_a_glance(chromium: Browser, page: Path, body: str, style: str, word: str) -> None:
    with visit.opened(chromium, write(page, body, style=style)) as shown:
        assert word in told(visit.looks(shown, [LIGHT], [], [LIGHT]))


@pytest.mark.parametrize(
    ("view", "body", "style", "word"),
    [
        (
            View(360, "still"),
            "<p class='on'>Words</p>",
            ".on { transition: color 1s; }",
            "motion, 360 still: moves: p.on",
        ),
        (View(360, "zoomed"), "<p class='w'>Words</p>", ".w { width: 340px; }", "overflow, 360 zoomed: the page is 3"),
        (PRINTED, "<details><summary>More</summary><p>Words</p></details>", "", "print, 680 print: folded: p "),
        (
            PRINTED,
            "<div class='s'>Word Word</div>",
            ".s { width: 2em; overflow: auto; white-space: pre; }",
            "scrolls: div.s",
        ),
    ],
)
def test_what_only_some_views_show(chromium: Browser, page: Path, view: View, body: str, style: str, word: str) -> None:
    with visit.opened(chromium, write(page, body, style=style)) as shown:
        assert list(audits.shape(shown, [LIGHT])) == []
        assert word in told(audits.shape(shown, [view]))


def test_contrast_of_one_theme_alone(chromium: Browser, page: Path) -> None:
    style = "@media (prefers-color-scheme: dark) { body { background: #000000; color: #333333; } }"
    with visit.opened(chromium, write(page, style=style)) as shown:
        assert list(audits.axe(shown, LIGHT)) == []
        assert "contrast, 1280 dark" in told(audits.axe(shown, View(1280, "dark")))


@pytest.mark.parametrize(
    ("body", "style", "end", "word"),
    [
        ("<a href='#main' tabindex='2'>First</a>", "", "", "does not lead to the next place"),
        ("<a href='#main'>Unseen</a>", ":focus { outline: none; }", "", "no focus ring"),
        ("<a href='#main' class='b'>Under</a>", ".b { position: absolute; z-index: -1; top: 0; left: 0; }"
         " main { position: fixed; inset: 0; background: #ffffff; z-index: 0; }", "", "behind something"),
        ("<input id='t' aria-label='Trap'>", "",
         "<script>t.onkeydown = (event) => event.preventDefault()</script>", "Tab does not leave the page"),
        ("", "", "<script>document.querySelector('a').remove()</script>", "the skip link to"),
    ],
)  # fmt: skip
def test_what_only_the_keyboard_finds(
    chromium: Browser, page: Path, body: str, style: str, end: str, word: str
) -> None:
    assert word in told(visit.keys(chromium, write(page, body, style=style, end=end), LIGHT))


def test_what_paper_loses(chromium: Browser, page: Path) -> None:
    write(page, "<p class='lost'>Words that paper loses</p>", style=".lost { height: 0; overflow: hidden; }")
    found = told(visit.paper_and_plain(chromium, page))
    assert "print, page 1: the digest is missing" in found
    assert "print, paper: not there: Words that paper loses" in found


def test_paper_may_turn_what_runs_from_right_to_left_but_not_lose_it(chromium: Browser, page: Path) -> None:
    words = "\u05db\u05dc \u05d4\u05de\u05d7\u05e9\u05d1\u05d9\u05dd - All servers"
    write(page, f"<p>{DIGEST}</p><p>{words}</p>")
    assert list(visit.paper_and_plain(chromium, page)) == []
    write(page, f"<p>{DIGEST}</p><p class='lost'>{words}</p>", style=".lost { height: 0; overflow: hidden; }")
    assert "print, paper: not there: \u05db" in told(visit.paper_and_plain(chromium, page))


TABLE = "<table><thead><tr><th>First head</th><th>Second head</th></tr></thead><tbody>{}</tbody></table>"
ROWS = "".join(f"<tr><td>Row of number {number}</td><td>Its cell</td></tr>" for number in range(120))


@pytest.mark.parametrize(("display", "missing"), [("table-header-group", False), ("table-row-group", True)])
def test_a_table_that_does_not_repeat_its_heads_on_paper(
    chromium: Browser, page: Path, display: str, missing: bool
) -> None:
    write(page, f"<p>{DIGEST}</p>" + TABLE.format(ROWS), style=f"thead {{ display: {display}; }}")
    found = told(visit.paper_and_plain(chromium, page))
    assert ("print, page 2: a table without its heads: First headSecond head" in found) == missing
    assert "print, page 1: a table" not in found


@pytest.mark.parametrize(("after", "alone"), [("avoid", False), ("auto", True)])
def test_a_head_that_paper_leaves_alone(chromium: Browser, page: Path, after: str, alone: bool) -> None:
    style = f"p {{ break-inside: avoid; height: 60vh; }} h2 {{ break-after: {after}; }}"
    write(page, f"<p>{DIGEST}</p><h2>Left behind</h2><p>What it is about</p>", style=style)
    assert ("a head alone at its end: " in told(visit.paper_and_plain(chromium, page))) == alone


def test_words_that_only_a_script_writes(chromium: Browser, page: Path) -> None:
    write(page, f"<p id='p'>{DIGEST}</p>", end="<script>p.after('written by a script')</script>")
    found = told(visit.paper_and_plain(chromium, page))
    assert "script, no script: other words" in found
    assert "written by a script" in found


def test_markup_that_is_not_valid(tools: str, page: Path) -> None:
    found = told(markup.audit(tools, [write(page, "<p id='a'>One</p><p id='a'>Two</p><ul><p>No</p></ul>")])[page])
    assert "no-dup-id" in found
    assert "element-permitted-content" in found


def test_the_policy_of_a_report_refuses_a_script_that_somebody_injects(
    chromium: Browser, file: File, page: Path
) -> None:
    """It runs neither from the file nor from the page; the audits' own world is not bound, and the page still is."""
    injected = (
        "<script>document.title = 'injected'</script><img src='x' onerror=\"document.title = 'injected'\" alt=''>"
    )
    source = file("every outcome").file.read_text(encoding="utf-8")
    page.write_text(source.replace("</main>", injected + "</main>"), encoding="utf-8")
    with visit.opened(chromium, page) as shown:
        assert list(audits.axe(shown, LIGHT)) is not None
        shown.run(
            "{ const s = document.createElement('script'); s.text = 'document.title = 1'; document.body.append(s) }"
        )
        assert shown.run("document.title").startswith("not-ready: ")
        refused = [words for words in shown.said() if words.startswith("security: ")]
    assert len([words for words in refused if "inline script" in words]) == 2
    assert len([words for words in refused if "inline event handler" in words]) == 1
