"""What the documentation tells to type is typed; what cannot be is marked, and parses; files load; links lead on."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from readiness.cli import cli
from readiness.config import load
from readiness.errors import ConfigurationError
from tests.docs.pages import (
    ROOT,
    SHELL,
    Block,
    anchors,
    blocks,
    documentation,
    everywhere,
    links,
    name_of,
    spans,
)
from tests.docs.typing_in import Session, shows

PAGES = documentation()
NOT_RUN = ("needs a real estate", "run by .ci/run", "asks a person")
NO_CALLS = ("readiness signature v1",)
"""Code in sentences that begins like a call: what a signature is over."""
OTHER = ("toml", "json", "python", "ini", "crontab", "text", "markdown", "mermaid")


def run_blocks(page: Path) -> list[Block]:
    """What is typed on a page and can be tried anywhere, and the files that it writes."""
    return [one for one in blocks(page) if (one.typed and can_be_run(one)) or one.argument("file")]


def can_be_run(block: Block) -> bool:
    needs = block.argument("needs")
    return not any(map(block.has, NOT_RUN)) and (needs is None or shutil.which(needs) is not None)


@pytest.mark.parametrize("page", [page for page in PAGES if run_blocks(page)], ids=name_of)
def test_what_a_page_tells_to_type_does_what_it_says(page: Path, tmp_path: Path) -> None:
    """A page is a session: one folder, one environment, from top to bottom."""
    folder = tmp_path / "reader"
    folder.mkdir()
    with Session(folder, environment(tmp_path)) as session:
        settled = next((where for one in blocks(page) if (where := one.argument("estate"))), None)
        if settled is not None:
            session.settle(settled)
        for block in run_blocks(page):
            go_through(session, block)


def go_through(session: Session, block: Block) -> None:
    where = f"{name_of(block.page)}:{block.number}"
    name = block.argument("file")
    if name is not None:
        session.write(name, block.text)
        return
    before = block.argument("before")
    if before is not None:
        assert session.enter(before)[0] in (0, 3, 5), f"{where}: {before}"
    for expected, (command, code, printed) in zip(block.codes(), session.type(block), strict=True):
        assert code == expected, f"{where}: {command.line}\n{printed}"
        if command.output is not None:
            assert shows(printed, command.output), f"{where}: {command.line}\n{printed}"


def environment(folder: Path) -> dict[str, str]:
    """That of a reader: this environment's programs, 80 columns, no configuration and no sign-in of anybody."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    bin_ = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{bin_}{os.pathsep}{kept['PATH']}",
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "none"),
        "XDG_CACHE_HOME": str(folder / "none"),
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_run_or_marked_or_no_command(page: Path) -> None:
    """A word of a fence that nobody knows would be neither, and so would a console that is not shown to be one."""
    for block in blocks(page):
        assert block.language in (*SHELL, *OTHER), f"{name_of(page)}:{block.number}"
        assert block.language != "powershell" or any(map(block.has, NOT_RUN)), f"{name_of(page)}:{block.number}"
        assert block.language or not block.typed, f"{name_of(page)}:{block.number}: say what it is"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_only_ci_runs_is_what_ci_runs(page: Path) -> None:
    found = [command.line for block in blocks(page) if block.has("run by .ci/run") for command in block.commands]
    patterns = re.findall(r"grep -m1 '(\^pip [^']+)'", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert len(patterns) == 2
    assert [line for line in found if not any(re.match(pattern, line) for pattern in patterns)] == []


def typed_lines(page: Path) -> Iterator[str]:
    """Every line of ours on a page, in blocks and in sentences, whether it is run or not."""
    for block in blocks(page):
        if block.language in (*SHELL, "ini", "crontab"):
            yield from (command.line for command in block.commands)
    yield from (span for span in spans(page) if span not in NO_CALLS)


def commands(line: str) -> Iterator[list[str]]:
    """The calls of the program in a line, without what else the shell does."""
    task = re.search(r'-Execute "[^"]*readiness\.exe" -Argument "([^"]*)"', line)
    if task:
        yield shlex.split(task[1])
    for part in re.split(r"&&|\|\||[|;]", line.partition(" #")[0]):
        first, _, rest = part.strip().partition(" ")
        if re.search(r"(?:^|[/=])readiness$", first):
            yield shlex.split(re.sub(r"\s>{1,2}\s*\S+|2>\S+", "", rest))


def parses(arguments: list[str]) -> None:
    """Parse as click does, and call nothing."""
    if not arguments or arguments[0] in ("--version", "--help", "-h"):
        return
    group = cli.make_context("readiness", list(arguments))
    name, command, rest = cli.resolve_command(group, list(arguments))
    assert command is not None
    command.make_context(name, rest, parent=group)


@pytest.mark.parametrize("page", everywhere(), ids=name_of)
def test_every_command_of_ours_parses_where_it_is_not_run_too(page: Path) -> None:
    for line in typed_lines(page):
        for arguments in commands(line):
            if "COMMAND" in arguments or "..." in arguments:
                continue
            try:
                parses(arguments)
            except click.exceptions.Exit:
                continue  # --help
            except (click.MissingParameter, click.BadOptionUsage):
                if line in set(spans(page)):
                    continue  # `readiness attest`, in a sentence, names the command
                raise


@pytest.mark.parametrize(
    "line",
    [
        "cd x && readiness scan --no-such-option | tee log",
        "30 3 * * * cd /srv && .venv/bin/readiness scan --no-such-option",
        "ExecStart=/srv/.venv/bin/readiness scan --no-such-option",
        '-Execute "C:\\x\\readiness.exe" -Argument "scan --no-such-option"',
        "readiness scan --no-such-option > file  # and why",
    ],
)
def test_a_line_that_does_not_parse_is_found(line: str) -> None:
    (arguments,) = commands(line)
    with pytest.raises(click.NoSuchOption):
        parses(arguments)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_shows_of_files_can_be_read(page: Path, tmp_path: Path) -> None:
    """A configuration loads, by the rules of `readiness.toml`; everything else parses as what it is said to be."""
    for number, block in enumerate(blocks(page)):
        where = f"{name_of(page)}:{block.number}"
        if block.language == "toml" and not block.has("part of a file"):
            file = tmp_path / f"{number}.toml"
            file.write_text(block.text, encoding="utf-8")
            try:
                load(file, {}, connecting=False)
            except ConfigurationError as error:
                pytest.fail(f"{where}: {error}")
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "python":
            compile(block.text, where, "exec")


@pytest.mark.parametrize("page", everywhere(), ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert target.is_relative_to(ROOT), f"{name_of(page)}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name_of(page)}: {link}"


@pytest.mark.parametrize(
    ("printed", "page", "shown"),
    [
        ("one\ntwo\n", "one\ntwo\n", True),
        ("one\ntwo  \n\n", "one\ntwo\n", True),
        ("one\ntwo\nthree\n", "one\n...\nthree\n", True),
        ("one\nthree\n", "one\n...\nthree\n", True),
        ("run 2026 ended\n", "run ... ended\n", True),
        ("run 2026 broke\n", "run ... ended\n", False),
        ("one\ntwo\n", "one\n", False),
        ("a.b\n", "a+b\n", False),
    ],
)
def test_output_is_compared_but_for_what_is_elided(printed: str, page: str, shown: bool) -> None:
    assert shows(printed, page) is shown
