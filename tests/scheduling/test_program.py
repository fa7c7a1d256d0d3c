"""How the program is called where there is no search path: always by a whole path, and never by what lies about."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.scheduling.program import installed_at, program


@pytest.mark.parametrize(("nt", "name"), [(False, "readiness"), (True, "readiness.exe")])
def test_the_program_is_the_one_beside_the_python_that_runs_it(nt: bool, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    assert program(executable=str(tmp_path / "python"), nt=nt) == (str(tmp_path / name),)


def test_without_one_its_python_runs_the_module_and_nothing_of_the_working_folder(tmp_path: Path) -> None:
    python = str(tmp_path / "python3")
    assert program(executable=python) == (python, "-P", "-m", "readiness")


def test_what_is_named_is_made_absolute_unless_it_is_another_systems(tmp_path: Path) -> None:
    assert program(Path("bin/readiness")) == (str(tmp_path / "bin/readiness"),)
    assert program(Path("C:\\Tools\\readiness.exe")) == ("C:\\Tools\\readiness.exe",)


def test_where_it_is_installed_are_folders_that_are_there() -> None:
    assert all(Path(folder).is_dir() for folder in installed_at())
