"""What pages count, list and promise is what the code does."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import checks
from readiness.cli import COMMANDS
from readiness.composition import knowledge
from readiness.config.settings import SiteAuth, SiteTransport, TenantAuth
from readiness.model.exit_codes import ExitCode
from readiness.model.rules import failures
from readiness.model.words import Reason
from tests.conftest import Program
from tests.docs.pages import ROOT, blocks, documentation, links, name_of
from tests.test_scenarios import TABLE

README = ROOT / "README.md"
DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"


def text(page: Path) -> str:
    return " ".join(page.read_text(encoding="utf-8").split())


def test_the_index_names_every_page() -> None:
    """Whatever is below docs is found from its first page; decisions are found by their folder."""
    leads = {(DOCS / link.partition("#")[0]).resolve() for link in links(INDEX)}
    pages = {page for page in documentation() if page.is_relative_to(DOCS)} - {INDEX}
    assert {name_of(page) for page in pages if DOCS / "decisions" not in page.parents} <= {
        name_of(page) for page in leads if page.is_relative_to(ROOT)
    }


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(page.name.partition("-")[0] for page in (DOCS / "decisions").glob("*.md"))
    assert {number for number, times in numbers.items() if times > 1} == set()


def test_the_readme_leads_to_the_index_and_its_first_pages() -> None:
    assert {"docs/README.md", "docs/tutorial.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= set(
        links(README)
    )


def test_every_picture_says_in_words_what_it_shows() -> None:
    shown = [tag for page in documentation() for tag in re.findall(r"<img [^>]*>", page.read_text(encoding="utf-8"))]
    assert shown
    assert [tag for tag in shown if not re.search(r'alt="[^"]{60,}"', tag)] == []


def test_the_table_of_estates_is_what_the_lab_serves_and_what_scans_of_it_come_to() -> None:
    """`tests/test_scenarios.py` scans each of them."""
    rows = re.findall(
        r"^\| (ready|not ready|not determined) \| (\d) \| (.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    found = {name: (state, int(code)) for state, code, names in rows for name in re.findall(r"`([a-z0-9-]+)`", names)}
    words = {"ready": "ready", "not-ready": "not ready", "undetermined": "not determined"}
    assert found == {name: (words[expected.state], expected.code) for name, expected in TABLE.items()}


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/nightly-job.md"])
def test_a_table_of_exit_codes_names_only_codes_that_there_are(page: str) -> None:
    found = re.findall(r"^\| (\d[\d, ]*) \| ", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    named = {int(code) for cell in found for code in cell.split(",")}
    assert named <= set(ExitCode)
    assert set(ExitCode) - named <= {ExitCode.INTERRUPTED}


def test_counts_in_prose_are_those_of_the_code() -> None:
    all_ = checks.registered()
    unseen = Counter(row.standing for row in failures(knowledge()))["unseen"]
    assert f"the {len(all_)} checks" in text(INDEX)
    assert f"Of the known failures, {unseen} leave no evidence" in text(DOCS / "explanation" / "blind-spots.md")
    assert f"has one of {len(Reason)} [reasons]" in text(DOCS / "explanation" / "verdicts.md")


@pytest.mark.parametrize("words", [TenantAuth, SiteAuth, SiteTransport])
def test_every_way_in_is_named_where_people_configure_one(words: type[TenantAuth | SiteAuth | SiteTransport]) -> None:
    said = text(README) + text(DOCS / "reaching-the-site.md") + text(DOCS / "how-to" / "sign-in.md")
    assert [word for word in words if f"`{word}`" not in said] == []


def test_every_command_is_used_or_explained_on_some_page_besides_the_reference() -> None:
    pages = [page for page in documentation() if "reference" not in page.parts]
    said = " ".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in COMMANDS if f"readiness {name}" not in said] == []


def test_the_permissions_that_are_registered_are_those_that_reading_needs(program: Program) -> None:
    """Names and ids in the table, in the manifest and in PowerShell."""
    page = DOCS / "how-to" / "register-the-application.md"
    told = json.loads(program("permissions", "--json").out)
    needed = {
        right["name"]: (right["application"]["id"], bool(right["remark"]))
        for right in told["rights"]
        if right["kind"] == "permission" and right["application"] is not None
    }
    rows = re.findall(
        r"^\| (\S+\.\S+) \| `([0-9a-f-]{36})` \| (.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {name: (id_, when != "always") for name, id_, when in rows} == needed
    ids = {id_ for id_, _ in needed.values()}
    manifest = next(json.loads(block.text) for block in blocks(page) if block.language == "json")
    assert {one["id"] for one in manifest[0]["resourceAccess"]} == ids
    shell = next(block.text for block in blocks(page) if block.language == "powershell")
    assert set(re.findall(r'^    "([0-9a-f-]{36})"$', shell, re.MULTILINE)) == ids
