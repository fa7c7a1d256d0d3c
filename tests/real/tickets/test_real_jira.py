"""Texts for Jira, as Jira Cloud reads them: hostile names stay text, and the report is there."""

from __future__ import annotations

import random
import re

import pytest

from reports import jira, jira_text, summary
from reports.text import visible
from tests.random_reports import NASTY
from tests.real.tickets.renderers import jira as read_by_jira
from tests.reports.conftest import DIGEST, HOSTILE_NAMES, poisoned, rich

pytestmark = pytest.mark.real

ALPHABET = "*_-+^~?!{}[]()|\\#@:;/.&%'\" \tah1bqxyPD1" + "\u05d0"
NOTATION = (
    "h1. x", "h6.x", "bq. x", "* x", "# x", "- x", "-- x", "*# x", "----", "---", "--", "|x|", "||x||", "*x*", "_x_",
    "??x??", "-x-", "+x+", "^x^", "~x~", "{{x}}", "{quote}x{quote}", "{color:red}x{color}", "\\\\", "x \\\\ y",
    "[x]", "[x|https://evil.example]", "[#x]", "[^x.txt]", "[mailto:a@b.example]", "[file:///c:/x]", "{anchor:x}",
    "[~bob]", "[~accountid:123]", "!x.png!", "!x.png|thumbnail!", "!https://evil.example/x.png!",
    "{noformat}x{noformat}", "{panel}x{panel}",
    "{code:title=x}x{code}", "\\*x*", "\\\\*x*", ":)", ":(", ":P", ":D", ";)", "(y)", "(n)", "(i)",
    "(/)", "(x)", "(!)", "(+)", "(-)", "(?)", "(on)", "(off)", "(*)", "(*r)", "(flag)", "(flagoff)", ":-)", "x:Px",
    "http://evil.example", "ftp://evil.example", "mailto:a@b.example", "data:x", "data: x", "DATA: x", "file: x",
    "mailto: a@b.example", "tel: 1", "javascript: x", "news: x", "www.evil.example", "//evil.example", "a -b- c",
    "a*b*c", "*a", "a*", "{*}b{*}", "\\{x}", "{", "}", "{x", "\\", "x\\", "\\x", "a|b|c", "x | y", "{toc}", "&lt;b&gt;",
    "{adf}x{adf}", "<b>x</b>", "%x%", "$x$", "`x`", "~~x~~", "**x**", "#x", "x#y", "1. x", "{mention:x}", "OPS-1",
)  # fmt: skip
"""What Jira's help page of text formatting lists, and what comes near it."""


def made() -> list[str]:
    """Texts of everything that means something, thrown together; always the same."""
    dice = random.Random(7)  # noqa: S311 - no secret
    thrown = ["".join(dice.choices(ALPHABET, k=dice.randint(1, 14))) for _ in range(300)]
    pairs = [" ".join(dice.choices(NOTATION, k=2)) for _ in range(200)]
    return [text for text in (*NASTY, *NOTATION, *thrown, *pairs) if text.strip()]


TEXTS = made()


def told(text: str) -> str:
    """Text without what is shown of it as an escape, so that what was written and what is read can be compared."""
    plain = " ".join(text.split())
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), plain)


WAYS = {
    "line": ("{}", {"paragraph"}),
    "cell": ("|| h | {} | last |", {"paragraph", "table", "tableRow", "tableCell", "tableHeader", "strong"}),
    "item": ("* {}\n** inner", {"paragraph", "bulletList", "listItem"}),
    "quotation": ("bq. {}", {"paragraph", "blockquote"}),
    "heading": ("h3. {}", {"heading"}),
    "within": ("before: {} (after)", {"paragraph"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_markup_is_active_but_ours_and_every_character_is_read(way: str) -> None:
    form, kinds = WAYS[way]
    words = form.removeprefix("h3. ").removeprefix("bq. ")
    wrong = []
    for text, read in zip(TEXTS, read_by_jira([form.format(jira_text.inline(text)) for text in TEXTS]), strict=True):
        expected = told(words.format(" ".join(visible(text).split())))
        found = told(" ".join(read.texts))
        if not read.kinds <= kinds or re.sub(r"[\s|*]", "", found) != re.sub(r"[\s|*]", "", expected):
            wrong.append((text, sorted(read.kinds - kinds), read.texts))
    assert wrong == []


def test_a_command_is_in_letters_of_one_width() -> None:
    for text, read in zip(TEXTS, read_by_jira([f"Command: {jira_text.code(text)}" for text in TEXTS]), strict=True):
        assert read.kinds == {"paragraph", "code"}, text
        words = "".join(words for words, marks in read.words if marks == {"code"})
        assert told(words) == told(" ".join(visible(text).split()))


REPORTS = [poisoned(text) for text in (*HOSTILE_NAMES, " ".join(NOTATION), "*_-+^~{}", "\\")]
OURS = {"heading", "paragraph", "table", "tableRow", "tableCell", "tableHeader", "strong", "bulletList", "listItem"}


def test_a_whole_report_has_only_structure_of_ours() -> None:
    """Whatever names are in it; addresses of the documentation are links, and say where they lead."""
    texts = [jira.render(report, DIGEST) for report in REPORTS]
    texts += [summary.render(report, DIGEST, flavour="jira") for report in REPORTS]
    for read in read_by_jira(texts):
        assert read.kinds <= OURS | {"code", "link"}
        linked = {words for words, marks in read.words if "link" in marks}
        assert all(words.startswith("https://learn.microsoft.com/") for words in linked), linked


def test_a_reader_finds_title_counts_and_digest() -> None:
    """Every table has the cells that it should have, so that nothing slips into another column."""
    whole, brief = read_by_jira([jira.render(rich(), DIGEST), summary.render(rich(), DIGEST, flavour="jira")])
    assert whole.texts[0] == "EDR readiness: × not-ready"
    assert brief.texts[0] == "EDR readiness summary: × not-ready"
    cells = [text.strip() for text in whole.texts]
    assert cells[cells.index("Outcome") :][:6] == ["Outcome", "Checks", "√ pass", "4", "× fail", "3"]
    counts = brief.texts[[text.strip() for text in brief.texts].index("Checks") + 1]
    assert counts.startswith("4 pass, 3 fail, 1 unknown, 1 manual, 1 blocked, 1 not-applicable, 1 error, 1 waived")
    assert all(read.texts[-1].startswith(f"report sha256: {DIGEST}; text sha256: ") for read in (whole, brief))
