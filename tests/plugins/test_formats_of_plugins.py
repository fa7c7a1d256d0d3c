"""Formats of plugins: loaded when they are asked for; ours are never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program
from tests.plugins.conftest import Install

HEAD = "from readiness.plugin import Format\n"


def put(install: Install, name: str, text: str) -> None:
    install("acme-pack", {"readiness.reports": {name: "acme_format:FORMAT"}}, {"acme_format": HEAD + text})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FORMAT = Format('other', 'acme', lambda report, digest: '')", "and the format other: let both have one name"),
        ("FORMAT = Format('acme', 'json', lambda report, digest: '')", "as those of a format of ours"),
        ("FORMAT = Format('acme', '../x', lambda report, digest: '')", "the extension of its files is none"),
        ("FORMAT = Format('acme', 'acme', 'render')", "its renderer cannot be called"),
        ("FORMAT = (Format('acme', 'acme', print), Format('beta', 'beta', print))", "it gives 2 formats"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_who_asks_for_a_format_that_is_broken_is_told_before_anything_is_read(
    text: str, why: str, install: Install, program: Program
) -> None:
    put(install, "acme", text)
    ran = program("scan", "--demo", "ready", "--format", "html,acme")
    assert ran.code == 2
    assert why in ran.err
    assert "acme-pack 1.0" in ran.err


def test_nobody_loads_a_format_that_is_not_asked_for(install: Install, program: Program) -> None:
    put(install, "acme", "raise SystemExit(9)")
    ran = program("scan", "--demo", "ready", "--quiet", "--format", "json")
    assert (ran.code, "acme" in ran.err) == (0, False)


def test_a_format_of_ours_stays_ours(install: Install, program: Program) -> None:
    put(install, "json", "FORMAT = Format('json', 'acme', lambda report, digest: 'mine')")
    assert program("scan", "--demo", "ready", "--quiet", "--format", "json").code == 0
    assert [path.suffix for path in Path("readiness-reports").iterdir()] == [".json"]
    told = program("plugins").out
    assert "a format of this name is ours" in told
    assert told.split("\n")[0].split() == ["package", "version", "group", "name", "adds", "skipped"]


def test_a_list_of_plugins_without_a_skipped_one_has_no_column_for_it(install: Install, program: Program) -> None:
    put(install, "acme", "FORMAT = Format('acme', 'acme', lambda report, digest: 'mine')")
    assert program("plugins").out.split("\n")[0].split() == ["package", "version", "group", "name", "adds"]


def test_a_format_that_breaks_on_a_report_leaves_the_others_written(install: Install, program: Program) -> None:
    put(install, "acme", "FORMAT = Format('acme', 'acme', lambda report, digest: report.nothing)")
    ran = program("scan", "--demo", "ready", "--format", "acme,json")
    assert ran.code == 1
    assert "the format acme of plugin acme-pack 1.0 broke: AttributeError" in ran.err
    assert [path.suffix for path in Path("readiness-reports").iterdir()] == [".json"]
    assert "Ready" in ran.out
