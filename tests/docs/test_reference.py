"""The reference in `docs/reference` is what the code says now, and leaves nothing out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import checks
from readiness.cli import COMMANDS
from readiness.composition import all_checks, knowledge
from readiness.config.schema import SECTIONS
from readiness.config.writing import words
from readiness.model.exit_codes import MEANINGS, OF_COMMANDS, ExitCode
from readiness.model.words import MARKS, REASONS, Outcome, Reason
from readiness.model.words import MEANINGS as OUTCOMES
from readiness.reference import PAGES
from readiness.reference.commands import commands, options
from readiness.reference.docstrings import of_fields
from readiness.reference.markdown import plain
from readiness.schemas import shipped

DOCS = Path(__file__).parents[2] / "docs"
CHECKS = Path(str(checks.__file__)).parent


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {name: page() for name, page in PAGES.items()}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_of_the_reference_is_what_the_code_says_now(name: str, made: dict[str, str]) -> None:
    """A change of an option, a key, a check or a schema does not land without `python -m readiness.reference`."""
    assert (DOCS / name).read_text(encoding="utf-8") == made[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str, made: dict[str, str]) -> None:
    command = commands()[name]
    assert command.help
    said = made["reference/commands.md"].split(f"## readiness {name}\n")[1].split("\n## ")[0]
    for option in options(command):
        assert option.help, option.opts
        assert re.search(rf"^\| .*`{option.opts[-1]}`", said, re.MULTILINE)


@pytest.mark.parametrize(("section", "key"), [(name, key) for name, of in SECTIONS.items() for key in of.kinds])
def test_every_key_says_what_it_is_for_and_what_it_may_be(section: str, key: str, made: dict[str, str]) -> None:
    assert words(section, key)
    assert SECTIONS[section].kinds[key].says
    said = made["reference/configuration.md"].split(f"## {section}\n")[1].split("\n## ")[0]
    variable = "" if SECTIONS[section].many else f"<br>`READINESS_{section}_{key}`".upper().replace("<BR>", "<br>")
    (row,) = re.findall(rf"^\| `{key}`{variable} \|.*$", said, re.MULTILINE)
    assert f"`{key} = " in row


def test_every_check_of_the_catalogue_is_there_with_what_it_says_of_itself(made: dict[str, str]) -> None:
    page = made["reference/checks.md"]
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == [check.id for check in all_checks()]
    for check in all_checks():
        part = page.split(f"### {check.id}\n")[1].split("\n### ")[0]
        texts = [check.title, check.why, check.judged, *(step.text for step in check.remediation.steps)]
        texts += [source.location for source in check.sources]
        assert [text for text in texts if plain(text) not in part] == []


@pytest.mark.parametrize("name", ["report-v1", "evidence-v1"])
def test_every_object_and_key_of_the_schemas_is_there(name: str, made: dict[str, str]) -> None:
    page, schema = made["reference/formats.md"], shipped(name)
    for part, body in schema["$defs"].items():
        found = page.split(f"\n### {part}\n")[1].split("\n### ")[0]
        assert all(f"| `{key}` |" in found for key in body.get("properties", {}))
        assert all(f"`{word}`" in found for word in body.get("enum", []))


def test_every_code_outcome_and_reason_has_a_meaning(made: dict[str, str]) -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert set(OUTCOMES) == set(MARKS) == set(Outcome)
    assert set(REASONS) == set(Reason)
    page = made["reference/exit-codes.md"]
    assert all(f"\n| {int(code)} | " in page for code in ExitCode)
    assert all(f"| `{word}` |" in page for word in (*Outcome, *Reason))


@pytest.mark.parametrize("name", OF_COMMANDS)
def test_a_command_that_names_its_exit_codes_names_those_of_the_table(name: str) -> None:
    said = re.search(r"Exit codes(?: then)?:(.*)", " ".join((commands()[name].help or "").split()))
    numbers = set(map(int, re.findall(r"\b([0-9]{1,3})\b", said[1]))) if said else set()
    assert numbers <= {*OF_COMMANDS[name], ExitCode.OK, ExitCode.USAGE, ExitCode.BUG}
    assert not said or set(OF_COMMANDS[name]) <= numbers | {ExitCode.INTERRUPTED}


def test_the_text_under_a_field_is_found_and_of_no_other_field() -> None:
    class Sample:
        first: int
        """Of the first,
        in two lines."""
        second: int = 2
        third: int = 3
        """Of the third."""

    assert of_fields(Sample) == {"first": "Of the first, in two lines.", "third": "Of the third."}


# What is inferred.


def _uses(module: str, tree: ast.Module) -> dict[str, set[str]]:
    """What each function or class of a module names, by full names where they are of our checks."""
    known = {
        node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return {
        known[node.name]: {known.get(name, name) for name in _names(node)}
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _names(tree: ast.AST) -> set[str]:
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _inferring() -> set[str]:
    """The checks of which a function makes a verdict inferred, by itself or through one that checks share."""
    names = {path: ".".join(path.relative_to(CHECKS.parent).with_suffix("").parts) for path in CHECKS.rglob("*.py")}
    uses: dict[str, set[str]] = {}
    for path, module in names.items():
        uses |= _uses(module, ast.parse(path.read_text(encoding="utf-8")))
    found = {"INFERRED"}
    while more := {name for name, used in uses.items() if used & found} - found:
        found |= more
    of_checks = {f"checks.{module}".removeprefix("checks.checks.") for module in checks.MODULES}
    modules = {name.rpartition(".")[0] for name in found if name.count(".") > 2}
    assert modules
    return {module.rpartition(".")[2].replace("_", "-") for module in modules if module in of_checks}


ALWAYS_DOCUMENTED = {"collections-exist"}
"""Shares what finds the targets, whose verdicts are inferred elsewhere, and makes each of them documented."""


def test_exactly_the_checks_that_can_infer_say_what_and_from_what() -> None:
    declared = {check.id for check in all_checks() if check.inferred}
    assert declared == _inferring() - ALWAYS_DOCUMENTED


def test_the_page_of_what_is_inferred_names_every_check_and_every_row_that_is_not_sure(made: dict[str, str]) -> None:
    page = made["explanation/inferred.md"]
    assert all((f"[`{check.id}`]" in page) == bool(check.inferred) for check in all_checks())
    sure = ("high", "documented", "KB")
    rows = [entry for table in knowledge().tables.values() for entry in table.entries]
    unsure = {entry.ref for entry in rows if not entry.row.confidence.startswith(sure)}
    assert {
        f"{table}:{key}" for table, key in re.findall(r"^\| `([a-z_]+)` \| `([^`]+)`", page, re.MULTILINE)
    } == unsure


REPORT_PARTS = (
    "Run", "Decision", "TargetDecision", "SubjectResult", "CheckResult", "PlanStep", "PlanRole", "ReadingSummary",
    "ChangeHeader", "Reading",
)  # fmt: skip
SAID_BY_THEIR_OWN_WORD = {
    "fact",
    "name",
    "value",
    "sentence",
    "title",
    "outcome",
    "phase",
    "tags",
    "started",
    "finished",
}


@pytest.mark.parametrize("part", REPORT_PARTS)
def test_every_key_of_a_result_says_what_it_means_unless_its_word_does(part: str, made: dict[str, str]) -> None:
    body = made["reference/formats.md"].split(f"\n### {part}\n")[1].split("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", body, re.MULTILINE)
    silent = {key for key, kind, meaning in rows if not meaning.strip() and not kind.startswith("[")}
    assert silent <= SAID_BY_THEIR_OWN_WORD | {"id", "owner", "role", "fact"}
